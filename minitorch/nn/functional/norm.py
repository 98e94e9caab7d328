r"""Normalisation: over the features (layer), over the batch, over groups of channels.

$$\hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}, \qquad y = \gamma \hat x + \beta$$

They differ only in the axes that $\mu$ and $\sigma^2$ are taken over.  float16 is normalised in float32: the squares,
and their means, may be beyond it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ...backend.devices import library
from ...backend.dtypes import float16
from ...functions.public import public
from ...ops import elementwise as e
from ...ops import normalize as nz
from ...ops import shape as s
from ...tensor import Tensor
from .padding import pad


def _wide(x: Any) -> Any:
    return x.float() if x.dtype is float16 else x


def _like(input: Any, y: Any) -> Any:
    return y.half() if input.dtype is float16 else y


def _scale_and_shift(x: Any, weight: Any, bias: Any, shape: tuple[int, ...]) -> Any:
    """Scale and shift by parameters that are laid out in this shape; either may be None."""
    if weight is None:
        return x if bias is None else e.add(x, s.reshape(bias, shape))
    if x.value.dtype != weight.value.dtype or (bias is not None and bias.value.dtype != weight.value.dtype):
        x = e.mul(x, s.reshape(weight, shape))  # brought to one type
        return x if bias is None else e.add(x, s.reshape(bias, shape))
    return nz.scale_and_shift(x, s.reshape(weight, shape), None if bias is None else s.reshape(bias, shape))


@public
def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    r"""Normalise over the last axes, those of `normalized_shape`.

    Shapes:  input (*, D), weight (D), bias (D) -> (*, D).
    Raises:  RuntimeError if the last sizes of the input are not `normalized_shape`.
    Source:  Ba, Kiros & Hinton 2016, eq. 4 (arXiv:1607.06450).
    """
    shape = _check_normalized("layer_norm", input, normalized_shape, weight=weight, bias=bias)
    axes = tuple(range(input.value.ndim - len(shape), input.value.ndim))
    normal, _, _ = nz.standardize(_wide(input), axes, eps)
    return _like(input, _scale_and_shift(normal, weight, bias, shape))


def _check_normalized(function: str, input: Any, normalized_shape: Any, **others: Any) -> tuple[int, ...]:
    """Return the sizes that are normalised over; they must be the last of the input, and those of the parameters."""
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if not shape or input.value.shape[-len(shape) :] != shape:
        raise RuntimeError(
            f"{function}: Given normalized_shape={list(shape)}, expected input with shape "
            f"[*, {', '.join(map(str, shape))}], but got input of size{list(input.shape)}"
        )
    for name, x in others.items():
        if x is not None and x.value.shape != shape:
            raise RuntimeError(
                f"{function}: Expected {name} to be of same shape as normalized_shape, but got {name} of shape "
                f"{list(x.shape)} and normalized_shape = {list(shape)}"
            )
    return shape


@public
def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    r"""Normalise every channel over the batch (training), or by the running statistics (evaluation).

    While training, $\mu_{run} \leftarrow (1 - m)\,\mu_{run} + m\,\mu$, and the same for the variance, there divided
    by $n - 1$; the output uses the one divided by n.

    Shapes:  input (N, C, *), the others (C).
    Source:  Ioffe & Szegedy 2015, algorithm 1 (arXiv:1502.03167).
    """
    C = input.value.shape[1] if input.value.ndim > 1 else 0
    _check_channels(
        "batch_norm", input, C, running_mean=running_mean, running_var=running_var, weight=weight, bias=bias
    )
    shape = (C,) + (1,) * (input.value.ndim - 2)
    if not training:
        if running_mean is None or running_var is None:
            raise RuntimeError("batch_norm: evaluation needs running_mean and running_var")
        scale = e.rsqrt(e.add(s.reshape(_wide(running_var), shape), eps))
        normal = e.mul(e.sub(input, s.reshape(running_mean, shape)), scale)
        return _like(input, _scale_and_shift(normal, weight, bias, shape))
    axes = (0, *range(2, input.value.ndim))
    n = input.value.size // max(C, 1)
    if n == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {input.shape}")
    normal, mean, var = nz.standardize(_wide(input), axes, eps)
    for running, now, correction in ((running_mean, mean, 1.0), (running_var, var, n / (n - 1))):
        if running is not None and n:
            running.value *= 1.0 - momentum
            running.value += now.value.reshape(C) * (momentum * correction)
            running.cell[0] += 1
    return _like(input, _scale_and_shift(normal, weight, bias, shape))


def _check_channels(name: str, x: Any, C: int, **others: Any) -> None:
    if x.value.ndim < 2:
        raise RuntimeError(f"{name}: expected an input (N, C, *) of at least 2 dimensions, got shape {list(x.shape)}")
    for what, other in others.items():
        if other is not None and other.value.shape != (C,):
            raise RuntimeError(
                f"{name}: {what} should contain {C} elements, as the input {list(x.shape)} has channels, not "
                f"{other.numel()}"
            )


@public
def group_norm(
    input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    r"""Normalise every group of channels of every sample.

    Shapes:  input (N, C, *), weight (C), bias (C).
    Source:  Wu & He 2018 (arXiv:1803.08494).
    """
    C = input.value.shape[1] if input.value.ndim > 1 else 0
    _check_channels("group_norm", input, C, weight=weight, bias=bias)
    if C % num_groups:
        raise RuntimeError(
            f"Expected number of channels in input to be divisible by num_groups, but got input of shape "
            f"{list(input.shape)} and num_groups={num_groups}"
        )
    groups = s.reshape(_wide(input), (input.value.shape[0], num_groups, -1 if input.value.size else 0))
    normal, _, _ = nz.standardize(groups, (2,), eps)
    normal = s.reshape(normal, input.value.shape)
    return _like(input, _scale_and_shift(normal, weight, bias, (C,) + (1,) * (input.value.ndim - 2)))


@public
def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    r"""Normalise every channel of every sample; the running statistics are means over the samples.

    Shapes:  input (N, C, *), the others (C).
    Source:  Ulyanov, Vedaldi & Lempitsky 2016 (arXiv:1607.08022).
    """
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    C = input.value.shape[1] if input.value.ndim > 1 else 0
    _check_channels("instance_norm", input, C, running_mean=running_mean, weight=weight, bias=bias)
    n = math.prod(input.value.shape[2:])
    if n <= 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {input.shape}")
    normal, mean, var = nz.standardize(_wide(input), tuple(range(2, input.value.ndim)), eps)
    for running, now, correction in ((running_mean, mean, 1.0), (running_var, var, n / (n - 1))):
        if running is not None:
            running.value *= 1.0 - momentum
            running.value += now.value.reshape(-1, C).mean(axis=0, dtype=now.value.dtype) * (momentum * correction)
            running.cell[0] += 1
    return _like(input, _scale_and_shift(normal, weight, bias, (C,) + (1,) * (input.value.ndim - 2)))


@public
def rms_norm(
    input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    r"""$y = \gamma\,x / \sqrt{\overline{x^2} + \epsilon}$ over the last axes; $\epsilon$ is the type's unless given.

    Shapes:  input (*, D), weight (D) -> (*, D).
    Source:  Zhang & Sennrich 2019 (arXiv:1910.07467).
    """
    shape = _check_normalized("rms_norm", input, normalized_shape, weight=weight)
    axes = tuple(range(input.value.ndim - len(shape), input.value.ndim))
    x = _wide(input)
    eps = float(library(x.value).finfo(x.value.dtype).eps) if eps is None else eps
    y = x * (x.square().mean(axes, keepdim=True) + eps).rsqrt()
    return _like(input, y if weight is None else y * weight)


@public
def local_response_norm(input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Tensor:
    r"""$y_c = x_c \Big/ \Big(k + \frac{\alpha}{n} \sum_{c'} x_{c'}^2\Big)^\beta$ over the n channels around c.

    Shapes:  (N, C, *) -> the same.
    Source:  Krizhevsky, Sutskever & Hinton 2012, 3.3, "ImageNet classification with deep convolutional networks".
    """
    if input.ndim < 3:
        raise ValueError(f"Expected 3D or higher dimensionality input (got {input.ndim} dimensions)")
    C = input.shape[1]
    squares = pad(input.square(), (0, 0) * (input.ndim - 2) + (size // 2, (size - 1) // 2))
    total = sum((squares.narrow(1, i, C) for i in range(1, size)), squares.narrow(1, 0, C))
    return input / (k + alpha / size * total) ** beta
