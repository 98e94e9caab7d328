r"""How parameters start: each function overwrites a tensor, outside of any graph, and returns it.

The numbers are drawn by NumPy on the host and copied, so that the same seed gives the same network on
every device.  `fan_in` and `fan_out` count the numbers that feed into, and out of, one unit.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from ..autograd import no_grad
from ..backend.random import Generator, draw
from ..creation import from_numpy
from ..tensor import Tensor

F = TypeVar("F", bound=Callable[..., Any])

LINEAR = ("linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "sigmoid")


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    r"""Return the gain that keeps the variance of a signal through an activation.

    1 for linear layers and sigmoid, 5/3 for tanh, $\sqrt2$ for relu, $\sqrt{2 / (1 + a^2)}$ for leaky_relu with
    slope $a$ (0.01 if not given), 3/4 for selu.
    """
    if nonlinearity in LINEAR:
        return 1.0
    if nonlinearity == "leaky_relu":
        if param is not None and (isinstance(param, bool) or not isinstance(param, (int, float))):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + (0.01 if param is None else param) ** 2))
    gains = {"tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 3.0 / 4}
    if nonlinearity not in gains:
        raise ValueError(f"Unsupported nonlinearity {nonlinearity}")
    return gains[nonlinearity]


def _write(tensor: Tensor, values: Any) -> Tensor:
    """Overwrite a tensor with numbers from the host."""
    host = np.ascontiguousarray(values, dtype=tensor.dtype.numpy).reshape(tensor.shape)
    with no_grad():
        return tensor.copy_(from_numpy(host).to(tensor.device))


def _fill(tensor: Tensor, value: float) -> Tensor:
    with no_grad():
        return tensor.fill_(value)


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Draw from $U(a, b)$."""
    return _write(tensor, draw("uniform", a, b, size=tuple(tensor.shape), generator=generator))


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Tensor:
    r"""Draw from $N(\mu, \sigma^2)$."""
    return _write(tensor, draw("normal", mean, std, size=tuple(tensor.shape), generator=generator))


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    r"""Draw from $N(\mu, \sigma^2)$ restricted to $[a, b]$, by drawing again what is refused."""
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. "
            "The distribution of values may be incorrect.",
            stacklevel=2,
        )
    inside = 0.5 * (math.erf((b - mean) / (std * math.sqrt(2))) - math.erf((a - mean) / (std * math.sqrt(2))))
    values = np.empty(tensor.numel())
    pending = np.ones(tensor.numel(), bool)
    while pending.any():
        count = int(pending.sum())
        if inside > 0.3:  # most draws from the normal distribution are kept
            proposed = draw("normal", mean, std, size=count, generator=generator)
            kept = (a <= proposed) & (proposed <= b)
        else:  # hardly any would be: draw evenly from [a, b] and keep by the density
            proposed = draw("uniform", a, b, size=count, generator=generator)
            peak = min(max(mean, a), b)
            log_density = ((peak - mean) ** 2 - (proposed - mean) ** 2) / (2 * std**2)
            kept = np.log1p(-draw("random", count, generator=generator)) < log_density
        values[pending] = proposed
        pending[pending] = ~kept
    return _write(tensor, values)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one value."""
    return _fill(tensor, val)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones."""
    return _fill(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros."""
    return _fill(tensor, 0.0)


def eye_(tensor: Tensor) -> Tensor:
    """Make a matrix the identity: as a linear layer it passes its input on."""
    if tensor.dim() != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    return _write(tensor, np.eye(*tensor.shape))


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Make a kernel (O, C, *) pass on as many channels as it can: a 1 in the centre of each diagonal filter."""
    if tensor.dim() not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    out_channels, in_channels, *kernel = tensor.shape
    if out_channels % groups != 0:
        raise ValueError("dim 0 must be divisible by groups")
    values = np.zeros(tuple(tensor.shape))
    centre = tuple(size // 2 for size in kernel)
    per_group = out_channels // groups
    for group in range(groups):
        for d in range(min(per_group, in_channels)):
            place = (group * per_group + d, d, *centre)
            values[place] = 1.0
    return _write(tensor, values)


def fans(tensor: Tensor) -> tuple[int, int]:
    """Return (fan_in, fan_out) of a weight (O, I, *kernel): I and O, times the size of the kernel."""
    if tensor.dim() < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    kernel = math.prod(tensor.shape[2:])
    return tensor.shape[1] * kernel, tensor.shape[0] * kernel


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    r"""Draw from $U(\pm g \sqrt{6 / (\text{fan\_in} + \text{fan\_out})})$.

    Source:  Glorot & Bengio 2010, eq. 16.
    """
    bound = gain * math.sqrt(6.0 / sum(fans(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    r"""Draw from $N(0, \sigma^2)$ with $\sigma = g \sqrt{2 / (\text{fan\_in} + \text{fan\_out})}$.

    Source:  Glorot & Bengio 2010, eq. 12.
    """
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(fans(tensor))), generator)


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    r"""Return $g / \sqrt{\text{fan}}$."""
    if mode.lower() not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    fan = fans(tensor)[0 if mode.lower() == "fan_in" else 1]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def _is_empty(tensor: Tensor) -> bool:
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
    return 0 in tensor.shape


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    r"""Draw from $U(\pm g \sqrt{3 / \text{fan}})$, where $g$ is the gain of the activation (slope $a$).

    Source:  He et al. 2015, eq. 10 and 14 (arXiv:1502.01852).
    """
    if _is_empty(tensor):
        return tensor
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    r"""Draw from $N(0, g^2 / \text{fan})$, where $g$ is the gain of the activation (slope $a$).

    Source:  He et al. 2015, eq. 10 and 14 (arXiv:1502.01852).
    """
    if _is_empty(tensor):
        return tensor
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator | None = None) -> Tensor:
    r"""Make the rows (or, if there are fewer, the columns) orthonormal, times the gain.

    $Q$ of the $QR$ decomposition of a normal matrix, its columns multiplied by the signs of $R$'s diagonal.

    Source:  Saxe, McClelland & Ganguli 2014 (arXiv:1312.6120); for the signs, Mezzadri 2007 (arXiv:math-ph/0609050).
    """
    if tensor.dim() < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if tensor.numel() == 0:
        return tensor
    rows = tensor.shape[0]
    columns = tensor.numel() // rows
    tall = draw("standard_normal", (max(rows, columns), min(rows, columns)), generator=generator)
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diag(r))
    return _write(tensor, gain * (q if rows >= columns else q.T))


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> Tensor:
    r"""Draw a matrix from $N(0, \sigma^2)$, and set a share of each column to zero.

    Source:  Martens 2010, "Deep learning via Hessian-free optimization", section 5.
    """
    if tensor.dim() != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    rows, columns = tensor.shape
    values = draw("normal", 0.0, std, size=(rows, columns), generator=generator)
    zeros = math.ceil(sparsity * rows)
    for column in range(columns):
        values[draw("permutation", rows, generator=generator)[:zeros], column] = 0.0
    return _write(tensor, values)


def _renamed(function: F) -> F:
    """Return the function as PyTorch's first years called it, without the underscore at the end."""

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        new = function.__name__
        warnings.warn(
            f"`nn.init.{new[:-1]}` is now deprecated in favor of `nn.init.{new}`.", FutureWarning, stacklevel=2
        )
        return function(*args, **options)

    return call  # type: ignore[return-value]


uniform, normal, constant = _renamed(uniform_), _renamed(normal_), _renamed(constant_)
eye, dirac, orthogonal, sparse = _renamed(eye_), _renamed(dirac_), _renamed(orthogonal_), _renamed(sparse_)
xavier_uniform, xavier_normal = _renamed(xavier_uniform_), _renamed(xavier_normal_)
kaiming_uniform, kaiming_normal = _renamed(kaiming_uniform_), _renamed(kaiming_normal_)
