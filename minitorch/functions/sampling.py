"""Random numbers written into a tensor (`normal_`, `uniform_`, …), and choices made with its probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..backend.arrays import compact, quiet
from ..backend.devices import CPU, device_of, put
from ..backend.random import Generator, draw
from ..engine import Variable, check_writable, make
from ..ops.refusals import refuse_kind, type_word
from .inplace import assign_any
from .public import public

if TYPE_CHECKING:
    from ..tensor import Tensor


@quiet
def _write(self: Any, numbers: Any) -> Tensor:
    check_writable(self)
    array = put(np.asarray(numbers).astype(self.value.dtype, copy=False), device_of(self.value))
    return assign_any(self, make(self.result, array))


def _require_float(name: str, self: Any) -> None:
    if self.value.dtype.kind not in "fc":
        raise refuse_kind(name, [self.value])


def normal_(self: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    r"""Write random numbers from the normal distribution $N(\mu, \sigma^2)$."""
    if std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    _require_float("normal_", self)
    return _write(self, draw("standard_normal", self.value.shape, generator=generator) * std + mean)


def uniform_(self: Tensor, from_: float = 0.0, to: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    r"""Write random numbers from the uniform distribution on $[a, b)$."""
    _require_float("uniform_", self)
    if from_ > to:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={from_} > to={to}")
    return _write(self, draw("random", self.value.shape, generator=generator) * (to - from_) + from_)


def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """Write 1 with probability p, else 0."""
    chance = put(p.value, CPU) if isinstance(p, Variable) else p
    if np.any(chance < 0) or np.any(chance > 1):
        raise RuntimeError("bernoulli_ expects p to be in [0, 1]")
    return _write(self, draw("random", self.value.shape, generator=generator) < chance)


def exponential_(self: Tensor, lambd: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    r"""Write random numbers from the exponential distribution with rate $\lambda$."""
    if lambd <= 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd}")
    if self.value.dtype.kind != "f":
        raise RuntimeError(
            "Exponential distribution is a continuous probability distribution. dtype must be a floating point but you "
            f"specified {type_word(self.dtype)}"
        )
    return _write(self, draw("standard_exponential", self.value.shape, generator=generator) / lambd)


def random_(self: Tensor, from_: int = 0, to: int | None = None, *, generator: Generator | None = None) -> Tensor:
    """Write random integers from [from, to); without bounds, any that the type holds exactly."""
    low, high = (0, from_) if to is None and from_ else (from_, to)
    if high is None:
        kind = self.value.dtype
        high = (
            2 ** (np.finfo(kind).nmant + 1) if kind.kind == "f" else 2 if kind.kind == "b" else int(np.iinfo(kind).max)
        )
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    return _write(self, draw("integers", low, high, self.value.shape, generator=generator))


@public
def bernoulli(input: Tensor, p: float | None = None, *, generator: Generator | None = None) -> Tensor:
    """1 with the given probabilities, else 0; with `p`, the same probability everywhere."""
    if p is None:
        _require_float("bernoulli", input)
    out = make(input.result, input.own(input.value))
    return bernoulli_(out, input if p is None else p, generator=generator)


@public
def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Draw indices with probabilities proportional to the weights in each row; without `replacement`, all different.

    Shapes:  input (K) or (N, K) -> (num_samples) or (N, num_samples), int64.
    """
    weights = put(input.value, CPU)
    if weights.ndim not in (1, 2):
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if weights.dtype.kind != "f":
        raise RuntimeError(f"multinomial only supports floating-point dtypes for input, got: {type_word(input.dtype)}")
    if num_samples <= 0:
        raise RuntimeError("cannot sample n_sample <= 0 samples")
    if not replacement and num_samples > weights.shape[-1]:
        raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    weights = weights.astype(np.float64)
    if not np.all(np.isfinite(weights)) or np.any(weights < 0):
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if np.any(weights.sum(axis=-1) <= 0):
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    choose = _with_replacement if replacement else _without_replacement
    return make(input.result, put(choose(weights, num_samples, generator), device_of(input.value)))


def _with_replacement(weights: Any, n: int, generator: Generator | None) -> Any:
    """Look up uniform numbers among the cumulative probabilities."""
    steps = np.cumsum(weights, axis=-1)
    points = draw("random", (*weights.shape[:-1], n, 1), generator=generator) * steps[..., None, -1:]
    return (points >= steps[..., None, :]).sum(-1)


def _without_replacement(weights: Any, n: int, generator: Generator | None) -> Any:
    r"""Take the largest of $\ln w$ + Gumbel noise: a draw without replacement."""
    with np.errstate(divide="ignore"):
        keys = np.log(weights) + draw("gumbel", size=weights.shape, generator=generator)
    return compact(np.argsort(-keys, axis=-1, kind="stable")[..., :n])
