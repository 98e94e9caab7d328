"""Files of torch.save: what PyTorch wrote is read, what is not plain is refused by name, and damage is noticed."""

import contextlib
import io
import os
import pickle
import struct
import tracemalloc
import zipfile
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minitorch as mt
from minitorch import nn
from minitorch.serialization import SerializationError, load

from . import torch_format as tf
from .torch_format import (
    EMPTY_TUPLE,
    NAMES,
    ORDERED,
    View,
    call,
    checkpoint,
    encoded,
    items,
    name,
    number,
    storage,
    text,
    zipped,
)


def read(data):
    return load(io.BytesIO(data))


def same(a, b):
    """Equality of types, order, shape and every bit, of a tensor here and an array there."""
    if isinstance(b, np.ndarray):
        return (
            isinstance(a, mt.Tensor)
            and a.numpy().dtype == b.dtype
            and a.shape == b.shape
            and (np.ascontiguousarray(a.detach().numpy()).tobytes() == np.ascontiguousarray(b).tobytes())
        )
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(map(type, a)) == list(map(type, b)) and list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return struct.pack("d", a) == struct.pack("d", b) if isinstance(a, float) else a == b


# ---- by hand, without PyTorch ----------------------------------------------------------------------------------------

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=4)
    | st.sampled_from(list(NAMES)).flatmap(
        lambda kind: hnp.arrays(f"<{kind}", hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
    )
)
KEYS = st.text(max_size=3) | st.integers(-(2**53) + 1, 2**53 - 1) | st.none()
NESTED = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=3)
        | st.dictionaries(KEYS, inner, max_size=3).map(OrderedDict)
    ),
    max_leaves=8,
)


@given(NESTED)
def test_any_nesting_of_tensors_and_plain_values_is_read(value):
    assert same(read(encoded(value)), value)


def test_a_state_dict_is_read_into_a_network(tmp_path):
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    state = OrderedDict((key, value.numpy() * 2) for key, value in net.state_dict().items())
    (tmp_path / "net.pt").write_bytes(encoded(state))
    net.load_state_dict(mt.load(tmp_path / "net.pt"))
    assert net[0].weight.tolist() == state["0.weight"].tolist()
    assert mt.load(str(tmp_path / "net.pt"), map_location="cpu", weights_only=True).keys() == state.keys()


def test_a_file_object_is_read_from_where_it_stands():
    file = io.BytesIO(b"before" + encoded([1, 2]))
    file.seek(6)
    assert load(file) == [1, 2]


def test_tensors_of_one_storage_share_its_memory():
    row = View(offset=3, size=(3,), stride=(1,))
    turned = View(size=(3, 2), stride=(1, 3))
    whole, last, transposed = read(checkpoint(items(View().code(), row.code(), turned.code())))
    assert last.tolist() == [3, 4, 5]
    assert transposed.tolist() == [[0, 3], [1, 4], [2, 5]]
    assert transposed.stride() == (1, 3)
    whole[1, 0] = 99.0
    assert last[0].item() == transposed[0, 1].item() == 99


@given(st.data())
def test_every_view_that_fits_is_read_and_every_other_refused(data):
    n = data.draw(st.integers(0, 8))
    offset = data.draw(st.integers(0, 9))
    axes = data.draw(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=3))
    size, stride = tuple(a for a, _ in axes), tuple(b for _, b in axes)
    indices = [offset + int(np.dot(place, stride)) for place in np.ndindex(size)]
    code = View(count=n, offset=offset, size=size, stride=stride).code()
    whole = checkpoint(code, {"0": np.arange(n, dtype="<f4").tobytes()})
    if (indices and max(indices) >= n) or offset > n:
        with pytest.raises(SerializationError, match=f"reaches beyond the {n} numbers in"):
            read(whole)
    else:
        tensor = read(whole)
        assert tensor.shape == size
        assert tensor.reshape(-1).tolist() == indices


