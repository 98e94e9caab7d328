"""Special functions against `math`, known values and each other, on arrays of every device and type."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from minitorch.backend import single, special
from minitorch.backend.devices import CPU, device_of, put

NAMES = ("erf", "erfc", "erfinv", "lgamma", "digamma")
EULER = 0.57721566490153286061

ARGUMENTS = {
    "erf": np.concatenate([np.linspace(-6.5, 6.5, 2001), np.linspace(-0.5, 0.5, 501), [1e-300, 27.0, 1e10]]),
    "erfc": np.concatenate([np.linspace(-6, 26, 3001), [0.46875, 4.0, -0.46875, 1e10]]),
    "lgamma": np.concatenate([np.linspace(0.01, 14, 3001), np.logspace(-12, 15, 500), -np.linspace(0.013, 9.99, 477)]),
}
DIGAMMA = {  # closed forms, and A. & S., table 6.1 and 6.8
    1.0: -EULER,
    2.0: 1 - EULER,
    3.0: 1.5 - EULER,
    0.5: -EULER - 2 * math.log(2),
    0.25: -math.pi / 2 - 3 * math.log(2) - EULER,
    1 / 3: -math.pi / (2 * math.sqrt(3)) - 1.5 * math.log(3) - EULER,
    10.0: 2.25175258906672110765,
    100.0: 4.60016185273809230150,
    1e10: math.log(1e10) - 0.5e-10,
    -0.5: 2 - EULER - 2 * math.log(2),
    -1.5: 2 / 3 + 2 - EULER - 2 * math.log(2),
}


def on(device, function, host):
    """Compute there, return here."""
    result = function(put(host, device))
    assert device_of(result) == device
    return put(result, CPU)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_float64_is_that_of_math(name, device):
    x = ARGUMENTS[name]
    expected = np.array([getattr(math, name)(v) for v in x])
    np.testing.assert_allclose(on(device, getattr(special, name), x), expected, rtol=2e-15, atol=2e-15)


def test_erfc_is_right_relatively_as_far_as_it_goes(device):
    x = np.linspace(0.1, 26, 1000)
    expected = np.array([math.erfc(v) for v in x])
    np.testing.assert_allclose(on(device, special.erfc, x), expected, rtol=2e-15)


def test_erf_is_right_relatively_near_zero(device):
    x = np.logspace(-300, -0.3, 500)
    expected = np.array([math.erf(v) for v in x])
    np.testing.assert_allclose(on(device, special.erf, x), expected, rtol=1e-15)


def test_lgamma_is_right_relatively_near_its_zeros(device):
    """lnΓ(1 + d) = -γ d + π²/12 d² - …"""
    d = np.array([1e-3, -1e-3, 1e-8])
    exact = -EULER * d + math.pi**2 / 12 * d**2 - 0.40068563438653143 * d**3 + 0.27058080842778454 * d**4
    result = on(device, special.lgamma, 1 + d)
    np.testing.assert_allclose(result, exact, rtol=1e-7)
    np.testing.assert_allclose(result[:2], exact[:2], rtol=1e-12)


@pytest.mark.parametrize(("x", "expected"), DIGAMMA.items())
def test_digamma_has_its_known_values(x, expected, device):
    np.testing.assert_allclose(on(device, special.digamma, np.array([x]))[0], expected, rtol=2e-15, atol=2e-15)
    assert math.isclose(special.digamma(x), expected, rel_tol=2e-15, abs_tol=2e-15)


def test_digamma_is_the_derivative_of_lgamma():
    x, h = np.linspace(-4.95, 20, 400), 1e-5
    x = x[np.abs(x - np.rint(x)) > 0.02]
    slope = (special.lgamma(x + h) - special.lgamma(x - h)) / (2 * h)
    np.testing.assert_allclose(special.digamma(x), slope, rtol=2e-5, atol=1e-8)


def test_digamma_climbs_by_its_recurrence():
    x = np.linspace(0.05, 30, 500)
    np.testing.assert_allclose(special.digamma(x + 1), special.digamma(x) + 1 / x, rtol=1e-14, atol=1e-14)


def test_erfinv_inverts_erf(device):
    y = np.linspace(-5.5, 5.5, 701)
    x = np.array([math.erf(v) for v in y])
    near = np.abs(y) < 2
    result = on(device, special.erfinv, x)
    np.testing.assert_allclose(result[near], y[near], rtol=1e-13)
    np.testing.assert_allclose([math.erf(v) for v in result], x, rtol=1e-15)


@pytest.mark.parametrize(
    ("x", "expected"), [(0.5, 0.47693627620446987), (0.9, 1.1630871536766743), (1 - 2**-40, 5.051254085249389967)]
)
def test_erfinv_has_its_known_values(x, expected):
    assert math.isclose(special.erfinv(x), expected, rel_tol=1e-15)
    assert math.isclose(special.erfinv(-x), -expected, rel_tol=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_float32_is_the_rounded_float64(name, device):
    x = np.linspace(-0.99, 0.99, 333) if name == "erfinv" else np.linspace(0.02, 9, 1111)
    x = x.astype(np.float32)
    result = on(device, getattr(special, name), x)
    assert result.dtype == np.float32
    expected = getattr(special, name)(x.astype(np.float64))
    np.testing.assert_allclose(result, expected, rtol=2e-6 if name == "erfc" else 6e-7, atol=6e-7 * (name != "erfc"))


@pytest.mark.parametrize("name", NAMES)
def test_float16_stays_float16(name, device):
    x = np.array([0.25, 0.5, 0.75], np.float16)
    result = on(device, getattr(special, name), x)
    assert result.dtype == np.float16
    np.testing.assert_array_equal(result, getattr(special, name)(x.astype(np.float64)).astype(np.float16))


INF, NAN = math.inf, math.nan
LOG = math.log(1e30)
LIMITS = {  # argument and result, twice a line
    "erf": [0.0, 0.0, -0.0, -0.0, INF, 1.0, -INF, -1.0, NAN, NAN, 1e30, 1.0],
    "erfc": [0.0, 1.0, INF, 0.0, -INF, 2.0, NAN, NAN, 1e30, 0.0, -1e30, 2.0],
    "erfinv": [0.0, 0.0, -0.0, -0.0, 1.0, INF, -1.0, -INF, 1.5, NAN, -1.5, NAN, INF, NAN, NAN, NAN],
    "lgamma": [0.0, INF, -0.0, INF, 1.0, 0.0, 2.0, 0.0, -1.0, INF, -7.0, INF, INF, INF, -INF, INF, NAN, NAN],
    "digamma": [0.0, -INF, -0.0, INF, -1.0, NAN, -7.0, NAN, INF, INF, -INF, NAN, NAN, NAN, 1e30, LOG],
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", NAMES)
def test_limits_come_without_a_warning(name, dtype, device):
    x, expected = np.array(LIMITS[name], dtype).reshape(-1, 2).T
    result = on(device, getattr(special, name), x)
    np.testing.assert_allclose(result, expected, rtol=1e-6)
    zero = expected == 0
    np.testing.assert_array_equal(np.signbit(result[zero]), np.signbit(expected[zero]))


@pytest.mark.parametrize("name", NAMES)
def test_limits_of_floats_are_the_same(name):
    for x, expected in zip(LIMITS[name][::2], LIMITS[name][1::2], strict=True):
        result = getattr(special, name)(x)
        assert type(result) is float
        np.testing.assert_allclose(result, expected, rtol=1e-15, err_msg=f"{name}({x})")


@pytest.mark.parametrize("name", NAMES)
def test_floats_and_arrays_agree(name):
    for x in (0.1, 0.37, 0.5, 0.8, 0.95):
        assert math.isclose(getattr(special, name)(x), getattr(special, name)(np.array([x]))[0], rel_tol=4e-15)


@pytest.mark.parametrize("shape", [(), (0,), (2, 3)])
@pytest.mark.parametrize("name", NAMES)
def test_shape_is_kept_and_input_is_not_written(name, shape, device):
    x = np.full(shape, 0.5, np.float32)
    x.setflags(write=False)
    assert on(device, getattr(special, name), x).shape == shape


def test_values_are_those_of_pytorch(oracle):
    x = np.linspace(-0.999, 0.999, 400)
    for name in NAMES:
        theirs = getattr(oracle.special, {"lgamma": "gammaln"}.get(name, name))(oracle.from_numpy(x)).numpy()
        np.testing.assert_allclose(getattr(special, name)(x), theirs, rtol=1e-11, atol=1e-13)


def test_real_cupy_uses_its_own_functions(monkeypatch):
    """CuPy's kernels are one launch each; `gammaln` is their name of lgamma."""

    own = SimpleNamespace(gammaln=lambda x: x.astype(np.float64) + 5)
    monkeypatch.setattr(special, "library", lambda x: SimpleNamespace(__name__="cupy"))
    monkeypatch.setattr(special, "_cupyx", lambda: own)
    result = special.lgamma(np.ones(3, np.float32))
    np.testing.assert_array_equal(result, [6, 6, 6])
    assert result.dtype == np.float32


def test_erf_in_single_precision_is_right_in_every_part():
    x = np.concatenate([np.linspace(-6, 6, 3 * single.CHUNK + 5), [0.0, -0.0, 1e-30, np.inf, -np.inf]]).astype(
        np.float32
    )
    y = special.erf(x)
    np.testing.assert_allclose(y, [math.erf(v) for v in x], rtol=6e-7)
    assert np.abs(y).max() <= 1
    assert special.erf(np.float32([-1000.0, 4.0])).tolist() == [-1, 1]
    assert np.signbit(special.erf(np.float32([-0.0])))[0]
    assert np.isnan(special.erf(np.float32([np.nan])))[0]
    assert special.erf(np.zeros((2, 0), np.float32)).shape == (2, 0)
    np.testing.assert_array_equal(special.erf(x[::-2]), y[::-2])
