"""Rows of gathering and scattering."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.functions import indexing as fi
from minitorch.ops import indexing as ix

from .row import real, row
from .shapes import written

TWICE = np.array([0, 2, 0, 2, 2])  # some more than once, some never
PLACES = np.array([[0, 2], [1, 0], [2, 1]])
row(ix.take, real(3, 3), TWICE, reference=lambda x, i: x[i], apply=lambda x, i: ix.take(x, (i.value,)))
row(
    ix.take, real(3, 3), TWICE, np.array([1, 1, 1, 2, 0]), reference=lambda x, i, j: x[i, j],
    apply=lambda x, i, j: ix.take(x, (i.value, j.value)),
)  # fmt: skip
row(
    ix.take, real(2, 3, 3), PLACES, reference=lambda x, i: x[:, i, 1:],
    apply=lambda x, i: ix.take(x, (slice(None), i.value, slice(1, None))),
)  # fmt: skip
row(ix.take, real(3, 2), np.zeros(0, int), reference=lambda x, i: x[i], apply=lambda x, i: ix.take(x, (i.value,)))
row(
    ix.scatter_key, real(5, 3), TWICE, reference=lambda part, i: added_at(np.zeros((3, 3)), (i,), part),
    apply=lambda part, i: ix.scatter_key(part, (3, 3), (i.value,)),
)  # fmt: skip
row(
    ix.scatter_key, real(3, 2), PLACES, PLACES.copy(),
    reference=lambda part, i, j: added_at(np.zeros((3, 3)), (i, j), part),
    apply=lambda part, i, j: ix.scatter_key(part, (3, 3), (i.value, j.value)),
)  # fmt: skip


def added_at(x: Any, key: Any, value: Any) -> Any:
    """x with a value added at places that may repeat."""
    x = x.copy()
    np.add.at(x, key, value)
    return x


def along(i: Any, axis: int) -> Any:
    """The key for which i counts along one axis, and every other axis counts itself."""
    key = list(np.indices(i.shape))
    key[axis] = i
    return tuple(key)


for _axis, _places in ((0, np.array([[0, 2, 0], [1, 0, 0]])), (1, np.array([[0, 0], [2, 1], [1, 1]]))):
    row(
        ix.gather, real(3, 3), _places, reference=lambda x, i, axis=_axis: np.take_along_axis(x, i, axis),
        apply=lambda x, i, axis=_axis: ix.gather(x, i.value, axis),
    )  # fmt: skip
    row(
        ix.scatter_add, real(3, 3), _places, real(*_places.shape),
        reference=lambda x, i, src, axis=_axis: added_at(x, along(i, axis), src),
        apply=lambda x, i, src, axis=_axis: ix.scatter_add(x, i.value, src, axis),
    )  # fmt: skip
for _axis, _places in ((0, np.array([[0, 2, 0], [1, 0, 2]])), (1, np.array([[0, 1], [2, 1], [1, 0]]))):
    row(
        ix.scatter, real(3, 3), _places, real(*_places.shape),
        reference=lambda x, i, src, axis=_axis: written(x, along(i, axis), src),
        apply=lambda x, i, src, axis=_axis: ix.scatter(x, i.value, src, axis),
    )  # fmt: skip
row(
    fi.index_put, real(3, 3), real(2, 3), np.array([2, 0]), reference=lambda x, v, i: written(x, (i,), v),
    apply=lambda x, v, i: fi.index_put(x, v, (i.value,)),
)  # fmt: skip
row(
    fi.index_put, real(3, 3), real(1, 1), np.array([2, 0]), reference=lambda x, v, i: written(x, (slice(None), i), v),
    apply=lambda x, v, i: fi.index_put(x, v, (slice(None), i.value)),
)  # fmt: skip
row(
    fi.index_put, real(3, 3), real(1, 2, 3), np.array([2, 0]), reference=lambda x, v, i: written(x, (i,), v[0]),
    apply=lambda x, v, i: fi.index_put(x, v, (i.value,)),
)  # fmt: skip
row(
    fi.index_put, real(3, 2, 3), real(2, 3), np.array([2, 0]), reference=lambda x, v, i: written(x, (i,), v),
    apply=lambda x, v, i: fi.index_put(x, v, (i.value,)),
)  # fmt: skip
for _down in (False, True):
    row(
        ix.argsort, np.array([[2.0, 1.0, 2.0, 0.0], [1.0, 1.0, 0.0, 3.0]]), axis=1, descending=_down,
        reference=lambda x, down=_down: np.argsort(-x if down else x, axis=1, kind="stable"),
    )  # fmt: skip
