"""Lengths, distances and angles."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from minitorch.testing import check_gradients

from .tools import check_layer, numbers, on, randn, same_function, same_layer

A, B = randn(4, 3), randn(4, 3)


def test_normalize_makes_every_row_of_length_one(device):
    y = numbers(F.normalize(on(device, A)))
    np.testing.assert_allclose(np.linalg.norm(y, axis=1), 1.0, rtol=1e-12)
    np.testing.assert_allclose(numbers(F.normalize(on(device, A), p=1, dim=0)), A / abs(A).sum(axis=0), rtol=1e-12)
    assert numbers(F.normalize(minitorch.zeros(2, 3, device=device))).tolist() == [[0.0] * 3] * 2


def test_cosine_similarity_is_the_product_of_unit_vectors(device):
    expected = (A * B).sum(axis=1) / np.linalg.norm(A, axis=1) / np.linalg.norm(B, axis=1)
    np.testing.assert_allclose(numbers(nn.CosineSimilarity()(on(device, A), on(device, B))), expected, rtol=1e-10)
    against_one = (A @ B[0]) / np.linalg.norm(A, axis=1) / np.linalg.norm(B[0])
    y = F.cosine_similarity(on(device, A), on(device, B[0]), dim=-1)
    np.testing.assert_allclose(numbers(y), against_one, rtol=1e-10)


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0, float("inf")])
def test_pairwise_distance_is_the_norm_of_the_difference(device, p):
    expected = np.linalg.norm(A - B + 1e-6, ord=p, axis=1)
    y = nn.PairwiseDistance(p, keepdim=True)(on(device, A), on(device, B))
    np.testing.assert_allclose(numbers(y), expected[:, None], rtol=1e-10)


def test_pdist_measures_every_pair(device):
    expected = [np.linalg.norm(A[i] - A[j]) for i in range(4) for j in range(i + 1, 4)]
    np.testing.assert_allclose(numbers(F.pdist(on(device, A))), expected, rtol=1e-10)
    with pytest.raises(RuntimeError, match="pdist only supports 2D tensors, got: 1D"):
        F.pdist(minitorch.ones(3))


@pytest.mark.parametrize("layer", [nn.CosineSimilarity(), nn.PairwiseDistance(), nn.PairwiseDistance(3.0)], ids=str)
def test_distance_differentiates_twice(device, layer):
    check_layer(layer, randn(3, 2), randn(3, 2), device=device)


def test_normalize_differentiates_twice(device):
    check_gradients(F.normalize, randn(3, 2), device=device, fast=True)


@pytest.mark.parametrize(
    ("name", "args", "options"),
    [("normalize", (A,), {"p": 3.0}), ("normalize", (A,), {"dim": 0, "eps": 5.0}),
     ("cosine_similarity", (A, B[0]), {"dim": -1}), ("cosine_similarity", (A * 0, B), {"dim": 0}),
     ("cosine_similarity", (A, B), {"dim": 0}), ("pairwise_distance", (A, B[0]), {"p": 1, "keepdim": True}),
     ("pairwise_distance", (A, A), {}), ("pdist", (A,), {"p": 3})],
)  # fmt: skip
def test_distance_equals_pytorchs(oracle, name, args, options):
    same_function(oracle, name, args, options)


def test_distance_layers_equal_pytorchs(oracle):
    same_layer(oracle, "PairwiseDistance", (1.0, 1e-3, True), {}, [A, B])
    same_layer(oracle, "CosineSimilarity", (0,), {}, [A, B])


def test_where_a_vector_is_shorter_than_eps_the_gradient_is_that_of_the_formula(oracle):
    """PyTorch's values agree, but its gradient there is that of the quotient by the true length."""
    ours = F.cosine_similarity(minitorch.tensor(A), minitorch.tensor(B), eps=2.0)
    theirs = oracle.nn.functional.cosine_similarity(oracle.tensor(A), oracle.tensor(B), eps=2.0)
    np.testing.assert_allclose(numbers(ours), theirs.numpy(), rtol=1e-10)
    check_gradients(lambda a, b: F.cosine_similarity(a, b, eps=2.0), A, B, fast=True)
