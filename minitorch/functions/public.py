"""What every public function does for its callers, beyond its formula."""

from __future__ import annotations

import functools
from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any, TypeVar

from ..engine import Variable

F = TypeVar("F", bound=Callable[..., Any])

OTHER_NAMES = {"axis": "dim", "axes": "dims", "keepdims": "keepdim", "split_size": "split_size_or_sections"}


def public(function: F) -> F:
    """Let NumPy's names stand for PyTorch's (`axis` for `dim`), and refuse what should be a tensor and is not.

    What the function takes one by one, `reshape(x, 2, 3)`, may also be named, `reshape(x, shape=(2, 3))`.
    """
    parameters = signature(function).parameters
    names = list(parameters)
    renamed = {old: new for old, new in OTHER_NAMES.items() if new in names and old not in names}
    rest = next((name for name, p in parameters.items() if p.kind is Parameter.VAR_POSITIONAL), None)

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        if options:
            options = {renamed.get(name, name): value for name, value in options.items()}
            if rest in options:
                first = (options.pop(names[0]),) if names[0] != rest and names[0] in options else ()
                args = (*first, *args, options.pop(rest))
        try:
            return function(*args, **options)
        except AttributeError as error:
            for i, a in enumerate(args):
                if a is error.obj and not isinstance(a, Variable):
                    raise TypeError(
                        f"{function.__name__}(): argument '{names[min(i, len(names) - 1)]}' (position {i + 1}) must be "
                        f"Tensor, not {type(a).__name__}: make one with torch.tensor(...)"
                    ) from None
            raise

    return call  # type: ignore[return-value]
