"""How `print(model)` shows a module: its options, and its children one level further in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def indented(text: str) -> str:
    """Indent every line but the first by two spaces."""
    return text.replace("\n", "\n  ")


def bracket(name: str, lines: Iterable[str]) -> str:
    """Return `name(…)` with the lines between the brackets, indented."""
    body = "".join(f"\n  {indented(line)}" for line in lines)
    return f"{name}({body}\n)" if body else f"{name}()"


def module_text(name: str, extra: str, children: Mapping[str, Any]) -> str:
    """Return the text of a module; options that take one line stay on it when there are no children."""
    options = extra.split("\n") if extra else []
    if len(options) == 1 and not children:
        return f"{name}({extra})"
    return bracket(name, [*options, *(f"({key}): {child!r}" for key, child in children.items())])


def list_text(name: str, children: Iterable[Any]) -> str:
    """Return the text of a list of modules; neighbours that print alike share a line, with their number."""
    runs: list[tuple[int, int, str]] = []  # first index, last index, text
    for i, child in enumerate(children):
        text = repr(child)
        if runs and runs[-1][2] == text:
            runs[-1] = (runs[-1][0], i, text)
        else:
            runs.append((i, i, text))
    return bracket(name, [_run(*run) for run in runs])


def _run(first: int, last: int, text: str) -> str:
    return f"({first}): {text}" if first == last else f"({first}-{last}): {last - first + 1} x {text}"
