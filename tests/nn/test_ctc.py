"""The CTC loss against the sum over all alignments, against PyTorch, and at its edges."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from minitorch.testing import check_gradients

from .tools import numbers, on, randn, run, same


def collapse(path, blank):
    """Merge repeated symbols, then drop blanks: what a path in time says."""
    merged = [s for s, _ in itertools.groupby(path)]
    return [s for s in merged if s != blank]


def likelihood(p, label, blank):
    """Sum over all paths in time that say the label."""
    T, C = p.shape
    paths = (path for path in itertools.product(range(C), repeat=T) if collapse(path, blank) == list(label))
    return sum(math.prod(p[t, s] for t, s in enumerate(path)) for path in paths)


def log_softmax(z):
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


@pytest.mark.parametrize(
    ("label", "blank"), [((1, 2), 0), ((1, 1), 0), ((2,), 0), ((), 0), ((0, 1, 0), 2), ((1, 1, 2), 0)]
)
def test_ctc_is_minus_the_log_of_the_sum_over_all_alignments(device, label, blank):
    log_p = log_softmax(randn(5, 1, 3))
    targets = on(device, np.array([label], np.int64).reshape(1, -1))
    loss = F.ctc_loss(on(device, log_p), targets, [5], [len(label)], blank=blank, reduction="none")
    assert loss.item() == pytest.approx(-math.log(likelihood(np.exp(log_p[:, 0]), label, blank)))


def test_ctc_counts_each_sample_to_its_own_length(device):
    log_p = log_softmax(randn(5, 2, 3))
    targets = on(device, [[1, 2], [2, 99]])  # what is behind the end of a label is not looked at
    losses = F.ctc_loss(on(device, log_p), targets, (5, 3), (2, 1), reduction="none")
    expected = [likelihood(np.exp(log_p[:, 0]), (1, 2), 0), likelihood(np.exp(log_p[:3, 1]), (2,), 0)]
    np.testing.assert_allclose(numbers(losses), -np.log(expected), rtol=1e-10)
    mean = F.ctc_loss(on(device, log_p), targets, (5, 3), (2, 1))
    assert mean.item() == pytest.approx((-np.log(expected) / [2, 1]).mean())
    total = nn.CTCLoss(reduction="sum")(
        on(device, log_p), on(device, [1, 2, 2]), on(device, [5, 3]), on(device, [2, 1])
    )
    assert total.item() == pytest.approx(-np.log(expected).sum())


def test_ctc_of_one_sample_needs_no_batch(device):
    log_p = log_softmax(randn(5, 3))
    loss = F.ctc_loss(on(device, log_p), on(device, [1, 2]), on(device, 5), on(device, 2), reduction="none")
    assert loss.item() == pytest.approx(-math.log(likelihood(np.exp(log_p), (1, 2), 0)))
    assert loss.shape == ()


def test_ctc_differentiates_twice(device):
    targets = on(device, [[1, 2, 1], [2, 2, 0]])

    def loss(z):
        return F.ctc_loss(F.log_softmax(z, -1), targets, (5, 4), (3, 2), reduction="none")

    check_gradients(loss, randn(5, 2, 3), device=device, fast=True)


def test_ctc_gradient_is_softmax_minus_the_share_of_the_alignments(device):
    """The share of time t and symbol k: the part of the likelihood that is due to paths which say k at time t."""
    z = on(device, randn(4, 1, 3)).requires_grad_()
    F.ctc_loss(F.log_softmax(z, -1), on(device, [[1, 2]]), [4], [2], reduction="sum").backward()
    p = np.exp(log_softmax(numbers(z)[:, 0]))
    share = np.zeros_like(p)
    for path in itertools.product(range(3), repeat=4):
        if collapse(path, 0) == [1, 2]:
            for t, s in enumerate(path):
                share[t, s] += math.prod(p[i, k] for i, k in enumerate(path))
    np.testing.assert_allclose(numbers(z.grad)[:, 0], p - share / likelihood(p, (1, 2), 0), rtol=1e-8, atol=1e-12)


def test_a_label_that_cannot_be_said_in_time_costs_infinity_or_nothing(device):
    z = on(device, randn(2, 2, 3)).requires_grad_()
    log_p = F.log_softmax(z, -1)
    targets = on(device, [[1, 1], [1, 2]])  # 1 1 needs a blank between: three times
    losses = numbers(F.ctc_loss(log_p, targets, (2, 2), (2, 2), reduction="none"))
    assert losses[0] == math.inf
    assert math.isfinite(losses[1])
    loss = F.ctc_loss(log_p, targets, (2, 2), (2, 2), reduction="sum", zero_infinity=True)
    loss.backward()
    assert loss.item() == pytest.approx(losses[1])
    assert (numbers(z.grad)[:, 0] == 0).all()
    assert (numbers(z.grad)[:, 1] != 0).any()


def test_huge_logits_give_a_finite_loss(device):
    z = np.zeros((4, 1, 3))
    z[:, :, 1], z[:, :, 2] = 1000.0, -1000.0
    x = on(device, z).requires_grad_()
    loss = F.ctc_loss(F.log_softmax(x, -1), on(device, [[2]]), [4], [1])
    loss.backward()
    assert loss.item() == pytest.approx(5000.0 - math.log(4.0))  # one 2 and three blanks, in any of four orders
    assert np.isfinite(numbers(x.grad)).all()


LOGS = minitorch.zeros(5, 2, 4)
LABELS = minitorch.tensor([[1, 2], [1, 1]])
WRONG = [
    (lambda: F.ctc_loss(LOGS, LABELS, (5, 6), (2, 2)), "input_lengths to have value at most 5, but got value 6"),
    (lambda: F.ctc_loss(LOGS, LABELS, (5, 5), (2, 3)), "to have size at least 3 at dimension 1, but got size 2"),
    (lambda: F.ctc_loss(LOGS, LABELS, (5, 5), (2, 2), blank=4), "blank must be in label range 0 to 3, got 4"),
    (lambda: F.ctc_loss(LOGS, LABELS, (5, 5), (2,)), "target_lengths must be of size batch_size 2"),
    (lambda: F.ctc_loss(LOGS, LABELS, (5,), (2, 2)), "input_lengths must be of size batch_size 2"),
    (lambda: F.ctc_loss(LOGS, LABELS[0], (5, 5), (2, 2)), "to have size 4 at dimension 0, but got size 2"),
    (lambda: F.ctc_loss(LOGS, LABELS + 3, (5, 5), (2, 2)), "the labels must be 0 to 3, got 4 to 5"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "text"), WRONG)
def test_lengths_and_labels_that_do_not_fit_are_refused(call, text):
    with pytest.raises(RuntimeError, match=text):
        call()


CASES = [
    ([[1, 2, 3], [1, 1, 2], [3, 0, 0]], [6, 5, 4], [3, 3, 1]),
    ([1, 2, 3, 1, 1, 2, 3], [6, 6, 2], [3, 3, 1]),
    ([[1, 2], [1, 2], [0, 3]], [6, 3, 0], [0, 2, 0]),
]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(("targets", "times", "sizes"), CASES)
def test_ctc_equals_pytorchs(oracle, targets, times, sizes, reduction):
    z = randn(6, 3, 4)

    def call(torch):
        def loss(x):
            lengths = torch.tensor(times), torch.tensor(sizes)
            return torch.nn.CTCLoss(reduction=reduction)(x.log_softmax(-1), torch.tensor(targets), *lengths)

        return run(torch, loss, [z], {})

    same(call(minitorch), call(oracle))
