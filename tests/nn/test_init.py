"""Initialisers: what is drawn, from where, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import init

BIG = (60, 50, 4, 5)  # fan_in 1000, fan_out 1200


def numbers(tensor):
    return tensor.detach().cpu().numpy()


UNIFORM = [
    (lambda w: init.uniform_(w, -2.0, 3.0), -2.0, 3.0),
    (lambda w: init.xavier_uniform_(w), -math.sqrt(6 / 2200), math.sqrt(6 / 2200)),
    (lambda w: init.xavier_uniform_(w, gain=2.0), -2 * math.sqrt(6 / 2200), 2 * math.sqrt(6 / 2200)),
    (lambda w: init.kaiming_uniform_(w), -math.sqrt(6 / 1000), math.sqrt(6 / 1000)),
    (lambda w: init.kaiming_uniform_(w, a=math.sqrt(5)), -math.sqrt(1 / 1000), math.sqrt(1 / 1000)),
    (
        lambda w: init.kaiming_uniform_(w, mode="fan_out", nonlinearity="tanh"),
        -5 / 3 * math.sqrt(3 / 1200),
        5 / 3 * math.sqrt(3 / 1200),
    ),
]


@pytest.mark.parametrize(("draw", "low", "high"), UNIFORM)
def test_uniform_fills_its_interval(draw, low, high):
    values = numbers(draw(minitorch.empty(*BIG)))
    width = high - low
    assert low <= values.min() < low + 0.001 * width
    assert high - 0.001 * width < values.max() <= high
    assert values.mean() == pytest.approx((low + high) / 2, abs=0.005 * width)
    assert values.std() == pytest.approx(width / math.sqrt(12), rel=0.01)


NORMAL = [
    (lambda w: init.normal_(w, 1.0, 3.0), 1.0, 3.0),
    (lambda w: init.xavier_normal_(w), 0.0, math.sqrt(2 / 2200)),
    (lambda w: init.kaiming_normal_(w), 0.0, math.sqrt(2 / 1000)),
    (lambda w: init.kaiming_normal_(w, mode="fan_out", nonlinearity="linear"), 0.0, math.sqrt(1 / 1200)),
]


@pytest.mark.parametrize(("draw", "mean", "std"), NORMAL)
def test_normal_has_its_moments(draw, mean, std):
    values = (numbers(draw(minitorch.empty(*BIG))) - mean) / std
    assert values.mean() == pytest.approx(0.0, abs=0.02)
    assert values.std() == pytest.approx(1.0, abs=0.02)
    assert (values**4).mean() == pytest.approx(3.0, abs=0.2)


def bell(a, b):
    """Return the mean and the standard deviation of the normal distribution between a and b, by quadrature."""
    x = np.linspace(a, b, 100_001)
    p = np.exp(-x * x / 2)
    mean = (p * x).sum() / p.sum()
    return mean, math.sqrt((p * (x - mean) ** 2).sum() / p.sum())


@pytest.mark.parametrize(("a", "b"), [(-2.0, 2.0), (-0.5, 3.0), (1.0, 1.5), (1.9, 4.0)])
def test_truncated_normal_is_the_bell_between_its_limits(a, b):
    values = numbers(init.trunc_normal_(minitorch.empty(60_000), 0.0, 1.0, a, b))
    mean, std = bell(a, b)
    assert a <= values.min()
    assert values.max() <= b
    assert values.mean() == pytest.approx(mean, abs=0.015)
    assert values.std() == pytest.approx(std, rel=0.02)


def test_truncated_normal_warns_far_from_the_mean():
    with pytest.warns(UserWarning, match="mean is more than 2 std from"):
        init.trunc_normal_(minitorch.empty(3), 0.0, 1.0, 3.0, 4.0)


def test_constants_fill(device):
    w = minitorch.empty(2, 3, device=device)
    assert (numbers(init.constant_(w, 0.3)) == np.float32(0.3)).all()
    assert (numbers(init.ones_(w)) == 1).all()
    assert (numbers(init.zeros_(w)) == 0).all()


def test_eye_makes_a_linear_layer_the_identity(device):
    layer = nn.Linear(3, 3, bias=False).to(device)
    assert init.eye_(layer.weight) is layer.weight
    x = minitorch.randn(2, 3, device=device)
    assert numbers(layer(x)).tolist() == numbers(x).tolist()


@pytest.mark.parametrize(("kind", "shape"), [(nn.Conv1d, (2, 4, 5)), (nn.Conv2d, (2, 4, 5, 5))])
@pytest.mark.parametrize("groups", [1, 2])
def test_dirac_makes_a_convolution_pass_its_input_on(kind, shape, groups):
    layer = kind(4, 4, 3, padding=1, groups=groups, bias=False)
    init.dirac_(layer.weight, groups)
    x = minitorch.randn(*shape)
    assert numbers(layer(x)).tolist() == numbers(x).tolist()


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 2, 3), (4, 4)], ids=str)
def test_orthogonal_has_orthonormal_rows_or_columns(device, shape):
    w = numbers(init.orthogonal_(minitorch.empty(*shape, device=device), gain=2.0)).reshape(shape[0], -1) / 2.0
    gram = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(gram, np.eye(len(gram)), atol=1e-6)


def test_orthogonal_has_no_preferred_sign():
    diagonal = [numbers(init.orthogonal_(minitorch.empty(2, 2)))[0, 0] for _ in range(200)]
    assert 60 < sum(d > 0 for d in diagonal) < 140


def test_sparse_empties_a_share_of_each_column():
    w = numbers(init.sparse_(minitorch.empty(200, 50), sparsity=0.3, std=0.5))
    assert ((w == 0).sum(axis=0) == 60).all()
    assert (w == 0).any(axis=1).sum() > 150
    assert w[w != 0].std() == pytest.approx(0.5, rel=0.05)


RANDOM = [
    init.uniform_, init.normal_, init.trunc_normal_, init.xavier_uniform_, init.xavier_normal_, init.kaiming_uniform_,
    init.kaiming_normal_, init.orthogonal_, lambda w, generator=None: init.sparse_(w, 0.5, generator=generator),
]  # fmt: skip


@pytest.mark.parametrize("draw", RANDOM)
def test_the_same_seed_gives_the_same_numbers_on_every_device(device, draw):
    drawn = []
    for where in ("cpu", device):
        minitorch.manual_seed(5)
        drawn.append(numbers(draw(minitorch.empty(4, 3, device=where))).tolist())
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("draw", RANDOM)
def test_a_generator_of_ones_own_leaves_the_default_stream_alone(draw):
    minitorch.manual_seed(5)
    expected = minitorch.rand(1).item()
    minitorch.manual_seed(5)
    first = numbers(draw(minitorch.empty(4, 3), generator=minitorch.Generator().manual_seed(1))).tolist()
    second = numbers(draw(minitorch.empty(4, 3), generator=minitorch.Generator().manual_seed(1))).tolist()
    assert first == second
    assert minitorch.rand(1).item() == expected


def test_initialising_enters_no_graph_and_keeps_the_parameter():
    weight = nn.Linear(2, 2).weight
    assert init.normal_(weight) is weight
    assert weight.is_leaf
    assert weight.requires_grad
    assert weight.dtype == minitorch.float32


GAINS = ["linear", "conv2d", "conv_transpose1d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]


@pytest.mark.parametrize("name", GAINS)
def test_gain_equals_pytorchs(oracle, name):
    assert init.calculate_gain(name) == oracle.nn.init.calculate_gain(name)
    assert init.calculate_gain("leaky_relu", 0.3) == oracle.nn.init.calculate_gain("leaky_relu", 0.3)


OLD = ["uniform", "normal", "xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal", "orthogonal", "eye"]


@pytest.mark.parametrize("name", OLD)
def test_the_names_of_pytorchs_first_years_warn_and_work(name):
    old, new = minitorch.zeros(3, 3), minitorch.zeros(3, 3)
    minitorch.manual_seed(0)
    with pytest.warns(FutureWarning, match=f"`nn.init.{name}` is now deprecated in favor of `nn.init.{name}_`"):
        assert getattr(init, name)(old) is old
    minitorch.manual_seed(0)
    getattr(init, f"{name}_")(new)
    assert old.tolist() == new.tolist()


@pytest.mark.filterwarnings("error")
def test_empty_tensors_stay_empty():
    with pytest.warns(UserWarning, match="Initializing zero-element tensors is a no-op"):
        init.kaiming_uniform_(minitorch.empty(0, 3))
    with pytest.warns(UserWarning, match="no-op"):
        init.kaiming_normal_(minitorch.empty(0, 3))
    assert init.orthogonal_(minitorch.empty(0, 3)).shape == (0, 3)


WRONG = [
    (lambda: init.calculate_gain("swish"), "Unsupported nonlinearity swish"),
    (lambda: init.calculate_gain("leaky_relu", True), "negative_slope True not a valid number"),
    (lambda: init.xavier_normal_(minitorch.empty(3)), "Fan in and fan out can not be computed"),
    (lambda: init.kaiming_normal_(minitorch.empty(3, 3), mode="fan_up"), "Mode fan_up not supported"),
    (lambda: init.eye_(minitorch.empty(3)), "Only tensors with 2 dimensions are supported"),
    (lambda: init.sparse_(minitorch.empty(3), 0.1), "Only tensors with 2 dimensions are supported"),
    (lambda: init.dirac_(minitorch.empty(3, 3)), "Only tensors with 3, 4, or 5 dimensions are supported"),
    (lambda: init.dirac_(minitorch.empty(3, 3, 3), groups=2), "dim 0 must be divisible by groups"),
    (lambda: init.orthogonal_(minitorch.empty(3)), "Only tensors with 2 or more dimensions are supported"),
]


@pytest.mark.parametrize(("call", "text"), WRONG)
def test_what_cannot_be_initialised_is_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()
