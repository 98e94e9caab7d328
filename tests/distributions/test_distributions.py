"""Distributions: against numerical integrals and sums, closed forms, and PyTorch; samples, shapes, gradients."""

from __future__ import annotations

import math

import numpy as np
import pytest

import minitorch
from minitorch import distributions as D
from minitorch.autograd import gradcheck, gradgradcheck
from minitorch.distributions.linalg import cholesky, solve_lower
from tests.strict import counts

RNG = np.random.default_rng(0)
ROOT = np.tril(RNG.standard_normal((2, 3, 3)), -1) + 1.5 * np.eye(3)  # two lower triangles
SIGMA = ROOT @ ROOT.transpose(0, 2, 1)


def numbers(tensor):
    return tensor.detach().cpu().numpy()


def double(values, device="cpu", requires_grad=False):
    return minitorch.tensor(values, dtype=minitorch.float64, device=device, requires_grad=requires_grad)


# A name, the arguments of batches of distributions with a grid of the values that count, discrete or not.
LINE, HALF = np.linspace(-40, 40, 80_001), np.linspace(0, 80, 80_001)
TABLE = {
    "Normal": ({"loc": [0.5, -0.5], "scale": [1.5, 0.6]}, LINE),
    "Uniform": ({"low": [-1.0, 0.0], "high": [2.0, 0.5]}, np.linspace(-1, 2, 60_001)),
    "Exponential": ({"rate": [0.5, 3.0]}, HALF),
    "Bernoulli": ({"probs": [0.25, 0.9]}, np.array([0.0, 1.0])),
    "Bernoulli ": ({"logits": [-1.0, 3.0]}, np.array([0.0, 1.0])),
    "Categorical": ({"probs": [[1.0, 2.0, 5.0], [3.0, 3.0, 0.5]]}, np.arange(3)),
    "Categorical ": ({"logits": [[1.0, 2.0, -5.0], [300.0, 301.0, 299.5]]}, np.arange(3)),
}
OTHER = {
    "Normal": {"loc": [0.0, -1.0], "scale": [1.0, 0.7]},
    "Uniform": {"low": [-3.0, -1.0], "high": [2.0, 0.5]},
    "Exponential": {"rate": [0.75, 1.0]},
    "Bernoulli": {"probs": [0.5, 0.3]},
    "Bernoulli ": {"logits": [0.3, -0.2]},
    "Categorical": {"probs": [[1.0, 1.0, 1.0], [0.2, 3.0, 1.5]]},
    "Categorical ": {"logits": [[0.0, 0.1, 0.2], [1.0, -1.0, 0.5]]},
}
CONTINUOUS = ["Normal", "Uniform", "Exponential"]


def make(name, arguments=None, device="cpu", **options):
    arguments = TABLE[name][0] if arguments is None else arguments
    tensors = {key: double(value, device) for key, value in arguments.items()}
    return getattr(D, name.strip())(**tensors, **options)


def log_probs(name, p):
    """Return the log-probabilities on the grid, (values, batch), with the weights of the values in an integral."""
    grid = TABLE[name][1]
    p = p.expand(p.batch_shape)
    p._validate_args = False
    logs = numbers(p.log_prob(double(grid).unsqueeze(1)))
    if name not in CONTINUOUS:
        return grid, logs, np.ones((len(grid), 1))
    weights = np.full((len(grid), 1), grid[1] - grid[0])
    weights[[0, -1]] /= 2
    return grid, logs, weights


