r"""The fused primitive of recurrent networks: a long short-term memory over all times is one node.

What it computes is `nn.functional.recurrent.lstm_step`, time after time; the tests say that both agree to second order.
Letters: `T` times, `N` sequences, `H` hidden units.
"""

from __future__ import annotations

from typing import Any

from ..backend.devices import library
from ..engine import defjoint
from .declare import primitive
from .elementwise import tanh, zeros_like
from .linalg import flat, matmul
from .shape import cat, index, stack, swap, unsqueeze


@primitive(outputs=("y", "memory", "gates"))
def lstm(a: Any, h: Any, c: Any, weight: Any) -> Any:
    r"""Hidden states, memories and gates of all times, from what the inputs contribute and the first state.

    $$p_t = a_t + W h_{t-1}, \qquad (i, f, z, o) = (\sigma(p_i), \sigma(p_f), \tanh p_z, \sigma(p_o)),$$
    $$c_t = f \odot c_{t-1} + i \odot z, \qquad h_t = o \odot \tanh c_t$$

    Shapes:  a (T, N, 4H), h and c (N, H), weight (4H, H) -> y and memory (T, N, H), gates (T, N, 4H).
    """
    lib, (T, N, _), H = library(a), a.shape, h.shape[1]
    y, memory = lib.empty((T, N, H), dtype=a.dtype), lib.empty((T, N, H), dtype=a.dtype)
    gates = lib.empty(a.shape, dtype=a.dtype)
    for t in range(T):
        p = lib.matmul(h, weight.T)
        p += a[t]
        lib.divide(1.0, 1.0 + lib.exp(-p), out=gates[t])
        gates[t, :, 2 * H : 3 * H] = lib.tanh(p[:, 2 * H : 3 * H])
        i, f, z, o = (gates[t, :, k * H : (k + 1) * H] for k in range(4))
        memory[t] = f * c + i * z
        y[t] = o * lib.tanh(memory[t])
        h, c = y[t], memory[t]
    return y, memory, gates


def lstm_back(
    g: Any, needs: tuple[bool, ...], h: Any, c: Any, weight: Any, y: Any, memory: Any, gates: Any
) -> tuple[Any, Any, Any, Any]:
    r"""From the last time to the first: $\bar h_{t-1} \mathrel{+}= W^\top \bar p_t$, $\bar a_t = \bar p_t$, and at the end
    $\bar W = \sum_t \bar p_t h_{t-1}^\top$, one product for all times.
    """
    parts: list[Any] = []
    to_h: Any = None
    to_c: Any = None
    for t in reversed(range(y.shape[0])):
        g_h, g_c, g_gates = (at(x, t) for x in g)
        before = at(memory, t - 1) if t else c
        gradients = plus(g_h, to_h), plus(g_c, to_c), g_gates
        part, to_c = cell_back(gradients, before, at(memory, t), at(gates, t))
        to_h = matmul(part, weight)
        parts.append(part)
    a_bar = stack(*parts[::-1], axis=0)
    previous = cat(unsqueeze(h, 0), index(y, (slice(0, -1),)), axis=0)
    return a_bar, to_h, to_c, matmul(swap(flat(a_bar)), flat(previous))


def cell_back(g: tuple[Any, Any, Any], c: Any, memory: Any, gates: Any) -> tuple[Any, Any]:
    r"""Gradients of one time: with $t = \tanh c'$ and $m = \bar c' + \bar h\,o\,(1 - t^2)$, all that reaches the memory,

    $$\bar\imath = m z, \quad \bar f = m c, \quad \bar z = m i, \quad \bar o = \bar h\,t, \quad \bar c = m f,$$
    $$\bar p = (\bar\imath\,i(1-i),\ \bar f f(1-f),\ \bar z\,(1-z^2),\ \bar o\,o(1-o)) .$$
    """
    i, f, z, o = (quarter(gates, k) for k in range(4))
    t = tanh(memory)
    g_h = zeros_like(memory) if g[0] is None else g[0]
    m = plus(g_h * (o * (1 - t * t)), g[1])
    bars = [m * z, m * c, m * i, g_h * t]
    if g[2] is not None:  # the gates were read too: by the derivative of this rule
        bars = [bar + quarter(g[2], k) for k, bar in enumerate(bars)]
    slopes = (i * (1 - i), f * (1 - f), 1 - z * z, o * (1 - o))
    return cat(*[bar * slope for bar, slope in zip(bars, slopes, strict=True)], axis=1), m * f


def at(x: Any, t: int) -> Any:
    """Return what belongs to a time; None of None."""
    return None if x is None else index(x, (t,))


def plus(a: Any, b: Any) -> Any:
    """Return the sum of two gradients, each of which may be None."""
    return b if a is None else a if b is None else a + b


def quarter(x: Any, k: int) -> Any:
    """Columns $kH$ to $(k + 1)H$ of an array (N, 4H)."""
    H = x.shape[1] // 4
    return index(x, (slice(None), slice(k * H, (k + 1) * H)))


defjoint(lstm, ("a", "h", "c", "weight"), lstm_back)
