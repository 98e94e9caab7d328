"""Planted mistakes: each runs on NumPy, or looks as if it did, and is wrong, slow or broken on CuPy.

A mistake is a function of the library, a float32 array of 4×4 on the device, and the same array on the host.  Beside
each stands what CuPy 14.2 does, and the exception of the stand-in.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .device import StrictError


class Mistake(NamedTuple):
    """A mistake, what CuPy does about it, and what the stand-in raises."""

    run: Callable[[Any, Any, Any], Any]
    cupy: str
    error: type[Exception] | tuple[type[Exception], ...]
    forbid: str = ""  # "sync" or a dtype: which rule is on while it runs


MISTAKES: dict[str, Mistake] = {}


def mistake(cupy: str, error: Any, forbid: str = "") -> Callable[[Any], Any]:
    """Enter a function as a mistake."""

    def enter(function: Any) -> Any:
        MISTAKES[function.__name__] = Mistake(function, cupy, error, forbid)
        return function

    return enter


def host(array: Any) -> np.ndarray:
    """Copy to the host, from wherever."""
    return array.get() if hasattr(array, "get") else array


# ---- host arrays and NumPy's functions -------------------------------------------------------------------------------


@mistake("dispatches: works", TypeError)
def numpy_ufunc_on_device(xp, x, h):
    np.exp(x)


@mistake("dispatches: works", StrictError)
def numpy_function_on_device(xp, x, h):
    np.concatenate([x, x])


@mistake("TypeError", TypeError)
def host_constant_on_the_right(xp, x, h):
    x + np.ones(4, np.float32)


@mistake("TypeError", TypeError)
def host_constant_on_the_left(xp, x, h):
    np.ones(4, np.float32) * x


@mistake("TypeError", TypeError)
def numpy_asarray(xp, x, h):
    np.asarray(x)


@mistake("False, silently", AssertionError)
def isinstance_of_numpy_array(xp, x, h):
    assert isinstance(x, np.ndarray)


@mistake("copies to the device, silently", StrictError)
def host_index(xp, x, h):
    x[np.array([0, 1])]


@mistake("TypeError", TypeError)
def host_array_assigned_to_slice(xp, x, h):
    x[0:2] = np.ones((2, 4), np.float32)


@mistake("TypeError", TypeError)
def out_on_host(xp, x, h):
    xp.add(x, x, out=np.empty((4, 4), np.float32))


@mistake("TypeError", TypeError)
def numpy_testing(xp, x, h):
    np.testing.assert_allclose(x, x)


@mistake("TypeError", TypeError)
def numpy_save(xp, x, h):
    np.save(io.BytesIO(), x)


@mistake("runs NumPy, silently", TypeError)
def host_array_given_to_device_function(xp, x, h):
    xp.sum(np.ones(3))


@mistake("TypeError", StrictError)
def sliding_window_of_numpy(xp, x, h):
    np.lib.stride_tricks.sliding_window_view(x, (2, 2))


@mistake("AttributeError", AttributeError)
def array_interface(xp, x, h):
    x.__array_interface__


@mistake("AttributeError", AttributeError)
def ctypes_pointer(xp, x, h):
    x.ctypes.data


@mistake("no aliasing", AssertionError)
def relying_on_aliasing(xp, x, h):
    a = np.zeros(3, np.float32)
    b = xp.asarray(a)
    a[0] = 5
    assert host(b)[0] == 5


# ---- waits for the device --------------------------------------------------------------------------------------------


@mistake("works, waits", StrictError, "sync")
def if_on_a_loss(xp, x, h):
    if x.sum() > 0:
        pass


@mistake("works, waits", StrictError, "sync")
def float_of_a_loss(xp, x, h):
    float(x.sum())


@mistake("works, waits", StrictError, "sync")
def math_function(xp, x, h):
    math.sqrt(abs(x.sum()))


@mistake("works, waits", StrictError, "sync")
def boolean_mask(xp, x, h):
    x[x > 0]


@mistake("works, waits", StrictError, "sync")
def nonzero(xp, x, h):
    xp.nonzero(x)


@mistake("works, waits once an element", StrictError, "sync")
def python_loop(xp, x, h):
    sorted(x[0])


@mistake("TypeError: no __index__", TypeError)
def range_over_device_integer(xp, x, h):
    list(range(xp.argmax(x[0])))


@mistake("TypeError: no __index__", TypeError)
def list_index(xp, x, h):
    ["a", "b", "c", "d"][xp.argmax(x[0])]


@mistake("returns an array without dimensions", AssertionError)
def numpy_scalar_expected(xp, x, h):
    assert isinstance(x.sum(), np.floating)


# ---- arguments and names that CuPy lacks -----------------------------------------------------------------------------


@mistake("TypeError", TypeError)
def ufunc_where(xp, x, h):
    xp.divide(x, x, where=x != 0, out=xp.zeros_like(x))


@mistake("TypeError", TypeError)
def sum_where(xp, x, h):
    xp.sum(x, where=x > 0)


@mistake("TypeError", TypeError)
def method_sum_where(xp, x, h):
    x.sum(where=x > 0)


@mistake("TypeError", TypeError)
def max_initial(xp, x, h):
    xp.max(x, initial=0)


@mistake("NotImplementedError", NotImplementedError)
def maximum_reduce(xp, x, h):
    xp.maximum.reduce(x)


@mistake("NotImplementedError", NotImplementedError)
def logaddexp_reduce(xp, x, h):
    xp.logaddexp.reduce(x)


@mistake("NotImplementedError", NotImplementedError)
def multiply_at(xp, x, h):
    xp.multiply.at(x, xp.asarray([0, 0]), 2)


@mistake("TypeError", TypeError)
def subtract_at_floats(xp, x, h):
    xp.subtract.at(x, xp.asarray([0, 0]), 1)


@mistake("TypeError", TypeError)
def einsum_out(xp, x, h):
    xp.einsum("ij,ij->i", x, x, out=xp.zeros(4, dtype=x.dtype))


@mistake("TypeError", TypeError)
def clip_min_max(xp, x, h):
    xp.clip(x, min=0, max=1)


@mistake("TypeError", TypeError)
def std_correction(xp, x, h):
    xp.std(x, correction=1)


@mistake("TypeError", TypeError)
def take_mode(xp, x, h):
    xp.take(x, xp.asarray([0, 9]), axis=0, mode="clip")


@mistake("AttributeError", AttributeError)
def errstate(xp, x, h):
    with xp.errstate(all="ignore"):
        pass


@mistake("AttributeError", AttributeError)
def vecdot(xp, x, h):
    xp.vecdot(x, x)


@mistake("AttributeError", AttributeError)
def vector_norm(xp, x, h):
    xp.linalg.vector_norm(x)


@mistake("AttributeError", AttributeError)
def generator_normal(xp, x, h):
    xp.random.default_rng(0).normal(size=3)


@mistake("AttributeError", AttributeError)
def generator_permutation(xp, x, h):
    xp.random.default_rng(0).permutation(3)


@mistake("ValueError", ValueError)
def array_of_objects(xp, x, h):
    xp.array([None, 1], dtype=object)


@mistake("AttributeError", AttributeError)
def setflags(xp, x, h):
    x.setflags(write=False)


@mistake("AttributeError", AttributeError)
def resize(xp, x, h):
    x.copy().resize(2, refcheck=False)


# ---- memory, order, types --------------------------------------------------------------------------------------------


@mistake("undefined values", StrictError)
def assignment_with_repeated_indices(xp, x, h):
    x[xp.asarray([0, 0])] = xp.asarray(np.arange(8, dtype=np.float32).reshape(2, 4))


@mistake("a lost update, on NumPy too", StrictError)
def addition_with_repeated_indices(xp, x, h):
    x[xp.asarray([0, 0])] += xp.asarray(np.ones((2, 4), np.float32))


@mistake("garbage", AssertionError)
def use_of_fresh_memory(xp, x, h):
    g = xp.empty_like(x)
    g += x
    assert np.array_equal(host(g), host(x))


@mistake("wraps around, silently", IndexError)
def index_out_of_bounds(xp, x, h):
    x[xp.asarray([0, 99])]


@mistake("works, in float64", StrictError, "float64")
def numpy_double_promotes(xp, x, h):
    x * np.float64(2)


@mistake("works, in float64", StrictError, "float64")
def zeros_are_double(xp, x, h):
    xp.zeros(3)


@mistake("works, in float64", StrictError, "float64")
def integer_division_is_double(xp, x, h):
    xp.arange(3) / 2


@mistake("is in C order", AssertionError)
def order_is_kept(xp, x, h):
    assert (x.T + x.T).flags.f_contiguous
