"""Hessian-free optimisation: its parts against dense matrices, its step against Newton's."""

from __future__ import annotations

import gc
import itertools
import math
import weakref

import numpy as np
import pytest

import minitorch
import minitorch.nn.functional as F
from minitorch import nn, optim
from minitorch.autograd import functional
from minitorch.nn import Parameter
from minitorch.optim.conjugate_gradient import Iterate, conjugate_gradient, next_power
from minitorch.optim.flat import flatten, pieces
from minitorch.optim.gauss_newton import GaussNewton
from minitorch.optim.hessian_free import Landscape, adjustment, backtrack, shorten
from tests.strict import counts

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((20, 3)), RNG.standard_normal((20, 2))


def numbers(tensor):
    return tensor.detach().cpu().numpy()


def double(values, device="cpu"):
    return minitorch.tensor(values, dtype=minitorch.float64, device=device)


def parameter(values, device="cpu"):
    return Parameter(double(values, device))


def spd(n, seed=0):
    A = np.random.default_rng(seed).standard_normal((n, n))
    return A @ A.T + 0.1 * np.eye(n)


def mean_square(outputs, target):
    return ((outputs - target) ** 2).mean()


def regression(device="cpu", start=0.0):
    """Return parameters of a linear model, a closure of its squared error, and the dense Hessian and gradient there."""
    w, b = parameter(np.full((3, 2), start), device), parameter(np.full(2, start), device)
    x, y = double(X, device), double(Y, device)

    def closure():
        outputs = x @ w + b
        return mean_square(outputs, y), outputs

    design = np.kron(np.hstack([X, np.ones((20, 1))]), np.eye(2))  # of the vector (w, b)
    H = 2 * design.T @ design / Y.size
    g = H @ np.full(8, start) - 2 * design.T @ Y.reshape(-1) / Y.size
    return [w, b], closure, H, g


def vector(params):
    return np.concatenate([numbers(p).reshape(-1) for p in params])


# ---- conjugate gradients ---------------------------------------------------------------------------------------------


def test_conjugate_gradients_solve_in_as_many_steps_as_there_are_numbers():
    A, b = spd(8), RNG.standard_normal(8)
    kept = conjugate_gradient(lambda v: A @ v, b, RNG.standard_normal(8), tolerance=0.0, max_iter=8)
    np.testing.assert_allclose(kept[-1].x, np.linalg.solve(A, b), rtol=1e-6)
    for x, phi in kept:
        assert phi == pytest.approx(0.5 * x @ A @ x - b @ x)


def test_conjugate_gradients_solve_at_once_with_the_right_preconditioner():
    d, b = np.array([1e-6, 1.0, 1e6]), np.ones(3)
    kept = conjugate_gradient(lambda v: d * v, b, np.zeros(3), preconditioner=d, max_iter=1)
    np.testing.assert_allclose(kept[0].x, b / d)


def test_preconditioned_iterates_are_those_of_the_scaled_equations():
    A, b, M = spd(6), RNG.standard_normal(6), RNG.uniform(0.5, 3, 6)
    C = np.sqrt(M)
    kept = conjugate_gradient(lambda v: A @ v, b, np.zeros(6), preconditioner=M, tolerance=0.0, max_iter=4)
    scaled = conjugate_gradient(lambda v: A / np.outer(C, C) @ v, b / C, np.zeros(6), tolerance=0.0, max_iter=4)
    for (x, phi), (z, psi) in zip(kept, scaled, strict=True):
        np.testing.assert_allclose(x, z / C, rtol=1e-9)
        assert phi == pytest.approx(psi)


