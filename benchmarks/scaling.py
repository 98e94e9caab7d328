"""Cost against size: batch, width, depth, number of nodes.  Straight lines of slope one are linear cost."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .models import mlp
from .suite import images, sgd, training
from .timing import engine, in_turns, waiter


def chain(nodes: int) -> Callable[[Any, str], Callable[[], Any]]:
    """Return the workload of so many recorded multiplications, and the way back."""

    def build(torch: Any, device: str) -> Callable[[], Any]:
        p, q = (torch.ones(10, device=device, requires_grad=True) for _ in range(2))

        def step() -> Any:
            z = p
            for _ in range(nodes):
                z = z * q
            z.sum().backward()
            return z

        return step

    return build


SERIES: dict[str, tuple[list[int], Callable[[int], Any]]] = {
    "batch": ([16, 64, 256, 1024, 4096, 16384], lambda n: training(mlp, images(n, 784), 10, sgd)),
    "width": (
        [32, 64, 128, 256, 512, 1024, 2048],
        lambda n: training(lambda torch: mlp(torch, width=n), images(64, 784), 10, sgd),
    ),
    "depth": (
        [1, 4, 16, 64, 256],
        lambda n: training(lambda torch: mlp(torch, depth=n), images(64, 784), 10, sgd),
    ),
    "nodes": ([10, 100, 1000, 10_000, 100_000], chain),
}


def main(threads: int, picture: str) -> None:
    """Time every series, print it, and draw it."""
    from matplotlib import pyplot as plt

    engines = {"minitorch": engine("minitorch", threads), "PyTorch": engine("torch", threads)}
    figure, axes = plt.subplots(1, len(SERIES), figsize=(4 * len(SERIES), 3.5), layout="constrained")
    for (name, (sizes, workload)), ax in zip(SERIES.items(), axes, strict=True):
        found: dict[str, list[float]] = {each: [] for each in engines}
        for size in sizes:
            steps = [workload(size)(each, "cpu") for each in engines.values()]
            times = in_turns(steps, [waiter(each, "cpu") for each in engines.values()], 1.0)
            for each, t in zip(engines, times, strict=True):
                found[each].append(min(t))
        for each, ts in found.items():
            slope = math.log(ts[-1] / ts[-2]) / math.log(sizes[-1] / sizes[-2])
            print(
                f"{name:8}{each:10}" + "".join(f"{t * 1e3:10.3f}" for t in ts) + f"   last slope {slope:.2f}",
                flush=True,
            )
            ax.loglog(sizes, [t * 1e3 for t in ts], "o-", label=each)
        ax.set(xlabel=name, ylabel="ms")
        ax.legend()
    figure.savefig(picture, dpi=120)
