"""Regression losses of distributions and losses with a margin: formulas, edges, and PyTorch."""

from __future__ import annotations

import math

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from minitorch.testing import check_gradients

from .tools import Fixed, numbers, on, randn, same_function

RNG = np.random.default_rng(2)
X, T = randn(4, 3), randn(4, 3)
P = np.exp(T) / np.exp(T).sum(axis=1, keepdims=True)
SIGNS = np.array([[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0], [1.0, 1.0, 1.0], [-1.0, 1.0, -1.0]])
CLASSES = np.array([0, 2, 1, 1])
SETS = np.array([[2, 0, -1], [-1, 1, 2], [1, -1, 0], [0, 1, 2]])
REDUCTIONS = {"mean": np.mean, "sum": np.sum, "none": np.asarray}


def hinge(z):
    return np.maximum(z, 0.0)


def multi_margin(x, t, p=1, m=1.0, w=(1.0, 1.0, 1.0)):
    """Double loop over samples and wrong classes."""
    C = len(x[0])
    return [
        w[k] * sum(max(0.0, m - row[k] + row[c]) ** p for c in range(C) if c != k) / C
        for row, k in zip(x, t, strict=True)
    ]


def multilabel_margin(x, sets):
    """Triple loop over samples, true classes and false ones."""
    losses = []
    for row, listed in zip(x, sets, strict=True):
        true = []
        for k in listed:
            if k < 0:
                break
            true.append(k)
        false = [c for c in range(len(row)) if c not in true]
        losses.append(sum(max(0.0, 1 - row[j] + row[i]) for j in true for i in false) / len(row))
    return losses


def cosine(a, b):
    return (a * b).sum(axis=-1) / np.sqrt((a * a).sum(axis=-1) * (b * b).sum(axis=-1))


def distance(a, b, p=2.0):
    return (abs(a - b + 1e-6) ** p).sum(axis=-1) ** (1 / p)


ABOVE = SIGNS[:, 0] == 1
S = 1 / (1 + np.exp(-X))
FORMULAS = [
    (nn.HuberLoss, {"delta": 0.5}, (X, T), np.where(abs(X - T) < 0.5, (X - T) ** 2 / 2, 0.5 * (abs(X - T) - 0.25))),
    (nn.KLDivLoss, {}, (X, P), P * (np.log(P) - X)),
    (nn.KLDivLoss, {"log_target": True}, (X, np.log(P)), P * (np.log(P) - X)),
    (nn.PoissonNLLLoss, {}, (X, T**2), np.exp(X) - T**2 * X),
    (nn.PoissonNLLLoss, {"log_input": False}, (X**2, T**2), X**2 - T**2 * np.log(X**2 + 1e-8)),
    (nn.GaussianNLLLoss, {}, (X, T, P), (np.log(P) + (X - T) ** 2 / P) / 2),
    (nn.GaussianNLLLoss, {"full": True}, (X, T, P[:, :1]),
     (np.log(2 * math.pi * P[:, :1]) + (X - T) ** 2 / P[:, :1]) / 2),
    (nn.MarginRankingLoss, {"margin": 0.3}, (X, T, SIGNS), hinge(-SIGNS * (X - T) + 0.3)),
    (nn.HingeEmbeddingLoss, {"margin": 0.7}, (X, SIGNS), np.where(SIGNS == 1, X, hinge(0.7 - X))),
    (nn.CosineEmbeddingLoss, {"margin": 0.1}, (X, T, SIGNS[:, 0]),
     np.where(ABOVE, 1 - cosine(X, T), hinge(cosine(X, T) - 0.1))),
    (nn.TripletMarginLoss, {"p": 3.0}, (X, T, P), hinge(distance(X, T, 3.0) - distance(X, P, 3.0) + 1)),
    (nn.TripletMarginLoss, {"swap": True, "margin": 2.0}, (X, T, P),
     hinge(distance(X, T) - np.minimum(distance(X, P), distance(T, P)) + 2)),
    (nn.TripletMarginWithDistanceLoss, {"distance_function": nn.CosineSimilarity()}, (X, T, P),
     hinge(cosine(X, T) - cosine(X, P) + 1)),
    (nn.SoftMarginLoss, {}, (X, SIGNS), np.log1p(np.exp(-SIGNS * X))),
    (nn.MultiLabelSoftMarginLoss, {}, (X, (SIGNS + 1) / 2),
     -np.where(SIGNS == 1, np.log(S), np.log(1 - S)).mean(axis=1)),
    (nn.MultiMarginLoss, {"margin": 0.5, "p": 2}, (X, CLASSES), multi_margin(X, CLASSES, 2, 0.5)),
    (nn.MultiLabelMarginLoss, {}, (X, SETS), multilabel_margin(X, SETS)),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides the total loss")
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("kind", "options", "inputs", "terms"), FORMULAS, ids=[f[0].__name__ for f in FORMULAS])
def test_loss_is_its_formula(device, kind, options, inputs, terms, reduction):
    loss = kind(reduction=reduction, **options)(*[on(device, x) for x in inputs])
    np.testing.assert_allclose(numbers(loss), REDUCTIONS[reduction](terms), rtol=1e-6, atol=1e-9)


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides the total loss")
@pytest.mark.parametrize(("kind", "options", "inputs", "terms"), FORMULAS, ids=[f[0].__name__ for f in FORMULAS])
def test_loss_differentiates_twice(device, kind, options, inputs, terms):
    targets = 0 if kind in (nn.KLDivLoss, nn.GaussianNLLLoss, nn.TripletMarginLoss) else 1
    targets = 1 if kind in (nn.MarginRankingLoss, nn.CosineEmbeddingLoss) else targets
    fixed = [on(device, x) for x in inputs[len(inputs) - targets :]]
    free = inputs[: len(inputs) - targets]
    check_gradients(lambda *xs: kind(reduction="none", **options)(*xs, *fixed), *free, device=device, fast=True)


