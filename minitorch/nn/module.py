"""Module: a function with parameters, made of other modules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..autograd import no_grad
from ..backend.devices import device as Device
from ..backend.dtypes import dtype as DType
from ..backend.dtypes import float16, float32, float64
from ..functions.history import RemovableHandle
from ..tensor import Tensor
from .hooks import Hook, add, call_with_hooks
from .printing import module_text
from .registry import Registry
from .state import _IncompatibleKeys, collect, load, new_state
from .walk import Walk

M = TypeVar("M", bound="Module")


class Module(Walk, Registry):
    r"""Base class of networks and layers: $y = f_\theta(x)$, where assigning collects the parameters $\theta$.

    A subclass creates its parts in `__init__`, after `super().__init__()`, and computes in `forward`; the
    module is then called like a function.

    >>> from minitorch import nn
    >>> class Net(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.fc = nn.Linear(2, 3)
    ...     def forward(self, x):
    ...         return self.fc(x).relu()
    >>> Net()
    Net(
      (fc): Linear(in_features=2, out_features=3, bias=True)
    )
    """

    training: bool
    _version = 1  # of the layout of the state_dict

    def __init__(self) -> None:
        super().__init__()
        self.training = True
        self._forward_pre_hooks: dict[int, Hook] = {}
        self._forward_hooks: dict[int, Hook] = {}
        self._backward_pre_hooks: dict[int, Hook] = {}
        self._backward_hooks: dict[int, Hook] = {}

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output; every subclass has its own."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call `forward`, and the hooks around it."""
        if self._forward_hooks or self._forward_pre_hooks or self._backward_hooks or self._backward_pre_hooks:
            return call_with_hooks(self, args, kwargs)
        return self.forward(*args, **kwargs)

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, args)` before `forward`; it may return other arguments."""
        return add(self._forward_pre_hooks, Hook(hook, with_kwargs), prepend)

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call `hook(module, args, output)` after `forward`; it may return another output.

        With `always_call` it is called, before the error goes on, even if `forward` or a hook fails.
        """
        return add(self._forward_hooks, Hook(hook, with_kwargs, always_call), prepend)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_output)` when the gradients of the outputs are known; it may return others."""
        return add(self._backward_pre_hooks, Hook(hook), prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` when the inputs' gradients are known; it may return others."""
        return add(self._backward_hooks, Hook(hook), prepend)

    def apply(self: M, fn: Callable[[Module], None]) -> M:
        """Call a function on every part, children first, then on the module itself; return the module."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def train(self: M, mode: bool = True) -> M:
        """Switch the module and all its parts to training (dropout drops, batch norm uses the batch's statistics)."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self: M) -> M:
        """Switch the module and all its parts to evaluation."""
        return self.train(False)

    def requires_grad_(self: M, requires_grad: bool = True) -> M:
        """Let the parameters require gradients, or freeze them."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters; or, with `set_to_none=False`, fill them with zeros."""
        for parameter in self.parameters():
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad = parameter.grad.detach().zero_()

    def state_dict(self, *, destination: Any = None, prefix: str = "", keep_vars: bool = False) -> Any:
        """Return the parameters and persistent buffers by their dotted names.

        The tensors share the module's storage, as PyTorch's do: training goes on changing them. Copy
        (`copy.deepcopy`) what is to be kept.
        """
        destination = new_state() if destination is None else destination
        collect(self, destination, prefix, keep_vars)
        return destination

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> _IncompatibleKeys:
        """Copy a state into the module; return the missing and the unexpected keys.

        A state that does not fit changes nothing.

        Raises:  RuntimeError that lists the missing and the unexpected keys (unless `strict=False`) and all
                 tensors of another shape.
        """
        return load(self, state_dict, strict, assign)

    def _upgrade_state(self, state: dict[str, Any], prefix: str, version: int | None) -> None:
        """Bring the entries of this module, in a state that is being loaded, to the layout of today."""

    def to(self: M, *args: Any, **kwargs: Any) -> M:
        """Move the module, in place: `to(device)`, `to(dtype)`, `to(device, dtype)`, `to(tensor)`.

        A dtype converts the floating-point parameters and buffers only.

        Raises:  TypeError for a dtype that is not floating-point or complex.
        """
        device, dtype = _target(*args, **kwargs)
        if dtype is not None and not (dtype.is_floating_point or dtype.is_complex):
            raise TypeError(
                f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={dtype}"
            )

        def convert(tensor: Tensor) -> Tensor:
            inexact = tensor.dtype.is_floating_point or tensor.dtype.is_complex
            return tensor.to(device=device or tensor.device, dtype=dtype if dtype and inexact else tensor.dtype)

        return self._apply(convert)

    def _apply(self: M, convert: Callable[[Tensor], Tensor]) -> M:
        """Convert all parameters, their gradients and the buffers; a parameter remains the same object."""
        with no_grad():
            for parameter in self.parameters():
                new, gradient = convert(parameter.data), parameter.grad
                if new.value is not parameter.value:
                    parameter.data = new
                if gradient is not None:
                    parameter.grad = convert(gradient.detach())
            for module in self.modules():
                for name, buffer in module._buffers.items():
                    module._buffers[name] = None if buffer is None else convert(buffer)
        return self

    def cpu(self: M) -> M:
        """Move the module to the CPU."""
        return self.to("cpu")

    def cuda(self: M, device: int | Device | None = None) -> M:
        """Move the module to a GPU."""
        return self.to("cuda" if device is None else Device(device))

    def float(self: M) -> M:
        """Convert the floating-point parameters and buffers to float32."""
        return self.to(float32)

    def double(self: M) -> M:
        """Convert the floating-point parameters and buffers to float64."""
        return self.to(float64)

    def half(self: M) -> M:
        """Convert the floating-point parameters and buffers to float16."""
        return self.to(float16)

    def extra_repr(self) -> str:
        """Return what `print` shows between the brackets, besides the children."""
        return ""

    def _get_name(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        return module_text(self._get_name(), self.extra_repr(), self._modules)


def _target(*args: Any, **kwargs: Any) -> tuple[Device | None, DType | None]:
    """Return the device and the dtype that the arguments of `to` ask for."""
    device, dtype, tensor = kwargs.pop("device", None), kwargs.pop("dtype", None), kwargs.pop("tensor", None)
    kwargs.pop("non_blocking", None)
    if kwargs:
        raise TypeError(f"to() received an invalid keyword argument: {', '.join(kwargs)}")
    for value in (*args, tensor):
        if isinstance(value, Tensor):
            device, dtype = value.device, value.dtype
        elif isinstance(value, DType):
            dtype = value
        elif isinstance(value, (str, int, Device)) and not isinstance(value, bool):
            device = value
        elif value is not None and not isinstance(value, bool):
            raise TypeError(f"to() expects a device, a dtype or a tensor, got {type(value).__name__}")
    return (None if device is None else Device(device)), dtype
