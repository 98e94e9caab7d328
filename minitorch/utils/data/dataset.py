"""Datasets: item number i, or a stream of items."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from ...backend.random import Generator, default_generator
from ...tensor import Tensor

T = TypeVar("T", covariant=True)


class Dataset(Generic[T]):
    """Something with items: a subclass writes `__getitem__(index)` and, nearly always, `__len__()`."""

    def __getitem__(self, index: Any) -> T:
        raise NotImplementedError(f"{type(self).__name__}: a subclass of Dataset must write __getitem__(self, index)")

    def __add__(self, other: Dataset[T]) -> ConcatDataset[T]:
        return ConcatDataset([self, other])


class IterableDataset(Dataset[T]):
    """A stream of items without numbers: a subclass writes `__iter__()`."""

    def __iter__(self) -> Iterator[T]:
        raise NotImplementedError(f"{type(self).__name__}: a subclass of IterableDataset must write __iter__(self)")


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Rows of tensors: item i is `(first[i], second[i], …)`.

    Shapes:  every tensor (N, *), with the same N.
    Raises:  AssertionError if the first sizes differ, as PyTorch does.
    """

    def __init__(self, *tensors: Tensor) -> None:
        if not tensors:
            raise TypeError("TensorDataset: give at least one tensor")
        for position, tensor in enumerate(tensors):
            if not isinstance(tensor, Tensor):
                raise TypeError(
                    f"TensorDataset: argument {position} is {_kind(tensor)}, not a Tensor: use torch.tensor(…)"
                )
            if tensor.dim() == 0:
                raise TypeError(f"TensorDataset: tensor {position} has no dimensions, so it has no rows")
        sizes = [tensor.size(0) for tensor in tensors]
        if len(set(sizes)) > 1:
            raise AssertionError(
                f"Size mismatch between tensors: TensorDataset needs a row an item, the numbers of rows are {sizes}"
            )
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self) -> int:
        return int(self.tensors[0].size(0))


class ConcatDataset(Dataset[T]):
    """Several datasets, one after the other."""

    datasets: list[Dataset[T]]
    cumulative_sizes: list[int]

    def __init__(self, datasets: Iterable[Dataset[T]]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError("datasets should not be an empty iterable: ConcatDataset needs at least one dataset")
        if any(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            raise AssertionError("ConcatDataset does not support IterableDataset: its items have no numbers")
        self.cumulative_sizes = list(itertools.accumulate(size(dataset) for dataset in self.datasets))

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> T:
        position = index + len(self) if index < 0 else index
        if not 0 <= position < len(self):
            raise IndexError(f"ConcatDataset: index {index} is out of range for {len(self)} items")
        which = bisect.bisect_right(self.cumulative_sizes, position)
        before = self.cumulative_sizes[which - 1] if which else 0
        return self.datasets[which][position - before]


class Subset(Dataset[T]):
    """Some items of a dataset, in the order of `indices`."""

    def __init__(self, dataset: Dataset[T], indices: Sequence[int]) -> None:
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index: Any) -> T:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __len__(self) -> int:
        return len(self.indices)


def random_split(
    dataset: Dataset[T], lengths: Sequence[int | float], generator: Generator | None = None
) -> list[Subset[T]]:
    """Split a dataset at random into parts without overlap.

    `lengths` are numbers of items that sum to the dataset's length, or fractions that sum to 1; items left over by
    rounding fractions down go to the first parts, one each.  The split depends on the generator's seed alone.

    Raises:  ValueError if the lengths do not sum to the length of the dataset.

    >>> from minitorch.backend.random import Generator
    >>> train, test = random_split(range(10), [0.8, 0.2], generator=Generator().manual_seed(0))
    >>> len(train), len(test), sorted([*train, *test]) == list(range(10))
    (8, 2, True)
    """
    n = size(dataset)
    counts = _counts(lengths, n)
    if any(count < 0 for count in counts) or sum(counts) != n:
        raise ValueError(
            "Sum of input lengths does not equal the length of the input dataset! "
            f"random_split: the lengths {list(lengths)} sum to {sum(counts)}, the dataset has {n} items"
        )
    order = (generator or default_generator).numpy.permutation(n).tolist()
    ends = itertools.accumulate(counts)
    return [Subset(dataset, order[end - count : end]) for end, count in zip(ends, counts, strict=True)]


def _counts(lengths: Sequence[int | float], n: int) -> list[int]:
    """Turn fractions of n into whole numbers; whole numbers stay."""
    if not math.isclose(sum(lengths), 1):
        if any(not float(x).is_integer() for x in lengths):
            raise ValueError(f"random_split: the fractions {list(lengths)} must sum to 1, they sum to {sum(lengths)}")
        return [int(x) for x in lengths]
    for position, fraction in enumerate(lengths):
        if not 0 <= fraction <= 1:
            raise ValueError(f"Fraction at index {position} is not between 0 and 1: random_split got {fraction}")
    counts = [math.floor(n * fraction) for fraction in lengths]
    for position in range(n - sum(counts)):
        counts[position % len(counts)] += 1
    return counts


def size(dataset: Any) -> int:
    """Return the number of items of a dataset, or say that it has none."""
    try:
        return len(dataset)
    except TypeError:
        raise TypeError(
            f"{_kind(dataset)} has no __len__: a dataset that is split, joined or sampled needs one"
        ) from None


def _kind(value: object) -> str:
    return type(value).__name__
