"""DataLoader: the batches of a dataset, one pass after another."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from ...backend.random import Generator, default_generator
from .collate import default_collate, default_convert
from .dataset import Dataset, IterableDataset, size
from .fetch import Recipe
from .pool import Batches, Pool, context_of
from .sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler

T = TypeVar("T", covariant=True)
FIXED = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")


class DataLoader(Generic[T]):
    """Go through a dataset in batches: `for inputs, labels in loader`.

    `shuffle` draws a new order each pass, which depends on the seed alone: that of `generator`, or `manual_seed`.
    `sampler` gives the order of the items instead, `batch_sampler` whole lists of indices.  `collate_fn` makes a batch
    from a list of items.  With `batch_size=None` items come one by one.

    `num_workers` processes make the batches, `prefetch_factor` (2) each ahead of time; they come in the same order, and
    with the same seeds in the same shuffles, for any number of workers.  Each worker draws from random streams of its
    own, which are seeded anew each pass from `generator`, or from the default stream; `worker_init_fn(id)` is called
    when it starts, and `get_worker_info()` says which one it is.  `persistent_workers` keeps them for the next pass.
    `multiprocessing_context` says how they start: "fork" (on Linux, unless `multiprocessing` was told otherwise),
    "spawn" or "forkserver"; only a fork takes datasets and functions that cannot be pickled.  They end with the pass,
    or when nobody holds its iterator any more.  An exception in a worker is raised here again, with its traceback as
    the text.  After `timeout` seconds without a batch there is a RuntimeError.

    Accepted without effect: `pin_memory` (batches lie in ordinary memory), `in_order=False` (they always are).

    Raises:  ValueError for arguments that contradict each other; in a pass, RuntimeError for a worker that was killed.
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
        self._pool: Pool | None = None  # persistent workers
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
            sampler = _sampler(dataset, shuffle, generator)
        elif shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle: let the sampler shuffle")
        if batch_size is not None:  # a stream has no numbers: its batch_sampler serves to count
            batch_sampler = BatchSampler(itertools.repeat(0) if sampler is None else sampler, batch_size, drop_last)

        self.batch_size, self.drop_last, self.generator = batch_size, drop_last, generator
        self.sampler, self.batch_sampler = sampler, batch_sampler
        self.num_workers, self.timeout, self.worker_init_fn = num_workers, timeout, worker_init_fn
        self.prefetch_factor = 2 if num_workers and prefetch_factor is None else prefetch_factor
        self.persistent_workers, self.in_order = persistent_workers, in_order
        self.pin_memory, self.pin_memory_device = pin_memory, pin_memory_device
        self.multiprocessing_context = context_of(multiprocessing_context) if num_workers else None
        self.collate_fn = collate_fn or (default_convert if batch_sampler is None else default_collate)
        self._ready = True

    def __setattr__(self, name: str, value: Any) -> None:
        if name in FIXED and getattr(self, "_ready", False):
            raise ValueError(f"{name} attribute should not be set after DataLoader is initialized: make a new one")
        super().__setattr__(name, value)

    def __iter__(self) -> Iterator[Any]:
        # Drawn without workers too: the next shuffle shall not depend on how many there are.
        seed = int((self.generator or default_generator).numpy.integers(2**63))
        in_batches = self.batch_sampler is not None
        recipe = Recipe(self.dataset, self.collate_fn, self._streams, in_batches, self.batch_size, self.drop_last)
        batches: Iterator[Any]
        if self.num_workers:
            batches = self._by_workers(recipe, seed)
        else:
            batches = recipe.stream() if self._streams else (recipe.fetch(entry) for entry in self._order())
        return self._counted(batches) if self._streams and hasattr(self.dataset, "__len__") else batches

    def _order(self) -> Iterator[Any]:
        """Give the entries of the order: indices, or lists of indices; for a stream as many as anybody asks for."""
        order: Any = self.sampler if self.batch_sampler is None else self.batch_sampler
        return itertools.repeat(None) if self._streams else iter(order)

    def _by_workers(self, recipe: Recipe, seed: int) -> Batches:
        """Begin a pass with workers: those of the last pass, or new ones."""
        pool = self._pool
        if pool is None or not pool.running:
            pool = Pool(recipe, self.num_workers, self.worker_init_fn, self.multiprocessing_context)
        if self.persistent_workers:
            self._pool = pool
        ahead = self.prefetch_factor or 1
        return Batches(pool, self._order(), seed, ahead, self.timeout, keep=self.persistent_workers)

    def _counted(self, batches: Iterator[Any]) -> Iterator[Any]:
        """Give batches on, and warn when a stream is longer than it says."""
        promised = len(self)
        hint = ": each worker goes through all of it, unless it asks get_worker_info()" if self.num_workers else ""
        for number, batch in enumerate(batches, 1):
            if number == promised + 1:
                makes = f"has the length {len(self.dataset)}, which makes {promised} batches"
                warnings.warn(f"the IterableDataset {makes}, but batch {number} came{hint}", stacklevel=2)
            yield batch

    def __len__(self) -> int:
        """Return the number of batches in one pass (of items, with `batch_size=None`)."""
        if not self._streams:
            return size(self.sampler if self.batch_sampler is None else self.batch_sampler)
        n, each = size(self.dataset), self.batch_size or 1
        return n // each if self.drop_last else math.ceil(n / each)


def _sampler(dataset: Any, shuffle: bool | None, generator: Generator | None) -> Sampler[int]:
    size(dataset)  # says so if there is none
    return RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)


def _check_workers(
    num_workers: int, timeout: float, prefetch_factor: int | None, persistent_workers: bool, context: Any
) -> None:
    """Check the arguments that concern worker processes."""
    if num_workers < 0:
        raise ValueError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.")
    if timeout < 0:
        raise ValueError(f"timeout option should be non-negative, got {timeout}")
    if num_workers > 0:
        if prefetch_factor is not None and prefetch_factor < 1:
            raise ValueError(f"prefetch_factor option should be at least 1, got {prefetch_factor}")
        return
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
