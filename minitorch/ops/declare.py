"""How a primitive is declared: elementwise, general, a view, or a constant.

Each decorator lifts a plain function to variables and enters it in the table.  What differs is the door:
the check of the arguments before the function is called.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from inspect import Parameter, Signature, signature
from typing import Any, TypeVar, overload

import numpy as np

from ..backend import floats
from ..backend.arrays import writable
from ..backend.devices import device_of, library
from ..backend.dtypes import DTYPES, dtype, get_default_dtype, result_dtype
from ..engine import TABLE, Primitive, Variable, lift
from .refusals import NUMBERS, explain, refuse_kind, refuse_stranger

F = TypeVar("F", bound=Callable[..., Any])

KIND_OF_NUMBER = {bool: "b", int: "i", float: "f", complex: "c"}


def _lift(function: Callable[..., Any], **properties: Any) -> Callable[..., Any]:
    return lift(Primitive(function, **properties))


@overload
def primitive(function: F) -> F: ...
@overload
def primitive(*, outputs: tuple[str, ...] = ...) -> Callable[[F], F]: ...
def primitive(function: Any = None, *, outputs: tuple[str, ...] = ("y",)) -> Any:
    """Lift a function whose rules return gradients of the right shape themselves."""
    if function is None:
        return functools.partial(_lift, outputs=outputs, door=same_device)
    return _lift(function, outputs=outputs, door=same_device)


def changing_kind(function: F) -> F:
    """Lift a function whose result may be of integers, which have no gradient."""
    return lift(Primitive(function, door=same_device, changes_kind=True))  # type: ignore[return-value]


def constant(function: F) -> F:
    """Lift a function that has no derivative and is never recorded: comparisons, argmax."""
    return lift(Primitive(function, door=same_device, constant=True))  # type: ignore[return-value]


def view(function: F) -> F:
    """Lift a function whose result shares memory with its first argument."""
    return lift(Primitive(function, put_back=TABLE[put_back]))  # type: ignore[return-value]


def repeating_view(function: F) -> F:
    """Lift a function whose result shares memory with its first argument, and may show a number several times."""
    return lift(Primitive(function, put_back=TABLE[put_back], repeats=True))  # type: ignore[return-value]


def views(function: F) -> F:
    """Lift a function whose results, any number of them, share memory with its first argument."""
    return lift(Primitive(function, outputs=("*ys",), put_back=TABLE[put_back]))  # type: ignore[return-value]


@overload
def elementwise(function: F) -> F: ...
@overload
def elementwise(
    *, floating: bool = ..., constant: bool = ..., refuses: str = ..., bans: str = ...
) -> Callable[[F], F]: ...
def elementwise(
    function: Any = None, *, floating: bool = False, constant: bool = False, refuses: str = "", bans: str = ""
) -> Any:
    """Lift a function of numbers; the arguments are broadcast and brought to one type, the gradients summed back.

    With `floating`, integers become the default floating type first: the function has no integer values.
    `refuses` names kinds of numbers, as NumPy does, for which it has no values: "b" booleans, "c" complex ones;
    those that it `bans` may not even be mixed with others.
    """
    if function is None:
        return functools.partial(elementwise, floating=floating, constant=constant, refuses=refuses, bans=bans)
    door = to_one_type(function.__name__.strip("_"), floating, refuses, bans)
    lifted = _lift(function, door=door, unbroadcast=sum_to, constant=constant, explain=explain)
    lifted.__signature__ = _public_signature(function)  # type: ignore[attr-defined]
    return lifted


def _public_signature(function: Callable[..., Any]) -> Signature:
    """Return what `help` shows: the arguments under PyTorch's names, which the formula calls x, or a and b."""
    kinds = ("Tensor",) if len(signature(function).parameters) == 1 else ("Tensor", "Tensor | Number")
    names = zip(("input", "other"), kinds, strict=False)
    parameters = [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, annotation=kind) for name, kind in names]
    return Signature(parameters, return_annotation="Tensor")


# ---- the doors -------------------------------------------------------------------------------------------------------


def same_device(args: tuple[Any, ...], plain: list[Any]) -> None:
    """Refuse arrays that live on different devices."""
    first = None
    for i, x in enumerate(plain):
        where = getattr(x, "device", None)
        if where is None or isinstance(x, np.generic):
            continue
        if first is None:
            first, kind = where, type(x)
        elif type(x) is not kind or where != first:
            _refuse_devices(plain, i)


def _refuse_devices(plain: list[Any], i: int) -> None:
    arrays = [x for x in plain if hasattr(x, "device")]
    places = " and ".join(dict.fromkeys(str(device_of(x)) for x in arrays))
    raise RuntimeError(
        f"Expected all tensors to be on the same device, but found at least two devices, {places} "
        f"(argument {i} of shape {tuple(plain[i].shape)} is on {device_of(plain[i])}): move one with .to(...)"
    )


