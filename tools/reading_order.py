"""Keep the line counts of README.md's reading order true.

    python tools/reading_order.py            writes them
    python tools/reading_order.py --check    says which are wrong, and fails if there are any

A row is `| number | links to files or folders | lines | … |`; a folder counts with all modules in it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
ROW = re.compile(r"^(\| \d+ \| )(.+?)( \| )([\d,]+)( \| .*)$", re.MULTILINE)
LINK = re.compile(r"\]\((minitorch/[^)]*)\)")


def lines_of(path: Path) -> int:
    """Return the number of lines of a module, or of all modules in a folder."""
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)


def corrected(row: re.Match[str]) -> str:
    """Return a row of the table with the right count."""
    before, links, bar, _, after = row.groups()
    total = sum(lines_of(ROOT / path) for path in LINK.findall(links))
    return f"{before}{links}{bar}{total:,}{after}"


def main() -> None:
    """Correct the table, or check it."""
    text = README.read_text(encoding="utf-8")
    right = ROW.sub(corrected, text)
    if "--check" not in sys.argv[1:]:
        README.write_text(right, encoding="utf-8")
        return
    wrong = [(old, new) for old, new in zip(text.splitlines(), right.splitlines(), strict=True) if old != new]
    for old, new in wrong:
        print(f"README.md says  {old}\nit should say   {new}")
    if wrong:
        sys.exit("README.md: line counts are out of date: python tools/reading_order.py")


if __name__ == "__main__":
    main()
