"""minitorch: a deep-learning engine to read and to use.  Pure NumPy on the CPU, CuPy on CUDA, PyTorch's names.

>>> import minitorch as torch
>>> x = torch.tensor([0.3], requires_grad=True)
>>> torch.tanh(x).backward()
>>> x.grad
tensor([0.9151])
"""

import importlib
from math import e, inf, nan, pi
from typing import TYPE_CHECKING, Any

from . import autograd, creation
from .autograd import (
    enable_grad, inference_mode, is_grad_enabled, is_inference_mode_enabled, no_grad, set_grad_enabled,
)  # fmt: skip
from .backend.devices import device
from .backend.dtypes import (
    bool, can_cast, cdouble, cfloat, complex64, complex128, double, dtype, finfo, float, float16, float32, float64,
    get_default_dtype, half, iinfo, int, int8, int16, int32, int64, long, promote_types, set_default_dtype, short,
    uint8, uint16, uint32, uint64,
)  # fmt: skip
from .backend.random import default_generator, manual_seed
from .creation import (
    BoolTensor, ByteTensor, CharTensor, DoubleTensor, FloatTensor, Generator, HalfTensor, IntTensor, LongTensor,
    ShortTensor, arange, as_tensor, asarray, complex, empty, empty_like, eye, from_dlpack, from_numpy, full,
    full_like, get_default_device, get_rng_state, initial_seed, linspace, logspace, normal, ones, ones_like, rand,
    rand_like, randint, randint_like, randn, randn_like, randperm, seed, set_default_device, set_rng_state, tensor,
    zeros, zeros_like,
)  # fmt: skip
from .functions.assemble import (
    atleast_1d, atleast_2d, atleast_3d, block_diag, column_stack, diag, diag_embed, diagflat, diagonal_scatter,
    dstack, fliplr, flipud, hsplit, hstack, rot90, row_stack, select_scatter, slice_scatter, tensor_split, tile,
    vsplit, vstack,
)  # fmt: skip
from .functions.grids import cartesian_prod, combinations, meshgrid, repeat_interleave
from .functions.composed import (
    copysign, deg2rad, float_power, fmax, fmin, fmod, frac, heaviside, hypot, logaddexp, logaddexp2, logit,
    nan_to_num, rad2deg, sgn, sinc, xlogy,
)  # fmt: skip
from .functions.matrices import cholesky, det, inv as inverse, logdet, matrix_power, pinv as pinverse, slogdet
from .functions.products import (
    addbmm, addmv, addr, baddbmm, cdist, chain_matmul, cross, inner, kron, renorm, tensordot, vdot,
)  # fmt: skip
from .functions.replace import (
    index_add, index_copy, index_fill, index_put, masked_scatter, scatter_reduce, take, take_along_dim,
)  # fmt: skip
from .functions.running import cummax, cummin, cumprod, cumulative_trapezoid, diff, logcumsumexp, trapezoid, trapz
from .functions.statistics import (
    aminmax, corrcoef, count_nonzero, cov, kthvalue, median, mode, nanmean, nansum, quantile,
)  # fmt: skip
from .functions.counting import argwhere, bincount, bucketize, histc, searchsorted, unique, unique_consecutive
from .functions.activation import log_softmax, softmax
from .functions.convert import is_complex, is_floating_point, is_nonzero, is_same_size, is_signed, numel
from .functions.gather import gather, index_select, masked_fill, masked_select, scatter, scatter_add
from .functions.history import detach, is_inference
from .functions.linalg import addmm, bmm, dot, einsum, ger, matmul, mm, mv, outer, trace
from .functions.logic import (
    allclose, bitwise_and, bitwise_left_shift, bitwise_not, bitwise_or, bitwise_right_shift, bitwise_xor, eq,
    equal, ge, greater, greater_equal, gt, isclose, isfinite, isin, isinf, isnan, isneginf, isposinf, isreal, le,
    less, less_equal, logical_and, logical_not, logical_or, logical_xor, lt, ne, not_equal, signbit,
)  # fmt: skip
from .functions.pointwise import (
    abs, absolute, acos, acosh, add, addcdiv, addcmul, arccos, arcsin, arctan, asin, asinh, atan, atan2, atanh,
    ceil, clamp, clamp_max, clamp_min, clip, conj, cos, cosh, div, divide, erf, erfc, exp, exp2, expm1, floor,
    floor_divide, imag, lerp, log, log10, log1p, log2, maximum, minimum, mul, multiply, neg, negative, positive,
    pow, real, reciprocal, relu, remainder, round, rsqrt, sigmoid, sign, sin, sinh, sqrt, square, sub, subtract,
    tan, tanh, true_divide, trunc, where,
)  # fmt: skip
from .functions.query import is_tensor, result_type
from .functions.reduction import (
    all, any, cumsum, dist, logsumexp, mean, norm, prod, std, std_mean, sum, var, var_mean,
)  # fmt: skip
from .functions.sampling import bernoulli, multinomial
from .functions.search import amax, amin, argmax, argmin, argsort, max, min, msort, nonzero, sort, topk
from .functions.shape import (
    cat, chunk, clone, concat, concatenate, flip, narrow, roll, select, split, stack, tril, triu, unbind,
)  # fmt: skip
from .functions.view import (
    adjoint, broadcast_shapes, broadcast_tensors, broadcast_to, diagonal, flatten, moveaxis, movedim, permute,
    ravel, reshape, squeeze, swapaxes, swapdims, t, transpose, unflatten, unsqueeze,
)  # fmt: skip
from .printing import set_printoptions
from .scalar import Scalar
from .size import Size
from .tensor import Tensor

