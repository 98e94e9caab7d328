"""Infinities and nan come without a warning, as in PyTorch, whatever NumPy is told to do, which stays as it is."""

from __future__ import annotations

import contextvars
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitorch as mt
from minitorch import nn

EDGES = [0.0, -0.0, 1.0, -1.0, 3e38, -3e38, 1e-45, 88.8, float("inf"), float("-inf"), float("nan")]
ONE = (
    "abs acos asin atan ceil cos cosh erf erfc exp exp2 expm1 floor log log10 log1p log2 neg reciprocal relu round rsqrt "
    "sigmoid sign sin sinh sqrt square tan tanh trunc sum mean prod std var amax amin logsumexp norm max min isnan acosh "
    "asinh atanh int bool half double byte long nonzero argmax argmin cumsum softmax log_softmax"
).split()
NEEDS_A_DIMENSION = ("logsumexp", "cumsum", "softmax", "log_softmax")
TWO = (
    "add sub mul div pow maximum minimum remainder floor_divide atan2 eq lt where dot outer addcmul addcdiv lerp clamp "
    "matmul dist"
).split()
LOUD = pytest.mark.parametrize("loud", ["warn", "raise"])


@pytest.fixture(autouse=True)
def numpy_complains(request: pytest.FixtureRequest) -> Iterator[None]:
    """NumPy warns (which is an error in these tests), or raises."""
    with np.errstate(all=request.getfixturevalue("loud") if "loud" in request.fixturenames else "warn"):
        yield


def apply(name: str, x: Any, y: Any) -> Any:
    """A method, with the arguments that it needs."""
    if name in TWO:
        three = {"addcmul": (y, y), "addcdiv": (y, y), "lerp": (y, 2.5), "clamp": (-1e38, y.max().item())}
        if name == "where":
            return mt.where(x > y, x * y, x / y)
        return getattr(x, name)(*three.get(name, (y,)))
    return getattr(x, name)(*((0,) if name in NEEDS_A_DIMENSION else ()))


@LOUD
@pytest.mark.parametrize("name", ONE + TWO)
def test_edges_come_without_a_warning_forward_and_back(name, loud):
    x, y = mt.tensor(EDGES, requires_grad=True), mt.tensor(EDGES[::-1], requires_grad=True)
    if name == "clamp":
        y = mt.ones(len(EDGES))
    out = apply(name, x, y)
    out = out[0] if isinstance(out, tuple) else out
    if out.requires_grad and name != "floor_divide":
        out.sum().backward()
    assert np.geterr()["over"] == loud


@LOUD
def test_matrices_convolutions_losses_and_steps_come_without_a_warning(loud):
    x = mt.full((2, 3, 8, 8), 3e38, requires_grad=True)
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 5)
    )
    optimizer = mt.optim.Adam(net.parameters(), lr=1e30, weight_decay=1e30)
    for _ in range(3):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x), mt.tensor([0, 1])) * 1e30
        loss.backward()
        optimizer.step()
    assert loss.isnan()
    assert (mt.full((3, 3), 3e38) @ mt.full((3, 3), 3e38)).isinf().all()


@LOUD
def test_casts_writes_and_accumulation_come_without_a_warning(loud):
    x = mt.tensor([1e300, float("nan"), -1e300], dtype=mt.float64)
    assert x.float()[0].item() == float("inf")
    for kind in (mt.int8, mt.uint8, mt.int32, mt.int64, mt.float16):
        x.to(kind)
    y = mt.zeros(3)
    y.copy_(x)
    y[:2] = x[:2]
    y.add_(3e38).mul_(10)
    y[mt.tensor([0, 0])] = x[:2].float()
    leaf = mt.ones(3, requires_grad=True)
    for _ in range(2):
        (leaf * 3e38).sum().backward()
    assert leaf.grad is not None
    assert leaf.grad.isinf().all()


