"""Multi-head attention, as a layer."""

from __future__ import annotations

from typing import Any

from ..creation import empty
from ..tensor import Tensor
from . import functional as F
from . import init
from .linear import Linear
from .module import Module
from .parameter import Parameter


class NonDynamicallyQuantizableLinear(Linear):
    """A linear layer, under the name that PyTorch prints for the last one of attention."""


class MultiheadAttention(Module):
    r"""Several heads of attention, side by side: each looks for something else.

    $$y = (\mathrm{head}_1, \dots, \mathrm{head}_H)\,W^O, \qquad
      \mathrm{head}_i = \mathrm{Attention}(Q W_i^Q, K W_i^K, V W_i^V)$$

    A boolean mask says where attention is not allowed.  The rows of `in_proj_weight` are those of $W^Q$, $W^K$, $W^V$;
    with a `kdim` or `vdim` of its own, each has a parameter of its own.

    Shapes:  query (T, N, E), key (S, N, kdim), value (S, N, vdim) -> (T, N, E) and weights (N, T, S); with
             `batch_first` N comes first; or all without N.
    Source:  Vaswani et al. 2017, 3.2.2 (arXiv:1706.03762).
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                "embed_dim and num_heads must be greater than 0, "
                f"got embed_dim={embed_dim} and num_heads={num_heads} instead"
            )
        if embed_dim % num_heads:
            raise AssertionError(f"embed_dim must be divisible by num_heads, got {embed_dim} and {num_heads}")
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.kdim, self.vdim = kdim or embed_dim, vdim or embed_dim
        self.dropout, self.add_zero_attn, self.batch_first = dropout, add_zero_attn, batch_first
        self._qkv_same_embed_dim = self.kdim == embed_dim == self.vdim
        E, together, new = embed_dim, self._qkv_same_embed_dim, {"device": device, "dtype": dtype}

        def parameter(name: str, there: bool, *shape: int) -> None:
            self.register_parameter(name, Parameter(empty(shape, **new)) if there else None)

        parameter("in_proj_weight", together, 3 * E, E)
        parameter("q_proj_weight", not together, E, E)
        parameter("k_proj_weight", not together, E, self.kdim)
        parameter("v_proj_weight", not together, E, self.vdim)
        parameter("in_proj_bias", bias, 3 * E)
        self.out_proj = NonDynamicallyQuantizableLinear(E, E, bias, **new)
        parameter("bias_k", add_bias_kv, 1, 1, E)
        parameter("bias_v", add_bias_kv, 1, 1, E)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters again."""
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)
        if self.bias_k is not None:
            init.xavier_normal_(self.bias_k)
            init.xavier_normal_(self.bias_v)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Attend; return the output, and the weights or None."""
        turned = self.batch_first and query.dim() == 3
        if turned:
            first = query.transpose(0, 1)
            same = query is key is value  # and shall stay so: then one product does for all three
            query, key, value = (first,) * 3 if same else (first, key.transpose(0, 1), value.transpose(0, 1))
        y, weights = F.multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            training=self.training,
            key_padding_mask=key_padding_mask,
            need_weights=need_weights,
            attn_mask=attn_mask,
            use_separate_proj_weight=not self._qkv_same_embed_dim,
            q_proj_weight=self.q_proj_weight,
            k_proj_weight=self.k_proj_weight,
            v_proj_weight=self.v_proj_weight,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
        )
        return (y.transpose(0, 1) if turned else y), weights
