"""The inverse of the error function, as a function of tensors."""

from __future__ import annotations

import math
from typing import Any

from ..autograd import Function
from ..backend import special
from ..backend.devices import beside
from ..tensor import Tensor


class Erfinv(Function):
    r"""Inverse of erf.  $\mathrm{erf}(y) = x$;  $\bar x = \bar y\, \frac{\sqrt\pi}{2}\, e^{y^2}$."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Compute y, and keep it."""
        with beside(x.value):
            y = Tensor.wrap(Tensor.coerce(special.erfinv(x.value)))
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        r"""Return $\bar y\, \frac{\sqrt\pi}{2}\, e^{y^2}$."""
        (y,) = ctx.saved_tensors
        return g * (math.sqrt(math.pi) / 2) * (y**2).exp()
