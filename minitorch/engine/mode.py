"""The engine's state: whether to record, and who is watching.  One object a thread, read once a call."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


class Mode(NamedTuple):
    """The switches of one thread; immutable, so that restoring is putting the old one back."""

    recording: bool = True  # build the graph
    inference: bool = False  # results can never enter a graph
    anomaly: bool = False  # remember where each node was made, look for nan on the way back
    observer: Callable[..., None] | None = None  # called as observer(op, args, options, result) after every primitive


PLAIN = Mode()


class _Current(threading.local):
    mode = PLAIN


current = _Current()


class change:
    """Change switches for a while: `with change(recording=False): …`, or as a decorator.

    The old mode comes back after an exception too.  An instance can be entered again and again, and a
    decorated generator runs each of its pieces in the changed mode.
    """

    def __init__(self, **switches: Any) -> None:
        self.switches = switches
        self.saved: list[Mode] = []

    def __enter__(self) -> change:
        self.saved.append(current.mode)
        current.mode = current.mode._replace(**self.switches)
        return self

    def __exit__(self, *exception: object) -> None:
        current.mode = self.saved.pop()

    def __call__(self, function: F) -> F:
        """Change a function: it runs in this mode."""
        switches = self.switches
        if inspect.isgeneratorfunction(function):
            return _changed_generator(function, switches)  # type: ignore[return-value]

        @functools.wraps(function)
        def changed(*args: Any, **options: Any) -> Any:
            with change(**switches):
                return function(*args, **options)

        return changed  # type: ignore[return-value]


def _changed_generator(function: Callable[..., Any], switches: dict[str, Any]) -> Callable[..., Any]:
    """Run a generator in a changed mode, but its consumer, between two `next`, in the mode it had."""

    @functools.wraps(function)
    def changed(*args: Any, **options: Any) -> Any:
        generator = function(*args, **options)
        try:
            with change(**switches):
                item = next(generator)
            while True:
                try:
                    sent = yield item
                except GeneratorExit:
                    with change(**switches):
                        generator.close()
                    raise
                except BaseException as error:
                    with change(**switches):
                        item = generator.throw(error)
                else:
                    with change(**switches):
                        item = generator.send(sent)
        except StopIteration as stop:
            return stop.value

    return changed


def anomaly(enabled: bool = True) -> change:
    """Switch on the search for the operation whose gradient goes bad."""
    return change(anomaly=enabled)


def observe(observer: Callable[..., None] | None) -> change:
    """Call `observer(op, args, options, result)` after every primitive: tracing, profiling, counting."""
    return change(observer=observer)
