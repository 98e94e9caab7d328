"""Modes: with or without a graph.  Each works as a context manager and as a decorator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..engine import change, current


class no_grad(change):
    """Compute without recording: `with no_grad(): …`, `@no_grad()`, `@no_grad`."""

    def __init__(self) -> None:
        super().__init__(recording=False)

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        """Make the mode, or change a function that is given at once."""
        made = super().__new__(cls)
        if function is None:
            return made
        made.__init__()  # type: ignore[misc]
        return made(function)


class enable_grad(change):
    """Record again, inside `no_grad`."""

    def __init__(self) -> None:
        super().__init__(recording=True)

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        """Make the mode, or change a function that is given at once."""
        made = super().__new__(cls)
        if function is None:
            return made
        made.__init__()  # type: ignore[misc]
        return made(function)


class set_grad_enabled(change):
    """Record or not, from here on; inside a `with`, until its end."""

    def __init__(self, mode: bool) -> None:
        super().__init__(recording=bool(mode))
        self.before = current.mode
        current.mode = current.mode._replace(recording=bool(mode))

    def __enter__(self) -> set_grad_enabled:
        self.saved.append(self.before)
        return self

    def __call__(self, function: Any) -> Any:
        """Change a function: it runs in this mode."""
        current.mode = self.before
        return super().__call__(function)


class inference_mode(change):
    """Compute without recording, and mark the results: they can never enter a graph.  `inference_mode(False)` leaves it."""

    def __init__(self, mode: Any = True) -> None:
        super().__init__(recording=not mode, inference=bool(mode))

    def __new__(cls, mode: Any = True) -> Any:
        """Make the mode, or change a function that is given at once."""
        made = super().__new__(cls)
        if not callable(mode):
            return made
        made.__init__()  # type: ignore[misc]
        return made(mode)


def is_grad_enabled() -> bool:
    """Tell whether operations are being recorded."""
    return current.mode.recording


def is_inference_mode_enabled() -> bool:
    """Tell whether inference mode is on."""
    return current.mode.inference
