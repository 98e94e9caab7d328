"""Settings of the whole process: each in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from minitorch.backend import process

PROGRAM = """
import resource
import numpy as np
from minitorch.backend import process

def new_pages():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones(16_000_000)  # 128 MB: 31,250 pages
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

print(process.keep_freed_memory())
new_pages()
print(new_pages())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="sets an option of Linux's C library")
def test_freed_memory_is_used_again():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    possible, pages = done.stdout.split()
    if possible != "True":
        pytest.skip("another C library than glibc")
    assert int(pages) < 1000


def test_where_nothing_can_be_set_nothing_happens(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert process.keep_freed_memory() is False
