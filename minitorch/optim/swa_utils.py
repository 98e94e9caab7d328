"""Averages of the weights along the way: stochastic weight averaging, and exponential moving averages."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from typing import Any

from ..autograd import no_grad
from ..creation import tensor
from ..nn.batchnorm import BatchNorm
from ..nn.module import Module
from ..tensor import Tensor
from .lr_scheduler.scheduler import LRScheduler, per_group
from .optimizer import Optimizer

Average = Callable[[Tensor, Tensor, Tensor], Tensor]
MultiAverage = Callable[[list[Tensor], list[Tensor], Tensor], None]


def get_swa_avg_fn() -> Average:
    r"""Return the plain mean of n + 1 models.  $\bar\theta \leftarrow \bar\theta + (\theta - \bar\theta) / (n + 1)$."""

    @no_grad()
    def average(averaged: Tensor, current: Tensor, n: Tensor) -> Tensor:
        return averaged + (current - averaged) / (n + 1)

    return average


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    r"""Return the exponential moving average.  $\bar\theta \leftarrow \beta\bar\theta + (1-\beta)\,\theta$."""
    _check_decay(decay)

    @no_grad()
    def average(averaged: Tensor, current: Tensor, n: Tensor) -> Tensor:
        return decay * averaged + (1 - decay) * current

    return average


def get_swa_multi_avg_fn() -> MultiAverage:
    """Return `get_swa_avg_fn` for lists of tensors, in place."""
    return _in_place(get_swa_avg_fn())


def get_ema_multi_avg_fn(decay: float = 0.999) -> MultiAverage:
    """Return `get_ema_avg_fn` for lists of tensors, in place."""
    return _in_place(get_ema_avg_fn(decay))


def _check_decay(decay: float) -> None:
    if not 0.0 <= decay <= 1.0:
        raise ValueError(f"Invalid decay value {decay} provided. Please provide a value in [0,1] range.")


def _in_place(average: Average) -> MultiAverage:
    def update(averaged: list[Tensor], current: list[Tensor], n: Tensor) -> None:
        with no_grad():
            for a, b in zip(averaged, current, strict=True):
                a.copy_(average(a, b, n.to(a.device)) if a.is_floating_point() else b)

    return update


class AveragedModel(Module):
    r"""A copy of a model that holds the average of its weights over all calls of `update_parameters`.

    Without `avg_fn` or `multi_avg_fn` all count the same, $\bar\theta = \frac1n \sum_i \theta_i$ (stochastic weight
    averaging); with `multi_avg_fn=get_ema_multi_avg_fn(0.999)`, the recent ones more.  `use_buffers` averages the
    buffers, too; otherwise they are copied from the model each time.

    Source:  Izmailov et al. 2018 (arXiv:1803.05407); Polyak & Juditsky 1992.

    >>> from minitorch import nn, no_grad
    >>> model = nn.Linear(1, 1, bias=False)
    >>> average = AveragedModel(model)
    >>> for weight in (1.0, 2.0, 6.0):
    ...     _ = nn.init.constant_(model.weight, weight)
    ...     average.update_parameters(model)
    >>> average.module.weight.item()
    3.0
    """

    n_averaged: Tensor

    def __init__(
        self,
        model: Module,
        device: Any = None,
        avg_fn: Average | None = None,
        multi_avg_fn: MultiAverage | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        self.register_buffer("n_averaged", tensor(0, device=device))
        self.average = multi_avg_fn or _in_place(avg_fn or get_swa_avg_fn())
        self.use_buffers = use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute with the averaged weights."""
        return self.module(*args, **kwargs)

    def update_parameters(self, model: Module) -> None:
        """Take the weights that the model has now into the average; the first time, copy them."""
        ours, theirs = _tensors(self.module, self.use_buffers), _tensors(model, self.use_buffers)
        theirs = [b.detach().to(a.device) for a, b in zip(ours, theirs, strict=True)]
        if self.n_averaged.item() == 0:
            _copy(ours, theirs)
        else:
            self.average([a.detach() for a in ours], theirs, self.n_averaged)
        if not self.use_buffers:
            _copy(self.module.buffers(), model.buffers())
        self.n_averaged += 1


def _tensors(model: Module, with_buffers: bool) -> list[Tensor]:
    return [*model.parameters(), *(model.buffers() if with_buffers else ())]


def _copy(targets: Iterable[Tensor], sources: Iterable[Tensor]) -> None:
    with no_grad():
        for target, source in zip(targets, sources, strict=True):
            target.copy_(source.detach().to(target.device))


def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Compute the running statistics of all batch norms anew, as plain means over the batches of a loader.

    The averaged weights were never trained with the statistics that they have.  A batch that is a list or a tuple
    counts with its first element.
    """
    norms = [m for m in model.modules() if isinstance(m, BatchNorm)]
    if not norms:
        return
    was_training, momenta = model.training, [m.momentum for m in norms]
    model.train()
    for m in norms:
        m.reset_running_stats()
        m.momentum = None  # means over all batches
    with no_grad():
        for batch in loader:
            x = batch[0] if isinstance(batch, (list, tuple)) else batch
            model(x if device is None else x.to(device))
    for m, momentum in zip(norms, momenta, strict=True):
        m.momentum = momentum
    model.train(was_training)


class SWALR(LRScheduler):
    r"""From the rate that there is to a constant one, within `anneal_epochs`.

    $$\alpha_t = (1 - w)\,\alpha + w\,\alpha_{swa}, \qquad s = \min(t / T, 1), \qquad
      w = \tfrac12 (1 - \cos \pi s)\ \text{ or }\ s$$

    $\alpha$ is recovered from the current rate, so another schedule may have moved it before.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | Sequence[float],
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        for group, lr in zip(optimizer.param_groups, per_group("swa_lr", optimizer, swa_lr), strict=True):
            group["swa_lr"] = lr
        self.anneal_epochs, self.anneal_strategy = anneal_epochs, anneal_strategy
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        r"""Return $(1 - w)\,\alpha + w\,\alpha_{swa}$, with $\alpha$ from the current rate and the last $w$."""
        t = self._step_count - 1
        old, new = self.weight(t - 1), self.weight(t)
        rates = []
        for group in self.optimizer.param_groups:
            swa = group["swa_lr"]
            base = swa if old == 1 else (group["lr"] - old * swa) / (1 - old)
            rates.append((1 - new) * base + new * swa)
        return rates

    def weight(self, t: int) -> float:
        """Return w, which goes from 0 to 1."""
        if self.anneal_epochs == 0 and t >= 0:
            return 1.0
        s = min(max(t / max(self.anneal_epochs, 1), 0.0), 1.0)
        return s if self.anneal_strategy == "linear" else (1 - math.cos(math.pi * s)) / 2
