"""Every row gives in minitorch what it gives in PyTorch: value, type, shape, layout, or exception; or a reason is known."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

import minitorch

from .known import KNOWN, REASON
from .world import World, differences

CHAPTERS = (
    "pointwise reduction shape products gather indexing creation types autograd functional printing breadth".split()
)
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "differences.md"


def rows_of(chapter: str) -> list[str]:
    rows: list[str] = importlib.import_module(f"{__package__}.rows.{chapter}").ROWS
    return list(dict.fromkeys(rows))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_rows_give_what_pytorch_gives(chapter: str, oracle: Any) -> None:
    ours, theirs = World(minitorch), World(oracle)
    found = {row: differences(ours.run(row), theirs.run(row)) for row in rows_of(chapter)}
    new = [f"{row}: {'; '.join(found[row])}" for row in found if found[row] and row not in REASON]
    assert not new, "\n".join(new)
    gone = [row for row in found if not found[row] and row in REASON]
    assert not gone, "these agree now; take them out of known.py:\n" + "\n".join(gone)


def test_what_differs_is_a_row_and_its_reason_is_documented() -> None:
    everything = {row for chapter in CHAPTERS for row in rows_of(chapter)}
    assert [row for row in REASON if row not in everything] == []
    headings = [
        line[3:].strip() for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("## ")
    ]
    assert [reason for reason in KNOWN if reason.lower() not in map(str.lower, headings)] == []


def test_a_difference_is_noticed(oracle: Any) -> None:
    ours, theirs = World(minitorch), World(oracle)
    rows = ["f(2,3)", "f(2,3).t()", "f(2,3).sum(0).shape", "i(3)", "f(3).foo", "f(3).view(4)", "torch.max(f(2,3), 0)"]
    values = [ours.run(row) for row in rows]
    for row, value in zip(rows, values, strict=True):
        for other in rows:
            assert bool(differences(value, theirs.run(other))) == (row != other)
