r"""Transposed convolution: every input number adds its multiple of the kernel to the output.

It is the transpose of convolution as a linear map: `ops.convolution` has the formula.
Letters: `N` batch, `C` channels in, `O` channels out, `G` groups, `K` kernel sizes, `L` sizes of the input.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...functions.public import public
from ...ops.convolution import convolve_back
from ...tensor import Tensor
from .conv import per_axis
from .padding import pad

Sizes = int | Sequence[int]


@public
def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    r"""$y_{no,\,sl + dk - p} \mathrel{+}= x_{ncl}\,w_{cok}$, plus $b_o$.

    Shapes:  (N, C, L) or (C, L), weight (C, O/G, K) -> (N, O, L') with $L' = (L - 1)s - 2p + d(K - 1) + p_{out} + 1$.
    """
    return _conv_transpose(1, input, weight, bias, stride, padding, output_padding, groups, dilation)


@public
def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    r"""$y_{no,\,sh + di - p,\,sw + dj - p} \mathrel{+}= x_{nchw}\,w_{coij}$, plus $b_o$.

    Shapes:  (N, C, H, W) or (C, H, W), weight (C, O/G, KH, KW) -> (N, O, H', W').
    Source:  Zeiler et al. 2010, "Deconvolutional networks".
    """
    return _conv_transpose(2, input, weight, bias, stride, padding, output_padding, groups, dilation)


@public
def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    r"""The same in three dimensions.  Shapes:  (N, C, D, H, W), weight (C, O/G, KD, KH, KW) -> (N, O, D', H', W')."""
    return _conv_transpose(3, input, weight, bias, stride, padding, output_padding, groups, dilation)


def _conv_transpose(
    n: int, x: Any, weight: Any, bias: Any, stride: Any, padding: Any, output_padding: Any, G: int, dilation: Any
) -> Tensor:
    """Check the arguments, convolve backwards, and cut the padding off."""
    name = f"conv_transpose{n}d"
    stride, dilation = per_axis(f"{name}: stride", stride, n), per_axis(f"{name}: dilation", dilation, n)
    padding, more = per_axis(f"{name}: padding", padding, n), per_axis(f"{name}: output_padding", output_padding, n)
    if x.ndim == n + 1:  # one image without a batch
        return _conv_transpose(n, x.unsqueeze(0), weight, bias, stride, padding, more, G, dilation).squeeze(0)
    _check(name, n, x, weight, bias, stride, padding, more, G, dilation)
    sizes = zip(x.shape[2:], stride, dilation, weight.shape[2:], strict=True)
    whole = tuple((length - 1) * s + d * (k - 1) + 1 for length, s, d, k in sizes)
    y = convolve_back(x, weight, S=whole, stride=stride, padding=(0,) * n, dilation=dilation, groups=G)
    if any(more):  # before cutting, which may leave nothing else
        y = pad(y, [w for m in reversed(more) for w in (0, m)])
    if any(padding):
        y = pad(y, [-p for p in reversed(padding) for _ in range(2)])
    return y if bias is None else y + bias.reshape(-1, *(1,) * n)


def _check(
    name: str, n: int, x: Any, weight: Any, bias: Any, stride: Any, padding: Any, more: Any, G: int, dilation: Any
) -> None:
    if x.ndim != n + 2:
        raise RuntimeError(
            f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to {name}, but got input of size: "
            f"{list(x.shape)}"
        )
    if weight.ndim != n + 2 or G < 1 or weight.shape[0] % G:
        raise RuntimeError(
            f"{name}: expected a weight of {n + 2} dimensions (C, O/groups, kernel sizes) with C divisible by "
            f"groups={G}, got shape {list(weight.shape)}"
        )
    if x.shape[1] != weight.shape[0]:
        raise RuntimeError(
            f"Given transposed=1, weight of size {list(weight.shape)}, expected input{list(x.shape)} to have "
            f"{weight.shape[0]} channels, but got {x.shape[1]} channels instead"
        )
    O = weight.shape[1] * G
    if bias is not None and tuple(bias.shape) != (O,):
        raise RuntimeError(
            f"Given transposed=1, weight of size {list(weight.shape)}, expected bias to be 1-dimensional with {O} "
            f"elements, but got bias of size {list(bias.shape)} instead"
        )
    if x.dtype != weight.dtype:
        raise RuntimeError(
            f"Input type ({x.dtype}) and weight type ({weight.dtype}) should be the same: convert one with .to(dtype)"
        )
    if bias is not None and bias.dtype != x.dtype:
        raise RuntimeError(
            f"Input type ({x.dtype}) and bias type ({bias.dtype}) should be the same: convert one with .to(dtype)"
        )
    if any(m >= max(s, d) for m, s, d in zip(more, stride, dilation, strict=True)):
        raise RuntimeError(
            "output padding must be smaller than either stride or dilation, but got output_padding "
            f"{more}, stride {stride}, dilation {dilation}"
        )
    sizes = [
        (length - 1) * s - 2 * p + d * (k - 1) + m + 1
        for length, s, p, d, k, m in zip(x.shape[2:], stride, padding, dilation, weight.shape[2:], more, strict=True)
    ]
    if min(sizes) < 1:
        raise RuntimeError(
            f"Given input size per channel: {tuple(x.shape[2:])}. Calculated output size per channel: "
            f"{tuple(sizes)}. Output size is too small"
        )
