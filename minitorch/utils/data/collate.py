"""Collating: a list of items becomes one batch, with a new first dimension."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...backend import dtypes
from ...creation import from_numpy, tensor
from ...functions.shape import stack
from ...tensor import Tensor


def default_convert(data: Any) -> Any:
    """Turn the NumPy arrays and numbers inside an item into tensors; everything else stays as it is."""
    if isinstance(data, np.ndarray | np.generic) and data.dtype.kind in "buifc":
        return from_numpy(np.asarray(data))
    if isinstance(data, Mapping):
        return _rebuilt(data, {key: default_convert(value) for key, value in data.items()})
    if isinstance(data, tuple) and not hasattr(data, "_fields"):
        return [default_convert(value) for value in data]  # a list, as in a batch
    if isinstance(data, Sequence) and not isinstance(data, str | bytes):
        return _rebuilt(data, [default_convert(value) for value in data])
    return data


def default_collate(batch: Sequence[Any]) -> Any:
    """Stack the items of a batch.

    Tensors, arrays and numbers are stacked along a new first dimension; strings stay as they are; of dicts, tuples and
    lists each place is collated by itself, and a tuple becomes a list, as in PyTorch.

    Shapes:  n items (*) -> (n, *).
    Raises:  RuntimeError for items of unequal shapes or lengths; TypeError for a type that has no batch.

    >>> default_collate([(1, "a"), (2, "b")])
    [tensor([1, 2]), ('a', 'b')]
    """
    if not len(batch):
        raise IndexError("default_collate: the batch is empty: a batch_sampler or a collate_fn gave no items")
    first = batch[0]
    if isinstance(first, Tensor):
        return _stacked(batch)
    if isinstance(first, np.ndarray | np.generic) and first.dtype.kind in "buifc":
        return _stacked([from_numpy(np.asarray(item)) for item in batch])
    if isinstance(first, float):
        return tensor(list(batch), dtype=dtypes.float64)
    if isinstance(first, int):
        return tensor(list(batch))
    if isinstance(first, str | bytes):
        return batch
    if isinstance(first, Mapping):
        return _rebuilt(first, {key: default_collate([_at(item, key) for item in batch]) for key in first})
    if isinstance(first, Sequence):
        return _places(batch)
    raise TypeError(
        "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; "
        f"found {_described(first)}: give DataLoader a collate_fn that says what its batch is"
    )


def _stacked(batch: Sequence[Any]) -> Tensor:
    """Stack tensors, or say which two do not go together."""
    for entry, item in enumerate(batch):
        if not isinstance(item, Tensor):
            raise TypeError(f"default_collate: entry 0 is a tensor, entry {entry} is {_described(item)}")
        if item.shape != batch[0].shape:
            raise RuntimeError(
                f"default_collate: stack expects each tensor to be equal size, but got {list(batch[0].shape)} "
                f"at entry 0 and {list(item.shape)} at entry {entry}: give DataLoader a collate_fn that pads them"
            )
    return stack(list(batch))


def _places(batch: Sequence[Any]) -> Any:
    """Collate sequences place by place."""
    first = batch[0]
    for entry, item in enumerate(batch):
        if not isinstance(item, Sequence) or len(item) != len(first):
            count = len(item) if isinstance(item, Sequence) else "no"
            raise RuntimeError(
                f"default_collate: each element in list of batch should be of equal size, but entry 0 has {len(first)} "
                f"places and entry {entry} has {count}: give DataLoader a collate_fn"
            )
    places = [default_collate(place) for place in zip(*batch, strict=True)]
    return places if type(first) in (tuple, list) else _rebuilt(first, places)


def _at(item: Any, key: Any) -> Any:
    if not isinstance(item, Mapping) or key not in item:
        raise KeyError(f"default_collate: the first item of the batch has the key {key!r}, another has not")
    return item[key]


def _rebuilt(like: Any, content: Any) -> Any:
    """Return the content in the type of `like`, or as a plain dict or list where that type cannot be made from it."""
    try:
        return type(like)(*content) if hasattr(like, "_fields") else type(like)(content)
    except TypeError:
        return content


def _described(value: object) -> str:
    return f"{type(value)}" + (f" of {value.dtype}" if isinstance(value, np.ndarray | np.generic) else "")
