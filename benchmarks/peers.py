"""Other engines that are installed: the MLP of the documents in each, and the scalar engine beside micrograd."""

from __future__ import annotations

import importlib
import itertools
import random
from collections.abc import Callable
from typing import Any

import numpy as np

from .models import mlp
from .suite import images, sgd, training
from .timing import in_turns

Step = Callable[[], Any]
SIZES = ((784, 128), (128, 64), (64, 10))


def parameters() -> list[Any]:
    """Return weights and biases, in turns."""
    rng = np.random.default_rng(0)
    return [
        part
        for rows, columns in SIZES
        for part in (rng.standard_normal((rows, columns), np.float32) / 28, np.zeros(columns, np.float32))
    ]


def batch() -> tuple[Any, Any]:
    """Return 64 images, and their classes as rows of the identity."""
    rng = np.random.default_rng(1)
    return rng.standard_normal((64, 784), np.float32), np.eye(10, dtype=np.float32)[rng.integers(0, 10, 64)]


def functional_loss(np_: Any) -> Callable[[Any, Any, Any], Any]:
    """Return the loss of the MLP, in the functions of a library that has NumPy's names."""

    def loss(ps: Any, x: Any, y: Any) -> Any:
        for k in range(0, 4, 2):
            x = np_.maximum(np_.dot(x, ps[k]) + ps[k + 1], 0)
        x = np_.dot(x, ps[4]) + ps[5]
        top = np_.max(x, axis=1, keepdims=True)
        total = np_.log(np_.sum(np_.exp(x - top), axis=1, keepdims=True)) + top
        return np_.mean(np_.sum((total - x) * y, axis=1))

    return loss


def autograd_step() -> Step:
    """HIPS autograd."""
    import autograd  # type: ignore[import-not-found]
    import autograd.numpy as anp  # type: ignore[import-not-found]

    slope, ps, (x, y) = autograd.grad(functional_loss(anp)), parameters(), batch()

    def step() -> Any:
        for p, g in zip(ps, slope(ps, x, y), strict=True):
            p -= 0.01 * g

    return step


def jax_step() -> Step:
    """JAX, compiled."""
    import jax  # type: ignore[import-not-found]

    slope, state, (x, y) = jax.grad(functional_loss(jax.numpy)), [parameters()], batch()
    move = jax.jit(lambda ps: [p - 0.01 * g for p, g in zip(ps, slope(ps, x, y), strict=True)])

    def step() -> Any:
        state[0] = move(state[0])
        jax.block_until_ready(state[0])

    return step


def mygrad_step() -> Step:
    """mygrad."""
    import mygrad as mg  # type: ignore[import-not-found]
    from mygrad.nnet.losses import softmax_crossentropy  # type: ignore[import-not-found]

    ps, (x, y) = [mg.tensor(p) for p in parameters()], batch()
    classes = y.argmax(1)

    def step() -> Any:
        z = x
        for k in range(0, 4, 2):
            z = mg.maximum(mg.matmul(z, ps[k]) + ps[k + 1], 0)
        softmax_crossentropy(mg.matmul(z, ps[4]) + ps[5], classes).backward()
        for p in ps:
            p.data -= 0.01 * p.grad
            p.null_grad()

    return step


def tinygrad_step() -> Step:
    """tinygrad, compiled."""
    from tinygrad import Tensor, TinyJit  # type: ignore[import-not-found]
    from tinygrad.nn.optim import SGD  # type: ignore[import-not-found]

    ps = [Tensor(p) for p in parameters()]
    descent, (x, y) = SGD(ps, lr=0.01), map(Tensor, batch())
    classes = y.argmax(1).realize()

    @TinyJit
    def move() -> Any:
        z = x
        for k in range(0, 4, 2):
            z = (z @ ps[k] + ps[k + 1]).relu()
        descent.zero_grad()
        loss = (z @ ps[4] + ps[5]).sparse_categorical_crossentropy(classes)
        loss.backward()
        return loss.realize(*descent.schedule_step())

    def step() -> Any:
        with Tensor.train():
            move().numpy()

    return step


def ours_or_pytorchs(name: str) -> Callable[[], Step]:
    """The same network in PyTorch's names."""
    return lambda: training(mlp, images(64, 784), 10, sgd)(importlib.import_module(name), "cpu")


def scalar_demo(make: Callable[[float], Any]) -> Step:
    """micrograd's demo: an MLP 2-16-16-1 of single numbers, hinge loss on ten points, one step of descent."""
    rng = random.Random(0)
    sizes = [2, 16, 16, 1]
    layers = [
        [([make(rng.uniform(-1, 1)) for _ in range(i)], make(0.0)) for _ in range(o)]
        for i, o in itertools.pairwise(sizes)
    ]
    ps = [p for layer in layers for w, b in layer for p in (*w, b)]
    points = [((rng.uniform(-1, 1), rng.uniform(-1, 1)), rng.choice((-1, 1))) for _ in range(10)]

    def score(x: Any) -> Any:
        for k, layer in enumerate(layers):
            x = [sum((wi * xi for wi, xi in zip(w, x, strict=True)), b) for w, b in layer]
            x = [z.relu() for z in x] if k < 2 else x
        return x[0]

    def step() -> Any:
        loss = sum((1 + score(x) * -y).relu() for x, y in points) * 0.1
        for p in ps:
            p.grad = 0
        loss.backward()
        for p in ps:
            p.data -= 0.01 * getattr(p.grad, "data", p.grad)
        return loss

    return step


def ours_of_scalars() -> Step:
    from minitorch import Scalar

    return scalar_demo(Scalar)


def micrograd_step() -> Step:
    from micrograd.engine import Value  # type: ignore[import-not-found]

    return scalar_demo(Value)


NETWORKS: dict[str, Callable[[], Step]] = {
    "minitorch": ours_or_pytorchs("minitorch"), "torch": ours_or_pytorchs("torch"), "autograd": autograd_step,
    "mygrad": mygrad_step, "tinygrad": tinygrad_step, "jax": jax_step,
}  # fmt: skip
SCALARS: dict[str, Callable[[], Step]] = {"minitorch": ours_of_scalars, "micrograd": micrograd_step}


def main() -> None:
    """Print the times of the engines that are installed."""
    for title, makers in (("MLP 784-128-64-10, batch 64, SGD", NETWORKS), ("micrograd's demo", SCALARS)):
        steps = {}
        for name, make in makers.items():
            try:
                steps[name] = make()
            except (ImportError, RuntimeError) as error:  # not installed, or without what it needs
                print(f"{name}: {error}")
        times = in_turns(list(steps.values()), [lambda: None] * len(steps), 5.0)
        ours = min(times[0])
        for name, ts in zip(steps, times, strict=True):
            print(f"{title:36} {name:12} {min(ts) * 1e3:9.3f} ms   ours / its {ours / min(ts):5.2f}", flush=True)
