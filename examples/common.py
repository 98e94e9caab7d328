"""What the examples share: options, a progress bar, figures.  Nothing here is about learning."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import minitorch as torch

DATA = Path(__file__).parent / "data"  # what comes with the examples; *.LICENSE.txt beside it says whose it is
BLUE, ORANGE, RED, GREEN, GREY = "#3b6fb6", "#d98a1f", "#c0392b", "#2a8f6f", "#8a8f98"


def options(
    description: str | None, epochs: int = 1, devices: Sequence[str] = ("cpu", "cuda")
) -> argparse.ArgumentParser:
    """Return a parser of the options that every example takes."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu", choices=devices, help="where to compute (default: cpu)")
    parser.add_argument("--seed", type=int, default=0, help="of everything random (default: 0)")
    parser.add_argument("--epochs", type=int, default=epochs, help="passes over the data (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="where pictures go (default: ./runs)")
    return parser


def read_text(parser: argparse.ArgumentParser, path: Path) -> str:
    """Return the text of a file; end with a message that names it if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        parser.error(f"--data {path}: {error}")


def parse(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Parse the command line; make the output folder, and make sure that the device is there."""
    args = parser.parse_args()
    if args.epochs < 1:
        parser.error("--epochs must be at least 1")
    try:
        torch.zeros(1, device=args.device)
        args.out.mkdir(parents=True, exist_ok=True)
    except (RuntimeError, OSError) as error:
        parser.error(str(error))
    return args


class PlainBar:
    """What stands in for tqdm where it is not installed: ten lines instead of a bar."""

    def __init__(self, steps: Iterable[Any], desc: str, total: int) -> None:
        self.steps, self.desc, self.total = steps, desc, total
        self.done, self.note = 0, ""

    def __enter__(self) -> PlainBar:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        for step in self.steps:
            yield step
            self.update()

    def update(self) -> None:
        """Count one step more."""
        self.done += 1
        if self.done * 10 // self.total > (self.done - 1) * 10 // self.total:
            print(f"{self.desc}: {self.done}/{self.total} {self.note}", file=sys.stderr)

    def set_postfix_str(self, note: str) -> None:
        """Show a note at the end of the next line."""
        self.note = note


def progress(steps: Sequence[Any], desc: str) -> Any:
    """Go through the steps with a progress bar; `set_postfix_str` writes beside it."""
    try:
        from tqdm import tqdm
    except ImportError:
        return PlainBar(steps, desc, len(steps))
    return tqdm(steps, desc=desc, dynamic_ncols=True)


def pyplot() -> Any:
    """Return matplotlib.pyplot, set up to draw into files."""
    try:
        import matplotlib
    except ImportError:
        sys.exit("This example draws a picture with matplotlib, which is missing: pip install matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams.update({
        "figure.dpi": 110, "figure.constrained_layout.use": True, "font.size": 10, "axes.titlesize": 11,
        "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.25,
        "legend.frameon": False, "lines.linewidth": 1.8, "savefig.bbox": "tight",
    })  # fmt: skip
    return plt


def save(figure: Any, path: Path) -> Path:
    """Write a figure to a file; a curve of one point, that of `--epochs 1`, is drawn as a dot."""
    for line in (line for axes in figure.axes for line in axes.lines):
        if len(line.get_xdata()) == 1 and line.get_marker() == "None":
            line.set_marker("o")
    figure.savefig(path)
    return path
