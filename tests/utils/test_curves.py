"""Records as CSV: what was written is read back, damage is named, and the curves are drawn."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import minitorch as mt
from minitorch.utils.curves import CSVWriter, plot_curves, read_curves

ROOT = Path(__file__).resolve().parents[2]


def test_a_row_has_a_tag_a_step_and_a_value(tmp_path):
    with CSVWriter(tmp_path / "run.csv") as writer:
        writer.add_scalar("loss", mt.tensor(0.5, requires_grad=True) * 1, 3)
        writer.add_scalars("accuracy", {"train": np.float32(0.25), "test": 1}, 3)
    assert (tmp_path / "run.csv").read_text() == (
        "tag,step,value\nloss,3,0.5\naccuracy/train,3,0.25\naccuracy/test,3,1.0\n"
    )


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6),
            st.integers(-(2**40), 2**40),
            st.floats(allow_nan=False),
        ),
        max_size=8,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_tag_step_and_value_is_read_back(tmp_path, rows):
    expected = {}
    with CSVWriter(tmp_path / "run.csv") as writer:
        for tag, step, value in rows:
            writer.add_scalar(tag, value, step)
            expected.setdefault(tag, []).append((step, value))
    assert read_curves(tmp_path / "run.csv") == expected


def test_steps_are_counted_where_none_is_given_and_go_on_in_a_file_that_is_continued(tmp_path):
    for _ in range(2):
        with CSVWriter(tmp_path / "run.csv", append=True) as writer:
            for value in (1.0, 2.0):
                writer.add_scalar("loss", value)
    assert read_curves(tmp_path / "run.csv") == {"loss": [(0, 1.0), (1, 2.0), (2, 1.0), (3, 2.0)]}
    CSVWriter(tmp_path / "run.csv").close()
    assert read_curves(tmp_path / "run.csv") == {}


def test_a_program_that_is_killed_keeps_its_rows(tmp_path):
    text = (
        "import os, sys; from minitorch.utils.curves import CSVWriter\n"
        "writer = CSVWriter(sys.argv[1])\n"
        "for step in range(3): writer.add_scalar('loss', 1.5, step)\n"
        f"os.kill(os.getpid(), {int(signal.SIGKILL)})"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", text, str(tmp_path / "run.csv")], env=environment, timeout=60)
    assert read_curves(tmp_path / "run.csv") == {"loss": [(0, 1.5), (1, 1.5), (2, 1.5)]}


def test_half_a_row_at_the_end_is_left_out(tmp_path):
    (tmp_path / "run.csv").write_text("tag,step,value\nloss,0,1.5\nloss,1,1.")
    assert read_curves(tmp_path / "run.csv") == {"loss": [(0, 1.5)]}
    with CSVWriter(tmp_path / "run.csv", append=True) as writer:
        writer.add_scalar("loss", 2.5)
    assert read_curves(tmp_path / "run.csv") == {"loss": [(0, 1.5), (1, 2.5)]}


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "first line"),
        (b"a,b\n1,2\n", "first line is not tag,step,value"),
        (b"tag,step,value\nloss,1\n", "line 2: expected a tag, a step and a value, found 'loss,1'"),
        (b"tag,step,value\nloss,0,1\nloss,x,1\n", "line 3"),
        (b"tag,step,value\n\xff,0,1\n", "no file of CSVWriter: 'utf-8'"),
        (b'tag,step,value\n"loss,0,1\n', "no file of CSVWriter: unexpected end"),
    ],
)
def test_what_is_no_record_is_refused_by_name(tmp_path, content, match):
    (tmp_path / "run.csv").write_bytes(content)
    with pytest.raises(ValueError, match=rf"run\.csv.*{match}"):
        read_curves(tmp_path / "run.csv")


def test_what_is_no_number_is_refused_and_leaves_no_row(tmp_path):
    with CSVWriter(tmp_path / "run.csv") as writer:
        with pytest.raises(ValueError, match=r"add_scalar: 'loss' must be one number, got a tensor of shape \(2,\)"):
            writer.add_scalar("loss", mt.ones(2))
        with pytest.raises(ValueError, match="could not convert"):
            writer.add_scalar("loss", "much")
    assert read_curves(tmp_path / "run.csv") == {}


def test_curves_are_drawn_a_panel_for_each_group(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    with CSVWriter(tmp_path / "run.csv") as writer:
        for step in range(1, 30):
            writer.add_scalars("loss", {"train": 1 / step, "test": 1.2 / step}, step)
            writer.add_scalar("accuracy", 1 - 1 / step, step)
        writer.add_scalar("once", 1.0)
    plot_curves(tmp_path / "run.csv", tmp_path / "run.svg")
    drawn = (tmp_path / "run.svg").read_text()
    for text in ("loss", "train", "test", "accuracy", "once", "step"):
        assert f"<!-- {text} -->" in drawn
    assert "<!-- missing -->" not in drawn
    plot_curves(tmp_path / "run.csv", tmp_path / "run.png", log=True)
    assert (tmp_path / "run.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_to_draw_and_no_matplotlib_are_named(tmp_path, monkeypatch):
    CSVWriter(tmp_path / "run.csv").close()
    if "matplotlib" in sys.modules or pytest.importorskip("matplotlib", reason="matplotlib is not installed"):
        with pytest.raises(ValueError, match=r"run\.csv has no number to draw"):
            plot_curves(tmp_path / "run.csv", tmp_path / "run.png")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ModuleNotFoundError, match="pip install matplotlib"):
        plot_curves(tmp_path / "run.csv", tmp_path / "run.png")
    assert not (tmp_path / "run.png").exists()


def test_the_writer_is_reachable_from_the_package():
    assert mt.utils.curves.CSVWriter is CSVWriter
