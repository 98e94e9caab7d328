r"""Fused primitives of networks: softmax and normalisation, each one node with the rule of the whole.

Each stands beside its composite definition in the tests, which say that they agree to second order.
"""

from __future__ import annotations

from typing import Any

from ..backend.arrays import compact, total
from ..backend.devices import library
from ..engine import TABLE, deftwin, defvjp
from . import tuned_normalize as tuned
from .declare import primitive, sum_to
from .elementwise import div, exp, rsqrt
from .reduction import count, kept, spread, sum

Axis = tuple[int, ...]


@primitive
def softmax(x: Any, axis: int) -> Any:
    r"""$y_i = e^{x_i} / \sum_j e^{x_j}$;  $\bar x = y\,(\bar y - \sum_j \bar y_j y_j)$.

    Numerics: the largest number is taken out first, so that nothing overflows.
    """
    lib = library(x)
    y = compact(x - x.max(axis=axis, keepdims=True))
    lib.exp(y, out=y)
    y /= y.sum(axis=axis, keepdims=True)
    return y


def softmax_dx(g: Any, y: Any, axis: int) -> Any:
    r"""$\bar x = y\,(\bar y - \sum_j \bar y_j y_j)$."""
    return y * (g - sum(g * y, (axis,), keepdims=True))


def softmax_dx_tuned(g: Any, y: Any, axis: int) -> Any:
    """`softmax_dx` in one array instead of three."""
    sizes = tuned.blocks(y, (axis,))
    if sizes is not None:
        return tuned.softmax_dx(g, y, sizes).reshape(y.shape)
    step = g * y
    inner = step.sum(axis=axis, keepdims=True)
    library(y).subtract(g, inner, out=step)
    step *= y
    return step


defvjp(softmax, x=softmax_dx)
deftwin(softmax, x=softmax_dx_tuned)


@primitive
def log_softmax(x: Any, axis: int) -> Any:
    r"""$y_i = x_i - \ln \sum_j e^{x_j}$;  $\bar x = \bar y - e^{y} \sum_j \bar y_j$."""
    lib = library(x)
    y = compact(x - x.max(axis=axis, keepdims=True))
    y -= lib.log(lib.exp(y).sum(axis=axis, keepdims=True))
    return y


def log_softmax_dx(g: Any, y: Any, axis: int) -> Any:
    r"""$\bar x = \bar y - e^{y} \sum_j \bar y_j$."""
    return g - exp(y) * sum(g, (axis,), keepdims=True)


def log_softmax_dx_tuned(g: Any, y: Any, axis: int) -> Any:
    """`log_softmax_dx` in one array instead of three."""
    sizes = tuned.blocks(y, (axis,))
    return log_softmax_dx(g, y, axis) if sizes is None else tuned.log_softmax_dx(g, y, sizes).reshape(y.shape)


defvjp(log_softmax, x=log_softmax_dx)
deftwin(log_softmax, x=log_softmax_dx_tuned)


@primitive(outputs=("y", "mean", "var"))
def standardize(x: Any, axis: Axis, eps: float) -> Any:
    r"""Subtract the mean, divide by the standard deviation; return both statistics too.

    $$\mu = \tfrac1n \sum_i x_i, \quad \sigma^2 = \tfrac1n \sum_i (x_i - \mu)^2, \quad
      y = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}$$

    Numerics: two passes; $E[x^2] - E[x]^2$ would cancel.
    """
    lib, n = library(x), count(x.shape, axis)
    mean = total(x, axis, keepdims=True) / n
    y = x - mean
    var = total(lib.square(y), axis, keepdims=True) / n
    y *= 1.0 / lib.sqrt(var + eps)
    return y, mean, var


def standardize_dx(g: Any, y: Any, var: Any, x_shape: Axis, axis: Axis, eps: float) -> Any:
    r"""With $r = (\sigma^2 + \epsilon)^{-1/2}$ and overlines for means over the axis,

    $$\bar x = r\,\big(\bar y - \overline{\bar y} - y\,\overline{\bar y\,y}\big)
      + \tfrac1n \bar\mu + \tfrac2n \overline{\sigma^2}\,\frac{y}{r} .$$
    """
    g_y, g_mean, g_var = g
    n, r = count(x_shape, axis), rsqrt(var + eps)
    terms = []
    if g_y is not None:
        m1 = div(sum(g_y, axis, keepdims=True), n)
        m2 = div(sum(g_y * y, axis, keepdims=True), n)
        terms.append(r * (g_y - m1 - y * m2))
    if g_mean is not None:
        terms.append(spread(div(g_mean, n), x_shape, axis))
    if g_var is not None:
        terms.append(y * div(div(g_var, r) * 2.0, n))
    step = terms[0]
    for term in terms[1:]:
        step = step + term
    return step


def standardize_tuned(x: Any, axis: Axis, eps: float) -> Any:
    """`standardize`, with sums by BLAS and without an array of squares."""
    sizes = tuned.blocks(x, axis)
    if sizes is None:
        return TABLE[standardize].forward(x, axis, eps)
    y, mean, var = tuned.standardize(x, sizes, eps)
    return y.reshape(x.shape), mean.reshape(kept(x.shape, axis)), var.reshape(kept(x.shape, axis))


def standardize_dx_tuned(g: Any, y: Any, var: Any, x_shape: Axis, axis: Axis, eps: float) -> Any:
    """`standardize_dx` in two arrays instead of seven, where nobody asks for the statistics' gradients."""
    g_y, g_mean, g_var = g
    if g_mean is not None or g_var is not None:
        return standardize_dx(g, y, var, x_shape, axis, eps)
    sizes = tuned.blocks(y, axis)
    if sizes is not None:
        return tuned.standardize_dx(g_y, y, var, sizes, eps).reshape(x_shape)
    n = count(x_shape, axis)
    step = g_y * y
    m2 = total(step, axis, keepdims=True)
    m2 /= n
    library(y).multiply(y, m2, out=step)
    m1 = total(g_y, axis, keepdims=True)
    m1 /= n
    step += m1
    library(y).subtract(g_y, step, out=step)
    step *= rsqrt(var + eps)
    return step


defvjp(standardize, x=standardize_dx)
deftwin(standardize, standardize_tuned, x=standardize_dx_tuned)


@primitive
def scale_and_shift(x: Any, weight: Any, bias: Any) -> Any:
    r"""$y = \gamma x + \beta$, with $\gamma$ and $\beta$ of the last shapes of x, or 1 along an axis: what follows `standardize`.

    $\bar x = \gamma\bar y$,  $\bar\gamma = \sum \bar y x$,  $\bar\beta = \sum \bar y$, over the axes they are repeated along.
    """
    y = x * weight
    if bias is not None:
        y += bias
    return compact(y)


def scale_and_shift_dweight(g: Any, x: Any, weight_shape: Axis) -> Any:
    r"""$\bar\gamma = \sum \bar y x$ over the axes that $\gamma$ is repeated along."""
    return sum_to(g * x, weight_shape)


def scale_and_shift_dweight_tuned(g: Any, x: Any, weight_shape: Axis) -> Any:
    """`scale_and_shift_dweight` without the array of the products."""
    found = tuned.scale(g, x, weight_shape)
    return scale_and_shift_dweight(g, x, weight_shape) if found is None else found


defvjp(
    scale_and_shift,
    x=lambda g, weight: g * weight,
    weight=scale_and_shift_dweight,
    bias=lambda g, bias_shape: sum_to(g, bias_shape),
)
deftwin(scale_and_shift, weight=scale_and_shift_dweight_tuned)