def test_bfloat16_is_widened_and_shared_all_the_same():
    halves = (np.array([1.0, -0.0, 3.140625, np.inf], "<f4").view("<u4") >> 16).astype("<u2").tobytes()
    whole = View("torch.BFloat16Storage", count=4, size=(4,), stride=(1,))
    a, b = read(checkpoint(items(whole.code(), whole._replace(offset=2, size=(2,)).code()), {"0": halves}))
    assert a.dtype == mt.float32
    assert [struct.pack("d", x) for x in a.tolist()] == [struct.pack("d", x) for x in (1.0, -0.0, 3.140625, np.inf)]
    a[2] = 7.0
    assert b.tolist() == [7.0, np.inf]


def test_numbers_of_big_endian_machines_are_read():
    whole = checkpoint(View().code(), {"0": np.arange(6, dtype=">f4").tobytes()}, byteorder=b"big")
    assert read(whole).tolist() == [[0, 1, 2], [3, 4, 5]]


def test_types_without_a_storage_of_their_own_are_read():
    untyped = storage("torch.storage.UntypedStorage", count=8)
    parts = [untyped, number(1), items(number(3)), items(number(1)), tf.FALSE, ORDERED]
    data = {"0": np.array([1, 2, 3, 65535], "<u2").tobytes()}
    tensor = read(checkpoint(call("torch._utils._rebuild_tensor_v3", *parts, name("torch.uint16")), data))
    assert tensor.dtype == mt.uint16
    assert tensor.tolist() == [2, 3, 65535]
    for bad in (name("torch.float8_e4m3fn"), name("torch.FloatStorage"), number(3)):
        with pytest.raises(SerializationError, match=r"float8_e4m3fn|no dtype that is known"):
            read(checkpoint(call("torch._utils._rebuild_tensor_v3", *parts, bad), data))
    with pytest.raises(SerializationError, match="8 bytes is not made of numbers of torch.complex128"):
        read(checkpoint(call("torch._utils._rebuild_tensor_v3", *parts, name("torch.complex128")), data))


def test_gradients_are_required_where_they_were():
    leaf = View(requires_grad=True)
    tensor, parameter = read(
        checkpoint(items(leaf.code(), call("torch._utils._rebuild_parameter", View().code(), tf.TRUE, ORDERED)))
    )
    assert (tensor.requires_grad, parameter.requires_grad, tensor.is_leaf) == (True, True, True)
    ints = View("torch.LongStorage", count=3, size=(3,), stride=(1,), requires_grad=True)
    with pytest.raises(SerializationError, match=r"torch.int64 cannot require gradients"):
        read(checkpoint(ints.code()))


def test_tensors_go_to_their_device_or_where_map_location_says(device):
    data = checkpoint(View(location=str(device)).code())
    assert read(data).device == device
    assert load(io.BytesIO(data), map_location="cpu").device == mt.device("cpu")
    assert load(io.BytesIO(checkpoint(View().code())), map_location=device).device == device
    assert load(io.BytesIO(data), map_location=device).cpu().tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_device_that_is_not_there_is_named_with_a_way_out():
    with pytest.raises(RuntimeError, match=r"map_location='cpu'"):
        read(checkpoint(View(location="strict:7").code()))
    with pytest.raises(SerializationError, match=r"mps.*map_location='cpu'"):
        read(checkpoint(View(location="mps").code()))
    assert load(io.BytesIO(checkpoint(View(location="mps").code())), map_location="cpu").shape == (2, 3)


def test_an_ordered_dict_keeps_the_versions_of_layers():
    versions = text("_metadata") + b"}" + text("fc") + number(2) + b"s"
    state = read(checkpoint(ORDERED + b"}" + versions + b"s" + b"b"))
    assert state._metadata == {"fc": 2}


# ---- what is refused -------------------------------------------------------------------------------------------------


class Refused:
    def __init__(self, function, *arguments):
        self.reduction = function, arguments

    def __reduce__(self):
        return self.reduction


