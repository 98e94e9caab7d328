"""Every module of `minitorch.nn`: its derivatives to second order, its state, its copies, its text."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import minitorch
from minitorch import nn

from .tools import check_layer, numbers, on, randn

RNG = np.random.default_rng(11)


def positive(*shape):
    return RNG.uniform(0.1, 0.9, shape)


def signs(*shape):
    return RNG.integers(0, 2, shape) * 2 - 1


LINE, IMAGE, VOLUME, MATRIX = (2, 4, 6), (2, 4, 5, 6), (1, 4, 3, 4, 4), (3, 4)
BY_DIMENSION = ((1, LINE), (2, IMAGE), (3, VOLUME))
CLASSES, WINDOWS = np.array([0, 3, 1]), np.array([1, 2, 4])

# name -> (arguments, options, inputs); integer inputs are handed on as they are
CASES = {
    "Identity": ((), {}, [randn(*MATRIX)]),
    "Linear": ((4, 2), {}, [randn(*MATRIX)]),
    "Bilinear": ((4, 2, 3), {}, [randn(3, 4), randn(3, 2)]),
    "Flatten": ((), {}, [randn(*LINE)]),
    "Unflatten": ((1, (2, 2)), {}, [randn(*LINE)]),
    "Embedding": ((4, 3), {}, [CLASSES]),
    "EmbeddingBag": ((4, 3), {"mode": "sum"}, [np.array([[0, 3], [2, 2]])]),
    "GroupNorm": ((2, 4), {}, [randn(*LINE)]),
    "LayerNorm": ((6,), {}, [randn(*LINE)]),
    "RMSNorm": ((6,), {}, [randn(*LINE)]),
    "LocalResponseNorm": ((3,), {}, [randn(*LINE)]),
    "Softmax": ((1,), {}, [randn(*MATRIX)]), "LogSoftmax": ((1,), {}, [randn(*MATRIX)]),
    "Softmin": ((1,), {}, [randn(*MATRIX)]), "Softmax2d": ((), {}, [randn(*IMAGE)]),
    "Threshold": ((0.1, 2.0), {}, [randn(*MATRIX)]), "PReLU": ((4,), {}, [randn(*MATRIX)]),
    "RNN": ((3, 2), {"num_layers": 2}, [randn(3, 2, 3)]),
    "LSTM": ((3, 2), {"bidirectional": True}, [randn(3, 2, 3)]),
    "GRU": ((3, 2), {"batch_first": True}, [randn(3, 2, 3)]),
    "RNNCell": ((3, 2), {}, [randn(2, 3), randn(2, 2)]), "GRUCell": ((3, 2), {}, [randn(2, 3), randn(2, 2)]),
    "LSTMCell": ((3, 2), {}, [randn(2, 3)]),
    "MultiheadAttention": ((4, 2), {}, [randn(3, 1, 4), randn(2, 1, 4), randn(2, 1, 4)]),
    "Transformer": ((4, 2, 1, 1, 3, 0.0), {}, [randn(3, 1, 4), randn(2, 1, 4)]),
    "TransformerEncoderLayer": ((4, 2, 3, 0.0), {}, [randn(3, 1, 4)]),
    "TransformerDecoderLayer": ((4, 2, 3, 0.0), {}, [randn(3, 1, 4), randn(2, 1, 4)]),
    "Upsample": ((), {"scale_factor": 2, "mode": "bilinear"}, [randn(1, 2, 3, 3)]),
    "UpsamplingBilinear2d": ((), {"scale_factor": 2}, [randn(1, 2, 3, 3)]),
    "UpsamplingNearest2d": ((), {"scale_factor": 2}, [randn(1, 2, 3, 3)]),
    "PixelShuffle": ((2,), {}, [randn(1, 4, 2, 3)]), "PixelUnshuffle": ((2,), {}, [randn(1, 2, 4, 2)]),
    "ChannelShuffle": ((2,), {}, [randn(*IMAGE)]),
    "Fold": (((4, 4), 2), {}, [randn(1, 8, 9)]), "Unfold": ((2,), {}, [randn(1, 2, 3, 3)]),
    "CosineSimilarity": ((), {}, [randn(3, 4), randn(3, 4)]), "PairwiseDistance": ((), {}, [randn(3, 4), randn(3, 4)]),
    "CrossEntropyLoss": ((), {"label_smoothing": 0.1}, [randn(*MATRIX), CLASSES]),
    "NLLLoss": ((), {}, [randn(*MATRIX), CLASSES]), "MultiMarginLoss": ((), {"p": 2}, [randn(*MATRIX), CLASSES]),
    "MultiLabelMarginLoss": ((), {}, [randn(1, 4), np.array([[3, 0, -1, 1]])]),
    "KLDivLoss": ((), {"reduction": "sum"}, [randn(3, 4), positive(3, 4)]),
    "BCELoss": ((), {}, [positive(3, 4), positive(3, 4)]),
    "GaussianNLLLoss": ((), {}, [randn(3, 4), randn(3, 4), positive(3, 4)]),
    "CTCLoss": ((), {}, [randn(5, 1, 3), np.array([[1, 2]]), np.array([5]), np.array([2])]),
    "CosineEmbeddingLoss": ((), {"margin": -2.0}, [randn(3, 4), randn(3, 4), signs(3)]),
    "HingeEmbeddingLoss": ((), {"margin": 5.0}, [randn(3, 4), signs(3, 4)]),
    "MarginRankingLoss": ((), {"margin": 5.0}, [randn(3), randn(3), signs(3)]),
    "SoftMarginLoss": ((), {}, [randn(3, 4), signs(3, 4)]),
    "MultiLabelSoftMarginLoss": ((), {}, [randn(3, 4), (signs(3, 4) + 1) // 2]),
    "TripletMarginLoss": ((), {"margin": 9.0}, [randn(3, 4), randn(3, 4), randn(3, 4)]),
    "TripletMarginWithDistanceLoss": ((), {"margin": 9.0}, [randn(3, 4), randn(3, 4), randn(3, 4)]),
    **{name: ((), {}, [randn(*MATRIX)]) for name in (
        "CELU ELU GELU GLU SELU LeakyReLU LogSigmoid Mish ReLU ReLU6 Sigmoid SiLU Softplus Softsign Tanh Tanhshrink "
        "Hardshrink Hardsigmoid Hardswish Hardtanh Softshrink").split()},
    **{name: ((), {}, [randn(3, 4), randn(3, 4)]) for name in (
        "MSELoss L1Loss SmoothL1Loss HuberLoss BCEWithLogitsLoss PoissonNLLLoss").split()},
    **{f"{name}{n}d": ((*args, *more), options, [randn(*shape)]) for n, shape in BY_DIMENSION
       for name, args, more, options in (
        ("Conv", (4, 2, 2), (), {"groups": 2}), ("ConvTranspose", (4, 2, 2), (), {"stride": 2}),
        ("MaxPool", (2,), (), {}), ("AvgPool", (2,), (), {}), ("AdaptiveMaxPool", (2,), (), {}),
        ("AdaptiveAvgPool", (2,), (), {}), ("BatchNorm", (4,), (), {"track_running_stats": False}),
        ("InstanceNorm", (4,), (), {"affine": True}), ("ZeroPad", (1,), (), {}), ("ConstantPad", (1, 2.0), (), {}),
        ("ReflectionPad", (1,), (), {}), ("ReplicationPad", (1,), (), {}), ("CircularPad", (1,), (), {}))},
    **{f"LPPool{n}d": ((2, 2), {}, [positive(*shape)]) for n, shape in BY_DIMENSION},
    **{f"MaxUnpool{n}d": ((2,), {}, [randn(1, 1, *(1,) * (n - 1), 3), WINDOWS.reshape(1, 1, *(1,) * (n - 1), 3)])
       for n in (1, 2, 3)},
}  # fmt: skip

WITHOUT = {  # what is no function of its inputs alone, or of none; tested on their own
    "AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout", "RReLU",
    "Module", "ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Parameter", "RNNBase", "RNNCellBase",
    "Sequential", "TransformerDecoder", "TransformerEncoder",
}  # fmt: skip


def make(name):
    minitorch.manual_seed(0)
    args, options, inputs = CASES[name]
    return getattr(nn, name)(*args, **options), inputs


def test_no_module_is_forgotten():
    modules = {name for name in nn.__all__ if isinstance(getattr(nn, name), type)}
    assert modules == set(CASES) | WITHOUT


@pytest.mark.parametrize("name", sorted(CASES))
def test_derivatives_to_second_order(device, name):
    layer, inputs = make(name)
    check_layer(layer, *inputs, device=device)


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_copy_and_a_reloaded_state_compute_the_same(device, name):
    layer, inputs = make(name)
    layer = layer.double().to(device).eval()
    again = getattr(nn, name)(*CASES[name][0], **CASES[name][1]).double().to(device).eval()
    assert again.load_state_dict(layer.state_dict()) == ([], [])
    xs = [on(device, x) for x in inputs]

    def flat(y):
        return [t for part in y for t in flat(part)] if isinstance(y, tuple) else [] if y is None else [y]

    expected = [numbers(y) for y in flat(layer(*xs))]
    for other in (copy.deepcopy(layer), again):
        assert repr(other) == repr(layer)
        for a, b in zip(flat(other(*xs)), expected, strict=True):
            np.testing.assert_array_equal(numbers(a), b)
