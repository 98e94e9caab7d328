"""What is no tensor is refused, by the name of the function and of the argument, by every function of nn.functional."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F

MATRIX = [[0.1, 0.2], [0.3, 0.4]]
TENSOR = minitorch.tensor(MATRIX)
CLASSES = minitorch.tensor([0, 1])

# what follows the first argument where that is not nothing
REST = {
    "affine_grid": ((1, 1, 2, 2),), "batch_norm": (None, None), "bilinear": (TENSOR, TENSOR),
    "binary_cross_entropy": (TENSOR,), "binary_cross_entropy_with_logits": (TENSOR,), "channel_shuffle": (2,),
    "cosine_embedding_loss": (TENSOR, CLASSES), "cosine_similarity": (TENSOR,), "cross_entropy": (CLASSES,),
    "ctc_loss": (CLASSES, CLASSES, CLASSES), "embedding": (TENSOR,), "embedding_bag": (TENSOR,), "fold": (2, 1),
    "gaussian_nll_loss": (TENSOR, TENSOR), "grid_sample": (TENSOR,), "group_norm": (1,), "hinge_embedding_loss": (TENSOR,),
    "huber_loss": (TENSOR,), "interpolate": (2,), "kl_div": (TENSOR,), "l1_loss": (TENSOR,), "layer_norm": (2,),
    "linear": (TENSOR,), "local_response_norm": (1,), "log_softmax": (1,), "margin_ranking_loss": (TENSOR, TENSOR),
    "mse_loss": (TENSOR,), "multi_margin_loss": (CLASSES,), "multilabel_margin_loss": (CLASSES,),
    "multilabel_soft_margin_loss": (TENSOR,), "nll_loss": (CLASSES,), "pad": ((1, 1),), "pairwise_distance": (TENSOR,),
    "pixel_shuffle": (1,), "pixel_unshuffle": (1,), "poisson_nll_loss": (TENSOR,), "prelu": (TENSOR,), "rms_norm": (2,),
    "scaled_dot_product_attention": (TENSOR, TENSOR), "smooth_l1_loss": (TENSOR,), "soft_margin_loss": (TENSOR,),
    "softmax": (1,), "softmin": (1,), "threshold": (0.0, 1.0), "threshold_": (0.0, 1.0),
    "triplet_margin_loss": (TENSOR, TENSOR), "triplet_margin_with_distance_loss": (TENSOR, TENSOR), "unfold": (1,),
    "upsample": (2,), "multi_head_attention_forward": (TENSOR, TENSOR, 2, 1, *[None] * 4, False, 0.0, TENSOR, None),
    **{f"{kind}{d}d": rest for d in (1, 2, 3) for kind, rest in {
        "adaptive_avg_pool": (1,), "adaptive_max_pool": (1,), "avg_pool": (2,), "conv": (TENSOR,),
        "conv_transpose": (TENSOR,), "lp_pool": (2, 2), "max_pool": (2,), "max_unpool": (TENSOR, 2),
    }.items()},
}  # fmt: skip


# functions of numbers that take NumPy's too, as the table of operations does
COMPUTES_ARRAYS = {
    "alpha_dropout", "elu", "feature_alpha_dropout", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu",
    "logsigmoid", "relu", "relu6", "rrelu", "selu", "sigmoid", "silu", "softplus", "softshrink", "tanh",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(F.__all__))
def test_a_list_is_refused_by_name(name):
    with pytest.raises(TypeError, match=r"must be Tensor( or Number)?, not list"):
        getattr(F, name)(MATRIX, *REST.get(name, ()))


@pytest.mark.parametrize("name", sorted(set(F.__all__) - set(REST) - {"dropout2d", "dropout3d"}))
def test_an_array_is_computed_with_or_refused_by_name(name):
    function = getattr(F, name)
    if name in COMPUTES_ARRAYS:
        assert isinstance(function(np.array(MATRIX)), np.ndarray)
    else:
        with pytest.raises(TypeError, match="must be Tensor, not ndarray"):
            function(np.array(MATRIX))


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda a: F.cross_entropy(TENSOR, a), "argument 'target' (position 2)"),
        (lambda a: F.cross_entropy(TENSOR, target=a), "argument 'target' must"),
        (lambda a: F.linear(TENSOR, a), "argument 'weight' (position 2)"),
        (lambda a: F.batch_norm(TENSOR, None, None, weight=a, training=True), "argument 'weight' must"),
        (lambda a: nn.Linear(2, 2)(a), "linear(): argument 'input' (position 1)"),
        (lambda a: nn.Conv2d(1, 1, 1)(a), "conv2d(): argument 'input' (position 1)"),
        (lambda a: nn.Embedding(2, 2)(a), "embedding(): argument 'input' (position 1)"),
    ],
)
def test_the_message_names_the_argument(call, argument):
    for given in (np.array(MATRIX), MATRIX):
        with pytest.raises(TypeError, match=re.escape(argument)) as caught:
            call(given)
        assert "torch.tensor(" in str(caught.value)


def test_an_error_of_good_tensors_stays_what_it_is():
    with pytest.raises(RuntimeError, match="mat1 and mat2 shapes cannot be multiplied"):
        F.linear(TENSOR, minitorch.zeros(3, 3))
    with pytest.raises(AttributeError, match="no attribute 'heigth'"):
        F.triplet_margin_with_distance_loss(TENSOR, TENSOR, TENSOR, distance_function=lambda a, b: a.heigth)


def test_warnings_name_the_callers_line():
    for call in (
        lambda: F.mse_loss(TENSOR, TENSOR[0]),
        lambda: F.mse_loss(TENSOR, TENSOR, size_average=True),
        lambda: F.kl_div(TENSOR, TENSOR),
        lambda: F.dropout2d(TENSOR.expand(2, 2, 2)),
        lambda: F.dropout3d(TENSOR),
    ):
        with pytest.warns(UserWarning, match="target size|size_average|batchmean|dropout") as caught:
            call()
        assert caught[0].filename == __file__


class TestTargetsOfClasses:
    def test_float_indices_are_told_to_become_long(self):
        for function in (F.cross_entropy, F.nll_loss):
            with pytest.raises(RuntimeError, match=r"expected target dtype to be Long .*float32.*\.long\(\)"):
                function(TENSOR, minitorch.tensor([0.0, 1.0]))

    def test_a_column_of_indices_is_told_to_be_squeezed(self):
        for function in (F.cross_entropy, F.nll_loss):
            with pytest.raises(RuntimeError, match=f"multi-target not supported: {function.__name__} .*squeeze"):
                function(TENSOR, CLASSES.unsqueeze(1))

    def test_another_number_of_targets_is_refused(self):
        with pytest.raises(ValueError, match=r"batch_size \(2\) to match target batch_size \(3\).*cross_entropy"):
            F.cross_entropy(TENSOR, minitorch.tensor([0, 1, 0]))

    def test_probabilities_have_no_class_to_ignore(self):
        with pytest.raises(RuntimeError, match="ignore_index is not supported for floating point target"):
            F.cross_entropy(TENSOR, TENSOR, ignore_index=1)

    def test_one_sample_may_have_its_class_in_a_list_of_one(self):
        for function, reduction in itertools.product((F.cross_entropy, F.nll_loss), ("mean", "sum", "none")):
            loss = function(TENSOR[0], CLASSES[1:], reduction=reduction)
            assert loss.shape == ()
            assert loss.item() == function(TENSOR[0], CLASSES[1], reduction=reduction).item()


def test_a_class_in_a_modules_place_is_told_to_be_called():
    with pytest.raises(TypeError, match=r"is not a Module subclass: write ReLU\(…\), not the class itself"):
        nn.Sequential(nn.ReLU)
