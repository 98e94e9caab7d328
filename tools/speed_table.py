"""Write the speed tables from the saved results of `python -m benchmarks --save docs/benchmarks/one_thread.json`.

    python tools/speed_table.py            writes them
    python tools/speed_table.py --check    fails if they say anything else

README.md has the training steps, docs/performance.md all rows, each between `<!-- speed -->` and `<!-- /speed -->`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "benchmarks" / "one_thread.json"
BEGIN, END = "<!-- speed -->\n", "<!-- /speed -->"
Rows = list[dict[str, Any]]


def table(rows: Rows, results: dict[str, Any]) -> str:
    """Return the table of some rows, with the line that says on what they were measured."""
    lines = ["| | ours, ms | PyTorch, ms | time | memory |", "|---|--:|--:|--:|--:|"]
    for row in rows:
        ours, theirs = row["memory"]
        memory = f"{ours / theirs:.2f}" if theirs else ""
        times = f"{row['ours'] * 1e3:.2f} | {row['theirs'] * 1e3:.2f} | {row['ratio']:.2f}"
        lines.append(f"| {row['name']} | {times} | {memory} |")
    lines.append(f"| **geometric mean of the training steps** | | | **{results['mean']:.2f}** | |")
    return "\n".join([*lines, "", results["about"].splitlines()[0] + ".", ""])


def correct(path: Path, rows: Rows, results: dict[str, Any], check: bool) -> None:
    """Write the table into a file, or fail if the file has another one."""
    text, place = path.read_text(encoding="utf-8"), path.relative_to(ROOT)
    if BEGIN not in text or END not in text:
        sys.exit(f"{place}: there is no place for the table: {BEGIN.strip()} … {END}")
    before, rest = text.split(BEGIN, 1)
    old, after = rest.split(END, 1)
    new = "\n" + table(rows, results) + "\n"
    if not check:
        path.write_text(before + BEGIN + new + END + after, encoding="utf-8")
    elif new != old:
        sys.exit(f"{place}: the speed table is not that of the saved results: python tools/speed_table.py")


def main() -> None:
    """Correct the tables, or check them."""
    results, check = json.loads(RESULTS.read_text(encoding="utf-8")), "--check" in sys.argv[1:]
    training = [row for row in results["rows"] if row["memory"][0] is not None]  # memory is measured of these alone
    correct(ROOT / "README.md", training, results, check)
    correct(ROOT / "docs" / "performance.md", results["rows"], results, check)


if __name__ == "__main__":
    main()
