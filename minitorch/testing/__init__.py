r"""A kit for testing derivatives: yours, and those of any engine that speaks NumPy.

Of a function of tensors, `check_gradients` checks the first and second derivatives against differences, and that
nothing is written to that belongs to somebody else:

>>> import minitorch as torch
>>> check_gradients(lambda x, y: torch.tanh(x @ y), numbers((2, 3)), numbers((3, 4)))

Of somebody's backward pass in plain NumPy, `check_vjp` says what is wrong with it.  Here a student forgot that
$\tanh' = 1 - \tanh^2$:

>>> import numpy as np
>>> def backward(g, x):
...     return g * (1 - np.tanh(x))
>>> check_vjp(np.tanh, backward, numbers((2, 3)))
Traceback (most recent call last):
    ...
AssertionError: vjp: the gradient of argument 0 is wrong...

A linear map and its transpose are checked exactly, by $\langle Ax, y\rangle = \langle x, A^\top y\rangle$:

>>> check_linear(np.cumsum, lambda y: np.cumsum(y[::-1])[::-1], numbers(5), numbers(5))

`strategies` draws shapes, arrays, axes, indices and geometries for Hypothesis.  Cotangents are random everywhere: with
a cotangent of ones, a softmax whose gradient is zero passes.
"""

from ..autograd.gradcheck import GradcheckError, gradcheck, gradgradcheck
from . import strategies
from .checks import check_linear, check_vjp
from .close import assert_close
from .gradients import check_gradients, check_twins
from .samples import LAYOUTS, numbers

__all__ = [
    "LAYOUTS", "GradcheckError", "assert_close", "check_gradients", "check_linear", "check_twins", "check_vjp",
    "gradcheck", "gradgradcheck", "numbers", "strategies",
]  # fmt: skip
