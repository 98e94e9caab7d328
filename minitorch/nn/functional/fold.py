"""Windows as columns, and back: `im2col` and `col2im` with PyTorch's names and shapes; shuffles of pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...functions.public import public
from ...ops.window import col2im, im2col, output_sizes
from ...tensor import Tensor
from .conv import per_axis

Sizes = int | Sequence[int]


@public
def unfold(input: Tensor, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1) -> Tensor:
    """Every window as a column: (N, C, H, W) -> (N, C·KH·KW, L), with L windows."""
    if input.ndim == 3:
        return unfold(input.unsqueeze(0), kernel_size, dilation, padding, stride).squeeze(0)
    if input.ndim != 4:
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for "
            f"input, but got: {list(input.shape)}"
        )
    K, d = per_axis("unfold: kernel_size", kernel_size, 2), per_axis("unfold: dilation", dilation, 2)
    p, s = per_axis("unfold: padding", padding, 2), per_axis("unfold: stride", stride, 2)
    O = output_sizes(tuple(input.shape[2:]), K, s, p, d)
    if min(O) < 1:
        raise RuntimeError(
            f"Given input with spatial size {tuple(input.shape[2:])}, kernel_size={K}, dilation={d}, padding={p}, "
            f"calculated shape of the array of sliding blocks as {O}, but its components must be at least one."
        )
    N, C = input.shape[:2]
    return im2col(input, K, s, p, d).reshape(N, C * math.prod(K), math.prod(O))


@public
def fold(
    input: Tensor,
    output_size: Sizes,
    kernel_size: Sizes,
    dilation: Sizes = 1,
    padding: Sizes = 0,
    stride: Sizes = 1,
) -> Tensor:
    """Add every column back to where it came from, the transpose of `unfold`: (N, C·KH·KW, L) -> (N, C, H, W)."""
    if input.ndim == 2:
        return fold(input.unsqueeze(0), output_size, kernel_size, dilation, padding, stride).squeeze(0)
    if input.ndim != 3:
        raise RuntimeError(f"Expected 2D or 3D (batch mode) tensor for input to fold, but got: {list(input.shape)}")
    S, K = per_axis("fold: output_size", output_size, 2), per_axis("fold: kernel_size", kernel_size, 2)
    d, p, s = (per_axis("fold", value, 2) for value in (dilation, padding, stride))
    N, rows, L = input.shape
    if rows % math.prod(K):
        raise RuntimeError(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
            f"input.size(1)={rows} and kernel_size={K}."
        )
    O = output_sizes(S, K, s, p, d)
    if min(O) < 1 or math.prod(O) != L:
        raise RuntimeError(
            f"Given output_size={S}, kernel_size={K}, dilation={d}, padding={p}, stride={s}, expected size of input's "
            f"dimension 2 to match the calculated number of sliding blocks {O[0]} * {O[1]} = {math.prod(O)}, but got "
            f"input.size(2)={L}."
        )
    return col2im(input.reshape(N, rows // math.prod(K), *K, *O), S, K, s, p, d)


# ---- shuffles --------------------------------------------------------------------------------------------------------


@public
def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    r"""Channels become pixels: $y_{c,\,rh + i,\,rw + j} = x_{cr^2 + ri + j,\,h,\,w}$.

    Shapes:  (*, C·r², H, W) -> (*, C, H·r, W·r).
    Source:  Shi et al. 2016 (arXiv:1609.05158).
    """
    _three_dims("pixel_shuffle", input)
    r, (C, H, W) = upscale_factor, input.shape[-3:]
    if C % (r * r):
        raise RuntimeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, "
            f"but input.size(-3)={C} is not divisible by {r * r}"
        )
    x = input.reshape(math.prod(input.shape[:-3]), C // (r * r), r, r, H, W).permute(
        0, 1, 4, 2, 5, 3
    )  # (*, C, H, r, W, r)
    return x.clone().reshape(*input.shape[:-3], C // (r * r), H * r, W * r)


@public
def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """Pixels become channels, the reverse of `pixel_shuffle`:  (*, C, H·r, W·r) -> (*, C·r², H, W)."""
    _three_dims("pixel_unshuffle", input)
    r, (C, H, W) = downscale_factor, input.shape[-3:]
    for what, place, size in (("height", -2, H), ("width", -1, W)):
        if size % r:
            raise RuntimeError(
                f"pixel_unshuffle expects {what} to be divisible by downscale_factor, but input.size({place})={size} "
                f"is not divisible by {r}"
            )
    x = input.reshape(math.prod(input.shape[:-3]), C, H // r, r, W // r, r).permute(
        0, 1, 3, 5, 2, 4
    )  # (*, C, r, r, H, W)
    return x.clone().reshape(*input.shape[:-3], C * r * r, H // r, W // r)


def _three_dims(name: str, input: Tensor) -> None:
    if input.ndim < 3:
        raise RuntimeError(
            f"{name} expects input to have at least 3 dimensions, but got input with {input.ndim} dimension(s)"
        )


@public
def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """Deal the channels out of the groups in turn: channel i of group g becomes channel g of group i.

    Source:  Zhang et al. 2017 (arXiv:1707.01083).
    """
    N, C = input.shape[:2]
    if groups < 1 or C % groups:
        raise RuntimeError(f"Number of channels must be divisible by groups. Got {C} channels and {groups} groups.")
    return input.reshape(N, groups, C // groups, *input.shape[2:]).transpose(1, 2).reshape(input.shape)
