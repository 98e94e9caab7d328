"""Losses against their formulas on every device, and against PyTorch."""

from __future__ import annotations

import math

import numpy as np
import pytest

import minitorch
from minitorch import nn

RNG = np.random.default_rng(0)


def numbers(tensor):
    return tensor.detach().cpu().numpy()


def on(device, array):
    return minitorch.tensor(array, device=device)


def reduced(terms, reduction):
    return {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction](terms)


REDUCTIONS = ["mean", "sum", "none"]
X = RNG.standard_normal((4, 3))
T = RNG.standard_normal((4, 3))
P = 1 / (1 + np.exp(-X))  # probabilities
SOFT = RNG.random((4, 3))  # targets in (0, 1)
CLASSES = np.array([2, 0, 2, 1])
CLASS_WEIGHTS = np.array([0.5, 1.0, 2.0])


def smooth(d, beta):
    return d * d / (2 * beta) if d < beta else d - beta / 2


FORMULAS = [
    (nn.MSELoss, {}, X, T, (X - T) ** 2),
    (nn.L1Loss, {}, X, T, abs(X - T)),
    (nn.SmoothL1Loss, {"beta": 0.7}, X, T, np.vectorize(smooth)(abs(X - T), 0.7)),
    (nn.BCELoss, {}, P, SOFT, -(SOFT * np.log(P) + (1 - SOFT) * np.log(1 - P))),
    (nn.BCEWithLogitsLoss, {}, X, SOFT, -(SOFT * np.log(P) + (1 - SOFT) * np.log(1 - P))),
]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("kind", "options", "x", "t", "terms"), FORMULAS, ids=[f[0].__name__ for f in FORMULAS])
def test_loss_is_its_formula(device, kind, options, x, t, terms, reduction):
    loss = kind(reduction=reduction, **options)(on(device, x), on(device, t))
    np.testing.assert_allclose(numbers(loss), reduced(terms, reduction), rtol=1e-10)


def log_softmax(z):
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_cross_entropy_is_minus_the_log_of_the_softmax_at_the_class(device, reduction):
    terms = [-row[k] for row, k in zip(log_softmax(X), CLASSES, strict=True)]
    loss = nn.CrossEntropyLoss(reduction=reduction)(on(device, X), on(device, CLASSES))
    np.testing.assert_allclose(numbers(loss), reduced(terms, reduction), rtol=1e-10)


def test_cross_entropy_gradient_is_softmax_minus_one_hot(device):
    z = minitorch.tensor(X, device=device, requires_grad=True)
    nn.CrossEntropyLoss()(z, on(device, CLASSES)).backward()
    expected = (np.exp(log_softmax(X)) - np.eye(3)[CLASSES]) / 4
    np.testing.assert_allclose(numbers(z.grad), expected, rtol=1e-9, atol=1e-12)


def test_cross_entropy_of_probabilities_weighs_the_classes(device):
    p = np.exp(log_softmax(T))
    loss = nn.CrossEntropyLoss()(on(device, X), on(device, p))
    assert loss.item() == pytest.approx(-(p * log_softmax(X)).sum() / 4)


def test_nll_loss_divides_by_the_weights_of_the_classes(device):
    lp = log_softmax(X)
    weights = CLASS_WEIGHTS[CLASSES]
    loss = nn.NLLLoss(on(device, CLASS_WEIGHTS))(on(device, lp), on(device, CLASSES))
    assert loss.item() == pytest.approx(-(weights * lp[range(4), CLASSES]).sum() / weights.sum())


def test_ignored_targets_neither_count_nor_get_a_gradient(device):
    z = minitorch.tensor(X, device=device, requires_grad=True)
    target = on(device, [2, -100, 2, 1])
    loss = nn.CrossEntropyLoss()(z, target)
    loss.backward()
    kept = [-log_softmax(X)[n, k] for n, k in ((0, 2), (2, 2), (3, 1))]
    assert loss.item() == pytest.approx(np.mean(kept))
    assert (numbers(z.grad)[1] == 0).all()


def test_the_mean_cross_entropy_of_nothing_is_nan():
    x = minitorch.zeros(0, 3, requires_grad=True)
    loss = nn.functional.cross_entropy(x, minitorch.zeros(0, 3))
    loss.backward()
    assert math.isnan(loss.item())
    assert x.grad.shape == (0, 3)


