"""The Gauss-Newton matrix, as a function that multiplies by it."""

from __future__ import annotations

from collections.abc import Sequence

from ..autograd import grad
from ..backend.devices import Array
from ..backend.random import draw
from ..creation import zeros_like
from ..tensor import Tensor
from .flat import flatten, pieces


class GaussNewton:
    r"""The Gauss-Newton matrix of a loss $L(z(\theta))$: its Hessian, if $z$ were linear in $\theta$.

    $$G = J^\top H_L\, J, \qquad J = \frac{\partial z}{\partial \theta}, \qquad
      H_L = \frac{\partial^2 L}{\partial z^2}$$

    It is positive semi-definite wherever L is convex in z, as squared errors are, and cross-entropies of scores.
    Products need three walks back through graphs that are there, each about the price of a gradient:

    $$Jv = \frac{\partial}{\partial u} \big\langle J^\top u,\ v \big\rangle, \qquad
      H_L Jv = \frac{\partial}{\partial z} \Big\langle \frac{\partial L}{\partial z},\ Jv \Big\rangle, \qquad
      Gv = J^\top (H_L Jv)$$

    $J^\top u$ is computed once, by a backward pass that is itself recorded, for a $u$ that is never needed as a number.

    Source:  Schraudolph 2002, "Fast curvature matrix-vector products"; the trick of the first product: Townsend 2017.
    """

    def __init__(self, loss: Tensor, outputs: Tensor, params: Sequence[Tensor]) -> None:
        self.outputs, self.params = outputs, params
        self.u = zeros_like(outputs).requires_grad_()
        self.pulled = grad(outputs, params, self.u, create_graph=True, materialize_grads=True)  # Jᵀu
        (self.slope,) = grad(loss, outputs, create_graph=True, materialize_grads=True)  # ∂L/∂z

    def __call__(self, v: Array) -> Array:
        """Return $Gv$."""
        vs = [Tensor.wrap(part) for part in pieces(v, self.params)]
        used = [(pulled, part) for pulled, part in zip(self.pulled, vs, strict=True) if pulled.requires_grad]
        (Jv,) = grad([p for p, _ in used], self.u, [part for _, part in used], retain_graph=True)
        HJv = Jv * 0
        if self.slope.requires_grad:  # else the loss is linear in the outputs, and G is zero
            (HJv,) = grad(self.slope, self.outputs, Jv, retain_graph=True, materialize_grads=True)
        return self.pull_back(HJv)

    def pull_back(self, v: Tensor) -> Array:
        r"""Return $J^\top v$."""
        found = grad(self.outputs, self.params, v, retain_graph=True, materialize_grads=True)
        return flatten([g.value for g in found])

    def gradient_squares(self, probes: int) -> Array:
        r"""Estimate $\frac1N \sum_n (\nabla_\theta \ell_n)^2$ of a loss $\frac1N \sum_n \ell_n$ over the rows of z.

        $$N\, \mathbb{E} \Big(J^\top \big(s \odot \tfrac{\partial L}{\partial z}\big)\Big)^2, \qquad
          s_n = \pm 1 \text{ at random: the mixed terms have mean 0}$$
        """
        N, ones = self.outputs.shape[0], (1,) * (self.outputs.ndim - 1)
        total = 0
        for _ in range(probes):
            signs = 2.0 * draw("integers", 0, 2, (N, *ones), where=self.outputs.device) - 1
            total = total + self.pull_back(self.slope.detach() * Tensor.wrap(signs.astype(self.slope.value.dtype))) ** 2
        return total * (N / probes)
