"""Adafactor and Muon, whose step belongs to a whole matrix."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import minitorch
from minitorch import nn, optim
from minitorch.nn import Parameter
from minitorch.optim.muon import orthogonalize
from tests.strict import counts, forbid, no_sync

RNG = np.random.default_rng(0)


def numbers(tensor):
    return tensor.detach().cpu().numpy()


def run(optimizer, p, gradients):
    for g in gradients:
        p.grad = minitorch.tensor(g, device=p.device)
        optimizer.step()


# ---- Adafactor -------------------------------------------------------------------------------------------------------


def adafactor(x, gradients, lr=1e-2, beta2_decay=-0.8, eps=(None, 1e-3), d=1.0, weight_decay=0.0, maximize=False):
    eps1 = np.finfo(x.dtype).eps if eps[0] is None else eps[0]
    rms = lambda a: np.sqrt(np.mean(a**2))
    R = C = V = 0.0
    for t, g in enumerate(gradients, start=1):
        g = -g if maximize else g
        beta = 1 - t**beta2_decay
        alpha = max(eps[1], rms(x)) * min(lr, 1 / np.sqrt(t))
        x = x - lr * weight_decay * x
        if x.ndim > 1:
            R = beta * R + (1 - beta) * (g**2).mean(-1)
            C = beta * C + (1 - beta) * (g**2).mean(-2)
            V = np.einsum("...i,...j->...ij", R, C) / np.maximum(R.mean(-1), eps1)[..., None, None]
        else:
            V = beta * V + (1 - beta) * g**2
        u = g / np.maximum(np.sqrt(V), eps1)
        x = x - alpha * u / max(1.0, rms(u) / d)
    return x


OPTIONS = [
    {},
    {"lr": 0.3, "beta2_decay": -0.5, "eps": (1e-2, 0.1), "d": 1.5, "weight_decay": 0.1, "maximize": True},
]


@pytest.mark.parametrize("options", OPTIONS, ids=["defaults", "options"])
@pytest.mark.parametrize("shape", [(3, 4), (5,), (2, 3, 4), ()], ids=str)
def test_adafactor_is_its_recurrence(device, shape, options):
    start, gradients = RNG.standard_normal(shape), RNG.standard_normal((6, *shape))
    p = Parameter(minitorch.tensor(start, device=device))
    run(optim.Adafactor([p], **options), p, gradients)
    np.testing.assert_allclose(numbers(p), adafactor(start, gradients, **options), rtol=1e-10)


def test_adafactor_keeps_a_row_and_a_column():
    p = Parameter(minitorch.zeros(50, 70))
    p.grad = minitorch.randn(50, 70)
    optimizer = optim.Adafactor([p])
    optimizer.step()
    assert sum(v.numel() for v in optimizer.state[p].values() if isinstance(v, minitorch.Tensor)) == 50 + 70


def test_adafactor_is_exact_for_squares_of_rank_one():
    g = np.outer(RNG.uniform(1, 2, 3), RNG.uniform(1, 2, 4))
    p = Parameter(minitorch.ones(3, 4, dtype=minitorch.float64))
    run(optim.Adafactor([p], lr=0.1), p, [g])
    np.testing.assert_allclose(numbers(p), 0.9, rtol=1e-12)  # rms(θ) = 1: every number moves by lr


@pytest.mark.parametrize(("option", "text"), [
    ({"lr": -1}, "Learning rate should be >= 0 but is: -1"),
    ({"beta2_decay": 1}, "beta2_decay should be <= 0 but is: 1"),
    ({"eps": (-1, 1)}, "epsilon1 should be >= 0 but is: -1"),
    ({"eps": (None, -1)}, "epsilon2 should be >= 0 but is: -1"),
    ({"d": 0.5}, "Clipping threshold d should be >= 1 but is: 0.5"),
    ({"weight_decay": -1}, "weight_decay should be >= 0 but is: -1"),
])  # fmt: skip
def test_adafactor_refuses_what_does_not_fit(option, text):
    with pytest.raises(ValueError, match=text.replace("(", r"\(")):
        optim.Adafactor([Parameter(minitorch.ones(1))], **option)


# ---- Muon ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(4, 4), (3, 5), (6, 2)], ids=str)
def test_newton_and_schulz_make_a_matrix_orthogonal(shape):
    X = RNG.standard_normal(shape)
    U, _, Vt = np.linalg.svd(X, full_matrices=False)
    cubic = (1.5, -0.5, 0.0)  # the coefficients that converge
    np.testing.assert_allclose(orthogonalize(X, cubic, 60, 1e-7), U @ Vt, rtol=1e-8, atol=1e-10)
    singular = np.linalg.svd(orthogonalize(1e3 * X, (3.4445, -4.7750, 2.0315), 6, 1e-7), compute_uv=False)
    assert ((singular > 0.65) & (singular < 1.25)).all()


@pytest.mark.parametrize("options", [{}, {"nesterov": False, "adjust_lr_fn": "match_rms_adamw", "maximize": True}])
def test_muon_is_its_formula(device, options):
    start, gradients = RNG.standard_normal((6, 3)), RNG.standard_normal((4, 6, 3))
    p = Parameter(minitorch.tensor(start, device=device))
    run(optim.Muon([p], lr=0.1, weight_decay=0.5, momentum=0.8, ns_steps=3, **options), p, gradients)
    x, B = start, 0.0
    for g in gradients:
        g = -g if options else g
        B = 0.8 * B + 0.2 * g
        ahead = B if options else 0.8 * B + 0.2 * g
        X = ahead / np.linalg.norm(ahead)
        for _ in range(3):
            X = 3.4445 * X - 4.7750 * X @ X.T @ X + 2.0315 * X @ X.T @ X @ X.T @ X
        s = 0.2 * np.sqrt(6) if options else np.sqrt(2)
        x = x - 0.1 * 0.5 * x - 0.1 * s * X
    np.testing.assert_allclose(numbers(p), x, rtol=1e-10)


def test_muon_takes_matrices_only():
    with pytest.raises(ValueError, match="Muon only supports 2D parameters whereas we found a parameter with size"):
        optim.Muon([Parameter(minitorch.ones(3))])
    with pytest.raises(ValueError, match="Adjust learning rate function x is not supported"):
        optim.Muon([Parameter(minitorch.ones(2, 2))], adjust_lr_fn="x")
    with pytest.raises(ValueError, match="momentum should be >= 0 but is: -1"):
        optim.Muon([Parameter(minitorch.ones(2, 2))], momentum=-1)


def test_muon_is_near_pytorchs_which_rounds_to_bfloat16(oracle):
    start, x = RNG.standard_normal((8, 3)), RNG.standard_normal((10, 6, 3))

    def train(torch):
        net = torch.nn.Linear(3, 8, bias=False).double()
        net.load_state_dict({"weight": torch.tensor(start)})
        optimizer = torch.optim.Muon(net.parameters(), lr=0.1)
        for t in range(10):
            if t == 5:
                state = copy.deepcopy(optimizer.state_dict())
                optimizer = torch.optim.Muon(net.parameters())
                optimizer.load_state_dict(state)
            optimizer.zero_grad()
            (net(torch.tensor(x[t])) ** 2).mean().backward()
            optimizer.step()
        return net.weight.detach().numpy()

    ours, theirs = train(minitorch), train(oracle)
    assert np.linalg.norm(ours - start) > 1
    assert np.linalg.norm(ours - theirs) < 0.02 * np.linalg.norm(ours - start)


# ---- both ------------------------------------------------------------------------------------------------------------

KINDS = [optim.Adafactor, optim.Muon]


@pytest.mark.parametrize("kind", KINDS)
def test_a_reloaded_state_continues_exactly(device, kind, tmp_path):
    gradients = RNG.standard_normal((6, 3, 4))
    p = Parameter(minitorch.tensor(RNG.standard_normal((3, 4)), device=device))
    optimizer = kind([p], lr=0.1)
    run(optimizer, p, gradients[:3])
    q = Parameter(p.detach().clone())
    minitorch.save(optimizer.state_dict(), tmp_path / "state")
    run(optimizer, p, gradients[3:])
    again = kind([q])
    again.load_state_dict(minitorch.load(tmp_path / "state"))
    run(again, q, gradients[3:])
    assert numbers(q).tolist() == numbers(p).tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_step_neither_waits_for_the_device_nor_leaves_it(kind):
    p = Parameter(minitorch.ones(3, 4, device="strict:1"))
    gradient = minitorch.ones(3, 4, device="strict:1")
    optimizer = kind([p])
    counts.clear()
    with no_sync(), forbid("float64"):
        for _ in range(2):
            p.grad = gradient
            optimizer.step()
    assert counts["peer"] == 0
    state = [v for v in optimizer.state[p].values() if isinstance(v, minitorch.Tensor)]
    assert {str(t.device) for t in (p, *state)} == {"strict:1"}


@pytest.mark.parametrize("kind", KINDS)
def test_it_trains_a_small_network(kind):
    x = minitorch.randn(64, 5)
    y = (x @ minitorch.randn(5, 2)).tanh()
    net = nn.Sequential(nn.Linear(5, 16, bias=False), nn.Tanh(), nn.Linear(16, 2, bias=False))
    optimizer = kind(net.parameters(), lr=0.02)
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        loss = ((net(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]