def test_cross_entropy_of_ignored_targets_only_is_nan_as_in_pytorch(oracle):
    ours = nn.CrossEntropyLoss(ignore_index=1)(minitorch.tensor(X), minitorch.tensor([1, 1, 1, 1]))
    theirs = oracle.nn.CrossEntropyLoss(ignore_index=1)(oracle.tensor(X), oracle.tensor([1, 1, 1, 1]))
    assert math.isnan(theirs.item())
    assert math.isnan(ours.item())


@pytest.mark.parametrize("size", [1000.0, -1000.0])
def test_losses_survive_huge_logits(device, size):
    z = minitorch.tensor([[size, 0.0], [0.0, size]], dtype=minitorch.float32, device=device, requires_grad=True)
    loss = nn.CrossEntropyLoss()(z, on(device, [0, 0])) + nn.BCEWithLogitsLoss()(z, minitorch.ones(2, 2, device=device))
    loss.backward()
    assert math.isfinite(loss.item())
    assert np.isfinite(numbers(z.grad)).all()


def test_bce_of_certain_answers_is_bounded(device):
    x = minitorch.tensor([0.0, 1.0], device=device, requires_grad=True)
    loss = nn.BCELoss()(x, on(device, np.array([1.0, 0.0], np.float32)))
    assert loss.item() == 100.0


def test_class_weights_move_with_the_module(device):
    loss = nn.CrossEntropyLoss(minitorch.ones(3)).to(device)
    assert loss.weight.device.type == device.type
    assert list(loss.state_dict()) == ["weight"]
    assert list(nn.CrossEntropyLoss().state_dict()) == []


WRONG = [
    (lambda: nn.MSELoss(reduction="average"), ValueError, "average is not a valid value for reduction"),
    (
        lambda: nn.CrossEntropyLoss()(minitorch.ones(2, 3), minitorch.tensor([0, 3])),
        IndexError,
        "Target 3 is out of bounds",
    ),
    (lambda: nn.NLLLoss()(minitorch.ones(2, 3), minitorch.tensor([0])), ValueError, "batch_size"),
    (lambda: nn.BCELoss()(minitorch.ones(2), minitorch.ones(3)), ValueError, "size"),
    (lambda: nn.BCEWithLogitsLoss()(minitorch.ones(2), minitorch.ones(3)), ValueError, "size"),
]


@pytest.mark.parametrize(("call", "error", "text"), WRONG)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error) as caught:
        call()
    assert text in str(caught.value)


# ---- the same numbers as PyTorch -------------------------------------------------------------------------------------

IMAGES = RNG.standard_normal((2, 3, 4))
PIXELS = np.array([[0, 2, -100, 1], [1, 1, 0, 2]])
CASES = [
    ("MSELoss", {}, X, T),
    ("L1Loss", {}, X, T),
    ("SmoothL1Loss", {"beta": 0.5}, X, T),
    ("SmoothL1Loss", {"beta": 0.0}, X, T),
    ("BCELoss", {"weight": SOFT}, P, SOFT),
    ("BCEWithLogitsLoss", {"weight": SOFT, "pos_weight": CLASS_WEIGHTS}, X, SOFT),
    ("NLLLoss", {"weight": CLASS_WEIGHTS, "ignore_index": 1}, X, CLASSES),
    ("NLLLoss", {}, IMAGES, PIXELS),
    ("CrossEntropyLoss", {"weight": CLASS_WEIGHTS, "label_smoothing": 0.1}, X, CLASSES),
    ("CrossEntropyLoss", {"label_smoothing": 0.2}, IMAGES, PIXELS),
    ("CrossEntropyLoss", {"weight": CLASS_WEIGHTS, "label_smoothing": 0.1}, X, SOFT),
    ("CrossEntropyLoss", {}, X[0], np.array(1)),
]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("name", "options", "x", "t"), CASES)
def test_loss_equals_pytorchs(oracle, name, options, x, t, reduction):
    def run(torch):
        converted = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
        z = torch.tensor(x, requires_grad=True)
        loss = getattr(torch.nn, name)(reduction=reduction, **converted)(z, torch.tensor(t))
        (loss * 1.5).sum().backward()
        return loss.detach().numpy(), z.grad.numpy()

    for ours, theirs in zip(run(minitorch), run(oracle), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
