"""Between tensors and the rest of Python: arrays that share memory, DLPack, copies, pickles, and Python's protocols."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitorch as mt
from minitorch.testing import strategies

KINDS = "bool uint8 int8 int16 int32 int64 float16 float32 float64 complex64 complex128".split()


def numbers(kind: str) -> np.ndarray:
    return np.arange(6).reshape(2, 3).astype(kind)


# ---- memory that is shared -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_from_numpy_and_numpy_share_memory_both_ways(kind):
    a = numbers(kind)
    x = mt.from_numpy(a)
    assert str(x.dtype) == f"torch.{kind}"
    assert x.data_ptr() == a.ctypes.data
    assert x.numpy() is a or np.shares_memory(x.numpy(), a)
    a[0, 0] = 1
    assert x[0, 0].item() == 1
    x[1, 2] = 0
    assert a[1, 2] == 0
    x.zero_()
    assert not a.any()


@given(strategies.shapes(1, 3, 0, 4), st.data())
def test_views_and_their_arrays_lie_in_one_memory(shape, data):
    a = np.arange(float(np.prod(shape))).reshape(shape)
    key = data.draw(strategies.basic_indices(shape))
    part = mt.from_numpy(a)[key]
    expected = a[key] if Ellipsis in key else a[(*key, Ellipsis)]
    np.testing.assert_array_equal(part.numpy(), expected)
    if part.numel():
        assert part.data_ptr() == expected.__array_interface__["data"][0]
        part.fill_(-1.0)
        assert (expected == -1).all()
        assert (a == -1).sum() == expected.size


def test_arrays_in_any_layout_keep_their_memory():
    base = np.arange(24.0).reshape(4, 6)
    for a in (base.T, base[::2, 1::3], base[::-1], np.asfortranarray(base), base[:, 2], base[None, 1]):
        x = mt.from_numpy(a)
        assert x.data_ptr() == a.__array_interface__["data"][0]
        assert [s for s, n in zip(x.stride(), a.shape, strict=True) if n > 1] == [
            s // 8 for s, n in zip(a.strides, a.shape, strict=True) if n > 1
        ]
        assert x.tolist() == a.tolist()
        assert (x + x).tolist() == (a + a).tolist()


def test_as_tensor_shares_where_it_can_and_tensor_never_does():
    a = np.zeros(3)
    assert mt.as_tensor(a).data_ptr() == a.ctypes.data
    assert mt.asarray(a).data_ptr() == a.ctypes.data
    for copied in (mt.as_tensor(a, dtype=mt.float32), mt.tensor(a), mt.asarray(a, copy=True), mt.Tensor(a)):
        assert copied.data_ptr() != a.ctypes.data
    x = mt.zeros(3)
    assert mt.as_tensor(x) is x


def test_numpy_refuses_what_would_lose_a_gradient_and_detach_allows(device):
    x = mt.ones(3, device=device, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"Can't call numpy\(\) on Tensor that requires grad. Use tensor.detach"):
        x.numpy()
    with pytest.raises(RuntimeError, match="requires grad"):
        np.asarray(x)
    if device.type == "cpu":
        assert np.shares_memory(x.detach().numpy(), x.value)
    else:
        with pytest.raises(TypeError, match=r"can't convert .* device type tensor to numpy. Use Tensor.cpu\(\)"):
            x.detach().numpy()
    assert x.numpy(force=True).tolist() == [1.0] * 3


def test_numpy_takes_tensors_for_arrays():
    x = mt.arange(6.0).view(2, 3)
    assert np.shares_memory(np.asarray(x), x.numpy())
    assert not np.shares_memory(np.array(x), x.numpy())
    assert np.asarray(x, dtype=np.float64).dtype == np.float64
    assert np.array(x).tolist() == np.stack([x[0], x[1]]).tolist() == x.tolist()
    np.testing.assert_allclose(x, x.numpy())
    with pytest.raises(ValueError, match="copy"):
        np.array(x, dtype=np.float64, copy=False)


@pytest.mark.parametrize(
    "bad", [np.array(["a"]), np.array([None]), np.zeros(2, "M8[s]"), np.zeros(2, "longdouble"), np.zeros(2, "i4,f4")]
)
def test_arrays_of_other_things_are_refused(bad):
    for make in (mt.from_numpy, mt.tensor, mt.as_tensor):
        with pytest.raises(
            TypeError, match=r"can't convert np.ndarray of type numpy\.\w+. The only supported types are"
        ):
            make(bad)


def test_from_numpy_takes_arrays_alone_and_reads_only_what_is_read_only():
    for other in ([1.0], 1.0, mt.ones(2), "a"):
        with pytest.raises(TypeError, match="expected np.ndarray"):
            mt.from_numpy(other)  # type: ignore[arg-type]
    a = np.broadcast_to(np.ones(1), (3,))
    with pytest.raises((ValueError, RuntimeError), match="read-only|single memory location"):
        mt.from_numpy(a).add_(1)
    assert (mt.from_numpy(a) + 1).tolist() == [2.0] * 3


# ---- DLPack ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "bool"])
def test_dlpack_shares_memory_with_numpy_both_ways(kind):
    a = numbers(kind)
    x = mt.from_dlpack(a)
    assert x.data_ptr() == a.ctypes.data
    assert str(x.dtype) == f"torch.{kind}"
    b = np.from_dlpack(x)
    assert b.ctypes.data == a.ctypes.data
    assert b.tolist() == x.tolist()
    assert x.__dlpack_device__()[0] == 1


def test_dlpack_copies_when_asked_to_and_refuses_gradients():
    a = np.ones(3)
    assert mt.from_dlpack(a, copy=True).data_ptr() != a.ctypes.data
    assert mt.from_dlpack(a, copy=False, device="cpu").data_ptr() == a.ctypes.data
    x = mt.ones(3, requires_grad=True)
    with pytest.raises(BufferError, match="require gradient, use tensor.detach"):
        np.from_dlpack(x)
    y = mt.from_dlpack(x.detach())
    y[0] = 5.0
    assert x[0].item() == 5.0
    with pytest.raises(AttributeError, match="__cuda_array_interface__"):
        _ = x.__cuda_array_interface__


def test_dlpack_shares_memory_with_pytorch_both_ways(oracle):
    theirs = oracle.arange(6.0).view(2, 3).t()
    x = mt.from_dlpack(theirs)
    assert x.data_ptr() == theirs.data_ptr()
    assert x.stride() == theirs.stride()
    x[0, 1] = 9.0
    assert theirs[0, 1].item() == 9.0
    back = oracle.from_dlpack(x)
    assert back.data_ptr() == x.data_ptr()
    back.zero_()
    assert not x.any()


# ---- copies and pickles ----------------------------------------------------------------------------------------------


def same(a: Any, b: Any) -> None:
    """Equal in all that a copy keeps."""
    assert type(a) is type(b)
    assert (a.dtype, a.device, a.requires_grad, a.shape) == (b.dtype, b.device, b.requires_grad, b.shape)
    assert a.tolist() == b.tolist()


COPIES = {
    "deepcopy": copy.deepcopy,
    **{f"pickle {p}": (lambda x, p=p: pickle.loads(pickle.dumps(x, p))) for p in range(2, pickle.HIGHEST_PROTOCOL + 1)},
}


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("kind", KINDS)
def test_copies_are_equal_and_apart(way, kind, device):
    x = mt.tensor(numbers(kind), device=device)
    y = COPIES[way](x)
    same(x, y)
    y.zero_()
    assert x.any()


@pytest.mark.parametrize("way", COPIES)
def test_copies_of_leaves_parameters_and_views(way):
    leaf = mt.arange(3.0, requires_grad=True)
    parameter = mt.nn.Parameter(mt.ones(2), requires_grad=False)
    for x in (leaf, parameter, mt.arange(6.0).view(2, 3).t(), mt.tensor(3.0), mt.zeros(0, 2), mt.arange(6.0)[1::2]):
        y = COPIES[way](x)
        same(x, y)
        assert y.is_leaf
    twice = COPIES[way]([leaf, leaf])
    assert twice[0] is twice[1]
    assert COPIES[way]({"x": leaf})["x"].requires_grad


def test_deepcopy_takes_the_gradient_along_and_refuses_what_was_computed():
    x = mt.ones(2, requires_grad=True)
    (x * 3).sum().backward()
    y = copy.deepcopy(x)
    assert y.grad is not None
    assert x.grad is not None
    assert y.grad.tolist() == [3.0, 3.0]
    y.grad.zero_()
    assert x.grad.tolist() == [3.0, 3.0]
    with pytest.raises(RuntimeError, match="Only Tensors created explicitly by the user"):
        copy.deepcopy(x * 2)
    z = copy.copy(x)
    assert z.data_ptr() == x.data_ptr()


# ---- Python's protocols ----------------------------------------------------------------------------------------------


def test_length_iteration_and_unpacking():
    x = mt.arange(6.0, requires_grad=True).view(3, 2)
    assert len(x) == 3
    assert [row.tolist() for row in x] == [[0, 1], [2, 3], [4, 5]]
    a, b, c = x
    (a.sum() * 2 + c.sum() * b[0]).backward()
    assert [row.tolist() for row in reversed(x.detach())] == [[4, 5], [2, 3], [0, 1]]
    assert dict(zip("ab", mt.tensor([1, 2]), strict=True))["b"].item() == 2
    assert list(mt.zeros(0, 3)) == []
    for fails in (len, iter, list):
        with pytest.raises(TypeError, match="0-d tensor"):
            fails(mt.tensor(1.0))  # type: ignore[operator]


def test_membership():
    x = mt.tensor([[1.0, 2.0], [3.0, float("nan")]])
    assert 2 in x
    assert 2.0 in x
    assert mt.tensor(3.0) in x
    assert x[0] in x
    assert 5 not in x
    assert float("nan") not in x
    for stranger in ("a", None, [1.0]):
        with pytest.raises(RuntimeError, match=r"Tensor.__contains__ only supports Tensor or scalar"):
            stranger in x  # noqa: B015


@pytest.mark.parametrize("kind", KINDS)
def test_truth_is_that_of_the_one_number(kind):
    assert bool(of(kind, 1))
    assert not of(kind, 0)
    assert of(kind, 1).view(1, 1, 1)
    for shape, words in (((2,), "more than one value is ambiguous"), ((0,), "no values is ambiguous")):
        with pytest.raises(RuntimeError, match=f"Boolean value of Tensor with {words}"):
            bool(mt.ones(shape, dtype=getattr(mt, kind)))


def of(kind: str, number: int) -> Any:
    return mt.tensor(number, dtype=getattr(mt, kind))


def test_numbers_of_python():
    x = mt.tensor([[2.5]])
    assert (float(x), int(x), complex(x), x.item()) == (2.5, 2, 2.5 + 0j, 2.5)
    assert type(mt.tensor(True).item()) is bool
    assert type(mt.tensor(3, dtype=mt.uint8).item()) is int
    assert [10, 20, 30][mt.tensor(1)] == 20
    assert list(range(mt.tensor(2))) == [0, 1]
    assert "ab" * mt.tensor(2) == "abab"
    assert hash(x) == hash(x) != hash(mt.tensor([[2.5]]))
    assert f"{mt.tensor(1.23456):.2f} {mt.tensor(7):>3d}" == "1.23   7"
    for convert in (float, int, complex):
        with pytest.raises((ValueError, RuntimeError, TypeError), match="only one element tensors|cannot be converted"):
            convert(mt.ones(2))
    for stranger in (mt.tensor(1.5), mt.tensor([1, 2])):
        with pytest.raises(TypeError, match="only integer tensors of a single element"):
            range(stranger)
    with pytest.raises(RuntimeError, match="without overflow"):
        float(mt.tensor(1 + 2j))
    with pytest.raises(TypeError, match="unsupported format string"):
        f"{mt.ones(2):.2f}"


def test_lists_nest_as_the_dimensions_do(device):
    for shape in ((), (3,), (2, 3), (2, 0), (1, 2, 2)):
        a = np.arange(float(np.prod(shape))).reshape(shape)
        assert mt.tensor(a, device=device).tolist() == a.tolist()
        assert mt.tensor(a.tolist(), dtype=mt.float64).shape == (a.shape if a.size else np.array(a.tolist()).shape)
