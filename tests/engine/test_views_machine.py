"""Promise 4 under random programs: views of views and writes through them, against NumPy and against a program without writes.

Every tensor is followed by three others.  A NumPy array, taken and written in the same way, has its values.  An
array of places says which numbers of the storage it shows; so the same program can be run without views and writes,
by products with matrices of ones and zeros on the whole storage: that gives the gradients.  Where PyTorch is
installed, it runs the program too.
"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import minitorch
from minitorch.testing.strategies import basic_indices

SIDES = (2, 3)
NUMBERS = st.sampled_from([-1.5, -0.5, 0.5, 1.25, 2.0])


class Part(NamedTuple):
    """A tensor, the NumPy array with its values, which numbers of which storage it shows, and PyTorch's tensor."""

    tensor: Any
    array: np.ndarray
    places: np.ndarray
    storage: int
    other: Any
    several: bool = (
        False  # it is one of several views that one function returned, or a view of one: not to be written to
    )


def matrix(places: np.ndarray, size: int) -> np.ndarray:
    """The matrix that takes the numbers at some places of a storage."""
    return np.eye(size)[places.reshape(-1)]


class Views(RuleBasedStateMachine):
    """Random views and writes."""

    torch: Any = None

    @initialize(tracked=st.booleans())
    def begin(self, tracked):
        self.rng = np.random.default_rng(0)
        self.leaves, self.others = [], []  # parameters, ours and PyTorch's
        self.parts: list[Part] = []
        self.storages: list[Any] = []  # of each, the functional twin: a vector
        self.terms: list[Any] = []  # of the loss: ours, the functional one, PyTorch's
        self.add_storage(tracked)

    def parameter(self, *shape):
        """A leaf of ours, and PyTorch's."""
        numbers = self.rng.uniform(0.5, 1.5, shape)
        x = minitorch.tensor(numbers, requires_grad=True)
        self.leaves.append(x)
        y = None if self.torch is None else self.torch.tensor(numbers, requires_grad=True)
        self.others.append(y)
        return x, y

    def add_storage(self, tracked):
        x, y = self.parameter(*SIDES)
        base, other = (
            (x * 1, None if y is None else y * 1)
            if tracked
            else (x.detach().clone(), None if y is None else y.detach().clone())
        )
        size = base.numel()
        self.parts.append(
            Part(base, base.detach().numpy().copy(), np.arange(size).reshape(SIDES), len(self.storages), other)
        )
        self.storages.append((x * 1 if tracked else x.detach().clone()).reshape(size))

    @rule(tracked=st.booleans())
    @precondition(lambda self: len(self.storages) < 3)
    def another_storage(self, tracked):
        self.add_storage(tracked)

    def pick(self, data, writable=False):
        parts = [p for p in self.parts if p.array.size and not (writable and (repeats(p.array) or p.several))]
        part = data.draw(st.sampled_from(parts)) if parts else None
        if part is not None and part.other is not None:
            part.other.grad_fn  # PyTorch takes a view whose base was written for a leaf until somebody asks
        return part

    def take(self, part, of_tensor, of_array):
        """Add a view."""
        other = None if part.other is None else of_tensor(part.other)
        tensor, array, places = of_tensor(part.tensor), of_array(part.array), of_array(part.places)
        self.add(part, tensor, array, places, other)

    def take_all(self, part, of_tensor, of_array):
        """Add all views that one function returns."""
        ours, arrays, places = of_tensor(part.tensor), of_array(part.array), of_array(part.places)
        others = [None] * len(ours) if part.other is None else of_tensor(part.other)
        for tensor, array, place, other in zip(ours, arrays, places, others, strict=True):
            self.add(part._replace(several=True), tensor, array, place, other)

    def add(self, part, tensor, array, places, other):
        """Add a view, after a look at where it lies in memory."""
        assert tensor.shape == array.shape
        if not array.size:
            return  # nothing to be read or written
        assert np.may_share_memory(array, part.array)
        first, size = array.__array_interface__["data"][0], array.itemsize
        begins = first - part.array.__array_interface__["data"][0]
        assert tensor.data_ptr() - part.tensor.data_ptr() == begins
        assert tensor.storage_offset() * size - part.tensor.storage_offset() * size == begins
        steps = [s * size for s, n in zip(tensor.stride(), array.shape, strict=True) if n > 1]
        assert steps == [s for s, n in zip(array.strides, array.shape, strict=True) if n > 1]
        if other is not None:
            assert tensor.storage_offset() == other.storage_offset()
            assert tensor.stride() == other.stride() or 1 in array.shape
        assert tensor._version == part.tensor._version
        self.parts.append(Part(tensor, array, places, part.storage, other, part.several))

    @rule(data=st.data())
    def transpose(self, data):
        part = self.pick(data)
        if part.array.ndim >= 2:
            self.take(part, lambda x: x.transpose(0, -1), lambda a: np.swapaxes(a, 0, -1))

    @rule(data=st.data(), start=st.integers(0, 1), step=st.integers(1, 2))
    def slice(self, data, start, step):
        part = self.pick(data)
        if part.array.ndim and part.array.shape[-1] > start:
            self.take(part, lambda x: x[..., start::step], lambda a: a[..., start::step])

    @rule(data=st.data(), last=st.booleans())
    def select(self, data, last):
        part = self.pick(data)
        if part.array.ndim:
            self.take(part, lambda x: x[-1 if last else 0], lambda a: a[-1 if last else 0, ...])

    @rule(data=st.data(), permute=st.booleans())
    def permute(self, data, permute):
        part = self.pick(data)
        order = data.draw(st.permutations(range(part.array.ndim)))
        if permute or not order:
            self.take(part, lambda x: x.permute(order), lambda a: a.transpose(order))
        else:
            self.take(part, lambda x: x.movedim(0, order[0]), lambda a: np.moveaxis(a, 0, order[0]))

    @rule(data=st.data())
    def narrow(self, data):
        part = self.pick(data)
        if part.array.ndim:
            dim = data.draw(st.integers(-part.array.ndim, part.array.ndim - 1))
            start = data.draw(st.integers(0, part.array.shape[dim] - 1))
            length = data.draw(st.integers(1, part.array.shape[dim] - start))
            rest = (slice(None),) * (dim % part.array.ndim)
            self.take(part, lambda x: x.narrow(dim, start, length), lambda a: a[(*rest, slice(start, start + length))])

    @rule(data=st.data())
    def key(self, data):
        part = self.pick(data)
        key = data.draw(basic_indices(part.array.shape))
        self.take(part, lambda x: x[key], lambda a: a[key] if Ellipsis in key else a[(*key, Ellipsis)])

    @rule(data=st.data())
    def squeeze(self, data):
        part = self.pick(data)
        self.take(part, lambda x: x.squeeze(), lambda a: a.squeeze())

    @rule(data=st.data(), reshape=st.booleans())
    def view(self, data, reshape):
        """A view into another shape, which is refused just where NumPy would have to copy."""
        part = self.pick(data)
        shape = data.draw(st.sampled_from(shapes_of(part.array.size)))
        try:
            reshaped(part.array, shape)
        except AttributeError:
            with pytest.raises(RuntimeError, match="view size is not compatible with input tensor's size and stride"):
                part.tensor.view(shape)
            assert not np.may_share_memory(part.tensor.reshape(shape).value, part.array)
        else:
            self.take(part, lambda x: x.reshape(shape) if reshape else x.view(shape), lambda a: reshaped(a, shape))

    @rule(data=st.data(), name=st.sampled_from(["unbind", "split", "chunk"]))
    def several(self, data, name):
        part = self.pick(data)
        if not part.array.ndim or part.other is not None:  # PyTorch refuses to read these once their base was written
            return
        dim = data.draw(st.integers(0, part.array.ndim - 1))
        n, before = part.array.shape[dim], (slice(None),) * dim
        if name == "unbind":
            self.take_all(part, lambda x: x.unbind(dim), lambda a: [a[(*before, i, ...)] for i in range(n)])
        else:
            size = data.draw(st.integers(1, n))
            count = -(-n // size)
            cut = (lambda x: x.split(size, dim)) if name == "split" else (lambda x: x.chunk(count, dim))
            size = size if name == "split" else -(-n // count)
            self.take_all(part, cut, lambda a: [a[(*before, slice(i, i + size))] for i in range(0, n, size)])

    @rule(data=st.data())
    def unsqueeze(self, data):
        part = self.pick(data)
        if part.array.ndim < 3:
            self.take(part, lambda x: x.unsqueeze(0), lambda a: a[None])

    @rule(data=st.data())
    def flatten(self, data):
        part = self.pick(data)
        if part.array.flags.c_contiguous:
            self.take(part, lambda x: x.view(-1), lambda a: a.reshape(-1))

    @rule(data=st.data(), offset=st.integers(-1, 1))
    def diagonal(self, data, offset):
        part = self.pick(data)
        if part.array.ndim >= 2:
            self.take(
                part, lambda x: x.diagonal(offset, -1, 0), lambda a: writable(np.diagonal(a, offset, a.ndim - 1, 0))
            )

    @rule(data=st.data())
    def expand(self, data):
        part = self.pick(data)
        if part.array.ndim < 3 and part.array.size < 12:
            shape = (2, *part.array.shape)
            self.take(
                part, lambda x: x.expand(*shape), lambda a: np.lib.stride_tricks.as_strided(a, shape, (0, *a.strides))
            )

    # ---- writes ------------------------------------------------------------------------------------------------------

    def shown(self, part):
        """What a part shows, by the functional twin."""
        storage = self.storages[part.storage]
        return (minitorch.tensor(matrix(part.places, len(storage))) @ storage).reshape(part.array.shape)

    def written(self, part, value):
        """Replace what the part shows, in the functional twin."""
        storage = self.storages[part.storage]
        taken = matrix(part.places, len(storage))
        kept = minitorch.tensor(1 - taken.sum(0))
        value = value.broadcast_to(part.array.shape).reshape(-1)
        self.storages[part.storage] = storage * kept + value @ minitorch.tensor(taken)

    @rule(data=st.data())
    def write_where_it_is_refused(self, data):
        for part in self.parts:
            if repeats(part.array):
                with pytest.raises(
                    RuntimeError, match="more than one element of the written-to tensor refers to a single"
                ):
                    part.tensor.detach().add_(1)
            elif part.several and part.tensor.requires_grad:
                with pytest.raises(RuntimeError, match="is the output of a function that returns multiple views"):
                    part.tensor.add_(1)

    @rule(data=st.data(), number=NUMBERS)
    def write_under_a_mask(self, data, number):
        part = self.pick(data, writable=True)
        if part is None or not part.array.ndim:
            return
        chosen = data.draw(st.lists(st.booleans(), min_size=part.array.size, max_size=part.array.size))
        mask = np.array(chosen).reshape(part.array.shape)
        w, other = self.parameter()
        part.tensor[minitorch.tensor(mask)] = w * number
        if other is not None:
            part.other[self.torch.tensor(mask)] = other * number
        self.written(part._replace(array=part.array[mask], places=part.places[mask]), w * number)
        part.array[mask] = w.item() * number

    @rule(data=st.data(), number=NUMBERS, name=st.sampled_from(["mul_", "add_", "sub_", "fill_"]))
    def write_number(self, data, number, name):
        if part := self.pick(data, writable=True):
            getattr(part.tensor, name)(number)
            getattr(part.other, name, lambda _: None)(number)
            new = self.shown(part)
            self.written(part, new * 0 + number if name == "fill_" else getattr(new, name[:-1])(number))
            part.array[...] = {
                "mul_": part.array * number,
                "add_": part.array + number,
                "sub_": part.array - number,
                "fill_": number,
            }[name]

    @rule(data=st.data(), name=st.sampled_from(["mul_", "add_", "lerp_"]))
    def write_parameter(self, data, name):
        if part := self.pick(data, writable=True):
            shape = part.array.shape[-1:] if data.draw(st.booleans()) else ()
            w, other = self.parameter(*shape)
            extra = (0.25,) if name == "lerp_" else ()
            getattr(part.tensor, name)(w, *extra)
            if other is not None:
                getattr(part.other, name)(other, *extra)
            self.written(part, getattr(self.shown(part), name[:-1])(w, *extra))
            a, b = part.array.copy(), w.detach().numpy()
            part.array[...] = {"mul_": a * b, "add_": a + b, "lerp_": a + 0.25 * (b - a)}[name]

    @rule(
        data=st.data(), name=st.sampled_from(["sin", "square"])
    )  # not tanh: it reads its output, which is written to again
    def write_function(self, data, name):
        if part := self.pick(data, writable=True):
            getattr(part.tensor, name + "_")()
            getattr(part.other, name + "_", lambda: None)()
            self.written(part, getattr(self.shown(part), name)())
            part.array[...] = getattr(np, name)(part.array)

    @rule(data=st.data())
    def write_part_into_part(self, data):
        target, source = self.pick(data, writable=True), self.pick(data)
        if target is None or source.array.ndim > target.array.ndim:
            return
        if (
            np.broadcast_shapes(source.array.shape, target.array.shape) != target.array.shape
            if fits(source, target)
            else True
        ):
            return
        value = source.array.copy()
        shown = self.shown(source)
        target.tensor[...] = source.tensor * 1
        if target.other is not None:
            target.other[...] = source.other * 1
        self.written(target, shown)
        target.array[...] = value

    @rule(data=st.data(), number=NUMBERS)
    def write_at_indices(self, data, number):
        part = self.pick(data, writable=True)
        if part is None or not part.array.ndim:
            return
        w, other = self.parameter()
        last = part.array.shape[0] - 1
        part.tensor[[last, 0] if last else [0]] = w * number
        if other is not None:
            part.other[[last, 0] if last else [0]] = other * number
        inner = part._replace(
            array=part.array[[last, 0] if last else [0]], places=part.places[[last, 0] if last else [0]]
        )
        self.written(inner, w * number)
        part.array[[last, 0] if last else [0]] = w.item() * number

    @rule(data=st.data(), number=NUMBERS)
    def write_unrecorded(self, data, number):
        if part := self.pick(data, writable=True):
            with minitorch.no_grad():
                part.tensor.add_(number)
            if part.other is not None:
                with self.torch.no_grad():
                    part.other.add_(number)
            self.written(part, self.shown(part) + number)
            part.array[...] += number

    # ---- reading -----------------------------------------------------------------------------------------------------

    @rule(data=st.data())
    def read(self, data):
        """Use a part as it is now; whatever is written later does not change this."""
        self.use(self.pick(data))

    def use(self, part):
        c = self.rng.standard_normal(part.array.shape)
        ours = (part.tensor * minitorch.tensor(c)).sum()
        functional = (self.shown(part) * minitorch.tensor(c)).sum()
        theirs = None if part.other is None else (part.other * self.torch.tensor(c)).sum()
        self.terms.append((ours, functional, theirs))

    @invariant()
    def values_are_numpys(self):
        for part in getattr(self, "parts", ()):
            np.testing.assert_allclose(part.tensor.detach().numpy(), part.array, rtol=1e-12)

    def teardown(self):
        if not getattr(self, "parts", None):
            return
        for part in list(self.parts):
            self.use(part)
        ours, functional, theirs = (
            sum(terms) if terms[0] is not None else None for terms in zip(*self.terms, strict=True)
        )
        if not functional.requires_grad:
            return
        found = minitorch.autograd.grad(ours, self.leaves, materialize_grads=True)
        expected = minitorch.autograd.grad(functional, self.leaves, materialize_grads=True)
        for got, should in zip(found, expected, strict=True):
            np.testing.assert_allclose(got.numpy(), should.numpy(), rtol=1e-9, atol=1e-9)
        if theirs is not None:
            expected = self.torch.autograd.grad(theirs, self.others, materialize_grads=True)
            for got, should in zip(found, expected, strict=True):
                np.testing.assert_allclose(got.numpy(), should.numpy(), rtol=1e-9, atol=1e-9)


def repeats(array):
    """Whether an array shows one number in several places."""
    return any(step == 0 and n > 1 for step, n in zip(array.strides, array.shape, strict=True))


def reshaped(array, shape):
    """The same memory in another shape, or an AttributeError."""
    view = array[...]
    with warnings.catch_warnings():  # NumPy would rather have us copy
        warnings.simplefilter("ignore", DeprecationWarning)
        view.shape = shape
    return view


def writable(array):
    """The same memory, to be written to: NumPy marks diagonals as read-only."""
    array.flags.writeable = True
    return array


def shapes_of(size):
    """Some shapes with so many numbers."""
    pairs = [(a, size // a) for a in range(1, size + 1) if size % a == 0]
    return [(size,), *pairs, *[(a, 1, b) for a, b in pairs], *[(2, a // 2, b) for a, b in pairs if a % 2 == 0]]


def fits(source, target):
    """Whether one shape broadcasts with another."""
    return all(n in (1, m) for n, m in zip(source.array.shape[::-1], target.array.shape[::-1], strict=False))


SETTINGS = settings(stateful_step_count=20)


def test_random_views_and_writes_give_the_gradients_of_a_program_without_them():
    run_state_machine_as_test(Views, settings=SETTINGS)


def test_random_views_and_writes_give_pytorchs_gradients(oracle):
    run_state_machine_as_test(type("ViewsAndPyTorch", (Views,), {"torch": oracle}), settings=SETTINGS)