__version__ = "0.1.0"

__all__ = [
    "abs", "absolute", "acos", "acosh", "add", "addbmm", "addcdiv", "addcmul", "addmm", "addmv", "addr", "adjoint",
    "all", "allclose", "amax", "amin", "aminmax", "any", "arange", "arccos", "arcsin", "arctan", "argmax", "argmin",
    "argsort", "argwhere", "as_tensor", "asarray", "asin", "asinh", "atan", "atan2", "atanh", "atleast_1d",
    "atleast_2d", "atleast_3d", "autograd", "baddbmm", "bernoulli", "bincount", "bitwise_and", "bitwise_left_shift",
    "bitwise_not", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "block_diag", "bmm", "bool", "BoolTensor",
    "broadcast_shapes", "broadcast_tensors", "broadcast_to", "bucketize", "ByteTensor", "can_cast",
    "cartesian_prod", "cat", "cdist", "cdouble", "ceil", "cfloat", "chain_matmul", "CharTensor", "cholesky",
    "chunk", "clamp", "clamp_max", "clamp_min", "clip", "clone", "column_stack", "combinations", "complex",
    "complex128", "complex64", "concat", "concatenate", "conj", "copysign", "corrcoef", "cos", "cosh",
    "count_nonzero", "cov", "creation", "cross", "cummax", "cummin", "cumprod", "cumsum", "cumulative_trapezoid",
    "default_generator", "deg2rad", "det", "detach", "device", "diag", "diag_embed", "diagflat", "diagonal",
    "diagonal_scatter", "diff", "dist", "div", "divide", "dot", "double", "DoubleTensor", "dstack", "dtype", "e",
    "einsum", "empty", "empty_like", "enable_grad", "eq", "equal", "erf", "erfc", "exp", "exp2", "expm1", "eye",
    "finfo", "flatten", "flip", "fliplr", "flipud", "float", "float16", "float32", "float64", "float_power",
    "FloatTensor", "floor", "floor_divide", "fmax", "fmin", "fmod", "frac", "from_dlpack", "from_numpy", "full",
    "full_like", "gather", "ge", "Generator", "ger", "get_default_device", "get_default_dtype", "get_rng_state",
    "greater", "greater_equal", "gt", "half", "HalfTensor", "heaviside", "histc", "hsplit", "hstack", "hypot",
    "iinfo", "imag", "index_add", "index_copy", "index_fill", "index_put", "index_select", "inf", "inference_mode",
    "initial_seed", "inner", "int", "int16", "int32", "int64", "int8", "IntTensor", "inverse", "is_complex",
    "is_floating_point", "is_grad_enabled", "is_inference", "is_inference_mode_enabled", "is_nonzero",
    "is_same_size", "is_signed", "is_tensor", "isclose", "isfinite", "isin", "isinf", "isnan", "isneginf",
    "isposinf", "isreal", "kron", "kthvalue", "le", "lerp", "less", "less_equal", "linspace", "log", "log10",
    "log1p", "log2", "log_softmax", "logaddexp", "logaddexp2", "logcumsumexp", "logdet", "logical_and",
    "logical_not", "logical_or", "logical_xor", "logit", "logspace", "logsumexp", "long", "LongTensor", "lt",
    "manual_seed", "masked_fill", "masked_scatter", "masked_select", "matmul", "matrix_power", "max", "maximum",
    "mean", "median", "meshgrid", "min", "minimum", "mm", "mode", "moveaxis", "movedim", "msort", "mul",
    "multinomial", "multiply", "mv", "nan", "nan_to_num", "nanmean", "nansum", "narrow", "ne", "neg", "negative",
    "newaxis", "no_grad", "nonzero", "norm", "normal", "not_equal", "numel", "ones", "ones_like", "outer",
    "permute", "pi", "pinverse", "positive", "pow", "prod", "promote_types", "quantile", "rad2deg", "rand",
    "rand_like", "randint", "randint_like", "randn", "randn_like", "randperm", "ravel", "real", "reciprocal",
    "relu", "remainder", "renorm", "repeat_interleave", "reshape", "result_type", "roll", "rot90", "round",
    "row_stack", "rsqrt", "Scalar", "scatter", "scatter_add", "scatter_reduce", "searchsorted", "seed", "select",
    "select_scatter", "set_default_device", "set_default_dtype", "set_grad_enabled", "set_printoptions",
    "set_rng_state", "sgn", "short", "ShortTensor", "sigmoid", "sign", "signbit", "sin", "sinc", "sinh", "Size",
    "slice_scatter", "slogdet", "softmax", "sort", "split", "sqrt", "square", "squeeze", "stack", "std", "std_mean",
    "sub", "subtract", "sum", "swapaxes", "swapdims", "t", "take", "take_along_dim", "tan", "tanh", "Tensor",
    "tensor", "tensor_split", "tensordot", "tile", "topk", "trace", "transpose", "trapezoid", "trapz", "tril",
    "triu", "true_divide", "trunc", "uint16", "uint32", "uint64", "uint8", "unbind", "unflatten", "unique",
    "unique_consecutive", "unsqueeze", "var", "var_mean", "vdot", "vsplit", "vstack", "where", "xlogy", "zeros",
    "zeros_like",
]  # fmt: skip