@pytest.mark.parametrize(
    "name", "SGD ASGD Adagrad Adadelta RMSprop Rprop Adam AdamW Adamax NAdam RAdam Adafactor Muon LBFGS".split()
)
def test_steps_that_overflow_come_without_a_warning(name):
    p = nn.Parameter(mt.full((3, 3), 1e38))
    optimizer = getattr(mt.optim, name)([p], lr=1e10)

    def closure() -> Any:
        optimizer.zero_grad()
        loss = (p * 1e20).square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    p.grad = mt.full((3, 3), 3e38)
    optimizer.step(closure if name == "LBFGS" else None)


def test_what_is_made_beyond_the_limits_is_infinite():
    for x in (mt.arange(0, 1e308, 1e307, dtype=mt.float32), mt.logspace(0, 400, 3), mt.tensor([0, 1e300]),
              mt.as_tensor(np.array([0, 1e300]), dtype=mt.float32), mt.Tensor([0, 1e300]), mt.zeros(3).normal_(1e300, 1.0)):  # fmt: skip
        assert x[-1].item() == float("inf")


@pytest.mark.parametrize("write", [
    lambda x, big: x.fill_(big), lambda x, big: x.__setitem__(0, big), lambda x, big: x.masked_fill(x > 0, big),
    lambda x, big: x.clamp(0, big), lambda x, big: x.new_full((2,), big), lambda x, big: mt.full_like(x, big),
    lambda x, big: x.__setitem__([0], big),
    lambda x, big: x.scatter(0, mt.tensor([0]), big),
])  # fmt: skip
def test_numbers_written_or_chosen_must_fit_as_in_pytorch(write):
    for kind, big, name in (
        (mt.float16, -1e9, "c10::Half"),
        (mt.float32, 1e300, "float"),
        (mt.float16, 65520.0, "c10::Half"),
    ):
        with pytest.raises(RuntimeError, match=f"value cannot be converted to type {name} without overflow"):
            write(mt.ones(2, dtype=kind), big)
    with pytest.raises(RuntimeError, match="type float without overflow"):
        mt.where(mt.tensor([True]), mt.ones(1), 1e300)
    for number in (65504.0, float("inf"), float("-inf"), float("nan")):
        write(mt.ones(2, dtype=mt.float16), number)
    assert (mt.ones(2, dtype=mt.float16) * 1e9).isinf().all()  # arithmetic overflows


def test_numpys_own_settings_stay_what_they_were():
    before = np.geterr()
    mt.tensor([3e38]).mul_(10)
    mt.tensor([0.0], requires_grad=True).log().sum().backward()
    assert np.geterr() == before
    with pytest.raises(RuntimeWarning):
        np.float32(3e38) * np.float32(10)
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        np.float32(3e38) * np.float32(10)


def test_threads_and_contexts_are_silent_too():
    found: list[Any] = []

    def work() -> None:
        try:
            for _ in range(200):
                mt.tensor([3e38]) * 10
            found.append("silent")
        except Exception as error:
            found.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    contextvars.copy_context().run(work)
    assert found == ["silent"] * 5


def test_operation_inside_an_operation_is_silent_too():
    """As when a debugger stands inside of one, and computes with tensors."""
    from minitorch.engine import Primitive, lift

    inner = []

    def outer(a: Any) -> Any:
        inner.append((mt.tensor([3e38]) * 10).item())
        return a * 2

    assert lift(Primitive(outer))(mt.tensor([1.0])).item() == 2.0
    assert inner == [float("inf")]


@given(
    st.lists(st.sampled_from(EDGES), min_size=1, max_size=6),
    st.sampled_from([mt.float16, mt.float32, mt.float64, mt.complex64, mt.int8, mt.uint8, mt.int64, mt.bool]),
    st.lists(
        st.sampled_from(["exp", "mul_", "add_", "div", "sqrt", "sum", "square", "half", "int", "neg", "pow"]),
        max_size=6,
    ),
)
def test_random_chains_come_without_a_warning(numbers, kind, names):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x = mt.tensor(numbers).to(kind)
        for name in names:
            arguments = {"mul_": (10,), "add_": (100,), "div": (x,), "pow": (3,)}.get(name, ())
            if not (name == "neg" and x.dtype is mt.bool) and not (name == "int" and x.is_complex()):
                x = x.long() if x.dtype is mt.bool else x
                x = getattr(x, name)(*arguments)
        assert x.numel() > 0
