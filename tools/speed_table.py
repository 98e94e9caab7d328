"""Write README.md's speed table from the saved results of `python -m benchmarks --save docs/benchmarks/one_thread.json`.

    python tools/speed_table.py            writes it
    python tools/speed_table.py --check    fails if README.md says anything else

The table stands between two comments, `<!-- speed -->` and `<!-- /speed -->`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
README, RESULTS = ROOT / "README.md", ROOT / "docs" / "benchmarks" / "one_thread.json"
BEGIN, END = "<!-- speed -->\n", "<!-- /speed -->"


def table(results: dict[str, Any]) -> str:
    """Return the table, with the line that says on what it was measured."""
    lines = ["| one step | ours, ms | PyTorch, ms | ratio |", "|---|--:|--:|--:|"]
    for row in results["rows"]:
        lines.append(f"| {row['name']} | {row['ours'] * 1e3:.2f} | {row['theirs'] * 1e3:.2f} | {row['ratio']:.2f} |")
    lines.append(f"| **geometric mean of the training steps** | | | **{results['mean']:.2f}** |")
    return "\n".join([*lines, "", results["about"].splitlines()[0] + ".", ""])


def main() -> None:
    """Correct the table, or check it."""
    text = README.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        sys.exit(f"README.md: there is no place for the table: {BEGIN.strip()} … {END}")
    before, rest = text.split(BEGIN, 1)
    old, after = rest.split(END, 1)
    new = "\n" + table(json.loads(RESULTS.read_text(encoding="utf-8"))) + "\n"
    if "--check" not in sys.argv[1:]:
        README.write_text(before + BEGIN + new + END + after, encoding="utf-8")
    elif new != old:
        sys.exit("README.md: the speed table is not that of the saved results: python tools/speed_table.py")


if __name__ == "__main__":
    main()
