"""Attention against a loop over queries, and against PyTorch: masks, weights, heads."""

from __future__ import annotations

import math

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from minitorch.testing import check_gradients

from .tools import check_layer, numbers, on, randn, same_function, same_layer

RNG = np.random.default_rng(3)
ALLOWED = RNG.random((3, 5)) < 0.6
ALLOWED[:, 0] = True


def attend(q, k, v, allowed):
    """For every query: a mean of the values that it may see, weighted by exponentials of products."""
    rows = []
    for i, query in enumerate(q):
        w = [math.exp(query @ key / math.sqrt(len(query))) if allowed[i][j] else 0.0 for j, key in enumerate(k)]
        rows.append(sum(a * row for a, row in zip(w, v, strict=True)) / sum(w))
    return np.array(rows)


@pytest.mark.parametrize("mask", ["none", "boolean", "added", "causal"])
def test_attention_is_a_weighted_mean_of_what_is_allowed(device, mask):
    q, k, v = randn(2, 3, 4), randn(2, 5, 4), randn(2, 5, 6)
    allowed = {"none": np.ones((3, 5), bool), "causal": np.tri(3, 5, dtype=bool)}.get(mask, ALLOWED)
    options = {
        "none": {},
        "causal": {"is_causal": True},
        "boolean": {"attn_mask": on(device, ALLOWED)},
        "added": {"attn_mask": on(device, np.where(ALLOWED, 0.0, -np.inf))},
    }
    y = F.scaled_dot_product_attention(on(device, q), on(device, k), on(device, v), **options[mask])
    for n in range(2):
        np.testing.assert_allclose(numbers(y)[n], attend(q[n], k[n], v[n], allowed), rtol=1e-10)


def test_a_query_that_sees_nothing_gets_zeros_and_a_gradient_of_zero(device):
    allowed = np.array([[True, False], [False, False]])
    q, k, v = (on(device, randn(1, 2, 3)).requires_grad_() for _ in range(3))
    y = F.scaled_dot_product_attention(q, k, v, attn_mask=on(device, allowed))
    y.sum().backward()
    assert (numbers(y)[0, 1] == 0).all()
    assert (numbers(q.grad)[0, 1] == 0).all()
    assert all(np.isfinite(numbers(x.grad)).all() for x in (q, k, v))


def test_what_comes_later_does_not_matter_to_causal_attention(device):
    x = randn(1, 6, 4)
    changed = x.copy()
    changed[:, 4:] += 1.0

    def first(values):
        t = on(device, values)
        return numbers(F.scaled_dot_product_attention(t, t, t, is_causal=True))[:, :4]

    np.testing.assert_array_equal(first(x), first(changed))


