"""Recurrent cells: one step in time, for loops of one's own.  The equations are in `functional.recurrent`."""

from __future__ import annotations

import math
from typing import Any

from ..creation import empty, zeros
from ..tensor import Tensor
from . import init
from .functional.recurrent import gru_cell, lstm_cell, rnn_relu_cell, rnn_tanh_cell
from .module import Module
from .parameter import Parameter


class RNNCellBase(Module):
    """What the cells share: the parameters, and the checks of input and state."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool, num_chunks: int, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        new, rows = {"device": device, "dtype": dtype}, num_chunks * hidden_size
        self.weight_ih = Parameter(empty(rows, input_size, **new))
        self.weight_hh = Parameter(empty(rows, hidden_size, **new))
        self.register_parameter("bias_ih", Parameter(empty(rows, **new)) if bias else None)
        self.register_parameter("bias_hh", Parameter(empty(rows, **new)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        r"""Draw all parameters again, from $U(\pm 1/\sqrt H)$."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _weights(self) -> tuple[Any, ...]:
        return self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh

    def _batch(self, input: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        """Check sizes; return the input and the states with a batch in front."""
        name = self._get_name()
        if input.dim() not in (1, 2):
            raise ValueError(f"{name}: Expected input to be 1D or 2D, got {input.dim()}D instead")
        for i, h in enumerate(states):
            if h.dim() not in (1, 2):
                what = "hidden" if len(states) == 1 else f"hx[{i}]"
                raise ValueError(f"{name}: Expected {what} to be 1D or 2D, got {h.dim()}D instead")
        x, *rest = (part if part.dim() == 2 else part.unsqueeze(0) for part in (input, *states))
        if x.shape[1] != self.input_size:
            raise RuntimeError(f"input has inconsistent input_size: got {x.shape[1]} expected {self.input_size}")
        for i, h in enumerate(rest):
            if h.shape[0] != x.shape[0]:
                raise RuntimeError(f"Input batch size {x.shape[0]} doesn't match hidden{i} batch size {h.shape[0]}")
            if h.shape[1] != self.hidden_size:
                raise RuntimeError(
                    f"hidden{i} has inconsistent hidden_size: got {h.shape[1]}, expected {self.hidden_size}"
                )
        return x, *rest

    def _zeros(self, input: Tensor) -> Tensor:
        return zeros(*input.shape[:-1], self.hidden_size, dtype=input.dtype, device=input.device)

    def extra_repr(self) -> str:
        """Show the sizes, and what differs from the default."""
        shown = f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")
        nonlinearity = getattr(self, "nonlinearity", "tanh")
        return shown + ("" if nonlinearity == "tanh" else f", nonlinearity={nonlinearity}")


class RNNCell(RNNCellBase):
    r"""$h' = \tanh(W_x x + b_x + W_h h + b_h)$, or with $\max(0, \cdot)$.

    Shapes:  (N, I), (N, H) -> (N, H), or without N; weight_ih (H, I), weight_hh (H, H).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Take one step; the state starts as zeros."""
        x, h = self._batch(input, self._zeros(input) if hx is None else hx)
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        cell = rnn_tanh_cell if self.nonlinearity == "tanh" else rnn_relu_cell
        y = cell(x, h, *self._weights())
        return y if input.dim() == 2 else y.squeeze(0)


class LSTMCell(RNNCellBase):
    r"""One step of an LSTM: (h, c) -> (h', c').

    Shapes:  (N, I), two of (N, H) -> two of (N, H), or without N; weight_ih (4H, I), weight_hh (4H, H).
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        """Take one step; the states start as zeros."""
        if isinstance(hx, Tensor):
            raise TypeError("lstm_cell(): argument 'hx' must be tuple of Tensors, not Tensor: give (h, c)")
        x, h, c = self._batch(input, *((self._zeros(input),) * 2 if hx is None else hx))
        h, c = lstm_cell(x, (h, c), *self._weights())
        return (h, c) if input.dim() == 2 else (h.squeeze(0), c.squeeze(0))


class GRUCell(RNNCellBase):
    r"""One step of a GRU.

    Shapes:  (N, I), (N, H) -> (N, H), or without N; weight_ih (3H, I), weight_hh (3H, H).
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Take one step; the state starts as zeros."""
        x, h = self._batch(input, self._zeros(input) if hx is None else hx)
        y = gru_cell(x, h, *self._weights())
        return y if input.dim() == 2 else y.squeeze(0)
