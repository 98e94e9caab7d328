"""Data sets of pictures: the shipped digits, the idx and CIFAR readers, damaged files, downloads that go wrong.

With the environment variable MINITORCH_DATA (a directory with MNIST/raw in it) the real MNIST is read too.
"""

import contextlib
import gzip
import hashlib
import http.server
import io
import os
import re
import struct
import tarfile
import threading
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minitorch as mt
from minitorch.utils.data import DataLoader
from minitorch.vision import datasets, transforms
from minitorch.vision.datasets import CIFAR10, MNIST, Digits, FashionMNIST, read_cifar10, read_idx
from minitorch.vision.datasets.idx import parse_idx

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}
RNG = np.random.default_rng(0)
PICTURES = RNG.integers(0, 256, (7, 4, 5), dtype=np.uint8)
LABELS = np.array([3, 1, 4, 1, 5, 9, 2], np.uint8)


def idx(array):
    header = bytes([0, 0, CODES[array.dtype.str[1:]], array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


FILES = {
    "train-images-idx3-ubyte.gz": gzip.compress(idx(PICTURES), mtime=0),
    "train-labels-idx1-ubyte.gz": gzip.compress(idx(LABELS), mtime=0),
    "t10k-images-idx3-ubyte.gz": gzip.compress(idx(PICTURES[:3]), mtime=0),
    "t10k-labels-idx1-ubyte.gz": gzip.compress(idx(LABELS[:3]), mtime=0),
}


class Tiny(MNIST):
    """MNIST with seven pictures."""

    resources = [(name, hashlib.md5(data).hexdigest()) for name, data in FILES.items()]  # noqa: RUF012
    mirrors = []  # noqa: RUF012


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "Tiny" / "raw"
    folder.mkdir(parents=True)
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    return tmp_path


# ---- digits ----------------------------------------------------------------------------------------------------------


def test_the_digits_are_those_of_uci():
    digits = Digits()
    assert len(digits) == 1797
    assert digits.data.shape == (1797, 8, 8)
    assert (digits.data.dtype, digits.targets.dtype) == (mt.uint8, mt.int64)
    assert np.bincount(digits.targets.numpy()).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert int(digits.data.numpy().sum(dtype=int)) == 561_718
    rows = np.hstack([digits.data.numpy().reshape(-1, 64), digits.targets.numpy()[:, None]]).astype(np.uint8)
    assert (
        hashlib.sha256(rows.tobytes()).hexdigest() == "68aea062d35a127749050fa0e52dca09d6569ac08092c925610e0954e172dde2"
    )


def test_the_digits_split_without_overlap_and_by_class():
    train, test, both = Digits(train=True), Digits(train=False), Digits()
    assert (len(train), len(test)) == (1442, 355)
    assert np.bincount(test.targets.numpy()).tolist() == [35, 36, 35, 36, 36, 36, 36, 35, 34, 36]
    joined = [row.tobytes() for part in (train, test) for row in part.data.numpy()]
    assert sorted(joined) == sorted(row.tobytes() for row in both.data.numpy())


def test_a_digit_is_an_ordinary_grey_picture():
    digits = Digits()
    picture, label = digits[5]
    assert (picture.dtype, picture.shape, type(label)) == (np.uint8, (8, 8), int)
    tensor = Digits(transform=transforms.ToTensor())[5][0]
    assert tensor.shape == (1, 8, 8)
    assert np.abs(tensor.numpy()[0] - digits.data.numpy()[5] / 16).max() <= 0.5 / 255 + 1e-7
    assert tensor.numpy().max() == 1.0


def test_the_licence_of_the_digits_lies_beside_them():
    text = Path(datasets.__file__).with_name("digits.LICENSE.txt").read_text()
    assert "CC BY 4.0" in text
    assert "Alpaydin and C. Kaynak" in text


def test_digits_refuse_a_root():
    with pytest.raises(TypeError, match="need no root"):
        Digits("data")


# ---- MNIST -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unpack", [False, True], ids=["gzipped", "unpacked"])
def test_mnist_reads_gzipped_and_unpacked_files(root, unpack):
    if unpack:
        for path in (root / "Tiny" / "raw").iterdir():
            path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
            path.unlink()
    train, test = Tiny(root), Tiny(str(root), train=False)
    assert (len(train), len(test)) == (7, 3)
    assert np.array_equal(train.data.numpy(), PICTURES)
    assert train.targets.tolist() == LABELS.tolist()
    assert (train.data.dtype, train.targets.dtype) == (mt.uint8, mt.int64)
    assert np.array_equal(test.data.numpy(), PICTURES[:3])


def test_items_are_a_picture_and_an_int_and_transforms_apply(root):
    picture, label = Tiny(root)[2]
    assert (type(picture), picture.dtype, picture.shape) == (np.ndarray, np.uint8, (4, 5))
    assert np.array_equal(picture, PICTURES[2])
    assert (label, type(label)) == (4, int)
    both = Tiny(root, transform=transforms.ToTensor(), target_transform=lambda y: -y)[-1]
    assert both[0].shape == (1, 4, 5)
    assert both[1] == -2
    with pytest.raises(IndexError):
        Tiny(root)[7]


def test_writing_into_a_picture_does_not_touch_the_data(root):
    data = Tiny(root)
    data[0][0][...] = 0
    assert np.array_equal(data[0][0], PICTURES[0])


def test_a_loader_makes_batches_of_pictures(root):
    compose = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.25,))])
    images, labels = next(iter(DataLoader(Tiny(root, transform=compose), batch_size=4)))
    assert images.shape == (4, 1, 4, 5)
    assert (images.dtype, labels.dtype) == (mt.float32, mt.int64)
    assert labels.tolist() == LABELS[:4].tolist()
    assert np.allclose(images.numpy()[:, 0], (PICTURES[:4] / 255 - 0.5) / 0.25, atol=1e-6)


