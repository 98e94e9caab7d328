"""Hessian-free optimisation."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from ..autograd import enable_grad, grad, no_grad
from ..backend.devices import Array
from ..tensor import Tensor
from .conjugate_gradient import Iterate, conjugate_gradient
from .flat import flatten, go, pieces
from .gauss_newton import GaussNewton
from .optimizer import Group, Optimizer, at_home, require

Closure = Callable[[], tuple[Tensor, Tensor]]


class HessianFree(Optimizer):
    r"""Newton's method for networks: the curvature is only ever multiplied by, never written down.

    At each step the loss is approximated by a quadratic, with the Gauss-Newton matrix $G$ and damping $\lambda$,

    $$q(p) = f(\theta) + g^\top p + \tfrac12\, p^\top (G + \lambda I)\, p,$$

    which conjugate gradients minimise: $(G + \lambda I)\,p = -g$.  Then $\theta \leftarrow \theta + t\,p$, where

    * conjugate gradients start at `decay` times the last solution, and stop when they no longer gain (`tolerance`);
    * of the iterates on the way, the last one before which the loss does not get lower is $p$ (backtracking);
    * $\rho = \frac{f(\theta + p) - f(\theta)}{q(p) - f(\theta)}$ says how good the approximation was:
      $\lambda \leftarrow \tfrac32 \lambda$ where $\rho < \tfrac14$, and $\tfrac23 \lambda$ where $\rho > \tfrac34$
      (Levenberg and Marquardt);
    * $t$ shrinks from `lr` until $f(\theta + tp) \le f(\theta) + 10^{-2}\, t\, g^\top p$ (Armijo); where no t does, the
      parameters stay.

    The closure returns `(loss, outputs)`, the loss computed from what the network put out, and calls neither
    `backward` nor `zero_grad`:

        def closure():
            outputs = net(x)
            return loss_function(outputs, y), outputs

        optimizer.step(closure)

    The loss must be convex in `outputs`: hand out scores, not probabilities.  The closure is called a few dozen times
    a step, and must always compute the same function: full or large batches, no dropout, no batch statistics.  Terms
    of the loss that do not pass through the outputs, weight decay say, count in g but not in G.

    A second closure, `step(closure, curvature)`, may compute the same on fewer examples, for $G$ alone.

    With `probes` > 0 conjugate gradients are preconditioned with
    $M = \big(\frac1N \sum_n (\nabla \ell_n)^2 + \lambda\big)^{3/4}$, estimated by so many backward passes; the loss
    must then be a mean over the rows of the outputs.

    Source:  Martens 2010, "Deep learning via Hessian-free optimization", Algorithm 2 and section 4;
             `decay`: Martens & Sutskever 2012.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        damping: float = 1.0,
        max_iter: int = 250,
        tolerance: float = 5e-4,
        decay: float = 0.95,
        probes: int = 0,
        *,
        maximize: bool = False,
    ) -> None:
        for what, value in (("learning rate", lr), ("damping", damping), ("tolerance", tolerance), ("decay", decay)):
            require(what, value)
        require("max_iter", max_iter, low=1)
        require("probes", probes)
        options = {"lr": lr, "damping": damping, "max_iter": max_iter, "tolerance": tolerance}
        super().__init__(params, {**options, "decay": decay, "probes": probes, "maximize": maximize})

    def add_param_group(self, param_group: Group) -> None:
        """Take the one group that there can be."""
        if self.param_groups:
            raise ValueError("HessianFree has one parameter group: its step belongs to all parameters together")
        super().add_param_group(param_group)

    def step(self, closure: Closure | None = None, curvature: Closure | None = None) -> Any:
        """Take one step; return the loss before it."""
        if closure is None:
            raise TypeError("HessianFree.step() missing 1 required positional argument: 'closure'")
        self.steps += 1
        group = self.param_groups[0]
        params = [p for p in group["params"] if p.requires_grad]
        if not params:
            raise RuntimeError("HessianFree: none of the parameters requires grad")
        with at_home(params[0]):
            loss, g, G = self.approximate(closure, curvature, params, group["maximize"])
            kept = self.solve(G, g, params, group)
            del G  # and its graph: no more is needed than losses
            if kept:
                landscape = Landscape(closure, params, group["maximize"])
                p, lower = backtrack(landscape, kept)
                group["damping"] *= adjustment(lower - float(loss), p.phi)
                shorten(landscape, p.x, lower, float(loss), float(g @ p.x), float(group["lr"]))
        return -loss if group["maximize"] else loss

    @staticmethod
    def approximate(
        closure: Closure, curvature: Closure | None, params: list[Tensor], maximize: bool
    ) -> tuple[Tensor, Array, GaussNewton]:
        """Return the loss, its gradient and its Gauss-Newton matrix, or that of the second closure."""
        with enable_grad():
            loss, outputs = _call(closure, maximize)
            g = flatten([x.value for x in grad(loss, params, retain_graph=True, materialize_grads=True)])
            if curvature is None:
                return loss.detach(), g, GaussNewton(loss, outputs, params)
            return loss.detach(), g, GaussNewton(*_call(curvature, maximize), params)

    def solve(self, G: GaussNewton, g: Array, params: list[Tensor], group: Group) -> list[Iterate]:
        r"""Solve $(G + \lambda I)\,p = -g$; return the iterates that go downhill, and remember the last."""
        damping, M = group["damping"], None
        if group["probes"]:
            M = (G.gradient_squares(group["probes"]) + damping) ** 0.75
        last = [self.state[p]["direction"].value if self.state[p] else 0 * p.value for p in params]
        kept = conjugate_gradient(
            lambda v: G(v) + damping * v, -g, group["decay"] * flatten(last), M, group["tolerance"], group["max_iter"]
        )
        if kept:
            for p, part in zip(params, pieces(kept[-1].x, params), strict=True):
                self.state[p]["direction"] = Tensor.wrap(part)
        return [iterate for iterate in kept if iterate.phi < 0]