def test_batchmean_is_the_divergence_of_distributions(device):
    Q = np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)
    loss = nn.KLDivLoss(reduction="batchmean")(on(device, np.log(Q)), on(device, P))
    assert loss.item() == pytest.approx((P * np.log(P / Q)).sum() / 4)
    assert nn.KLDivLoss(reduction="batchmean")(on(device, np.log(P)), on(device, P)).item() == pytest.approx(
        0, abs=1e-12
    )


def test_a_probability_of_zero_costs_nothing_and_gives_no_nan(device):
    target = on(device, np.array([0.0, 1.0])).requires_grad_()
    loss = F.kl_div(on(device, np.array([-3.0, -2.0])), target, reduction="sum")
    loss.backward()
    assert loss.item() == pytest.approx(2.0)
    assert np.isfinite(numbers(target.grad)).all()


def test_small_variances_count_as_eps_and_still_learn(device):
    var = on(device, np.array([1e-9, 2.0])).requires_grad_()
    F.gaussian_nll_loss(on(device, np.zeros(2)), on(device, np.ones(2)), var, eps=1e-2, reduction="sum").backward()
    expected = [(1 / v - 1 / v**2) / 2 for v in (1e-2, 2.0)]
    np.testing.assert_allclose(numbers(var.grad), expected, rtol=1e-9)


@pytest.mark.parametrize("size", [1000.0, -1000.0])
def test_losses_survive_huge_outputs(device, size):
    z = minitorch.tensor([[size, 0.0], [0.0, size]], dtype=minitorch.float32, device=device, requires_grad=True)
    signs = minitorch.ones(2, 2, device=device)
    losses = [
        F.soft_margin_loss(z, signs), F.multilabel_soft_margin_loss(z, signs), F.hinge_embedding_loss(z, -signs),
        F.multi_margin_loss(z, on(device, [0, 1])), F.multilabel_margin_loss(z, on(device, [[1, -1], [0, 1]])),
        F.margin_ranking_loss(z, signs, signs), F.huber_loss(z, signs), F.triplet_margin_loss(z, signs, signs),
        F.cosine_embedding_loss(z, signs, signs[0]), F.gaussian_nll_loss(z, signs, 1.0),
    ]  # fmt: skip
    sum(losses).backward()
    assert all(math.isfinite(loss.item()) for loss in losses)
    assert np.isfinite(numbers(z.grad)).all()


