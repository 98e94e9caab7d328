"""Recurrent networks against loops over single sequences, and against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn.functional import recurrent
from minitorch.nn.utils import rnn as packing

from ..ops.test_fused import assert_same
from .tools import check_layer, numbers, on, pair, randn, run, same, same_layer


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# ---- one step of each kind, for one sequence -------------------------------------------------------------------------


def step_rnn(x, state, w):
    return (np.tanh(w["ih"] @ x + w["bi"] + w["hh"] @ state[0] + w["bh"]),)


def step_relu(x, state, w):
    return (np.maximum(w["ih"] @ x + w["bi"] + w["hh"] @ state[0] + w["bh"], 0.0),)


def step_lstm(x, state, w):
    h, c = state
    i, f, g, o = np.split(w["ih"] @ x + w["bi"] + w["hh"] @ h + w["bh"], 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    h = sigmoid(o) * np.tanh(c)
    return (w["hr"] @ h if "hr" in w else h), c


def step_gru(x, state, w):
    (h,) = state
    a, b = np.split(w["ih"] @ x + w["bi"], 3), np.split(w["hh"] @ h + w["bh"], 3)
    r, z = sigmoid(a[0] + b[0]), sigmoid(a[1] + b[1])
    n = np.tanh(a[2] + r * b[2])
    return ((1 - z) * n + z * h,)


def weights_of(layer, end):
    names = {"ih": "weight_ih", "hh": "weight_hh", "bi": "bias_ih", "bh": "bias_hh", "hr": "weight_hr"}
    found = {short: numbers(p) for short, name in names.items() if (p := getattr(layer, name + end, None)) is not None}
    zero = np.zeros(len(found["ih"]))
    return {"bi": zero, "bh": zero, **found}


def by_hand(layer, step, x, state):
    """Run all layers and directions on one sequence (T, I), from states (L·D, H); return outputs and last states."""
    ends = []
    for depth in range(layer.num_layers):
        sides = []
        for d in range(layer.directions):
            now = tuple(part[depth * layer.directions + d] for part in state)
            w, outputs = weights_of(layer, f"_l{depth}" + ("_reverse" if d else "")), []
            for row in x[::-1] if d else x:
                now = step(row, now, w)
                outputs.append(now[0])
            sides.append(np.array(outputs[::-1] if d else outputs))
            ends.append(now)
        x = np.concatenate(sides, axis=1)
    return x, [np.array(parts) for parts in zip(*ends, strict=True)]


KINDS = [
    (nn.RNN, {}, step_rnn),
    (nn.RNN, {"nonlinearity": "relu"}, step_relu),
    (nn.LSTM, {}, step_lstm),
    (nn.LSTM, {"proj_size": 2}, step_lstm),
    (nn.GRU, {}, step_gru),
]
OPTIONS = [{}, {"num_layers": 2}, {"bidirectional": True}, {"num_layers": 2, "bidirectional": True, "bias": False}]


def states(layer, N):
    return [randn(*shape) for shape in layer._shapes(N)]


def given(device, state):
    tensors = tuple(on(device, part) for part in state)
    return tensors if len(tensors) > 1 else tensors[0]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize(("kind", "own", "step"), KINDS)
def test_network_is_its_equations_for_each_sequence(device, kind, own, step, options):
    layer = kind(3, 4, **own, **options).double().to(device)
    x, state = randn(5, 2, 3), states(layer, 2)
    y, last = layer(on(device, x), given(device, state))
    last = last if isinstance(last, tuple) else (last,)
    for n in range(2):
        expected, ends = by_hand(layer, step, x[:, n], [part[:, n] for part in state])
        np.testing.assert_allclose(numbers(y)[:, n], expected, rtol=1e-10, atol=1e-12)
        for part, end in zip(last, ends, strict=True):
            np.testing.assert_allclose(numbers(part)[:, n], end, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("kind", "own", "step"), KINDS)
def test_packed_sequences_run_each_in_its_own_length(device, kind, own, step):
    layer = kind(3, 4, num_layers=2, bidirectional=True, **own).double().to(device)
    x, lengths, state = randn(5, 3, 3), [2, 5, 1], states(layer, 3)
    packed = packing.pack_padded_sequence(on(device, x), lengths, enforce_sorted=False)
    out, last = layer(packed, given(device, state))
    y, sizes = packing.pad_packed_sequence(out)
    last = last if isinstance(last, tuple) else (last,)
    assert sizes.tolist() == lengths
    for n, T in enumerate(lengths):
        expected, ends = by_hand(layer, step, x[:T, n], [part[:, n] for part in state])
        np.testing.assert_allclose(numbers(y)[:T, n], expected, rtol=1e-10, atol=1e-12)
        assert (numbers(y)[T:, n] == 0).all()
        for part, end in zip(last, ends, strict=True):
            np.testing.assert_allclose(numbers(part)[:, n], end, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_batch_first_and_unbatched_are_the_same_network(device, kind):
    layer = kind(3, 4, batch_first=True).double().to(device)
    x = randn(2, 5, 3)
    y, _ = layer(on(device, x))
    layer.batch_first = False
    turned, _ = layer(on(device, x.transpose(1, 0, 2).copy()))
    np.testing.assert_allclose(numbers(y), numbers(turned).transpose(1, 0, 2), rtol=1e-12)
    alone, last = layer(on(device, x[0]))
    np.testing.assert_allclose(numbers(alone), numbers(y)[0], rtol=1e-10)
    assert (last[0] if isinstance(last, tuple) else last).shape == (1, 4)


@pytest.mark.parametrize("reverse", [False, True])
def test_the_lstm_in_one_node_is_its_steps_to_second_order(device, reverse):
    def in_one(a, h, c, weight, bias):
        y, state = recurrent.lstm_in_one(a, 2, (h, c), (weight, bias), reverse)
        return y, *state

    def in_steps(a, h, c, weight, bias):
        y, state = recurrent.recur(recurrent.lstm_step, a, [2] * 3, (h, c), (weight, bias), reverse)
        return y, *state

    arrays = randn(6, 8), randn(2, 2), randn(2, 2), randn(8, 2), randn(8)
    assert_same(in_one, in_steps, *arrays, device=device)


def test_dropout_is_between_the_layers_and_in_training_only():
    layer = nn.RNN(3, 50, num_layers=2, dropout=1.0).double()
    x = minitorch.tensor(randn(4, 2, 3))
    dropped, _ = layer(x)
    blind, _ = layer(x * 0)
    assert not np.allclose(numbers(layer.eval()(x)[0]), numbers(dropped))
    layer.train()
    w, b = numbers(layer.weight_hh_l1), numbers(layer.bias_ih_l1) + numbers(layer.bias_hh_l1)
    h = np.zeros((2, 50))
    for t in range(4):  # the second layer sees zeros, whatever the input
        h = np.tanh(h @ w.T + b)
        np.testing.assert_allclose(numbers(dropped)[t], h, rtol=1e-9)
        np.testing.assert_allclose(numbers(blind)[t], h, rtol=1e-9)


@pytest.mark.parametrize(
    "layer",
    [nn.RNN(2, 3), nn.RNN(2, 2, nonlinearity="relu"), nn.LSTM(2, 3, proj_size=2), nn.GRU(2, 2, bidirectional=True)],
    ids=repr,
)
def test_network_differentiates_twice(device, layer):
    check_layer(layer, randn(3, 2, 2), device=device)


def test_network_of_packed_sequences_differentiates_twice(device):
    layer = nn.LSTM(2, 2, bidirectional=True)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = layer

        def forward(self, x):
            out, (h, c) = self.lstm(packing.pack_padded_sequence(x, [1, 3], enforce_sorted=False))
            return packing.pad_packed_sequence(out, padding_value=2.0, total_length=4)[0], h, c

    check_layer(Net(), randn(3, 2, 2), device=device)


@pytest.mark.parametrize("layer", [nn.RNNCell(2, 3), nn.LSTMCell(2, 3), nn.GRUCell(2, 3)], ids=repr)
def test_cell_differentiates_twice(device, layer):
    check_layer(layer, randn(4, 2), device=device)


@pytest.mark.parametrize(("cell", "network"), [(nn.RNNCell, nn.RNN), (nn.LSTMCell, nn.LSTM), (nn.GRUCell, nn.GRU)])
def test_cell_is_one_step_of_the_network(device, cell, network):
    net, one = network(3, 4).double().to(device), cell(3, 4).double().to(device)
    one.load_state_dict({key.removesuffix("_l0"): value for key, value in net.state_dict().items()})
    x, state = on(device, randn(5, 2, 3)), None
    for row in x:
        state = one(row, state)
    _, last = net(x)
    for ours, theirs in zip(*(s if isinstance(s, tuple) else (s,) for s in (state, last)), strict=True):
        np.testing.assert_allclose(numbers(ours), numbers(theirs)[0], rtol=1e-10)
    assert (state[0] if isinstance(state, tuple) else state).shape == (2, 4)
    alone = one(x[0, 0])
    assert (alone[0] if isinstance(alone, tuple) else alone).shape == (4,)


def test_an_empty_batch_gives_an_empty_output():
    for layer in (nn.RNN(3, 4), nn.LSTM(3, 4, num_layers=2), nn.GRU(3, 4, bidirectional=True)):
        y, _ = layer(minitorch.zeros(5, 0, 3))
        assert y.shape == (5, 0, 4 * layer.directions)


def test_networks_start_evenly_within_one_over_the_root_of_the_hidden_size():
    for layer in (nn.LSTM(30, 25), nn.GRUCell(30, 25)):
        for p in layer.parameters():
            assert 0.15 < abs(numbers(p)).max() <= 0.2


def test_parameters_can_be_listed_by_layer_and_direction():
    layer = nn.LSTM(3, 4, num_layers=2, bidirectional=True, proj_size=2)
    assert [len(weights) for weights in layer.all_weights] == [5] * 4
    assert layer.all_weights[1][0] is layer.weight_ih_l0_reverse
    layer.flatten_parameters()  # nothing to do


ONES = minitorch.ones
WRONG = [
    (lambda: nn.LSTM(3, 4, 2, dropout=1.5), ValueError, "dropout should be a number in range"),
    (lambda: nn.LSTM(3, 4.0), TypeError, "hidden_size should be of type int, got: float"),
    (lambda: nn.LSTM(3, 0), ValueError, "hidden_size must be greater than zero"),
    (lambda: nn.LSTM(3, 4, 0), ValueError, "num_layers must be greater than zero"),
    (lambda: nn.LSTM(3, 4, proj_size=4), ValueError, "proj_size has to be smaller than hidden_size"),
    (lambda: nn.LSTM(3, 4, proj_size=-1), ValueError, "proj_size should be a positive integer"),
    (lambda: nn.GRU(3, 4, proj_size=2), ValueError, "proj_size argument is only supported for LSTM"),
    (lambda: nn.RNN(3, 4, nonlinearity="x"), ValueError, "Unknown nonlinearity 'x'. Select from 'tanh' or 'relu'."),
    (lambda: nn.RNN(3, 4)(ONES(3)), ValueError, "RNN: Expected input to be 2D or 3D, got 1D"),
    (lambda: nn.RNN(3, 4)(ONES(5, 2, 4)), RuntimeError, "equal to input_size. Expected 3, got 4"),
    (lambda: nn.RNN(3, 4)(ONES(0, 2, 3)), RuntimeError, "Expected sequence length to be larger than 0"),
    (lambda: nn.RNN(3, 4)(ONES(5, 2, 3).double()), ValueError, "does not match weight dtype"),
    (lambda: nn.GRU(3, 4)(ONES(5, 2, 3), ONES(1, 4)), RuntimeError, "batched 3-D .* 3-D but got 2-D"),
    (lambda: nn.GRU(3, 4)(ONES(5, 3), ONES(1, 2, 4)), RuntimeError, "For unbatched 2-D input, hx should also be 2-D"),
    (lambda: nn.GRU(3, 4)(ONES(5, 2, 3), ONES(2, 2, 4)), RuntimeError, r"size \(1, 2, 4\), got \[2, 2, 4\]"),
    (lambda: nn.LSTM(3, 4)(ONES(5, 2, 3), (ONES(1, 2, 4), ONES(1, 2, 3))), RuntimeError, r"Expected hidden\[1\] size"),
    (lambda: nn.LSTM(3, 4)(ONES(5, 3), (ONES(1, 2, 4),) * 2), RuntimeError, r"hx and cx .* got \(3-D, 3-D\) tensors"),
    (lambda: nn.RNNCell(3, 4)(ONES(2, 5)), RuntimeError, "inconsistent input_size: got 5 expected 3"),
    (lambda: nn.GRUCell(3, 4)(ONES(1, 2, 3)), ValueError, "GRUCell: Expected input to be 1D or 2D, got 3D"),
    (lambda: nn.GRUCell(3, 4)(ONES(2, 3), ONES(3, 4)), RuntimeError, "batch size 2 doesn't match hidden0 batch size 3"),
    (lambda: nn.RNNCell(3, 4)(ONES(2, 3), ONES(2, 5)), RuntimeError, "inconsistent hidden_size: got 5, expected 4"),
    (lambda: nn.LSTMCell(3, 4)(ONES(2, 3), ONES(2, 4)), TypeError, "must be tuple of Tensors, not Tensor"),
    (lambda: nn.LSTMCell(3, 4)(ONES(2, 3), (ONES(1, 2, 4),) * 2), ValueError, r"Expected hx\[0\] to be 1D or 2D"),
    (lambda: nn.RNNCell(3, 4, nonlinearity="x")(ONES(2, 3)), RuntimeError, "Unknown nonlinearity: x"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), WRONG)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_dropout_of_a_single_layer_is_warned_of():
    with pytest.warns(UserWarning, match="non-zero dropout expects num_layers greater than 1"):
        nn.GRU(3, 4, dropout=0.5)


# ---- PyTorch ---------------------------------------------------------------------------------------------------------

NETWORKS = [
    ("RNN", {}), ("RNN", {"num_layers": 2, "nonlinearity": "relu", "bidirectional": True}),
    ("LSTM", {"num_layers": 2, "bidirectional": True}), ("LSTM", {"proj_size": 2, "bias": False}),
    ("LSTM", {"proj_size": 2, "num_layers": 2, "bidirectional": True}), ("GRU", {"batch_first": True}),
    ("GRU", {"num_layers": 2, "bidirectional": True}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options"), NETWORKS)
def test_network_equals_pytorchs(oracle, name, options):
    same_layer(oracle, name, (3, 4), options, [randn(2, 2, 3)])
    ours = getattr(nn, name)(3, 4, **options)
    state = tuple(states(ours, 2))
    same_layer(oracle, name, (3, 4), options, [randn(2, 2, 3), state if len(state) > 1 else state[0]])
    alone = tuple(part[:, 0] for part in state)
    same_layer(oracle, name, (3, 4), options, [randn(5, 3), alone if len(state) > 1 else alone[0]])


@pytest.mark.parametrize("lengths", [[5, 3, 2], [2, 5, 1], [4, 4, 4]], ids=str)
@pytest.mark.parametrize(("name", "options"), NETWORKS)
def test_network_of_packed_sequences_equals_pytorchs(oracle, name, options, lengths):
    ours, theirs = pair(oracle, name, 3, 4, **options)
    first, x = options.get("batch_first", False), randn(5, 3, 3)
    state = tuple(states(ours, 3))

    def call(torch, layer):
        def function(x, hx):
            tools = torch.nn.utils.rnn
            packed = tools.pack_padded_sequence(
                x, lengths, batch_first=first, enforce_sorted=sorted(lengths) == lengths
            )
            out, last = layer(packed, hx)
            return tools.pad_packed_sequence(out, batch_first=first, padding_value=0.5, total_length=6)[0], last

        args = [x.transpose(1, 0, 2).copy() if first else x, state if len(state) > 1 else state[0]]
        return run(torch, function, args, {}, list(layer.parameters()))

    same(call(minitorch, ours), call(oracle, theirs))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("RNNCell", {}),
        ("RNNCell", {"nonlinearity": "relu", "bias": False}),
        ("LSTMCell", {}),
        ("GRUCell", {"bias": False}),
    ],
)
def test_cell_equals_pytorchs(oracle, name, options):
    for shape in ((2,), ()):
        h = randn(*shape, 4)
        state = (h, randn(*shape, 4)) if name == "LSTMCell" else h
        same_layer(oracle, name, (3, 4), options, [randn(*shape, 3), state])
        same_layer(oracle, name, (3, 4), options, [randn(*shape, 3)])


def test_the_state_lists_layer_after_layer_and_in_it_direction_after_direction():
    layer = nn.LSTM(3, 4, num_layers=2, bidirectional=True, dropout=0.1)
    assert list(layer.state_dict())[:8] == [
        "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0",
        "weight_ih_l0_reverse", "weight_hh_l0_reverse", "bias_ih_l0_reverse", "bias_hh_l0_reverse",
    ]  # fmt: skip
