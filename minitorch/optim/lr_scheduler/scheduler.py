"""What all schedules of the learning rate share.

A scheduler is stepped after the optimizer, once an epoch (or a batch).  It writes `group["lr"]`.  Times
count from 0: creating the scheduler sets the rate of time 0, each `step()` that of the next one.
"""

from __future__ import annotations

import warnings
from typing import Any

from ..optimizer import Optimizer


def per_group(name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """Return one value for each group: a single value stands for all of them.

    Raises:  ValueError for a list of another length.
    """
    groups = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * groups
    if len(value) != groups:
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups: "
            f"it has {len(value)} values for {groups} groups"
        )
    return list(value)


def set_momentum(group: dict[str, Any], value: float) -> None:
    """Set the momentum of a group, which is the first of the betas of an Adam."""
    if "betas" in group:
        group["betas"] = (value, *group["betas"][1:])
    else:
        group["momentum"] = value


class LRScheduler:
    """Base class: a subclass computes, in `get_lr`, the rate of each group at time `self.last_epoch`.

    With `last_epoch=t` a run is taken up again after time t: the optimizer's groups must have been loaded, with
    their "initial_lr".

    Raises:  TypeError for what is no optimizer; KeyError for a group without "initial_lr" when resuming.
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        self.optimizer, self.last_epoch = optimizer, last_epoch
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming scheduler with "
                    "last_epoch >= 0: load the optimizer's state first, or start with last_epoch=-1"
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self._initial_step()

    def _initial_step(self) -> None:
        """Set the rates of the first time; here, and only here, `is_initial` holds."""
        self._is_initial, self._step_count = True, 1
        self.last_epoch += 1
        self._set(self.get_lr())
        self._is_initial = False

    def get_lr(self) -> list[float]:
        """Compute the rates of time `self.last_epoch`, from the current ones and `self.base_lrs`."""
        raise NotImplementedError

    def get_last_lr(self) -> list[float]:
        """Return the rates that were set last."""
        return self._last_lr

    def current(self) -> list[float]:
        """Return the rates as they are in the optimizer."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def _set(self, rates: list[float]) -> None:
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = lr
        self._last_lr = self.current()

    def step(self) -> None:
        """Go on to the next time."""
        if self._step_count == 1:
            self._warn_before_the_first_step()
        self._step_count += 1
        self.last_epoch += 1
        self._set(self.get_lr())

    def _warn_before_the_first_step(self) -> None:
        counted = type(self.optimizer).step is Optimizer.step
        if counted and self.optimizer.steps == 0:
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`. Call them in the opposite order: "
                "otherwise the first value of the learning rate schedule is skipped.",
                UserWarning,
                stacklevel=3,
            )

    def restart(self) -> None:
        """Go back to time 0 and the initial rates."""
        for group, lr in zip(self.optimizer.param_groups, self.base_lrs, strict=True):
            group["lr"] = lr
        self.begin()

    def begin(self) -> None:
        """Go back to time 0, from the rates that there are."""
        self.last_epoch = -1
        self._initial_step()

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer."""
        return {key: value for key, value in self.__dict__.items() if key != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue where `state_dict` was taken; the optimizer's state, with the rates, is loaded by itself."""
        self.__dict__.update(state_dict)
