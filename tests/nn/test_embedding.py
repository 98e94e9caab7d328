"""Tables of vectors: rows shortened, gradients shared, bags of rows."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F

from .tools import check_layer, numbers, on, pair, randn, run, same, same_function

TABLE = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0], [6.0, 7.0]])
INDICES = [0, 1, 3, 3, 2]


def test_rows_longer_than_allowed_are_shortened_in_the_table(device):
    table = on(device, TABLE)
    y = F.embedding(on(device, [3, 0]), table, max_norm=2.0)
    shortened = TABLE[3] * 2 / np.linalg.norm(TABLE[3])
    np.testing.assert_allclose(numbers(y), [shortened, TABLE[0]], rtol=1e-6)
    np.testing.assert_allclose(numbers(table), [*TABLE[:3], shortened], rtol=1e-6)


def test_gradients_can_be_divided_by_how_often_a_row_is_there(device):
    table = on(device, TABLE).requires_grad_()
    y = F.embedding(on(device, INDICES), table, scale_grad_by_freq=True)
    np.testing.assert_array_equal(numbers(y), TABLE[INDICES])
    y.sum().backward()
    assert numbers(table.grad).tolist() == [[1.0, 1.0]] * 4


BAGS = {"sum": np.sum, "mean": np.mean, "max": np.max}


@pytest.mark.parametrize("mode", BAGS)
def test_a_bag_reduces_its_rows(device, mode):
    layer = nn.EmbeddingBag.from_pretrained(on(device, TABLE), mode=mode)
    y = numbers(layer(on(device, INDICES), on(device, [0, 2, 2])))
    expected = [BAGS[mode](TABLE[[0, 1]], axis=0), [0.0, 0.0], BAGS[mode](TABLE[[3, 3, 2]], axis=0)]
    np.testing.assert_allclose(y, expected, rtol=1e-12)
    rows = numbers(layer(on(device, [[0, 1], [3, 2]])))
    np.testing.assert_allclose(rows, [BAGS[mode](TABLE[[0, 1]], axis=0), BAGS[mode](TABLE[[3, 2]], axis=0)])


@pytest.mark.parametrize("mode", BAGS)
def test_a_bag_leaves_padding_out(device, mode):
    y = F.embedding_bag(on(device, INDICES), on(device, TABLE), on(device, [0, 2, 4]), mode=mode, padding_idx=-1)
    expected = [BAGS[mode](TABLE[[0, 1]], axis=0), [0.0, 0.0], TABLE[2]]
    np.testing.assert_allclose(numbers(y), expected, rtol=1e-12)


def test_a_bag_weighs_its_rows(device):
    w = np.array([1.0, -1.0, 0.5, 2.0, 3.0])
    offsets = on(device, [0, 2, 5])
    y = F.embedding_bag(
        on(device, INDICES), on(device, TABLE), offsets, mode="sum", per_sample_weights=on(device, w),
        include_last_offset=True,
    )  # fmt: skip
    expected = [(w[:2, None] * TABLE[[0, 1]]).sum(axis=0), (w[2:, None] * TABLE[[3, 3, 2]]).sum(axis=0)]
    np.testing.assert_allclose(numbers(y), expected, rtol=1e-12)


def test_bags_of_nothing_are_zeros(device):
    nothing = minitorch.zeros(0, dtype=minitorch.int64, device=device)
    for mode in BAGS:
        y = F.embedding_bag(nothing, on(device, TABLE), on(device, [0, 0]), mode=mode)
        assert numbers(y).tolist() == [[0.0, 0.0]] * 2
        assert F.embedding_bag(nothing.reshape(0, 3), on(device, TABLE), mode=mode).shape == (0, 2)


@pytest.mark.parametrize("mode", BAGS)
def test_a_bag_differentiates_twice(device, mode):
    indices, offsets = on(device, INDICES), on(device, [0, 2, 2])

    class Bag(nn.Module):
        def forward(self, table, w):
            weights = {"per_sample_weights": w} if mode == "sum" else {}
            return F.embedding_bag(indices, table, offsets, mode=mode, padding_idx=2, **weights) + w.sum()

    check_layer(Bag(), randn(4, 2), randn(5), device=device)


def test_padding_starts_at_zero_and_gets_no_gradient(device):
    layer = nn.EmbeddingBag(4, 2, padding_idx=1, device=device)
    assert numbers(layer.weight)[1].tolist() == [0.0, 0.0]
    layer(on(device, [[0, 1], [1, 1]])).sum().backward()
    assert numbers(layer.weight.grad)[1].tolist() == [0.0, 0.0]
    assert numbers(layer.weight.grad)[0].tolist() == [1.0, 1.0]


def test_a_table_can_be_given():
    table = minitorch.ones(3, 2)
    layer = nn.Embedding(3, 2, _weight=table)
    assert layer.weight.data_ptr() == table.data_ptr()
    assert layer.weight.requires_grad
    assert not nn.Embedding(3, 2, _freeze=True).weight.requires_grad
    with pytest.raises(AssertionError, match="Shape of weight does not match num_embeddings and embedding_dim"):
        nn.Embedding(2, 2, _weight=table)


def test_an_embedding_from_a_table_draws_nothing():
    before = minitorch.get_rng_state()
    assert not nn.Embedding.from_pretrained(minitorch.ones(3, 2)).weight.requires_grad
    assert minitorch.get_rng_state().tolist() == before.tolist()


def test_a_bag_from_a_table_is_frozen():
    layer = nn.EmbeddingBag.from_pretrained(minitorch.ones(3, 2), mode="sum")
    assert not layer.weight.requires_grad
    assert nn.EmbeddingBag.from_pretrained(minitorch.ones(3, 2), freeze=False).weight.requires_grad
    with pytest.raises(AssertionError, match="2-dimensional"):
        nn.EmbeddingBag.from_pretrained(minitorch.ones(3))


I, W = minitorch.tensor(INDICES), minitorch.tensor(TABLE)
ZERO = minitorch.tensor([0])
WRONG = [
    (lambda: F.embedding_bag(I, W), ValueError, "offsets has to be a 1D Tensor but got None"),
    (lambda: F.embedding_bag(I.reshape(1, 5), W, ZERO), ValueError, "offsets has to be None"),
    (lambda: F.embedding_bag(I.reshape(1, 1, 5), W), ValueError, "1D or 2D Tensor, but got Tensor of dim"),
    (lambda: F.embedding_bag(I, W, ZERO + 1), RuntimeError, r"offsets\[0\] has to be 0"),
    (lambda: F.embedding_bag(I, W, minitorch.tensor([0, 9])), RuntimeError, "input's length 5 but got offsets"),
    (lambda: F.embedding_bag(I, W, ZERO, mode="all"), ValueError, "mode has to be one of sum, mean or max, got 'all'"),
    (lambda: F.embedding_bag(I, W, ZERO, per_sample_weights=W[0]), NotImplementedError, "only .* mode='sum'"),
    (lambda: F.embedding_bag(I, W, ZERO, mode="sum", per_sample_weights=W[0]), ValueError, "the same shape as"),
    (lambda: F.embedding_bag(I + 1, W, ZERO), IndexError, "the table has 4 rows"),
    (lambda: F.embedding_bag(I.float(), W, ZERO), RuntimeError, "expected indices of type int64"),
    (lambda: nn.EmbeddingBag(4, 2, padding_idx=4), AssertionError, "padding_idx must be within num_embeddings"),
    (lambda: nn.EmbeddingBag(4, 2, _weight=minitorch.ones(2, 2)), AssertionError, "Shape of weight does not match"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), WRONG)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


# ---- PyTorch ---------------------------------------------------------------------------------------------------------

OFFSETS = np.array([0, 2, 2, 4])


@pytest.mark.parametrize("mode", BAGS)
@pytest.mark.parametrize(
    "options", [{}, {"padding_idx": 3}, {"scale_grad_by_freq": True}, {"include_last_offset": True}], ids=str
)
def test_bag_equals_pytorchs(oracle, mode, options):
    if mode == "max" and "scale_grad_by_freq" in options:
        pytest.skip("PyTorch has no such thing")
    same_function(oracle, "embedding_bag", (np.array(INDICES), randn(4, 2), OFFSETS), {"mode": mode, **options})
    if "include_last_offset" not in options:
        same_function(oracle, "embedding_bag", (np.array([[0, 3], [3, 1]]), randn(4, 2)), {"mode": mode, **options})


def test_weighted_bag_equals_pytorchs(oracle):
    args = (np.array(INDICES), randn(4, 2), OFFSETS)
    same_function(oracle, "embedding_bag", args, {"mode": "sum", "per_sample_weights": randn(5)})


@pytest.mark.parametrize(
    "options", [{}, {"mode": "sum", "padding_idx": -1, "max_norm": 1.0}, {"norm_type": 1.0}], ids=str
)
def test_bag_layer_equals_pytorchs(oracle, options):
    ours, theirs = pair(oracle, "EmbeddingBag", 4, 2, **options)
    args = [np.array([[0, 3], [3, 1]])]
    same(run(minitorch, ours, args, {}, ours.parameters()), run(oracle, theirs, args, {}, theirs.parameters()))


def test_shortened_rows_equal_pytorchs(oracle):
    for norm in (1.0, 2.0):
        indices = np.array([3, 3, 1])
        ours, theirs = (
            lib.nn.functional.embedding(lib.tensor(indices), table, max_norm=1.5, norm_type=norm)
            for lib, table in ((minitorch, W.clone()), (oracle, oracle.tensor(TABLE)))
        )
        np.testing.assert_allclose(numbers(ours), theirs.numpy(), rtol=1e-10)
    same_function(oracle, "embedding", (np.array(INDICES), TABLE), {"scale_grad_by_freq": True})
    same_function(oracle, "embedding", (np.array(INDICES), TABLE[:, :1].copy()), {"padding_idx": 0})
