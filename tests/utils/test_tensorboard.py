"""Records for TensorBoard, read back from the files."""

import struct
import sys
from pathlib import Path

import numpy as np
import pytest

import minitorch as mt
from minitorch.utils.tensorboard import SummaryWriter


def records(directory):
    """Every value in the event files of a directory, by tag."""
    event_pb2 = pytest.importorskip("tensorboardX.proto.event_pb2", reason="tensorboardX is not installed")
    found = {}
    for path in Path(directory).rglob("events.out.tfevents.*"):
        data = path.read_bytes()
        while data:
            (length,) = struct.unpack("<Q", data[:8])
            event = event_pb2.Event.FromString(data[12 : 12 + length])
            data = data[16 + length :]
            for value in event.summary.value:
                found.setdefault(value.tag, []).append((event.step, value))
    return found


@pytest.fixture
def written(tmp_path):
    """Write records with a function; return what is in the files."""
    pytest.importorskip("tensorboardX", reason="tensorboardX is not installed")

    def written(write):
        with SummaryWriter(tmp_path / "runs") as writer:
            write(writer)
        assert writer.log_dir == writer.get_logdir() == str(tmp_path / "runs")
        return records(tmp_path)

    return written


@pytest.mark.parametrize("value", [0.5, np.float32(0.5), mt.tensor(0.5), mt.tensor([0.5], requires_grad=True) * 1])
def test_scalars_are_numbers_or_tensors(written, value):
    def write(writer):
        for step in range(3):
            writer.add_scalar("loss", value, step)

    assert [(step, v.simple_value) for step, v in written(write)["loss"]] == [(0, 0.5), (1, 0.5), (2, 0.5)]


def test_several_scalars_are_written_side_by_side(written):
    found = written(lambda writer: writer.add_scalars("losses", {"train": mt.tensor(1.0), "test": 2.0}, 7))
    assert sorted((step, value.simple_value) for step, value in found["losses"]) == [(7, 1.0), (7, 2.0)]


def test_tensors_inside_containers_are_converted(written):
    found = written(lambda writer: writer.add_hparams({"lr": 0.1}, {"accuracy": mt.tensor(0.5)}, name="run"))
    assert [value.simple_value for _, value in found["accuracy"]] == [0.5]


def test_pictures_and_histograms_of_tensors_are_written(written, device):
    def write(writer):
        writer.add_image("picture", mt.rand(3, 4, 5).to(device), 1)
        writer.add_images("pictures", img_tensor=mt.rand(2, 3, 4, 5).to(device))
        writer.add_histogram("weights", mt.arange(10.0).to(device).requires_grad_(), 2)
        writer.add_text("note", "hello")

    found = written(write)
    assert (found["picture"][0][1].image.height, found["picture"][0][1].image.width) == (4, 5)
    assert found["weights"][0][1].histo.num == 10
    assert found["weights"][0][1].histo.max == 9
    assert found["pictures"]
    assert any("note" in tag for tag in found)


def test_what_is_no_scalar_is_refused(written):
    with pytest.raises(ValueError, match=r"add_scalar: 'loss' must be one number, got a tensor of shape \(2, 3\)"):
        written(lambda writer: writer.add_scalar("loss", mt.ones(2, 3)))


def test_graphs_and_unknown_methods_are_refused(written):
    with pytest.raises(NotImplementedError, match=r"minitorch\.viz"):
        written(lambda writer: writer.add_graph(None))
    with pytest.raises(AttributeError, match="add_smell"):
        written(lambda writer: writer.add_smell(1))


def test_without_the_library_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ModuleNotFoundError, match="pip install tensorboardX"):
        SummaryWriter(tmp_path)


def test_the_writer_is_reachable_from_the_package():
    assert mt.utils.tensorboard.SummaryWriter is SummaryWriter
    assert mt.utils.data.DataLoader.__name__ == "DataLoader"
    with pytest.raises(AttributeError, match="no attribute 'smell'"):
        mt.utils.smell
