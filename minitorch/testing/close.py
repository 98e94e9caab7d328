"""`assert_close`, with PyTorch's signature and tolerances."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor

TOLERANCES = {"float16": (1e-3, 1e-5), "float32": (1.3e-6, 1e-5), "complex64": (1.3e-6, 1e-5)}
DOUBLE = (1e-7, 1e-7)


def on_host(x: Any) -> Any:
    """Return the numbers of a tensor, an array or a number as an array in host memory."""
    return x.detach().cpu().value if isinstance(x, Tensor) else np.asarray(x)


def assert_close(
    actual: Any,
    expected: Any,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    msg: str | None = None,
) -> None:
    r"""Raise unless $|a - e| \le \text{atol} + \text{rtol}\,|e|$ everywhere.

    Shapes must agree, and for two tensors also types and devices.  The tolerances go with the type: by default
    (1.3e-6, 1e-5) for float32, (1e-7, 1e-7) for float64, 0 for integers.

    Raises:  AssertionError.
    """
    if isinstance(actual, (list, tuple)) and isinstance(expected, (list, tuple)):
        if len(actual) != len(expected):
            raise AssertionError(f"The length of the sequences mismatch: {len(actual)} != {len(expected)}")
        settings: dict[str, Any] = {"rtol": rtol, "atol": atol, "equal_nan": equal_nan, "msg": msg}
        for a, e in zip(actual, expected, strict=True):
            assert_close(a, e, check_device=check_device, check_dtype=check_dtype, **settings)
        return
    if isinstance(actual, Tensor) and isinstance(expected, Tensor):
        for name, wanted in (("device", check_device), ("dtype", check_dtype)):
            here, there = getattr(actual, name), getattr(expected, name)
            if wanted and here != there:
                raise AssertionError(f"The values for attribute '{name}' do not match: {here} != {there}.")
    a, e = on_host(actual), on_host(expected)
    if a.shape != e.shape:
        raise AssertionError(f"The values for attribute 'shape' do not match: {a.shape} != {e.shape}.")
    if (rtol is None) != (atol is None):
        raise ValueError("rtol and atol must both be specified or both be unspecified")
    if rtol is None or atol is None:
        rtol, atol = max(_tolerances(a), _tolerances(e))
    np.testing.assert_allclose(a, e, rtol=rtol, atol=atol, equal_nan=equal_nan, err_msg=msg or "")


def _tolerances(x: Any) -> tuple[float, float]:
    return TOLERANCES.get(x.dtype.name, DOUBLE if x.dtype.kind in "fc" else (0.0, 0.0))
