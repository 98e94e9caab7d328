r"""Differences: what derivatives are checked against.  Plain NumPy, so that any function can be checked.

$$\frac{f(x + hu) - f(x - hu)}{2h} = Ju + O(h^2)$$

In float64 rounding adds an error of order $10^{-16} / h$: with $h = 10^{-6}$ about $10^{-9}$ in all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

STEP = 1e-6


def slope(function: Callable[..., Any], arrays: Sequence[Any], i: int, u: Any, eps: float = STEP) -> list[Any]:
    r"""Return $Ju$, the derivative of every output when argument i moves along the direction u.

    >>> slope(np.square, [np.array([1.0, 3.0])], 0, np.array([1.0, 0.0]))[0].round(6)
    array([2., 0.])
    """

    def at(step: float) -> list[Any]:
        y = function(*arrays[:i], arrays[i] + step * u, *arrays[i + 1 :])
        return [np.asarray(part) for part in (y if isinstance(y, (list, tuple)) else [y])]

    return [(up - down) / (2 * eps) for up, down in zip(at(eps), at(-eps), strict=True)]


def jacobian(function: Callable[..., Any], arrays: Sequence[Any], i: int, eps: float = STEP) -> list[list[Any]]:
    r"""Return, for every output, the table $J_{kj} = dy_j / dx_k$ of argument x; for x = a + ib two, dy/da and dy/db.

    >>> jacobian(np.square, [np.array([1.0, 3.0])], 0)[0][0].round(6)
    array([[2., 0.],
           [0., 6.]])
    """
    x = np.asarray(arrays[i])
    columns = []
    for unit in (1.0, 1.0j) if x.dtype.kind == "c" else (1.0,):
        basis = (unit * np.eye(x.size)).reshape(x.size, *x.shape)
        columns.append([slope(function, arrays, i, u, eps) for u in basis])
    outputs = range(len(columns[0][0]) if x.size else 0)
    return [[np.array([c[k].reshape(-1) for c in column]) for column in columns] for k in outputs]


def pull_back(tables: list[Any], v: Any) -> Any:
    r"""Return the gradient of $L = \mathrm{Re} \langle v, y \rangle$: $J v$, and $dL/da + i\,dL/db$ for x = a + ib."""
    parts = [(table @ np.conj(v).reshape(-1)).real for table in tables]
    return parts[0] if len(parts) == 1 else parts[0] + 1j * parts[1]
