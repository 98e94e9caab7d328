"""Saving and loading: round trips, agreement with the safetensors library, failed writes, damaged and hostile files."""

import contextlib
import io
import json
import os
import struct
import sys
import tracemalloc
from collections import OrderedDict, namedtuple
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minitorch as mt
from minitorch.backend import dtypes
from minitorch.backend.devices import device
from minitorch.serialization import SerializationError, load, save
from minitorch.tensor import Tensor
from minitorch.utils import safetensors as layout

KINDS = [d.numpy for d in dtypes.ALL]


def round_trip(obj):
    return load(io.BytesIO(saved(obj)))


def saved(obj):
    file = io.BytesIO()
    save(obj, file)
    return file.getvalue()


def same(a, b):
    """Equality of type, order, shape and every bit: nan equals nan, and -0.0 is not 0.0."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Tensor):
        return a.requires_grad == b.requires_grad and same(a.detach().numpy(), b.detach().numpy())
    if isinstance(a, np.ndarray | np.generic):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        pairs = zip(a.items(), b.items(), strict=True) if len(a) == len(b) else [((0, 0), (1, 1))]
        return all(same(k, l) and same(v, w) for (k, v), (l, w) in pairs)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, float):
        return struct.pack("d", a) == struct.pack("d", b) or (a != a and b != b)
    if isinstance(a, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    return a == b


ARRAYS = st.sampled_from(KINDS).flatmap(
    lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.complex_numbers()
    | st.text(st.characters(exclude_categories=()), max_size=5)
    | st.binary(max_size=5)
)
LEAVES = (
    SCALARS
    | ARRAYS
    | ARRAYS.map(lambda a: mt.from_numpy(a.copy()))
    | ARRAYS.filter(lambda a: a.size).map(lambda a: a.flat[0])
    | st.sampled_from([*dtypes.ALL, device("cpu"), device("cuda:1"), mt.Size([2, 3])])
)
KEYS = SCALARS.filter(lambda key: key == key)
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


# ---- round trips -----------------------------------------------------------------------------------------------------


@given(NESTED)
def test_load_gives_back_what_save_was_given(obj):
    assert same(round_trip(obj), obj)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3, 4)], ids=str)
def test_every_dtype_and_shape_comes_back(kind, shape):
    array = np.asarray(np.arange(np.prod(shape, dtype=int)).reshape(shape) * 1.5).astype(kind)
    assert same(round_trip([array, mt.from_numpy(array)]), [array, mt.from_numpy(array)])


@pytest.mark.parametrize(
    "n", [0, -1, 2**53 - 1, 2**53, -(2**53), 2**64, -(10**40), 7**6000], ids=lambda n: f"{n.bit_length()} bits"
)
def test_integers_of_any_size_come_back_exactly(n):
    assert round_trip({n: n}) == {n: n}


@pytest.mark.parametrize("x", [0.0, -0.0, 0.1, 5e-324, sys.float_info.max, float("inf"), float("-inf"), float("nan")])
def test_floats_come_back_to_the_last_bit(x):
    assert same(round_trip([x, complex(x, -x), np.float64(x)]), [x, complex(x, -x), np.float64(x)])


def test_keys_that_share_a_hash_by_nature_are_no_attack():
    powers = {2.0**k: k for k in range(-1074, 1024)}
    assert same(round_trip(powers), powers)


def test_the_order_of_keys_and_their_types_are_kept():
    obj = {"b": 1, "a": 2, 3: "int", "3": "text", 2.5: "float", True: "bool", None: "none", b"x": "bytes"}
    assert same(round_trip(obj), obj)
    assert list(round_trip(obj)) == list(obj)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4).T,
        np.arange(12.0)[::-2],
        np.asfortranarray(np.ones((2, 3), np.complex128)),
        np.arange(3, dtype=">i4"),
        np.broadcast_to(np.float32(2), (2, 3)),
    ],
    ids=["transposed", "negative stride", "column-major", "big-endian", "broadcast"],
)
def test_arrays_of_any_layout_are_saved_as_their_values(array):
    result = round_trip(array)
    assert np.array_equal(result, array)
    assert result.flags.writeable
    assert result.flags.c_contiguous
    assert result.dtype.isnative


def test_views_and_shared_tensors_are_saved_as_their_values_and_come_back_apart():
    x = mt.arange(6.0).reshape(2, 3)
    a, b, row = round_trip([x, x, x[1]])
    a[0, 0] = 99.0
    assert b.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert row.tolist() == [3, 4, 5]
    assert len(saved(x[1])) < len(saved(x))


def test_a_loaded_tensor_is_an_ordinary_leaf():
    x = mt.tensor([1.0, 2.0], requires_grad=True)
    w, inner = round_trip([x, x * 2])
    assert (w.requires_grad, w.is_leaf, inner.is_leaf) == (True, True, True)
    (w * w).sum().backward()
    assert w.grad.tolist() == [2, 4]
    assert not round_trip(mt.tensor([1.0])).requires_grad


def test_a_loaded_tensor_shares_nothing_with_what_was_saved():
    x = mt.tensor([1.0])
    y = round_trip(x)
    x[0] = 5.0
    assert y.item() == 1.0


def test_map_location_takes_a_string_or_a_device():
    data = saved({"w": mt.ones(2)})
    for where in ("cpu", mt.device("cpu")):
        assert load(io.BytesIO(data), map_location=where)["w"].device == mt.device("cpu")
    with pytest.raises(RuntimeError, match="device type"):
        load(io.BytesIO(data), map_location="nowhere")
    with pytest.raises(TypeError, match="device"):
        load(io.BytesIO(data), map_location=3.5)


def test_map_location_takes_a_dict_or_a_function_of_the_tensor_and_its_place():
    data = ours([{"tensor": ["a", {"device": "strict:7"}]}, {"tensor": ["b"]}], a=tensor(0, 0), b=tensor(0, 0))
    moved = load(io.BytesIO(data), map_location={"strict:7": mt.device("cpu")})
    assert [x.device.type for x in moved] == ["cpu", "cpu"]
    asked = []
    load(io.BytesIO(data), map_location=lambda storage, place: asked.append(place) or storage)
    assert asked == ["strict:7", "cpu"]
    with pytest.raises(RuntimeError, match=r"strict:7.*map_location='cpu'"):
        load(io.BytesIO(data), map_location={"cpu": "cpu"})
    with pytest.raises(RuntimeError, match=r"strict:7.*map_location='cpu'"):
        load(io.BytesIO(data), map_location=lambda storage, place: None)
    for wrong, match in ((lambda storage, place: 3, "got 3"), (lambda storage: storage, "raised TypeError")):
        with pytest.raises(RuntimeError, match=f"load: map_location.*{match}") as caught:
            load(io.BytesIO(data), map_location=wrong)
        assert type(caught.value) is RuntimeError


def test_tensors_go_back_to_their_device_or_where_map_location_says(device):
    x = mt.arange(6.0).reshape(2, 3).to(device).t().requires_grad_()
    data = saved({"x": x})
    for where, expected in ((None, device), ("cpu", mt.device("cpu")), (device, device)):
        y = load(io.BytesIO(data), map_location=where)["x"]
        assert y.device == expected
        assert y.requires_grad
        assert y.detach().cpu().tolist() == [[0, 3], [1, 4], [2, 5]]


def test_a_device_that_is_not_there_is_named_with_a_way_out():
    data = ours({"tensor": ["a", {"device": "strict:7"}]}, a=tensor(0, 0))
    with pytest.raises(RuntimeError, match="map_location='cpu'"):
        load(io.BytesIO(data))
    assert load(io.BytesIO(data), map_location="cpu").tolist() == []


def test_weights_only_is_accepted():
    assert load(io.BytesIO(saved([1])), weights_only=True) == load(io.BytesIO(saved([1])), weights_only=False) == [1]


# ---- the file --------------------------------------------------------------------------------------------------------


def test_the_names_in_the_file_are_the_paths_in_the_object():
    file = io.BytesIO(saved({"net": {"w": mt.ones(2)}, "list": [mt.ones(1)]}))
    arrays, metadata = layout.read(file, "the file")
    assert set(arrays) == {"net.w", "list.0"}
    assert json.loads(metadata["minitorch"])["version"] == 1


def test_paths_that_would_have_one_name_stay_apart():
    obj = {
        "a.b": mt.tensor(1),
        "a": {"b": mt.tensor(2)},
        "__metadata__": mt.tensor(3),
        "\ud800": mt.tensor(4),
        "?": mt.tensor(5),
    }
    assert same(round_trip(obj), obj)


def test_a_file_object_is_written_and_read_where_it_stands():
    file = io.BytesIO()
    file.write(b"before")
    save({"x": 1}, file)
    file.seek(6)
    assert load(file) == {"x": 1}


def test_a_stream_that_cannot_seek_is_read():
    class Pipe:
        def __init__(self, data):
            self.data = io.BytesIO(data)

        def read(self, n=-1):
            return self.data.read(n)

    assert load(Pipe(saved([mt.ones(3), 2])))[0].tolist() == [1, 1, 1]


@pytest.mark.parametrize("kind", [str, Path])
def test_a_path_may_be_a_string_or_a_path(tmp_path, kind):
    path = kind(tmp_path / "x.safetensors")
    save({"a": 1}, path)
    assert load(path) == {"a": 1}


def test_text_files_and_other_things_are_refused(tmp_path):
    with pytest.raises(TypeError, match="mode 'wb'"):
        save(1, io.StringIO())
    with pytest.raises(TypeError, match="mode 'rb'"):
        load(io.StringIO("x"))
    with pytest.raises(TypeError, match="path or a binary file"):
        save(1, 5)
    with pytest.raises(TypeError, match="path or a file"):
        load(5)


# ---- what cannot be saved --------------------------------------------------------------------------------------------

Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        (lambda: 0, "a function"),
        (object(), "object"),
        ({1, 2}, "set"),
        (Point(1, 2), "Point"),
        (np.array([None]), "dtype object"),
        (np.array(["a"]), "dtype <U1"),
        (np.ma.array([1.0], mask=[True]), "MaskedArray"),
        (np.datetime64("2020-01-01"), "datetime64"),
        (type("MyInt", (int,), {})(3), "MyInt"),
    ],
    ids=["function", "object", "set", "namedtuple", "objects", "strings", "masked", "date", "subclass"],
)
def test_what_cannot_be_saved_is_named_by_its_place(bad, what):
    with pytest.raises(TypeError, match=r"obj\['optimizer'\]\['hooks'\]\[1\]") as caught:
        save({"optimizer": {"hooks": [1, bad]}}, io.BytesIO())
    assert what in str(caught.value)


def test_a_key_that_cannot_be_saved_is_named():
    with pytest.raises(TypeError, match=r"obj\['a'\] has the key \(1, 2\)"):
        save({"a": {(1, 2): 3}}, io.BytesIO())


def test_a_container_that_contains_itself_is_refused():
    loop = {"a": []}
    loop["a"].append(loop)
    with pytest.raises(ValueError, match=r"obj\['a'\]\[0\] contains itself"):
        save(loop, io.BytesIO())


def test_one_list_in_two_places_is_no_loop():
    shared = [1]
    assert round_trip([shared, shared]) == [[1], [1]]


@pytest.mark.parametrize("wrap", [lambda x: [x], lambda x: {"k": x}, lambda x: (x,)], ids=["list", "dict", "tuple"])
def test_nesting_is_allowed_to_a_depth_of_100_and_refused_beyond(wrap):
    obj = 1
    for _ in range(100):
        obj = wrap(obj)
    assert same(round_trip(obj), obj)
    with pytest.raises(ValueError, match="more than 100"):
        save(wrap(obj), io.BytesIO())


# ---- a failed save leaves the old file -------------------------------------------------------------------------------


class Broken(Exception):
    pass


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_save_that_fails_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch, call):
    path = tmp_path / "model.safetensors"
    save({"version": 1, "w": mt.zeros(3)}, path)
    before = path.read_bytes()

    def fail(*args):
        raise Broken

    def half(file, arrays, metadata):
        file.write(b"half a header")
        fail()

    if call == "write":
        monkeypatch.setattr("minitorch.serialization.write", half)
    else:
        monkeypatch.setattr(os, call, fail)
    with pytest.raises(Broken):
        save({"version": 2, "w": mt.ones(3)}, path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["model.safetensors"]


def test_an_object_that_cannot_be_saved_leaves_the_old_file(tmp_path):
    path = tmp_path / "x"
    save(1, path)
    with pytest.raises(TypeError):
        save([1, object()], path)
    assert load(path) == 1
    assert os.listdir(tmp_path) == ["x"]


def test_a_new_file_has_the_permissions_of_an_ordinary_one(tmp_path):
    save(1, tmp_path / "a")
    (tmp_path / "b").write_bytes(b"")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_saving_through_a_link_keeps_the_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "file")
    save(1, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert load(tmp_path / "file") == 1


def test_a_directory_and_a_missing_directory_are_refused(tmp_path):
    with pytest.raises(IsADirectoryError, match="is a directory"):
        save(1, tmp_path)
    with pytest.raises(FileNotFoundError, match="create it first"):
        save(1, tmp_path / "no" / "x")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_or_a_device_is_refused_and_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="not a regular file"):
        save(1, tmp_path / "pipe")
    assert (tmp_path / "pipe").is_fifo()


# ---- damaged and hostile files ---------------------------------------------------------------------------------------


def made(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def tensor(begin, end, dtype="U8", shape=None):
    return {"dtype": dtype, "shape": [end - begin] if shape is None else shape, "data_offsets": [begin, end]}


def ours(obj, **more):
    return made({"__metadata__": {"minitorch": json.dumps({"version": 1, "object": obj})}, **more})


HOSTILE = {
    "empty": b"",
    "truncated length": b"\x08\0\0",
    "no header": (2).to_bytes(8, "little"),
    "header longer than the file": (2**63).to_bytes(8, "little") + b"{}",
    "header of all the memory": b"\xff" * 8 + b"{}",
    "header of 90 megabytes": (90_000_000).to_bytes(8, "little") + b"{}",
    "truncated, with the first byte of a pickle": (0x680).to_bytes(8, "little") + b"{}",
    "not JSON": made(b"{hello}"),
    "not an object": made(b"[1, 2]"),
    "not UTF-8": made(b'{"\xff": 1}'),
    "NaN": made(b'{"a": NaN}'),
    "nested too deep": made(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "a number of a million digits": made(b'{"a":' + b"1" * 1_000_000 + b"}"),
    "a name twice": made(
        b'{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'
    ),
    "entry is no object": made({"a": 5}),
    "entry without a shape": made({"a": {"dtype": "U8", "data_offsets": [0, 0]}}),
    "entry with more": made({"a": {**tensor(0, 0), "more": 1}}),
    "unknown dtype": made({"a": tensor(0, 1, "F8_E4M3")}, b"1"),
    "dtype is a list": made({"a": tensor(0, 1, ["U8"])}, b"1"),
    "negative size": made({"a": tensor(0, 1, shape=[-1])}, b"1"),
    "negative sizes whose product fits": made({"a": tensor(0, 1, shape=[-1, -1])}, b"1"),
    "size is a float": made({"a": tensor(0, 1, shape=[1.0])}, b"1"),
    "size is true": made({"a": tensor(0, 1, shape=[True])}, b"1"),
    "sizes that overflow": made({"a": tensor(0, 1, shape=[2**32, 2**32])}, b"1"),
    "sizes that overflow to nothing": made({"a": tensor(0, 0, shape=[2**62, 2**62, 0])}),
    "more bytes than the file": made({"a": tensor(0, 2**40)}, b"1"),
    "beyond the end": made({"a": tensor(1, 2)}, b"1"),
    "begin after end": made({"a": tensor(1, 0, shape=[0])}, b"1"),
    "three offsets": made({"a": {**tensor(0, 1), "data_offsets": [0, 1, 1]}}, b"1"),
    "overlapping": made({"a": tensor(0, 2), "b": tensor(1, 3)}, b"123"),
    "the same bytes twice": made({"a": tensor(0, 2), "b": tensor(0, 2)}, b"12"),
    "a gap": made({"a": tensor(0, 1), "b": tensor(2, 3)}, b"123"),
    "bytes that belong to nothing": made({"a": tensor(0, 1)}, b"123"),
    "shape and offsets disagree": made({"a": tensor(0, 3, shape=[2])}, b"123"),
    "boolean of 2": made({"a": tensor(0, 1, "BOOL")}, b"\2"),
    "65 dimensions": made({"a": tensor(0, 1, shape=[1] * 65)}, b"1"),
    "so many dimensions that their product takes minutes": made({"a": tensor(0, 1, shape=[2**62] * 100_000)}, b"1"),
    "metadata is a list": made({"__metadata__": []}),
    "metadata of numbers": made({"__metadata__": {"a": 1}}),
    "structure is no JSON": made({"__metadata__": {"minitorch": "{"}}),
    "structure is a list": made({"__metadata__": {"minitorch": "[]"}}),
    "structure of another version": made({"__metadata__": {"minitorch": '{"version": 2, "object": 1}'}}),
    "structure nested too deep": made(
        {"__metadata__": {"minitorch": '{"version":1,"object":' + "[" * 100_000 + "]" * 100_000 + "}"}}
    ),
    "unknown tag": ours({"function": "os.system"}),
    "two tags": ours({"int": "1", "float": "1"}),
    "int is no number": ours({"int": "zz"}),
    "int is a list": ours({"int": [1]}),
    "dict is no list": ours({"dict": 5}),
    "dict with integers made to collide": ours({"dict": [[k * (2**61 - 1), 1] for k in range(1000)]}),
    "dict with complex numbers made to collide": ours(
        {"dict": [[{"complex": [-1000003 * k, k]}, 1] for k in range(1000)]}
    ),
    "complex number beyond the floats": ours({"complex": [1, 10**400]}),
    "dict of triples": ours({"dict": [[1, 2, 3]]}),
    "dict with a list as key": ours({"dict": [[[1], 2]]}),
    "dict with a tuple as key": ours({"dict": [[{"tuple": [1]}, 2]]}),
    "dict with a key twice": ours({"dict": [["a", 1], ["a", 2]]}),
    "tensor that is not there": ours({"tensor": ["a"]}),
    "tensor used twice": ours([{"tensor": ["a"]}, {"tensor": ["a"]}], a=tensor(0, 0)),
    "tensor not used": ours(1, a=tensor(0, 0)),
    "tensor without a name": ours({"tensor": []}),
    "tensor with an object as name": ours({"tensor": [{}]}),
    "tensor of integers with gradients": ours({"tensor": ["a", {"requires_grad": True}]}, a=tensor(0, 0)),
    "tensor on no device": ours({"tensor": ["a", {"device": "nowhere"}]}, a=tensor(0, 0)),
    "complex128 of bytes": ours({"array": ["a", "complex128"]}, a=tensor(0, 0)),
    "no such dtype": ours({"dtype": "float7"}),
    "no such device": ours({"device": "moon"}),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_damaged_or_hostile_file_is_refused_by_name(tmp_path, data):
    path = tmp_path / "the_file.safetensors"
    path.write_bytes(data)
    with pytest.raises(SerializationError, match=r"the_file\.safetensors cannot be loaded: .{10}"):
        load(path)


@pytest.mark.parametrize("name", ["header of 90 megabytes", "more bytes than the file", "sizes that overflow"])
def test_a_hostile_header_costs_no_memory(tmp_path, name):
    (tmp_path / "x").write_bytes(HOSTILE[name])
    tracemalloc.start()
    with pytest.raises(SerializationError):
        load(tmp_path / "x")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


MESSAGES = {
    "shape and offsets disagree": r"tensor 'a' of shape \[2\] and dtype U8 makes 2 bytes, data_offsets say 3",
    "negative sizes whose product fits": "shape must be a list of whole numbers from 0 on",
    "more bytes than the file": "lies at bytes 0 to 1099511627776 of the data, of which there are 1: truncated",
    "three offsets": "3 data_offsets, not 2",
    "65 dimensions": "tensor 'a' has 65 dimensions, more than 64",
    "dict with integers made to collide": "keys made to collide",
    "empty": "truncated or empty: 0 bytes",
    "truncated, with the first byte of a pickle": "truncated or no safetensors file: its header should have 1664 bytes",
    "not an object": "does not begin with {",
    "a name twice": "the name 'a' comes twice",
    "unknown tag": "not known: {'function': 'os.system'}",
    "structure of another version": "a newer minitorch may read it",
    "tensor not used": "the tensor 'a' has no place",
}


@pytest.mark.parametrize("name", MESSAGES)
def test_the_message_says_what_is_wrong(name):
    with pytest.raises(SerializationError, match=MESSAGES[name]):
        load(io.BytesIO(HOSTILE[name]))


@given(st.data())
def test_a_mutated_file_is_refused_or_loads_as_plain_data(data):
    whole = saved({"w": mt.ones(2, 2), "c": np.ones(1, complex), "n": [1, (2.5, "x")], "b": b"12", "i": 2**60})
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 3))):
        where = data.draw(st.integers(0, len(damaged) - 1))
        damaged[where] = data.draw(st.integers(0, 255))
    damaged = damaged[: data.draw(st.integers(0, len(damaged)) | st.just(len(damaged)))]
    with contextlib.suppress(SerializationError):
        load(io.BytesIO(bytes(damaged)))


TAGS = [
    "int",
    "float",
    "complex",
    "tuple",
    "Size",
    "dict",
    "OrderedDict",
    "state_dict",
    "tensor",
    "array",
    "scalar",
    "bytes",
    "dtype",
    "device",
]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["a", "", "1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(TAGS), inner, min_size=1, max_size=1)
        | st.dictionaries(st.sampled_from(["device", "requires_grad", "complex128"]), inner, max_size=2)
        | st.builds(lambda tag, more: {tag: ["a", *more]}, st.sampled_from(TAGS), st.lists(inner, max_size=2))
    ),
    max_leaves=8,
)


@given(JSON, st.sampled_from(["U8", "F64", "C64"]))
def test_any_structure_is_refused_or_loads_as_plain_data(structure, dtype):
    with contextlib.suppress(SerializationError):
        load(io.BytesIO(ours(structure, a=tensor(0, 0, dtype, [0, 2]))))


@given(JSON)
def test_any_header_is_refused_or_loads_as_plain_data(entry):
    with contextlib.suppress(SerializationError):
        load(io.BytesIO(made({"a": entry})))


@given(st.integers(0, 400))
def test_every_truncation_is_refused(n):
    whole = saved({"w": mt.ones(2, 2), "b": b"12"})
    if n < len(whole):
        with pytest.raises(SerializationError):
            load(io.BytesIO(whole[:n]))


def test_a_missing_file_is_file_not_found(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "no.safetensors")


@pytest.mark.parametrize("length", [0x80, 0x280, 0x580, 0x4B50])
def test_a_header_whose_length_looks_like_a_pickle_or_zip_is_read(length):
    text = json.dumps({"a": tensor(0, 1)}).encode().ljust(length)
    assert load(io.BytesIO(made(text, b"\7")))["a"].tolist() == [7]


# ---- the safetensors library -----------------------------------------------------------------------------------------


@pytest.fixture
def library():
    return pytest.importorskip("safetensors.numpy", reason="the safetensors library is not installed")


FLAT = st.dictionaries(
    st.text(max_size=4),
    ARRAYS.filter(lambda a: a.dtype != np.complex128),
    max_size=4,
)


@given(FLAT)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_our_bytes_equal_those_of_the_safetensors_library(library, arrays):
    file = io.BytesIO()
    layout.write(file, {name: layout.little_endian(array) for name, array in arrays.items()}, {"k": 'v"\n\x01é'})
    assert file.getvalue() == library.save(arrays, {"k": 'v"\n\x01é'})


@given(FLAT)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_we_read_what_the_safetensors_library_writes(library, arrays):
    loaded = load(io.BytesIO(library.save(arrays)))
    assert loaded.keys() == arrays.keys()
    assert all(same(loaded[name].numpy(), array) for name, array in arrays.items())


def test_the_safetensors_library_reads_what_save_writes(library):
    obj = {
        "net": OrderedDict(weight=mt.ones(2, 3), bias=mt.zeros(2)),
        "epoch": 3,
        "lrs": (0.1, float("inf")),
        "z": np.ones(2, complex),
    }
    arrays = library.load(saved(obj))
    assert set(arrays) == {"net.weight", "net.bias", "z"}
    assert arrays["net.weight"].tolist() == [[1, 1, 1]] * 2
    assert arrays["z"].shape == (2, 2)


def test_files_of_pytorch_load_with_bfloat16_widened(library, oracle):
    torch = oracle
    from safetensors.torch import save as torch_save

    given = {"a": torch.arange(6.0).reshape(2, 3), "h": torch.ones(2, dtype=torch.float16), "i": torch.tensor(3)}
    given["b"] = torch.tensor([1.0, -0.0, 3.14159, float("inf"), 1e-40], dtype=torch.bfloat16)
    loaded = load(io.BytesIO(torch_save(given)))
    assert loaded["b"].dtype == mt.float32
    for name, value in given.items():
        assert loaded[name].tolist() == value.tolist()
