"""Activations (F4) and softmax."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

from ..backend.dtypes import float16
from ..ops import activations as ac
from ..ops import elementwise as e
from ..ops import normalize as nz
from ..ops import shape as s
from ..ops.refusals import refuse_kind
from . import reduction as fr
from .dims import axis_of
from .inplace import placed
from .public import public

if TYPE_CHECKING:
    from ..tensor import Tensor


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    r"""$\max(x, 0)$."""
    return placed(input, e.relu(input), inplace)


def sigmoid(input: Tensor) -> Tensor:
    r"""$1 / (1 + e^{-x})$."""
    return e.sigmoid(input)


def tanh(input: Tensor) -> Tensor:
    r"""$\tanh x$."""
    return e.tanh(input)


@public
def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    r"""$x$ where $x > 0$, else $ax$."""
    return placed(input, e.where(e.gt(input, 0), input, e.mul(input, negative_slope)), inplace)


@public
def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    r"""$x$ where $x > 0$, else $a(e^x - 1)$.

    Numerics: the exponential sees $\min(x, 0)$ only, so that it neither overflows nor makes a nan on the way back.
    """
    positive = e.gt(input, 0)
    below = e.mul(e.expm1(e.where(positive, 0.0, input)), alpha)
    return placed(input, e.where(positive, input, below), inplace)


@public
def silu(input: Tensor, inplace: bool = False) -> Tensor:
    r"""$x\,\sigma(x)$ (Swish).  Source:  Elfwing, Uchibe & Doya 2017 (arXiv:1702.03118)."""
    return placed(input, e.mul(input, e.sigmoid(input)), inplace)


@public
def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    r"""$x\,\Phi(x) = \tfrac{x}{2} (1 + \mathrm{erf}(x / \sqrt 2))$; with "tanh",
    $\tfrac{x}{2} (1 + \tanh(\sqrt{2/\pi}\,(x + 0.044715\,x^3)))$.

    Source:  Hendrycks & Gimpel 2016 (arXiv:1606.08415).
    """
    if approximate == "tanh" and input.dtype is float16:  # the cube may be beyond it
        return gelu(input.float(), approximate).half()
    if approximate == "tanh":
        inner = math.sqrt(2.0 / math.pi) * (input + 0.044715 * (input * input * input))
        return 0.5 * input * (1.0 + e.tanh(inner))
    if approximate != "none":
        raise RuntimeError(f"approximate argument must be either none or tanh, got {approximate!r}")
    if not input.dtype.is_floating_point:
        raise refuse_kind("gelu", [input.value])
    y: Tensor = ac.gelu(input)[0]
    return y


@public
def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    r"""$\tfrac1\beta \ln(1 + e^{\beta x})$, and x itself where $\beta x$ is above the threshold."""
    if beta == 1.0:
        soft = e.softplus(input)
    else:
        soft = e.div(e.softplus(e.mul(input, beta)), beta)
    return e.where(e.gt(e.mul(input, beta), threshold), input, soft)


@public
def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    r"""$y_i = e^{x_i} / \sum_j e^{x_j}$ along a dimension."""
    return _along(nz.softmax, "softmax", input, dim, dtype, _stacklevel)


@public
def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    r"""$y_i = x_i - \ln \sum_j e^{x_j}$ along a dimension."""
    return _along(nz.log_softmax, "log_softmax", input, dim, dtype, _stacklevel)


@public
def softmin(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    r"""Softmax of $-x$."""
    return _along(nz.softmax, "softmin", e.neg(input), dim, dtype, _stacklevel)


def _along(function: Any, name: str, input: Any, dim: int | None, dtype: Any, stacklevel: int) -> Any:
    """Call softmax along one dimension of a floating-point tensor; a 0-d one is taken as 1-d."""
    input = fr.to_dtype(input, dtype)
    if input.value.dtype.kind not in "fc":
        raise refuse_kind(name, [input.value])
    if dim is None:
        warnings.warn(
            f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument: "
            "the entries along it sum to one, dim=-1 for the classes of a batch (N, C).",
            stacklevel=stacklevel + 1,
        )
        dim = 0 if input.value.ndim in (0, 1, 3) else 1  # as PyTorch chooses
    axis = axis_of(dim, input.value.ndim)
    if input.value.size == 0:
        return s.copy(input)
    if input.value.ndim == 0:
        return s.reshape(function(s.reshape(input, (1,)), 0), ())
    return function(input, axis)