@pytest.mark.parametrize(
    ("value", "match"),
    [
        (Refused(os.system, "echo no"), r"refers to (posix|nt).system"),
        (Refused(eval, "1"), r"refers to (builtins|__builtin__).eval"),
        (Refused(getattr, 1, "real"), r"refers to (builtins|__builtin__).getattr"),
        (np.zeros(2), r"refers to numpy\._core\.\w+\._(reconstruct|frombuffer)"),
        (np.float64(1), r"refers to numpy\."),
        ({1, 2}, r"refers to __builtin__.set|instruction EMPTY_SET"),
        (1j, r"refers to (builtins|__builtin__).complex"),
        (os.getcwd, r"refers to (posix|nt).getcwd"),
        (bytearray(b"x"), r"refers to (builtins|__builtin__).bytearray|instruction BYTEARRAY8"),
        ({(1, 2): 3}, "a dict has a key of type tuple"),
        ({1.5: 3}, "a dict has a key of type float"),
        ({2**60: 3}, "a dict has a key of type int"),
    ],
    ids=lambda x: x if isinstance(x, str) else type(x).__name__,
)
@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_what_is_not_plain_is_refused_by_name(value, match, protocol):
    code = pickle.dumps({"weight": 1, "more": [value]}, protocol)
    with pytest.raises(SerializationError, match=match):
        read(zipped({"data.pkl": code, "byteorder": b"little"}))


def test_instructions_of_old_pickles_are_refused_by_name():
    with pytest.raises(SerializationError, match=r"instruction \w+, which plain values do not need"):
        read(zipped({"data.pkl": pickle.dumps({"a": 1}, 0)}))


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_plain_values_of_all_later_protocols_are_read(protocol):
    shared = [1, 2]
    value = {
        "a": [1, -300, 70000, 2**40, 1.5, None, True],
        "b": (shared, shared, ("x" * 300,) * 4),
        "c": OrderedDict(x=1),
    }
    if protocol > 2:
        value["d"] = [b"bytes", b"x" * 300]
    result = read(zipped({"data.pkl": pickle.dumps(value, protocol)}))
    assert same(result, value)
    assert result["b"][0] is result["b"][1]


DOUBLING = b")" + b"".join(bytes([0x71, i, 0x68, i, 0x86]) for i in range(60))  # t = (t, t), sixty times

