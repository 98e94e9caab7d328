"""Single layers and operations of the suite."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Layer = Callable[[Any, Any], Any]  # of the engine, and of the source of random numbers: a function of the input


def conv(C: int, O: int, K: int, padding: int = 0) -> Layer:
    return lambda torch, numbers: numbers.fill(torch.nn.Conv2d(C, O, K, padding=padding))


def layer_norm(width: int) -> Layer:
    return lambda torch, numbers: numbers.fill(torch.nn.LayerNorm(width))


def batch_norm(channels: int) -> Layer:
    return lambda torch, numbers: numbers.fill(torch.nn.BatchNorm2d(channels))


def attention(torch: Any, numbers: Any) -> Any:
    """Attention of an input to itself, the past only."""
    return lambda x: torch.nn.functional.scaled_dot_product_attention(x, x, x, is_causal=True)


def chain(backward: bool) -> Callable[[Any, str], Callable[[], Any]]:
    """What an operation costs beside its arithmetic: 100 recorded multiplications of ten numbers."""

    def build(torch: Any, device: str) -> Callable[[], Any]:
        p, q = (torch.linspace(0.9, 1.1, 10).to(device).requires_grad_() for _ in range(2))

        def step() -> Any:
            p.grad = q.grad = None
            z = p
            for _ in range(100):
                z = z * q
            if not backward:
                return z
            z.sum().backward()
            return z, p.grad, q.grad

        return step

    return build
