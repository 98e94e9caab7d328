"""Activations beyond the first ones: made of pieces of lines, gated, or drawn at random.

The others (relu, elu, gelu, silu, softmax, ...) are one floor below, in `functions/activation.py`.
"""

from __future__ import annotations

import math
from typing import Any

from ...backend.random import draw
from ...creation import zeros_like
from ...functions.activation import elu, leaky_relu, relu, softmax, softplus
from ...functions.inplace import in_place, placed
from ...functions.pointwise import clamp
from ...functions.public import public
from ...functions.shape import chunk
from ...ops.elementwise import where
from ...tensor import Tensor

SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


# ---- pieces of lines -------------------------------------------------------------------------------------------------


@public
def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    r"""$\min(\max(x, a), b)$; at the corners the derivative is 0."""
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    return placed(input, where(input <= min_val, min_val, where(input >= max_val, max_val, input)), inplace)


@public
def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    r"""$\min(\max(x, 0), 6)$.  Source:  Krizhevsky 2010, "Convolutional deep belief networks on CIFAR-10"."""
    return hardtanh(input, 0.0, 6.0, inplace)


@public
def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    r"""$\min(\max(x + 3, 0), 6) / 6$."""
    return placed(input, relu6(input + 3.0) / 6.0, inplace)


@public
def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    r"""$x \cdot \mathrm{hardsigmoid}(x)$.  Source:  Howard et al. 2019, eq. 2 (arXiv:1905.02244)."""
    return placed(input, input * hardsigmoid(input), inplace)


@public
def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    r"""0 where $|x| \le \lambda$, else $x$."""
    return where(input.abs() <= lambd, 0.0, input)


@public
def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    r"""$x - \min(\max(x, -\lambda), \lambda)$, and 0 within: what is left when $x$ moves by $\lambda$ towards 0."""
    if lambd < 0:
        raise RuntimeError(f"lambda must be greater or equal to 0, but found to be {lambd}.")
    return where(abs(input) <= lambd, 0.0, input - clamp(input, -lambd, lambd))


@public
def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    r"""$x$ where $x > t$, else a constant."""
    return placed(input, where(input <= threshold, value, input), inplace)


@public
def prelu(input: Tensor, weight: Tensor) -> Tensor:
    r"""$x$ where $x > 0$, else $ax$, with a learned $a$: one for all, or one a channel.

    Shapes:  input (N, C, *), weight (1) or (C).
    Source:  He et al. 2015, eq. 1 (arXiv:1502.01852).
    """
    if weight.ndim > 1:
        raise RuntimeError(f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight.ndim}")
    if weight.numel() > 1:
        channels = input.shape[1] if input.ndim > 1 else 1
        if weight.numel() != channels:
            raise RuntimeError(
                f"Mismatch of parameter numbers and input channel size. Found parameter numbers = {weight.numel()} "
                f"and channel size = {channels}."
            )
        weight = weight.reshape(-1, *(1,) * (input.ndim - 2))
    elif weight.ndim:
        weight = weight.reshape(())
    return where(input > 0, input, weight * input)


@public
def rrelu(
    input: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, inplace: bool = False
) -> Tensor:
    r"""$x$ where $x > 0$, else $ax$; in training $a \sim U(l, u)$ for every number, else $a = (l + u) / 2$.

    Source:  Xu et al. 2015, 2.4 (arXiv:1505.00853).
    """
    if lower > upper:
        raise RuntimeError(f"Lower bound should be less than or equal to the upper bound, got {lower} and {upper}")
    if not training:
        return leaky_relu(input, (lower + upper) / 2, inplace)
    slope = Tensor.wrap(draw("uniform", lower, upper, tuple(input.shape), where=input.device)).to(input.dtype)
    return placed(input, where(input > 0, input, slope * input), inplace)


# ---- smooth ----------------------------------------------------------------------------------------------------------


@public
def selu(input: Tensor, inplace: bool = False) -> Tensor:
    r"""$s\,\mathrm{elu}_\alpha(x)$, with the $s$ and $\alpha$ that keep mean 0 and variance 1 from layer to layer.

    Source:  Klambauer et al. 2017, eq. 2 and 14 (arXiv:1706.02515).
    """
    return placed(input, SELU_SCALE * elu(input, SELU_ALPHA), inplace)


@public
def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    r"""$x$ where $x > 0$, else $\alpha (e^{x/\alpha} - 1)$: an elu without a corner at 0.

    Source:  Barron 2017, eq. 2 (arXiv:1704.07483).
    """
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    below = alpha * (where(input > 0, 0.0, input) / alpha).expm1()  # the exponential of what is positive may overflow
    return placed(input, where(input > 0, input, below), inplace)


@public
def mish(input: Tensor, inplace: bool = False) -> Tensor:
    r"""$x \tanh(\ln(1 + e^x))$.  Source:  Misra 2019, eq. 2 (arXiv:1908.08681)."""
    return placed(input, input * softplus(input).tanh(), inplace)


@public
def tanhshrink(input: Tensor) -> Tensor:
    r"""$x - \tanh x$."""
    return input - input.tanh()


@public
def softsign(input: Tensor) -> Tensor:
    r"""$x / (1 + |x|)$."""
    return input / (1.0 + input.abs())


@public
def logsigmoid(input: Tensor) -> Tensor:
    r"""$\ln \sigma(x) = -\ln(1 + e^{-x})$."""
    return -softplus(-input, threshold=math.inf)


@public
def glu(input: Tensor, dim: int = -1) -> Tensor:
    r"""$a \odot \sigma(b)$, with the two halves of the input along a dimension.

    Source:  Dauphin et al. 2016, eq. 1 (arXiv:1612.08083).
    """
    if input.ndim == 0:
        raise RuntimeError("glu does not support 0-dimensional tensors")
    if input.shape[dim] % 2:
        raise RuntimeError(
            f"Halving dimension must be even, but dimension {dim} of the input {list(input.shape)} is size "
            f"{input.shape[dim]}"
        )
    a, b = chunk(input, 2, dim)
    return a * b.sigmoid()


@public
def gumbel_softmax(logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Tensor:
    r"""$\mathrm{softmax}((z + \gamma)/\tau)$ with $\gamma = -\ln E$, $E \sim \mathrm{Exp}(1)$: a nearly one-hot sample.

    With `hard` the output is one-hot, and its gradient that of the soft one.
    Source:  Jang, Gu & Poole 2016 (arXiv:1611.01144); Maddison, Mnih & Teh 2016 (arXiv:1611.00712).
    """
    waits: Any = Tensor.wrap(draw("standard_exponential", tuple(logits.shape), where=logits.device)).to(logits.dtype)
    soft = softmax((logits - waits.log()) / tau, dim)
    if not hard:
        return soft
    one_hot = zeros_like(logits).scatter(dim, soft.detach().argmax(dim, keepdim=True), 1.0)
    return one_hot - soft.detach() + soft


relu_, leaky_relu_, elu_ = public(in_place(relu)), public(in_place(leaky_relu)), public(in_place(elu))
selu_, celu_, hardtanh_ = public(in_place(selu)), public(in_place(celu)), public(in_place(hardtanh))
threshold_, rrelu_ = public(in_place(threshold)), public(in_place(rrelu))