def _call(closure: Closure, maximize: bool) -> tuple[Tensor, Tensor]:
    """Call a closure; return the loss, negated to maximize, and the outputs."""
    found = closure()
    if not (isinstance(found, tuple) and len(found) == 2 and all(isinstance(x, Tensor) for x in found)):
        raise TypeError("HessianFree: the closure must return (loss, outputs), two tensors, and not call backward()")
    loss, outputs = found
    if loss.numel() != 1 or not outputs.requires_grad:
        raise ValueError(
            f"HessianFree: the closure must return a loss of one number, computed from outputs that require grad; "
            f"got shapes {list(loss.shape)} and {list(outputs.shape)}, requires_grad={outputs.requires_grad}"
        )
    return -loss if maximize else loss, outputs


class Landscape:
    """The loss around the place where the parameters were when it was made."""

    def __init__(self, closure: Closure, params: list[Tensor], maximize: bool) -> None:
        self.closure, self.params, self.sign = closure, params, -1.0 if maximize else 1.0
        self.theta = flatten([p.value for p in params])

    def __call__(self, step: Array) -> float:
        """Go there; return the loss, infinity where it is no number."""
        go(self.params, self.theta, step)
        with no_grad():
            f = self.sign * float(self.closure()[0])
        return math.inf if math.isnan(f) else f


def backtrack(landscape: Landscape, kept: list[Iterate]) -> tuple[Iterate, float]:
    """Go back over the iterates as long as the loss gets lower; return the best, and the loss there."""
    best, f = kept[-1], landscape(kept[-1].x)
    for earlier in reversed(kept[:-1]):
        there = landscape(earlier.x)
        if there >= f < math.inf:
            break
        best, f = earlier, there
    return best, f


def adjustment(gained: float, predicted: float) -> float:
    r"""Return what to multiply $\lambda$ by: more damping where the loss fell too little, less where it fell enough."""
    rho = gained / predicted
    return 3 / 2 if rho < 1 / 4 else 2 / 3 if rho > 3 / 4 else 1.0


def shorten(landscape: Landscape, p: Array, f_p: float, f: float, slope: float, t: float) -> None:
    r"""Go to $\theta + tp$, where t shrinks until the loss has fallen by a hundredth of what the slope promises."""
    there = f_p if t == 1 else landscape(t * p)
    for _ in range(60):
        if there <= f + 1e-2 * t * slope:
            go(landscape.params, landscape.theta, t * p)
            return
        t *= 0.8
        there = landscape(t * p)
    go(landscape.params, landscape.theta)
