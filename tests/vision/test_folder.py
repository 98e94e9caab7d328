"""ImageFolder: classes from folders, pictures from files, and files that are damaged."""

import contextlib
import io
import os
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitorch as mt
from minitorch.utils.data import DataLoader
from minitorch.vision import transforms as T
from minitorch.vision.datasets import ImageFolder

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")


def write(path, value=7, size=(6, 4), mode="RGB"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, value if mode == "L" else (value,) * len(mode)).save(path)


@pytest.fixture
def root(tmp_path):
    write(tmp_path / "dog" / "b.png", 1)
    write(tmp_path / "dog" / "a.JPG", 2)
    write(tmp_path / "cat" / "deep" / "er" / "c.bmp", 3)
    write(tmp_path / "cat" / "z.png", 4, mode="L")
    (tmp_path / "cat" / "notes.txt").write_text("no picture")
    (tmp_path / "a file.png").write_text("no class")
    return tmp_path


def test_folders_are_classes_and_files_are_pictures(root):
    data = ImageFolder(root)
    assert data.classes == ["cat", "dog"]
    assert data.class_to_idx == {"cat": 0, "dog": 1}
    names = [(os.path.relpath(path, root), label) for path, label in data.samples]
    assert names == [
        (os.path.join("cat", "deep", "er", "c.bmp"), 0),
        (os.path.join("cat", "z.png"), 0),
        (os.path.join("dog", "a.JPG"), 1),
        (os.path.join("dog", "b.png"), 1),
    ]
    assert data.imgs == data.samples
    assert data.targets == [0, 0, 1, 1]
    assert len(data) == 4


def test_pictures_are_rgb_images_that_transforms_take(root):
    data = ImageFolder(root)
    image, label = data[1]
    assert (image.mode, image.size, label) == ("RGB", (6, 4), 0)
    assert np.asarray(image)[0, 0].tolist() == [4, 4, 4]
    data = ImageFolder(root, T.Compose([T.Resize((2, 3)), T.ToTensor()]), target_transform=lambda label: -label)
    x, y = next(iter(DataLoader(data, 4)))
    assert x.shape == (4, 3, 2, 3)
    assert y.tolist() == [0, 0, -1, -1]
    assert (x[:, 0, 0, 0] * 255).round().tolist() == [3, 4, 2, 1]


def test_workers_read_the_same_pictures(root):
    data = ImageFolder(root, T.ToTensor())
    one, two = (list(DataLoader(data, 2, num_workers=n)) for n in (0, 2))
    assert [[x.tolist() for x in batch] for batch in one] == [[x.tolist() for x in batch] for batch in two]


def test_a_loader_and_a_choice_of_files_of_ones_own(root):
    with pytest.raises(FileNotFoundError, match="no valid file for the class dog"):
        ImageFolder(root, is_valid_file=lambda path: path.endswith(".bmp"))
    data = ImageFolder(root, loader=os.path.basename, is_valid_file=lambda path: path.endswith("txt"), allow_empty=True)
    assert data[0] == ("notes.txt", 0)
    assert data.class_to_idx == {"cat": 0, "dog": 1}


def test_a_data_set_prints_its_place(root):
    assert repr(ImageFolder(root)) == f"Dataset ImageFolder\n    Number of datapoints: 4\n    Root location: {root}"


def test_missing_folders_and_files_are_named(root, tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no directory .*nowhere"):
        ImageFolder(tmp_path / "nowhere")
    (tmp_path / "cow").mkdir()
    with pytest.raises(FileNotFoundError, match="no valid file for the class cow .*Supported extensions are: .jpg"):
        ImageFolder(root)
    assert ImageFolder(root, allow_empty=True).classes == ["cat", "cow", "dog"]
    with pytest.raises(FileNotFoundError, match="Couldn't find any class folder"):
        ImageFolder(tmp_path / "cow")


def test_without_pillow_it_says_what_to_install(root, monkeypatch):
    data = ImageFolder(root)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ModuleNotFoundError, match="pip install pillow"):
        data[0]


def files():
    """A small picture in several formats."""
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    for kind in ("PNG", "JPEG", "BMP", "TIFF", "WEBP", "PPM"):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, kind)
        yield file.getvalue()


FILES = list(files())


class Damaged(Exception):
    pass


@given(st.sampled_from(FILES), st.data())
def test_a_damaged_file_is_named_or_read(tmp_path_factory, whole, data):
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(0, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    damaged = damaged[: data.draw(st.integers(0, len(damaged)) | st.just(len(damaged)))]
    path = tmp_path_factory.mktemp("root") / "class" / "picture.png"
    path.parent.mkdir()
    path.write_bytes(damaged)
    with warnings.catch_warnings(), contextlib.suppress(Damaged):
        warnings.simplefilter("ignore")  # Pillow warns of some damages before it gives up, or does not
        try:
            assert ImageFolder(path.parents[1])[0][0].mode == "RGB"
        except RuntimeError as error:
            raise (Damaged if f"{path} is damaged" in str(error) else AssertionError) from error


def test_a_truncated_picture_is_named(root):
    path = root / "dog" / "b.png"
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(RuntimeError, match=r"b\.png is damaged or is not the right file"):
        ImageFolder(root, T.ToTensor())[3]
    path.write_bytes(b"")
    with pytest.raises(RuntimeError, match="no picture format that Pillow knows"):
        ImageFolder(root)[3]
    assert mt.is_tensor(ImageFolder(root, T.ToTensor())[2][0])