def test_conjugate_gradients_stop_when_the_last_iterations_gained_little():
    d = np.logspace(0, -6, 200)
    b, products = RNG.standard_normal(200) * d, []

    def product(v):
        products.append(v)
        return d * v

    for tolerance in (1e-2, 1e-4):
        products.clear()
        kept = conjugate_gradient(product, b, np.zeros(200), tolerance=tolerance, max_iter=10_000)
        stopped = len(products) - 1  # the first is for the residual
        products.clear()
        path = conjugate_gradient(product, b, np.zeros(200), tolerance=0.0, max_iter=stopped)
        assert path[-1].phi == kept[-1].phi
        phis = [0.0, *(conjugate_gradient(product, b, np.zeros(200), tolerance=0.0, max_iter=i)[-1].phi
                       for i in range(1, stopped + 1))]  # fmt: skip
        k = lambda i: max(10, i // 10)
        gains = [i > k(i) and (phis[i] - phis[i - k(i)]) / phis[i] < k(i) * tolerance for i in range(stopped + 1)]
        assert gains.index(True) == stopped


def test_iterates_are_kept_at_the_powers_of_gamma():
    assert [next_power(i) for i in (0, 1, 2)] == pytest.approx([1, 1.3, 1.3**3])
    A, b = np.diag(np.linspace(1, 50, 40)), np.ones(40)
    path = [conjugate_gradient(lambda v: A @ v, b, np.zeros(40), tolerance=0.0, max_iter=i)[-1] for i in range(1, 14)]
    kept = conjugate_gradient(lambda v: A @ v, b, np.zeros(40), tolerance=0.0, max_iter=13)
    assert [phi for _, phi in kept] == [path[i - 1].phi for i in (1, 2, 3, 4, 5, 7, 9, 11, 13)]  # 13 is the last
    assert [phi for _, phi in kept] == sorted((phi for _, phi in kept), reverse=True)


def test_nothing_is_kept_where_there_is_nothing_to_solve():
    assert conjugate_gradient(lambda v: v, np.zeros(3), np.zeros(3)) == []


# ---- the Gauss-Newton matrix -----------------------------------------------------------------------------------------

LOSSES = {
    "squares": lambda z: mean_square(z, double(Y)),
    "cross-entropy": lambda z: F.cross_entropy(z, minitorch.arange(20) % 2),
    "binary cross-entropy": lambda z: F.binary_cross_entropy_with_logits(z, double(Y > 0)),
    "quartic": lambda z: (z**4).sum(),
}


def network(device="cpu"):
    minitorch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).double().to(device)


@pytest.mark.parametrize("name", LOSSES)
def test_product_is_that_of_the_dense_matrix(name):
    net, loss = network(), LOSSES[name]
    params = list(net.parameters())
    names = [n for n, _ in net.named_parameters()]
    shapes = [p.shape for p in params]

    def outputs(*values):
        w1, b1, w2, b2 = values
        return (F.linear(F.linear(double(X), w1, b1).tanh(), w2, b2)).reshape(-1)

    assert names == ["0.weight", "0.bias", "2.weight", "2.bias"]
    values = tuple(p.detach() for p in params)
    J = np.hstack([numbers(part).reshape(40, -1) for part in functional.jacobian(outputs, values)])
    H = numbers(functional.hessian(lambda z: loss(z.reshape(20, 2)), outputs(*values)))
    z = net(double(X))
    G = GaussNewton(loss(z), z, params)
    v = RNG.standard_normal(J.shape[1])
    np.testing.assert_allclose(G(v), J.T @ H @ J @ v, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(G(v), G(v))  # the graphs stay
    u = RNG.standard_normal((20, 2))
    np.testing.assert_allclose(G.pull_back(double(u)), J.T @ u.reshape(-1), rtol=1e-10)
    assert [part.shape for part in pieces(v, params)] == [tuple(s) for s in shapes]


def test_product_on_every_device(device):
    results = []
    for where in ("cpu", device):
        net = network(where)
        z = net(double(X, where))
        G = GaussNewton(mean_square(z, double(Y, where)), z, list(net.parameters()))
        v = minitorch.linspace(-1, 1, 26, dtype=minitorch.float64).to(where)
        results.append(numbers(minitorch.Tensor.wrap(G(v.value))))
    np.testing.assert_allclose(results[1], results[0], rtol=1e-10)


def test_matrix_of_a_linear_loss_is_zero():
    net = network()
    z = net(double(X))
    G = GaussNewton(z.sum(), z, list(net.parameters()))
    assert not G(RNG.standard_normal(26)).any()


def test_a_parameter_that_the_outputs_do_not_reach_has_a_zero_block():
    a, b = parameter([1.0, 2.0]), parameter([3.0])
    z = a * 2
    np.testing.assert_allclose(GaussNewton((z**2).sum(), z, [a, b])(np.ones(3)), [8, 8, 0])


def test_gradient_squares_are_estimated_without_bias():
    net, x, y = network(), double(X), double(Y)
    params = list(net.parameters())
    exact = np.zeros(26)
    for n in range(20):
        loss = ((net(x[n]) - y[n]) ** 2).mean()
        gradients = minitorch.autograd.grad(loss, params)
        exact += np.concatenate([numbers(g).reshape(-1) for g in gradients]) ** 2 / 20
    z = net(x)
    G = GaussNewton(mean_square(z, y), z, params)
    np.testing.assert_allclose(G.gradient_squares(4000), exact, rtol=0.15)
    one = net(x[:1])  # a single row: no mixed terms, no chance
    np.testing.assert_allclose(
        GaussNewton(mean_square(one, y[:1]), one, params).gradient_squares(1),
        flatten([g.value for g in minitorch.autograd.grad(mean_square(net(x[:1]), y[:1]), params)]) ** 2,
    )


# ---- the parts of a step ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("gained", "predicted", "factor"), [
    (-1.0, -1.0, 2 / 3), (-0.76, -1.0, 2 / 3), (-0.74, -1.0, 1.0), (-0.26, -1.0, 1.0), (-0.24, -1.0, 1.5),
    (0.5, -1.0, 1.5), (math.inf, -1.0, 1.5), (-3.0, -1.0, 2 / 3),
])  # fmt: skip
def test_damping_follows_the_reduction_ratio(gained, predicted, factor):
    assert adjustment(gained, predicted) == factor


