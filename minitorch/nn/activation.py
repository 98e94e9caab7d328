r"""Activations: the $f$ of a layer $y = f(Wx + b)$ (F4: $a^{(l+1)} = f(z^{(l+1)})$).

The formulas and their sources are in `functional`; the modules here carry the options.  Those made of pieces of lines
are in `piecewise`, those that sum to one in `softmax`.
"""

from __future__ import annotations

from typing import Any

from ..creation import empty
from ..tensor import Tensor
from . import functional as F
from . import init
from .module import Module
from .parameter import Parameter


class ReLU(Module):
    r"""$y = \max(0, x)$."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Cut off what is negative."""
        return F.relu(input, self.inplace)

    def extra_repr(self) -> str:
        """Show the option."""
        return "inplace=True" if self.inplace else ""


class LeakyReLU(Module):
    r"""$y = \max(0, x) + \alpha \min(0, x)$."""

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope, self.inplace = negative_slope, inplace

    def forward(self, input: Tensor) -> Tensor:
        """Flatten what is negative."""
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        """Show the options."""
        return f"negative_slope={self.negative_slope}" + (", inplace=True" if self.inplace else "")


class PReLU(Module):
    r"""$y = \max(0, x) + a \min(0, x)$ with a learned $a$: one for all channels, or one for each.

    Shapes:  (N, C, *) -> the same, weight (num_parameters,), which is 1 or C.
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start again."""
        init.constant_(self.weight, self.init)

    def forward(self, input: Tensor) -> Tensor:
        """Flatten what is negative, as much as was learned."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """Show the number of slopes."""
        return f"num_parameters={self.num_parameters}"


class RReLU(Module):
    r"""$y = \max(0, x) + a \min(0, x)$; in training $a \sim U(l, u)$ for every number, else $a = (l + u)/2$."""

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, inplace: bool = False) -> None:
        super().__init__()
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def forward(self, input: Tensor) -> Tensor:
        """Flatten what is negative, at random in training."""
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        """Show the options."""
        return f"lower={self.lower}, upper={self.upper}" + (", inplace=True" if self.inplace else "")


class ELU(Module):
    r"""$y = x$ for $x > 0$, else $\alpha (e^x - 1)$."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha, self.inplace = alpha, inplace

    def forward(self, input: Tensor) -> Tensor:
        """Bend what is negative."""
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """Show the options."""
        return f"alpha={self.alpha}" + (", inplace=True" if self.inplace else "")


class CELU(Module):
    r"""$y = x$ for $x > 0$, else $\alpha (e^{x/\alpha} - 1)$."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha, self.inplace = alpha, inplace

    def forward(self, input: Tensor) -> Tensor:
        """Bend what is negative."""
        return F.celu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """Show the options."""
        return f"alpha={self.alpha}" + (", inplace=True" if self.inplace else "")


class SELU(Module):
    r"""$y = s\,\mathrm{elu}_\alpha(x)$, with the constants that keep mean 0 and variance 1 from layer to layer."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Bend what is negative, and scale."""
        return F.selu(input, self.inplace)

    def extra_repr(self) -> str:
        """Show the option."""
        return "inplace=True" if self.inplace else ""


class SiLU(Module):
    r"""$y = x\,\sigma(x)$, the swish."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Gate the input by its own sigmoid."""
        return F.silu(input, self.inplace)

    def extra_repr(self) -> str:
        """Show the option."""
        return "inplace=True" if self.inplace else ""


class Mish(Module):
    r"""$y = x \tanh(\ln(1 + e^x))$."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Gate the input by itself."""
        return F.mish(input, self.inplace)

    def extra_repr(self) -> str:
        """Show the option."""
        return "inplace=True" if self.inplace else ""


class GELU(Module):
    r"""$y = x\,\Phi(x)$, with the normal distribution function; `approximate="tanh"` for the tanh formula."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        """Gate the input by the normal distribution."""
        return F.gelu(input, approximate=self.approximate)

    def extra_repr(self) -> str:
        """Show the option."""
        return f"approximate={self.approximate!r}"


class Sigmoid(Module):
    r"""$y = 1 / (1 + e^{-x})$."""

    def forward(self, input: Tensor) -> Tensor:
        """Squash to (0, 1)."""
        return input.sigmoid()


class LogSigmoid(Module):
    r"""$y = -\ln(1 + e^{-x})$."""

    def forward(self, input: Tensor) -> Tensor:
        """Take the logarithm of the sigmoid."""
        return F.logsigmoid(input)


class Tanh(Module):
    r"""$y = \tanh x$."""

    def forward(self, input: Tensor) -> Tensor:
        """Squash to (-1, 1)."""
        return input.tanh()


class Softplus(Module):
    r"""$y = \frac1\beta \ln(1 + e^{\beta x})$; above the threshold, $y = x$."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def forward(self, input: Tensor) -> Tensor:
        """Smooth the corner of ReLU."""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """Show the options."""
        return f"beta={self.beta}, threshold={self.threshold}"


class Softsign(Module):
    r"""$y = x / (1 + |x|)$."""

    def forward(self, input: Tensor) -> Tensor:
        """Squash to (-1, 1), slowly."""
        return F.softsign(input)


class GLU(Module):
    r"""$y = a \odot \sigma(b)$, with the two halves of the input along a dimension."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Gate one half by the other."""
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        """Show the dimension."""
        return f"dim={self.dim}"
