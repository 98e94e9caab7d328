"""L-BFGS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..autograd import enable_grad
from ..backend.arrays import quiet
from ..backend.devices import Array
from ..tensor import Tensor
from .flat import flatten, go, gradient
from .line_search import Point, strong_wolfe
from .optimizer import Group, Optimizer, State, at_home, require


class LBFGS(Optimizer):
    r"""Newton's method with a Hessian that is guessed from the last steps and changes of the gradient.

    With $s_i = \theta_{i+1} - \theta_i$, $y_i = g_{i+1} - g_i$, $\rho_i = 1 / y_i^\top s_i$, step k goes along

    $$d = -H_k g, \qquad H_{i+1} = (I - \rho_i s_i y_i^\top)\, H_i\, (I - \rho_i y_i s_i^\top) + \rho_i s_i s_i^\top,
      \qquad H_{k-m} = \frac{s_{k-1}^\top y_{k-1}}{y_{k-1}^\top y_{k-1}}\, I,$$

    where only the last $m$ pairs (`history_size`) count, and $H$ is never written down: `two_loops` applies it.

    One `step(closure)` takes up to `max_iter` such steps.  The closure zeroes the gradients, computes the loss, calls
    `backward` and returns the loss; after `max_eval` calls no further step begins.  It ends early when no
    gradient exceeds `tolerance_grad`, or steps or losses change by less than `tolerance_change`.  A step is `lr` times
    $d$, or, with `line_search_fn="strong_wolfe"`, as long as the strong Wolfe conditions ask.  For full batches.

    Raises:  ValueError for several parameter groups: the step belongs to all parameters together.
    Source:  Liu & Nocedal 1989; Nocedal & Wright 2006, Algorithms 7.4 and 7.5.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
        *,
        maximize: bool = False,
    ) -> None:
        require("learning rate", lr)
        if line_search_fn not in (None, "strong_wolfe"):
            raise ValueError(f"LBFGS: line_search_fn must be 'strong_wolfe' or None, got {line_search_fn!r}")
        max_eval = max_iter * 5 // 4 if max_eval is None else max_eval
        options = {"lr": lr, "max_iter": max_iter, "max_eval": max_eval, "history_size": history_size}
        tolerances = {"tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change}
        super().__init__(params, {**options, **tolerances, "line_search_fn": line_search_fn, "maximize": maximize})

    def add_param_group(self, param_group: Group) -> None:
        """Take the one group that there can be."""
        if self.param_groups:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
        super().add_param_group(param_group)

    @quiet
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Take up to `max_iter` steps; return what the closure returned before the first."""
        if closure is None:
            raise TypeError("LBFGS.step() missing 1 required positional argument: 'closure'")
        self.steps += 1
        group = self.param_groups[0]
        state = self.state[group["params"][0]]
        with at_home(group["params"][0]), enable_grad():
            loss = Loss(closure, group["params"], -1.0 if group["maximize"] else 1.0)
            here, first = loss.look(), loss.returned
            for n in range(1, group["max_iter"] + 1):
                if float(abs(here.gradient).max()) <= group["tolerance_grad"]:
                    break
                d = self.direction(here.gradient, state, group)
                slope = float(here.gradient @ d)
                if slope > -group["tolerance_change"]:
                    break
                start = here._replace(t=0.0, slope=slope)
                here = self.advance(loss, start, d, state, group, last=n == group["max_iter"])
                if loss.calls >= group["max_eval"] or _too_small(start, here, d, group["tolerance_change"]):
                    break
        state["func_evals"] = state.get("func_evals", 0) + loss.calls
        return first

    def direction(self, g: Array, state: State, group: Group) -> Array:
        r"""Remember the last step and the change of the gradient; return $d = -H g$."""
        n = state["n_iter"] = state.get("n_iter", 0) + 1
        if n == 1:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
        else:
            y, s = g - state["prev_flat_grad"].value, state["t"] * state["d"].value
            ys = float(y @ s)
            if ys > 1e-10:  # otherwise H would not stay positive definite
                for name, new in (("old_dirs", Tensor.wrap(y)), ("old_stps", Tensor.wrap(s)), ("ro", 1 / ys)):
                    state[name] = [*state[name], new][-group["history_size"] :]
                state["H_diag"] = ys / float(y @ y)
        memory = zip(state["old_stps"], state["old_dirs"], state["ro"], strict=True)
        d = two_loops(-g, [(s.value, y.value, rho) for s, y, rho in memory], state["H_diag"])
        state["d"], state["prev_flat_grad"] = Tensor.wrap(d), Tensor.wrap(g)
        return d

    @staticmethod
    def advance(loss: Loss, start: Point, d: Array, state: State, group: Group, last: bool) -> Point:
        """Go along d; return where that leads (without a look there, if it is the last step and needs none)."""
        t = float(group["lr"])
        if state["n_iter"] == 1:  # nothing is known of the Hessian: a step no longer than 1
            t *= min(1.0, 1.0 / float(abs(start.gradient).sum()))
        theta = flatten([p.value for p in loss.params])
        if group["line_search_fn"] is not None:
            smallest = group["tolerance_change"] / float(abs(d).max())
            end = strong_wolfe(lambda t: loss.along(theta, d, t), start, t, smallest)
            go(loss.params, theta, end.t * d)
        elif last:
            end = start._replace(t=t)
            go(loss.params, theta, t * d)
        else:
            end = loss.along(theta, d, t)
        state["t"] = end.t
        return end


class Loss:
    """The loss as a function of all parameters; it counts how often it is asked."""

    def __init__(self, closure: Callable[[], Any], params: list[Tensor], sign: float) -> None:
        self.closure, self.params, self.sign = closure, params, sign
        self.calls = 0

    def look(self) -> Point:
        """Return the loss and the gradient where the parameters are."""
        self.calls += 1
        self.returned = self.closure()
        return Point(0.0, self.sign * float(self.returned), 0.0, self.sign * gradient(self.params))

    def along(self, theta: Array, d: Array, t: float) -> Point:
        r"""Go to $\theta + td$, and look."""
        go(self.params, theta, t * d)
        here = self.look()
        return here._replace(t=t, slope=float(here.gradient @ d))


def two_loops(q: Array, pairs: Sequence[tuple[Array, Array, float]], scale: float) -> Array:
    r"""Return $Hq$ for the pairs $(s_i, y_i, \rho_i)$, oldest first, and $H_{k-m} = \text{scale} \cdot I$.

    $$\alpha_i = \rho_i s_i^\top q, \quad q \leftarrow q - \alpha_i y_i \quad\text{(newest first)}; \qquad
      r = \text{scale}\, q; \qquad
      r \leftarrow r + (\alpha_i - \rho_i y_i^\top r)\, s_i \quad\text{(oldest first)}$$

    Source:  Nocedal & Wright 2006, Algorithm 7.4.
    """
    alphas = []
    for s, y, rho in reversed(pairs):
        alphas.append(rho * (s @ q))
        q = q - alphas[-1] * y
    r = scale * q
    for (s, y, rho), alpha in zip(pairs, reversed(alphas), strict=True):
        r = r + (alpha - rho * (y @ r)) * s
    return r


def _too_small(start: Point, end: Point, d: Array, tolerance: float) -> bool:
    return end.t * float(abs(d).max()) <= tolerance or abs(end.f - start.f) < tolerance
