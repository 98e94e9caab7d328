"""Making tensors: from data, filled, counted, and drawn at random."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .backend import dtypes
from .backend.devices import CPU, device, library, put
from .backend.dtypes import DTYPES, dtype
from .backend.random import Generator, default_generator, draw
from .engine import Variable
from .functions.convert import as_dtype, to_device
from .functions.dims import sizes_of
from .functions.history import requires_grad_
from .functions.view import broadcast_tensors
from .ops import shape as s
from .tensor import Tensor

_default_device: list[device] = [CPU]


def set_default_device(where: Any) -> None:
    """Set the device on which new tensors are made; None is the CPU."""
    _default_device[0] = CPU if where is None else to_device(where)


def get_default_device() -> device:
    """Return the device on which new tensors are made."""
    return _default_device[0]


def _finish(array: Any, where: Any, requires_grad: bool = False, pin_memory: bool = False) -> Tensor:
    """Put an array on its device and wrap it."""
    target = _default_device[0] if where is None else to_device(where)
    out = Tensor.wrap(put(array, target))
    return requires_grad_(out) if requires_grad else out


def _number_type(kind: Any, otherwise: dtype | None = None) -> Any:
    """Return the NumPy dtype for a dtype argument, the default floating type for None."""
    return (as_dtype(kind) or otherwise or dtypes.get_default_dtype()).numpy


def tensor(
    data: Any, *, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False
) -> Tensor:
    """A tensor with a copy of the data: a number, nested lists, an array or a tensor.

    Python floats give float32, integers int64, truth values bool; arrays keep their type.

    >>> tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    """
    if isinstance(data, Variable):
        kind, where = data.value.dtype, data.device if device is None else device  # type: ignore[attr-defined]
        array = library(data.value).array(data.value, copy=True)
        if dtype is not None:
            array = array.astype(_number_type(dtype))
        return _finish(array, where, requires_grad)
    array = _as_array(data, as_given=dtype is not None)
    kind = _number_type(dtype) if dtype is not None else array.dtype
    return _finish(array.astype(kind) if array.dtype != kind else array.copy(), device, requires_grad)


def _as_array(data: Any, as_given: bool = False) -> Any:
    """Return data as an array of the type that PyTorch would choose; as NumPy has it, if another type will follow."""
    if hasattr(data, "dtype") and hasattr(data, "shape"):
        if isinstance(data, np.generic):
            data = np.asarray(data)
        if (data.dtype.kind == "f" and data.dtype.itemsize > 8) or data.dtype not in DTYPES:
            dtypes.from_numpy(data.dtype)  # raises, naming the types that there are
        return data
    flat = _flatten_tensors(data)
    try:
        array = np.array(flat)
    except ValueError as error:
        raise ValueError(f"tensor(): the nested sequences have unequal lengths: {error}") from None
    if array.dtype.kind in "OUSV":
        raise _bad_data(data)
    if as_given:
        return array
    if array.dtype.kind == "f" and not _has_numpy_floats(flat):
        return array.astype(dtypes.get_default_dtype().numpy)
    if array.dtype.kind == "c":
        return array.astype(dtypes.get_default_dtype().to_complex().numpy)
    if array.dtype.kind in "iu" and not _has_numpy_floats(flat):
        return array.astype(np.int64)
    return array.astype(dtypes.get_default_dtype().numpy) if array.size == 0 and array.dtype == np.float64 else array


def _bad_data(data: Any) -> Exception:
    if isinstance(data, str):
        return TypeError("new(): invalid data type 'str'")
    return TypeError(
        f"tensor(): could not make a tensor of {type(data).__name__}: it must hold numbers only, in sequences "
        f"of equal length"
    )


def _flatten_tensors(data: Any) -> Any:
    """Replace tensors inside nested sequences by their numbers."""
    if isinstance(data, Variable):
        return data.value.item() if data.value.ndim == 0 else put(data.value, CPU)
    if isinstance(data, (list, tuple)):
        return [_flatten_tensors(x) for x in data]
    return data


def _has_numpy_floats(data: Any) -> bool:
    """Tell whether the first leaf is a NumPy array or scalar, whose type is kept."""
    while isinstance(data, list) and data:
        data = data[0]
    return isinstance(data, (np.ndarray, np.generic))


def as_tensor(data: Any, dtype: dtype | None = None, device: Any = None) -> Tensor:
    """A tensor of the data, sharing its memory if nothing must be changed."""
    if isinstance(data, Tensor):
        return data.to(device=data.device if device is None else device, dtype=dtype)
    if hasattr(data, "dtype") and hasattr(data, "shape") and not isinstance(data, np.generic):
        kind = data.dtype if dtype is None else _number_type(dtype)
        array = _as_array(data)
        where = device if device is not None else (None if type(array) is np.ndarray else Tensor.wrap(array).device)
        return _finish(array if array.dtype == kind else array.astype(kind), where)
    return tensor(data, dtype=dtype, device=device)


asarray = as_tensor


def from_numpy(ndarray: np.ndarray[Any, Any]) -> Tensor:
    """A tensor that shares its memory with a NumPy array: a write to one is seen in the other."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    dtypes.from_numpy(ndarray.dtype)  # raises for types that tensors cannot have
    if not ndarray.dtype.isnative:
        raise ValueError(
            "given numpy array has byte order different from the native byte order. Conversion is needed: "
            "array.astype('=f4')"
        )
    return Tensor.wrap(ndarray)


