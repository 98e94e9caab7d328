"""Printed tensors are PyTorch's, character by character: recorded texts (PyTorch 2.13), and the options."""

import numpy as np
import pytest
from numpy import inf, nan

from minitorch.backend import dtypes
from minitorch.printing import dtype_suffix, format_tensor, get_printoptions, printoptions, set_printoptions

DEFAULTS = {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80, "sci_mode": None}


def f16(values):
    return np.array(values, np.float16)


def f32(values):
    return np.array(values, np.float32)


def f64(values):
    return np.array(values, np.float64)


def c64(values):
    return np.array(values, np.complex64)


def text(array, *suffixes):
    return format_tensor(array, [dtype_suffix(array, dtypes.float32), *suffixes])


@pytest.fixture(autouse=True)
def _default_options():
    set_printoptions(profile="default")
    yield
    set_printoptions(profile="default")


# fmt: off
RECORDED = [  # what PyTorch 2.13 prints
    (f32(1), "tensor(1.)"),
    (f32(1.5), "tensor(1.5000)"),
    (f32(-0.0), "tensor(-0.)"),
    (f32(nan), "tensor(nan)"),
    (f32(-inf), "tensor(-inf)"),
    (f32(1e-5), "tensor(1.0000e-05)"),
    (f32(1e8), "tensor(100000000.)"),
    (f32(123456789), "tensor(1.2346e+08)"),
    (f64(0.1), "tensor(0.1000, dtype=torch.float64)"),
    (np.array(7), "tensor(7)"),
    (np.array(True), "tensor(True)"),
    (c64(1.5 + 2j), "tensor(1.5000+2.j)"),
    (f32([1, 2]), "tensor([1., 2.])"),
    (f32([-1, 1]), "tensor([-1.,  1.])"),
    (f32([1, 2.5]), "tensor([1.0000, 2.5000])"),
    (f32([-0.0, 0]), "tensor([-0., 0.])"),
    (f32([-0.0, 0.5]), "tensor([-0.0000, 0.5000])"),
    (f32([0, 0]), "tensor([0., 0.])"),
    (f32([10, -inf, nan, 0]), "tensor([10., -inf, nan,  0.])"),
    (f32([1, -inf, 2]), "tensor([1., -inf, 2.])"),
    (f32([1.5, -inf, nan]), "tensor([1.5000,   -inf,    nan])"),
    (f32([inf, nan]), "tensor([inf, nan])"),
    (f32([1000, 1]), "tensor([1000.,    1.])"),
    (f32([1001, 1]), "tensor([1.0010e+03, 1.0000e+00])"),
    (f32([0.0001, 0.05]), "tensor([1.0000e-04, 5.0000e-02])"),
    (f64([0.0001, 0.05]), "tensor([0.0001, 0.0500], dtype=torch.float64)"),
    (f64([0.00009]), "tensor([9.0000e-05], dtype=torch.float64)"),
    (f32([1e5, 0.5]), "tensor([1.0000e+05, 5.0000e-01])"),
    (f64([1e8, 2e8]), "tensor([1.0000e+08, 2.0000e+08], dtype=torch.float64)"),
    (f64([99999999.5]), "tensor([99999999.5000], dtype=torch.float64)"),
    (f64([1e300, 1e-300]), "tensor([1.0000e+300, 1.0000e-300], dtype=torch.float64)"),
    (f64([5e-324]), "tensor([4.9407e-324], dtype=torch.float64)"),
    (f16([65504]), "tensor([65504.], dtype=torch.float16)"),
    (f16([65504, 1]), "tensor([6.5504e+04, 1.0000e+00], dtype=torch.float16)"),
    (f16([1.5, 0.1]), "tensor([1.5000, 0.1000], dtype=torch.float16)"),
    (f32([0, 1e-9]), "tensor([0.0000e+00, 1.0000e-09])"),
    (np.array([1, -100, 3]), "tensor([   1, -100,    3])"),
    (np.array([True, False]), "tensor([ True, False])"),
    (np.array([1], np.int32), "tensor([1], dtype=torch.int32)"),
    (np.array([255, 0], np.uint8), "tensor([255,   0], dtype=torch.uint8)"),
    (np.array([-128], np.int8), "tensor([-128], dtype=torch.int8)"),
    (np.array([-(2**63)]), "tensor([-9223372036854775808])"),
    (c64([1 + 2j, 3.5 - 1j]), "tensor([1.0000+2.j, 3.5000-1.j])"),
    (c64([1, 2]), "tensor([1.+0.j, 2.+0.j])"),
    (c64([1 - 1j, 10 - 100j]), "tensor([ 1.-1.j, 10.-100.j])"),
    (c64([complex(-inf, nan), 1]), "tensor([-inf+nanj, 1.+0.j])"),
    (c64([complex(0, -0.0)]), "tensor([0.-0.j])"),
    (c64([1 + 1e-9j, 2]), "tensor([1.+1.0000e-09j, 2.+0.0000e+00j])"),
    (np.array([0.5 + 1e10j, 1]), "tensor([0.5000+1.0000e+10j, 1.0000+0.0000e+00j], dtype=torch.complex128)"),
    (f32([]), "tensor([])"),
    (np.zeros((0, 3), np.float32), "tensor([], size=(0, 3))"),
    (np.zeros((2, 0, 3)), "tensor([], size=(2, 0, 3), dtype=torch.float64)"),
    (np.zeros(0, np.int64), "tensor([], dtype=torch.int64)"),
    (np.zeros((3, 0), bool), "tensor([], size=(3, 0), dtype=torch.bool)"),
    (c64([]), "tensor([], dtype=torch.complex64)"),
    (np.arange(30, dtype=np.float32), """\
tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13.,
        14., 15., 16., 17., 18., 19., 20., 21., 22., 23., 24., 25., 26., 27.,
        28., 29.])"""),
    (np.arange(24, dtype=np.float32).reshape(2, 3, 4), """\
tensor([[[ 0.,  1.,  2.,  3.],
         [ 4.,  5.,  6.,  7.],
         [ 8.,  9., 10., 11.]],

        [[12., 13., 14., 15.],
         [16., 17., 18., 19.],
         [20., 21., 22., 23.]]])"""),
    (np.arange(4).reshape(1, 2, 1, 2), """\
tensor([[[[0, 1]],

         [[2, 3]]]])"""),
    (f64([[1, 2], [-3.25, inf]]), """\
tensor([[ 1.0000,  2.0000],
        [-3.2500,     inf]], dtype=torch.float64)"""),
    (np.arange(1001), "tensor([   0,    1,    2,  ...,  998,  999, 1000])"),
    (np.arange(2000, dtype=np.float32).reshape(2, 1000), """\
tensor([[0.0000e+00, 1.0000e+00, 2.0000e+00,  ..., 9.9700e+02, 9.9800e+02,
         9.9900e+02],
        [1.0000e+03, 1.0010e+03, 1.0020e+03,  ..., 1.9970e+03, 1.9980e+03,
         1.9990e+03]])"""),
    (np.zeros((60, 20), bool), """\
tensor([[False, False, False,  ..., False, False, False],
        [False, False, False,  ..., False, False, False],
        [False, False, False,  ..., False, False, False],
        ...,
        [False, False, False,  ..., False, False, False],
        [False, False, False,  ..., False, False, False],
        [False, False, False,  ..., False, False, False]])"""),
    (np.arange(15.0), """\
tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13.,
        14.], dtype=torch.float64)"""),
    (np.arange(13.0), """\
tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12.],
       dtype=torch.float64)"""),
    (c64([1 + 2j, 3.5 + 10j] * 4), """\
tensor([1.0000+2.j, 3.5000+10.j, 1.0000+2.j, 3.5000+10.j, 1.0000+2.j, 3.5000+10.j,
        1.0000+2.j, 3.5000+10.j])"""),
]