def on_a_line(function):
    """Return the landscape of a function of one number, at 0."""
    p = parameter([0.0])
    return p, Landscape(lambda: (function(p[0]), p), [p], maximize=False)


def candidates(*steps):
    return [Iterate(np.array([s]), -1.0) for s in steps]


def test_backtracking_stops_before_the_loss_rises():
    p, landscape = on_a_line(lambda x: (x - 1) ** 2)
    assert backtrack(landscape, candidates(1.1, 2.5, 0.5, 1.6, 2.0)) == (candidates(0.5)[0], 0.25)
    assert backtrack(landscape, candidates(0.2, 0.9))[0].x == 0.9
    assert p.item() != 0.0  # it went there to see


def test_backtracking_leaves_where_the_loss_is_no_number():
    _, landscape = on_a_line(lambda x: (x - 1) ** 2 + 0 * (3 - x).log())
    assert backtrack(landscape, candidates(0.5, 2.0, 4.0, 5.0))[0].x == 0.5


def test_line_search_shortens_until_armijo_holds():
    p, landscape = on_a_line(lambda x: (x - 1) ** 2)
    shorten(landscape, np.array([30.0]), landscape(np.array([30.0])), 1.0, -60.0, 1.0)
    t = next(0.8**k for k in range(60) if (30 * 0.8**k - 1) ** 2 <= 1 - 0.01 * 0.8**k * 60)
    assert p.item() == pytest.approx(30 * t)
    shorten(landscape, np.array([1.0]), 0.0, 1.0, -2.0, 0.25)
    assert p.item() == 0.25  # lr is the longest step


def test_line_search_goes_back_where_nothing_helps():
    p, landscape = on_a_line(lambda x: x.abs())
    shorten(landscape, np.array([1.0]), 1.0, 0.0, -1.0, 1.0)
    assert p.item() == 0.0


# ---- the step --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("probes", [0, 3])
def test_one_step_reaches_the_minimum_of_a_quadratic(device, probes):
    params, closure, H, g = regression(device, start=0.5)
    optimizer = optim.HessianFree(params, damping=0.0, tolerance=0.0, probes=probes)
    loss = optimizer.step(closure)
    np.testing.assert_allclose(vector(params), 0.5 - np.linalg.solve(H, g), rtol=1e-8)
    design = np.hstack([X, np.ones((20, 1))])
    np.testing.assert_allclose(numbers(params[0]), np.linalg.lstsq(design, Y, rcond=None)[0][:3], rtol=1e-8)
    assert loss.item() == pytest.approx(((X @ np.full((3, 2), 0.5) + 0.5 - Y) ** 2).mean())
    assert not loss.requires_grad


