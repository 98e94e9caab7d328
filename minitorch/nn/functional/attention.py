"""Attention: a mean of values, weighted by how well keys match a query."""

from __future__ import annotations

import math

from ...backend.arrays import arange_like
from ...functions.activation import softmax
from ...functions.public import public
from ...ops.elementwise import where
from ...tensor import Tensor
from .dropout import dropout


@public
def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    r"""$\mathrm{softmax}\big(QK^\top / \sqrt D + M\big)\,V$.

    A boolean mask says where attention is allowed, a floating one is added to the scores; `is_causal` lets
    position i see positions up to i only.  A query that sees nothing gets zeros.  With `enable_gqa`, several heads of
    queries share one head of keys and values.

    Shapes:  query (*, T, D), key (*, S, D), value (*, S, E), mask broadcast to (*, T, S) -> (*, T, E).
    Source:  Vaswani et al. 2017, eq. 1 (arXiv:1706.03762).
    """
    if enable_gqa:
        key, value = _for_every_query(query, key), _for_every_query(query, value)
    _check(query, key, value)
    if is_causal:
        if attn_mask is not None:
            raise RuntimeError("Explicit attn_mask should not be set when is_causal=True")
        weights = softmax(_scores(query, key, scale).masked_fill(_later(query, key), -math.inf), -1)
    else:
        weights = attention_weights(query, key, attn_mask, scale)
    return dropout(weights, dropout_p, training=dropout_p > 0.0) @ value


def attention_weights(query: Tensor, key: Tensor, mask: Tensor | None, scale: float | None = None) -> Tensor:
    r"""$\mathrm{softmax}(QK^\top / \sqrt D + M)$, and zeros in a row where everything is masked.

    Shapes:  (*, T, D), (*, S, D), mask broadcast to (*, T, S) -> (*, T, S).
    """
    scores = _scores(query, key, scale)
    if mask is None:
        return softmax(scores, -1)
    scores = scores.masked_fill(~mask, -math.inf) if mask.value.dtype == bool else scores + mask
    nothing = (scores == -math.inf).all(-1, keepdim=True)  # their softmax would be 0/0
    return where(nothing, 0.0, softmax(where(nothing, 0.0, scores), -1))


def _scores(query: Tensor, key: Tensor, scale: float | None) -> Tensor:
    r"""$QK^\top / \sqrt D$: (*, T, D), (*, S, D) -> (*, T, S)."""
    factor = 1.0 / math.sqrt(query.shape[-1]) if scale is None else scale
    return (query * factor) @ key.transpose(-2, -1)


def _later(query: Tensor, key: Tensor) -> Tensor:
    """Say which positions (T, S) come after the one of the query."""
    T, S = query.shape[-2], key.shape[-2]
    return Tensor.wrap(arange_like(S, query.value)[None, :] > arange_like(T, query.value)[:, None])


def _for_every_query(query: Tensor, part: Tensor) -> Tensor:
    """Repeat heads of keys or values (*, H', S, D), so that there are as many as heads of queries (*, H, T, D)."""
    H, few = query.shape[-3], part.shape[-3]
    if H % few:
        raise RuntimeError(f"scaled_dot_product_attention: {H} heads of queries cannot share {few} heads of keys")
    S, D = part.shape[-2:]
    wide = part.unsqueeze(-3).expand(*part.shape[:-3], few, H // few, S, D)
    return wide.reshape(*part.shape[:-3], H, S, D)


def _check(query: Tensor, key: Tensor, value: Tensor) -> None:
    if min(query.ndim, key.ndim, value.ndim) < 2:
        raise RuntimeError(
            f"scaled_dot_product_attention: query {list(query.shape)}, key {list(key.shape)} and value "
            f"{list(value.shape)} need at least two dimensions each"
        )
    if query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        raise RuntimeError(
            f"scaled_dot_product_attention: query {list(query.shape)}, key {list(key.shape)} and value "
            f"{list(value.shape)} do not fit: "
            "query and key need one last size, key and value one number of positions"
        )
