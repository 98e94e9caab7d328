"""What every public function does for its callers, beyond its formula."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from typing import Any, TypeVar

from ..engine import Variable

F = TypeVar("F", bound=Callable[..., Any])

OTHER_NAMES = {"axis": "dim", "axes": "dims", "keepdims": "keepdim", "split_size": "split_size_or_sections"}


MISUSE = (AttributeError, TypeError, ValueError, RuntimeError)  # what an array or a list in a tensor's place leads to


def public(function: F) -> F:
    """Let NumPy's names stand for PyTorch's (`axis` for `dim`), and refuse what should be a tensor and is not.

    What the function takes one by one, `reshape(x, 2, 3)`, may also be named, `reshape(x, shape=(2, 3))`.
    Nothing is checked beforehand: only a call that has failed is asked whether all its tensors were tensors.
    """
    parameters = signature(function).parameters
    names = list(parameters)
    renamed = {old: new for old, new in OTHER_NAMES.items() if new in names and old not in names}
    rest = next((name for name, p in parameters.items() if p.kind is Parameter.VAR_POSITIONAL), None)
    rewrite = bool(renamed or rest)

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        if options and rewrite:
            options = {renamed.get(name, name): value for name, value in options.items()}
            if rest in options:
                first = (options.pop(names[0]),) if names[0] != rest and names[0] in options else ()
                args = (*first, *args, options.pop(rest))
        try:
            return function(*args, **options)
        except MISUSE as error:
            refuse_what_is_no_tensor(function.__name__, parameters, args, options, getattr(error, "obj", function))
            raise

    return call  # type: ignore[return-value]


def refuse_what_is_no_tensor(
    name: str, parameters: Mapping[str, Parameter], args: tuple[Any, ...], options: dict[str, Any], culprit: Any
) -> None:
    """Raise TypeError for an argument that should be a tensor: one declared so, or the culprit of an AttributeError."""
    names = list(parameters)
    given = [(names[min(i, len(names) - 1)], f" (position {i + 1})", a) for i, a in enumerate(args)]
    for parameter, where, a in [*given, *((name, "", a) for name, a in options.items())]:
        declared = parameter in names and parameters[parameter].annotation in ("Tensor", "Tensor | None")
        if a is not None and not isinstance(a, Variable) and (declared or a is culprit):
            raise TypeError(
                f"{name}(): argument '{parameter}'{where} must be Tensor, not {type(a).__name__}: "
                "make one with torch.tensor(...)"
            ) from None
