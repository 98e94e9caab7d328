"""Timing in turns, agreement before timing, peak memory in a process of its own."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Step = Callable[[], Any]


def engine(name: str, threads: int) -> Any:
    """Import an engine, and give it so many threads; NumPy's were set in the environment before it was imported."""
    if name == "minitorch":
        import minitorch

        return minitorch
    import torch

    torch.set_num_threads(threads)
    return torch


def waiter(torch: Any, device: str) -> Callable[[], None]:
    """Return a function that waits until the device has done what it was told."""
    return torch.cuda.synchronize if device.startswith("cuda") else lambda: None  # type: ignore[no-any-return]


def timed(step: Step, wait: Callable[[], None], repeats: int) -> float:
    """Return the seconds that one step takes, the mean over some repeats."""
    wait()
    start = time.perf_counter()
    for _ in range(repeats):
        step()
    wait()
    return (time.perf_counter() - start) / repeats


def in_turns(steps: list[Step], waits: list[Callable[[], None]], seconds: float) -> list[list[float]]:
    """Time steps in turns, in short rounds, for so many seconds, and at least five rounds; return the times of each."""
    repeats = []
    for step, wait in zip(steps, waits, strict=True):
        timed(step, wait, 2)
        repeats.append(max(1, int(0.003 / timed(step, wait, 1))))
    times: list[list[float]] = [[] for _ in steps]
    gc.collect()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times[0]) < 5:
        for k in range(len(steps)):
            times[k].append(timed(steps[k], waits[k], repeats[k]))
    return times


def host(x: Any) -> Any:
    """Return what a step returned as arrays on the host."""
    if isinstance(x, tuple):
        return [host(part) for part in x]
    return [np.asarray(x.detach().cpu().numpy(), np.float64)]


def disagreement(first: Step, second: Step, steps: int = 10) -> float:
    """Return the largest difference of what two engines compute in ten steps, relative to the largest number."""
    worst = 0.0
    for _ in range(steps):
        for a, b in zip(host(first()), host(second()), strict=True):
            worst = max(worst, float(np.abs(np.subtract(a, b)).max() / max(np.abs(b).max(), 1e-30)))
    return worst


# ---- memory ----------------------------------------------------------------------------------------------------------


def resident(field: str) -> float:
    """Return a line of Linux's account of the process's memory, in MB."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def peak_memory(name: str, engine_name: str, device: str, threads: int) -> float:
    """Return by how many MB five steps raise the memory of a fresh process above what its data took."""
    command = [sys.executable, "-m", "benchmarks.timing", name, engine_name, device, str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return float(done.stdout) if done.returncode == 0 else float("nan")


def main() -> None:
    """Measure in this process, which was made for it."""
    name, engine_name, device, threads = sys.argv[1:]
    from .suite import SUITE

    torch = engine(engine_name, int(threads))
    step = SUITE[name](torch, device)
    gc.collect()
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # the peak begins anew
    for _ in range(5):
        step()
    print(resident("VmHWM") - before, flush=True)
    os._exit(0)  # no time for tidying up


if __name__ == "__main__":
    main()
