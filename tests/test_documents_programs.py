"""The programs of the five articles run as ordinary PyTorch programs, their import lines aside (SPEC, section 3).

They lie in tests/programs.  Each is run here as it stands, or smaller; where PyTorch is installed, its own run of
the same text, with `minitorch` replaced by `torch`, shows that they are PyTorch programs.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from .small_mnist import write_small_mnist

PROGRAMS = Path(__file__).parent / "programs"


def run(name: str, library: str = "minitorch", **sizes: int) -> dict[str, Any]:
    """Run a program, with constants such as N and EPOCHS replaced; return its variables."""
    source = (PROGRAMS / f"{name}.py").read_text(encoding="utf-8").replace("minitorch", library)
    for constant, value in sizes.items():
        source, found = re.subn(rf"^{constant} = .*$", f"{constant} = {value}", source, flags=re.MULTILINE)
        assert found == 1
    variables: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, f"{name}.py", "exec"), variables)
    return variables


@pytest.fixture
def mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small MNIST in ./data."""
    write_small_mnist(tmp_path / "data" / "MNIST" / "raw")
    monkeypatch.chdir(tmp_path)


HUBCONF = """
from minitorch import nn


def network(classes=10):
    return nn.Sequential(nn.Linear(784, classes))
"""


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with an entry point, ./published/hubconf.py; return its path."""
    path = tmp_path / "published" / "hubconf.py"
    path.parent.mkdir()
    path.write_text(HUBCONF, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return path


def falls(losses: list[float]) -> bool:
    return losses[-1] < losses[0]


def test_program_1_trains_a_perceptron_on_one_big_batch(capsys):
    program = run("p1_mlp", N=600)
    assert program["outputs"].shape == (600, 10)
    assert falls(program["losses"])
    assert program["losses"] == sorted(program["losses"], reverse=True)
    assert re.search(r"Epoch \[10/10\], Loss: 2\.\d{4}", capsys.readouterr().out)


@pytest.mark.slow
def test_program_1_runs_with_60000_pictures():
    program = run("p1_mlp", EPOCHS=3)
    assert program["outputs"].shape == (60_000, 10)
    assert falls(program["losses"])


def test_program_2_trains_a_convnet_over_a_loader():
    program = run("p2_convnet")
    assert program["outputs"].shape == (4, 10)
    assert sum(p.numel() for p in program["net"].parameters()) == 62_006
    assert program["losses"][-1] < 0.98 * program["losses"][0]


@pytest.mark.usefixtures("mnist")
def test_program_3_fits_one_hot_targets_by_the_mean_squared_error():
    program = run("p3_mnist_mse", EPOCHS=3)
    assert program["inputs"].shape == (200 % 64, 1, 28, 28)
    assert program["targets"].shape == (64, 10)
    assert program["losses"] == sorted(program["losses"], reverse=True)
    assert program["test_loss"] < 0.1  # the mean square of a one-hot row: what predicting zero costs


def test_program_4_finds_the_line_through_five_points():
    program = run("p4_line")
    assert program["y_pred"].shape == (5, 1)
    assert program["losses"][-1] < 1e-3 * program["losses"][0]
    assert program["model"].linear.weight.item() == pytest.approx(2.0, abs=0.05)


def test_program_4_fits_a_small_perceptron_to_five_points():
    program = run("p4_mlp")
    assert program["y_pred"].shape == (5, 2)
    assert program["losses"][-1] < 0.05 * program["losses"][0]


@pytest.mark.usefixtures("mnist")
def test_program_5_trains_by_adam_and_counts_what_it_reads_right(capsys):
    program = run("p5_mnist_adam", EPOCHS=8)
    assert falls(program["losses"])
    assert program["total"] == 200
    assert program["correct"] > 160
    assert f"on the 200 test images: {100 * program['correct'] // 200}%" in capsys.readouterr().out


@pytest.mark.usefixtures("published")
def test_program_6_saves_and_loads_a_network_and_takes_one_from_a_directory():
    program = run("p6_files")
    assert str(program["result"]) == "<All keys matched successfully>"
    assert list(program["loaded"].state_dict()) == [f"{i}.linear.{name}" for i in (0, 2) for name in ("weight", "bias")]
    assert program["loaded_outputs"].equal(program["outputs"])
    assert program["published_outputs"].shape == (3, 7)


@pytest.mark.usefixtures("oracle")
def test_program_6_is_a_pytorch_program(published):
    published.write_text(HUBCONF.replace("minitorch", "torch"), encoding="utf-8")
    program = run("p6_files", library="torch")
    assert program["loaded_outputs"].equal(program["outputs"])
    assert tuple(program["published_outputs"].shape) == (3, 7)


def test_programs_need_no_import_but_minitorch():
    for path in PROGRAMS.glob("p*.py"):
        imports = re.findall(r"^(?:import|from) (\S+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert {name.partition(".")[0] for name in imports} == {"minitorch"}


@pytest.mark.parametrize("name", ["p1_mlp", "p2_convnet", "p4_line", "p4_mlp"])
@pytest.mark.usefixtures("oracle")
def test_the_programs_are_pytorch_programs(name):
    sizes = {"p1_mlp": {"N": 100}, "p2_convnet": {"N": 20, "EPOCHS": 2}}.get(name, {})
    ours, theirs = run(name, **sizes), run(name, library="torch", **sizes)
    output = "y_pred" if "y_pred" in ours else "outputs"
    assert tuple(ours[output].shape) == tuple(theirs[output].shape)
    assert falls(theirs["losses"])
    assert ours["losses"][0] == pytest.approx(theirs["losses"][0], rel=2.0)  # other random numbers, the same scale
