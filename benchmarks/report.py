"""The table of ratios: measured, printed, saved, drawn."""

from __future__ import annotations

import json
import math
import os
import platform
import statistics
from pathlib import Path
from typing import Any

import numpy as np

from .suite import SUITE, TRAINING
from .timing import disagreement, engine, in_turns, peak_memory, waiter

Row = dict[str, Any]
HEAD = f"{'':42} {'ours':>9} {'PyTorch':>9} {'ratio':>6} {'medians':>7} {'MB':>6} {'MB':>6}"


def main(options: Any) -> None:
    """Measure the suite, print the table, and save it if wanted."""
    print(describe(options.threads, options.device), HEAD, sep="\n", flush=True)
    rows = []
    for name in SUITE:
        if options.only.lower() in name.lower():
            rows.append(measure(name, options))
            print(line(rows[-1]), flush=True)
    print(summary(rows), imports(), sep="\n")
    if options.save:
        save(Path(options.save), rows, options)


def measure(name: str, options: Any) -> Row:
    """Check that both engines agree, then time them in turns."""
    engines = [engine("minitorch", options.threads), engine("torch", options.threads)]
    steps = [SUITE[name](each, options.device) for each in engines]
    worst = disagreement(*steps)
    if not worst < 1e-4:
        raise SystemExit(f"{name}: the engines disagree by {worst:.1e}: there is nothing to compare")
    waits = [waiter(each, options.device) for each in engines]
    ours, theirs = in_turns(steps, waits, 0.8 if options.quick else options.seconds)
    wanted = name in TRAINING and not options.no_memory and not (options.quick and "batch 64" not in name)
    names = ("minitorch", "torch") if wanted and Path("/proc/self/clear_refs").exists() else ()
    memory = [peak_memory(name, each, options.device, options.threads) for each in names] or [None, None]
    return {
        "name": name, "ours": min(ours), "theirs": min(theirs), "ratio": min(ours) / min(theirs),
        "ratio of medians": statistics.median(ours) / statistics.median(theirs), "disagreement": worst, "memory": memory,
    }  # fmt: skip


def line(row: Row) -> str:
    """Return a row of the printed table."""
    memory = " ".join("" if m is None else f"{m:6.1f}" for m in row["memory"])
    times = f"{row['ours'] * 1e3:9.3f} {row['theirs'] * 1e3:9.3f}"
    return f"{row['name']:42} {times} {row['ratio']:6.2f} {row['ratio of medians']:7.2f} {memory}"


def mean(rows: list[Row]) -> float:
    """Return the geometric mean of the ratios."""
    return math.exp(statistics.fmean(math.log(row["ratio"]) for row in rows)) if rows else float("nan")


def summary(rows: list[Row]) -> str:
    """Return the geometric means, of the training steps and of all."""
    steps = [row for row in rows if row["name"] in TRAINING]
    return f"{'geometric mean of the training steps':61} {mean(steps):7.2f}\n{'of all':61} {mean(rows):7.2f}"


def imports() -> str:
    """Return how long the imports take, the shortest of five each, beyond that of Python itself.

    Compiled modules are kept, as they are wherever a program is run twice: to compile minitorch takes 0.15 s.
    """
    import subprocess
    import sys
    import tempfile
    import time

    def shortest(program: str, compiled: str) -> float:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        found = []
        for _ in range(5):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", program], check=True, env=environment)
            found.append(time.perf_counter() - start)
        return min(found)

    with tempfile.TemporaryDirectory() as compiled:
        empty = shortest("", compiled)
        numpy, ours, theirs = (shortest(f"import {n}", compiled) - empty for n in ("numpy", "minitorch", "torch"))
    return f"import: numpy {numpy * 1e3:.0f} ms, minitorch {ours * 1e3:.0f} ms, torch {theirs * 1e3:.0f} ms"


def describe(threads: int, device: str) -> str:
    """Say on what, and with what, this was measured."""
    import torch

    kernels = os.environ.get("OPENBLAS_CORETYPE", "chosen by itself")
    return (
        f"{threads} thread(s) of {os.cpu_count()}, device {device}; {platform.machine()}, load {os.getloadavg()[0]:.1f}; "
        f"Python {platform.python_version()}, NumPy {np.__version__}, PyTorch {torch.__version__}; OpenBLAS kernels: {kernels}\n"
        "milliseconds a step, the shortest; ratio ours / PyTorch's; MB of memory that five steps need, data excluded"
    )


def save(path: Path, rows: list[Row], options: Any) -> None:
    """Write the rows as JSON, and a picture beside it."""
    about = {
        "about": describe(options.threads, options.device),
        "mean": mean([r for r in rows if r["name"] in TRAINING]),
    }
    path.write_text(json.dumps({**about, "rows": rows}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draw(path.with_suffix(".png"), rows)


def draw(path: Path, rows: list[Row]) -> None:
    """Draw the ratios."""
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 0.28 * len(rows) + 1), layout="constrained")
    ratios = [row["ratio"] for row in rows][::-1]
    axes.barh([row["name"] for row in rows][::-1], ratios, color=["C0" if r <= 1 else "C1" for r in ratios])
    axes.axvline(1, color="black", linewidth=1)
    ticks = [t for t in (0.125, 0.25, 0.5, 1, 2, 4, 8) if min(ratios) / 1.5 < t < max(ratios) * 1.5]
    axes.set(xscale="log", xlabel="time, ours / PyTorch's", ylim=(-0.8, len(rows) - 0.2))
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    axes.minorticks_off()
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)