@pytest.mark.parametrize("name", TABLE)
def test_moments_and_entropy_are_the_integrals(name):
    p = make(name)
    x, logs, weights = log_probs(name, p)
    mass = np.exp(logs) * weights
    np.testing.assert_allclose(mass.sum(0), 1, rtol=1e-3)
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(numbers(p.entropy()), -np.nansum(mass * logs, 0), rtol=2e-3, atol=2e-3)
    np.testing.assert_allclose(numbers(p.perplexity()), np.exp(numbers(p.entropy())))
    if name.strip() == "Categorical":
        assert np.isnan(numbers(p.mean)).all()
        assert np.isnan(numbers(p.variance)).all()
        assert numbers(p.mode).tolist() == np.argmax(logs, 0).tolist()
        return
    mean = (mass * x[:, None]).sum(0)
    variance = (mass * (x[:, None] - mean) ** 2).sum(0)
    np.testing.assert_allclose(numbers(p.mean), mean, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(numbers(p.variance), variance, rtol=3e-3)
    np.testing.assert_allclose(numbers(p.stddev), np.sqrt(variance), rtol=3e-3)


@pytest.mark.parametrize("name", TABLE)
def test_divergence_is_the_integral(name):
    p, q = make(name), make(name, OTHER[name])
    _, logs, weights = log_probs(name, p)
    _, others, _ = log_probs(name, q)
    with np.errstate(invalid="ignore"):
        expected = np.nansum(np.exp(logs) * (logs - others) * weights, 0)
    np.testing.assert_allclose(numbers(D.kl_divergence(p, q)), expected, rtol=2e-3, atol=1e-6)
    np.testing.assert_allclose(numbers(D.kl_divergence(p, p)), 0, atol=1e-12)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_cdf_is_the_integral_and_icdf_its_inverse(name):
    p = make(name)
    x, logs, weights = log_probs(name, p)
    below = np.cumsum(np.exp(logs) * weights, 0)
    places = np.searchsorted(x, [0.05, 0.3, 0.45])
    inner = double(x[places]).unsqueeze(1)
    np.testing.assert_allclose(numbers(p.cdf(inner)), below[places], atol=3e-3)
    np.testing.assert_allclose(numbers(p.icdf(p.cdf(inner))), numbers(inner.expand(3, 2)), rtol=1e-9)


def test_uniform_excludes_its_upper_bound_and_knows_nothing_outside():
    p = D.Uniform(0.0, 2.0, validate_args=False)
    values = minitorch.tensor([-0.1, 0.0, 1.0, 2.0, 3.0])
    assert numbers(p.log_prob(values).exp()).tolist() == [0.0, 0.5, 0.5, 0.0, 0.0]
    assert numbers(p.cdf(values)).tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]
    assert math.isnan(p.mode.item())


MIXED = {
    "uniform-normal": (lambda: D.Uniform(double(0.5), double(2.0)), lambda: D.Normal(double(1.2), double(0.7))),
    "exponential-normal": (lambda: D.Exponential(double(1.5)), lambda: D.Normal(double(0.3), double(0.8))),
    "uniform-exponential": (lambda: D.Uniform(double(0.5), double(2.0)), lambda: D.Exponential(double(0.7))),
}


@pytest.mark.parametrize("name", MIXED)
def test_divergence_between_families_is_the_integral(name):
    p, q = (make() for make in MIXED[name])
    x = np.linspace(1e-6, 30.0, 300_001)
    x = x[(x >= 0.5) & (x < 2.0)] if isinstance(p, D.Uniform) else x
    log_p, log_q = (numbers(d.log_prob(double(x))) for d in (p, q))
    expected = (np.exp(log_p) * (log_p - log_q)).sum() * (x[1] - x[0])
    assert D.kl_divergence(p, q).item() == pytest.approx(expected, rel=2e-3)


def test_divergence_between_families_is_infinite_where_q_does_not_reach():
    normal, uniform, exponential = D.Normal(0.0, 1.0), D.Uniform(-1.0, minitorch.ones(2)), D.Exponential(1.0)
    for p, q in ((normal, uniform), (normal, exponential), (exponential, uniform), (uniform, exponential)):
        divergence = D.kl_divergence(p, q)
        assert divergence.tolist() == [math.inf] * 2 if uniform in (p, q) else divergence.item() == math.inf


def test_divergence_is_infinite_where_q_does_not_reach():
    assert D.kl_divergence(D.Uniform(0.0, 2.0), D.Uniform(1.0, 3.0)).item() == math.inf
    half = minitorch.tensor([0.5, 0.5])
    assert D.kl_divergence(D.Categorical(half), D.Categorical(minitorch.tensor([1.0, 0.0]))).item() == math.inf
    assert D.kl_divergence(D.Bernoulli(0.5), D.Bernoulli(1.0)).item() == math.inf
    assert D.kl_divergence(D.Bernoulli(0.0), D.Bernoulli(0.5)).item() == pytest.approx(math.log(2))


def test_huge_logits_give_finite_results():
    values = minitorch.tensor([0.0, 1.0])
    assert numbers(D.Bernoulli(logits=minitorch.tensor([1000.0, -1000.0])).log_prob(values)).tolist() == [-1000, -1000]
    p = D.Categorical(logits=minitorch.tensor([1000.0, -1000.0, -math.inf]))
    assert numbers(p.log_prob(minitorch.tensor([0, 1, 2]))).tolist() == [0, -2000, -math.inf]
    assert p.entropy().item() == 0.0