def test_damped_step_solves_the_damped_equations_and_adapts_the_damping():
    params, closure, H, g = regression()
    optimizer = optim.HessianFree(params, damping=3.0, tolerance=0.0, decay=0.0)
    damping, theta = 3.0, np.zeros(8)
    for _ in range(4):
        gradient = H @ theta + g
        p = -np.linalg.solve(H + damping * np.eye(8), gradient)
        rho = (gradient @ p + 0.5 * p @ H @ p) / (gradient @ p + 0.5 * p @ (H + damping * np.eye(8)) @ p)
        assert rho > 1  # a quadratic falls more than its damped model says
        theta, damping = theta + p, damping * 2 / 3
        optimizer.step(closure)
        np.testing.assert_allclose(vector(params), theta, rtol=1e-8)
        assert optimizer.param_groups[0]["damping"] == pytest.approx(damping)


def test_step_of_logistic_regression_is_newtons():
    w = parameter(np.zeros(3))
    labels = double(X[:, 0] + 0.5 * Y[:, 0] > 0)

    def closure():
        z = double(X) @ w
        return F.binary_cross_entropy_with_logits(z, labels), z

    p = np.full(20, 0.5)
    H = X.T @ (X * (p * (1 - p))[:, None]) / 20
    g = X.T @ (p - numbers(labels)) / 20
    optim.HessianFree([w], damping=0.0, tolerance=0.0).step(closure)
    np.testing.assert_allclose(numbers(w), -np.linalg.solve(H, g), rtol=1e-8)


def test_first_solution_starts_the_next():
    params, closure, H, g = regression()
    optimizer = optim.HessianFree(params, damping=1.0, max_iter=2, tolerance=0.0, decay=0.5)
    optimizer.step(closure)
    last = vector([optimizer.state[p]["direction"] for p in params])
    damping, gradient = optimizer.param_groups[0]["damping"], H @ vector(params) + g
    optimizer.step(closure)
    A = H + damping * np.eye(8)
    expected = conjugate_gradient(lambda v: A @ v, -gradient, 0.5 * last, tolerance=0.0, max_iter=2)[-1].x
    np.testing.assert_allclose(vector([optimizer.state[p]["direction"] for p in params]), expected, rtol=1e-9)


def test_a_second_closure_gives_the_curvature_only():
    params, closure, _, g = regression()

    def doubled():
        loss, outputs = closure()
        return 2 * loss, outputs

    H = regression()[2]
    optim.HessianFree(params, damping=0.0, tolerance=0.0).step(closure, curvature=doubled)
    np.testing.assert_allclose(vector(params), -np.linalg.solve(2 * H, g), rtol=1e-8)


def test_maximize_climbs_the_negated_loss():
    down, closure, _, _ = regression()
    up, other, _, _ = regression()

    def negated():
        loss, outputs = other()
        return -loss, outputs

    one, two = optim.HessianFree(down), optim.HessianFree(up, maximize=True)
    for _ in range(3):
        assert one.step(closure).item() == -two.step(negated).item()
    assert vector(down).tolist() == vector(up).tolist()


def autoencoder(device="cpu"):
    minitorch.manual_seed(1)
    net = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 2), nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 3))
    net, x = net.double().to(device), double(X, device)

    def closure():
        outputs = net(x)
        return mean_square(outputs, x), outputs

    return net, closure


@pytest.mark.parametrize("options", [{}, {"probes": 2}, {"damping": 1e-6}, {"damping": 1e3}, {"lr": 0.5}], ids=str)
def test_loss_of_a_network_never_rises(options):
    net, closure = autoencoder()
    optimizer = optim.HessianFree(net.parameters(), **options)
    losses = [optimizer.step(closure).item() for _ in range(25)]
    assert all(b <= a for a, b in itertools.pairwise(losses))
    assert losses[-1] < 0.7 * losses[0]


def test_an_ill_conditioned_valley_is_followed_where_gradient_descent_creeps():
    residuals = lambda p: minitorch.stack([1 - p[0], 30 * (p[1] - p[0] ** 2)])
    p, q = parameter([-1.2, 1.0]), parameter([-1.2, 1.0])
    free = optim.HessianFree([p], tolerance=0.0)
    for _ in range(60):
        free.step(lambda: (lambda r: ((r**2).sum(), r))(residuals(p)))
    descent = optim.SGD([q], lr=1e-4, momentum=0.9)
    for _ in range(2000):
        descent.zero_grad()
        (residuals(q) ** 2).sum().backward()
        descent.step()
    np.testing.assert_allclose(numbers(p), [1, 1], rtol=1e-6)
    assert abs(q[0].item() - 1) > 1e-3