def test_vectors_of_zeros_have_a_cosine_of_zero_with_everything(device):
    x = minitorch.zeros(2, 3, device=device, requires_grad=True)
    y = nn.CosineSimilarity()(x, minitorch.ones(2, 3, device=device))
    y.sum().backward()
    assert numbers(y).tolist() == [0.0, 0.0]
    assert np.isfinite(numbers(x.grad)).all()


def test_an_empty_batch_costs_nothing_as_a_sum_and_nan_as_a_mean(device):
    x, t = minitorch.zeros(0, 3, device=device, requires_grad=True), minitorch.zeros(0, 3, device=device)
    classes = minitorch.zeros(0, dtype=minitorch.int64, device=device)
    calls = [
        lambda r: F.huber_loss(x, t, reduction=r), lambda r: F.soft_margin_loss(x, t, reduction=r),
        lambda r: F.multilabel_soft_margin_loss(x, t, reduction=r), lambda r: F.nll_loss(x, classes, reduction=r),
        lambda r: F.cross_entropy(x, classes, reduction=r), lambda r: F.mse_loss(x, t, reduction=r),
        lambda r: F.triplet_margin_loss(x, t, t, reduction=r),
        lambda r: F.cosine_embedding_loss(x, t, minitorch.zeros(0, device=device), reduction=r),
    ]  # fmt: skip
    for call in calls:
        call("sum").backward()
        assert call("sum").item() == 0.0
        assert math.isnan(call("mean").item())
        assert call("none").shape[0] == 0
    assert numbers(x.grad).shape == (0, 3)
    assert F.multi_margin_loss(x, classes).item() == 0.0  # as in PyTorch
    assert F.multilabel_margin_loss(x, t.long()).item() == 0.0


def test_the_flags_of_pytorchs_first_years_still_choose_the_reduction():
    x, t = minitorch.ones(3), minitorch.zeros(3)
    with pytest.warns(UserWarning, match="please use reduction='sum' instead"):
        assert nn.MSELoss(size_average=False)(x, t).item() == 3.0
    with pytest.warns(UserWarning, match="please use reduction='none' instead"):
        assert F.l1_loss(x, t, reduce=False).tolist() == [1.0] * 3
    with pytest.warns(UserWarning, match="please use reduction='mean' instead"):
        assert F.mse_loss(x, t, True).item() == 1.0


def test_losses_warn_of_targets_that_will_be_broadcast():
    with pytest.warns(UserWarning, match="huber_loss: Using a target size"):
        F.huber_loss(minitorch.ones(2, 3), minitorch.ones(3))


ONES = minitorch.ones(2, 3)
WRONG = [
    (lambda: F.gaussian_nll_loss(ONES, ONES, -ONES), ValueError, "var has negative entry/entries"),
    (lambda: F.gaussian_nll_loss(ONES, ONES, minitorch.ones(3)), ValueError, "var is of incorrect size"),
    (lambda: F.cosine_embedding_loss(ONES, ONES, ONES), RuntimeError, "multi-target not supported"),
    (lambda: F.cosine_embedding_loss(ONES, ONES[0], minitorch.ones(2)), RuntimeError, "1D target tensor expects 2D"),
    (lambda: F.margin_ranking_loss(ONES, ONES[0], ONES), RuntimeError, "should have same dimension"),
    (lambda: F.triplet_margin_loss(ONES, ONES[0], ONES), RuntimeError, "same number of dimensions"),
    (lambda: F.triplet_margin_loss(ONES, ONES, ONES, margin=0.0), ValueError, "margin must be greater than 0"),
    (lambda: nn.TripletMarginLoss(margin=-1.0), ValueError, "expected margin to be greater than 0, got -1.0"),
    (lambda: F.multi_margin_loss(ONES, minitorch.tensor([0, 3])), RuntimeError, "target out of range"),
    (lambda: F.multi_margin_loss(ONES, minitorch.tensor([0])), RuntimeError, r"target size \[2\], but got \[1\]"),
    (lambda: F.multi_margin_loss(ONES, minitorch.tensor([0, 1]), p=3), ValueError, "only p == 1 and p == 2"),
    (lambda: F.multi_margin_loss(ONES, minitorch.tensor([0, 1]), weight=ONES[:, 0]), RuntimeError, "weight size"),
    (lambda: F.multilabel_margin_loss(ONES, minitorch.tensor([[0, 1, 3]] * 2)), RuntimeError, "out of range"),
    (lambda: F.multilabel_margin_loss(ONES, minitorch.tensor([0, 1])), RuntimeError, "inconsistent target size"),
    (lambda: F.huber_loss(ONES, ONES, delta=0.0), RuntimeError, "non-positive values for delta"),
    (lambda: F.mse_loss(ONES, ONES, weight=minitorch.ones(2)), ValueError, "must have the same size"),
    (lambda: F.soft_margin_loss(ONES, ONES, reduction="all"), ValueError, "all is not a valid value for reduction"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), WRONG)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


