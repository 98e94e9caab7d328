"""L-BFGS and its line search: against dense BFGS, the conditions themselves, and PyTorch."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

import minitorch
from minitorch import optim
from minitorch.nn import Parameter
from minitorch.optim.lbfgs import two_loops
from minitorch.optim.line_search import Point, cubic_minimum, strong_wolfe
from tests.strict import counts

RNG = np.random.default_rng(0)
SEARCHES = [None, "strong_wolfe"]


def numbers(tensor):
    return tensor.detach().cpu().numpy()


def rosenbrock(p):
    return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2


def minimise(function, p, optimizer, steps=1):
    """Take steps; return the losses before them, and how often the function was called."""
    calls = []

    def closure():
        calls.append(1)
        optimizer.zero_grad()
        loss = function(p)
        loss.backward()
        return loss

    return [optimizer.step(closure).item() for _ in range(steps)], len(calls)


def start(values=(-1.2, 1.0), device="cpu"):
    return Parameter(minitorch.tensor(values, dtype=minitorch.float64, device=device))


# ---- the parts -------------------------------------------------------------------------------------------------------


def test_two_loops_multiply_by_the_matrix_of_bfgs():
    n, H = 6, 0.7 * np.eye(6)
    pairs = []
    for _ in range(4):
        s = RNG.standard_normal(n)
        y = s + 0.3 * RNG.standard_normal(n)
        rho = 1 / (y @ s)
        pairs.append((s, y, rho))
        V = np.eye(n) - rho * np.outer(y, s)
        H = V.T @ H @ V + rho * np.outer(s, s)
    q = RNG.standard_normal(n)
    np.testing.assert_allclose(two_loops(q, pairs, 0.7), H @ q, rtol=1e-10)


def test_cubic_minimum_is_that_of_the_cubic():
    f, slope = lambda t: t**3 - 3 * t + 1, lambda t: 3 * t**2 - 3  # its minimum is at 1
    for a, b in ((0.0, 2.0), (2.0, 0.5), (-0.9, 0.1)):
        points = Point(a, f(a), slope(a)), Point(b, f(b), slope(b))
        assert cubic_minimum(*points, -10, 10) == pytest.approx(1.0)
        assert cubic_minimum(*points, 2, 3) == 2
    straight = Point(0.0, 0.0, -1.0), Point(1.0, -1.0, -1.0)
    assert cubic_minimum(*straight, 1, 3) == 2
    assert cubic_minimum(Point(0.0, 0.0, -1.0), Point(1.0, math.inf, math.nan), 0, 1) == 0.5


FUNCTIONS = {
    "parabola": (lambda t: (t - 3) ** 2, lambda t: 2 * (t - 3)),
    "cosine": (lambda t: math.cos(t + 0.1), lambda t: -math.sin(t + 0.1)),
    "far": (lambda t: -t / (t**2 + 2e4), lambda t: (t**2 - 2e4) / (t**2 + 2e4) ** 2),
    "steep": (lambda t: -20 * t + math.exp(t), lambda t: -20 + math.exp(t)),
    "narrow": (
        lambda t: (t + 0.004) ** 5 - 2 * (t + 0.004) ** 4,
        lambda t: 5 * (t + 0.004) ** 4 - 8 * (t + 0.004) ** 3,
    ),
    "wall": (
        lambda t: -t - 0.01 * math.log(2 - t) if t < 2 else math.nan,
        lambda t: -1 + 0.01 / (2 - t) if t < 2 else math.nan,
    ),
}


@pytest.mark.parametrize("c2", [0.9, 0.1])
@pytest.mark.parametrize("t", [1e-3, 0.1, 1.0, 30.0])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_line_search_finds_a_point_of_the_strong_wolfe_conditions(name, t, c2):
    f, slope = FUNCTIONS[name]
    looks = []

    def look(t):
        looks.append(t)
        return Point(t, f(t), slope(t))

    origin = Point(0.0, f(0), slope(0))
    end = strong_wolfe(look, origin, t, 1e-9, c2=c2)
    assert end.t in looks
    assert end.f <= origin.f + 1e-4 * end.t * origin.slope
    assert abs(end.slope) <= c2 * abs(origin.slope)
    assert len(looks) <= 25


def test_line_search_gives_up_with_the_lowest_point():
    downhill = lambda t: Point(t, -t, -1.0)  # for ever
    end = strong_wolfe(downhill, Point(0.0, 0.0, -1.0), 1.0, 1e-9, max_looks=5)
    assert end.t > 1e2
    uphill = lambda t: Point(t, t, -1.0)  # a slope that lies
    assert strong_wolfe(uphill, Point(0.0, 0.0, -1.0), 1.0, 1e-9).t == 0.0


# ---- the whole -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("search", SEARCHES)
def test_quadratic_is_solved(device, search):
    rng = np.random.default_rng(0)
    A, b = rng.standard_normal((5, 5)), rng.standard_normal(5)
    A = A @ A.T + np.eye(5)
    matrix, right = (minitorch.tensor(v, device=device) for v in (A, b))
    p = start(np.zeros(5), device)
    optimizer = optim.LBFGS([p], max_iter=60, line_search_fn=search, tolerance_grad=1e-9, tolerance_change=1e-14)
    minimise(lambda p: 0.5 * p @ matrix @ p - right @ p, p, optimizer)
    np.testing.assert_allclose(numbers(p), np.linalg.solve(A, b), rtol=1e-6)


def test_rosenbrocks_valley_is_followed_to_its_end():
    p = start()
    optimizer = optim.LBFGS([p], line_search_fn="strong_wolfe", tolerance_change=1e-12)
    losses, calls = minimise(rosenbrock, p, optimizer, steps=3)
    np.testing.assert_allclose(numbers(p), [1, 1], rtol=1e-6)
    assert losses[0] == pytest.approx(24.2)
    assert calls < 100


def test_several_parameters_move_together():
    a, b = start([3.0]), start([[1.0, 2.0]])
    unused = start([5.0])
    optimizer = optim.LBFGS([a, b, unused], line_search_fn="strong_wolfe", tolerance_change=1e-14)
    minimise(lambda _: ((a - 1) ** 2).sum() + ((b * a) ** 2).sum(), None, optimizer, steps=3)
    np.testing.assert_allclose([a.item(), *numbers(b)[0]], [1, 0, 0], atol=1e-6)
    assert unused.item() == 5.0


@pytest.mark.parametrize("search", SEARCHES)
def test_maximize_climbs(search):
    p = start([1.0, 2.0])
    minimise(lambda p: -((p - 3) ** 2).sum(), p, optim.LBFGS([p], line_search_fn=search, maximize=True))
    np.testing.assert_allclose(numbers(p), [3, 3], rtol=1e-6)


@pytest.mark.parametrize("search", SEARCHES)
def test_step_returns_the_first_loss_and_keeps_to_its_limits(search):
    p = start()
    optimizer = optim.LBFGS([p], lr=1e-3, max_iter=7, max_eval=4, line_search_fn=search)
    (loss,), calls = minimise(rosenbrock, p, optimizer)
    assert loss == pytest.approx(24.2)
    assert 4 <= calls <= 5
    assert optimizer.state[p]["func_evals"] == calls


def test_nothing_moves_at_a_minimum():
    p = start([1.0, 1.0])
    _, calls = minimise(rosenbrock, p, optim.LBFGS([p]))
    assert numbers(p).tolist() == [1, 1]
    assert calls == 1


def test_closure_is_run_with_gradients_and_the_version_moves():
    p = start()
    version = p._version
    with minitorch.no_grad():
        minimise(rosenbrock, p, optim.LBFGS([p], max_iter=2))
    assert p._version > version
    assert p.is_leaf


@pytest.mark.parametrize("search", SEARCHES)
def test_steps_on_a_second_device_stay_there(search):
    p = start(device="strict:1")
    optimizer = optim.LBFGS([p], max_iter=3, line_search_fn=search)
    counts.clear()
    minimise(rosenbrock, p, optimizer)
    assert counts["peer"] == 0
    assert str(p.device) == str(optimizer.state[p]["d"].device) == "strict:1"


def test_misuse_is_refused():
    p = start()
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'closure'"):
        optim.LBFGS([p]).step()
    with pytest.raises(ValueError, match="LBFGS doesn't support per-parameter options"):
        optim.LBFGS([{"params": [p]}, {"params": [start()]}])
    with pytest.raises(ValueError, match="line_search_fn must be 'strong_wolfe' or None, got 'x'"):
        optim.LBFGS([p], line_search_fn="x")
    with pytest.raises(ValueError, match="Invalid learning rate: -1"):
        optim.LBFGS([p], lr=-1)


@pytest.mark.parametrize("search", SEARCHES)
def test_a_reloaded_state_continues_exactly(device, search, tmp_path):
    p = start(device=device)
    optimizer = optim.LBFGS([p], lr=0.1, max_iter=3, history_size=4, line_search_fn=search)
    minimise(rosenbrock, p, optimizer, steps=2)
    q = Parameter(p.detach().clone())
    minitorch.save(optimizer.state_dict(), tmp_path / "state")
    minimise(rosenbrock, p, optimizer, steps=2)
    again = optim.LBFGS([q])
    again.load_state_dict(minitorch.load(tmp_path / "state"))
    minimise(rosenbrock, q, again, steps=2)
    assert numbers(q).tolist() == numbers(p).tolist()
    assert len(again.state[q]["old_dirs"]) == 4
    assert again.state[q]["old_dirs"][0].device == p.device


@pytest.mark.parametrize("options", [{}, {"history_size": 3, "lr": 0.5}, {"tolerance_change": 1e-2}], ids=str)
@pytest.mark.parametrize("search", SEARCHES)
def test_ten_steps_and_a_reloaded_state_equal_pytorchs(oracle, search, options):
    rng = np.random.default_rng(0)
    first = [rng.standard_normal(s) for s in ((4, 3), (4,), (1, 4), (1,))]
    x, y = rng.standard_normal((20, 3)), rng.standard_normal((20, 1))

    def run(torch):
        net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)).double()
        net.load_state_dict({key: torch.tensor(v) for key, v in zip(net.state_dict(), first, strict=True)})
        optimizer = torch.optim.LBFGS(net.parameters(), max_iter=2, line_search_fn=search, **options)
        for t in range(10):
            if t == 5:
                state = copy.deepcopy(optimizer.state_dict())
                optimizer = torch.optim.LBFGS(net.parameters())
                optimizer.load_state_dict(state)

            def closure(optimizer=optimizer):
                optimizer.zero_grad()
                loss = ((net(torch.tensor(x)) - torch.tensor(y)) ** 2).mean()
                loss.backward()
                return loss

            optimizer.step(closure)
        state = optimizer.state_dict()["state"][0]
        return [p.detach().numpy() for p in net.parameters()], [state["n_iter"], state["func_evals"]]

    (ours, our_counts), (theirs, their_counts) = run(minitorch), run(oracle)
    assert our_counts == their_counts
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-8)
