r"""Fused activations: functions of one number that would take several passes over memory, and several nodes."""

from __future__ import annotations

import math
from typing import Any

from ..backend import special
from ..backend.arrays import compact
from ..engine import deftwin, defvjp
from .declare import primitive
from .elementwise import exp

DENSITY = 1.0 / math.sqrt(2.0 * math.pi)


@primitive(outputs=("y", "cdf"))
def gelu(x: Any) -> Any:
    r"""$y = x\,\Phi(x)$, and $\Phi(x) = \frac12 (1 + \mathrm{erf}(x/\sqrt2))$, the normal distribution's.

    Source:  Hendrycks & Gimpel 2016 (arXiv:1606.08415).
    """
    cdf = special.erf(x * math.sqrt(0.5))
    cdf += 1.0
    cdf *= 0.5
    return compact(x * cdf), cdf


def gelu_dx(g: Any, x: Any, cdf: Any) -> Any:
    r"""$\bar x = \bar y\,(\Phi + x\varphi) + \bar\Phi\,\varphi$ with the density $\varphi = e^{-x^2/2} / \sqrt{2\pi}$."""
    g_y, g_cdf = g
    density = exp(x * x * -0.5) * DENSITY
    if g_y is None:
        return g_cdf * density
    step = g_y * (cdf + x * density)
    return step if g_cdf is None else step + g_cdf * density


def gelu_dx_tuned(g: Any, x: Any, cdf: Any) -> Any:
    """`gelu_dx` in two arrays instead of six."""
    g_y, g_cdf = g
    if g_y is None or g_cdf is not None:
        return gelu_dx(g, x, cdf)
    step = x * x
    step *= -0.5
    step = exp(step)
    step *= DENSITY
    step *= x
    step += cdf
    step *= g_y
    return step


defvjp(gelu, x=gelu_dx)
deftwin(gelu, x=gelu_dx_tuned)
