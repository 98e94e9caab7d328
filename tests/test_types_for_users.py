"""What a type checker says of ordinary programs: methods, operators and functions return tensors and named tuples."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = """
import minitorch as torch
x = torch.randn(2, 3)
"""
TENSORS = """
x + 1; 1 - x; x @ x.T; -x; x ** 2; 2 ** x; x / 2; x[0]; x.sum(dim=1, keepdim=True); x.exp(); x.add_(1); x.mul_(2)
x.view(3, 2); torch.cat([x, x]); torch.where(x > 0, x, 0.0); torch.nn.functional.relu(x); x.max(); torch.median(x)
x.max(dim=1).values; x.sort().indices; torch.topk(x, 2).values; torch.linalg.norm(x)
"""


def test_mypy_sees_tensors_and_refuses_what_is_not_there(tmp_path):
    pytest.importorskip("mypy", reason="mypy is not installed")
    calls = [call.strip() for line in TENSORS.strip().splitlines() for call in line.split(";")]
    wrong = ["x.foo()", "x.sum(dims=1)", "x.max(dim=1).value"]
    lines = [*(f"reveal_type({call})" for call in calls), *wrong]
    file = tmp_path / "program.py"
    file.write_text(PROGRAM.lstrip() + "\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found: dict[str, str] = {}  # by line, all that is said of it
    for line in done.stdout.splitlines():
        if str(file) in line:
            number, said = line.removeprefix(f"{file}:").split(": ", 1)
            found[number] = found.get(number, "") + said
    types = {call: found[str(i + 3)] for i, call in enumerate(calls)}
    assert {call: said for call, said in types.items() if 'is "minitorch.tensor.Tensor"' not in said} == {}
    assert all("error" in found[str(len(calls) + i + 3)] for i in range(len(wrong))), found
