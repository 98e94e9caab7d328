"""The face of safetensors files, and tensors that lie in a mapped file."""

import gc
import io
import mmap
import os

import numpy as np
import pytest

import minitorch as mt
from minitorch.serialization import SerializationError, load, save
from minitorch.utils import safetensors

TENSORS = {"w": mt.arange(6.0).reshape(2, 3), "n": mt.tensor(3), "b": mt.tensor([True, False]), "empty": mt.zeros(0, 2)}


def lists(tensors):
    return {name: (str(tensor.dtype), tuple(tensor.shape), tensor.tolist()) for name, tensor in tensors.items()}


# ---- load_file, save_file, load, save --------------------------------------------------------------------------------


def test_a_file_gives_back_the_tensors(tmp_path):
    safetensors.save_file(TENSORS, tmp_path / "x.safetensors", {"format": "pt"})
    assert lists(safetensors.load_file(tmp_path / "x.safetensors")) == lists(TENSORS)
    assert lists(load(tmp_path / "x.safetensors")) == lists(TENSORS)
    assert lists(safetensors.load(safetensors.save(TENSORS))) == lists(TENSORS)


def test_tensors_go_to_the_device_asked_for(tmp_path, device):
    safetensors.save_file({"w": mt.ones(2).to(device)}, tmp_path / "x")
    assert safetensors.load_file(tmp_path / "x", device=device)["w"].device == device
    assert safetensors.load_file(tmp_path / "x", device="cpu")["w"].tolist() == [1, 1]
    assert safetensors.load((tmp_path / "x").read_bytes(), str(device))["w"].device == device


def test_views_are_saved_as_their_values():
    x = mt.arange(6.0).reshape(2, 3)
    assert safetensors.load(safetensors.save({"t": x.t(), "row": x[1]}))["t"].tolist() == [[0, 3], [1, 4], [2, 5]]


def test_files_and_the_library_understand_each_other(tmp_path, oracle):
    library = pytest.importorskip("safetensors.torch", reason="the safetensors library is not installed")
    safetensors.save_file(TENSORS, tmp_path / "ours", {"made": "here"})
    assert lists(library.load_file(tmp_path / "ours")) == lists(TENSORS)
    theirs = {"w": oracle.arange(6).reshape(3, 2).double(), "h": oracle.ones(2, dtype=oracle.bfloat16) * 1.5}
    library.save_file(theirs, tmp_path / "theirs")
    loaded = safetensors.load_file(tmp_path / "theirs")
    assert loaded["w"].tolist() == theirs["w"].tolist()
    assert (loaded["h"].dtype, loaded["h"].tolist()) == (mt.float32, [1.5, 1.5])


def test_what_is_no_dict_of_tensors_is_refused(tmp_path):
    for bad in ({"x": 1}, {"x": np.ones(2)}, {1: mt.ones(2)}):
        with pytest.raises(TypeError, match="expected a dict from str to Tensor"):
            safetensors.save_file(bad, tmp_path / "x")
    with pytest.raises(TypeError, match=r"'z' is a tensor of torch.complex128, which the file format lacks"):
        safetensors.save_file({"z": mt.zeros(2, dtype=mt.complex128)}, tmp_path / "x")
    assert os.listdir(tmp_path) == []
    with pytest.raises(SerializationError, match="the data cannot be loaded"):
        safetensors.load(b"123")


def test_what_no_reader_would_take_is_not_written(tmp_path):
    with pytest.raises(TypeError, match="metadata must be a dict from str to str, got 'epoch': 3"):
        safetensors.save_file({"w": mt.ones(1)}, tmp_path / "x", {"epoch": 3})
    with pytest.raises(ValueError, match="no tensor can be named '__metadata__'"):
        safetensors.save_file({"__metadata__": mt.ones(1)}, tmp_path / "x")
    with pytest.raises(TypeError, match="metadata must be a dict from str to str"):
        safetensors.save({"w": mt.ones(1)}, {1: "x"})
    assert os.listdir(tmp_path) == []


def test_a_zip_file_is_sent_elsewhere(tmp_path):
    (tmp_path / "x.pt").write_bytes(b"PK\x03\x04" + b"\0" * 40)
    with pytest.raises(SerializationError, match=r"x\.pt .* zip file, perhaps of torch\.save: minitorch\.load"):
        safetensors.load_file(tmp_path / "x.pt")