_LAZY = {
    "nn": ".nn", "optim": ".optim", "utils": ".utils", "vision": ".vision", "testing": ".testing", "viz": ".viz",
    "accelerator": ".accelerator", "cuda": ".cuda", "func": ".func", "hub": ".hub", "linalg": ".linalg",
    "serialization": ".serialization",
    "distributions": ".distributions",
}  # fmt: skip
_LAZY_NAMES = {
    "save": ".serialization", "load": ".serialization", 
    "dropout": ".nn.functional", "conv1d": ".nn.functional", "conv2d": ".nn.functional", "embedding": ".nn.functional",
}  # fmt: skip
newaxis = None

if TYPE_CHECKING:  # what __getattr__ imports, for editors and type checkers
    from . import (
        accelerator, cuda, distributions, func, hub, linalg, nn, optim, serialization, testing, utils, vision, viz,
    )  # fmt: skip
    from .nn.functional import conv1d, conv2d
    from .serialization import load, save


def __getattr__(name: str) -> Any:
    """Import a subpackage when it is first asked for, so that `import minitorch` stays quick."""
    if name in _LAZY:
        return importlib.import_module(_LAZY[name], __name__)
    if name in _LAZY_NAMES:
        return getattr(importlib.import_module(_LAZY_NAMES[name], __name__), name)
    raise AttributeError(f"module 'minitorch' has no attribute '{name}'")