def to_one_type(
    name: str, floating: bool = False, refuses: str = "", bans: str = ""
) -> Callable[..., tuple[Any, ...] | None]:
    """Return the door of an elementwise function: it returns the arguments with casts to their common type inserted.

    It returns None if nothing is to do, and does so quickly: most calls are of that kind.
    """
    ready = "".join(k for k in ("fc" if floating else "biufc") if k not in refuses)
    takes_float = "".join(k for k in "fc" if k not in refuses)
    everything = ready == "biufc"

    def door(args: tuple[Any, ...], plain: list[Any]) -> tuple[Any, ...] | None:
        if len(plain) == 2:
            a, b = plain
            kind_a, kind_b = type(a), type(b)
            if kind_a is kind_b:
                if kind_a is float:
                    return None
                if kind_a is np.ndarray:
                    if a.dtype is b.dtype and (everything or a.dtype.kind in ready):
                        return None
                elif hasattr(a, "dtype") and a.dtype is b.dtype and a.device == b.device and a.dtype.kind in ready:
                    return None
            elif (kind_b is float or kind_b is int) and kind_a is not float and hasattr(a, "dtype"):
                kind = a.dtype.kind
                if kind in takes_float or (kind == "i" and kind_b is int and not floating and -128 <= b < 128):
                    return None
            elif kind_a is float and kind_b is np.ndarray and b.dtype.kind in takes_float:
                return None
        elif len(plain) == 1:
            a = plain[0]
            if type(a) is float or everything or a.dtype.kind in ready:
                return None
        _refuse(name, plain, refuses, bans)
        return _cast_to_one_type(args, plain, floating)

    return door


def _refuse(name: str, plain: list[Any], refuses: str, bans: str) -> None:
    """Raise if an argument is no number, or of a kind that the function has no values for."""
    for i, x in enumerate(plain):
        if not isinstance(x, NUMBERS) and getattr(x, "dtype", None) not in DTYPES:
            raise refuse_stranger(name, plain, i)
    if (refuses or bans) and any(hasattr(x, "dtype") for x in plain):
        kinds = [x.dtype.kind if hasattr(x, "dtype") else KIND_OF_NUMBER[type(x)] for x in plain]
        if common_dtype(plain).numpy.kind in refuses or any(kind in bans for kind in kinds):
            raise refuse_kind(name, plain)


def _cast_to_one_type(args: tuple[Any, ...], plain: list[Any], floating: bool) -> tuple[Any, ...] | None:
    if all(library(x) is floats for x in plain):
        return None
    same_device(args, plain)
    target = common_dtype(plain)
    if floating and target.rank < 2:
        target = get_default_dtype()
    changed = False
    out = []
    for a, x in zip(args, plain, strict=True):
        if isinstance(x, np.generic) and not isinstance(a, Variable):
            a, changed = x.item(), True  # a NumPy scalar weighs no more than a Python number
        elif hasattr(x, "dtype") and x.dtype != target.numpy:
            a, changed = cast(a, target.numpy), True
        elif type(x) is int and target.rank == 1 and x != wrap_around(x, target):
            a, changed = wrap_around(x, target), True
        elif isinstance(x, bool) and target.rank:
            a, changed = int(x), True
        out.append(a)
    return tuple(out) if changed else None


def wrap_around(number: int, target: dtype) -> int:
    """Return the number that an integer type makes of one beyond its limits: of 257, uint8 makes 1."""
    limit = 1 << 8 * target.itemsize
    number %= limit
    return number - limit if target.is_signed and number >= limit // 2 else number


def common_dtype(values: list[Any]) -> dtype:
    """Return the type of a mixture of arrays and Python numbers, by PyTorch's rules."""
    dimensioned: list[dtype] = []
    zero_dim: list[dtype] = []
    scalars: list[type] = []
    for x in values:
        if isinstance(x, np.generic):
            scalars.append(type(x.item()))
        elif hasattr(x, "dtype"):
            (dimensioned if x.ndim else zero_dim).append(DTYPES[x.dtype])
        elif isinstance(x, NUMBERS):
            scalars.append(type(x))
        else:
            raise TypeError(f"expected a Tensor or a number, got {type(x).__name__}")
    return result_dtype(dimensioned, zero_dim, scalars)


# ---- what the decorators themselves need -----------------------------------------------------------------------------


def sum_to(x: Any, shape: tuple[int, ...]) -> Any:
    """Sum over the axes along which a `shape` was broadcast; the transpose of `broadcast_to`."""
    return x if getattr(x, "shape", ()) == shape else _sum_to(x, shape)


@primitive
def _sum_to(x: Any, shape: tuple[int, ...]) -> Any:
    r"""Sum over the axes along which a `shape` was broadcast.  The gradient is broadcast again."""
    lead = x.ndim - len(shape)
    stretched = tuple(lead + i for i, n in enumerate(shape) if n == 1 and x.shape[lead + i] != 1)
    return x.sum(axis=tuple(range(lead)) + stretched, keepdims=True, dtype=x.dtype).reshape(shape)


@changing_kind
def cast(x: Any, dtype: Any) -> Any:
    r"""The same numbers in another type.  $y = x$;  $\bar x = \bar y$, whose real part where x is real."""
    if x.dtype.kind == "c" and np.dtype(dtype).kind != "c":
        x = x.real
    return x.astype(dtype)


@primitive
def put_back(base: Any, part: Any, take: Callable[[Any], Any]) -> Any:
    r"""A copy of `base` with `part` where `take` looks: the transpose of a view.

    $\overline{\text{part}} = \text{take}(\bar y)$ (of a real part or an imaginary one, of the conjugate);
    $\overline{\text{base}}$ is $\bar y$ with zeros there.
    """
    y = base.copy()
    place = writable(take(y))
    assert place.size == 0 or library(y).may_share_memory(place, y)
    place[...] = part
    return y
