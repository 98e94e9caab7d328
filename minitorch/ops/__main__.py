"""`python -m minitorch.ops` prints the table of derivatives: every primitive, what it is, and where it stands."""

from __future__ import annotations

import inspect
import os
import pathlib
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..engine import TABLE, Primitive


class Row(NamedTuple):
    """One primitive of the table."""

    name: str
    signature: str
    formula: str
    derivatives: dict[str, str]
    keeps: str
    place: str


def _source(argument: str, rule: Any) -> str:
    """Return a rule as one line: the lambda itself, or the name of the function."""
    if rule.__name__ != "<lambda>":
        return f"{rule.__name__}({', '.join(inspect.signature(rule).parameters)})"
    parameters = ", ".join(inspect.signature(rule).parameters)
    text = " ".join(inspect.getsource(rule).split())
    start = text.find(f"{argument}=lambda {parameters}:") + len(argument) + 1
    return _balanced(text[start:])


def _balanced(text: str) -> str:
    """Cut a piece of source where its own brackets end."""
    depth = 0
    for i, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if depth < 0 or (c == "," and depth == 0 and ":" in text[:i]):
            return text[:i]
    return text


def _keeps(op: Primitive) -> str:
    """Return what the rules read, without what they are told."""
    rules = [*op.rules.values(), *(rule for _, rule in op.joints)]
    names = [n for rule in rules for n in list(inspect.signature(rule).parameters)[1:] if n not in ("k", "needs")]
    return ", ".join(dict.fromkeys(names)) or "nothing"


def table() -> Iterator[Row]:
    """Yield the rows of the table, in the order of the chapters."""
    root = pathlib.Path(__file__).parents[2]
    for function, op in TABLE.items():
        derivatives = {name: _source(name, rule) for name, rule in op.rules.items()}
        for names, rule in op.joints:
            derivatives[", ".join(names)] = _source(names[0], rule)
        forward = inspect.unwrap(op.forward)
        file = pathlib.Path(inspect.getsourcefile(forward) or "")
        line = inspect.getsourcelines(forward)[1]
        paragraphs = (inspect.getdoc(function) or "").split("\n\n")
        formulas = [p for i, p in enumerate(paragraphs) if i == 0 or "\\bar" in p or "overline" in p]
        doc = "\n    ".join(" ".join(p.split()) for p in formulas)
        kind = {"constant": "never recorded"} if op.constant else derivatives
        place = f"{file.relative_to(root)}:{line}" if file.is_relative_to(root) else f"{file}:{line}"
        yield Row(op.name, f"{op.name}({', '.join(op.arguments)})", doc, kind, _keeps(op), place)


def main() -> None:
    """Print the table."""
    for row in table():
        print(f"{row.signature}    {row.place}\n    {row.formula}")
        for name, rule in row.derivatives.items():
            print(f"    d/d{name}: {rule}" if name != "constant" else "    constant: never recorded")
        if "constant" not in row.derivatives:
            print(f"    keeps: {row.keeps}")


if __name__ == "__main__":
    try:
        main()
        sys.stdout.flush()
    except BrokenPipeError:  # `python -m minitorch.ops | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