def test_support_is_enumerated():
    assert numbers(D.Categorical(minitorch.ones(2, 3)).enumerate_support()).tolist() == [[0, 0], [1, 1], [2, 2]]
    assert D.Categorical(minitorch.ones(2, 3)).enumerate_support(expand=False).shape == (3, 1)
    assert numbers(D.Bernoulli(minitorch.ones(2) / 2).enumerate_support()).tolist() == [[0, 0], [1, 1]]


def test_mode_of_a_fair_coin_is_nan():
    assert numbers(D.Bernoulli(minitorch.tensor([0.2, 0.5, 0.7])).mode).tolist()[::2] == [0, 1]
    assert math.isnan(D.Bernoulli(0.5).mode.item())


# ---- several dimensions ----------------------------------------------------------------------------------------------


def gaussian(form="scale_tril", loc=(1.0, 2.0, 3.0), **options):
    matrix = {"scale_tril": ROOT, "covariance_matrix": SIGMA, "precision_matrix": np.linalg.inv(SIGMA)}[form]
    return D.MultivariateNormal(double(loc), **{form: double(matrix)}, **options)


@pytest.mark.parametrize("form", ["scale_tril", "covariance_matrix", "precision_matrix"])
def test_multivariate_normal_is_its_closed_form(form):
    p, x = gaussian(form), RNG.standard_normal((5, 1, 3))
    d = x - [1.0, 2.0, 3.0]
    inverse, logdet = np.linalg.inv(SIGMA), np.linalg.slogdet(SIGMA)[1]
    squares = np.einsum("nbi,bij,nbj->nb", np.broadcast_to(d, (5, 2, 3)), inverse, np.broadcast_to(d, (5, 2, 3)))
    expected = -0.5 * (squares + logdet + 3 * math.log(2 * math.pi))
    np.testing.assert_allclose(numbers(p.log_prob(double(x))), expected, rtol=1e-10)
    np.testing.assert_allclose(numbers(p.entropy()), 0.5 * (3 + 3 * math.log(2 * math.pi) + logdet), rtol=1e-10)
    np.testing.assert_allclose(numbers(p.covariance_matrix), SIGMA, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(numbers(p.precision_matrix), inverse, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(numbers(p.scale_tril), ROOT, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(numbers(p.variance), np.diagonal(SIGMA, 0, 1, 2), rtol=1e-10)
    assert numbers(p.mean).tolist() == [[1.0, 2.0, 3.0]] * 2
    assert (p.batch_shape, p.event_shape) == ((2,), (3,))


def test_divergence_of_multivariate_normals_is_its_closed_form():
    p, q = gaussian(), gaussian(loc=(0.0, 0.0, 1.0)).expand((2,))
    q = D.MultivariateNormal(q.loc, scale_tril=q.scale_tril.flip(0))
    S, T, d = SIGMA, SIGMA[::-1], numbers(q.loc - p.loc)
    inverse = np.linalg.inv(T)
    expected = 0.5 * (
        np.trace(inverse @ S, axis1=1, axis2=2) - 3 + np.einsum("bi,bij,bj->b", d, inverse, d)
        + np.linalg.slogdet(T)[1] - np.linalg.slogdet(S)[1]
    )  # fmt: skip
    np.testing.assert_allclose(numbers(D.kl_divergence(p, q)), expected, rtol=1e-10)


def test_independent_normals_are_a_diagonal_multivariate_normal():
    loc, scale, x = (double(RNG.uniform(0.5, 2, (4, 3))) for _ in range(3))
    p = D.Independent(D.Normal(loc, scale), 1)
    q = D.MultivariateNormal(loc, scale_tril=scale.unsqueeze(-1) * minitorch.eye(3, dtype=minitorch.float64))
    assert (p.batch_shape, p.event_shape) == (q.batch_shape, q.event_shape) == ((4,), (3,))
    np.testing.assert_allclose(numbers(p.log_prob(x)), numbers(q.log_prob(x)), rtol=1e-12)
    np.testing.assert_allclose(numbers(p.entropy()), numbers(q.entropy()), rtol=1e-12)
    np.testing.assert_allclose(numbers(p.variance), numbers(q.variance), rtol=1e-12)
    other = D.Independent(D.Normal(loc * 0, scale * 2), 1)
    diagonal = D.MultivariateNormal(loc * 0, scale_tril=2 * q.scale_tril)
    expected = numbers(D.kl_divergence(q, diagonal))
    np.testing.assert_allclose(numbers(D.kl_divergence(p, other)), expected, rtol=1e-12)


def test_cholesky_factor_and_triangular_solution():
    L = cholesky(double(SIGMA))
    np.testing.assert_allclose(numbers(L), np.linalg.cholesky(SIGMA), rtol=1e-12, atol=1e-14)
    B = RNG.standard_normal((3, 4))
    np.testing.assert_allclose(ROOT @ numbers(solve_lower(double(ROOT), double(B))), [B, B], rtol=1e-12, atol=1e-14)
    assert np.isnan(numbers(cholesky(double([[1.0, 2.0], [2.0, 1.0]])))).any()


def test_derivatives_of_the_triangular_functions():
    assert gradcheck(lambda x: cholesky(x @ x.mT + 1), (double(ROOT, requires_grad=True),))
    assert gradgradcheck(lambda x: cholesky(x @ x.mT), (double(ROOT[0, :2, :2], requires_grad=True),))
    arguments = double(ROOT, requires_grad=True), double(RNG.standard_normal((3, 2)), requires_grad=True)
    assert gradcheck(solve_lower, arguments)
    assert gradgradcheck(solve_lower, arguments)


# ---- samples ---------------------------------------------------------------------------------------------------------


def everything(device="cpu"):
    for name in TABLE:
        yield make(name, device=device)
    yield D.Independent(make("Normal", device=device), 1)
    yield D.MultivariateNormal(double([1.0, 2.0], device), double([[2.0, 0.5], [0.5, 1.0]], device))


def test_samples_have_shape_type_device_and_no_gradient(device):
    for p in everything(device):
        assert p.sample().shape == (*p.batch_shape, *p.event_shape)
        x = p.sample((4, 1))
        assert x.shape == (4, 1, *p.batch_shape, *p.event_shape)
        assert x.dtype == (minitorch.int64 if isinstance(p, D.Categorical) else minitorch.float64)
        assert x.device == p.entropy().device == p.log_prob(x).device
        assert not x.requires_grad
        assert p.log_prob(x).shape == (4, 1, *p.batch_shape)


def test_the_second_device_needs_nothing_from_the_first():
    counts.clear()
    for p in everything("strict:1"):
        x = p.rsample((3,)) if p.has_rsample else p.sample((3,))
        log = p.log_prob(x) + p.entropy() + D.kl_divergence(p, p)
        assert str(x.device) == str(log.device) == "strict:1"
    assert str(make("Normal", device="strict:1").icdf(double(0.3, "strict:1")).device) == "strict:1"
    assert counts["peer"] == 0


@pytest.mark.parametrize("index", range(9))
def test_samples_follow_the_seed_and_the_moments(index):
    p = list(everything())[index]
    minitorch.manual_seed(7)
    x = numbers(p.sample((20_000,))).astype(float)
    minitorch.manual_seed(7)
    assert (numbers(p.sample((20_000,))) == x).all()
    if isinstance(p, D.Categorical):
        for k in range(3):
            np.testing.assert_allclose((x == k).mean(0), numbers(p.probs)[:, k], atol=0.02)
        return
    error = numbers(p.stddev) / math.sqrt(20_000)
    assert (np.abs(x.mean(0) - numbers(p.mean)) < 5 * error).all()
    np.testing.assert_allclose(x.var(0), numbers(p.variance), rtol=0.06)
    if hasattr(p, "covariance_matrix"):
        np.testing.assert_allclose(np.cov(x.T), numbers(p.covariance_matrix), atol=0.1)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_cdf_of_samples_is_uniform(name):
    p = make(name)
    u = np.sort(numbers(p.cdf(p.sample((5_000,)))), axis=0)
    assert np.abs(u - np.linspace(0, 1, 5_000)[:, None]).max() < 2 / math.sqrt(5_000)  # Kolmogorov and Smirnov


def test_rsample_differentiates_through_the_noise():
    loc, scale = minitorch.tensor([1.0, 2.0], requires_grad=True), minitorch.tensor([0.5, 3.0], requires_grad=True)
    x = D.Normal(loc, scale).rsample()
    x.sum().backward()
    np.testing.assert_allclose(numbers(loc.grad), [1.0, 1.0])
    np.testing.assert_allclose(numbers(scale.grad), numbers((x - loc) / scale), rtol=1e-5)
    low, high = minitorch.zeros(1, requires_grad=True), minitorch.ones(1, requires_grad=True)
    y = D.Uniform(low, high).rsample()
    y.sum().backward()
    np.testing.assert_allclose([low.grad.item(), high.grad.item()], [1 - y.item(), y.item()], rtol=1e-6)
    rate = minitorch.tensor(2.0, requires_grad=True)
    z = D.Exponential(rate).rsample()
    z.backward()
    assert rate.grad.item() == pytest.approx(-z.item() / 2)


def test_multivariate_rsample_differentiates_the_factor():
    minitorch.manual_seed(3)
    root = double(ROOT[0], requires_grad=True)
    x = D.MultivariateNormal(double([0.0, 0.0, 0.0]), scale_tril=root).rsample()
    x.sum().backward()
    noise = np.linalg.solve(ROOT[0], numbers(x))
    np.testing.assert_allclose(numbers(root.grad), np.tile(noise, (3, 1)), rtol=1e-12)


def test_policy_gradient_reaches_the_logits():
    logits = minitorch.zeros(3, requires_grad=True)
    p = D.Categorical(logits=logits)
    action = p.sample()
    (-p.log_prob(action)).backward()
    expected = np.full(3, 1 / 3) - np.eye(3)[action.item()]
    np.testing.assert_allclose(numbers(logits.grad), expected, rtol=1e-6)


def test_rsample_of_a_discrete_distribution_does_not_exist():
    for p in (D.Categorical(minitorch.ones(2)), D.Bernoulli(0.5)):
        assert not p.has_rsample
        with pytest.raises(NotImplementedError):
            p.rsample()


# ---- derivatives -----------------------------------------------------------------------------------------------------

VALUES = {"Normal": [0.3, -1.0], "Uniform": [0.3, 0.2], "Exponential": [0.3, 2.0]}


@pytest.mark.parametrize("name", TABLE)
def test_derivatives_in_the_parameters(name, device):
    keys = list(TABLE[name][0])
    parameters = [double(v, device, requires_grad=True) for v in TABLE[name][0].values()]
    x = double(VALUES.get(name, [1.0, 0.0]), device)
    kind = getattr(D, name.strip())

    def function(*parameters):
        p = kind(**dict(zip(keys, parameters, strict=True)), validate_args=False)
        return p.log_prob(x) + 0.5 * p.entropy()

    assert gradcheck(function, parameters)
    assert gradgradcheck(function, parameters)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_derivatives_in_the_value(name):
    p, x = make(name, validate_args=False), double([0.3, 0.2], requires_grad=True)
    assert gradcheck(lambda x: p.cdf(x) + p.icdf(x), (x,))
    assert gradgradcheck(lambda x: p.cdf(x) + p.icdf(x), (x,))
    p.cdf(x).sum().backward()
    np.testing.assert_allclose(numbers(x.grad), np.exp(numbers(p.log_prob(x))), rtol=1e-12)


def test_derivatives_of_the_multivariate_normal():
    root, loc = double(ROOT, requires_grad=True), double([1.0, 2.0, 3.0], requires_grad=True)
    x = double(RNG.standard_normal((2, 3)))

    def function(root, loc):
        p = D.MultivariateNormal(loc, root @ root.mT, validate_args=False)
        return p.log_prob(x) + p.entropy() + D.kl_divergence(p, gaussian())

    assert gradcheck(function, (root, loc))


# ---- shapes, printing, errors ----------------------------------------------------------------------------------------


def test_numbers_take_the_type_of_the_tensors():
    p = D.Normal(double([1.0, 2.0]), 1)
    assert p.scale.dtype == minitorch.float64
    assert p.scale.shape == (2,)
    assert D.Normal(0, 1).loc.dtype == minitorch.float32


def test_expand_repeats_the_batch():
    for p in everything():
        q = p.expand((4, *p.batch_shape))
        assert q.batch_shape == (4, *p.batch_shape)
        assert q.event_shape == p.event_shape
        assert type(q) is type(p)
        np.testing.assert_allclose(numbers(q.entropy()), np.broadcast_to(numbers(p.entropy()), q.batch_shape))


def test_a_derived_type_has_the_divergence_of_its_base_unless_it_has_its_own():
    class Narrow(D.Normal):
        pass

    p = Narrow(0.0, 0.1)
    assert D.kl_divergence(p, D.Normal(0.0, 0.1)).item() == pytest.approx(0)
    D.register_kl(Narrow, D.Normal)(lambda p, q: minitorch.tensor(7.0))
    assert D.kl_divergence(p, D.Normal(0.0, 0.1)).item() == 7.0
    with pytest.raises(TypeError, match="Expected a Distribution type but got"):
        D.register_kl(int, D.Normal)


def test_checks_can_be_switched_off():
    assert D.Normal(0.0, -1.0, validate_args=False).scale.item() == -1.0
    D.Distribution.set_default_validate_args(False)
    try:
        D.Normal(0.0, -1.0)
    finally:
        D.Distribution.set_default_validate_args(True)
    with pytest.raises(ValueError, match="Expected parameter scale"):
        D.Normal(0.0, -1.0)
    with pytest.raises(ValueError, match="expected True or False"):
        D.Distribution.set_default_validate_args("yes")


WRONG = {
    "no mean, no value": lambda t, D: D.Normal("a", 1),
    "negative scale": lambda t, D: D.Normal(t.zeros(2), t.tensor([1.0, -1.0])),
    "negative scale of numbers": lambda t, D: D.Normal(0, -1),
    "no tensor": lambda t, D: D.Normal(0, 1).log_prob(float("nan")),
    "nan": lambda t, D: D.Normal(0, 1).log_prob(t.tensor(float("nan"))),
    "shape": lambda t, D: D.Normal(t.zeros(2), 1).log_prob(t.zeros(3)),
    "no probabilities": lambda t, D: D.Categorical(t.tensor([-1.0, 2.0])),
    "no parameter": lambda t, D: D.Categorical(),
    "two parameters": lambda t, D: D.Bernoulli(0.5, t.zeros(2)),
    "no categories": lambda t, D: D.Categorical(t.tensor(1.0)),
    "no such category": lambda t, D: D.Categorical(t.tensor([1.0, 2.0])).log_prob(t.tensor(2)),
    "half a category": lambda t, D: D.Categorical(t.tensor([1.0, 2.0])).log_prob(t.tensor(0.5)),
    "no probability": lambda t, D: D.Bernoulli(1.5),
    "no bit": lambda t, D: D.Bernoulli(0.5).log_prob(t.tensor(0.5)),
    "bounds": lambda t, D: D.Uniform(1, 0),
    "outside": lambda t, D: D.Uniform(0.0, 1.0).log_prob(t.tensor(2.0)),
    "negative rate": lambda t, D: D.Exponential(-1.0),
    "negative time": lambda t, D: D.Exponential(1.0).log_prob(t.tensor(-1.0)),
    "no matrix": lambda t, D: D.MultivariateNormal(t.zeros(2)),
    "no vector": lambda t, D: D.MultivariateNormal(t.tensor(1.0), t.eye(1)),
    "a vector for a matrix": lambda t, D: D.MultivariateNormal(t.zeros(2), t.zeros(2)),
    "negative matrix": lambda t, D: D.MultivariateNormal(t.zeros(2), -t.eye(2)),
    "lopsided matrix": lambda t, D: D.MultivariateNormal(t.zeros(2), t.tensor([[1.0, 0.5], [0.0, 1.0]])),
    "upper triangle": lambda t, D: D.MultivariateNormal(t.zeros(2), scale_tril=t.tensor([[1.0, 0.5], [0.0, 1.0]])),
    "another event": lambda t, D: D.MultivariateNormal(t.zeros(2), t.eye(2)).log_prob(t.zeros(3)),
    "too many dimensions": lambda t, D: D.Independent(D.Normal(0.0, 1.0), 1),
    "no formula": lambda t, D: D.kl_divergence(D.Normal(0.0, 1.0), D.Categorical(t.ones(2))),
}
TEXTS = {
    "negative scale": "of distribution Normal(loc: torch.Size([2]), scale: torch.Size([2])) to satisfy the constraint "
    "GreaterThan(lower_bound=0.0), but found invalid values:\ntensor([ 1., -1.])",
    "nan": "to be within the support (Real()) of the distribution Normal(loc: 0.0, scale: 1.0), but found",
    "bounds": "Expected parameter low (Tensor of shape ()) of distribution Uniform(low: 1.0, high: 0.0)",
    "no formula": "No KL(p || q) is implemented for p type Normal and q type Categorical",
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_refused(case):
    with pytest.raises(NotImplementedError if case == "no formula" else ValueError) as caught:
        WRONG[case](minitorch, D)
    assert TEXTS.get(case, "") in str(caught.value)


def test_a_matrix_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r"covariance_matrix must be \(2, 2\) for a loc of 2 numbers"):
        D.MultivariateNormal(minitorch.zeros(2), minitorch.eye(3))


SHOWN = [
    lambda t, D: D.Normal(0, 1),
    lambda t, D: D.Normal(t.zeros(1), 1),
    lambda t, D: D.Uniform(0.0, 1.0).support,
    lambda t, D: D.Categorical(logits=t.zeros(2, 3)),
    lambda t, D: D.Categorical(t.ones(3)).support,
    lambda t, D: D.Bernoulli(0.5).support,
    lambda t, D: D.MultivariateNormal(t.zeros(2), t.eye(2)),
    lambda t, D: D.MultivariateNormal(t.zeros(2), t.eye(2)).support,
    lambda t, D: D.Independent(D.Normal(t.zeros(2), 1), 1),
    lambda t, D: D.constraints.simplex,
    lambda t, D: D.constraints.positive_definite,
    lambda t, D: D.constraints.lower_cholesky,
    lambda t, D: D.constraints.nonnegative,
]


def test_distributions_print_their_parameters():
    assert repr(SHOWN[0](minitorch, D)) == "Normal(loc: 0.0, scale: 1.0)"
    assert repr(SHOWN[3](minitorch, D)) == "Categorical(logits: torch.Size([2, 3]))"


# ---- the same as PyTorch ---------------------------------------------------------------------------------------------


def test_printing_and_errors_are_pytorchs(oracle):
    for show in SHOWN:
        assert repr(show(minitorch, D)) == repr(show(oracle, oracle.distributions))
    for case, call in WRONG.items():
        texts = []
        for torch in (minitorch, oracle):
            with pytest.raises((ValueError, NotImplementedError)) as caught:
                call(torch, torch.distributions)
            texts.append((caught.type, str(caught.value)[:45]))
        assert texts[0] == texts[1], case


@pytest.mark.parametrize("name", TABLE)
def test_results_and_gradients_equal_pytorchs(oracle, name):
    x = VALUES.get(name, [1.0, 0.0])

    def run(torch):
        D = torch.distributions
        keys = {k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in TABLE[name][0].items()}
        p = getattr(D, name.strip())(**keys)
        q = getattr(D, name.strip())(**{k: torch.tensor(v, dtype=torch.float64) for k, v in OTHER[name].items()})
        value = torch.tensor(x, dtype=torch.float64)
        results = [p.log_prob(value), p.entropy(), D.kl_divergence(p, q), p.perplexity()]
        if name in CONTINUOUS:
            results += [p.cdf(value), p.icdf(torch.tensor([0.2, 0.7], dtype=torch.float64))]
        sum(((i + 1) * r).sum() for i, r in enumerate(results)).backward()
        return [*results, p.mean, p.variance, p.mode, *(k.grad for k in keys.values())]

    for ours, theirs in zip(run(minitorch), run(oracle), strict=True):
        np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("form", ["scale_tril", "covariance_matrix", "precision_matrix"])
def test_multivariate_normal_and_its_gradients_equal_pytorchs(oracle, form):
    x = RNG.standard_normal((2, 3))
    matrix = {"scale_tril": ROOT, "covariance_matrix": SIGMA, "precision_matrix": np.linalg.inv(SIGMA)}[form]

    def run(torch):
        D = torch.distributions
        loc, m = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (np.ones(3), matrix))
        p = D.MultivariateNormal(loc, **{form: m})
        q = D.MultivariateNormal(torch.tensor(x), scale_tril=torch.tensor(ROOT[::-1].copy()))
        results = [p.log_prob(torch.tensor(x)), p.entropy(), D.kl_divergence(p, q), p.covariance_matrix]
        sum(((i + 1) * r).sum() for i, r in enumerate(results)).backward()
        return [*results, p.variance, p.precision_matrix, loc.grad, m.grad]

    for ours, theirs in zip(run(minitorch), run(oracle), strict=True):
        np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=1e-7, atol=1e-9)
