"""The stand-in catches the mistakes that it is for, and lets right code pass."""

from __future__ import annotations

import contextlib
import copy
import pickle
import threading

import numpy as np
import pytest

from minitorch.backend import cuda
from tests.strict import Device, StrictError, counts, forbid, ndarray, no_sync, strict
from tests.strict.mistakes import MISTAKES
from tests.strict.snapshot import API, snapshot

HOST = np.arange(16, dtype=np.float32).reshape(4, 4) - 5
WRONG_ON_NUMPY_TOO = {"index_out_of_bounds", "use_of_fresh_memory", "clip_min_max"}  # the last before NumPy 2.1


@pytest.fixture
def x() -> ndarray:
    return strict.asarray(HOST)


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_refused(name, x):
    planted = MISTAKES[name]
    rule = {"": contextlib.nullcontext(), "sync": no_sync()}.get(planted.forbid) or forbid(planted.forbid)
    with rule, pytest.raises(planted.error):
        planted.run(strict, x, HOST)


@pytest.mark.parametrize("name", sorted(set(MISTAKES) - WRONG_ON_NUMPY_TOO))
def test_the_same_code_passes_on_numpy(name):
    MISTAKES[name].run(np, HOST.copy(), HOST.copy())


def test_there_are_53_mistakes():
    assert len(MISTAKES) == 53


# ---- right code passes -----------------------------------------------------------------------------------------------


def test_operators_compute_as_numpy(x):
    with no_sync():
        y = 2 * x - x / np.float32(3) + (x @ x.T) ** 2 - (-x)
        y += 1
    h = 2 * HOST - HOST / np.float32(3) + (HOST @ HOST.T) ** 2 + HOST + 1
    assert type(y) is ndarray
    assert y.dtype == np.float32
    np.testing.assert_allclose(y.get(), h, rtol=1e-6)


def test_functions_compute_as_numpy(x):
    with no_sync():
        y = strict.where(x > 0, strict.exp(strict.minimum(x, 3)), 0.0)
        rows = strict.take_along_axis(x, strict.argmax(x, axis=1, keepdims=True), axis=1)
        z = strict.concatenate([y, rows], axis=1).sum(axis=0, keepdims=True)
    h = np.where(HOST > 0, np.exp(np.minimum(HOST, 3)), 0)
    expected = np.concatenate([h, HOST.max(axis=1, keepdims=True)], axis=1).sum(axis=0, keepdims=True)
    np.testing.assert_allclose(z.get(), expected, rtol=1e-6)


def test_strided_windows_share_memory(x):
    windows = strict.lib.stride_tricks.as_strided(x, (3, 3, 2, 2), (*x.strides, *x.strides))
    x[0, 0] = 99.0
    assert windows[0, 0, 0, 0].item() == 99.0


def test_add_at_adds_what_is_repeated(x):
    y = strict.zeros(3, dtype=np.float32)
    strict.add.at(y, (strict.asarray([0, 0, 2]),), strict.ones(3, dtype=np.float32))
    np.testing.assert_array_equal(y.get(), [2, 0, 1])


def test_reductions_return_arrays_without_dimensions(x):
    total = x.sum()
    assert type(total) is ndarray
    assert total.shape == ()
    assert (total / 2).shape == ()


def test_out_is_returned(x):
    y = strict.empty_like(x)
    assert strict.add(x, x, out=y) is y
    assert strict.sum(x, axis=0, out=y[0]).shape == (4,)
    np.testing.assert_array_equal(y.get()[1:], 2 * HOST[1:])


def test_generator_draws_in_the_type_asked_for():
    values = strict.random.default_rng(0).random((3, 2), dtype=np.float32)
    assert (values.shape, values.dtype) == ((3, 2), np.float32)


def test_unknown_operand_gets_its_turn(x):
    class Right:
        __array_ufunc__ = None

        def __rmul__(self, other):
            return "right"

    assert x * Right() == "right"


