r"""Recurrent networks: one step of each kind, and the loop over time.

Letters: $x$ the input at a time, $h$ the hidden state before it, $h'$ after it; `T` times, `N` sequences.

A step is given $a = W_x x + b_x$, which is computed for all times at once, and the state, a tuple of tensors (N, H);
it returns the new state, whose first tensor is the output.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...functions.shape import cat, chunk, split
from ...ops.recurrent import lstm
from ...tensor import Tensor
from .affine import linear

State = tuple[Tensor, ...]
Step = Callable[..., State]


# ---- one step --------------------------------------------------------------------------------------------------------


def rnn_tanh_step(a: Tensor, state: State, weight: Tensor, bias: Tensor | None = None) -> State:
    r"""$h' = \tanh(a + W_h h + b_h)$.  Source:  Elman 1990, "Finding structure in time"."""
    return ((a + linear(state[0], weight, bias)).tanh(),)


def rnn_relu_step(a: Tensor, state: State, weight: Tensor, bias: Tensor | None = None) -> State:
    r"""$h' = \max(0, a + W_h h + b_h)$."""
    return ((a + linear(state[0], weight, bias)).relu(),)


def lstm_step(
    a: Tensor, state: State, weight: Tensor, bias: Tensor | None = None, projection: Tensor | None = None
) -> State:
    r"""Long short-term memory: the cell $c$ is what is remembered.

    $$(i, f, g, o) = a + W_h h + b_h, \qquad c' = \sigma(f) \odot c + \sigma(i) \odot \tanh g, \qquad
      h' = \sigma(o) \odot \tanh c'$$

    With a projection, $h' = W_r\,(\sigma(o) \odot \tanh c')$.
    Source:  Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000 (f); Sak et al. 2014 (projection).
    """
    h, c = state
    i, f, g, o = chunk(a + linear(h, weight, bias), 4, 1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    h = o.sigmoid() * c.tanh()
    return (h if projection is None else linear(h, projection)), c


def gru_step(a: Tensor, state: State, weight: Tensor, bias: Tensor | None = None) -> State:
    r"""Gated recurrent unit: $z$ says what is kept, $r$ what of the past the new state $n$ is made of.

    $$(p_r, p_z, p_n) = a, \qquad (q_r, q_z, q_n) = W_h h + b_h, \qquad r = \sigma(p_r + q_r),$$
    $$z = \sigma(p_z + q_z), \qquad n = \tanh(p_n + r \odot q_n), \qquad h' = (1 - z) \odot n + z \odot h$$

    Source:  Cho et al. 2014 (arXiv:1406.1078); with r behind the product, as in cuDNN and PyTorch.
    """
    (h,) = state
    p_r, p_z, p_n = chunk(a, 3, 1)
    q_r, q_z, q_n = chunk(linear(h, weight, bias), 3, 1)
    r, z = (p_r + q_r).sigmoid(), (p_z + q_z).sigmoid()
    n = (p_n + r * q_n).tanh()
    return (n + z * (h - n),)


STEPS: dict[str, Step] = {"RNN_TANH": rnn_tanh_step, "RNN_RELU": rnn_relu_step, "LSTM": lstm_step, "GRU": gru_step}


# ---- over time -------------------------------------------------------------------------------------------------------


def recur(
    step: Step, a: Tensor, sizes: Sequence[int], state: State, weights: Sequence[Tensor | None], reverse: bool = False
) -> tuple[Tensor, State]:
    r"""Take a step at every time; return the outputs, and the state of every sequence at its own end.

    The sequences are packed: sorted by length, the longest first, and all rows of one time behind those of the time
    before it.  `sizes` says how many sequences there are at every time.  In reverse, sequences that begin late (their
    end is early) join with their row of the first state.

    Shapes:  a (sum of sizes, gates), state (N, H) each -> (sum of sizes, H), state.
    """
    steps = list(zip(split(a, list(sizes)), sizes, strict=True))
    first, outputs, ended = state, [], []
    now: State = tuple(part[: sizes[-1]] for part in first) if reverse else first
    for a_t, n in reversed(steps) if reverse else steps:
        m = now[0].shape[0]
        if n > m:
            now = tuple(cat([part, begin[m:n]]) for part, begin in zip(now, first, strict=True))
        elif n < m:
            ended.append(tuple(part[n:] for part in now))
            now = tuple(part[:n] for part in now)
        now = step(a_t, now, *weights)
        outputs.append(now[0])
    ended.append(now)
    last = tuple(cat(parts[::-1]) for parts in zip(*ended, strict=True)) if len(ended) > 1 else now
    return cat(outputs[::-1] if reverse else outputs), last


def lstm_in_one(a: Tensor, N: int, state: State, weights: Sequence[Any], reverse: bool = False) -> tuple[Tensor, State]:
    """Do what `recur` does with `lstm_step`, where all sequences have one length, in one node of the graph.

    Shapes:  a (T·N, 4H), state two of (N, H) -> (T·N, H), state.
    """
    (h, c), (weight, bias) = state, weights
    a = (a if bias is None else a + bias).reshape(-1, N, a.shape[1])
    y, memory, _ = lstm(a.flip(0) if reverse else a, h, c, weight)
    rows = (y.flip(0) if reverse else y).reshape(-1, y.shape[2])
    return rows, (y[-1], memory[-1])


# ---- cells, with PyTorch's names -------------------------------------------------------------------------------------


def rnn_tanh_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    r"""$h' = \tanh(W_x x + b_x + W_h h + b_h)$.  Shapes:  (N, I), (N, H) -> (N, H)."""
    return rnn_tanh_step(linear(input, w_ih, b_ih), (hx,), w_hh, b_hh)[0]


def rnn_relu_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    r"""$h' = \max(0, W_x x + b_x + W_h h + b_h)$.  Shapes:  (N, I), (N, H) -> (N, H)."""
    return rnn_relu_step(linear(input, w_ih, b_ih), (hx,), w_hh, b_hh)[0]


def lstm_cell(
    input: Tensor,
    hx: Sequence[Tensor],
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """One step of an LSTM.  Shapes:  (N, I), two of (N, H) -> two of (N, H)."""
    h, c = lstm_step(linear(input, w_ih, b_ih), tuple(hx), w_hh, b_hh)
    return h, c


def gru_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """One step of a GRU.  Shapes:  (N, I), (N, H) -> (N, H)."""
    return gru_step(linear(input, w_ih, b_ih), (hx,), w_hh, b_hh)[0]