RECORDED_WITH_OPTIONS = [
    (dict(precision=2), f32([1.12345, 1000]), "tensor([   1.12, 1000.00])"),
    (dict(precision=0), f32([0.5, 1.5]), "tensor([0, 2])"),
    (dict(sci_mode=True), f32([1, -inf, 250]), "tensor([1.0000e+00,       -inf, 2.5000e+02])"),
    (dict(sci_mode=True), f32([0, 0]), "tensor([0., 0.])"),
    (dict(sci_mode=False), f32([1e10, 1e-5]), "tensor([10000000000.0000,           0.0000])"),
    (dict(threshold=5, edgeitems=1), np.arange(12).reshape(2, 6), """\
tensor([[ 0,  ...,  5],
        [ 6,  ..., 11]])"""),
    (dict(threshold=5, edgeitems=1), np.arange(12).reshape(6, 2), """\
tensor([[ 0,  1],
        ...,
        [10, 11]])"""),
    (dict(threshold=5, edgeitems=2, linewidth=20), f32([1, 2, 1000, 0.5, 3, 4, 5, 6]), """\
tensor([1., 2.,  ...,
        5., 6.])"""),
    (dict(edgeitems=0), np.array(1), "tensor(1, size=())"),
    (dict(threshold=3, edgeitems=0), np.arange(6), "tensor([...], size=(6,))"),
    (dict(threshold=0, edgeitems=0), f32(2), "tensor(2., size=())"),
    (dict(threshold=8, edgeitems=1), np.arange(8), "tensor([0, 1, 2, 3, 4, 5, 6, 7])"),
    (dict(linewidth=20), np.arange(6.0), """\
tensor([0., 1., 2.,
        3., 4., 5.],
       dtype=torch.float64)"""),
    (dict(linewidth=0), f32([1, 2]), """\
tensor([1.,
        2.])"""),
    (dict(profile="short"), f32([1.12345]), "tensor([1.12])"),
    (dict(profile="short", threshold=5), np.arange(6), "tensor([0, 1,  ..., 4, 5])"),
]
# fmt: on


@pytest.mark.parametrize(("array", "expected"), RECORDED, ids=range(len(RECORDED)))
def test_text_is_what_pytorch_printed(array, expected):
    assert text(array) == expected


