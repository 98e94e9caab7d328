r"""Connectionist temporal classification: the likelihood of a text, whatever its alignment with the sound.

Between, before and after the labels $l_1 \dots l_S$ blanks are put, which makes $l'$ of length $2S + 1$.  With
$\alpha_t(s)$ the probability of having said $l'_1 \dots l'_s$ at time $t$,

$$\alpha_t(s) = \big(\alpha_{t-1}(s) + \alpha_{t-1}(s-1)
  + [l'_s \ne \text{blank},\ l'_s \ne l'_{s-2}]\,\alpha_{t-1}(s-2)\big)\,p_t(l'_s),$$

and $p(l) = \alpha_T(2S+1) + \alpha_T(2S)$.  Here everything is kept as logarithms.

Source:  Graves et al. 2006, eq. 6-8, "Connectionist Temporal Classification".
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...backend.arrays import array_like
from ...functions.public import public
from ...functions.shape import stack
from ...ops.elementwise import where
from ...tensor import Tensor
from .loss import reduced
from .padding import pad


@public
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    r"""$-\ln p(l)$: the loss of labels whose places in time are not known.

    "mean" divides each loss by the number of its labels, then takes the mean over the batch.  A text that is too long
    for its sound has the loss $\infty$, or 0 with `zero_infinity`.

    Shapes:  log_probs (T, N, C), targets (N, S) or all labels one after the other, lengths (N) -> () or (N);
             without a batch log_probs (T, C), targets (S), lengths ().
    """
    if log_probs.ndim == 2:
        lengths = int(_numbers(input_lengths)[0]), int(_numbers(target_lengths)[0])
        one = targets.reshape(1, -1)
        loss = ctc_loss(log_probs.unsqueeze(1), one, [lengths[0]], [lengths[1]], blank, reduction, zero_infinity)
        return loss.reshape(())
    T, N, C = log_probs.shape
    times, sizes = _numbers(input_lengths), _numbers(target_lengths)
    labels = _rows(targets, sizes)
    _check(T, N, C, times, sizes, labels, blank)
    logs = _forward(log_probs, _with_blanks(labels, blank), times, blank)  # (N, 2S + 1)
    ends = array_like(np.stack([2 * sizes, np.maximum(2 * sizes - 1, 0)], 1), logs.value, np.int64)
    last = logs.gather(1, Tensor.wrap(ends))
    same = np.stack([sizes < 0, sizes == 0], 1)  # an empty text has one end only
    last = where(Tensor.wrap(array_like(same, logs.value, bool)), -math.inf, last)
    loss = -last.logsumexp(1)
    if zero_infinity:
        loss = where(loss == math.inf, 0.0, loss)
    if reduction == "mean":
        loss = loss / Tensor.wrap(array_like(np.maximum(sizes, 1), loss.value))
    return reduced(loss, reduction)


def _forward(log_probs: Tensor, texts: Any, times: Any, blank: int) -> Any:
    r"""Return $\ln \alpha$ at the last time of every sample: (N, 2S + 1)."""
    T, N, _ = log_probs.shape
    L, like = texts.shape[1], log_probs.value
    said = log_probs.gather(2, Tensor.wrap(array_like(np.broadcast_to(texts, (T, N, L)), like, np.int64)))
    jumps = (texts != blank) & (np.roll(texts, 2, axis=1) != texts)
    jumps[:, :2] = False
    stays, never = Tensor.wrap(array_like(~jumps, like, bool)), -math.inf
    before = array_like(np.broadcast_to(np.arange(L) == 0, (N, L)), like)  # all begin at the first blank
    logs: Any = Tensor.wrap(before).log()
    for t in range(T):
        step = pad(logs, (1, 0), value=never)[:, :L]
        jump = where(stays, never, pad(logs, (2, 0), value=never)[:, :L])
        running = Tensor.wrap(array_like(t < times, like, bool)).unsqueeze(1)
        logs = where(running, stack([logs, step, jump]).logsumexp(0) + said[t], logs)
    return logs


def _with_blanks(labels: Any, blank: int) -> Any:
    """Put a blank before, between and after the labels: (N, S) -> (N, 2S + 1)."""
    texts = np.full((labels.shape[0], 2 * labels.shape[1] + 1), blank)
    texts[:, 1::2] = labels
    return texts


def _numbers(lengths: Any) -> Any:
    """Return lengths, given as a tensor or as numbers, as an array of the host."""
    return np.asarray(lengths.tolist() if isinstance(lengths, Tensor) else lengths, dtype=np.int64).reshape(-1)


def _rows(targets: Tensor, sizes: Any) -> Any:
    """Return the labels as an array of the host with a row for each sample, zeros behind the end."""
    given = targets.cpu().value
    if given.ndim == 1 and given.size != sizes.sum():
        raise RuntimeError(
            f"Expected tensor to have size {sizes.sum()} at dimension 0, but got size {given.size} for argument #2 "
            "'targets': the sum of target_lengths (while checking arguments for ctc_loss)"
        )
    longest = int(sizes.max(initial=0))
    if given.ndim == 2 and given.shape[1] < longest:
        raise RuntimeError(
            f"Expected tensor to have size at least {longest} at dimension 1, but got size {given.shape[1]} for "
            "argument #2 'targets' (while checking arguments for ctc_loss)"
        )
    rows = np.zeros((len(sizes), longest), np.int64)
    starts = np.cumsum(sizes) - sizes
    for n, size in enumerate(sizes):
        rows[n, :size] = given[n, :size] if given.ndim == 2 else given[starts[n] : starts[n] + size]
    return rows


def _check(T: int, N: int, C: int, times: Any, sizes: Any, labels: Any, blank: int) -> None:
    for name, lengths in (("input", times), ("target", sizes)):
        if lengths.shape != (N,):
            raise RuntimeError(f"ctc_loss: {name}_lengths must be of size batch_size {N}, got {list(lengths.shape)}")
    if not 0 <= blank < C:
        raise RuntimeError(f"ctc_loss: blank must be in label range 0 to {C - 1}, got {blank}")
    if times.max(initial=0) > T:
        raise RuntimeError(f"Expected input_lengths to have value at most {T}, but got value {times.max()}")
    if labels.size and not 0 <= labels.min() <= labels.max() < C:
        raise RuntimeError(f"ctc_loss: the labels must be 0 to {C - 1}, got {labels.min()} to {labels.max()}")
