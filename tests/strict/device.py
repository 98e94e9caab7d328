"""Which device is current, what is forbidden, and what was counted."""

from __future__ import annotations

import collections
import contextlib
import threading
from collections.abc import Iterator

COUNT = 2  # devices

counts: collections.Counter[str] = collections.Counter()  # 'sync', 'sync:item', 'h2d', 'peer', …


class StrictError(TypeError):
    """Something that CuPy allows and that is a mistake all the same."""


class _Rules:
    sync_allowed = True
    forbidden_dtypes: tuple[str, ...] = ()


rules = _Rules()


class _Stack(threading.local):
    def __init__(self) -> None:
        self.ids = [0]


_stack = _Stack()


class Device:
    """One device; inside `with Device(1):` new arrays are made there.  Without a number: the current one."""

    def __init__(self, id: int | None = None) -> None:
        self.id = current() if id is None else int(id)

    def __enter__(self) -> Device:
        _stack.ids.append(self._checked())
        return self

    def __exit__(self, *exception: object) -> None:
        _stack.ids.pop()

    def use(self) -> None:
        """Make this device the current one, until further notice."""
        _stack.ids[-1] = self._checked()

    def _checked(self) -> int:
        if not 0 <= self.id < COUNT:
            raise RuntimeError(f"cudaErrorInvalidDevice: invalid device ordinal {self.id}")
        return self.id

    def synchronize(self) -> None:
        """Wait for the device."""
        wait("synchronize")

    def __int__(self) -> int:
        return self.id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<strict device {self.id}>"


def current() -> int:
    """Return the number of the device on which new arrays are made."""
    return _stack.ids[-1]


def wait(what: str) -> None:
    """Count a wait of the host for the device, or refuse it."""
    counts["sync"] += 1
    counts[f"sync:{what}"] += 1
    if not rules.sync_allowed:
        raise StrictError(f"device synchronization where none is allowed: {what}")


@contextlib.contextmanager
def no_sync() -> Iterator[None]:
    """Forbid waits: what runs in here could run ahead of a GPU."""
    old, rules.sync_allowed = rules.sync_allowed, False
    try:
        yield
    finally:
        rules.sync_allowed = old


@contextlib.contextmanager
def forbid(*dtypes: str) -> Iterator[None]:
    """Forbid arrays of these types: float64 is slow on a GPU, and gets in unseen."""
    old, rules.forbidden_dtypes = rules.forbidden_dtypes, dtypes
    try:
        yield
    finally:
        rules.forbidden_dtypes = old
