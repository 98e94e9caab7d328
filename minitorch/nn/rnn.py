"""Recurrent networks: several layers, one or both directions, sequences padded or packed.

Letters: `T` times, `N` sequences, `L` layers, `D` directions (1 or 2), `I` input size, `H` hidden size.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

from ..creation import empty, zeros
from ..functions.shape import cat, stack, unbind
from ..tensor import Tensor
from . import functional as F
from . import init
from .functional.recurrent import STEPS, State, lstm_in_one, recur
from .module import Module
from .parameter import Parameter
from .utils.rnn import PackedSequence

GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "LSTM": 4, "GRU": 3}  # so many rows of a weight has each hidden unit


class RNNBase(Module):
    """What RNN, LSTM and GRU share: the parameters of every layer and direction, and the loop over layers."""

    mode: str

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.mode, self.input_size, self.hidden_size, self.num_layers = mode, input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional, self.proj_size = bidirectional, proj_size
        self._check_options(dropout)
        out, rows = proj_size or hidden_size, GATES[mode] * hidden_size
        for layer in range(num_layers):
            size = input_size if layer == 0 else out * self.directions
            for end in self._ends(layer):
                shapes: dict[str, Any] = {"weight_ih": (rows, size), "weight_hh": (rows, out)}
                shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {}
                shapes |= {"weight_hr": (proj_size, hidden_size)} if proj_size else {}
                for name, shape in shapes.items():
                    self.register_parameter(name + end, Parameter(empty(shape, device=device, dtype=dtype)))
        self.reset_parameters()

    @property
    def directions(self) -> int:
        """1, or 2 for a bidirectional network."""
        return 2 if self.bidirectional else 1

    def _ends(self, layer: int) -> list[str]:
        """Return how the names of a layer's parameters end, for each direction."""
        return [f"_l{layer}{direction}" for direction in ("", "_reverse")[: self.directions]]

    def _weights(self, end: str) -> list[Any]:
        """Return the parameters of a layer and direction that have a name: W_x, b_x, W_h, b_h and perhaps W_r."""
        names = ["weight_ih", "bias_ih", "weight_hh", "bias_hh"] + (["weight_hr"] if self.proj_size else [])
        return [getattr(self, name + end, None) for name in names]

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters, a list for each layer and direction."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
        ends = [end for layer in range(self.num_layers) for end in self._ends(layer)]
        return [[self._parameters[n + end] for n in names if n + end in self._parameters] for end in ends]  # type: ignore[misc]

    def flatten_parameters(self) -> None:
        """Do nothing: in PyTorch this lays the weights out for cuDNN."""

    def reset_parameters(self) -> None:
        r"""Draw all parameters again, from $U(\pm 1/\sqrt H)$."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _check_options(self, dropout: Any) -> None:
        if not isinstance(dropout, (int, float)) or isinstance(dropout, bool) or not 0 <= dropout <= 1:
            raise ValueError(
                "dropout should be a number in range [0, 1] representing the probability of an element being zeroed"
            )
        if dropout > 0 and self.num_layers == 1:
            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects "
                f"num_layers greater than 1, but got dropout={dropout} and num_layers=1",
                stacklevel=4,
            )
        if not isinstance(self.hidden_size, int):
            raise TypeError(f"hidden_size should be of type int, got: {type(self.hidden_size).__name__}")
        if self.hidden_size <= 0:
            raise ValueError("hidden_size must be greater than zero")
        if self.num_layers <= 0:
            raise ValueError("num_layers must be greater than zero")
        if self.proj_size < 0:
            raise ValueError("proj_size should be a positive integer or zero to disable projections")
        if self.proj_size >= self.hidden_size:
            raise ValueError("proj_size has to be smaller than hidden_size")

    # ---- forward -----------------------------------------------------------------------------------------------------

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Return the outputs of the last layer at every time, and the last state of every layer and direction.

        Shapes:  input (T, N, I), (N, T, I) with `batch_first`, (T, I) or a PackedSequence; states (L·D, N, H)
                 -> outputs (T, N, D·H), states.
        """
        if isinstance(input, PackedSequence):
            state = self._start(input.data, int(input.batch_sizes[0]), self._sorted(hx, input.sorted_indices))
            rows, state = self._layers(input.data, input.batch_sizes.tolist(), state)
            return input._replace(data=rows), self._state(self._sorted(state, input.unsorted_indices))
        if input.dim() not in (2, 3):
            raise ValueError(f"{self._get_name()}: Expected input to be 2D or 3D, got {input.dim()}D tensor instead")
        batched = input.dim() == 3
        self._check_state_dims(batched, hx)
        x = input.unsqueeze(1) if not batched else input.transpose(0, 1) if self.batch_first else input
        hx = hx if batched or hx is None else tuple(h.unsqueeze(1) for h in self._parts(hx))
        T, N, _ = x.shape
        if T == 0:
            raise RuntimeError(f"{self._get_name()}: Expected sequence length to be larger than 0 in RNN")
        rows, state = self._layers(x.reshape(T * N, x.shape[2]), [N] * T, self._start(x, N, hx))
        y = rows.reshape(T, N, rows.shape[1])
        if not batched:
            return y.squeeze(1), self._state(tuple(part.squeeze(1) for part in state))
        return (y.transpose(0, 1) if self.batch_first else y), self._state(state)

    def _layers(self, rows: Tensor, sizes: list[int], state: State) -> tuple[Tensor, State]:
        """Send packed rows through all layers; return the rows of the last one, and all states."""
        starts, ends = list(zip(*map(unbind, state), strict=True)), []
        for layer in range(self.num_layers):
            outputs = []
            for i, end in enumerate(self._ends(layer)):
                W_x, b_x, *weights = self._weights(end)
                a, start = F.linear(rows, W_x, b_x), starts[layer * self.directions + i]
                if self.mode == "LSTM" and not self.proj_size and sizes[0] == sizes[-1] > 0:
                    output, last = lstm_in_one(a, sizes[0], start, weights, reverse=i == 1)
                else:
                    output, last = recur(STEPS[self.mode], a, sizes, start, weights, reverse=i == 1)
                outputs.append(output)
                ends.append(last)
            rows = cat(outputs, 1) if len(outputs) > 1 else outputs[0]
            if layer < self.num_layers - 1:
                rows = F.dropout(rows, self.dropout, self.training)
        return rows, tuple(stack(list(parts)) for parts in zip(*ends, strict=True))

    # ---- the state ---------------------------------------------------------------------------------------------------

    def _parts(self, hx: Any) -> State:
        """Return the state as a tuple."""
        return (hx,)

    def _state(self, state: State) -> Any:
        """Return the state as users see it."""
        return state[0]

    def _shapes(self, N: int) -> list[tuple[int, int, int]]:
        """Return the shapes of the parts of the state."""
        return [(self.num_layers * self.directions, N, self.proj_size or self.hidden_size)]

    def _sorted(self, hx: Any, order: Tensor | None) -> Any:
        if hx is None or order is None:
            return hx
        parts = hx if isinstance(hx, tuple) else self._parts(hx)
        return tuple(part.index_select(1, order) for part in parts)

    def _start(self, x: Tensor, N: int, hx: Any) -> State:
        """Check the input and the first state; the state is zeros if none is given."""
        if x.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {x.shape[-1]}"
            )
        kind = next(self.parameters()).dtype
        if x.dtype != kind:
            raise ValueError(
                f"RNN input dtype ({x.dtype}) does not match weight dtype ({kind}). Convert input: input.to({kind}), "
                f"or convert model: model.to({x.dtype})"
            )
        if hx is None:
            return tuple(zeros(shape, dtype=x.dtype, device=x.device) for shape in self._shapes(N))
        state = hx if isinstance(hx, tuple) else self._parts(hx)
        for i, (part, shape) in enumerate(zip(state, self._shapes(N), strict=True)):
            if tuple(part.shape) != shape:
                name = "hidden" if len(state) == 1 else f"hidden[{i}]"
                raise RuntimeError(f"Expected {name} size {shape}, got {list(part.shape)}")
        return state

    def _check_state_dims(self, batched: bool, hx: Any) -> None:
        wanted = 3 if batched else 2
        if hx is None or all(part.dim() == wanted for part in self._parts(hx)):
            return
        found = [f"{part.dim()}-D" for part in self._parts(hx)]
        what, got = ("hx", f"{found[0]} tensor") if len(found) == 1 else ("hx and cx", f"({', '.join(found)}) tensors")
        kind = "batched" if batched else "unbatched"
        raise RuntimeError(f"For {kind} {wanted}-D input, {what} should also be {wanted}-D but got {got}")

    def extra_repr(self) -> str:
        """Show the sizes, and what differs from the default."""
        shown = f"{self.input_size}, {self.hidden_size}"
        defaults = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0}
        for name, default in {**defaults, "bidirectional": False}.items():
            if getattr(self, name) != default:
                shown += f", {name}={getattr(self, name)}"
        return shown


