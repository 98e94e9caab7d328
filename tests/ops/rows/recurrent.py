"""Rows of the recurrent primitive."""

from __future__ import annotations

import numpy as np

from minitorch.ops import recurrent

from .row import real, row


def lstm(a, h, c, weight):
    """Run the equations of a long short-term memory, one time and one sequence after the other."""
    sigmoid = lambda x: 1 / (1 + np.exp(-x))
    (T, N, rows), H = a.shape, h.shape[1]
    y, memory, gates = np.zeros((T, N, H)), np.zeros((T, N, H)), np.zeros((T, N, rows))
    for n in range(N):
        hidden, cell = h[n], c[n]
        for t in range(T):
            i, f, z, o = np.split(a[t, n] + weight @ hidden, 4)
            i, f, z, o = sigmoid(i), sigmoid(f), np.tanh(z), sigmoid(o)
            cell = f * cell + i * z
            hidden = o * np.tanh(cell)
            y[t, n], memory[t, n], gates[t, n] = hidden, cell, np.concatenate([i, f, z, o])
    return y, memory, gates


for _T, _N, _H in ((3, 2, 2), (1, 1, 3)):
    row(recurrent.lstm, real(_T, _N, 4 * _H), real(_N, _H), real(_N, _H), real(4 * _H, _H), reference=lstm)
row(
    recurrent.lstm, real(2, 2, 8), real(2, 2), real(2, 2), real(8, 2),
    apply=lambda a, h, c, weight: recurrent.lstm(a, h, c, weight)[0], reference=lambda *xs: lstm(*xs)[0],
)  # fmt: skip