HOSTILE = {
    "empty": b"PK\x03\x04",
    "a zip of something else": zipped({"readme": b"hello"}),
    "two pickles": zipped({"data.pkl": b"N.", "x/data.pkl": b"N."}),
    "a program": checkpoint(b"N", **{"code/net.py": b"pass"}),
    "a program's constants": checkpoint(b"N", **{"constants.pkl": b"N."}),
    "compressed": zipped({"data.pkl": b"N." * 1000}, zipfile.ZIP_DEFLATED),
    "compressed a thousand times": zipped(
        {"data.pkl": b"\x80\x02" + View(count=25_000_000).code() + b".", "data/0": bytes(10**8)}, zipfile.ZIP_DEFLATED
    ),
    "another compression": zipped({"data.pkl": b"N." * 1000}, zipfile.ZIP_LZMA),
    "empty pickle": zipped({"data.pkl": b""}),
    "no end": zipped({"data.pkl": b"\x80\x02N"}),
    "more after the end": zipped({"data.pkl": b"\x80\x02N.N."}),
    "two results": checkpoint(b"NN"),
    "no result": checkpoint(b""),
    "pop": checkpoint(b"N0"),
    "nothing to take": checkpoint(b"s"),
    "no mark": checkpoint(b"Nt"),
    "nothing to remember": checkpoint(b"q\x00"),
    "nothing to recall": checkpoint(b"h\x07"),
    "append to a number": checkpoint(b"K\x01K\x02a"),
    "set an item of a list": checkpoint(b"]K\x01K\x02s"),
    "keys without values": checkpoint(b"}(K\x01u"),
    "an unhashable key": checkpoint(b"}]K\x02s"),
    "a name as a value": checkpoint(name("torch.FloatStorage")),
    "a name in a list": checkpoint(b"]" + name("collections.OrderedDict") + b"a"),
    "a storage as a value": checkpoint(b"](" + storage() + b"e"),
    "attributes of a dict": checkpoint(b"}}b"),
    "other attributes": checkpoint(ORDERED + b"}" + text("__class__") + b"Nsb"),
    "an attribute that is not plain": checkpoint(ORDERED + b"}" + text("_metadata") + storage() + b"sb"),
    "call a number": checkpoint(b"K\x01)R"),
    "call a storage type": checkpoint(call("torch.FloatStorage")),
    "call with a list": checkpoint(name("collections.OrderedDict") + b"]R"),
    "an OrderedDict of pairs": checkpoint(call("collections.OrderedDict", b"]")),
    "too few arguments": checkpoint(call("torch._utils._rebuild_tensor_v2")),
    "too many arguments": checkpoint(View().code(more=b"NNNN")),
    "names that look alike": checkpoint(call("torch._utils._rebuild_tensor")),
    "a name with spaces": checkpoint(b"ccollections OrderedDict\n\n"),
    "outside, no tuple": checkpoint(text("storage") + b"Q"),
    "outside, no storage": checkpoint(items(text("module"), b"N", b"N", b"N", b"N") + b"Q"),
    "storage without a type": checkpoint(items(text("storage"), b"N", text("0"), text("cpu"), number(6)) + b"Q"),
    "storage of a function": checkpoint(View("collections.OrderedDict").code()),
    "storage of quantised numbers": checkpoint(View("torch.QInt8Storage").code()),
    "storage that is not there": checkpoint(View(key="1").code()),
    "storage elsewhere in the file": checkpoint(View(key="../data.pkl").code()),
    "storage with fewer numbers": checkpoint(View(count=7).code()),
    "storage with more numbers": checkpoint(View(count=5).code()),
    "storage with a negative count": checkpoint(View(count=-6).code()),
    "storage with a huge count": checkpoint(View(count=2**70).code()),
    "storage of two types": checkpoint(items(View().code(), View("torch.IntStorage").code())),
    "storage without a type in a tensor": checkpoint(View("torch.UntypedStorage", count=24).code()),
    "storage of booleans of 2": checkpoint(
        View("torch.BoolStorage", count=2, size=(2,), stride=(1,)).code(), {"0": b"\1\2"}
    ),
    "a tensor for a storage": checkpoint(View().code(storage=View().code())),
    "offset beyond the end": checkpoint(View(offset=6).code()),
    "offset is negative": checkpoint(View(offset=-1).code()),
    "offset is huge": checkpoint(View(offset=2**80, size=(0,), stride=(1,)).code()),
    "offset is true": checkpoint(View().code(offset=tf.TRUE)),
    "size beyond the end": checkpoint(View(size=(3, 3)).code()),
    "size is negative": checkpoint(View(size=(-2, -3)).code()),
    "size is huge": checkpoint(View(size=(2**62, 2**62), stride=(0, 0)).code()),
    "size is huge but empty": checkpoint(View(size=(2**62, 2**62, 0), stride=(1, 1, 1)).code()),
    "size is a list": checkpoint(View().code(size=b"]")),
    "size is a text": checkpoint(View().code(size=text("23"))),
    "stride is negative": checkpoint(View(offset=5, stride=(-3, -1)).code()),
    "stride is missing": checkpoint(View(stride=(1,)).code()),
    "stride is huge": checkpoint(View(stride=(2**63, 1)).code()),
    "65 dimensions": checkpoint(View(size=(1,) * 65, stride=(1,) * 65).code()),
    "requires_grad is a number": checkpoint(View().code(requires_grad=number(1))),
    "hooks": checkpoint(View().code(hooks=ORDERED + text("h") + b"Ns")),
    "conjugate": checkpoint(View().code(more=b"}" + text("conj") + tf.TRUE + b"s")),
    "a parameter of a number": checkpoint(call("torch._utils._rebuild_parameter", number(1), tf.TRUE, ORDERED)),
    "byte order": checkpoint(View().code(), byteorder=b"middle"),
    "byte order is no text": checkpoint(View().code(), byteorder=b"\xff\xfe"),
    "nested too deep": checkpoint(b"]" * 200 + b"a" * 199),
    "nested much too deep": checkpoint(b"]" * 30_000 + b"a" * 29_999),
    "a key that takes for ever": checkpoint(b"}" + DOUBLING + b"Ns"),
    "a name with a backslash": checkpoint(b"cos\\o\nsystem\n" + EMPTY_TUPLE + b"R"),
    "a name that takes for ever": checkpoint(DOUBLING * 2 + b"\x93"),
    "a reference that takes for ever": checkpoint(DOUBLING + b"Q"),
    "a storage that takes for ever": checkpoint(items(text("storage"), *[DOUBLING] * 4) + b"Q"),
    "sizes that take for ever": checkpoint(View().code(size=DOUBLING)),
    "strides that take for ever": checkpoint(View().code(stride=DOUBLING)),
    "an offset that takes for ever": checkpoint(View().code(offset=DOUBLING)),
    "hooks that take for ever": checkpoint(View().code(hooks=DOUBLING)),
    "something more that takes for ever": checkpoint(View().code(more=DOUBLING)),
    "a function that takes for ever": checkpoint(DOUBLING * 2 + b"R"),
    "arguments that take for ever": checkpoint(name("torch._utils._rebuild_parameter") + DOUBLING + b"R"),
    "attributes that take for ever": checkpoint(ORDERED + DOUBLING + b"b"),
    "a list that takes for ever": checkpoint(DOUBLING * 2 + b"a"),
    "a long integer as a key": checkpoint(b"}" + number(2**5000) + b"Ns"),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_damaged_or_hostile_file_is_refused_by_name(tmp_path, data):
    path = tmp_path / "the_file.pt"
    path.write_bytes(data)
    tracemalloc.start()
    with pytest.raises(SerializationError, match=r"the_file\.pt cannot be loaded: .{10}"):
        load(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000 + 100 * len(data)


def test_a_tuple_that_doubles_itself_is_read_without_growing():
    result = read(checkpoint(DOUBLING))
    for _ in range(60):
        assert result[0] is result[1]
        result = result[0]
    assert result == ()


def test_an_expanded_tensor_takes_no_memory():
    tracemalloc.start()
    tensor = read(checkpoint(View(size=(10**6, 10**6), stride=(0, 0)).code()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert tensor.shape == (10**6, 10**6)
    assert peak < 1_000_000


def test_entries_that_lie_over_one_another_are_refused():
    numbers = {str(i): bytes(2000) for i in range(20)}
    whole = bytearray(checkpoint(items(*(View(key=key, count=500).code() for key in numbers)), numbers))
    entries = [i for i in range(len(whole)) if whole[i : i + 4] == b"PK\1\2" and whole[i + 46 : i + 55] == b"net/data/"]
    for i in entries:  # every entry of the directory points to the numbers of the first
        whole[i + 42 : i + 46] = whole[entries[0] + 42 : entries[0] + 46]
    with pytest.raises(SerializationError):
        read(bytes(whole))


def test_a_directory_that_promises_more_than_the_file_has_is_refused():
    entries = {f"data/{i}": b"" for i in range(3)}
    whole = bytearray(checkpoint(b"N", {}, **entries))
    for i in range(len(whole)):
        if whole[i : i + 4] == b"PK\x01\x02" and whole[i + 46 : i + 55] == b"net/data/":
            whole[i + 20 : i + 28] = struct.pack("<II", 2**31, 2**31)
    with pytest.raises(SerializationError, match=r"they have \d{10} bytes together, the file has"):
        read(bytes(whole))


def test_one_flipped_bit_anywhere_in_the_numbers_is_noticed():
    whole = encoded({"w": np.arange(8.0)})
    start = whole.index(np.arange(8.0).tobytes())
    for position in (start, start + 37, start + 63):
        damaged = bytearray(whole)
        damaged[position] ^= 4
        with pytest.raises(SerializationError, match="CRC"):
            read(bytes(damaged))


def test_files_from_before_zip_are_refused_with_advice(tmp_path):
    for protocol in (2, 4):
        (tmp_path / "old.pt").write_bytes(pickle.dumps({"w": 1}, protocol))
        with pytest.raises(SerializationError, match=r"old\.pt .*before PyTorch 1\.6.*save it again with torch\.save"):
            load(tmp_path / "old.pt")


def test_a_function_says_where_tensors_go_and_what_it_raises_is_no_damage():
    data = checkpoint(items(View(location="mps").code(), View(location="mps").code()))
    asked = []
    first, second = load(io.BytesIO(data), map_location=lambda storage, place: asked.append(place) or storage)
    assert asked == ["mps", "mps"]
    first[0, 0] = 7.0
    assert second[0, 0].item() == 7
    with pytest.raises(RuntimeError, match=r"map_location raised TypeError") as caught:
        load(io.BytesIO(data), map_location=lambda storage: storage)
    assert type(caught.value) is RuntimeError


# ---- in the file's memory --------------------------------------------------------------------------------------------


@given(NESTED)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mapped_file_gives_what_a_read_one_gives(tmp_path, value):
    (tmp_path / "net.pt").write_bytes(encoded(value))
    assert same(load(tmp_path / "net.pt", mmap=True), value)


def test_mapped_tensors_share_memory_with_one_another_but_not_with_the_file(tmp_path):
    row = View(offset=3, size=(3,), stride=(1,))
    (tmp_path / "net.pt").write_bytes(checkpoint(items(View().code(), row.code())))
    whole, last = load(tmp_path / "net.pt", mmap=True)
    whole[1, 0] = 99.0
    assert last[0].item() == 99
    assert load(tmp_path / "net.pt", mmap=True)[1].tolist() == [3, 4, 5]
    os.remove(tmp_path / "net.pt")
    assert last.tolist() == [99, 4, 5]


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="memory is read from /proc")
def test_mapping_reads_only_what_is_used(tmp_path):
    def resident():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    (tmp_path / "net.pt").write_bytes(encoded({"big": np.ones((64, 1 << 18), "<f4"), "small": np.arange(3)}))  # 64 MB
    before = resident()
    loaded = load(tmp_path / "net.pt", mmap=True)
    assert loaded["small"].tolist() == [0, 1, 2]
    assert loaded["big"][5, :3].tolist() == [1, 1, 1]
    assert resident() - before < 16_000_000


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_damaged_or_hostile_file_is_refused_when_mapped_too(tmp_path, data):
    (tmp_path / "net.pt").write_bytes(data)
    with contextlib.suppress(SerializationError):  # checksums are not looked at, so some are read
        load(tmp_path / "net.pt", mmap=True)


def test_an_entry_whose_own_header_lies_is_refused_when_mapped(tmp_path):
    whole = bytearray(encoded({"w": np.arange(8.0)}))
    start = whole.rindex(b"PK\x03\x04", 0, whole.index(np.arange(8.0).tobytes()))
    whole[start + 28 : start + 30] = b"\xff\xff"  # 65535 bytes of something extra
    (tmp_path / "net.pt").write_bytes(whole)
    with pytest.raises(SerializationError, match="reaches beyond its end|Overlapped entries"):
        load(tmp_path / "net.pt", mmap=True)


# ---- fuzzing ---------------------------------------------------------------------------------------------------------

WHOLE = {
    "w": np.arange(6.0).reshape(2, 3),
    "n": [1, (2.5, "x"), None],
    "b": OrderedDict(a=np.array([True]), c=np.zeros(0, "<f4")),
    "i": 2**60,
}
SEED = encoded(WHOLE)
ENCODER = tf.Encoder()
PROGRAM = b"\x80\x02" + ENCODER.encode(WHOLE) + tf.STOP


def mutated(data, whole):
    """Change some bytes, put some in, take some out, or cut the end off."""
    result = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        where = data.draw(st.integers(0, max(len(result) - 1, 0)))
        change = data.draw(st.sampled_from(["set", "insert", "delete", "copy", "cut"]))
        if change == "set" and result:
            result[where] = data.draw(st.integers(0, 255))
        elif change == "insert":
            result[where:where] = data.draw(st.binary(max_size=8))
        elif change == "delete":
            del result[where : where + data.draw(st.integers(0, 8))]
        elif change == "copy":
            start = data.draw(st.integers(0, max(len(result) - 1, 0)))
            result[where:where] = result[start : start + data.draw(st.integers(0, 40))]
        elif data.draw(st.integers(0, 9)) == 0:
            del result[where:]
    return bytes(result)


def loads_or_refuses(data):
    """Load; return whether it was refused.  Any other exception, and any growth of memory, is a failure."""
    tracemalloc.start()
    try:
        with contextlib.suppress(SerializationError):
            read(data)
            return False
        return True
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 2_000_000


OPCODES = st.sampled_from(
    [
        *(bytes([code]) for code in b"()]}.NabQRstue\x85\x86\x87\x88\x89\x94\x93"),
        b"q\x00", b"q\x01", b"h\x00", b"h\x01", b"K\x01", b"K\x00",
        text("0"), text("cpu"), text("storage"), text("_metadata"), number(-1), number(2**80),
        ORDERED, storage(), View().code(), name("torch.FloatStorage"), name("torch._utils._rebuild_tensor_v2"),
        name("torch._utils._rebuild_parameter"), items(number(2), number(3)), items(number(3), number(1)),
    ]
)  # fmt: skip


@given(st.data())
@settings(max_examples=150)
def test_a_mutated_file_is_refused_or_read_as_plain_data(data):
    loads_or_refuses(mutated(data, SEED))


@given(st.data())
@settings(max_examples=150)
def test_a_mutated_pickle_is_refused_or_read_as_plain_data(data):
    entries = {f"data/{key}": numbers for key, numbers in ENCODER.storages.items()}
    loads_or_refuses(zipped({"data.pkl": mutated(data, PROGRAM), **entries}))


@given(st.lists(OPCODES, max_size=14))
@settings(max_examples=150)
def test_any_program_is_refused_or_read_as_plain_data(parts):
    loads_or_refuses(checkpoint(b"".join(parts)))


@given(st.binary(max_size=60))
def test_any_bytes_are_refused(data):
    assert loads_or_refuses(b"PK\x03\x04" + data)
    loads_or_refuses(zipped({"data.pkl": data}))


@pytest.mark.slow
@given(st.data())
@settings(max_examples=4000)
def test_thousands_of_mutated_files_are_refused_or_read(data):
    loads_or_refuses(mutated(data, SEED))


@pytest.mark.slow
@given(st.data())
@settings(max_examples=4000)
def test_thousands_of_mutated_pickles_are_refused_or_read(data):
    entries = {f"data/{key}": numbers for key, numbers in ENCODER.storages.items()}
    loads_or_refuses(zipped({"data.pkl": mutated(data, PROGRAM), **entries}))


@pytest.mark.slow
@given(st.lists(OPCODES, max_size=30))
@settings(max_examples=4000)
def test_thousands_of_programs_are_refused_or_read(parts):
    loads_or_refuses(checkpoint(b"".join(parts)))


# ---- written by PyTorch itself ---------------------------------------------------------------------------------------


def saved_by(torch, value, **options):
    file = io.BytesIO()
    torch.save(value, file, **options)
    return file.getvalue()


def compared(ours, theirs, torch):
    """Compare what was read with what PyTorch saved."""
    if isinstance(theirs, torch.Tensor):
        if theirs.dtype == torch.bfloat16:
            theirs = theirs.float()
        assert str(ours.dtype) == str(theirs.dtype)
        assert (ours.shape, ours.requires_grad) == (tuple(theirs.shape), theirs.requires_grad)
        assert ours.detach().numpy().tobytes() == theirs.detach().numpy().tobytes()
        assert ours.stride() == theirs.stride()
    elif isinstance(theirs, dict):
        assert type(ours) is type(theirs)
        assert list(ours) == list(theirs)
        for key in theirs:
            compared(ours[key], theirs[key], torch)
    elif isinstance(theirs, list | tuple):
        assert type(ours) is type(theirs)
        for a, b in zip(ours, theirs, strict=True):
            compared(a, b, torch)
    else:
        assert (type(ours), ours) == (type(theirs), theirs)


KINDS = "bool uint8 int8 int16 int32 int64 uint16 uint32 uint64 float16 bfloat16 float32 float64 complex64 complex128"


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_what_pytorch_saved_is_read_or_mapped(oracle, protocol, tmp_path):
    torch = oracle
    tensors = {kind: torch.arange(12).reshape(3, 4).to(getattr(torch, kind)) for kind in KINDS.split()}
    x = torch.arange(24.0).reshape(2, 3, 4)
    value = {
        "kinds": tensors,
        "views": [x, x[1], x[:, 1:, ::2], x.transpose(0, 2), x[0, 0, 0], x[:0], x.expand(2, 2, 3, 4), torch.tensor(3)],
        "parameter": torch.nn.Parameter(torch.ones(2)),
        "plain": (1, 2.5, "text", None, True, [2**70], OrderedDict(a=1)),
    }
    data = saved_by(torch, value, pickle_protocol=protocol)
    (tmp_path / "net.pt").write_bytes(data)
    for loaded in (read(data), load(tmp_path / "net.pt", mmap=True)):
        compared(loaded, value, torch)


def test_tensors_that_pytorch_shared_are_shared(oracle):
    x = oracle.arange(6.0)
    a, b = read(saved_by(oracle, [x, x[2:]]))
    a[2] = 9.0
    assert b.tolist() == [9, 3, 4, 5]


def test_a_network_and_an_optimizer_of_pytorch_are_read(oracle):
    net = oracle.nn.Sequential(oracle.nn.Conv2d(1, 2, 3), oracle.nn.BatchNorm2d(2), oracle.nn.Flatten())
    optimizer = oracle.optim.Adam(net.parameters(), lr=0.1)
    net(oracle.ones(2, 1, 4, 4)).sum().backward()
    optimizer.step()
    value = {"model": net.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}
    result = read(saved_by(oracle, value))
    compared(result, value, oracle)
    ours = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten())
    ours.load_state_dict(result["model"])
    x = np.random.default_rng(0).random((2, 1, 4, 4), np.float32)
    net.eval()
    ours.eval()
    assert np.allclose(ours(mt.tensor(x)).detach().numpy(), net(oracle.tensor(x)).detach().numpy(), atol=1e-6)


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda torch: torch.nn.Linear(1, 1), r"refers to torch\.nn\.modules\.linear\.Linear"),
        (lambda torch: torch.device("cpu"), r"refers to torch\.device"),
        (lambda torch: torch.ones(2).to_sparse(), r"refers to torch\._utils\._rebuild_sparse_tensor"),
        (lambda torch: torch.ones(2, dtype=torch.complex64).conj(), r"conjugate.*resolve_conj"),
        (lambda torch: torch.ones(2).to(torch.float8_e4m3fn), r"float8_e4m3fn"),
    ],
    ids=["module", "device", "sparse", "conjugate", "float8"],
)
def test_other_things_of_pytorch_are_refused_by_name(oracle, make, match):
    data = saved_by(oracle, {"x": make(oracle)})
    with pytest.raises(SerializationError, match=match):
        read(data)


def test_pytorchs_old_format_is_refused_with_advice(oracle):
    with pytest.raises(SerializationError, match=r"before PyTorch 1\.6"):
        read(saved_by(oracle, {"w": oracle.ones(1)}, _use_new_zipfile_serialization=False))
