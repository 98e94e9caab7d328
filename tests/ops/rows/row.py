"""What a row is, and how it is entered."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, NamedTuple

import numpy as np

import minitorch
from minitorch import Tensor
from minitorch.engine import TABLE
from minitorch.testing import numbers


class Row(NamedTuple):
    """A primitive, arrays to apply it to, how, and the same in NumPy (None where NumPy has nothing like it)."""

    op: Any
    inputs: tuple[Any, ...]
    apply: Callable[..., Any]
    reference: Callable[..., Any] | None
    name: str

    @property
    def entry(self) -> Any:
        """The primitive's entry in the table."""
        return TABLE[self.op]

    @property
    def differentiable(self) -> bool:
        """Whether there is anything to differentiate, and to differentiate by."""
        return not self.entry.constant and any(x.dtype.kind in "fc" for x in self.inputs)

    def leaves(self, device: Any = None, dtype: Any = None, change: Callable[[Any], Any] = lambda x: x) -> list[Any]:
        """Return the inputs as tensors on a device; floating ones require grad."""
        xs = []
        for x in self.inputs:
            if dtype is not None and x.dtype.kind in "fc":
                x = x.astype(np.result_type(dtype, np.complex64) if x.dtype.kind == "c" else dtype)
            x = Tensor.wrap(change(minitorch.tensor(x, device=device).value))
            xs.append(x.requires_grad_() if x.value.dtype.kind in "fc" else x)
        return xs


ROWS: list[Row] = []
SEEDS = count(1)


def row(op: Any, *inputs: Any, reference: Any = None, apply: Any = None, **options: Any) -> None:
    """Enter a row; without `apply`, the primitive is called with the inputs and the options."""
    entry = TABLE[op]
    number = sum(other.op is op for other in ROWS)
    apply = apply or (lambda *xs: op(*xs, **options))
    ROWS.append(Row(op, tuple(map(np.asarray, inputs)), apply, reference, f"{entry.name}-{number}"))


def real(*shape: int, low: float = -2.0, high: float = 2.0, avoid: Any = (0.0,)) -> Any:
    """Numbers without ties, away from the kinks, others at every call."""
    return numbers(shape, low, high, avoid, seed=next(SEEDS))


def complex_(*shape: int) -> Any:
    """Complex numbers of a modulus between 0.3 and 2."""
    return real(*shape, low=0.3, high=2.0) * np.exp(1j * real(*shape, low=-3.0, high=3.0))


def truth(*shape: int) -> Any:
    """Truth values, some of each."""
    return real(*shape) > 0
