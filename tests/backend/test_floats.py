"""Python floats do what NumPy does, at the special values too, and never raise."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minitorch.backend import floats

INF, NAN = math.inf, math.nan
VALUES = [0.0, -0.0, 1.0, -1.0, 0.3, -0.3, 0.5, -0.5, 1.5, 2.5, -2.5, 2.0, -3.0, 1e-310, -1e-310, 1e300, -1e300, 800.0]
VALUES += [-800.0, INF, -INF, NAN]
CONSTANTS = {"e", "inf", "nan", "pi"}
BINARY = {"arctan2", "copysign", "divide", "maximum", "minimum", "power"}
NOT_IN_NUMPY = {"erf", "erfc", "lgamma"}
UNARY = sorted(set(floats.__all__) - CONSTANTS - BINARY - NOT_IN_NUMPY - {"where"})


def same(a: float, b: float) -> bool:
    """Tell whether two results agree, to a few units in the last place, signs of zeros included."""
    if a != a or b != b:
        return a != a and b != b
    return math.copysign(1.0, a) == math.copysign(1.0, b) and (a == b or math.isclose(a, b, rel_tol=1e-14))


@pytest.mark.parametrize("name", UNARY)
def test_function_of_one_number_is_that_of_numpy(name):
    for x in VALUES:
        with np.errstate(all="ignore"):
            expected = getattr(np, name)(np.float64(x))
        result = getattr(floats, name)(x)
        assert type(result) is (bool if name.startswith("is") else float)
        assert same(result, expected), f"{name}({x}) is {result}, not {expected}"


@pytest.mark.parametrize("name", sorted(BINARY))
def test_function_of_two_numbers_is_that_of_numpy(name):
    for x in VALUES:
        for y in VALUES:
            with np.errstate(all="ignore"):
                expected = getattr(np, name)(np.float64(x), np.float64(y))
            result = getattr(floats, name)(x, y)
            assert type(result) is float
            if (name in ("maximum", "minimum") and x == y == 0.0) or (name == "power" and x <= 0.0 and y == 0.5):
                continue  # which zero NumPy chooses depends on the machine; a power of 0.5 it takes by sqrt
            assert same(result, expected), f"{name}({x}, {y}) is {result}, not {expected}"


@pytest.mark.parametrize("name", sorted(CONSTANTS))
def test_constant_is_that_of_numpy(name):
    assert same(getattr(floats, name), getattr(np, name))


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("erf", [(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (1e300, 1.0), (NAN, NAN)]),
        ("erfc", [(0.0, 1.0), (INF, 0.0), (-INF, 2.0), (1e300, 0.0), (NAN, NAN)]),
        ("lgamma", [(0.0, INF), (-0.0, INF), (-3.0, INF), (1.0, 0.0), (INF, INF), (1e307, INF)]),
        ("lgamma", [(-INF, INF), (NAN, NAN), (-0.5, math.log(2 * math.sqrt(math.pi)))]),
    ],
)
def test_functions_that_numpy_lacks_have_their_limits(name, limits):
    for x, expected in limits:
        assert same(getattr(floats, name)(x), expected), (name, x)


def test_where_chooses():
    assert (floats.where(True, 1.0, 2.0), floats.where(0.0, 1.0, 2.0)) == (1.0, 2.0)


def test_every_name_is_there_and_tested():
    tested = CONSTANTS | BINARY | NOT_IN_NUMPY | set(UNARY) | {"where"}
    assert tested == set(floats.__all__)
    assert all(hasattr(floats, name) for name in floats.__all__)
