"""Devices: their names, which library owns an array, and moving arrays about."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

from minitorch.backend import arrays, cuda, devices, floats
from minitorch.backend.devices import CPU, beside, device_of, library, on_device, put
from minitorch.backend.devices import device as Device
from tests.strict import counts, strict

NO_CUDA = pytest.mark.skipif(cuda.is_available(), reason="there is a CUDA device")


# ---- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "text", "printed"),
    [
        (("cpu",), "cpu", "device(type='cpu')"),
        (("cuda",), "cuda", "device(type='cuda')"),
        (("cuda:1",), "cuda:1", "device(type='cuda', index=1)"),
        (("cuda", 1), "cuda:1", "device(type='cuda', index=1)"),
        ((1,), "cuda:1", "device(type='cuda', index=1)"),
        (("cpu:0",), "cpu:0", "device(type='cpu', index=0)"),
        ((Device("strict:1"),), "strict:1", "device(type='strict', index=1)"),
    ],
)
def test_device_prints_as_pytorchs(args, text, printed):
    found = Device(*args)
    assert (str(found), repr(found)) == (text, printed)
    assert eval(printed, {"device": Device}) == found


def test_devices_are_equal_by_type_and_index():
    assert Device("cuda:1") == Device("cuda", 1) != Device("cuda") != Device("cuda:0")
    assert Device("cpu") != "cpu"
    assert len({Device("cuda:1"), Device("cuda", 1), Device("cpu")}) == 2


@pytest.mark.parametrize(
    ("args", "error", "message"),
    [
        (("cuda:",), RuntimeError, "Invalid device string: 'cuda:'"),
        (("cuda:x",), RuntimeError, "Invalid device string: 'cuda:x'"),
        (("cuda:-1",), RuntimeError, "Invalid device string: 'cuda:-1'"),
        (("cuda:01",), RuntimeError, "Invalid device string: 'cuda:01'"),
        (("cuda:²",), RuntimeError, "Invalid device string: 'cuda:²'"),
        (("gpu",), RuntimeError, "Expected one of cpu, cuda.* device type at start of device string: gpu"),
        (("",), RuntimeError, "Expected one of cpu, cuda"),
        (("CPU",), RuntimeError, "Expected one of cpu, cuda"),
        (("cuda:1", 1), RuntimeError, "must not include an index because index was passed explicitly: cuda:1"),
        (("cuda", -1), RuntimeError, "Device index must not be negative"),
        ((-1,), RuntimeError, "Device index must not be negative"),
        ((1.5,), TypeError, r"expected a string such as 'cuda:0', got 1\.5"),
        ((None,), TypeError, "got None"),
        ((True,), TypeError, "got True"),
        ((Device("cpu"), 1), TypeError, "got device"),
    ],
)
def test_device_refuses_what_is_none(args, error, message):
    with pytest.raises(error, match=message):
        Device(*args)


def test_device_refuses_what_pytorch_refuses(oracle):
    for args in (("cuda:",), ("cuda:01",), ("cuda:-1",), ("cuda:1", 1), ("cuda", -1), (-1,), (1.5,), (None,), (True,)):
        with pytest.raises((RuntimeError, TypeError)) as theirs:
            oracle.device(*args)
        with pytest.raises(theirs.type):
            Device(*args)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_device_survives_copies(duplicate):
    assert duplicate(Device("cuda:1")) == Device("cuda:1")


# ---- which library computes ------------------------------------------------------------------------------------------


class Memmap(np.ndarray):
    """A subclass."""


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((1.0,), floats),
        ((1, True, 2.5), floats),
        ((np.zeros(1),), np),
        ((np.float32(1),), np),
        ((1j,), np),
        ((1.0, np.zeros(1)), np),
        ((np.zeros(1).view(Memmap), 1.0), np),
        ((strict.zeros(1),), strict),
        ((2.0, strict.zeros(1)), strict),
        ((np.float32(2), strict.zeros(1)), strict),
        ((1j, strict.zeros(1)), strict),
        ((), floats),
    ],
)
def test_library_is_that_of_the_array_among_numbers(values, expected):
    assert library(*values) is expected
    assert library(*reversed(values)) is expected


@pytest.mark.parametrize("wrong", ["text", None, [1.0], object()])
def test_library_refuses_what_is_no_number(wrong):
    with pytest.raises(TypeError, match=f"expected a number, an array or a tensor, got {type(wrong).__name__}"):
        library(wrong)


def test_asking_does_not_import_cupy():
    code = (
        "import sys; from minitorch.backend import devices as d; import numpy as np;"
        "d.library(np.ones(1), 2.0); d.device('cuda:1'); d.device_of(np.ones(1)); print('cupy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "False\n"


# ---- moving ----------------------------------------------------------------------------------------------------------


def test_device_of_an_array_has_its_index():
    with strict.cuda.Device(1):
        there = strict.zeros(2)
    assert str(device_of(there)) == "strict:1"
    assert device_of(there) is device_of(there + 1)
    assert device_of(np.zeros(2)) == device_of(2.0) == device_of(np.float32(1)) == CPU


def test_put_and_back_keeps_numbers_and_type(device):
    host = np.arange(6, dtype=np.float32).reshape(2, 3).T
    there = put(host, device)
    assert device_of(there) == device
    assert put(there, device) is there
    back = put(there, CPU)
    assert type(back) is np.ndarray
    assert back.dtype == np.float32
    np.testing.assert_array_equal(back, host)


def test_put_on_an_accelerator_shares_no_memory(device):
    if device == CPU:
        pytest.skip("on the CPU it is the same array")
    host = np.zeros(3)
    there = put(host, device)
    host[0] = 5
    np.testing.assert_array_equal(put(there, CPU), [0, 0, 0])


def test_put_moves_between_devices_of_one_kind():
    first = put(np.ones(3), Device("strict:0"))
    second = put(first, Device("strict:1"))
    assert [str(device_of(a)) for a in (first, second)] == ["strict:0", "strict:1"]
    second += 1
    np.testing.assert_array_equal(put(first, CPU), [1, 1, 1])


def test_device_without_index_is_the_current_one():
    there = put(np.ones(3), Device("strict:1"))
    assert str(device_of(put(there, Device("strict")))) == "strict:0"
    with strict.cuda.Device(1):
        assert put(there, Device("strict")) is there
        assert str(device_of(put(np.ones(3), Device("strict")))) == "strict:1"


def test_cpu_with_an_index_is_the_cpu():
    host = np.ones(3)
    assert put(host, Device("cpu:0")) is host
    np.testing.assert_array_equal(put(put(host, Device("strict:1")), Device("cpu:0")), host)


def test_device_index_out_of_range_is_refused():
    with pytest.raises(RuntimeError, match="device 'strict:2': invalid device ordinal, there are 2 of its kind"):
        put(np.ones(3), Device("strict:2"))


@NO_CUDA
@pytest.mark.parametrize("name", ["cuda", "cuda:0"])
def test_cuda_that_cannot_be_used_says_why(name):
    with pytest.raises(cuda.CUDAUnavailable, match='device "cuda" cannot be used: '):
        put(np.ones(3), Device(name))
    with pytest.raises(cuda.CUDAUnavailable, match='device "cuda" cannot be used: '):
        on_device(Device(name), "zeros", 3)


def test_on_device_creates_there(device):
    made = on_device(device, "full", (2, 2), 7.0, dtype=np.float32)
    assert device_of(made) == device
    np.testing.assert_array_equal(put(made, CPU), np.full((2, 2), 7, np.float32))


def test_on_device_uses_the_index():
    assert str(device_of(on_device(Device("strict:1"), "arange", 3))) == "strict:1"
    assert str(device_of(on_device(Device("strict:0"), "arange", 3))) == "strict:0"


@pytest.mark.parametrize("name", ["cpu", "strict:0", "strict:1"])
def test_beside_an_array_new_ones_are_made_and_nothing_is_done_elsewhere(name):
    array = put(np.ones(3, np.float32), Device(name))
    counts.clear()
    with beside(array), beside(array):  # it can be entered again
        assert str(device_of(library(array).zeros(2) + library(array).exp(array[:2]))) == name
    assert counts["peer"] == 0
    assert strict.cuda.Device().id == 0


def test_numbers_have_no_device_to_be_beside():
    with beside(2.0):
        assert str(device_of(on_device(Device("strict"), "zeros", 1))) == "strict:0"


@pytest.mark.parametrize("name", ["cpu", "strict:1"])
def test_helpers_allocate_beside_their_argument(name):
    values = put(np.ones(3, np.float32), Device(name))
    key = put(np.array([0, 0, 2]), Device(name))
    added = arrays.add_at((3,), np.float32, (key,), values)
    np.testing.assert_array_equal(put(added, CPU), [2, 0, 1])
    np.testing.assert_array_equal(put(arrays.arange_like(3, values), CPU), [0, 1, 2])
    assert {str(device_of(a)) for a in (added, arrays.arange_like(3, values))} == {name}


def test_registered_kind_is_a_device_name(monkeypatch):
    monkeypatch.setattr(devices, "KINDS", dict(devices.KINDS))
    with pytest.raises(RuntimeError, match="device type at start of device string: toy"):
        Device("toy")
    devices.register_device(devices.DeviceKind("toy", lambda: np, lambda: None, lambda: 1))
    assert str(Device("toy:3")) == "toy:3"
