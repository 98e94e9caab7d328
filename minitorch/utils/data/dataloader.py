"""DataLoader: the batches of a dataset, one pass after another."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from ...backend.random import Generator
from ...creation import tensor
from .collate import default_collate, default_convert
from .dataset import Dataset, IterableDataset, Subset, TensorDataset, size
from .sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler

T = TypeVar("T", covariant=True)
FIXED = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")


class DataLoader(Generic[T]):
    """Go through a dataset in batches: `for inputs, labels in loader`.

    `shuffle` draws a new order each pass, which depends on the seed alone: that of `generator`, or `manual_seed`.
    `sampler` gives the order of the items instead, `batch_sampler` whole lists of indices.  `collate_fn` makes a batch
    from a list of items.  With `batch_size=None` items come one by one.  `pin_memory` is accepted and does nothing:
    batches are made in ordinary memory.  Worker processes (`num_workers` > 0) are not there yet.

    Raises:  ValueError for arguments that contradict each other; NotImplementedError for `num_workers` > 0.
    """

    def __init__(
        self,
        dataset: Dataset[T] | Sequence[T] | Iterable[T],
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Sampler[Any] | Iterable[Any] | None = None,
        batch_sampler: Sampler[list[Any]] | Iterable[list[Any]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        self.dataset: Any = dataset
        _check_workers(num_workers, timeout, prefetch_factor, persistent_workers, multiprocessing_context)
        self._streams = isinstance(dataset, IterableDataset)
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last: "
                    "the batch_sampler decides all of these"
                )
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError("batch_size=None option disables auto-batching and is mutually exclusive with drop_last")
        if self._streams:
            _check_stream(shuffle=shuffle, sampler=sampler, batch_sampler=batch_sampler)
        elif sampler is None and batch_sampler is None:
            sampler = _order(dataset, shuffle, generator)
        elif shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle: let the sampler shuffle")
        if batch_size is not None:  # a stream has no numbers: its batch_sampler serves to count
            batch_sampler = BatchSampler(itertools.repeat(0) if sampler is None else sampler, batch_size, drop_last)

        self.batch_size, self.drop_last, self.generator = batch_size, drop_last, generator
        self.sampler, self.batch_sampler = sampler, batch_sampler
        self.num_workers, self.timeout, self.worker_init_fn = num_workers, timeout, worker_init_fn
        self.prefetch_factor, self.persistent_workers, self.in_order = prefetch_factor, persistent_workers, in_order
        self.pin_memory, self.pin_memory_device = pin_memory, pin_memory_device
        self.multiprocessing_context = multiprocessing_context
        self.collate_fn = collate_fn or (default_convert if batch_sampler is None else default_collate)
        self._ready = True

    def __setattr__(self, name: str, value: Any) -> None:
        if name in FIXED and getattr(self, "_ready", False):
            raise ValueError(f"{name} attribute should not be set after DataLoader is initialized: make a new one")
        super().__setattr__(name, value)

    def __iter__(self) -> Iterator[Any]:
        if self._streams:
            return self._stream()
        order = iter(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]
        if self.batch_sampler is None:
            return (self.collate_fn(self.dataset[index]) for index in order)
        if self.collate_fn is default_collate and _has_rows(self.dataset):
            return (_rows(self.dataset, indices) for indices in order)
        return (self.collate_fn([self.dataset[index] for index in indices]) for indices in order)

    def _stream(self) -> Iterator[Any]:
        """Give the batches of an iterable dataset, and warn when it is longer than it says."""
        promised = len(self.dataset) if hasattr(self.dataset, "__len__") else math.inf
        items = iter(self.dataset)
        seen = 0
        while batch := list(itertools.islice(items, self.batch_size or 1)):
            seen += len(batch)
            if seen > promised >= seen - len(batch):
                warnings.warn(f"the IterableDataset has the length {promised}, but item {seen} came", stacklevel=2)
            if self.batch_size is None:
                yield self.collate_fn(batch[0])
            elif len(batch) == self.batch_size or not self.drop_last:
                yield self.collate_fn(batch)

    def __len__(self) -> int:
        """Return the number of batches in one pass (of items, with `batch_size=None`)."""
        if not self._streams:
            return size(self.sampler if self.batch_sampler is None else self.batch_sampler)
        n, each = size(self.dataset), self.batch_size or 1
        return n // each if self.drop_last else math.ceil(n / each)


def _order(dataset: Any, shuffle: bool | None, generator: Generator | None) -> Sampler[int]:
    size(dataset)  # says so if there is none
    return RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)


def get_worker_info() -> None:
    """Return None, which says: this is the main process."""
    return None


def _has_rows(dataset: Any) -> bool:
    """Tell whether a batch is one indexing of tensors: for TensorDataset itself (a subclass may change its items)."""
    while type(dataset) is Subset:
        dataset = dataset.dataset
    return type(dataset) is TensorDataset


def _rows(dataset: Any, indices: list[int]) -> Any:
    """Return what collating the rows one by one gives, by one indexing a tensor."""
    if not len(indices):
        return default_collate([])  # says so
    while type(dataset) is Subset:
        indices, dataset = [dataset.indices[i] for i in indices], dataset.dataset
    rows = tensor(indices)
    return [column[rows] for column in dataset.tensors]


def _check_workers(
    num_workers: int, timeout: float, prefetch_factor: int | None, persistent_workers: bool, context: Any
) -> None:
    """Check the arguments that concern worker processes."""
    if num_workers < 0:
        raise ValueError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.")
    if timeout < 0:
        raise ValueError(f"timeout option should be non-negative, got {timeout}")
    if num_workers > 0:
        raise NotImplementedError(
            f"DataLoader: num_workers={num_workers}: worker processes are not there yet, use num_workers=0"
        )
    if prefetch_factor is not None:
        raise ValueError(
            "prefetch_factor option could only be specified in multiprocessing, with num_workers > 0: leave it out"
        )
    if persistent_workers:
        raise ValueError("persistent_workers option needs num_workers > 0")
    if context is not None:
        raise ValueError("multiprocessing_context can only be used with multi-process loading (num_workers > 0)")
    if timeout:
        raise ValueError(f"timeout={timeout} waits for workers, and num_workers is 0: leave it out")


def _check_stream(**options: Any) -> None:
    """Refuse an order for a stream, whose items have no numbers."""
    for name, value in options.items():
        if value is not None and value is not False:
            raise ValueError(f"DataLoader with IterableDataset: expected unspecified {name} option, got {name}={value}")