# ---- memory mapping --------------------------------------------------------------------------------------------------

NESTED = {"w": mt.arange(6.0).reshape(2, 3), "z": np.ones((2, 2), complex), "n": [1, (2.5, "x")], "e": mt.zeros(0)}


def in_a_map(tensor):
    """Whether the memory of a tensor is a mapped file."""
    base = tensor.numpy()
    while isinstance(base, np.ndarray) and base.base is not None:
        base = base.base
    return isinstance(base, memoryview) and isinstance(base.obj, mmap.mmap)


def test_a_mapped_object_equals_a_read_one(tmp_path):
    save(NESTED, tmp_path / "x")
    mapped, whole = load(tmp_path / "x", mmap=True), load(tmp_path / "x", mmap=False)
    assert mapped["w"].tolist() == whole["w"].tolist() == NESTED["w"].tolist()
    assert mapped["z"].tolist() == whole["z"].tolist()
    assert (mapped["n"], mapped["e"].shape) == ([1, (2.5, "x")], (0,))
    assert in_a_map(mapped["w"])
    assert not in_a_map(whole["w"])


def test_every_type_is_aligned_and_equal_in_a_map(tmp_path):
    kinds = [np.dtype(kind) for kind in ("u1", "i1", "i2", "f2", "i4", "f4", "c8", "f8", "i8", "c16", "?")]
    arrays = {kind.str: np.arange(3).astype(kind) for kind in kinds}
    save(arrays, tmp_path / "x")
    for name, array in load(tmp_path / "x", mmap=True).items():
        assert array.flags.aligned
        assert array.tolist() == arrays[name].tolist()


def test_writing_into_a_mapped_tensor_leaves_the_file(tmp_path):
    save(NESTED, tmp_path / "x")
    before = (tmp_path / "x").read_bytes()
    w = load(tmp_path / "x", mmap=True)["w"]
    w.add_(1)
    assert w.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert (tmp_path / "x").read_bytes() == before
    assert load(tmp_path / "x", mmap=True)["w"][0, 0].item() == 0


def test_a_mapped_tensor_outlives_its_file_and_can_be_saved_over_it(tmp_path):
    save({"w": mt.arange(4.0)}, tmp_path / "x")
    w = load(tmp_path / "x", mmap=True)["w"]
    gc.collect()
    save({"w": w * 2}, tmp_path / "x")
    assert w.tolist() == [0, 1, 2, 3]
    assert load(tmp_path / "x")["w"].tolist() == [0, 2, 4, 6]
    os.remove(tmp_path / "x")
    assert w.tolist() == [0, 1, 2, 3]


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="memory is read from /proc")
def test_mapping_reads_only_what_is_used(tmp_path):
    def resident():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    save({"big": mt.zeros(64, 1 << 18), "small": mt.ones(3)}, tmp_path / "x")  # 64 MB
    before = resident()
    loaded = load(tmp_path / "x", mmap=True)
    assert loaded["small"].tolist() == [1, 1, 1]
    assert loaded["big"][5, :3].tolist() == [0, 0, 0]
    assert resident() - before < 16_000_000


def test_a_mapped_file_of_bfloat16_is_widened(tmp_path, oracle):
    library = pytest.importorskip("safetensors.torch", reason="the safetensors library is not installed")
    library.save_file({"h": oracle.tensor([1.5, -2.0], dtype=oracle.bfloat16)}, tmp_path / "x")
    assert load(tmp_path / "x", mmap=True)["h"].tolist() == [1.5, -2]


def test_a_damaged_file_is_refused_before_it_is_mapped(tmp_path):
    save(NESTED, tmp_path / "x")
    whole = (tmp_path / "x").read_bytes()
    for n in (0, 5, 40, len(whole) - 1):
        (tmp_path / "x").write_bytes(whole[:n])
        with pytest.raises(SerializationError):
            load(tmp_path / "x", mmap=True)


def test_a_file_object_cannot_be_mapped():
    with pytest.raises(ValueError, match="mmap=True needs the path"):
        load(io.BytesIO(), mmap=True)