def test_nothing_moves_at_a_minimum():
    p = parameter([2.0, 3.0])
    optimizer = optim.HessianFree([p])
    assert optimizer.step(lambda: ((p * 0).sum(), p * 0)).item() == 0.0
    assert numbers(p).tolist() == [2.0, 3.0]


def test_step_leaves_gradients_frozen_parameters_and_no_graph_behind():
    net, closure = autoencoder()
    net[0].bias.requires_grad_(False)
    frozen, version = numbers(net[0].bias).copy(), net[0].weight._version
    seen = []

    def watched():
        loss, outputs = closure()
        seen.append(weakref.ref(outputs))
        return loss, outputs

    optimizer = optim.HessianFree(net.parameters(), probes=1)
    gc.collect()
    gc.disable()
    try:
        optimizer.step(watched)
        assert len(seen) > 1
        assert [ref() for ref in seen] == [None] * len(seen)
        assert gc.collect() == 0
    finally:
        gc.enable()
    assert numbers(net[0].bias).tolist() == frozen.tolist()
    assert net[0].weight._version > version
    assert all(p.grad is None and p.is_leaf for p in net.parameters())


def test_closure_is_called_with_and_without_recording():
    net, closure = autoencoder()
    modes = []

    def watched():
        modes.append(minitorch.is_grad_enabled())
        return closure()

    with minitorch.no_grad():
        optim.HessianFree(net.parameters()).step(watched)
    assert modes[0]
    assert not any(modes[1:])


def test_a_reloaded_state_continues_exactly(device, tmp_path):
    (net, closure), (copy, other) = autoencoder(device), autoencoder(device)
    optimizer, again = optim.HessianFree(net.parameters(), max_iter=5), optim.HessianFree(copy.parameters(), damping=77)
    for _ in range(3):
        optimizer.step(closure)
    copy.load_state_dict(net.state_dict())
    minitorch.save(optimizer.state_dict(), tmp_path / "state")
    again.load_state_dict(minitorch.load(tmp_path / "state"))
    for _ in range(3):
        assert optimizer.step(closure).item() == again.step(other).item()
    assert vector(net.parameters()).tolist() == vector(copy.parameters()).tolist()
    assert again.param_groups[0]["damping"] == optimizer.param_groups[0]["damping"]


def test_step_on_a_second_device_stays_there():
    net, closure = autoencoder("strict:1")
    optimizer = optim.HessianFree(net.parameters(), probes=1, max_iter=3)
    counts.clear()
    optimizer.step(closure)
    assert counts["peer"] == 0
    assert {str(s["direction"].device) for s in optimizer.state.values()} == {"strict:1"}


WRONG = [
    (lambda p: optim.HessianFree([p]).step(), TypeError, "missing 1 required positional argument: 'closure'"),
    (lambda p: optim.HessianFree([p]).step(lambda: (p**2).sum()), TypeError, "the closure must return (loss, outputs)"),
    (lambda p: optim.HessianFree([p]).step(lambda: (1.0, p)), TypeError, "the closure must return (loss, outputs)"),
    (lambda p: optim.HessianFree([p]).step(lambda: (p**2, p)), ValueError, "got shapes [2] and [2], requires_grad=T"),
    (
        lambda p: optim.HessianFree([p]).step(lambda: ((p**2).sum(), p.detach())),
        ValueError,
        "outputs that require grad; got shapes [] and [2], requires_grad=False",
    ),
    (lambda p: optim.HessianFree([{"params": [p]}, {"params": []}]), ValueError, "HessianFree has one parameter group"),
    (lambda p: optim.HessianFree([p.requires_grad_(False)]).step(lambda: 0), RuntimeError, "none of the parameters"),
    (lambda p: optim.HessianFree([p], damping=-1), ValueError, "Invalid damping: -1"),
    (lambda p: optim.HessianFree([p], max_iter=0), ValueError, "Invalid max_iter: 0"),
]


@pytest.mark.parametrize(("call", "error", "text"), WRONG, ids=[text for _, _, text in WRONG])
def test_misuse_is_refused(call, error, text):
    with pytest.raises(error) as caught:
        call(parameter([1.0, 2.0]))
    assert text in str(caught.value)
