"""Schedules that a function gives."""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from typing import Any

from ..optimizer import Optimizer
from .scheduler import LRScheduler, per_group

Function = Callable[[int], float]


class FunctionLR(LRScheduler):
    """What they share: one function for all groups or one for each; of those, only callable objects can be saved."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Function | Sequence[Function], last_epoch: int = -1) -> None:
        self.lr_lambdas = per_group("lr_lambda", optimizer, lr_lambda)
        if not all(callable(f) for f in self.lr_lambdas):
            raise TypeError("lr_lambda should be a function")
        super().__init__(optimizer, last_epoch)

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer and plain functions."""
        kept = [None if isinstance(f, types.FunctionType) else dict(vars(f)) for f in self.lr_lambdas]
        return {**super().state_dict(), "lr_lambdas": kept}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue where `state_dict` was taken; plain functions stay as they are."""
        for function, kept in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=True):
            if kept is not None:
                vars(function).update(kept)
        super().load_state_dict({key: value for key, value in state_dict.items() if key != "lr_lambdas"})


class LambdaLR(FunctionLR):
    r"""The initial rate times a function of time.  $\alpha_t = \alpha\, f(t)$."""

    def get_lr(self) -> list[float]:
        r"""Return $\alpha\, f(t)$."""
        return [lr * f(self.last_epoch) for lr, f in zip(self.base_lrs, self.lr_lambdas, strict=True)]


class MultiplicativeLR(FunctionLR):
    r"""The previous rate times a function of time.  $\alpha_t = \alpha_{t-1}\, f(t)$, $\alpha_0 = \alpha$."""

    def restart(self) -> None:
        r"""Go on from the rates that there are, to $\alpha\, f(0)$: it knows no others."""
        self.last_epoch = -1
        self.step()

    def get_lr(self) -> list[float]:
        r"""Return $\alpha_{t-1}\, f(t)$."""
        if self._is_initial:
            return self.current()
        return [lr * f(self.last_epoch) for lr, f in zip(self.current(), self.lr_lambdas, strict=True)]