def from_dlpack(ext_tensor: Any) -> Tensor:
    """A tensor that shares memory with an array of another library, through DLPack."""
    return as_tensor(np.from_dlpack(ext_tensor))


# ---- filled ----------------------------------------------------------------------------------------------------------


def full(
    size: Sequence[int], fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of one value everywhere; its type is that of the value."""
    if isinstance(fill_value, Variable):
        fill_value = fill_value.value.item()
    kind = _number_type(dtype, dtypes.scalar_type(type(fill_value)))
    return _finish(np.full(sizes_of((size,)), fill_value, dtype=kind), device, requires_grad)


def zeros(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros: `zeros(2, 3)` or `zeros((2, 3))`."""
    return _finish(np.zeros(_checked(size), dtype=_number_type(dtype)), device, requires_grad)


def ones(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones: `ones(2, 3)` or `ones((2, 3))`."""
    return _finish(np.ones(_checked(size), dtype=_number_type(dtype)), device, requires_grad)


def empty(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor to be written before it is read.  (Its numbers are zero here: the same program gives the same result.)"""
    return zeros(*size, dtype=dtype, device=device, requires_grad=requires_grad)


def _checked(size: tuple[Any, ...]) -> tuple[int, ...]:
    sizes = sizes_of(size)
    if any(n < 0 for n in sizes):
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(sizes)}: {list(sizes)}")
    return sizes


def _like(input: Any, dtype: Any, device: Any) -> dict[str, Any]:
    return {"dtype": dtype or input.dtype, "device": input.device if device is None else device}


def zeros_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros of another tensor's shape, type and device."""
    return zeros(input.value.shape, requires_grad=requires_grad, **_like(input, dtype, device))


def ones_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones of another tensor's shape, type and device."""
    return ones(input.value.shape, requires_grad=requires_grad, **_like(input, dtype, device))


def empty_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of another one's shape, type and device, to be written before it is read."""
    return zeros(input.value.shape, requires_grad=requires_grad, **_like(input, dtype, device))


def full_like(
    input: Tensor, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """One value everywhere, of another tensor's shape, type and device."""
    return full(tuple(input.value.shape), fill_value, requires_grad=requires_grad, **_like(input, dtype, device))


def eye(n: int, m: int | None = None, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """The identity matrix (n, n), or ones on the diagonal of (n, m)."""
    return _finish(np.eye(n, m, dtype=_number_type(dtype)), device, requires_grad)


# ---- counted ---------------------------------------------------------------------------------------------------------


def arange(
    start: float,
    end: float | None = None,
    step: float = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""start, start + step, … below end.  Integers give int64, otherwise the default float.

    >>> arange(2, 10, 3)
    tensor([2, 5, 8])
    """
    start, end = (0, start) if end is None else (start, end)
    start, end, step = (x.value.item() if isinstance(x, Variable) else x for x in (start, end, step))
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    whole = all(isinstance(x, (int, np.integer)) for x in (start, end, step))
    count = math.ceil((end - start) / step)
    numbers: Any = np.arange(count, dtype=np.int64 if whole else np.float64)
    numbers = numbers * step + start
    return _finish(numbers.astype(_number_type(dtype, dtypes.int64 if whole else None)), device, requires_grad)


def linspace(
    start: float, end: float, steps: int, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """So many numbers at equal distances from start to end, both included."""
    return _finish(np.linspace(start, end, steps).astype(_number_type(dtype)), device, requires_grad)


def logspace(
    start: float,
    end: float,
    steps: int,
    base: float = 10.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""$b^x$ for so many x at equal distances from start to end."""
    return _finish(np.logspace(start, end, steps, base=base).astype(_number_type(dtype)), device, requires_grad)


# ---- drawn at random -------------------------------------------------------------------------------------------------


def rand(
    *size: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Random numbers from the uniform distribution on [0, 1)."""
    return _finish(_floats("random", _checked(size), dtype, generator), device, requires_grad)


def randn(
    *size: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Random numbers from the standard normal distribution."""
    return _finish(_floats("standard_normal", _checked(size), dtype, generator), device, requires_grad)


def _floats(method: str, shape: tuple[int, ...], dtype: Any, generator: Generator | None) -> Any:
    kind = _number_type(dtype)
    if kind.kind == "c":
        parts = [draw(method, shape, generator=generator) for _ in range(2)]
        return ((parts[0] + 1j * parts[1]) / (math.sqrt(2) if method == "standard_normal" else 1)).astype(kind)
    if kind.kind != "f":
        raise RuntimeError(f"random numbers of type {DTYPES[kind]} cannot be drawn from this distribution: use randint")
    drawn = draw(method, shape, generator=generator, dtype=np.float32 if kind.itemsize < 8 else np.float64)
    return drawn.astype(kind, copy=False)


def rand_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Uniform random numbers of another tensor's shape, type and device."""
    return rand(input.value.shape, requires_grad=requires_grad, **_like(input, dtype, device))


def randn_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Normal random numbers of another tensor's shape, type and device."""
    return randn(input.value.shape, requires_grad=requires_grad, **_like(input, dtype, device))


def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random integers from [low, high): `randint(10, (3,))` or `randint(5, 10, (3,))`."""
    if size is None:
        low, high, size = 0, low, high
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    drawn = draw("integers", low, high, tuple(size), generator=generator)
    return _finish(drawn.astype(_number_type(dtype, dtypes.int64), copy=False), device, requires_grad)


def randint_like(input: Tensor, low: int, high: int | None = None, *, dtype: Any = None, device: Any = None) -> Tensor:
    """Random integers of another tensor's shape, type and device."""
    low, high = (0, low) if high is None else (low, high)
    return randint(low, high, tuple(input.value.shape), **_like(input, dtype, device))


def randperm(n: int, *, generator: Generator | None = None, dtype: Any = None, device: Any = None) -> Tensor:
    """The numbers 0 … n-1 in random order."""
    return _finish(draw("permutation", n, generator=generator).astype(_number_type(dtype, dtypes.int64)), device)


def normal(
    mean: Any,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
) -> Tensor:
    r"""Random numbers from $N(\mu, \sigma^2)$, where mean and std are numbers (with `size`) or tensors."""
    if size is None:
        if not isinstance(mean, Tensor) and not isinstance(std, Tensor):
            raise TypeError("normal(): give tensors for mean or std, or a size")
        shape = np.broadcast_shapes(*[x.value.shape for x in (mean, std) if isinstance(x, Tensor)])
        like = mean if isinstance(mean, Tensor) else std
        noise = randn(shape, generator=generator, dtype=like.dtype, device=like.device)
        return (noise * std + mean).detach()
    return randn(size, generator=generator, dtype=dtype, device=device) * std + mean


def bernoulli(input: Tensor, *, generator: Generator | None = None) -> Tensor:
    """1 with the given probabilities, else 0."""
    return zeros_like(input).bernoulli_(input, generator=generator)


def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Draw indices with probabilities proportional to the weights in each row; without `replacement`, all different.

    Shapes:  input (K) or (N, K) -> (num_samples) or (N, num_samples), int64.
    """
    weights = put(input.detach().value, CPU).astype(np.float64)
    if weights.ndim not in (1, 2):
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if not np.all(np.isfinite(weights)) or np.any(weights < 0):
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if np.any(weights.sum(axis=-1) <= 0):
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    if not replacement and np.any(np.count_nonzero(weights, axis=-1) < num_samples):
        raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    if replacement:
        steps = np.cumsum(weights, axis=-1) / weights.sum(axis=-1, keepdims=True)
        chosen = (
            draw("random", (*weights.shape[:-1], num_samples, 1), generator=generator) >= steps[..., None, :]
        ).sum(-1)
    else:  # the largest of log w + Gumbel noise: a draw without replacement
        with np.errstate(divide="ignore"):
            keys = np.log(weights) + draw("gumbel", size=weights.shape, generator=generator)
        chosen = np.argsort(-keys, axis=-1, kind="stable")[..., :num_samples]
    return _finish(chosen.astype(np.int64), input.device)


def get_rng_state() -> Tensor:
    """The position of the default random stream, as bytes."""
    return _state_tensor(default_generator)


def set_rng_state(new_state: Tensor) -> None:
    """Go to a position of the default random stream."""
    default_generator.restore_bytes(bytes(new_state.value))


def _state_tensor(generator: Generator) -> Tensor:
    return Tensor.wrap(np.frombuffer(generator.state_bytes(), dtype=np.uint8).copy())


def complex(real: Tensor, imag: Tensor) -> Tensor:
    r"""$a + ib$ of two floating tensors of one shape and type."""
    if real.value.dtype != imag.value.dtype or real.value.dtype.kind != "f":
        raise RuntimeError(f"complex: expected two floating tensors of one type, got {real.dtype} and {imag.dtype}")
    a, b = broadcast_tensors(real, imag)
    return s.complex(a, b)


def _legacy(kind: dtype) -> Callable[..., Tensor]:
    def make_tensor(*data: Any) -> Tensor:
        return Tensor(*data).to(kind)

    make_tensor.__doc__ = f"PyTorch's oldest constructor: a tensor of type {kind.name} from data, or of a size."
    return make_tensor


FloatTensor, DoubleTensor, HalfTensor = _legacy(dtypes.float32), _legacy(dtypes.float64), _legacy(dtypes.float16)
LongTensor, IntTensor, ShortTensor = _legacy(dtypes.int64), _legacy(dtypes.int32), _legacy(dtypes.int16)
ByteTensor, CharTensor, BoolTensor = _legacy(dtypes.uint8), _legacy(dtypes.int8), _legacy(dtypes.bool)
