r"""Attention with several heads: each looks for something else.

$$\mathrm{MultiHead}(Q, K, V) = (\mathrm{head}_1, \dots, \mathrm{head}_H)\,W^O, \qquad
  \mathrm{head}_i = \mathrm{Attention}(Q W_i^Q, K W_i^K, V W_i^V)$$

Letters: `T` queries, `S` keys, `N` sequences, `E` embedding size, `H` heads, `D = E / H`.
Source:  Vaswani et al. 2017, 3.2.2 (arXiv:1706.03762).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ...functions.public import public
from ...functions.shape import cat, chunk
from ...tensor import Tensor
from .affine import linear
from .attention import attention_weights, scaled_dot_product_attention
from .dropout import dropout
from .padding import pad


@public
def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Attention with several heads; return the output and, if asked for, the weights.

    A boolean mask says, unlike that of `scaled_dot_product_attention`, where attention is *not* allowed; a floating
    one is added to the scores.  `is_causal` only says that the mask, which must be given, is the causal one.

    Shapes:  query (T, N, E), key and value (S, N, *), or all without N; attn_mask (T, S) or (N·H, T, S),
             key_padding_mask (N, S) -> (T, N, E) and (N, T, S), or (N, H, T, S) if the weights are not averaged.
    """
    batched = _check_dims(query, key, value)
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
            "`generate_square_subsequent_mask` to create this mask."
        )
    if not batched:
        query, key, value = query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1)
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    T, N, E = query.shape
    H = num_heads
    _check_sizes(query, key, value, embed_dim_to_check, H, use_separate_proj_weight)
    attn_mask = _scores_of(attn_mask, "attn_mask", query)
    key_padding_mask = _scores_of(key_padding_mask, "key_padding_mask", query)
    _check_masks(attn_mask, key_padding_mask, T, key.shape[0], N, H)

    weights = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else in_proj_weight
    q, k, v = _project(query, key, value, weights, in_proj_bias)
    if bias_k is not None and bias_v is not None:
        k, v = cat([k, bias_k.expand(1, N, E)]), cat([v, bias_v.expand(1, N, E)])
    q, k, v = (_split_heads(x, H) for x in (q, k, v))  # (N, H, T or S, D)
    k = k if static_k is None else static_k.reshape(N, H, -1, E // H)
    v = v if static_v is None else static_v.reshape(N, H, -1, E // H)
    if add_zero_attn:
        k, v = pad(k, (0, 0, 0, 1)), pad(v, (0, 0, 0, 1))
    mask = _joined(attn_mask, key_padding_mask, N, H, k.shape[2])

    dropout_p = dropout_p if training else 0.0
    found: Any = None
    if need_weights:
        found = dropout(attention_weights(q, k, mask), dropout_p, training)
        y = found @ v
        found = found.mean(1) if average_attn_weights else found
    else:
        y = scaled_dot_product_attention(q, k, v, mask, dropout_p)
    y = linear(y.permute(2, 0, 1, 3).reshape(T, N, E), out_proj_weight, out_proj_bias)  # (N, H, T, D) -> (T, N, E)
    if not batched:
        y, found = y.squeeze(1), None if found is None else found.squeeze(0)
    return y, found


def _project(query: Tensor, key: Tensor, value: Tensor, weights: Any, bias: Tensor | None) -> tuple[Tensor, ...]:
    r"""$Q W^Q + b^Q$, $K W^K + b^K$, $V W^V + b^V$; one product where all three are one and the same."""
    if isinstance(weights, Tensor) and query is key is value:
        return chunk(linear(query, weights, bias), 3, -1)
    three = chunk(weights, 3) if isinstance(weights, Tensor) else weights
    biases: Sequence[Tensor | None] = (None,) * 3 if bias is None else chunk(bias, 3)
    return tuple(linear(x, w, b) for x, w, b in zip((query, key, value), three, biases, strict=True))


def _split_heads(x: Tensor, H: int) -> Tensor:
    """(T, N, E) -> (N, H, T, D)."""
    T, N, E = x.shape
    return x.reshape(T, N, H, E // H).permute(1, 2, 0, 3)


# ---- masks -----------------------------------------------------------------------------------------------------------


def _scores_of(mask: Tensor | None, name: str, like: Tensor) -> Tensor | None:
    """Return what a mask adds to the scores: -∞ where a boolean one holds."""
    if mask is None:
        return None
    if mask.value.dtype == bool:
        return like.new_zeros(mask.shape).masked_fill(mask, -math.inf)
    if not mask.is_floating_point():
        raise AssertionError(f"only bool and floating types of {name} are supported, got {mask.dtype}")
    return mask.to(like.dtype)


def _joined(attn_mask: Tensor | None, padding: Tensor | None, N: int, H: int, S: int) -> Tensor | None:
    """Return the sum of both masks, broadcast to (N, H, T, S); positions that were added at the end are free."""
    masks = []
    if attn_mask is not None:
        masks.append(attn_mask.reshape(N, H, *attn_mask.shape[1:]) if attn_mask.ndim == 3 else attn_mask)
    if padding is not None:
        masks.append(padding.reshape(N, 1, 1, -1))
    masks = [pad(mask, (0, S - mask.shape[-1])) for mask in masks]
    return sum(masks[1:], masks[0]) if masks else None


def _check_masks(attn_mask: Tensor | None, padding: Tensor | None, T: int, S: int, N: int, H: int) -> None:
    if attn_mask is not None and attn_mask.ndim not in (2, 3):
        raise RuntimeError(f"attn_mask's dimension {attn_mask.ndim} is not supported: 2 or 3 are")
    if attn_mask is not None:
        expected = (T, S) if attn_mask.ndim == 2 else (N * H, T, S)
        if tuple(attn_mask.shape) != expected:
            raise RuntimeError(
                f"The shape of the {attn_mask.ndim}D attn_mask is {attn_mask.shape}, but should be {expected}."
            )
    if padding is not None and tuple(padding.shape) != (N, S):
        raise AssertionError(f"Expected key_padding_mask of shape (N, S) = {(N, S)}, but got {tuple(padding.shape)}")


# ---- what does not fit -----------------------------------------------------------------------------------------------


def _check_dims(query: Tensor, key: Tensor, value: Tensor) -> bool:
    """Tell whether there is a batch."""
    if query.ndim not in (2, 3):
        raise AssertionError(
            f"query should be unbatched 2D or batched 3D tensor but received {query.ndim}-D query tensor"
        )
    if key.ndim != query.ndim or value.ndim != query.ndim:
        kind = "batched (3-D)" if query.ndim == 3 else "unbatched (2-D)"
        raise AssertionError(
            f"For {kind} `query`, expected `key` and `value` to be {query.ndim}-D but found {key.ndim}-D and "
            f"{value.ndim}-D tensors respectively"
        )
    return query.ndim == 3


def _check_sizes(query: Tensor, key: Tensor, value: Tensor, E: int, H: int, separate: bool) -> None:
    if query.shape[-1] != E:
        raise AssertionError(f"was expecting embedding dimension of {E}, but got {query.shape[-1]}")
    if E % H:
        raise AssertionError(f"embed_dim {E} not divisible by num_heads {H}")
    parts = 2 if separate else 3  # key and value may have sizes of their own
    if key.shape[:parts] != value.shape[:parts]:
        what = "key's sequence and batch dims" if separate else "key shape"
        raise AssertionError(f"{what} {key.shape[:parts]} does not match value shape {value.shape[:parts]}")
