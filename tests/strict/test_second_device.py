"""Everything happens on the device of the operands, also when it is not the current one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import minitorch
import minitorch.nn.functional as F
from minitorch import Tensor

HERE = "strict:1"


def zeros(*size: int) -> Tensor:
    return minitorch.zeros(*size, dtype=minitorch.int64, device=HERE)


def weight() -> Tensor:
    return minitorch.ones(3, 4, 3, 3, device=HERE)


def written(x: Tensor, key: object, value: object) -> Tensor:
    y = x * 1
    y[key] = value
    return y


CASES: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "conv2d": lambda x: F.conv2d(x, weight(), padding=1),
    "max_pool2d": lambda x: F.max_pool2d(x, 2),
    "avg_pool2d": lambda x: F.avg_pool2d(x, 3, 1, 1),
    "adaptive_avg_pool2d": lambda x: F.adaptive_avg_pool2d(x, 2),
    "sum": lambda x: x.sum(1),
    "std": lambda x: x.std(),
    "prod": lambda x: x.prod(1),
    "max": lambda x: x.max(1).values,
    "cumsum": lambda x: x.cumsum(1),
    "softmax": lambda x: x.softmax(1),
    "cross_entropy": lambda x: F.cross_entropy(x, zeros(2, 6, 6)),
    "bce": lambda x: F.binary_cross_entropy_with_logits(x, x.sigmoid().detach()),
    "gather": lambda x: x.gather(1, zeros(2, 1, 6, 6)),
    "sort": lambda x: x.sort(1).values,
    "topk": lambda x: x.topk(2).values,
    "tril": lambda x: x.tril(),
    "index": lambda x: x[:, [0, 1]],
    "mask": lambda x: x[x > 0],
    "dropout": lambda x: F.dropout(x, 0.5),
    "layer_norm": lambda x: F.layer_norm(x, (6,)),
    "batch_norm": lambda x: F.batch_norm(x, None, None, None, None, True),
    "attention": lambda x: F.scaled_dot_product_attention(x, x, x, is_causal=True),
    "pad": lambda x: F.pad(x, (1, 1, 1, 1), mode="reflect"),
    "einsum": lambda x: minitorch.einsum("bcij,bcjk->ik", x, x),
    "diagonal": lambda x: x.diagonal(0, 2, 3),
    "roll": lambda x: x.roll(1, 1),
    "one_hot": lambda x: F.one_hot(zeros(3), 4) * x.sum(),
    "embedding": lambda x: F.embedding(zeros(3), x[0, 0]),
    "setitem": lambda x: written(x, 0, 1.0),
    "setitem with indices": lambda x: written(x, (slice(None), [0, 1]), x[:, :2]),
    "where": lambda x: minitorch.where(x > 0, x, 0.0),
    "clamp": lambda x: x.clamp(0, 1),
    "repeat": lambda x: x.repeat(2, 1, 1, 1),
    "flip": lambda x: x.flip(1),
}


@pytest.mark.parametrize("name", CASES)
def test_result_and_gradient_stay_on_the_second_device(name: str) -> None:
    x = minitorch.randn(2, 4, 6, 6).to(HERE).requires_grad_()
    y = CASES[name](x)
    assert str(y.device) == HERE
    y.sum().backward()
    assert x.grad is not None
    assert str(x.grad.device) == HERE


def test_mixing_two_devices_of_one_kind_is_refused() -> None:
    a, b = minitorch.ones(2, device="strict:0"), minitorch.ones(2, device="strict:1")
    with pytest.raises(RuntimeError, match="at least two devices, strict:0 and strict:1"):
        a + b
