"""Options in all their combinations, against PyTorch: outputs, gradients of inputs and parameters, buffers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import minitorch

from .tools import Fixed, pair, randn, run, same

RNG = np.random.default_rng(5)
REDUCTIONS = ("mean", "sum", "none")


def differences(torch, name, args, options, inputs, times=1, evaluate=False):
    """Return what differs between a layer here and there: nothing, the first difference, or the error of one alone."""
    ours, theirs = pair(torch, name, *args, **options)
    if evaluate:
        ours.eval()
        theirs.eval()
    for _ in range(times):  # the second time, running averages have moved
        found = []
        for library, layer in ((minitorch, ours), (torch, theirs)):
            try:
                found.append(run(library, layer, inputs, {}, list(layer.parameters())))
            except (RuntimeError, ValueError, IndexError) as error:
                found.append(type(error))
        if isinstance(found[0], type) or isinstance(found[1], type):
            return "" if found[0] == found[1] else f"{found[0]} here, {found[1]} there"
        try:
            same(*found, rtol=1e-6, atol=1e-9)
            same([b.numpy() for b in ours.buffers()], [b.numpy() for b in theirs.buffers()])
        except AssertionError as error:
            return str(error)
    return ""


def all_equal(torch, cases):
    """Compare many layers; report all that differ."""
    wrong = {str(case[:3]): differences(torch, *case) for case in cases}
    wrong = {case: text for case, text in wrong.items() if text}
    assert not wrong, "\n".join(f"{case}: {text}" for case, text in wrong.items())


CONVOLUTIONS = [
    {"padding": 1}, {"padding": "same"}, {"padding": "same", "dilation": 2}, {"padding": "valid", "stride": 2},
    {"padding": 2, "groups": 2, "dilation": 2, "stride": 2}, {"bias": False},
    {"padding": 7},  # more than reflection and a circle can give: refused in both
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_convolutions(oracle, n, mode):
    x, kernel = randn(2, 4, *(6, 5, 4)[:n]), (3, 2, 2)[:n]
    all_equal(oracle, [(f"Conv{n}d", (4, 2, kernel), {**c, "padding_mode": mode}, [x]) for c in CONVOLUTIONS])
    all_equal(oracle, [(f"Conv{n}d", (4, 2, kernel), {"padding_mode": mode}, [x[0]])])  # without a batch
    all_equal(oracle, [(f"Conv{n}d", (4, 2, kernel), {"padding_mode": mode}, [x[:, :3]])])  # channels that do not fit


@pytest.mark.parametrize("n", [1, 2, 3])
def test_transposed_convolutions(oracle, n):
    options = [
        {}, {"stride": 2, "output_padding": 1}, {"stride": 3, "padding": 1, "output_padding": 2, "groups": 2},
        {"dilation": 2, "bias": False}, {"stride": 2, "dilation": 3, "output_padding": 2, "padding": 2},
        {"output_padding": 1},
    ]  # fmt: skip
    x = randn(2, 4, *(4, 3, 3)[:n])
    all_equal(oracle, [(f"ConvTranspose{n}d", (4, 2, 3), c, [y]) for c in options for y in (x, x[0])])


@pytest.mark.parametrize("n", [1, 2, 3])
def test_poolings(oracle, n):
    x = randn(2, 3, *(7, 6, 6)[:n])
    largest = [{"stride": 1}, {"padding": 1}, {"ceil_mode": True, "stride": 2}, {"dilation": 2}, {"padding": 2}]
    mean = [{"padding": 1}, {"ceil_mode": True, "stride": 2, "padding": 1}, {"count_include_pad": False, "padding": 1}]
    cases = [(f"MaxPool{n}d", (3,), c, [y]) for c in [*largest, {"return_indices": True}] for y in (x, x[0])]
    cases += [(f"AvgPool{n}d", (3,), c, [y]) for c in mean for y in (x, x[0])]
    cases += [(f"Adaptive{kind}Pool{n}d", (size,), {}, [x]) for kind in ("Avg", "Max") for size in (1, 4, 9)]
    cases += [(f"LPPool{n}d", (2, 3), c, [abs(x)]) for c in ({}, {"stride": 2, "ceil_mode": True})]
    all_equal(oracle, cases)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_batch_and_instance_norms(oracle, n):
    x = randn(3, 4, *(4, 3, 2)[:n])
    options = [{}, {"affine": False}, {"track_running_stats": False}, {"momentum": None}, {"momentum": 0.3, "eps": 0.1}]
    tracked = [{"track_running_stats": True, "affine": True, **c} for c in options[:-2]] + [{"momentum": 0.3}]
    cases = [(f"BatchNorm{n}d", (4,), c, [x], 2, e) for c in options for e in (False, True)]
    cases += [(f"InstanceNorm{n}d", (4,), c, [x], 2, e) for c in tracked for e in (False, True)]
    cases += [(f"BatchNorm{n}d", (4,), {}, [x[:1, ..., :1, :1] if n == 3 else x[:1, ..., :1]])]
    all_equal(oracle, cases)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_paddings(oracle, n):
    x, both, cut = randn(2, 3, *(5, 4, 4)[:n]), (1, 2, 0, 1, 2, 1)[: 2 * n], (-1, 2, 1, -1, 0, 1)[: 2 * n]
    kinds = [
        ("ZeroPad", ()),
        ("ConstantPad", (2.5,)),
        ("ReflectionPad", ()),
        ("ReplicationPad", ()),
        ("CircularPad", ()),
    ]
    cases = [(f"{kind}{n}d", (p, *value), {}, [x]) for kind, value in kinds for p in (1, both, cut, 9)]
    all_equal(oracle, cases)


# ---- losses of classes -----------------------------------------------------------------------------------------------

SHAPES = [(5, 4), (3, 4, 2), (2, 4, 2, 3), (4,)]


def targets(shape):
    """Return targets of classes for logits of a shape: some, with ignored ones, with all ignored, probabilities."""
    classes = np.asarray(RNG.integers(0, 4, (shape[0], *shape[2:]) if len(shape) > 1 else ()))
    some = classes.copy()
    some.reshape(-1)[0] = -100
    return [*map(Fixed, (classes, some, np.full_like(classes, -100))), RNG.random(shape)]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_cross_entropies(oracle, shape, reduction):
    x, weights = 3 * randn(*shape), RNG.random(4)
    for target, weighted, smoothing, size in itertools.product(
        targets(shape), (False, True), (0.0, 0.1, 1.0), (1, 1000)
    ):

        def loss(torch, weighted=weighted, smoothing=smoothing):
            weight = torch.tensor(weights) if weighted else None
            return torch.nn.CrossEntropyLoss(weight=weight, label_smoothing=smoothing, reduction=reduction)

        same(*(run(torch, loss(torch), [size * x, target], {}) for torch in (minitorch, oracle)))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_negative_log_likelihoods(oracle, shape, reduction):
    x, weights = randn(*shape), RNG.random(4)
    for target, weighted, ignored in itertools.product(targets(shape)[:3], (False, True), (-100, 2)):
        if ignored == 2 and -100 in target.array:
            continue  # out of bounds

        def loss(torch, weighted=weighted, ignored=ignored):
            weight = torch.tensor(weights) if weighted else None
            return torch.nn.NLLLoss(weight=weight, ignore_index=ignored, reduction=reduction)

        same(*(run(torch, loss(torch), [x, target], {}) for torch in (minitorch, oracle)))


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_losses_of_an_empty_batch(oracle, reduction):
    x, rest = np.zeros((0, 4)), Fixed(np.zeros((0, 4)))
    names = ["MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "BCELoss", "BCEWithLogitsLoss", "PoissonNLLLoss"]
    names += ["SoftMarginLoss", "MultiLabelSoftMarginLoss", "HingeEmbeddingLoss"]
    cases = [(name, (), {"reduction": reduction}, [x, rest]) for name in names]
    classes = Fixed(np.zeros(0, np.int64))
    cases += [(name, (), {"reduction": reduction}, [x, classes]) for name in ("CrossEntropyLoss", "NLLLoss")]
    all_equal(oracle, cases)


@pytest.mark.parametrize("name", ["BCEWithLogitsLoss", "MultiLabelSoftMarginLoss", "PoissonNLLLoss", "HuberLoss"])
def test_losses_of_huge_logits(oracle, name):
    x, target = np.array([[1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 700.0]]), Fixed(np.array([[1.0, 1, 0], [0, 0, 1]]))
    all_equal(oracle, [(name, (), {"reduction": reduction}, [x, target]) for reduction in REDUCTIONS])
