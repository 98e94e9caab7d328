"""Types and their mixtures are PyTorch's."""

from __future__ import annotations

import itertools
import pickle

import numpy as np
import pytest

from minitorch.backend import dtypes as d

WIDE = {d.uint16, d.uint32, d.uint64}

# What each row becomes with each column; by hand, from the documentation of PyTorch's promotion.
NAMES = {"b1": "bool", "u8": "uint8", "i8": "int8", "i16": "int16", "i32": "int32", "i64": "int64", "f16": "float16"}
NAMES |= {"f32": "float32", "f64": "float64", "c64": "complex64", "c128": "complex128"}
TABLE = """
b1   b1   u8   i8   i16  i32  i64  f16  f32  f64  c64  c128
u8   u8   u8   i16  i16  i32  i64  f16  f32  f64  c64  c128
i8   i8   i16  i8   i16  i32  i64  f16  f32  f64  c64  c128
i16  i16  i16  i16  i16  i32  i64  f16  f32  f64  c64  c128
i32  i32  i32  i32  i32  i32  i64  f16  f32  f64  c64  c128
i64  i64  i64  i64  i64  i64  i64  f16  f32  f64  c64  c128
f16  f16  f16  f16  f16  f16  f16  f16  f32  f64  c64  c128
f32  f32  f32  f32  f32  f32  f32  f32  f32  f64  c64  c128
f64  f64  f64  f64  f64  f64  f64  f64  f64  f64  c128 c128
c64  c64  c64  c64  c64  c64  c64  c64  c64  c128 c64  c128
c128 c128 c128 c128 c128 c128 c128 c128 c128 c128 c128 c128
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]


def by_name(name: str) -> d.dtype:
    return getattr(d, name)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_promotion_is_that_of_the_table(row):
    found = [d.promote_types(by_name(NAMES[row[0]]), by_name(n)).name for n in NAMES.values()]
    assert found == [NAMES[n] for n in row[1:]]


@pytest.mark.parametrize("wide", sorted(WIDE, key=lambda t: t.name), ids=str)
def test_wide_unsigned_types_mix_with_floats_only(wide):
    assert d.promote_types(wide, wide) is wide
    for other in set(d.ALL) - {wide}:
        if other.is_floating_point:
            assert d.promote_types(wide, other) is d.promote_types(other, wide) is other
        else:
            with pytest.raises(RuntimeError, match="uint16, uint32, uint64 types is not supported"):
                d.promote_types(other, wide)


def outcome(function, *args):
    """Return the name of the resulting type, or that it raises."""
    try:
        return str(function(*args))
    except RuntimeError:
        return "RuntimeError"


def test_promotion_of_all_pairs_is_that_of_pytorch(oracle):
    for a, b in itertools.product(d.ALL, d.ALL):
        ours = outcome(d.promote_types, a, b)
        assert ours == outcome(oracle.promote_types, getattr(oracle, a.name), getattr(oracle, b.name)), (a, b)


def test_mixtures_of_dimensions_and_numbers_are_those_of_pytorch(oracle):
    """Tensors with dimensions, without, and Python numbers: every pair of kinds and types."""
    operands = [("scalar", x) for x in (True, 1, 1.0, 1j)]
    operands += [(kind, t) for t in d.ALL for kind in ("dimensioned", "zero_dim")]

    def theirs(kind, x):
        shape = (2,) if kind == "dimensioned" else ()
        return x if kind == "scalar" else oracle.ones(shape, dtype=getattr(oracle, x.name))

    for left, right in itertools.combinations_with_replacement(operands, 2):
        groups = {"dimensioned": [], "zero_dim": [], "scalar": []}
        for kind, x in (left, right):
            groups[kind].append(type(x) if kind == "scalar" else x)
        ours = outcome(d.result_dtype, *groups.values())
        expected = outcome(oracle.result_type, theirs(*left), theirs(*right))
        if expected == "torch.complex32":  # NumPy has none
            expected = "torch.complex64"
        assert ours == expected, (left, right)


@pytest.mark.parametrize(
    ("dimensioned", "zero_dim", "scalars", "expected"),
    [
        ([d.float32], [d.float64], [], d.float32),  # a 0-d tensor does not widen within its kind
        ([d.int64], [d.float16], [], d.float16),  # but raises the kind
        ([d.int32], [], [int], d.int32),
        ([d.int32], [], [float], d.float32),
        ([d.uint8], [d.int64], [], d.uint8),
        ([d.bool], [], [int], d.int64),
        ([d.float16], [], [complex], d.complex64),
        ([d.float64], [], [complex], d.complex128),
        ([d.float32], [d.complex128], [], d.complex64),
        ([], [d.int8], [float], d.float32),
        ([], [], [bool, int], d.int64),
        ([d.float32, d.float64], [], [], d.float64),
    ],
)
def test_dimensioned_tensors_weigh_more_than_others(dimensioned, zero_dim, scalars, expected):
    assert d.result_dtype(dimensioned, zero_dim, scalars) is expected


def test_result_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        d.result_dtype([], [], [])


def test_numbers_follow_the_default_type():
    d.set_default_dtype(d.float64)
    try:
        assert d.result_dtype([d.int32], [], [float]) is d.float64
        assert d.result_dtype([d.int32], [], [complex]) is d.complex128
        assert d.from_numpy(float) is d.float64
    finally:
        d.set_default_dtype(d.float32)
    assert d.get_default_dtype() is d.float32


@pytest.mark.parametrize("wrong", [d.int64, d.complex64, "float32", None])
def test_default_type_must_be_floating(wrong):
    with pytest.raises(TypeError, match="only floating-point types"):
        d.set_default_dtype(wrong)


def test_names_and_attributes_are_those_of_pytorch(oracle):
    for ours in d.ALL:
        theirs = getattr(oracle, ours.name)
        assert repr(ours) == repr(theirs)
        for attribute in ("itemsize", "is_floating_point", "is_complex", "is_signed"):
            assert getattr(ours, attribute) == getattr(theirs, attribute), (ours, attribute)
    for alias in ("half", "float", "double", "short", "int", "long", "cfloat", "cdouble"):
        assert repr(getattr(d, alias)) == repr(getattr(oracle, alias))


def test_can_cast_is_that_of_pytorch(oracle):
    for a, b in itertools.product(d.ALL, d.ALL):
        assert d.can_cast(a, b) == oracle.can_cast(getattr(oracle, a.name), getattr(oracle, b.name)), (a, b)


def test_complex_and_real_counterparts():
    assert [t.to_complex() for t in (d.float16, d.float32, d.float64)] == [d.complex64, d.complex64, d.complex128]
    assert [t.to_real() for t in (d.complex64, d.complex128, d.float64)] == [d.float32, d.float64, d.float64]
    with pytest.raises(RuntimeError, match=r"no complex type with parts of type torch\.int32"):
        d.int32.to_complex()


@pytest.mark.parametrize("known", [np.float32, "float32", np.dtype(">f4"), np.dtype("f4"), d.float32, float])
def test_from_numpy_finds_the_type(known):
    assert d.from_numpy(known) is d.float32


def test_from_numpy_knows_both_names_of_64_bit_integers():
    assert d.from_numpy("longlong") is d.from_numpy("int64") is d.from_numpy(int) is d.int64


@pytest.mark.parametrize("unknown", ["O", "U3", "datetime64[s]", np.dtype([("a", "f4")])])
def test_from_numpy_refuses_what_is_not_a_number(unknown):
    with pytest.raises(TypeError, match="can't convert np.ndarray of type"):
        d.from_numpy(unknown)


@pytest.mark.parametrize("dtype", d.ALL, ids=str)
def test_pickle_returns_the_same_object(dtype):
    assert pickle.loads(pickle.dumps(dtype)) is dtype


def test_limits_are_those_of_pytorch(oracle):
    for ours in d.ALL:
        theirs = getattr(oracle, ours.name)
        if ours.rank == 1:
            a, b = d.iinfo(ours), oracle.iinfo(theirs)
            assert (a.bits, a.min, a.max, a.dtype) == (b.bits, b.min, b.max, b.dtype)
            assert repr(a) == repr(b)
        elif ours.rank > 1:
            a, b = d.finfo(ours), oracle.finfo(theirs)
            assert repr(a) == repr(b)
            for name in ("bits", "eps", "max", "min", "tiny", "smallest_normal", "resolution", "dtype"):
                assert getattr(a, name) == getattr(b, name), (ours, name)
    assert d.finfo().dtype == "float32"


def test_limits_of_the_wrong_kind_are_refused():
    with pytest.raises(TypeError, match=r"Use torch.iinfo to handle 'torch.int8'"):
        d.finfo(d.int8)
    with pytest.raises(TypeError, match=r"Use torch.finfo to handle 'torch.float32'"):
        d.iinfo(d.float32)
