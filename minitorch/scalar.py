r"""Scalar: the engine on Python floats.

Everything that a tensor does to a million numbers at once happens here to one, with the same table of
derivatives.  Read this first:

>>> x, y = Scalar(2.0), Scalar(-3.0)
>>> z = x * y + x.tanh()
>>> z.backward()
>>> x.grad, y.grad                       # dz/dx = y + 1 - tanh² x,  dz/dy = x
(Scalar(-2.92935), Scalar(2))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from .engine import backward, make
from .operators import Operators
from .ops import elementwise as e


def _truth(compare: Callable[[Any, Any], Any]) -> Any:
    """Return a comparison whose answer is Python's True or False, which has no history."""

    def method(self: Scalar, other: Any) -> Any:
        answer = compare(self, other)
        return answer if answer is NotImplemented else bool(answer)

    return method


class Scalar(Operators):
    """A number that remembers how it was computed.  Its gradient, `x.grad`, is one too."""

    payloads: ClassVar[dict[type, None]] = {float: None, bool: None}

    def __init__(self, data: float, requires_grad: bool = True) -> None:
        if not isinstance(data, (int, float)):
            raise TypeError(f"Scalar: expected a number, got {type(data).__name__}")
        self.value = float(data)
        self.cell = [0]
        self.tracked = requires_grad

    @staticmethod
    def coerce(value: Any) -> float:
        """Return the result of a primitive as a float, or a truth value."""
        if getattr(value, "shape", None) == ():  # NumPy's, who was on the other side
            value = value.item()
        if not isinstance(value, (float, int)):
            raise TypeError(
                f"Scalar: expected numbers, but an operation gave {type(value).__name__}: use a Tensor for arrays"
            )
        return value if isinstance(value, bool) else float(value)

    @staticmethod
    def own(value: Any) -> Any:
        """Return the number; of a Scalar, another one with the same value, recorded."""
        return e.mul(value, 1.0) if isinstance(value, Scalar) else float(value)

    @staticmethod
    def meta(value: Any) -> tuple[Any, ...]:
        """Return the shape of a number: ()."""
        return ((),)

    @staticmethod
    def differentiable(value: Any) -> bool:
        """Tell whether this is a number, not a truth value."""
        return type(value) is float

    @staticmethod
    def accumulate(total: float, step: float) -> float:
        """Return total + step."""
        return total + step

    @staticmethod
    def has_nan(value: float) -> bool:
        """Tell whether this is not-a-number."""
        return value != value

    @property
    def data(self) -> float:
        """The number itself; assign to it to take a step of gradient descent."""
        return float(self.value)

    @data.setter
    def data(self, value: float) -> None:
        self.value = float(value)
        self.cell[0] += 1

    @property
    def grad(self) -> Scalar | None:
        """The gradient that `backward()` has accumulated; None before.  Assign None, or 0, to begin anew."""
        return self._grad

    @grad.setter
    def grad(self, new: Scalar | float | None) -> None:
        self._grad = new if new is None or isinstance(new, Scalar) else Scalar(new, requires_grad=False)

    @property
    def requires_grad(self) -> bool:
        """Whether gradients are computed for it."""
        return self.tracked

    def backward(self, gradient: float = 1.0, retain_graph: bool = False, create_graph: bool = False) -> None:
        r"""Add $\partial\,\text{self} / \partial v$ to the `.grad` of every leaf v."""
        if not self.tracked:
            raise RuntimeError(
                "Scalar.backward: this number does not require grad: nothing that it was computed from has "
                "requires_grad=True"
            )
        start = make(Scalar, float(gradient)) if create_graph else float(gradient)
        backward([self], [start], retain_graph or create_graph, create_graph)

    __lt__, __le__, __gt__, __ge__ = _truth(e.lt), _truth(e.le), _truth(e.gt), _truth(e.ge)
    __eq__, __ne__ = _truth(Operators.__eq__), _truth(Operators.__ne__)
    __hash__ = object.__hash__

    def item(self) -> float:
        """Return the number."""
        return float(self.value)

    __float__ = item

    def __bool__(self) -> bool:
        return bool(self.value)

    def __repr__(self) -> str:
        return f"Scalar({self.value:.6g})"

    exp, log, sqrt, square = e.exp, e.log, e.sqrt, e.square
    sin, cos, tan = e.sin, e.cos, e.tan
    tanh, sigmoid, relu, softplus = e.tanh, e.sigmoid, e.relu, e.softplus
    abs, reciprocal, sign, pow = e.abs, e.reciprocal, e.sign, e.pow


Scalar.result = Scalar
