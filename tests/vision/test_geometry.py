"""Resize, crops, mirror, rotation, grey, types: against Pillow, PyTorch, and plain sums."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minitorch as mt
from minitorch.vision import transforms as T
from minitorch.vision.transforms import InterpolationMode
from minitorch.vision.transforms import functional as F
from minitorch.vision.transforms.sampling import cubic, triangle, weights

NEAREST, BILINEAR, BICUBIC = InterpolationMode.NEAREST, InterpolationMode.BILINEAR, InterpolationMode.BICUBIC
SIDE = st.integers(1, 7)
PICTURES = hnp.arrays(np.uint8, st.tuples(SIDE, SIDE, st.sampled_from([1, 3])))


def picture(H, W, C=3, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (H, W, C), dtype=np.uint8)


def planes(array):
    """The tensor (C, H, W) of an array (H, W, C)."""
    return mt.from_numpy(np.ascontiguousarray(array.transpose(2, 0, 1)))


def smooth(H, W):
    """A picture without hard edges, on which ways to interpolate agree."""
    y, x = np.mgrid[:H, :W]
    return np.stack([128 + 100 * np.sin(y / 5 + c) * np.cos(x / 7) for c in range(3)], -1).round().astype(np.uint8)


@pytest.fixture(scope="module")
def Image():
    return pytest.importorskip("PIL.Image", reason="Pillow is not installed")


# ---- one transform, three kinds of picture ---------------------------------------------------------------------------

EXACT = [
    T.CenterCrop(3),
    T.CenterCrop((9, 4)),
    T.RandomCrop(2, padding=2),
    T.RandomCrop((3, 1), padding=(1, 2), padding_mode="reflect"),
    T.RandomCrop(6, padding=1, pad_if_needed=True, fill=7),
    T.RandomHorizontalFlip(1.0),
    T.RandomHorizontalFlip(0.5),
    T.RandomRotation((90, 90), expand=True),
]


@pytest.mark.parametrize("transform", EXACT, ids=repr)
def test_tensors_arrays_and_images_give_the_same_picture(transform, Image):
    array = picture(5, 5)
    results = []
    for given_picture in (planes(array), array, Image.fromarray(array)):
        mt.manual_seed(3)
        results.append(transform(given_picture))
    tensor, got, image = results
    assert isinstance(got, np.ndarray)
    assert isinstance(image, Image.Image)
    assert np.array_equal(got, np.asarray(image))
    assert np.array_equal(tensor.numpy().transpose(1, 2, 0), got)
    assert (tensor.dtype, got.dtype) == (mt.uint8, np.uint8)


def test_arrays_without_channels_are_pictures_too():
    array = picture(6, 4, 1)
    for transform in (T.CenterCrop(3), T.Resize((3, 5)), T.RandomRotation((30, 30)), T.RandomHorizontalFlip(1)):
        assert np.array_equal(transform(array[..., 0]), transform(array)[..., 0])


def test_a_chain_of_transforms_stays_on_the_device_and_takes_batches(device):
    x = mt.arange(2 * 3 * 6 * 6).reshape(2, 3, 6, 6).float().to(device) / 216
    chain = T.Compose(
        [
            T.Resize(8),
            T.RandomCrop(7, padding=1),
            T.RandomHorizontalFlip(1),
            T.RandomRotation(20, BILINEAR, fill=0.5),
            T.Grayscale(3),
            T.CenterCrop(5),
            T.ConvertImageDtype(mt.float64),
        ]
    )
    mt.manual_seed(1)
    y = chain(x)
    assert (y.shape, y.device, y.dtype) == ((2, 3, 5, 5), device, mt.float64)
    mt.manual_seed(1)
    assert np.allclose(chain(x[1]).cpu().numpy(), y[1].cpu().numpy())


def test_gradients_pass_through_geometric_transforms():
    for transform in (
        T.Resize((3, 4)),
        T.Resize((9, 4), BICUBIC),
        T.CenterCrop(3),
        T.CenterCrop(8),
        T.RandomRotation((33, 33), BILINEAR),
        T.RandomRotation((33, 33)),
        T.RandomCrop(3, padding=1, padding_mode="edge"),
        T.RandomHorizontalFlip(1),
        T.Grayscale(),
    ):

        def f(x, transform=transform):
            mt.manual_seed(2)
            return transform(x)

        x = mt.rand(3, 5, 4, dtype=mt.float64).requires_grad_()
        assert mt.autograd.gradcheck(f, (x,)), transform


def test_random_transforms_draw_from_the_default_stream():
    array = picture(9, 9)
    for transform in (T.RandomCrop(4), T.RandomHorizontalFlip(), T.RandomRotation(180)):
        draws = []
        for seed in (1, 1, 2, 3, 4, 5):
            mt.manual_seed(seed)
            draws.append(transform(array).tolist())
        assert draws[0] == draws[1]
        assert any(draw != draws[0] for draw in draws[2:])


# ---- size ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "max_size", "expected"),
    [(4, None, (4, 8)), ((3, 2), None, (3, 2)), ([5], None, (5, 10)), (4, 6, (3, 6)), (20, None, (20, 40))],
)
def test_one_number_is_the_size_of_the_shorter_side(size, max_size, expected):
    assert T.Resize(size, max_size=max_size)(mt.zeros(3, 10, 20)).shape == (3, *expected)
    assert T.Resize(size, max_size=max_size)(mt.zeros(20, 10)).shape == (expected if size == (3, 2) else expected[::-1])


@given(st.integers(1, 12), st.integers(1, 12), st.sampled_from([(triangle, 1), (cubic, 2)]), st.booleans())
def test_every_new_pixel_is_a_mean_of_old_ones(n, m, kernel, antialias):
    matrix = weights(n, m, *kernel, antialias)
    assert matrix.shape == (m, n)
    assert np.allclose(matrix.sum(axis=1), 1)
    assert np.allclose(matrix, matrix[::-1, ::-1])
    if n == m:
        assert np.allclose(matrix, np.eye(n))


def test_halving_a_picture_weighs_its_pixels_by_a_triangle():
    row = weights(8, 4, triangle, 1, antialias=True)[1]
    assert np.allclose(row, [0, 1 / 8, 3 / 8, 3 / 8, 1 / 8, 0, 0, 0])
    assert np.allclose(weights(8, 4, triangle, 1, antialias=False)[1], [0, 0, 0.5, 0.5, 0, 0, 0, 0])


@pytest.mark.parametrize("mode", list(InterpolationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize("size", [(5, 9), (31, 40), (8, 33)], ids=str)
def test_resize_equals_pytorchs_interpolate(mode, antialias, size, oracle):
    x = np.random.default_rng(0).random((2, 3, 17, 20))
    linear = mode in (BILINEAR, BICUBIC)
    options = {"align_corners": False, "antialias": antialias} if linear else {}
    theirs = oracle.nn.functional.interpolate(oracle.from_numpy(x), size=size, mode=mode.value, **options)
    ours = T.Resize(size, mode, antialias=antialias)(mt.from_numpy(x))
    assert np.allclose(ours.numpy(), theirs.numpy(), atol=1e-6)  # theirs computes its weights in float32


@pytest.mark.parametrize("mode", [BILINEAR, BICUBIC], ids=lambda mode: mode.value)
@pytest.mark.parametrize("size", [(5, 9), (31, 40), (17, 20)], ids=str)
def test_resize_equals_pillows_up_to_rounding(mode, size, Image):
    array = smooth(17, 20)  # Pillow rounds and cuts off between rows and columns, which shows at hard edges
    ours, theirs = T.Resize(size, mode)(array), np.asarray(T.Resize(size, mode)(Image.fromarray(array)))
    assert ours.shape == theirs.shape == (*size, 3)
    assert np.abs(ours.astype(int) - theirs.astype(int)).max() <= 1


def test_cubic_interpolation_of_bytes_stays_in_range():
    edge = np.zeros((8, 8), np.uint8)
    edge[:, 4:] = 255
    assert {0, 255} <= set(np.unique(T.Resize((8, 32), BICUBIC)(edge)).tolist())
    assert T.Resize((8, 32), BICUBIC)(edge)[0, 10] == 0  # not wrapped round to 250


# ---- parts -----------------------------------------------------------------------------------------------------------


@given(PICTURES, st.integers(-9, 9), st.integers(-9, 9), st.integers(1, 9), st.integers(1, 9))
def test_crop_takes_what_is_there_and_zeros_elsewhere(array, top, left, height, width):
    H, W, C = array.shape
    canvas = np.zeros((H + 40, W + 40, C), np.uint8)
    canvas[20 : 20 + H, 20 : 20 + W] = array
    expected = canvas[20 + top : 20 + top + height, 20 + left : 20 + left + width]
    assert np.array_equal(F.crop(array, top, left, height, width), expected)


@given(PICTURES, SIDE, SIDE)
def test_center_crop_takes_the_middle(array, height, width):
    H, W, _ = array.shape
    part = T.CenterCrop((height, width))(array)
    assert part.shape[:2] == (height, width)
    if (H - height) % 2 == (W - width) % 2 == 0:  # else there is no middle, and Python's rounding decides
        top, left = (H - height) // 2, (W - width) // 2
        assert np.array_equal(part, F.crop(array, top, left, height, width))


@given(PICTURES, st.sampled_from(["constant", "edge", "symmetric", "reflect"]), st.tuples(*[st.integers(0, 3)] * 4))
def test_pad_equals_numpys(array, mode, borders):
    left, top, right, bottom = borders
    expected = np.pad(array, ((top, bottom), (left, right), (0, 0)), mode=mode)
    assert np.array_equal(F.pad(array, borders, padding_mode=mode), expected)
    assert F.pad(array, 2, fill=9).tolist() == np.pad(array, ((2, 2), (2, 2), (0, 0)), constant_values=9).tolist()


@pytest.mark.parametrize("mode", ["constant", "edge", "symmetric", "reflect"])
def test_images_are_padded_as_arrays_are(mode, Image):
    array = picture(5, 4)
    got = F.pad(Image.fromarray(array), (1, 2, 3, 0), fill=0, padding_mode=mode)
    assert np.array_equal(np.asarray(got), F.pad(array, (1, 2, 3, 0), padding_mode=mode))


def test_random_crops_come_from_everywhere_with_equal_chances():
    x = mt.arange(12).reshape(3, 4)
    corners = [T.RandomCrop((2, 2))(x)[0, 0].item() for _ in range(1200)]
    counts = {corner: corners.count(corner) for corner in set(corners)}
    assert set(counts) == {0, 1, 2, 4, 5, 6}
    assert all(140 < count < 260 for count in counts.values())


def test_a_mirror_swaps_left_and_right_with_probability_p():
    x = mt.tensor([[1, 2, 3], [4, 5, 6]])
    assert T.RandomHorizontalFlip(1.0)(x).tolist() == [[3, 2, 1], [6, 5, 4]]
    assert T.RandomHorizontalFlip(0.0)(x) is x
    flipped = sum(T.RandomHorizontalFlip(0.25)(x)[0, 0].item() == 3 for _ in range(1000))
    assert 200 < flipped < 300


# ---- rotation --------------------------------------------------------------------------------------------------------


@given(PICTURES, st.sampled_from([NEAREST, BILINEAR]), st.integers(-5, 5))
def test_quarter_turns_are_exact(array, mode, quarters):
    turned = F.rotate(array, 90 * quarters, mode, expand=True)
    assert np.array_equal(turned, np.rot90(array, quarters))


@pytest.mark.parametrize("mode", [NEAREST, BILINEAR], ids=lambda mode: mode.value)
@pytest.mark.parametrize("angle", [12.5, -77.0, 200.3])
@pytest.mark.parametrize("center", [None, (3.0, 8.0)], ids=str)
def test_rotation_equals_sampling_on_pytorchs_grid(mode, angle, center, oracle):
    x = np.random.default_rng(1).random((3, 11, 16))
    H, W = 11, 16
    cx, cy = (0, 0) if center is None else (center[0] - W / 2, center[1] - H / 2)
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    X, Y = np.meshgrid(np.arange(W) - (W - 1) / 2 - cx, np.arange(H) - (H - 1) / 2 - cy)
    grid = np.stack([(c * X - s * Y + cx) / (W / 2), (s * X + c * Y + cy) / (H / 2)], -1)
    sample = oracle.nn.functional.grid_sample(
        oracle.from_numpy(x)[None] - 0.5, oracle.from_numpy(grid)[None], mode=mode.value, align_corners=False
    )
    ours = F.rotate(mt.from_numpy(x), angle, mode, center=center, fill=0.5)
    assert np.allclose(ours.numpy(), sample[0].numpy() + 0.5, atol=1e-5)  # places are rounded to 1e-6 pixels


@pytest.mark.parametrize("angle", [15.0, -40.0, 130.0])
def test_rotation_equals_pillows_inside_the_picture(angle, Image):
    array = smooth(40, 50)
    ours = F.rotate(array, angle, BILINEAR).astype(int)
    theirs = np.asarray(F.rotate(Image.fromarray(array), angle, BILINEAR)).astype(int)
    inside = F.rotate(np.full((40, 50), 255, np.uint8), angle, BILINEAR) == 255
    assert np.abs(ours - theirs)[inside].max() <= 2
    assert inside.mean() > 0.5


@pytest.mark.parametrize(("angle", "expected"), [(90, (3, 5)), (45, (6, 6)), (15, (6, 5)), (180, (5, 3))])
def test_expand_makes_room_for_the_corners(angle, expected):
    assert F.rotate(np.ones((5, 3)), angle, expand=True).shape == expected


def test_what_comes_into_sight_has_the_fill_value(Image):
    array = np.full((9, 9, 3), 50, np.uint8)
    for turned in (
        F.rotate(array, 45, fill=(1, 2, 3)),
        np.asarray(F.rotate(Image.fromarray(array), 45, fill=(1, 2, 3))),
    ):
        assert turned[0, 0].tolist() == [1, 2, 3]
        assert turned[4, 4].tolist() == [50, 50, 50]
    assert np.asarray(F.rotate(Image.fromarray(array), 45, fill=9))[0, 0].tolist() == [9, 9, 9]
    assert F.rotate(mt.ones(9, 9), 45, fill=7.0)[0, 0].item() == 7
    assert T.RandomRotation(45)(mt.ones(9, 9)).max() == 1


# ---- tones -----------------------------------------------------------------------------------------------------------


def test_grey_is_a_weighted_sum_of_the_channels(Image):
    array = picture(6, 5)
    expected = (array @ np.array([0.2989, 0.587, 0.114])).astype(np.uint8)
    grey = T.Grayscale()(array)
    assert grey.shape == (6, 5)
    assert np.abs(grey.astype(int) - expected).max() <= 1  # in float32 a sum may fall below a whole number
    assert np.array_equal(T.Grayscale(3)(array), np.stack([grey] * 3, -1))
    assert np.array_equal(T.Grayscale()(planes(array)).numpy(), grey[None])
    assert np.array_equal(T.Grayscale(3)(planes(array)).numpy(), np.stack([grey] * 3))
    image = T.Grayscale()(Image.fromarray(array))
    assert image.mode == "L"
    assert np.abs(np.asarray(image).astype(int) - expected).max() <= 1
    assert T.Grayscale(3)(Image.fromarray(array)).mode == "RGB"
    assert np.array_equal(T.Grayscale()(grey), grey)
    assert T.Grayscale(3)(mt.ones(2, 1, 4, 4)).shape == (2, 3, 4, 4)


FLOATS, INTS = [mt.float32, mt.float64], [mt.uint8, mt.int8, mt.int16, mt.int32, mt.int64]


@pytest.mark.parametrize("kind", FLOATS + INTS, ids=str)
@pytest.mark.parametrize("wanted", FLOATS + INTS, ids=str)
def test_types_convert_to_their_ranges(kind, wanted):
    top = 1 if kind in FLOATS else np.iinfo(kind.numpy).max
    x = mt.tensor([0, top], dtype=kind)
    bits = 0 if wanted in FLOATS else np.iinfo(wanted.numpy).bits
    if kind in FLOATS and bits > (16 if kind == mt.float32 else 32):
        with pytest.raises(RuntimeError, match=f"cast from {kind} to {wanted} cannot be performed safely"):
            T.ConvertImageDtype(wanted)(x)
        return
    y = T.ConvertImageDtype(wanted)(x)
    assert y.dtype == wanted
    new_top = 1 if wanted in FLOATS else np.iinfo(wanted.numpy).max
    if kind in FLOATS or wanted in FLOATS or kind == wanted or top > new_top:
        assert y.tolist() == [0, new_top]
    else:  # whole numbers only: the last steps are left out
        assert y.tolist() == [0, top * ((new_top + 1) // (top + 1))]


def test_bytes_and_floats_convert_there_and_back_exactly():
    x = mt.arange(256).to(mt.uint8)
    y = T.ConvertImageDtype(mt.float32)(x)
    assert np.array_equal(y.numpy(), np.arange(256, dtype=np.float32) / 255)
    assert T.ConvertImageDtype(mt.uint8)(y).tolist() == x.tolist()


# ---- how they print, and what they refuse ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("transform", "text"),
    [
        (T.Resize(256), "Resize(size=256, interpolation=bilinear, max_size=None, antialias=True)"),
        (
            T.Resize((2, 3), NEAREST, antialias=False),
            "Resize(size=(2, 3), interpolation=nearest, max_size=None, antialias=False)",
        ),
        (T.CenterCrop(10), "CenterCrop(size=(10, 10))"),
        (T.RandomCrop(32, padding=4), "RandomCrop(size=(32, 32), padding=4)"),
        (T.RandomHorizontalFlip(), "RandomHorizontalFlip(p=0.5)"),
        (T.RandomRotation(10), "RandomRotation(degrees=[-10.0, 10.0], interpolation=nearest, expand=False, fill=0)"),
        (
            T.RandomRotation((0, 5), BILINEAR, True, (1, 2), 3),
            "RandomRotation(degrees=[0.0, 5.0], interpolation=bilinear, expand=True, center=(1, 2), fill=3)",
        ),
        (T.Grayscale(), "Grayscale(num_output_channels=1)"),
        (T.Lambda(abs), "Lambda()"),
        (T.ConvertImageDtype(mt.float32), "ConvertImageDtype()"),
    ],
    ids=lambda x: x.partition("(")[0] if isinstance(x, str) else "",
)
def test_transforms_print_as_torchvisions(transform, text):
    assert repr(transform) == text


def test_a_function_is_a_transform():
    assert T.Compose([T.Lambda(lambda x: x + 1), T.Lambda(str)])(1) == "2"


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda: T.Resize((1, 2, 3)), ValueError, "1 or 2 values"),
        (lambda: T.Resize(0), ValueError, "size must be positive, got 0"),
        (lambda: T.Resize(3, interpolation=2), TypeError, "InterpolationMode"),
        (lambda: T.Resize((3, 3), max_size=4)(mt.zeros(5, 6)), ValueError, "smaller edge"),
        (lambda: T.Resize(4, max_size=4)(mt.zeros(5, 6)), ValueError, "strictly greater"),
        (lambda: T.CenterCrop((1, 2, 3)), ValueError, "two dimensions"),
        (lambda: T.CenterCrop(0), ValueError, "positive"),
        (lambda: T.RandomCrop(5)(mt.zeros(4, 9)), ValueError, r"crop size \(5, 5\) is larger .* \(4, 9\)"),
        (lambda: T.RandomCrop(2, padding=(1, 2, 3))(mt.zeros(4, 9)), ValueError, "1, 2, or 4 element tuple"),
        (lambda: T.RandomCrop(2, padding=-1)(mt.zeros(4, 9)), ValueError, "must not be negative"),
        (lambda: T.RandomCrop(2, padding=1, padding_mode="wrap")(mt.zeros(4, 9)), ValueError, "got 'wrap'"),
        (lambda: T.RandomHorizontalFlip(1.5), ValueError, "between 0 and 1, got 1.5"),
        (lambda: T.RandomRotation(-1), ValueError, "must be positive"),
        (lambda: T.RandomRotation((1, 2, 3)), ValueError, "length 2"),
        (lambda: T.RandomRotation((1, 2), BICUBIC)(mt.zeros(3, 3)), ValueError, "nearest or bilinear"),
        (lambda: T.Grayscale(2), ValueError, "either 1 or 3, got 2"),
        (lambda: T.Grayscale()(mt.zeros(2, 4, 4)), TypeError, r"1 or 3 channels, got the shape \(2, 4, 4\)"),
        (lambda: T.Lambda(3), TypeError, "callable"),
        (lambda: T.ConvertImageDtype("uint8"), TypeError, "torch.dtype"),
        (lambda: T.ConvertImageDtype(mt.uint8)(np.zeros(3)), TypeError, "Tensor Image, got ndarray"),
    ],
)
def test_bad_arguments_are_refused(make, error, match):
    with pytest.raises(error, match=match):
        make()


@pytest.mark.parametrize("bad", ["x.png", mt.zeros(3), np.zeros((1, 2, 3, 4)), None], ids=str)
@pytest.mark.parametrize("transform", [*EXACT, T.Resize(3), T.Grayscale(), T.RandomRotation(5)], ids=repr)
def test_what_is_no_picture_is_refused(transform, bad):
    if isinstance(transform, T.RandomHorizontalFlip) and transform.p < 1:
        return
    with pytest.raises(TypeError, match="a picture is a tensor"):
        transform(bad)
