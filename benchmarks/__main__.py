"""`python -m benchmarks [--quick]`: times beside PyTorch's, as ratios of the minima of interleaved rounds."""

from __future__ import annotations

import argparse
import math
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # both engines get one thread; before NumPy is imported

import minitorch

from .suite import SUITE


def timed(step: Callable[[], Any], repeats: int) -> float:
    """Return the seconds that one step takes, the mean over some repeats."""
    start = time.perf_counter()
    for _ in range(repeats):
        step()
    return (time.perf_counter() - start) / repeats


def compare(steps: list[Callable[[], Any]], seconds: float) -> list[list[float]]:
    """Time steps in turns, in short rounds, for so many seconds; return the times of each."""
    for step in steps:
        timed(step, 2)
    repeats = max(1, int(0.005 / timed(steps[0], 1)))
    times: list[list[float]] = [[] for _ in steps]
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for step, found in zip(steps, times, strict=True):
            found.append(timed(step, repeats))
    return times


def main() -> None:
    """Print the table of ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a second for each workload")
    seconds = 1.0 if parser.parse_args().quick else 8.0
    try:
        import torch
    except ImportError:
        raise SystemExit("the benchmarks compare with PyTorch: pip install torch") from None
    torch.set_num_threads(1)
    ratios = []
    print(f"{'one thread':40} {'ours (min)':>12} {'PyTorch (min)':>14} {'ratio':>7} {'of medians':>11}")
    for name, workload in SUITE.items():
        minitorch.manual_seed(0)
        ours, theirs = compare([workload(minitorch), workload(torch)], seconds)
        ratio = min(ours) / min(theirs)
        ratios.append(ratio)
        medians = statistics.median(ours) / statistics.median(theirs)
        print(f"{name:40} {min(ours) * 1e3:9.3f} ms {min(theirs) * 1e3:11.3f} ms {ratio:7.2f} {medians:11.2f}")
    print(f"{'geometric mean':40} {'':12} {'':14} {math.exp(statistics.fmean(map(math.log, ratios))):10.2f}")


if __name__ == "__main__":
    main()
