"""Rows of windows, and of the way to another device."""

from __future__ import annotations

import numpy as np

import minitorch
from minitorch.backend.devices import device_of
from minitorch.functions import convert as fc
from minitorch.ops import convolution as cv
from minitorch.ops import pooling as po
from minitorch.ops import window as w

from ... import reference
from .row import real, row

# ---- windows ---------------------------------------------------------------------------------------------------------

GEOMETRIES = [  # sizes, kernel, stride, padding, dilation
    ((5,), (3,), (2,), (1,), (1,)),
    ((4, 5), (2, 3), (1, 1), (0, 0), (1, 1)),
    ((4, 5), (3, 2), (2, 3), (1, 0), (1, 2)),  # strides that do not divide
    ((3, 3), (1, 1), (2, 2), (0, 0), (1, 1)),
    ((1, 2), (3, 3), (1, 1), (2, 2), (2, 1)),  # more padding than image
    ((3, 2, 3), (2, 2, 2), (1, 2, 1), (0, 1, 1), (1, 1, 2)),
]
for _S, _K, _stride, _padding, _dilation in GEOMETRIES:
    _how = {"K": _K, "stride": _stride, "padding": _padding, "dilation": _dilation}
    _col = reference.im2col(np.zeros((1, 2, *_S)), **_how).shape
    row(w.im2col, real(1, 2, *_S), **_how, reference=lambda x, how=_how: reference.im2col(x, **how))
    row(w.col2im, real(*_col), S=_S, **_how, reference=lambda x, S=_S, how=_how: reference.col2im(x, S, **how))
    row(
        w.window_argmax, real(1, 2, *_S), **_how, O=_col[2 + len(_S) :],
        reference=lambda x, how=_how: reference.max_pool(x, **how)[1],
    )  # fmt: skip

for _S, _K, _stride, _O in (((5,), (2,), (2,), (3,)), ((4, 6), (3, 2), (2, 3), (2, 2))):  # the last window hangs over
    _how = {"K": _K, "stride": _stride, "padding": (0,) * len(_S), "dilation": (1,) * len(_S)}
    row(
        w.window_argmax, real(1, 2, *_S, low=-3.0, high=-1.0), **_how, O=_O,
        reference=lambda x, how=_how: reference.max_pool(x, **how, ceil=True)[1],
    )  # fmt: skip
_how = {"K": (2,), "stride": (2,), "padding": (1,), "dilation": (1,)}
row(w.window_argmax, np.array([[[3, 1, 2, 2]]]), **_how, O=(3,), reference=lambda x: np.array([[[0, 2, 3]]]))

# ---- pooling ---------------------------------------------------------------------------------------------------------

POOLS = [  # sizes, kernel, stride, padding, dilation, sizes of the output
    ((4, 6), (2, 2), (2, 2), (0, 0), (1, 1), (2, 3)),
    ((4, 5), (3, 2), (1, 2), (1, 0), (1, 1), (4, 2)),  # windows that overlap
    ((5, 4), (2, 2), (2, 3), (1, 1), (2, 1), (3, 2)),
    ((3,), (2,), (2,), (0,), (1,), (2,)),  # the last window hangs over
    ((2, 2, 4), (1, 2, 2), (1, 1, 2), (0, 0, 0), (1, 1, 1), (2, 1, 2)),
]
for _S, _K, _stride, _padding, _dilation, _O in POOLS:
    _how = {"K": _K, "stride": _stride, "padding": _padding, "dilation": _dilation}
    row(
        po.window_max, real(1, 2, *_S), **_how, O=_O,
        reference=lambda x, how=_how: reference.max_pool(x, **how, ceil=x.shape[2:] == (3,))[0],
    )  # fmt: skip
for _S, _K, _stride in (((4, 5), (2, 2), (2, 3)), ((5,), (3,), (1,)), ((2, 3, 3), (2, 1, 2), (1, 2, 1))):
    _how = {"K": _K, "stride": _stride}
    _more = {"padding": (0,) * len(_K), "dilation": (1,) * len(_K)}
    _col = reference.im2col(np.zeros((1, 2, *_S)), **_how, **_more)
    _over = tuple(range(2, 2 + len(_K)))
    row(
        po.window_sum, real(1, 2, *_S), **_how,
        reference=lambda x, how={**_how, **_more}, over=_over: reference.im2col(x, **how).sum(over),
    )  # fmt: skip
    row(
        po.window_spread, real(*_col.sum(_over).shape), S=_S, **_how,
        reference=lambda v, S=_S, how={**_how, **_more}, over=_over: reference.transposed(
            lambda x: reference.im2col(x, **how).sum(over), v, (1, 2, *S)
        ),
    )  # fmt: skip

# ---- convolution -----------------------------------------------------------------------------------------------------

SHAPES = [  # image, kernel, stride, padding, dilation, groups: one for each way that a CPU may take, and oblique ones
    ((2, 3, 4, 5), (2, 3, 1, 1), (1, 1), (0, 0), (1, 1), 1),  # one pixel
    ((2, 3, 5, 4), (3, 1, 2, 3), (2, 1), (1, 0), (1, 1), 3),  # a kernel for each channel
    ((2, 2, 4, 5), (2, 2, 2, 3), (1, 1), (1, 0), (2, 1), 1),  # in rows
    ((2, 2, 5, 4), (2, 2, 3, 2), (2, 1), (0, 1), (1, 2), 1),  # in windows
    ((1, 4, 3, 3), (2, 2, 2, 2), (1, 1), (1, 1), (1, 1), 2),  # groups
    ((2, 2, 6), (3, 2, 3), (1,), (1,), (2,), 1),  # signals
    ((1, 2, 3, 2, 4), (1, 2, 2, 1, 3), (1, 1, 1), (0, 1, 1), (1, 1, 1), 1),  # volumes
]
for _x, _w, _stride, _padding, _dilation, _groups in SHAPES:
    _how = {"stride": _stride, "padding": _padding, "dilation": _dilation}
    _y = reference.convolve(np.zeros(_x), np.zeros(_w), **_how, groups=_groups).shape
    row(
        cv.convolve, real(*_x), real(*_w), real(_w[0]), **_how, groups=_groups,
        reference=lambda x, w, b, how=_how, G=_groups: (
            reference.convolve(x, w, **how, groups=G) + b.reshape(-1, *(1,) * (x.ndim - 2))
        ),
    )  # fmt: skip
    row(
        cv.convolve_back, real(*_y), real(*_w), S=_x[2:], **_how, groups=_groups,
        reference=lambda v, w, S=_x, how=_how, G=_groups: reference.transposed(
            lambda x: reference.convolve(x, w, **how, groups=G), v, (v.shape[0], *S[1:])
        ),
    )  # fmt: skip
    row(
        cv.convolve_kernel, real(*_x), real(*_y), K=_w[2:], **_how, groups=_groups,
        reference=lambda x, v, K=_w, how=_how, G=_groups: reference.transposed(
            lambda w: reference.convolve(x, w, **how, groups=G), v, K
        ),
    )  # fmt: skip

# ---- devices ---------------------------------------------------------------------------------------------------------

CPU = minitorch.device("cpu")
row(fc.move, real(2, 3), reference=np.copy, apply=lambda x: fc.move(x, device_of(x.value), CPU))
