"""Fixtures of all tests: the devices, PyTorch as a referee, and a clean state before and after each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest

from minitorch.backend import cuda, dtypes
from minitorch.backend.devices import device as Device
from minitorch.backend.random import manual_seed
from minitorch.creation import get_default_device, set_default_device
from minitorch.engine.mode import current

from . import strict

strict.register()

_PHASES = [p for p in hypothesis.Phase if p is not hypothesis.Phase.explain]  # explaining takes longer than finding
_ALWAYS: dict[str, Any] = {"deadline": None, "print_blob": True, "phases": _PHASES}
hypothesis.settings.register_profile("dev", max_examples=10, **_ALWAYS)
hypothesis.settings.register_profile("ci", max_examples=25, derandomize=True, database=None, **_ALWAYS)
hypothesis.settings.register_profile("nightly", max_examples=1000, **_ALWAYS)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session", params=["cpu", "strict", "cuda"])
def device(request: pytest.FixtureRequest) -> Device:
    """Every device there is, one after the other: a `minitorch.device` to pass on as `device=device`."""
    if request.param == "cuda" and cuda.why_not():
        pytest.skip(cuda.why_not())
    return Device("cpu") if request.param == "cpu" else Device(request.param, 0)


@pytest.fixture(scope="session")
def oracle() -> Any:
    """PyTorch, or a skipped test."""
    return pytest.importorskip("torch", reason="the oracle extra is not installed", exc_type=ImportError)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that compare with PyTorch."""
    for item in items:
        if "oracle" in getattr(item, "fixturenames", ()):
            item.add_marker("oracle")


@pytest.fixture(autouse=True)
def clean_state() -> Iterator[None]:
    """Seed the default stream, and fail a test that leaves a mode, the default type or a device changed."""
    manual_seed(0)
    before = _state()
    yield
    after = _state()
    current.mode = before["mode"]
    dtypes.set_default_dtype(before["default dtype"])
    set_default_device(before["default device"])
    strict.Device(before["strict device"]).use()
    for what, value in before.items():
        if after[what] != value:
            pytest.fail(f"the test changed the {what} from {value} to {after[what]} and did not put it back")


def _state() -> dict[str, Any]:
    """Return what a test may change for a while, and must put back."""
    return {
        "mode": current.mode,
        "default dtype": dtypes.get_default_dtype(),
        "default device": get_default_device(),
        "strict device": strict.Device().id,
    }