class RNN(RNNBase):
    r"""Elman's network: $h' = \tanh(W_x x + b_x + W_h h + b_h)$, or with $\max(0, \cdot)$ for `nonlinearity="relu"`.

    Shapes:  (T, N, I), (L·D, N, H) -> (T, N, D·H), (L·D, N, H).
    Source:  Elman 1990, "Finding structure in time".
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("proj_size"):
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        if len(args) > 3:
            nonlinearity, args = args[3], (*args[:3], *args[4:])
        else:
            nonlinearity = kwargs.pop("nonlinearity", "tanh")
        modes = {"tanh": "RNN_TANH", "relu": "RNN_RELU"}
        if nonlinearity not in modes:
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(modes[nonlinearity], *args, **kwargs)
        self.nonlinearity = nonlinearity


class GRU(RNNBase):
    """Gated recurrent units; the equations are those of `functional.recurrent.gru_step`.

    Shapes:  (T, N, I), (L·D, N, H) -> (T, N, D·H), (L·D, N, H); the rows of a weight belong to r, z, n.
    Source:  Cho et al. 2014 (arXiv:1406.1078).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("proj_size"):
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        super().__init__("GRU", *args, **kwargs)


class LSTM(RNNBase):
    """Long short-term memory; the equations are those of `functional.recurrent.lstm_step`.

    Shapes:  (T, N, I), two states (L·D, N, H) -> (T, N, D·H), two states; the rows of a weight belong to i, f, g, o.
             With `proj_size` P the outputs and the first state have P in place of H.
    Source:  Hochreiter & Schmidhuber 1997, "Long short-term memory"; Sak et al. 2014 (projection).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def _parts(self, hx: Any) -> State:
        return tuple(hx)

    def _state(self, state: State) -> Any:
        return state

    def _shapes(self, N: int) -> list[tuple[int, int, int]]:
        count = self.num_layers * self.directions
        return [(count, N, self.proj_size or self.hidden_size), (count, N, self.hidden_size)]
