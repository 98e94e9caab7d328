"""Attention."""

from __future__ import annotations

import math
from typing import Any

from ...backend.arrays import arange_like
from ...functions.indexing import masked_fill
from ...ops import elementwise as e
from ...ops import linalg as la
from ...ops import normalize as nz
from ...ops import shape as s
from ...tensor import Tensor
from .dropout import dropout


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
    position i see positions up to i only.

    Shapes:  query (*, T, D), key (*, S, D), value (*, S, E), mask broadcast to (*, T, S) -> (*, T, E).
    Source:  Vaswani et al. 2017, eq. 1 (arXiv:1706.03762).
    """
    if query.value.shape[-1] != key.value.shape[-1] or key.value.shape[-2] != value.value.shape[-2]:
        raise RuntimeError(
            f"scaled_dot_product_attention: query {list(query.shape)}, key {list(key.shape)} and value "
            f"{list(value.shape)} do not fit: "
            "query and key need one last size, key and value one number of positions"
        )
    factor = 1.0 / math.sqrt(query.value.shape[-1]) if scale is None else scale
    scores: Any = la.matmul(e.mul(query, factor), s.swap(key))  # (*, T, S)
    if is_causal:
        if attn_mask is not None:
            raise RuntimeError("Explicit attn_mask should not be set when is_causal=True")
        T, S = scores.value.shape[-2:]
        later = arange_like(S, scores.value)[None, :] > arange_like(T, scores.value)[:, None]
        scores = masked_fill(scores, Tensor.wrap(later), -math.inf)
    elif attn_mask is not None:
        if attn_mask.value.dtype == bool:
            scores = masked_fill(scores, Tensor.wrap(~attn_mask.value), -math.inf)
        else:
            scores = e.add(scores, attn_mask)
    weights = nz.softmax(scores, scores.value.ndim - 1)
    return la.matmul(dropout(weights, dropout_p, training=dropout_p > 0.0), value)