def test_classes_and_their_numbers():
    assert MNIST.classes[3] == "3 - three"
    assert FashionMNIST.classes[9] == "Ankle boot"
    assert Digits().class_to_idx["7"] == 7
    assert len(CIFAR10.classes) == len(MNIST.classes) == len(FashionMNIST.classes) == 10


def test_data_sets_print_as_torchvisions(root):
    assert repr(Tiny(root)) == (
        f"Dataset Tiny\n    Number of datapoints: 7\n    Root location: {root}\n    Split: Train"
    )
    compose = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    assert repr(Tiny(root, train=False, transform=compose)) == (
        f"Dataset Tiny\n    Number of datapoints: 3\n    Root location: {root}\n    Split: Test\n"
        "    StandardTransform\n"
        "Transform: Compose(\n"
        "               ToTensor()\n"
        "               Normalize(mean=(0.1307,), std=(0.3081,))\n"
        "           )"
    )
    assert repr(Digits()) == "Dataset Digits\n    Number of datapoints: 1797\n    Split: All"


def test_a_transform_that_is_no_function_is_refused(root):
    with pytest.raises(TypeError, match="Tiny: target_transform must be a function, got int"):
        Tiny(root, target_transform=3)


def test_files_that_are_not_there_are_named(tmp_path):
    with pytest.raises(RuntimeError, match=r"train-images-idx3-ubyte\.gz.*MNIST.*raw.*download=True"):
        MNIST(tmp_path)


def damage(name, data, root):
    path = root / "Tiny" / "raw" / name
    path.write_bytes(data)
    return path


GOOD = FILES["train-images-idx3-ubyte.gz"]
FLIPPED = GOOD[:60] + bytes([GOOD[60] ^ 1]) + GOOD[61:]


@pytest.mark.parametrize(
    "data",
    [b"", GOOD[:-1], GOOD[:50], FLIPPED, GOOD + b"x", b"<html>busy</html>", gzip.compress(idx(PICTURES[:5]))],
    ids=["empty", "one byte short", "half", "one bit", "one byte more", "web page", "another file"],
)
def test_a_damaged_gzipped_file_is_refused_by_name(root, data):
    path = damage("train-images-idx3-ubyte.gz", data, root)
    with pytest.raises(RuntimeError, match=re.escape(str(path)) + ".*MD5.*Delete it and use download=True"):
        Tiny(root)
    assert len(Tiny(root, train=False)) == 3


