"""Settings of the whole process: each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from minitorch.backend import process


def run(program, **environment):
    inherited = {k: v for k, v in os.environ.items() if k != "OPENBLAS_CORETYPE"}
    done = subprocess.run(
        [sys.executable, "-c", program], env={**inherited, **environment}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip().splitlines()


SAME = """
import numpy as np
from minitorch.backend import process
a = np.random.default_rng(0).standard_normal((70, 90)).astype(np.float32)
before = a @ a.T
print(process.tune())
np.testing.assert_allclose(a @ a.T, before, rtol=1e-4, atol=1e-4)
b = np.linalg.inv(before.astype(np.float64))
np.testing.assert_allclose(before @ b, np.eye(70), atol=1e-3)
library = process.openblas()
print(library and process.core(library))
print(process.tune())
"""


def test_products_are_the_same_before_and_after():
    first, core, second = run(SAME)
    assert ("SkylakeX" in first) <= (core == "SkylakeX")
    assert "OpenBLAS" not in second  # chosen once


def test_the_environment_decides_where_it_speaks():
    first, core, _ = run(SAME, OPENBLAS_CORETYPE="Haswell")
    assert "OpenBLAS" not in first
    assert core in ("Haswell", "None")


def test_importing_changes_nothing():
    (count,) = run("import os, minitorch; print('OPENBLAS_CORETYPE' in os.environ)")
    assert count == "False"


def test_where_nothing_can_be_set_nothing_happens(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(process, "openblas", lambda: None)
    assert process.tune() == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux says in /proc/cpuinfo what a processor can do")
def test_what_the_processor_can_do():
    assert process.flags()
