"""The two layers that Transformers are made of.

Letters: `T` positions of the target, `S` of the source (or memory), `N` sequences, `E` embedding size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..tensor import Tensor
from . import functional as F
from .attention import MultiheadAttention
from .dropout import Dropout
from .linear import Linear
from .module import Module
from .normalization import LayerNorm

Activation = str | Callable[[Tensor], Tensor]


def activation_function(activation: Activation) -> Callable[[Tensor], Tensor]:
    """Return relu or gelu for its name, and any function as it is."""
    if not isinstance(activation, str):
        return activation
    if activation not in ("relu", "gelu"):
        raise RuntimeError(f"activation should be relu/gelu, not {activation}")
    return F.relu if activation == "relu" else F.gelu


class TransformerEncoderLayer(Module):
    r"""Self-attention and a network of two layers for each position, each with a shortcut and a layer norm.

    $$a = \mathrm{LN}(x + \mathrm{SA}(x)), \qquad y = \mathrm{LN}(a + W_2 f(W_1 a))$$

    With `norm_first`:  $a = x + \mathrm{SA}(\mathrm{LN}(x))$,  $y = a + W_2 f(W_1\,\mathrm{LN}(a))$.

    Shapes:  (T, N, E), or (N, T, E) with `batch_first`, or (T, E) -> the same.
    Source:  Vaswani et al. 2017, 3.1 (arXiv:1706.03762); norm first: Xiong et al. 2020 (arXiv:2002.04745).
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        new: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, batch_first=batch_first, **new)
        self.linear1 = Linear(d_model, dim_feedforward, **new)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **new)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, **new)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, **new)
        self.dropout1, self.dropout2 = Dropout(dropout), Dropout(dropout)
        self.activation = activation_function(activation)

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """Let every position look at the others, then think for itself."""
        x, masks = src, (src_mask, src_key_padding_mask, is_causal)
        if self.norm_first:
            x = x + self._sa_block(self.norm1(x), *masks)
            return x + self._ff_block(self.norm2(x))
        x = self.norm1(x + self._sa_block(x, *masks))
        return self.norm2(x + self._ff_block(x))

    def _sa_block(self, x: Tensor, mask: Tensor | None, padding: Tensor | None, is_causal: bool) -> Tensor:
        """Self-attention."""
        y, _ = self.self_attn(
            x, x, x, attn_mask=mask, key_padding_mask=padding, need_weights=False, is_causal=is_causal
        )
        return self.dropout1(y)

    def _ff_block(self, x: Tensor) -> Tensor:
        r"""$W_2 f(W_1 x)$."""
        return self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))


class TransformerDecoderLayer(Module):
    r"""Self-attention, attention to the memory, and a network of two layers; each with a shortcut and a layer norm.

    $$a = \mathrm{LN}(x + \mathrm{SA}(x)), \qquad b = \mathrm{LN}(a + \mathrm{MHA}(a, m, m)), \qquad
      y = \mathrm{LN}(b + W_2 f(W_1 b))$$

    With `norm_first` the norm is taken of what goes into each part, not of the sum.

    Shapes:  (T, N, E), memory (S, N, E), or N first with `batch_first`, or without N -> that of the target.
    Source:  Vaswani et al. 2017, 3.1 (arXiv:1706.03762).
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        new: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, batch_first=batch_first, **new)
        self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, batch_first=batch_first, **new)
        self.linear1 = Linear(d_model, dim_feedforward, **new)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **new)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, **new)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, **new)
        self.norm3 = LayerNorm(d_model, layer_norm_eps, **new)
        self.dropout1, self.dropout2, self.dropout3 = Dropout(dropout), Dropout(dropout), Dropout(dropout)
        self.activation = activation_function(activation)

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Look at the target, look at the memory, then think."""
        x, own = tgt, (tgt_mask, tgt_key_padding_mask, tgt_is_causal)
        others = (memory_mask, memory_key_padding_mask, memory_is_causal)
        if self.norm_first:
            x = x + self._sa_block(self.norm1(x), *own)
            x = x + self._mha_block(self.norm2(x), memory, *others)
            return x + self._ff_block(self.norm3(x))
        x = self.norm1(x + self._sa_block(x, *own))
        x = self.norm2(x + self._mha_block(x, memory, *others))
        return self.norm3(x + self._ff_block(x))

    def _sa_block(self, x: Tensor, mask: Tensor | None, padding: Tensor | None, is_causal: bool) -> Tensor:
        """Self-attention."""
        y, _ = self.self_attn(
            x, x, x, attn_mask=mask, key_padding_mask=padding, need_weights=False, is_causal=is_causal
        )
        return self.dropout1(y)

    def _mha_block(
        self, x: Tensor, memory: Tensor, mask: Tensor | None, padding: Tensor | None, is_causal: bool
    ) -> Tensor:
        """Attention to the memory."""
        y, _ = self.multihead_attn(
            x, memory, memory, attn_mask=mask, key_padding_mask=padding, need_weights=False, is_causal=is_causal
        )
        return self.dropout2(y)

    def _ff_block(self, x: Tensor) -> Tensor:
        r"""$W_2 f(W_1 x)$."""
        return self.dropout3(self.linear2(self.dropout(self.activation(self.linear1(x)))))
