"""Hooks: functions that a module calls around its forward and its backward pass.

The hooks of a module see, and may replace, what goes in and what comes out:

    forward_pre_hook(module, args) -> None or new args              before `forward`
    forward_hook(module, args, output) -> None or new output        after `forward`
    full_backward_pre_hook(module, grad_output) -> None or new      when the gradients of the outputs are known
    full_backward_hook(module, grad_input, grad_output) -> None or new grad_input    when those of the inputs are
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

from ..autograd import Function
from ..functions.history import RemovableHandle
from ..tensor import Tensor

Gradients = tuple[Any, ...]


class Hook(NamedTuple):
    """A function to call, whether with the keyword arguments of `forward` too, and whether even if that fails."""

    function: Callable[..., Any]
    with_kwargs: bool = False
    always_call: bool = False


def add(hooks: dict[int, Any], hook: Hook, prepend: bool) -> RemovableHandle:
    """Add a hook behind, or before, those of a table; return the handle that takes it away again."""
    others = dict(hooks)
    handle = RemovableHandle(hooks, hook)
    if prepend:
        for number in others:
            hooks[number] = hooks.pop(number)
    return handle


def call_with_hooks(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call `forward` with the hooks of the module around it."""
    waiting = list(module._forward_hooks.values())
    result = None
    try:
        for hook in list(module._forward_pre_hooks.values()):
            args, kwargs = _before(module, hook.function, hook.with_kwargs, args, kwargs)
        watch = Watch(module) if module._backward_hooks or module._backward_pre_hooks else None
        if watch is not None:
            args = watch.inputs(args)
        result = module.forward(*args, **kwargs)
        while waiting:
            result = _after(module, waiting.pop(0), args, kwargs, result)
        return result if watch is None else watch.outputs(result)
    except Exception:
        for hook in waiting:
            if hook.always_call:
                result = _after(module, hook, args, kwargs, result)
        raise


def _after(module: Any, hook: Hook, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> Any:
    """Call a forward hook, and return the output that it leaves."""
    given = (args, kwargs, result) if hook.with_kwargs else (args, result)
    answer = hook.function(module, *given)
    return result if answer is None else answer


def _before(
    module: Any, function: Callable[..., Any], with_kwargs: bool, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Call a pre-hook, and return the arguments that it leaves."""
    if not with_kwargs:
        answer = function(module, args)
        if answer is None:
            return args, kwargs
        return (answer if isinstance(answer, tuple) else (answer,)), kwargs
    answer = function(module, args, kwargs)
    if answer is None:
        return args, kwargs
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise RuntimeError(f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {answer}.")
    return answer


class Watch:
    """Sees the gradients at both ends of one call of a module, and calls its backward hooks.

    Two identities are put into the graph, one around the inputs and one around the outputs; backward
    passes the outputs' first, and the inputs' when everything between them is done.
    """

    def __init__(self, module: Any) -> None:
        self.module = module
        self.grad_output: Gradients = ()
        self.has_inputs, self.count = False, 0

    def inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Put the identity around those inputs that a gradient will flow to."""
        watched = self._watched(args, self.see_inputs)
        self.has_inputs, self.count = any(a is not b for a, b in zip(args, watched, strict=True)), len(args)
        return watched

    def outputs(self, result: Any) -> Any:
        """Put the identity around the output, or the outputs."""
        if not isinstance(result, (Tensor, tuple)):
            warnings.warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors "
                f"but received {type(result)}",
                stacklevel=4,
            )
            return result
        watched = self._watched(result if isinstance(result, tuple) else (result,), self.see_outputs)
        return watched if isinstance(result, tuple) else watched[0]

    @staticmethod
    def _watched(values: tuple[Any, ...], see: Callable[[Gradients], Gradients]) -> tuple[Any, ...]:
        places = [i for i, v in enumerate(values) if isinstance(v, Tensor) and v.requires_grad]
        if not places:
            return values

        def see_all(found: Gradients) -> Gradients:
            everywhere = dict(zip(places, found, strict=True))
            answer = see(tuple(everywhere.get(i) for i in range(len(values))))
            return tuple(answer[i] for i in places)

        through = Identity.apply(see_all, *[values[i] for i in places])
        again = dict(zip(places, through if isinstance(through, tuple) else (through,), strict=True))
        return tuple(again.get(i, v) for i, v in enumerate(values))

    def see_outputs(self, grad_output: Gradients) -> Gradients:
        """Call the pre-hooks; and, where no input will get a gradient, the hooks as well."""
        for hook in list(self.module._backward_pre_hooks.values()):
            grad_output = _replaced(hook.function(self.module, grad_output), grad_output)
        self.grad_output = grad_output
        if not self.has_inputs:
            self.see_inputs((None,) * self.count)
        return grad_output

    def see_inputs(self, grad_input: Gradients) -> Gradients:
        """Call the backward hooks; each may replace the gradients of the inputs."""
        for hook in list(self.module._backward_hooks.values()):
            grad_input = _replaced(hook.function(self.module, grad_input, self.grad_output), grad_input)
        return grad_input


def _replaced(answer: Any, gradients: Gradients) -> Gradients:
    """Return what a backward hook answered, or the gradients that it was given."""
    if answer is None:
        return gradients
    answer = answer if isinstance(answer, tuple) else (answer,)
    if len(answer) != len(gradients):
        raise RuntimeError(
            f"Backward hook returned an invalid number of grad_input, got {len(answer)}, but expected {len(gradients)}"
        )
    return answer


class Identity(Function):
    """$y = x$, for several tensors at once; on the way back, `see` is shown the gradients and may replace them."""

    @staticmethod
    def forward(ctx: Any, see: Callable[[Gradients], Gradients], *tensors: Tensor) -> Any:
        """Pass the tensors on."""
        ctx.see = see
        ctx.set_materialize_grads(False)
        return tuple(t.view_as(t) for t in tensors)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """Show the gradients."""
        return None, *ctx.see(gradients)
