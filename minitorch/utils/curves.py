"""Records of a training as a CSV file, and its curves as a picture: what one needs without TensorBoard.

    tag,step,value
    loss/train,0,2.302585
    loss/test,0,2.301
    accuracy,0,0.113

A row is on its way to the file as soon as it is written, so a training can be watched while it runs, and one that was
killed keeps what it had.  The picture has a panel for what stands before the last "/" of the tags, and a line for each.
"""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..tensor import Tensor

__all__ = ["CSVWriter", "plot_curves", "read_curves"]

HEADER = ["tag", "step", "value"]
Curves = dict[str, list[tuple[int, float]]]


class CSVWriter:
    """Writes numbers, such as the loss at each step, into a CSV file; its methods are those of SummaryWriter.

    A file that is there is replaced, or continued with `append=True`.  Without `global_step` a tag's steps are counted.

    Raises:  ValueError for a value that is not one number; FileNotFoundError if the directory is not there.
    """

    def __init__(self, path: str | os.PathLike[str], append: bool = False) -> None:
        self.path = Path(path)
        known: Curves = {}
        if append and self.path.exists():
            known = read_curves(path)
            os.truncate(path, self.path.read_bytes().rfind(b"\n") + 1)  # half a row would spoil the next one
        self.next = {tag: points[-1][0] + 1 for tag, points in known.items()}
        self.file = self.path.open("a" if append else "w", encoding="utf-8", newline="", buffering=1)
        self.rows = csv.writer(self.file, lineterminator="\n")
        if self.file.tell() == 0:
            self.rows.writerow(HEADER)

    def add_scalar(self, tag: str, scalar_value: Any, global_step: int | None = None) -> None:
        """Record one number at a step."""
        value = float(number("add_scalar", tag, scalar_value))
        step = self.next.get(tag, 0) if global_step is None else int(global_step)
        self.next[tag] = step + 1
        self.rows.writerow([tag, step, value])

    def add_scalars(self, main_tag: str, tag_scalar_dict: Mapping[str, Any], global_step: int | None = None) -> None:
        """Record several numbers to be drawn in one panel, such as the losses of training and of testing."""
        for tag, value in tag_scalar_dict.items():
            self.add_scalar(f"{main_tag}/{tag}", value, global_step)

    def flush(self) -> None:
        """Do nothing: every row is written at once."""

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def __enter__(self) -> CSVWriter:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def number(who: str, tag: str, value: Any) -> Any:
    """Return a scalar as a number of Python."""
    if isinstance(value, Tensor):
        if value.numel() != 1:
            raise ValueError(f"{who}: {tag!r} must be one number, got a tensor of shape {tuple(value.shape)}")
        return value.item()
    return value


def read_curves(path: str | os.PathLike[str]) -> Curves:
    """Return the points (step, value) of each tag in a file of CSVWriter.

    A last row without an end, of a program that was killed while it wrote, is left out.

    Raises:  FileNotFoundError; ValueError that names the line for a file that is none of CSVWriter.
    """
    curves: Curves = {}
    for line, row in _rows(path):
        try:
            tag, step, value = row
            curves.setdefault(tag, []).append((int(step), float(value)))
        except ValueError:
            text = f"{os.fspath(path)}, line {line}: expected a tag, a step and a value, found {','.join(row)[:80]!r}"
            raise ValueError(text) from None
    return curves


def _rows(path: str | os.PathLike[str]) -> Iterator[tuple[int, list[str]]]:
    """Give the rows after the first one, and the number of the line that each ends at."""
    try:
        text = Path(path).read_bytes().decode()
        whole = io.StringIO(text[: text.rfind("\n") + 1], newline="")
        reader = csv.reader(whole, strict=True)
        if next(reader, None) != HEADER:
            raise ValueError(f"the first line is not {','.join(HEADER)}")
        yield from ((reader.line_num, row) for row in reader)
    except (csv.Error, ValueError) as error:  # not UTF-8 is a ValueError
        raise ValueError(f"{os.fspath(path)} is no file of CSVWriter: {error}") from error


def plot_curves(path: str | os.PathLike[str], picture: str | os.PathLike[str], log: bool = False) -> None:
    """Draw the curves of a file of CSVWriter into a picture (PNG, SVG, … by the name's ending); needs matplotlib.

    Tags such as loss/train and loss/test share the panel "loss".  `log` is for values whose logarithm tells more.

    Raises:  ModuleNotFoundError without matplotlib; ValueError for a file without a number to draw.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ModuleNotFoundError("plot_curves needs matplotlib: pip install matplotlib") from error
    panels: dict[str, dict[str, list[tuple[int, float]]]] = {}
    for tag, points in read_curves(path).items():
        panel, _, line = tag.rpartition("/")
        panels.setdefault(panel or line, {})[line] = points
    if not panels:
        raise ValueError(f"plot_curves: {os.fspath(path)} has no number to draw")
    columns = min(len(panels), 3)
    rows = math.ceil(len(panels) / columns)
    figure = Figure(figsize=(4.5 * columns, 3.2 * rows), layout="constrained")  # no pyplot: no window, no global state
    for position, (panel, lines) in enumerate(panels.items(), 1):
        axes = figure.add_subplot(rows, columns, position, title=panel, xlabel="step")
        for name, points in lines.items():
            axes.plot(*zip(*points, strict=True), marker="." if len(points) == 1 else "", label=name)
        axes.grid(alpha=0.25)
        if log:
            axes.set_yscale("log")
        if list(lines) != [panel]:
            axes.legend(frameon=False)
    figure.savefig(picture)
