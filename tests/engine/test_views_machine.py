"""Promise 4 under random programs: views of views and writes through them, against NumPy and against a program without writes.

Every tensor is followed by three others.  A NumPy array, taken and written in the same way, has its values.  An
array of places says which numbers of the storage it shows; so the same program can be run without views and writes,
by products with matrices of ones and zeros on the whole storage: that gives the gradients.  Where PyTorch is
installed, it runs the program too.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
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

SIDES = (2, 3)
NUMBERS = st.sampled_from([-1.5, -0.5, 0.5, 1.25, 2.0])


class Part(NamedTuple):
    """A tensor, the NumPy array with its values, which numbers of which storage it shows, and PyTorch's tensor."""

    tensor: Any
    array: np.ndarray
    places: np.ndarray
    storage: int
    other: Any


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
        parts = [p for p in self.parts if p.array.size and (not writable or 0 not in p.array.strides)]
        part = data.draw(st.sampled_from(parts)) if parts else None
        if part is not None and part.other is not None:
            part.other.grad_fn  # PyTorch takes a view whose base was written for a leaf until somebody asks
        return part

    def take(self, part, of_tensor, of_array):
        """Add a view."""
        other = None if part.other is None else of_tensor(part.other)
        self.parts.append(
            Part(of_tensor(part.tensor), of_array(part.array), of_array(part.places), part.storage, other)
        )
        assert np.may_share_memory(self.parts[-1].tensor.value, part.tensor.value)

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

    @rule(data=st.data())
    def diagonal(self, data):
        part = self.pick(data)
        if part.array.ndim == 2 and min(part.array.shape) > 1:
            self.take(part, lambda x: x.diagonal(), lambda a: np.einsum("ii->i", a[: min(a.shape), : min(a.shape)]))

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


def fits(source, target):
    """Whether one shape broadcasts with another."""
    return all(n in (1, m) for n, m in zip(source.array.shape[::-1], target.array.shape[::-1], strict=False))


SETTINGS = settings(stateful_step_count=20)


def test_random_views_and_writes_give_the_gradients_of_a_program_without_them():
    run_state_machine_as_test(Views, settings=SETTINGS)


def test_random_views_and_writes_give_pytorchs_gradients(oracle):
    run_state_machine_as_test(type("ViewsAndPyTorch", (Views,), {"torch": oracle}), settings=SETTINGS)