@pytest.mark.parametrize(("options", "array", "expected"), RECORDED_WITH_OPTIONS, ids=range(len(RECORDED_WITH_OPTIONS)))
def test_text_with_options_is_what_pytorch_printed(options, array, expected):
    with printoptions(**options):
        assert text(array) == expected


@pytest.mark.parametrize(
    ("linewidth", "expected"),
    [
        (57, "tensor([1., 2.], dtype=torch.float64,\n       requires_grad=True)"),
        (58, "tensor([1., 2.], dtype=torch.float64, requires_grad=True)"),
        (37, "tensor([1., 2.],\n       dtype=torch.float64,\n       requires_grad=True)"),
    ],
)
def test_suffix_that_does_not_fit_starts_a_line(linewidth, expected):
    with printoptions(linewidth=linewidth):
        assert text(f64([1, 2]), "requires_grad=True") == expected


def test_line_of_suffixes_takes_as_many_as_fit():
    suffixes = ["device='cuda:0'", "dtype=torch.float64", "grad_fn=<AddBackward0>"]
    with printoptions(linewidth=50):
        assert format_tensor(f64([1, 2]), suffixes) == (
            "tensor([1., 2.], device='cuda:0',\n       dtype=torch.float64, grad_fn=<AddBackward0>)"
        )
    with printoptions(linewidth=49):
        assert format_tensor(f64([1, 2]), suffixes).count("\n") == 2


def test_size_stands_between_device_and_dtype():
    suffixes = ["device='cuda:0'", "dtype=torch.float64", "requires_grad=True"]
    expected = "tensor([], device='cuda:0', size=(0, 3), dtype=torch.float64,\n       requires_grad=True)"
    with printoptions(linewidth=70):
        assert format_tensor(np.zeros((0, 3)), suffixes) == expected


def test_prefix_and_indent_move_the_later_lines():
    array = np.arange(4).reshape(2, 2)
    assert format_tensor(array, prefix="Buffer(") == "Buffer([[0, 1],\n        [2, 3]])"
    assert format_tensor(array, indent=2) == "tensor([[0, 1],\n          [2, 3]])"
    with printoptions(linewidth=40):  # the indent counts when a suffix is fitted in
        assert format_tensor(f64([1, 2]), ["dtype=torch.float64"], indent=2).count("\n") == 0
        assert format_tensor(f64([1, 2]), ["dtype=torch.float64"], indent=3).count("\n") == 1


def test_dtype_is_shown_unless_the_values_tell_it():
    kinds = [np.float16, np.float32, np.float64, np.complex64, np.complex128, np.int64, np.int32, np.bool_]
    shown = {
        default: [bool(dtype_suffix(np.ones(size, kind), default)) for kind in kinds]
        for size, default in [(1, dtypes.float32), (1, dtypes.float64), (1, dtypes.float16)]
    }
    assert shown[dtypes.float32] == [True, False, True, False, True, False, True, False]
    assert shown[dtypes.float64] == [True, True, False, True, False, False, True, False]
    assert shown[dtypes.float16] == [False, True, True, False, True, False, True, False]
    empty = [bool(dtype_suffix(np.ones(0, kind), dtypes.float64)) for kind in kinds]
    assert empty == [True, True, False, True, True, True, True, True]
    assert dtype_suffix(np.ones(1), np.dtype(np.float32)) == "dtype=torch.float64"


def test_options_are_set_one_by_one_or_by_profile():
    assert get_printoptions() == DEFAULTS
    set_printoptions(precision=2, linewidth=100)
    assert get_printoptions() == DEFAULTS | {"precision": 2, "linewidth": 100}
    set_printoptions(profile="short")
    assert get_printoptions() == DEFAULTS | {"precision": 2, "edgeitems": 2}
    set_printoptions(profile="full", precision=3)
    assert get_printoptions() == DEFAULTS | {"precision": 3, "threshold": inf}


def test_every_call_sets_sci_mode():
    set_printoptions(sci_mode=True)
    set_printoptions(edgeitems=2)
    assert get_printoptions()["sci_mode"] is None


def test_profile_full_leaves_nothing_out():
    set_printoptions(profile="full")
    assert text(np.arange(2000)).count(",") == 1999


def test_options_are_restored_after_the_block():
    set_printoptions(precision=7, sci_mode=False)
    with pytest.raises(KeyError), printoptions(precision=1):
        raise KeyError
    assert get_printoptions() == DEFAULTS | {"precision": 7, "sci_mode": False}


@pytest.mark.parametrize(
    ("error", "options"),
    [
        (ValueError, {"profile": "ful"}),
        (ValueError, {"precision": -1}),
        (ValueError, {"edgeitems": -1}),
        (TypeError, {"precision": 2.5}),
        (TypeError, {"edgeitems": "3"}),
        (TypeError, {"linewidth": "a"}),
        (TypeError, {"threshold": "a"}),
        (TypeError, {"digits": 1}),
    ],
)
def test_bad_option_is_named_and_changes_nothing(error, options):
    with pytest.raises(error, match=next(iter(options))):
        set_printoptions(**options)
    assert get_printoptions() == DEFAULTS