PLAIN = idx(PICTURES)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "does not start as an idx file"),
        (PLAIN[:3], "does not start as an idx file"),
        (PLAIN[:10], "3 sizes"),
        (PLAIN[:-1], r"shape \(7, 4, 5\) makes 140 bytes, the file has 139"),
        (PLAIN + b"\0", "the file has 141 or more"),
        (b"\0\0\x07" + PLAIN[3:], "does not start as an idx file"),
        (b"\0\0\x08\xff" + PLAIN[4:], "255 sizes"),
        (PLAIN[:4] + b"\xff" * 12 + PLAIN[16:], "makes .* bytes"),
        (PLAIN[:4] + b"\xff" * 8 + b"\0" * 4, "makes more bytes than there are"),
        (idx(PICTURES[:6]), r"6 pictures, and the file of labels has the shape \(7,\)"),
        (idx(PICTURES[0]), r"shape \(N, H, W\)"),
        (idx(PICTURES.astype("f4")), "float32"),
    ],
)
def test_a_damaged_unpacked_file_is_refused_by_name(root, data, why):
    path = damage("train-images-idx3-ubyte", data, root)
    with pytest.raises(RuntimeError, match=re.escape(str(path)) + ".*" + why):
        Tiny(root)


def test_labels_out_of_range_are_refused(root):
    damage("train-labels-idx1-ubyte", idx(LABELS + np.uint8(1)), root)
    with pytest.raises(RuntimeError, match="labels beside it run from 2 to 10"):
        Tiny(root)


@given(
    st.sampled_from(sorted(CODES)).flatmap(
        lambda code: hnp.arrays(np.dtype(code), hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=3))
    )
)
def test_idx_files_of_every_type_and_rank_are_read(array):
    result = parse_idx(io.BytesIO(idx(array)), "it")
    assert (result.dtype, result.shape, result.tobytes()) == (array.dtype, array.shape, array.tobytes())
    assert result.flags.writeable


@given(st.binary(max_size=40), st.booleans())
def test_any_bytes_give_an_array_or_a_runtime_error(data, start_right):
    with contextlib.suppress(RuntimeError):
        parse_idx(io.BytesIO((b"\0\0\x08" if start_right else b"") + data), "it")


def test_read_idx_takes_a_path(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(idx(PICTURES)))
    (tmp_path / "b").write_bytes(idx(PICTURES))
    assert np.array_equal(read_idx(tmp_path / "a.gz"), read_idx(str(tmp_path / "b")))
    (tmp_path / "c.gz").write_bytes(gzip.compress(idx(PICTURES))[:-4])
    with pytest.raises(RuntimeError, match=r"c\.gz is damaged.*cannot be decompressed"):
        read_idx(tmp_path / "c.gz")
    (tmp_path / "d.gz").write_bytes(idx(PICTURES))
    with pytest.raises(RuntimeError, match="is not a gzip file"):
        read_idx(tmp_path / "d.gz")
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "e")


def test_what_a_gzip_file_promises_costs_no_memory(tmp_path):
    bomb = gzip.compress(b"\0\0\x08\x01" + (10).to_bytes(4, "big") + bytes(50_000_000))  # 50 kB
    liar = gzip.compress(b"\0\0\x08\x03" + b"\xff" * 12)
    for data in (bomb, liar, gzip.decompress(liar)):
        (tmp_path / "x").write_bytes(data)
        tracemalloc.start()
        with pytest.raises(RuntimeError, match="x is damaged.* makes"):
            read_idx(tmp_path / "x")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 3_000_000


DATA = os.environ.get("MINITORCH_DATA", "")


