"""Samplers: in which order the items of a dataset come.

Everything random is drawn from `generator`, or from the default stream that `manual_seed` seeds, and drawn in one go
when the iteration starts: the order depends on the seed alone, not on what else is drawn while it runs.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import Any, Generic, TypeVar

import numpy as np

from ...backend.random import Generator, default_generator
from ...tensor import Tensor
from .dataset import size

T = TypeVar("T", covariant=True)


class Sampler(Generic[T]):
    """An order: a subclass writes `__iter__()`, which gives numbers of items (or lists of them, for batches)."""

    def __iter__(self) -> Iterator[T]:
        raise NotImplementedError(f"{type(self).__name__}: a subclass of Sampler must write __iter__(self)")


class SequentialSampler(Sampler[int]):
    """0, 1, 2, …"""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """A new random order each time: of all items, of `num_samples`, or drawn `replacement` by replacement.

    Without replacement, more samples than items means one shuffle after another.
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        if not isinstance(replacement, bool):
            raise TypeError(
                f"RandomSampler: replacement should be a boolean value, but got replacement={replacement!r}"
            )
        self.data_source, self.replacement, self.generator = data_source, replacement, generator
        self._num_samples = num_samples
        if num_samples is not None or not size(data_source):
            _check_count("RandomSampler", self.num_samples)

    @property
    def num_samples(self) -> int:
        """How many items one pass gives; the dataset may grow between passes."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        rng, n, wanted = _rng(self.generator), len(self.data_source), self.num_samples
        if self.replacement:
            return iter(rng.integers(n, size=wanted).tolist())
        shuffles = (rng.permutation(n) for _ in range(math.ceil(wanted / n)))
        return iter(np.concatenate(list(shuffles))[:wanted].tolist())

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler[int]):
    """The given indices, in a new random order each time."""

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        self.indices, self.generator = indices, generator

    def __iter__(self) -> Iterator[int]:
        order = _rng(self.generator).permutation(len(self.indices)).tolist()
        return iter([self.indices[i] for i in order])

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler[int]):
    r"""Item i with probability $p_i = w_i / \sum_j w_j$.

    Raises:  ValueError for weights that are negative, not finite or all zero, and, without replacement, for fewer
             positive weights than samples.
    """

    def __init__(
        self,
        weights: Sequence[float] | np.ndarray[Any, Any] | Tensor,
        num_samples: int,
        replacement: bool = True,
        generator: Generator | None = None,
    ) -> None:
        _check_count("WeightedRandomSampler", num_samples)
        if not isinstance(replacement, bool):
            raise ValueError(
                f"WeightedRandomSampler: replacement should be a boolean value, but got replacement={replacement!r}"
            )
        host = weights.detach().cpu().numpy() if isinstance(weights, Tensor) else weights
        self.weights = np.asarray(host, np.float64)
        if self.weights.ndim != 1:
            raise ValueError(
                f"weights should be a 1d sequence, but WeightedRandomSampler got the shape {self.weights.shape}"
            )
        if not (np.isfinite(self.weights).all() and (self.weights >= 0).all() and self.weights.any()):
            raise ValueError("WeightedRandomSampler: weights must be finite, none negative, and not all zero")
        positive = np.count_nonzero(self.weights)
        if not replacement and num_samples > positive:
            raise ValueError(
                f"WeightedRandomSampler: {num_samples} samples without replacement need as many positive weights, "
                f"there are {positive}"
            )
        self.num_samples, self.replacement, self.generator = num_samples, replacement, generator

    def __iter__(self) -> Iterator[int]:
        scaled = self.weights / self.weights.max()  # the sum of huge weights would overflow
        chances = scaled / scaled.sum()
        chosen = _rng(self.generator).choice(len(chances), self.num_samples, replace=self.replacement, p=chances)
        return iter(chosen.tolist())

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """Lists of `batch_size` indices from another sampler; the last one is shorter, or is dropped.

    >>> list(BatchSampler(SequentialSampler(range(5)), batch_size=2, drop_last=False))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size <= 0:
            raise ValueError(f"batch_size should be a positive integer value, but got batch_size={batch_size!r}")
        if not isinstance(drop_last, bool):
            raise ValueError(f"drop_last should be a boolean value, but got drop_last={drop_last!r}")
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while batch := list(itertools.islice(indices, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        n = size(self.sampler)
        return n // self.batch_size if self.drop_last else math.ceil(n / self.batch_size)


def _rng(generator: Generator | None) -> np.random.Generator:
    return (generator or default_generator).numpy


def _check_count(who: str, count: object) -> None:
    if not isinstance(count, int) or isinstance(count, bool) or count <= 0:
        raise ValueError(f"num_samples should be a positive integer value, but {who} got num_samples={count!r}")