# ---- PyTorch ---------------------------------------------------------------------------------------------------------

POSITIVE = abs(RNG.standard_normal((4, 3)))
CASES = [
    ("mse_loss", (X, T), {"weight": POSITIVE}),
    ("l1_loss", (X, T), {"weight": POSITIVE}),
    ("huber_loss", (X, T), {"weight": POSITIVE, "delta": 0.5}),
    ("kl_div", (X, P), {}),
    ("kl_div", (X, T), {"log_target": True}),
    ("poisson_nll_loss", (X, POSITIVE * 3), {"full": True}),
    ("poisson_nll_loss", (POSITIVE, POSITIVE * 3), {"log_input": False, "eps": 1e-4}),
    ("gaussian_nll_loss", (X, T, POSITIVE), {}),
    ("gaussian_nll_loss", (X, T, np.array([[1e-9], [1.0], [2.0], [0.0]])), {"full": True}),
    ("gaussian_nll_loss", (X, T, POSITIVE[:, 0]), {}),
    ("gaussian_nll_loss", (X, T, 2.0), {}),
    ("cosine_embedding_loss", (X, T, SIGNS[:, 0]), {"margin": 0.1}),
    ("cosine_embedding_loss", (X[0], T[0], np.array(-1)), {}),
    ("hinge_embedding_loss", (X, SIGNS), {"margin": 0.5}),
    ("margin_ranking_loss", (X, T, SIGNS), {"margin": 0.5}),
    ("triplet_margin_loss", (X, T, P), {"swap": True, "p": 3}),
    ("triplet_margin_loss", (X[0], T[0], P[0]), {"margin": 5.0, "p": 1}),
    ("triplet_margin_with_distance_loss", (X, T, P), {"swap": True}),
    ("multi_margin_loss", (X, CLASSES), {"weight": Fixed(POSITIVE[0]), "p": 2}),
    ("multi_margin_loss", (X[0], np.array(1)), {"margin": 0.5}),
    ("multilabel_margin_loss", (X, SETS), {}),
    ("multilabel_margin_loss", (X[0], np.array([1, 1, -1])), {}),
    ("multilabel_soft_margin_loss", (X, (SIGNS + 1) / 2), {"weight": POSITIVE[0]}),
    ("soft_margin_loss", (X, Fixed(SIGNS)), {}),
]


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides the total loss")
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("name", "args", "options"), CASES)
def test_loss_equals_pytorchs(oracle, name, args, options, reduction):
    same_function(oracle, name, args, {**options, "reduction": reduction})


@pytest.mark.parametrize("name", ["HuberLoss", "KLDivLoss", "PoissonNLLLoss", "GaussianNLLLoss", "MarginRankingLoss",
    "HingeEmbeddingLoss", "CosineEmbeddingLoss", "TripletMarginLoss", "TripletMarginWithDistanceLoss",
    "SoftMarginLoss", "MultiLabelSoftMarginLoss", "MultiMarginLoss", "MultiLabelMarginLoss", "CTCLoss"])  # fmt: skip
def test_loss_prints_as_pytorchs(oracle, name):
    assert repr(getattr(nn, name)()) == repr(getattr(oracle.nn, name)())
