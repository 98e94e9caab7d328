"""How one batch is made: in the main process, or in a worker, to which the recipe is sent."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ...creation import tensor
from .collate import default_collate
from .dataset import Subset, TensorDataset


class Recipe(NamedTuple):
    """What it takes to make batches."""

    dataset: Any
    collate_fn: Callable[[Any], Any]
    streams: bool  # the dataset is iterable: there is no order
    in_batches: bool  # an entry of the order is a list of indices, not one index
    batch_size: int | None  # of a stream; None for items one by one
    drop_last: bool

    def fetch(self, entry: Any) -> Any:
        """Return the batch of one entry of the order."""
        if not self.in_batches:
            return self.collate_fn(self.dataset[entry])
        if self.collate_fn is default_collate and has_rows(self.dataset):
            return rows(self.dataset, entry)
        many = getattr(self.dataset, "__getitems__", None)  # of datasets that get several items at less cost
        return self.collate_fn([self.dataset[index] for index in entry] if many is None else many(entry))

    def stream(self) -> Iterator[Any]:
        """Give the batches of an iterable dataset."""
        items = iter(self.dataset)
        if self.batch_size is None:
            yield from map(self.collate_fn, items)
            return
        while batch := list(itertools.islice(items, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield self.collate_fn(batch)


def has_rows(dataset: Any) -> bool:
    """Tell whether a batch is one indexing of tensors: for TensorDataset itself (a subclass may change its items)."""
    while type(dataset) is Subset:
        dataset = dataset.dataset
    return type(dataset) is TensorDataset


def rows(dataset: Any, indices: list[int]) -> Any:
    """Return what collating the rows one by one gives, by one indexing a tensor."""
    if not len(indices):
        return default_collate([])  # says so
    while type(dataset) is Subset:
        indices, dataset = [dataset.indices[i] for i in indices], dataset.dataset
    chosen = tensor(indices)
    return [column[chosen] for column in dataset.tensors]
