"""Activations made of pieces of lines (and of a parabola): cheap, with kinks."""

from __future__ import annotations

from ..tensor import Tensor
from . import functional as F
from .module import Module


class Hardtanh(Module):
    r"""$y = \min(\max(x, a), b)$."""

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        if min_val > max_val:
            raise ValueError(f"min_val ({min_val}) cannot be greater than max_val ({max_val})")
        self.min_val, self.max_val, self.inplace = min_val, max_val, inplace

    def forward(self, input: Tensor) -> Tensor:
        """Cut off both ends."""
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        """Show the options."""
        return f"min_val={self.min_val}, max_val={self.max_val}" + (", inplace=True" if self.inplace else "")


class ReLU6(Hardtanh):
    r"""$y = \min(\max(x, 0), 6)$."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self) -> str:
        """Show the option."""
        return "inplace=True" if self.inplace else ""


class Hardsigmoid(Module):
    r"""$y = \min(\max(x + 3, 0), 6) / 6$."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Squash to [0, 1]."""
        return F.hardsigmoid(input, self.inplace)


class Hardswish(Module):
    r"""$y = x \min(\max(x + 3, 0), 6) / 6$."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Gate the input by its own hard sigmoid."""
        return F.hardswish(input, self.inplace)


class Threshold(Module):
    r"""$y = x$ where $x > t$, else a constant."""

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold, self.value, self.inplace = threshold, value, inplace

    def forward(self, input: Tensor) -> Tensor:
        """Replace what is not above the threshold."""
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        """Show the options."""
        return f"threshold={self.threshold}, value={self.value}" + (", inplace=True" if self.inplace else "")


class Hardshrink(Module):
    r"""$y = 0$ where $|x| \le \lambda$, else $x$."""

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        """Replace what is small by 0."""
        return F.hardshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """Show the limit."""
        return str(self.lambd)


class Softshrink(Module):
    r"""$y = x - \min(\max(x, -\lambda), \lambda)$."""

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        """Move everything towards 0."""
        return F.softshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """Show the limit."""
        return str(self.lambd)


class Tanhshrink(Module):
    r"""$y = x - \tanh x$."""

    def forward(self, input: Tensor) -> Tensor:
        """Take away what tanh keeps."""
        return F.tanhshrink(input)
