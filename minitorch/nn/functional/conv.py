r"""Convolution with PyTorch's arguments; `ops.convolution` has the formula.

Letters: `N` batch, `C` channels in, `O` channels out, `G` groups, `K` kernel sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...functions.public import public
from ...ops import shape as s
from ...ops.convolution import convolve
from ...tensor import Tensor

Sizes = int | Sequence[int]


def per_axis(name: str, value: Any, n: int) -> tuple[int, ...]:
    """Return one number for every axis, from one number or a sequence of them."""
    values = (value,) * n if isinstance(value, int) else tuple(int(v) for v in value)
    if len(values) == 1:
        values = values * n
    if len(values) != n:
        raise RuntimeError(f"{name}: expected one number or {n}, got {values}")
    return values


@public
def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    r"""$y_{nol} = b_o + \sum_{ck} x_{n,c,\,sl + dk - p}\, w_{ock}$.

    Shapes:  (N, C, L), weight (O, C/G, K) -> (N, O, L').
    """
    return _conv("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


@public
def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    r"""$y_{nohw} = b_o + \sum_{cij} x_{n,c,\,sh + di - p,\,sw + dj - p}\, w_{ocij}$.

    Shapes:  input (N, C, H, W) or (C, H, W), weight (O, C/G, KH, KW), bias (O) -> (N, O, H', W') with
    $H' = \lfloor (H + 2p - d(KH - 1) - 1) / s \rfloor + 1$.  `padding="same"` keeps the size (stride 1).
    """
    return _conv("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


@public
def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Convolution of volumes.  Shapes:  (N, C, D, H, W), weight (O, C/G, KD, KH, KW) -> (N, O, D', H', W')."""
    return _conv("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


def _conv(
    name: str, n: int, x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, G: int
) -> Tensor:
    """Check the arguments, and convolve: `ops.convolution` says how."""
    stride, dilation = per_axis(f"{name}: stride", stride, n), per_axis(f"{name}: dilation", dilation, n)
    if weight.value.ndim != n + 2:
        raise RuntimeError(
            f"{name}: expected a weight of {n + 2} dimensions (O, C/groups, kernel sizes), got shape "
            f"{list(weight.shape)}"
        )
    if x.value.ndim == n + 1:  # one image without a batch
        return s.reshape(
            y := _conv(name, n, s.unsqueeze(x, 0), weight, bias, stride, padding, dilation, G), y.value.shape[1:]
        )
    if x.value.ndim != n + 2:
        raise RuntimeError(
            f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to {name}, but got input of size: "
            f"{list(x.shape)}"
        )
    K = weight.value.shape[2:]
    if isinstance(padding, str):
        x, padding = _named_padding(name, x, padding, K, stride, dilation)
    padding = per_axis(f"{name}: padding", padding, n)
    _check(name, x, weight, bias, stride, padding, dilation, G)
    return convolve(x, weight, bias, stride=stride, padding=padding, dilation=dilation, groups=G)


def _named_padding(name: str, x: Any, padding: str, K: Any, stride: Any, dilation: Any) -> tuple[Any, tuple[int, ...]]:
    """Return the input, padded at the ends if the padding must be unequal, and the padding for 'same' or 'valid'."""
    if padding == "valid":
        return x, (0,) * len(K)
    if padding != "same":
        raise RuntimeError(f"{name}: padding must be a number, numbers, 'same' or 'valid', got {padding!r}")
    if any(step != 1 for step in stride):
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    both = [d * (k - 1) for d, k in zip(dilation, K, strict=True)]
    if any(b % 2 for b in both):  # an even kernel: one more at the end
        x = s.pad(x, ((0, 0), (0, 0), *((0, b % 2) for b in both)))
    return x, tuple(b // 2 for b in both)


def _check(name: str, x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, G: int) -> None:
    C, O, K = x.value.shape[1], weight.value.shape[0], weight.value.shape[2:]
    if O < 1:
        raise RuntimeError(
            f"Given groups={G}, expected weight to be at least 1 at dimension 0, but got weight of size "
            f"{list(weight.shape)} instead"
        )
    if G < 1 or C % G or O % G:
        raise RuntimeError(f"{name}: groups={G} must divide the {C} channels of the input and the {O} of the output")
    if weight.value.shape[1] * G != C:
        raise RuntimeError(
            f"Given groups={G}, weight of size {list(weight.shape)}, expected input{list(x.shape)} to have "
            f"{weight.value.shape[1] * G} channels, but got {C} channels instead"
        )
    if bias is not None and bias.value.shape != (O,):
        raise RuntimeError(
            f"Given weight of size {list(weight.shape)}, expected bias to be 1-dimensional with {O} elements, "
            f"but got bias of size {list(bias.shape)} instead"
        )
    if x.value.dtype != weight.value.dtype:
        raise RuntimeError(
            f"Input type ({x.dtype}) and weight type ({weight.dtype}) should be the same: convert one with .to(dtype)"
        )
    if bias is not None and bias.value.dtype != x.value.dtype:
        raise RuntimeError(
            f"Input type ({x.dtype}) and bias type ({bias.dtype}) should be the same: convert one with .to(dtype)"
        )
    if min(K) < 1:
        raise RuntimeError(
            f"{name}: kernel size should be greater than zero, but got weight of shape {list(weight.shape)}"
        )
    if min(stride) < 1 or min(dilation) < 1 or min(padding) < 0:
        raise RuntimeError(
            f"{name}: stride {stride} and dilation {dilation} must be positive, padding {padding} not negative"
        )
    padded = [n + 2 * p for n, p in zip(x.value.shape[2:], padding, strict=True)]
    spans = [d * (k - 1) + 1 for d, k in zip(dilation, K, strict=True)]
    if any(span > n for span, n in zip(spans, padded, strict=True)):
        raise RuntimeError(
            f"Calculated padded input size per channel: ({' x '.join(map(str, padded))}). "
            f"Kernel size: ({' x '.join(map(str, spans))}). Kernel size can't be greater than actual input size"
        )
