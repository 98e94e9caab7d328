"""Every reader of files against damaged and hostile ones: the documented exception or plain data, and little memory.

A few hundred files a reader by default, thousands with `-m slow`; those of a process of its own have a limit on all of
its memory, which `tracemalloc` cannot see in libraries written in C.
"""

import gzip
import io
import os
import random
import struct
import subprocess
import sys
import textwrap
import tracemalloc
import warnings
import zlib
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minitorch as mt
from minitorch.serialization import SerializationError, load, save
from minitorch.utils import safetensors
from minitorch.utils.curves import read_curves
from minitorch.vision.datasets import pil_loader, read_cifar10, read_idx

from . import torch_format

ROOT = Path(__file__).resolve().parents[1]
MOST = 4_000_000  # bytes that reading a damaged file of a few kB may take
HUGE = [0, 1, 0x7F, 0xFF, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**62, 2**63 - 1, 2**63, 2**64 - 1]
WORDS = [b"[", b"]", b"{", b"}", b'"', b":", b",", b"-1", b"1e999", b"9" * 30, b"null", b"\x00", b"\xff", b"PK\x03\x04"]


# ---- how files are damaged -------------------------------------------------------------------------------------------


def damaged(rng: random.Random, wholes: list[bytes]) -> bytes:
    """Return one of the files with one to four damages."""
    result = bytearray(rng.choice(wholes))
    for _ in range(rng.randint(1, 4)):
        rng.choice(DAMAGES)(rng, result, wholes)
    return bytes(result)


def flip(rng, data, wholes):
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def overwrite(rng, data, wholes):
    """A number that may be taken for a size, at any place, in either byte order."""
    number, size = rng.choice(HUGE), rng.choice([1, 2, 4, 8])
    where = rng.randrange(len(data) + 1)
    data[where : where + size] = (number % 256**size).to_bytes(size, rng.choice(["little", "big"]))


def cut(rng, data, wholes):
    del data[rng.randrange(len(data) + 1) :]


def delete(rng, data, wholes):
    where = rng.randrange(len(data) + 1)
    del data[where : where + rng.randint(1, 40)]


def splice(rng, data, wholes):
    """A piece of one of the files, at any place."""
    other = rng.choice(wholes)
    start, where = rng.randrange(len(other) + 1), rng.randrange(len(data) + 1)
    data[where : where + rng.choice([0, 40])] = other[start : start + rng.randint(1, 80)]


def insert(rng, data, wholes):
    where = rng.randrange(len(data) + 1)
    data[where:where] = rng.choice(WORDS) * rng.choice([1, 1, 1, 500])


DAMAGES = [flip, flip, overwrite, overwrite, cut, delete, splice, insert]


# ---- what is damaged -------------------------------------------------------------------------------------------------


class Reader(NamedTuple):
    """A function of a path, the only exception that it may raise, and whole files for it."""

    read: Callable[[str], Any]
    refusal: type[Exception]
    wholes: Callable[[], list[bytes]]


def of_minitorch():
    values = {
        "model": OrderedDict(w=mt.ones(3, 2), b=mt.zeros(2, dtype=mt.float64)), "c": np.ones(2, complex),
        "n": [1, (2.5, "x"), None, True, 2**60, float("inf")], "b": b"12", "t": mt.float32, "d": mt.device("cpu"),
    }  # fmt: skip
    return [_bytes(save, value) for value in (values, [mt.arange(4)], {"a": {"b": {"c": 1}}}, mt.Size([2, 3]))]


def of_safetensors():
    kinds = ["float32", "float16", "int64", "uint8", "bool", "complex64"]
    tensors = {f"layer.{kind}": mt.ones(2, 3, dtype=getattr(mt, kind)) for kind in kinds}
    brain = b'{"w":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}'
    return [safetensors.save(tensors, {"made": "here"}), len(brain).to_bytes(8, "little") + brain + b"\0\1\2\3"]


def of_torch():
    state = OrderedDict(w=np.arange(6.0).reshape(2, 3), b=np.array([True]), c=np.zeros(0, "<f4"), h=np.ones(3, "<f2"))
    return [torch_format.encoded(value) for value in (state, {"n": [1, (2.5, "x"), None], "i": 2**60})]


def of_idx():
    pictures = np.arange(60, dtype=np.uint8).reshape(3, 4, 5)
    plain = b"\0\0\x08\x03" + struct.pack(">3I", 3, 4, 5) + pictures.tobytes()
    return [plain, gzip.compress(plain, mtime=0), b"\0\0\x0e\x01" + struct.pack(">I2d", 2, 1.0, 2.0)]


