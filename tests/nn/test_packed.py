"""Sequences padded and packed, and back."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch.nn.utils import rnn
from minitorch.testing import check_gradients

from .tools import numbers, on, randn, run, same

SEQUENCES = [randn(3, 2), randn(5, 2), randn(1, 2)]


def test_pad_sequence_fills_up_at_either_end(device):
    tensors = [on(device, s) for s in SEQUENCES]
    y = numbers(rnn.pad_sequence(tensors, padding_value=7.0))
    left = numbers(rnn.pad_sequence(tensors, batch_first=True, padding_value=7.0, padding_side="left"))
    assert y.shape == (5, 3, 2)
    for n, s in enumerate(SEQUENCES):
        assert (y[: len(s), n] == s).all()
        assert (y[len(s) :, n] == 7.0).all()
        assert (left[n, 5 - len(s) :] == s).all()
        assert (left[n, : 5 - len(s)] == 7.0).all()


def test_unpad_sequence_undoes_pad_sequence(device):
    for first in (False, True):
        padded = rnn.pad_sequence([on(device, s) for s in SEQUENCES], batch_first=first)
        back = rnn.unpad_sequence(padded, minitorch.tensor([3, 5, 1]), batch_first=first)
        assert all((numbers(a) == b).all() for a, b in zip(back, SEQUENCES, strict=True))


def test_a_pack_holds_time_after_time_the_longest_sequence_first(device):
    packed = rnn.pack_sequence([on(device, s) for s in SEQUENCES], enforce_sorted=False)
    rows = [SEQUENCES[n][t] for t in range(5) for n in (1, 0, 2) if t < len(SEQUENCES[n])]
    assert (numbers(packed.data) == np.array(rows)).all()
    assert packed.batch_sizes.tolist() == [3, 2, 2, 1, 1]
    assert packed.sorted_indices.tolist() == [1, 0, 2]
    assert packed.unsorted_indices.tolist() == [1, 0, 2]
    assert packed.data.device.type == device.type
    assert packed.batch_sizes.device.type == "cpu"


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 2, 1), (2, 0, 1)])
def test_unpacking_undoes_packing(device, order):
    given = [SEQUENCES[i] for i in order]
    packed = rnn.pack_sequence([on(device, s) for s in given], enforce_sorted=False)
    for a, b in zip(rnn.unpack_sequence(packed), given, strict=True):
        assert (numbers(a) == b).all()


def test_padding_a_pack_takes_a_value_and_a_length(device):
    packed = rnn.pack_sequence([on(device, s) for s in SEQUENCES], enforce_sorted=False)
    y, sizes = rnn.pad_packed_sequence(packed, batch_first=True, padding_value=-1.0, total_length=7)
    assert sizes.tolist() == [3, 5, 1]
    assert y.shape == (3, 7, 2)
    for n, s in enumerate(SEQUENCES):
        assert (numbers(y)[n, : len(s)] == s).all()
        assert (numbers(y)[n, len(s) :] == -1.0).all()


def test_packing_and_padding_differentiate_twice(device):
    def there_and_back(x):
        packed = rnn.pack_padded_sequence(x, [2, 4, 1], enforce_sorted=False)
        return packed.data, rnn.pad_packed_sequence(packed, padding_value=3.0)[0]

    check_gradients(there_and_back, randn(4, 3, 2), device=device, fast=True)


def test_a_pack_moves_and_converts():
    packed = rnn.pack_sequence([minitorch.ones(2, 1), minitorch.ones(3, 1)], enforce_sorted=False)
    assert packed.double().data.dtype == minitorch.float64
    assert packed.double().float().data.dtype == minitorch.float32
    assert packed.to(minitorch.float64).sorted_indices.tolist() == [1, 0]
    assert not packed.cpu().is_cuda
    data, sizes, order, back = packed
    assert data is packed.data
    assert (sizes.tolist(), order.tolist(), back.tolist()) == ([2, 2, 1], [1, 0], [1, 0])


def test_a_pack_put_together_by_hand_finds_the_way_back():
    packed = rnn.PackedSequence(minitorch.ones(6, 1), minitorch.tensor([3, 2, 1]), minitorch.tensor([2, 0, 1]))
    assert packed.unsorted_indices.tolist() == [1, 2, 0]


ONES = minitorch.ones
WRONG = [
    (lambda: rnn.pack_padded_sequence(ONES(5, 2, 3), [3, 5]), RuntimeError, "sorted in decreasing order"),
    (lambda: rnn.pack_padded_sequence(ONES(5, 2, 3), [3, 0]), RuntimeError, "greater than 0"),
    (lambda: rnn.pack_padded_sequence(ONES(5, 2, 3), [6, 1]), RuntimeError, "a length is 6, but the input has 5 times"),
    (lambda: rnn.pack_padded_sequence(ONES(5, 2, 3), [3]), RuntimeError, r"got 1 \(batch_size=2\)"),
    (lambda: rnn.pack_sequence([ONES(2, 1), ONES(3, 1)]), RuntimeError, "sorted in decreasing order"),
    (lambda: rnn.pad_packed_sequence(rnn.pack_sequence([ONES(3, 1)]), total_length=2), ValueError, "total_length=2"),
    (lambda: rnn.pad_sequence([]), RuntimeError, "empty list"),
    (lambda: rnn.pad_sequence(5), RuntimeError, "Expected iterable"),
    (lambda: rnn.pad_sequence([ONES(2)], padding_side="top"), RuntimeError, "left or right, but got top"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), WRONG)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


@pytest.mark.parametrize("first", [False, True])
def test_packs_equal_pytorchs(oracle, first):
    x = randn(3, 4, 2) if first else randn(4, 3, 2)

    def call(torch):
        def function(x):
            packed = torch.nn.utils.rnn.pack_padded_sequence(x, [2, 4, 2], batch_first=first, enforce_sorted=False)
            padded, sizes = torch.nn.utils.rnn.pad_packed_sequence(packed, batch_first=first, total_length=5)
            return packed.data, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices, padded, sizes

        return run(torch, function, [x], {})

    same(call(minitorch), call(oracle))
