"""Indexing with every kind of key, get and set: values are NumPy's, gradients are counted, and nothing wraps around."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitorch as mt
from minitorch.testing import strategies


@st.composite
def cases(draw: Any) -> tuple[np.ndarray, tuple[Any, ...]]:
    """An array and a key for it: basic, or with arrays of one or two dimensions, or one mask over several axes."""
    shape = draw(strategies.shapes(1, 4, 0, 4))
    x = np.random.default_rng(draw(st.integers(0, 99))).standard_normal(shape)
    form = draw(st.sampled_from(["basic", "arrays", "mask", "grid"]))
    if form == "basic":
        return x, draw(strategies.basic_indices(shape))
    if form == "arrays":
        return x, draw(strategies.advanced_indices(shape))
    first = draw(st.integers(0, len(shape) - 1))
    before = (slice(None),) * first
    if form == "mask":
        last = draw(st.integers(first + 1, len(shape)))
        masked = shape[first:last]
        size = int(np.prod(masked))
        share = draw(st.sampled_from(["none", "all", "some"]))
        bits = (
            draw(st.lists(st.booleans(), min_size=size, max_size=size)) if share == "some" else [share == "all"] * size
        )
        return x, (*before, np.array(bits, bool).reshape(masked))
    n = shape[first]
    index = st.integers(-n, n - 1) if n else st.nothing()
    rows, columns = (draw(st.integers(0, 3 if n else 0)) for _ in range(2))
    numbers = draw(st.lists(index, min_size=rows * columns, max_size=rows * columns))
    return x, (*before, np.array(numbers, np.int64).reshape(rows, columns))


def in_numpys_words(x: np.ndarray, key: tuple[Any, ...]) -> Any:
    """The number of every place that PyTorch's key chooses.

    Beside arrays NumPy takes an integer for an array, and may put the axes elsewhere; so integers, slices and None go
    first, and what is left then chooses among what they left.
    """
    places = np.arange(x.size).reshape(x.shape)
    if not any(isinstance(k, np.ndarray) for k in key):
        return places[key]
    basic: list[Any] = []
    for k in key:
        axes = k.ndim if isinstance(k, np.ndarray) and k.dtype.kind == "b" else 1
        basic += [slice(None)] * axes if isinstance(k, np.ndarray) else [k]
    rest = tuple(k if isinstance(k, np.ndarray) else slice(None) for k in key if not isinstance(k, int))
    return places[tuple(basic)][rest]


def ours(key: tuple[Any, ...], device: Any = "cpu") -> Any:
    """The key with tensors for arrays."""
    parts = tuple(mt.tensor(k, device=device) if isinstance(k, np.ndarray) else k for k in key)
    return parts[0] if len(parts) == 1 else parts


@given(cases())
def test_chosen_numbers_are_numpys_and_what_is_chosen_twice_gets_both_gradients(case):
    x, key = case
    places = in_numpys_words(x, key)
    t = mt.tensor(x, requires_grad=True)
    y = t[ours(key)]
    np.testing.assert_array_equal(y.detach().numpy(), x.reshape(-1)[places])
    c = np.arange(1.0, y.numel() + 1).reshape(y.shape)
    (y * mt.tensor(c)).sum().backward()
    expected = np.bincount(places.reshape(-1), c.reshape(-1), x.size).reshape(x.shape)
    assert t.grad is not None
    np.testing.assert_allclose(t.grad.numpy(), expected)
    shares = bool(y.numel()) and np.may_share_memory(y.value, t.value)
    assert shares == (bool(y.numel()) and not any(isinstance(k, np.ndarray) for k in key))


@given(cases(), st.sampled_from(["number", "scalar", "full", "row"]))
def test_written_numbers_are_numpys_and_gradients_go_where_they_came_from(case, form):
    x, key = case
    places = in_numpys_words(x, key)
    if len(set(places.reshape(-1).tolist())) < places.size:
        return  # which of several values stays is not said
    shape = {"number": (), "scalar": (), "full": places.shape, "row": places.shape[-1:]}[form]
    value = np.random.default_rng(1).standard_normal(shape)
    t, v = mt.tensor(x, requires_grad=True), mt.tensor(value, requires_grad=True)
    y = t * 1
    y[ours(key)] = value.item() if form == "number" else v
    expected = x.reshape(-1).copy()
    expected[places] = value
    np.testing.assert_array_equal(y.detach().numpy(), expected.reshape(x.shape))
    c = np.arange(1.0, x.size + 1)
    (y * mt.tensor(c.reshape(x.shape))).sum().backward()
    kept = c.copy()
    kept[places] = 0
    assert t.grad is not None
    np.testing.assert_allclose(t.grad.numpy(), kept.reshape(x.shape))
    if form != "number" and places.size:
        at = c[places]
        taken = at.sum(axis=tuple(range(at.ndim - len(shape))))
        assert v.grad is not None
        np.testing.assert_allclose(v.grad.numpy(), taken)


@given(cases(), st.sampled_from(["get", "set"]))
def test_keys_mean_what_they_mean_in_pytorch(oracle, case, what):
    x, key = case
    a, b = mt.tensor(x, requires_grad=True), oracle.tensor(x, requires_grad=True)
    theirs = tuple(oracle.tensor(k) if isinstance(k, np.ndarray) else k for k in key)
    if what == "get":
        u, w = a[ours(key)], b[theirs]
    elif any(isinstance(k, np.ndarray) and k.dtype != bool for k in key):
        return
    else:
        u, w = a * 1, b * 1
        u[ours(key)] = 7.5
        w[theirs] = 7.5
    np.testing.assert_array_equal(u.detach().numpy(), w.detach().numpy())
    (u * u).sum().backward()
    (w * w).sum().backward()
    np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy())  # type: ignore[union-attr]


def test_index_that_occurs_twice_accumulates_however_it_is_written(device):
    for key in (
        [1, 1, 0],
        mt.tensor([1, 1, 0], device=device),
        np.array([1, 1, 0]),
        (mt.tensor([-1, 1, 0], device=device), 0),
    ):
        x = mt.ones(2, 3, device=device, requires_grad=True)
        x[key].sum().backward()
        assert x.grad is not None
        assert x.grad[:, 0].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("empty", [[], (), [[]], "none", "where"])
def test_empty_keys_and_masks_choose_and_change_nothing(empty, device):
    x = mt.arange(6.0, device=device).view(2, 3).requires_grad_()
    if isinstance(empty, str):
        mask = mt.zeros(2, 3, dtype=mt.bool, device=device)
        empty = mask if empty == "none" else mask.nonzero(as_tuple=True)
    elif empty == ():
        assert x[()].shape == (2, 3)
        return
    y = x[empty]
    assert y.numel() == 0
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[0.0] * 3] * 2
    z = x * 1
    z[empty] = 5.0
    assert z.tolist() == [[0, 1, 2], [3, 4, 5]]
    z[empty] = y.detach() * 2
    assert z.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_indices_without_dimensions_are_integers_and_truth_values_add_one(device):
    x = mt.arange(6.0, device=device).view(2, 3)
    for one in (
        1,
        -1,
        np.int64(1),
        np.array(1),
        mt.tensor(1),
        mt.tensor(1, device=device),
        mt.tensor(-1, dtype=mt.int32),
    ):
        assert x[one].tolist() == [3, 4, 5]
        assert x[:, one].tolist() == x[:, int(one)].tolist()
        assert np.may_share_memory(x[one].cpu().value, x.cpu().value) or device.type != "cpu"
    for true in (True, np.True_, mt.tensor(True, device=device)):
        assert x[true].shape == (1, 2, 3)
    for false in (False, mt.tensor(False, device=device)):
        assert x[false].shape == (0, 2, 3)
        x[false] = 9.0
    assert x.tolist() == [[0, 1, 2], [3, 4, 5]]
    s = mt.tensor(4.0, device=device)
    assert s[None].shape == (1,)
    assert s[...].item() == s[()].item() == 4.0
    s[()] = 5.0
    s[mt.tensor(True, device=device)] = s + 1
    assert s.item() == 6.0


OUTSIDE = {
    "integer": lambda n, like: n,
    "negative integer": lambda n, like: -n - 1,
    "0-d tensor": lambda n, like: like(n),
    "list": lambda n, like: [0, n],
    "tensor": lambda n, like: like([0, -n - 1]),
    "second axis": lambda n, like: (slice(None), like([0, 1, n])),
    "two arrays": lambda n, like: (like([0, 0]), like([0, n])),
    "beside a mask": lambda n, like: (like([True] * n), like([n] * n)),
    "numpy array": lambda n, like: np.array([n]),
}


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("n", [1, 3])
def test_index_outside_is_refused_on_every_device_and_nothing_is_written(name, n, device):
    x = mt.arange(float(n * n), device=device).view(n, n)
    key = OUTSIDE[name](n, lambda values: mt.tensor(values, device=device))
    with pytest.raises(IndexError, match=rf"out of bounds for dimension \d with size {n}"):
        x[key]
    with pytest.raises(IndexError, match=rf"out of bounds for dimension \d with size {n}"):
        x[key] = 1.0
    assert x.reshape(-1).tolist() == list(range(n * n))


@pytest.mark.parametrize("call", [
    lambda x, i: x.gather(0, i), lambda x, i: x.index_select(0, i[0]), lambda x, i: x.scatter(0, i, 1.0),
    lambda x, i: x.scatter_add(0, i, x), lambda x, i: mt.nn.functional.embedding(i, x),
])  # fmt: skip
@pytest.mark.parametrize("outside", [3, -1, -4])
def test_functions_of_indices_refuse_what_is_outside_on_every_device(call, outside, device):
    x, index = mt.ones(3, 3, device=device), mt.tensor([[0, outside, 1]], device=device)
    with pytest.raises((IndexError, RuntimeError), match="out of (bounds|range)"):
        call(x, index)


@pytest.mark.parametrize(("key", "error", "words"), [
    (1.0, IndexError, "only integers, slices"), ("a", TypeError, "string 'a'"), ((0, 0, 0), IndexError, "too many indices"),
    (slice(None, None, -1), ValueError, "step must be greater than zero"), (slice(0.5), TypeError, "integer|__index__"),
    ([True], IndexError, "shape of the mask"), (([0, 1], [0, 1, 1]), IndexError, "shape mismatch"),
    (mt.tensor([0.5]), IndexError, "must be long, int, byte or bool"), (object(), IndexError, "only integers, slices"),
    (mt.zeros(2, 3, 1, dtype=mt.bool), IndexError, "too many indices"),
])  # fmt: skip
def test_keys_without_a_meaning_are_refused_in_pytorchs_words(key, error, words):
    x = mt.zeros(2, 3)
    with pytest.raises(error, match=words):
        x[key]
    with pytest.raises(error, match=words):
        x[key] = 1.0