@pytest.mark.slow
@pytest.mark.skipif(not DATA, reason="MINITORCH_DATA does not say where the real files are")
def test_the_real_mnist():
    train, test = MNIST(DATA), MNIST(DATA, train=False)
    assert (train.data.shape, test.data.shape) == ((60000, 28, 28), (10000, 28, 28))
    assert train.targets[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert np.bincount(test.targets.numpy()).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    pixels = train.data.numpy() / np.float32(255)
    assert round(float(pixels.mean(dtype=float)), 4) == 0.1307
    assert round(float(pixels.std(dtype=float)), 4) == 0.3081


# ---- downloads -------------------------------------------------------------------------------------------------------


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves FILES in several ways, the way being the first part of the address."""

    asked: list[str] = []  # noqa: RUF012

    def do_GET(self):
        _, way, name = self.path.split("/")
        self.asked.append(self.path)
        body = FILES.get(name)
        if way == "missing" or body is None:
            self.send_error(404)
            return
        self.send_response(200)
        if way == "chunked":  # breaks off in the middle of a chunk
            self.send_header("Transfer-Encoding", "chunked")
        elif way != "unmeasured":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if way == "chunked":
            body = b"ffff\r\n" + body[:20]
        elif way in ("short", "unmeasured"):
            body = body[: len(body) // 2]
        elif way == "garbled":
            body = body[:20] + bytes([body[20] ^ 255]) + body[21:]
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    Handler.asked = []
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def mirrored(*mirrors):
    return type("Tiny", (Tiny,), {"mirrors": list(mirrors)})


def listing(root):
    return sorted(path.name for path in root.rglob("*") if path.is_file())


def test_download_puts_the_four_files_in_place(tmp_path, server):
    data = mirrored(f"{server}/ok/")(tmp_path, download=True)
    assert np.array_equal(data.data.numpy(), PICTURES)
    assert listing(tmp_path) == sorted(FILES)
    assert all((tmp_path / "Tiny" / "raw" / name).read_bytes() == body for name, body in FILES.items())


def test_download_from_a_file_address(tmp_path, root):
    data = mirrored(f"file://{root}/Tiny/raw/")(tmp_path / "copy", download=True)
    assert len(data) == 7


@pytest.mark.parametrize("way", ["short", "garbled", "unmeasured", "chunked", "missing"])
def test_a_download_that_goes_wrong_leaves_nothing_and_names_every_mirror(tmp_path, server, way):
    with pytest.raises(RuntimeError, match=r"train-images-idx3-ubyte\.gz could not be downloaded") as caught:
        mirrored(f"{server}/{way}/", "http://127.0.0.1:1/")(tmp_path, download=True)
    assert f"{server}/{way}/train-images-idx3-ubyte.gz" in str(caught.value)
    assert way != "short" or re.search(r"broke off after \d+ of \d+ bytes", str(caught.value))
    assert "http://127.0.0.1:1/train-images-idx3-ubyte.gz" in str(caught.value)
    assert listing(tmp_path) == []


@pytest.mark.parametrize("way", ["short", "garbled", "unmeasured", "chunked", "missing"])
def test_the_next_mirror_is_tried(tmp_path, server, way):
    data = mirrored(f"{server}/{way}/", f"{server}/ok/")(tmp_path, download=True)
    assert len(data) == 7
    assert listing(tmp_path) == sorted(FILES)


def test_running_again_fetches_only_what_is_missing(tmp_path, server, monkeypatch):
    monkeypatch.delitem(FILES, "t10k-labels-idx1-ubyte.gz")
    with pytest.raises(RuntimeError, match="t10k-labels"):
        mirrored(f"{server}/ok/")(tmp_path, download=True)
    assert len(listing(tmp_path)) == 3
    monkeypatch.undo()
    Handler.asked.clear()
    mirrored(f"{server}/ok/")(tmp_path, download=True)
    assert Handler.asked == ["/ok/t10k-labels-idx1-ubyte.gz"]


def test_an_interrupted_download_leaves_nothing(tmp_path, server, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        mirrored(f"{server}/ok/")(tmp_path, download=True)
    assert listing(tmp_path) == []


def test_download_touches_no_file_that_is_there(root, server):
    path = damage("train-images-idx3-ubyte.gz", b"mine", root)
    with pytest.raises(RuntimeError, match="Delete it"):
        mirrored(f"{server}/ok/")(root, download=True)
    assert path.read_bytes() == b"mine"
    assert Handler.asked == []


def test_download_works_without_tqdm(tmp_path, server, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tqdm", None)
    assert len(mirrored(f"{server}/ok/")(tmp_path, download=True)) == 7


def test_download_shows_a_progress_bar(tmp_path, server, capsys):
    pytest.importorskip("tqdm", reason="tqdm is not installed")
    mirrored(f"{server}/ok/")(tmp_path, download=True)
    assert "train-images-idx3-ubyte.gz: 100%" in capsys.readouterr().err


# ---- CIFAR-10 --------------------------------------------------------------------------------------------------------


def records(n, seed=0):
    rows = np.random.default_rng(seed).integers(0, 256, (n, 3073), dtype=np.uint8)
    rows[:, 0] %= 10
    return rows


class TinyCIFAR(CIFAR10):
    records = 4


@pytest.fixture
def cifar(tmp_path):
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    for seed, name in enumerate(CIFAR10.train_list + CIFAR10.test_list):
        (folder / name).write_bytes(records(4, seed).tobytes())
    return tmp_path


def test_cifar10_reads_the_binary_version(cifar):
    train, test = TinyCIFAR(cifar), TinyCIFAR(cifar, train=False)
    assert (train.data.shape, test.data.shape) == ((20, 32, 32, 3), (4, 32, 32, 3))
    assert test.targets == records(4, 5)[:, 0].tolist()
    red, green, blue = records(4, 1)[2, 1:].reshape(3, 32, 32)
    picture, label = train[6]
    assert np.array_equal(picture, np.stack([red, green, blue], axis=2))
    assert (label, type(label)) == (records(4, 1)[2, 0], int)
    assert "Split: Test" in repr(test)


def test_read_cifar10_reads_a_part_of_a_file(tmp_path):
    (tmp_path / "part.bin").write_bytes(records(3).tobytes())
    pictures, labels = read_cifar10(tmp_path / "part.bin")
    assert (pictures.shape, labels.shape) == ((3, 3, 32, 32), (3,))
    assert np.array_equal(pictures.reshape(3, -1), records(3)[:, 1:])


def test_damaged_cifar_files_are_refused_by_name(cifar):
    path = cifar / "cifar-10-batches-bin" / "data_batch_2.bin"
    whole = path.read_bytes()
    for data, why in [
        (whole[:-1], "12291 bytes, not a multiple of 3073"),
        (whole[:3073], "1 pictures, not 4"),
        (b"", "0 bytes"),
        (b"\x0a" + whole[1:], "label 10"),
    ]:
        path.write_bytes(data)
        with pytest.raises(RuntimeError, match=rf"data_batch_2\.bin is damaged.*{why}"):
            TinyCIFAR(cifar)


def test_pickles_of_cifar_are_not_read(tmp_path):
    (tmp_path / "cifar-10-batches-py").mkdir()
    with pytest.raises(RuntimeError, match=r"there is no data_batch_1\.bin.*a pickle can run code.*download=True"):
        CIFAR10(tmp_path)


def archive(cifar, extra=()):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        tar.add(cifar / "cifar-10-batches-bin", "cifar-10-batches-bin")
        for name in extra:
            tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    return file.getvalue()


def test_cifar10_downloads_and_unpacks_the_six_files_and_nothing_else(cifar, tmp_path):
    data = archive(cifar, extra=["../evil", "cifar-10-batches-bin/evil"])
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "cifar-10-binary.tar.gz").write_bytes(data)
    kind = type(
        "Mirrored",
        (TinyCIFAR,),
        {"mirrors": [f"file://{tmp_path}/mirror/"], "archive_md5": hashlib.md5(data).hexdigest()},
    )
    copy = tmp_path / "a" / "copy"
    assert len(kind(copy, download=True)) == 20
    assert listing(tmp_path / "a") == sorted([*CIFAR10.train_list, *CIFAR10.test_list, "cifar-10-binary.tar.gz"])
    assert len(kind(copy, download=True)) == 20


def test_a_damaged_archive_of_cifar_is_refused_by_name(tmp_path):
    (tmp_path / "cifar-10-binary.tar.gz").write_bytes(b"half")
    with pytest.raises(RuntimeError, match=r"cifar-10-binary\.tar\.gz is damaged.*MD5"):
        CIFAR10(tmp_path, download=True)