def test_heads_of_queries_share_heads_of_keys(device):
    q, k, v = randn(1, 4, 3, 2), randn(1, 2, 5, 2), randn(1, 2, 5, 2)
    y = F.scaled_dot_product_attention(on(device, q), on(device, k), on(device, v), enable_gqa=True)
    for h in range(4):
        expected = attend(q[0, h], k[0, h // 2], v[0, h // 2], np.ones((3, 5), bool))
        np.testing.assert_allclose(numbers(y)[0, h], expected, rtol=1e-10)


def test_attention_differentiates_twice(device):
    mask = on(device, ALLOWED)
    check_gradients(
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=0.7),
        randn(2, 3, 4), randn(2, 5, 4), randn(2, 5, 2), device=device, fast=True,
    )  # fmt: skip


# ---- several heads ---------------------------------------------------------------------------------------------------


def heads_by_hand(layer, q, k, v, allowed):
    """Project, attend with each head by itself, join, project; for one sequence."""
    E, H = layer.embed_dim, layer.num_heads
    W, b = np.split(numbers(layer.in_proj_weight), 3), np.split(numbers(layer.in_proj_bias), 3)
    q, k, v = (x @ w.T + c for x, w, c in zip((q, k, v), W, b, strict=True))
    D = E // H
    parts = [attend(*(x[:, h * D : (h + 1) * D] for x in (q, k, v)), allowed) for h in range(H)]
    return np.concatenate(parts, axis=1) @ numbers(layer.out_proj.weight).T + numbers(layer.out_proj.bias)


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("batch_first", [True, False])
def test_every_head_attends_by_itself(device, batch_first, need_weights):
    layer = nn.MultiheadAttention(4, 2, batch_first=batch_first).double().to(device)
    q, k, v = randn(2, 3, 4), randn(2, 5, 4), randn(2, 5, 4)
    padding = np.array([[False] * 5, [False, False, False, True, True]])
    turn = (0, 1, 2) if batch_first else (1, 0, 2)
    y, weights = layer(
        *(on(device, x.transpose(turn).copy()) for x in (q, k, v)),
        attn_mask=on(device, ~ALLOWED), key_padding_mask=on(device, padding), need_weights=need_weights,
    )  # fmt: skip
    for n in range(2):
        expected = heads_by_hand(layer, q[n], k[n], v[n], ALLOWED & ~padding[n])
        np.testing.assert_allclose(numbers(y).transpose(turn)[n], expected, rtol=1e-10)
    assert (weights is not None) == need_weights
    if need_weights:
        np.testing.assert_allclose(numbers(weights).sum(axis=-1), 1.0, rtol=1e-12)
        assert (numbers(weights)[:, ~ALLOWED] == 0).all()


def test_weights_are_the_mean_over_the_heads_unless_told_otherwise(device):
    layer = nn.MultiheadAttention(4, 2).double().to(device)
    x = on(device, randn(3, 2, 4))
    _, mean = layer(x, x, x)
    _, each = layer(x, x, x, average_attn_weights=False)
    assert each.shape == (2, 2, 3, 3)
    np.testing.assert_allclose(numbers(each).mean(axis=1), numbers(mean), rtol=1e-12)


def test_dropout_of_attention_is_in_training_only():
    layer = nn.MultiheadAttention(4, 2, dropout=0.5)
    x = minitorch.ones(6, 1, 4)
    _, weights = layer(x, x, x, average_attn_weights=False)
    assert (numbers(weights) == 0).any()
    np.testing.assert_allclose(numbers(weights)[numbers(weights) > 0], 2 / 6, rtol=1e-5)
    _, weights = layer.eval()(x, x, x)
    np.testing.assert_allclose(numbers(weights), 1 / 6, rtol=1e-5)


@pytest.mark.parametrize("options", [{}, {"kdim": 3, "vdim": 2, "bias": False}, {"add_bias_kv": True}], ids=str)
def test_multihead_attention_differentiates_twice(device, options):
    layer = nn.MultiheadAttention(4, 2, add_zero_attn=True, **options)
    check_layer(layer, randn(2, 1, 4), randn(3, 1, layer.kdim), randn(3, 1, layer.vdim), device=device)


ONES = minitorch.ones
X = ONES(3, 2, 4)
LAYER = nn.MultiheadAttention(4, 2)
WRONG = [
    (lambda: nn.MultiheadAttention(5, 2), AssertionError, "embed_dim must be divisible by num_heads"),
    (lambda: nn.MultiheadAttention(0, 2), ValueError, "must be greater than 0"),
    (lambda: LAYER(ONES(3, 2, 5), X, X), AssertionError, "was expecting embedding dimension of 4, but got 5"),
    (lambda: LAYER(ONES(4), X, X), AssertionError, "unbatched 2D or batched 3D tensor but received 1-D"),
    (lambda: LAYER(X, ONES(3, 4), X), AssertionError, "to be 3-D but found 2-D and 3-D"),
    (lambda: LAYER(X, X, ONES(2, 2, 4)), AssertionError, "does not match value shape"),
    (lambda: LAYER(X, X, X, key_padding_mask=ONES(3, 2) > 0), AssertionError, "key_padding_mask of shape"),
    (lambda: LAYER(X, X, X, attn_mask=ONES(2, 2) > 0), RuntimeError, r"2D attn_mask is .*\[2, 2\].*should be \(3, 3\)"),
    (lambda: LAYER(X, X, X, attn_mask=ONES(2, 3, 3) > 0), RuntimeError, r"should be \(4, 3, 3\)"),
    (lambda: LAYER(X, X, X, attn_mask=ONES(3)), RuntimeError, "attn_mask's dimension 1 is not supported"),
    (lambda: LAYER(X, X, X, attn_mask=ONES(3, 3).long()), AssertionError, "only bool and floating types of attn_mask"),
    (lambda: LAYER(X, X, X, is_causal=True), RuntimeError, "Need attn_mask if specifying the is_causal hint"),
    (lambda: F.scaled_dot_product_attention(X, ONES(3, 2, 5), X), RuntimeError, "do not fit"),
    (lambda: F.scaled_dot_product_attention(ONES(4), X, X), RuntimeError, "at least two dimensions"),
    (lambda: F.scaled_dot_product_attention(X, X, X, ONES(2, 2), is_causal=True), RuntimeError, "should not be set"),
    (lambda: F.scaled_dot_product_attention(X, X[:2], X[:2], enable_gqa=True), RuntimeError, "share"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), WRONG)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


# ---- PyTorch ---------------------------------------------------------------------------------------------------------

MASK3 = RNG.random((4, 3, 5)) < 0.3
MASK3[:, :, 0] = False
PADDING = np.array([[False] * 5, [False, False, True, True, True]])
MASKS = [
    {},
    {"attn_mask": ~ALLOWED},
    {"attn_mask": MASK3, "need_weights": False},
    {"attn_mask": randn(3, 5), "average_attn_weights": False},
    {"key_padding_mask": PADDING},
    {"attn_mask": ~ALLOWED, "key_padding_mask": PADDING, "need_weights": False},
]
LAYERS = [
    {},
    {"bias": False},
    {"kdim": 3, "vdim": 2},
    {"add_bias_kv": True, "add_zero_attn": True},
    {"batch_first": True},
]


@pytest.mark.parametrize("masks", MASKS, ids=lambda m: "+".join(m) or "free")
@pytest.mark.parametrize("options", LAYERS, ids=str)
def test_multihead_attention_equals_pytorchs(oracle, options, masks):
    inputs = [randn(3, 2, 4), randn(5, 2, options.get("kdim", 4)), randn(5, 2, options.get("vdim", 4))]
    if options.get("batch_first"):
        inputs = [x.transpose(1, 0, 2).copy() for x in inputs]
    same_layer(oracle, "MultiheadAttention", (4, 2), options, inputs, masks)


def test_multihead_attention_without_a_batch_equals_pytorchs(oracle):
    masks = {"attn_mask": ~ALLOWED, "key_padding_mask": PADDING[1]}
    same_layer(oracle, "MultiheadAttention", (4, 2), {}, [randn(3, 4), randn(5, 4), randn(5, 4)], masks)


@pytest.mark.parametrize(
    "options",
    [{}, {"is_causal": True}, {"scale": 0.3, "attn_mask": ALLOWED}, {"attn_mask": np.where(ALLOWED, 0.5, -np.inf)}],
    ids=["free", "causal", "boolean", "added"],
)
@pytest.mark.parametrize("gqa", [False, True])
def test_attention_equals_pytorchs(oracle, options, gqa):
    heads = 2 if gqa else 4
    inputs = (randn(2, 4, 3, 6), randn(2, heads, 5, 6), randn(2, heads, 5, 2))
    same_function(oracle, "scaled_dot_product_attention", inputs, {**options, "enable_gqa": gqa})
