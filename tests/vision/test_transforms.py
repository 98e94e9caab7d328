"""Transforms and grids of pictures."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minitorch as mt
import minitorch.vision as torchvision
from minitorch.vision.transforms import Compose, Normalize, ToTensor
from minitorch.vision.utils import make_grid, save_image

BYTES = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=4))


# ---- ToTensor --------------------------------------------------------------------------------------------------------


@given(BYTES)
def test_to_tensor_puts_channels_first_and_divides_by_255(picture):
    tensor = ToTensor()(picture)
    assert tensor.dtype == mt.float32
    assert tensor.is_contiguous()
    planes = picture[None] if picture.ndim == 2 else picture.transpose(2, 0, 1)
    assert tensor.shape == planes.shape
    assert np.array_equal(tensor.numpy(), planes.astype(np.float32) / np.float32(255))


def test_to_tensor_reaches_exactly_0_and_1():
    assert ToTensor()(np.array([[0, 255]], np.uint8)).tolist() == [[[0.0, 1.0]]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, bool, ">f4"])
def test_to_tensor_keeps_the_values_of_other_types(dtype):
    picture = np.array([[0, 1], [1, 0]]).astype(dtype)
    tensor = ToTensor()(picture)
    assert tensor.dtype.numpy == picture.dtype.newbyteorder("=")
    assert tensor.tolist() == [picture.tolist()]


def test_to_tensor_copies():
    picture = np.ones((2, 2, 1), np.float32)
    tensor = ToTensor()(picture[::-1])
    picture[...] = 5
    assert tensor.tolist() == [[[1, 1], [1, 1]]]
    assert ToTensor()(np.ones((2, 3, 4))).is_contiguous()


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "1", "F", "I"])
def test_to_tensor_takes_pil_pictures(mode):
    Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    grey = Image.fromarray(np.array([[0, 255, 255], [255, 0, 0]], np.uint8))
    tensor = ToTensor()(grey.convert(mode))
    channels = len(grey.convert(mode).getbands())
    assert tensor.shape == (channels, 2, 3)
    assert tensor.dtype == (mt.int32 if mode == "I" else mt.float32)
    scale = 255 if mode in ("F", "I") else 1
    assert tensor[0].tolist() == [[0, scale, scale], [scale, 0, 0]]


@pytest.mark.parametrize(
    ("picture", "error", "match"),
    [
        ([[1]], TypeError, "should be PIL Image or ndarray.*list"),
        ("x.png", TypeError, "should be PIL Image or ndarray.*str"),
        (np.zeros(3, np.uint8), ValueError, "2/3 dimensional. Got 1"),
        (np.zeros((1, 1, 1, 1)), ValueError, "2/3 dimensional. Got 4"),
        (np.array([["a"]]), TypeError, "can't convert"),
    ],
)
def test_to_tensor_refuses_what_is_no_picture(picture, error, match):
    with pytest.raises(error, match=match):
        ToTensor()(picture)


# ---- Normalize -------------------------------------------------------------------------------------------------------


def test_normalize_subtracts_and_divides_channel_by_channel():
    x = mt.arange(12.0).reshape(2, 3, 2)
    y = Normalize((1.0, 2.0), (0.5, 4.0))(x)
    expected = np.stack([(x.numpy()[0] - 1) / 0.5, (x.numpy()[1] - 2) / 4])
    assert np.array_equal(y.numpy(), expected)
    assert x.tolist() == mt.arange(12.0).reshape(2, 3, 2).tolist()


@given(hnp.arrays(np.float32, (2, 3, 4, 5), elements=st.floats(0, 1, width=32)))
def test_normalize_takes_batches_and_one_number_for_all_channels(batch):
    x = mt.from_numpy(batch)
    whole = Normalize([0.5], [0.25])(x)
    assert np.array_equal(whole.numpy(), (batch - np.float32(0.5)) / np.float32(0.25))
    assert np.array_equal(Normalize([0.5] * 3, [0.25] * 3)(x[1]).numpy(), whole.numpy()[1])


def test_normalize_keeps_the_type_and_passes_gradients():
    x = mt.ones(1, 2, 2, dtype=mt.float64).requires_grad_()
    y = Normalize((0.5,), (0.25,))(x)
    assert y.dtype == mt.float64
    y.sum().backward()
    assert x.grad.tolist() == [[[4, 4], [4, 4]]]


def test_normalize_and_make_grid_stay_on_the_device(device):
    x = mt.ones(2, 3, 2, 2).to(device)
    y = Normalize([0.5, 0.0, 0.5], [0.25, 1.0, 0.5])(x)
    assert y.device == device
    assert y.cpu().tolist() == [[[[2.0] * 2] * 2, [[1.0] * 2] * 2, [[1.0] * 2] * 2]] * 2
    assert make_grid(y, padding=0).device == device


def test_normalize_in_place():
    x = mt.ones(1, 2, 2)
    assert Normalize((0.5,), (0.25,), inplace=True)(x) is x
    assert x.tolist() == [[[2, 2], [2, 2]]]


@pytest.mark.parametrize(
    ("args", "x", "error", "match"),
    [
        (((0.5,), (0.5,)), np.ones((1, 2, 2)), TypeError, "should be a torch tensor.*ToTensor"),
        (((0.5,), (0.5,)), mt.ones(1, 2, 2, dtype=mt.uint8), TypeError, "should be a float tensor.*torch.uint8"),
        (((0.5,), (0.5,)), mt.ones(2, 2), ValueError, r"\(\.\.\., C, H, W\).*\(2, 2\)"),
        (((0.5,), (0.0,)), mt.ones(1, 2, 2), ValueError, "std evaluated to zero"),
        (((0.5,), (1e-60,)), mt.ones(1, 2, 2), ValueError, "std evaluated to zero"),
        (((0.5, 0.5), (0.5,)), mt.ones(3, 2, 2), RuntimeError, r"mean has 2 numbers.*\(3, 2, 2\) has 3 channels"),
        (((0.5,), (0.5, 0.5, 0.5)), mt.ones(1, 2, 2), RuntimeError, "std has 3 numbers.*1 channels"),
    ],
)
def test_normalize_refuses_what_does_not_fit(args, x, error, match):
    with pytest.raises(error, match=match):
        Normalize(*args)(x)


# ---- Compose ---------------------------------------------------------------------------------------------------------


def test_compose_applies_one_after_the_other():
    assert Compose([lambda x: x + 1, lambda x: x * 10])(1) == 20
    assert Compose([])(3) == 3


def test_transforms_print_as_torchvisions():
    inner = Compose([ToTensor(), Normalize((0.1307,), (0.3081,))])
    text = "Compose(\n    ToTensor()\n    Normalize(mean=(0.1307,), std=(0.3081,))\n)"
    assert repr(inner) == text
    assert repr(Normalize([0.5, 0.5], [1, 2])) == "Normalize(mean=[0.5, 0.5], std=[1, 2])"


def test_compose_refuses_what_is_no_function():
    with pytest.raises(TypeError, match="transform 1 is Tensor, not a function"):
        Compose([ToTensor(), mt.ones(1)])


def test_the_package_has_torchvisions_names():
    assert torchvision.transforms.Compose is Compose
    assert torchvision.datasets.MNIST.__name__ == "MNIST"
    assert torchvision.utils.make_grid is make_grid


# ---- grids -----------------------------------------------------------------------------------------------------------


def test_make_grid_lays_pictures_out_in_rows():
    pictures = mt.arange(1.0, 6.0).reshape(5, 1, 1, 1).expand(5, 3, 2, 1)
    grid = make_grid(pictures, nrow=3, padding=1, pad_value=-1)
    expected = [
        [-1, -1, -1, -1, -1, -1, -1],
        [-1, 1, -1, 2, -1, 3, -1],
        [-1, 1, -1, 2, -1, 3, -1],
        [-1, -1, -1, -1, -1, -1, -1],
        [-1, 4, -1, 5, -1, -1, -1],
        [-1, 4, -1, 5, -1, -1, -1],
        [-1, -1, -1, -1, -1, -1, -1],
    ]
    assert grid.tolist() == [expected] * 3


def test_make_grid_makes_grey_pictures_coloured_and_a_single_one_has_no_border():
    assert make_grid(mt.ones(4, 5)).shape == (3, 4, 5)
    assert make_grid(mt.ones(1, 4, 5)).shape == (3, 4, 5)
    assert make_grid(mt.ones(9, 1, 4, 5)).shape == (3, 14, 58)
    assert make_grid([mt.ones(1, 4, 5)] * 2).tolist() == make_grid(mt.ones(2, 1, 4, 5)).tolist()


def test_make_grid_normalizes_without_touching_its_input():
    x = mt.tensor([[[[2.0, 4.0]]], [[[6.0, 10.0]]]])
    grid = make_grid(x, padding=0, normalize=True)
    assert grid[0].tolist() == [[0.0, 0.25, 0.5, 1.0]]
    assert make_grid(x, padding=0, normalize=True, scale_each=True)[0].tolist() == [[0.0, 1.0, 0.0, 1.0]]
    assert make_grid(x, padding=0, normalize=True, value_range=(4, 6))[0].tolist() == [[0.0, 0.0, 1.0, 1.0]]
    assert x.tolist() == [[[[2.0, 4.0]]], [[[6.0, 10.0]]]]
    coloured = x.repeat(1, 3, 1, 1)
    make_grid(coloured, normalize=True)
    assert coloured[:, 2:].tolist() == x.tolist()


@pytest.mark.parametrize(
    ("x", "error", "match"),
    [
        (np.ones((2, 2)), TypeError, "tensor or list of tensors expected"),
        ([], TypeError, "tensor or list of tensors expected"),
        ([mt.ones(1, 2, 2), mt.ones(1, 3, 2)], RuntimeError, "one shape"),
        (mt.ones(3), ValueError, "2 to 4 dimensions"),
        (mt.ones(0, 1, 2, 2), ValueError, "no picture"),
    ],
)
def test_make_grid_refuses_what_is_no_picture(x, error, match):
    with pytest.raises(error, match=match):
        make_grid(x)


def test_integers_are_refused_where_values_between_0_and_1_are_needed(tmp_path):
    x = mt.tensor([[[0, 255]]], dtype=mt.uint8)
    assert make_grid(x)[0].tolist() == [[0, 255]]
    with pytest.raises(RuntimeError, match=r"make_grid: values between 0 and 1 .* uint8: pass pictures / 255"):
        make_grid(x, normalize=True)
    pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    with pytest.raises(RuntimeError, match=r"save_image: values between 0 and 1 .* uint8: pass pictures / 255"):
        save_image(x, tmp_path / "x.png")


def test_a_grid_without_columns_is_refused():
    with pytest.raises(ValueError, match="nrow, the number of pictures in a row, must be at least 1, got 0"):
        make_grid(mt.ones(2, 1, 2, 2), nrow=0)


def test_save_image_writes_what_can_be_read_back(tmp_path):
    Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    x = mt.tensor([[[-1.0, 0.0, 0.5, 1.0, 2.0]]])
    save_image(x, tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as picture:
        assert np.asarray(picture)[0, :, 0].tolist() == [0, 0, 128, 255, 255]


def test_save_image_without_pillow_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ModuleNotFoundError, match="pip install pillow"):
        save_image(mt.ones(1, 2, 2), tmp_path / "x.png")