def of_cifar():
    return [bytes([label]) + bytes(3072) for label in (0, 9)] + [(bytes([3]) + bytes(3072)) * 2]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def of_png():
    """A grey and a coloured picture, 7 by 9 pixels, put together by hand."""
    result = []
    for colour, channels in ((0, 1), (2, 3)):
        rows = b"".join(b"\0" + bytes(range(7 * channels)) for _ in range(9))
        header = chunk(b"IHDR", struct.pack(">2I5B", 7, 9, 8, colour, 0, 0, 0))
        body = chunk(b"tEXt", b"Title\0x") + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
        result.append(b"\x89PNG\r\n\x1a\n" + header + body)
    return result


def of_csv():
    return [b'tag,step,value\nloss/train,0,2.5\n"a,b",-1,nan\nloss,1,1e-300\n']


def _bytes(write, value):
    file = io.BytesIO()
    write(value, file)
    return file.getvalue()


READERS = {
    "minitorch": Reader(load, SerializationError, of_minitorch),
    "minitorch, mapped": Reader(partial(load, mmap=True), SerializationError, of_minitorch),
    "safetensors": Reader(safetensors.load_file, SerializationError, of_safetensors),
    "safetensors, mapped": Reader(partial(load, mmap=True), SerializationError, of_safetensors),
    "torch.save": Reader(load, SerializationError, of_torch),
    "torch.save, mapped": Reader(partial(load, mmap=True), SerializationError, of_torch),
    "idx": Reader(read_idx, RuntimeError, of_idx),
    "CIFAR": Reader(read_cifar10, RuntimeError, of_cifar),
    "PNG": Reader(pil_loader, RuntimeError, of_png),
    "CSV": Reader(read_curves, ValueError, of_csv),
}


def attempt(reader: Reader, path: str, data: bytes) -> bool:
    """Read a file; tell whether it was refused, with its name.  Any other exception comes through."""
    Path(path).write_bytes(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of some damages before it gives up, or does not
            reader.read(path)
    except reader.refusal as error:
        if type(error) is reader.refusal and path in str(error):
            return True
        raise AssertionError("refused by something else, or without the file's name") from error
    return False


# ---- the tests -------------------------------------------------------------------------------------------------------


def refused_or_read(name: str, directory: Path, rng: random.Random) -> None:
    reader = READERS[name]
    data = damaged(rng, reader.wholes())
    tracemalloc.start()
    try:
        attempt(reader, str(directory / "it"), data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST + 50 * len(data)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@pytest.fixture(params=READERS)
def name(request):
    if request.param == "PNG":
        pytest.importorskip("PIL", reason="Pillow is not installed")
    return request.param


def test_whole_files_are_read(name, place):
    for data in READERS[name].wholes():
        assert not attempt(READERS[name], str(place / "it"), data)


def test_damaged_files_are_refused_by_name_or_read(name, place):
    @given(st.randoms(use_true_random=False))
    def check(rng):
        refused_or_read(name, place, rng)

    check()


@pytest.mark.slow
def test_thousands_of_damaged_files_are_refused_by_name_or_read(name, place):
    @given(st.randoms(use_true_random=False))
    @settings(max_examples=3000)
    def check(rng):
        refused_or_read(name, place, rng)

    check()


LIMITED = """
    import random, resource, sys
    from tests.test_fuzz import READERS, attempt, damaged
    name, path, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    reader = READERS[name]
    wholes = reader.wholes()
    for data in wholes:
        attempt(reader, path, data)  # imports what it needs
    pages = int(open("/proc/self/statm").read().split()[0])
    limit = pages * resource.getpagesize() + 400_000_000
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    refused = 0
    for seed in range(count):
        try:
            refused += attempt(reader, path, damaged(random.Random(seed), wholes))
        except BaseException as error:
            raise SystemExit(f"file number {seed}: {type(error).__name__}: {error}") from error
    print(refused)
"""


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="memory is read from /proc")
def test_thousands_of_damaged_files_are_read_in_little_memory(name, place):
    count = 5000
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(LIMITED), name, str(place / "it"), str(count)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=600,
    )
    assert result.stderr == ""
    assert 0 < int(result.stdout) <= count
    print(f"{name}: {result.stdout.strip()} of {count} refused")