def test_waits_and_copies_are_counted(x):
    counts.clear()
    x.get(), x.sum().item(), bool(x[0, 0]), strict.asarray(HOST)
    assert counts == {"sync": 3, "sync:get": 1, "sync:item": 1, "sync:bool": 1, "h2d": 1}


def test_rules_are_off_again_after_an_exception(x):
    with pytest.raises(StrictError), no_sync():
        x.item()
    with pytest.raises(StrictError), forbid("float64"):
        strict.zeros(1)
    assert strict.zeros(1)[0].item() == 0.0


# ---- two devices -----------------------------------------------------------------------------------------------------


@pytest.fixture
def there() -> ndarray:
    with Device(1):
        return strict.asarray(HOST)


def test_arrays_remember_their_device(x, there):
    assert (x.device.id, there.device.id) == (0, 1)
    assert x.device == x.T.device == Device(0) != there.device
    assert {(there + 1).device, there[0].device, there.sum().device, strict.exp(there).device} == {Device(1)}
    assert strict.zeros_like(there).device == copy.copy(there).device == copy.deepcopy(there).device == Device(1)


def test_new_arrays_are_made_on_the_current_device():
    with Device(1):
        made = [strict.zeros(2), strict.arange(3), strict.asarray([1.0]), strict.random.default_rng(0).random(2)]
        with Device(0):
            assert strict.ones(1).device.id == 0
        assert Device().id == 1
    assert {a.device.id for a in made} == {1}
    assert Device().id == 0


@pytest.mark.parametrize(
    "mix",
    {
        "operator": lambda a, b: a + b,
        "in place": lambda a, b: a.__iadd__(b),
        "ufunc": lambda a, b: strict.maximum(a, b),
        "function": lambda a, b: strict.concatenate([a, b]),
        "keyword": lambda a, b: strict.sum(a, axis=0, out=b[0]),
        "method": lambda a, b: a.dot(b),
        "index": lambda a, b: a[b.astype(np.int64)],
        "assignment": lambda a, b: a.__setitem__(0, b[0]),
        "add.at": lambda a, b: strict.add.at(a, (strict.asarray([0]),), b[:1]),
    }.items(),
    ids=lambda item: item[0],
)
def test_operands_on_two_devices_are_refused(mix, x, there):
    with pytest.raises(ValueError, match=r"strict:0 and strict:1"):
        mix[1](x, there)


def test_asarray_copies_from_another_device(x):
    with Device(1):
        y = strict.asarray(x)
        assert strict.asarray(y) is y
    y += 1
    assert y.device.id == 1
    np.testing.assert_array_equal(x.get(), HOST)


def test_work_away_from_the_current_device_is_counted(there):
    counts.clear()
    there + 1
    with Device(1):
        there + 1
    assert counts["peer"] == 1


def test_a_device_that_does_not_exist_is_refused():
    with pytest.raises(RuntimeError, match="invalid device ordinal 2"), Device(2):
        pass


def test_the_current_device_belongs_to_the_thread():
    seen = []
    with Device(1):
        thread = threading.Thread(target=lambda: seen.append(strict.zeros(1).device.id))
        thread.start()
        thread.join()
    assert seen == [0]


def test_pickle_arrives_on_the_current_device(there):
    back = pickle.loads(pickle.dumps(there))
    assert back.device.id == 0
    np.testing.assert_array_equal(back.get(), HOST)


# ---- the list of CuPy's names ----------------------------------------------------------------------------------------


def test_list_of_names_is_that_of_the_installed_cupy():
    pytest.importorskip("cupy", reason="CuPy is not installed")
    if not cuda.installed():
        pytest.skip("a folder named cupy is not CuPy")
    found = snapshot()
    if found["version"] != API["version"]:
        pytest.skip(f"the list is that of CuPy {API['version']}, installed is {found['version']}")
    assert found == API
