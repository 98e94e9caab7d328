"""The functions that networks are made of, with PyTorch's signatures: a chapter each."""

from ...functions.activation import elu, gelu, leaky_relu, log_softmax, relu, sigmoid, silu, softmax, softmin, softplus, tanh
from .affine import bilinear, embedding, linear, one_hot
from .attention import scaled_dot_product_attention
from .conv import conv1d, conv2d, conv3d
from .dropout import dropout, dropout1d, dropout2d, dropout3d
from .loss import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    huber_loss,
    l1_loss,
    mse_loss,
    nll_loss,
    smooth_l1_loss,
)
from .norm import batch_norm, group_norm, instance_norm, layer_norm, rms_norm
from .padding import pad
from .pool import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    max_pool1d,
    max_pool2d,
    max_pool3d,
)

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d",
    "batch_norm", "bilinear", "binary_cross_entropy", "binary_cross_entropy_with_logits", "conv1d", "conv2d",
    "conv3d", "cross_entropy", "dropout", "dropout1d", "dropout2d", "dropout3d", "elu", "embedding", "gelu",
    "group_norm", "huber_loss", "instance_norm", "l1_loss", "layer_norm", "leaky_relu", "linear", "log_softmax",
    "max_pool1d", "max_pool2d", "max_pool3d", "mse_loss", "nll_loss", "one_hot", "pad", "relu", "rms_norm",
    "scaled_dot_product_attention", "sigmoid", "silu", "smooth_l1_loss", "softmax", "softmin", "softplus", "tanh",
]  # fmt: skip
