"""Random streams: the same seed gives the same numbers, on every device."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest

from minitorch.backend import random
from minitorch.backend.devices import CPU, device_of, put
from minitorch.backend.random import Generator, draw, manual_seed


def test_same_seed_gives_same_numbers():
    first = draw("random", 5, generator=Generator().manual_seed(3))
    again = draw("random", 5, generator=Generator().manual_seed(3))
    other = draw("random", 5, generator=Generator().manual_seed(4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_manual_seed_starts_the_default_stream_again():
    assert manual_seed(3) is random.default_generator
    first = draw("standard_normal", 4)
    draw("random", 100)
    manual_seed(3)
    np.testing.assert_array_equal(draw("standard_normal", 4), first)


def test_generator_leaves_the_default_stream_alone():
    manual_seed(1)
    expected = draw("random", 3)
    manual_seed(1)
    draw("random", 3, generator=Generator().manual_seed(1))
    np.testing.assert_array_equal(draw("random", 3), expected)


def test_same_seed_gives_same_numbers_on_every_device(device):
    manual_seed(5)
    here = draw("standard_normal", (2, 3), dtype=np.float32)
    manual_seed(5)
    there = draw("standard_normal", (2, 3), dtype=np.float32, where=device)
    assert device_of(there) == device
    assert there.dtype == np.float32
    np.testing.assert_array_equal(put(there, CPU), here)


def test_single_draws_are_arrays(device):
    value = draw("random", where=device)
    assert device_of(value) == device
    assert value.shape == ()


@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1, -1, -(2**63), np.int64(7)])
def test_seed_is_kept_as_64_bits(seed):
    assert Generator().manual_seed(seed).initial_seed() == int(seed) % 2**64


def test_negative_seed_counts_back_from_the_end():
    a, b = (draw("random", 2, generator=Generator().manual_seed(s)) for s in (-1, 2**64 - 1))
    np.testing.assert_array_equal(a, b)


def test_initial_seed_is_that_of_pytorch(oracle):
    assert Generator().initial_seed() == oracle.Generator().initial_seed()
    assert Generator().manual_seed(-5).initial_seed() == oracle.Generator().manual_seed(-5).initial_seed()


@pytest.mark.parametrize("seed", [2**64, -(2**63) - 1])
def test_seed_of_more_than_64_bits_is_refused(seed):
    with pytest.raises(ValueError, match=f"the seed {seed} does not fit into 64 bits"):
        Generator().manual_seed(seed)


@pytest.mark.parametrize("seed", [1.5, "1", None])
def test_seed_that_is_no_integer_is_refused(seed):
    with pytest.raises(RuntimeError, match=f"expected an integer, got {type(seed).__name__}"):
        Generator().manual_seed(seed)


def test_seed_draws_a_new_seed():
    g = Generator()
    seeds = {g.seed() for _ in range(3)}
    assert len(seeds) == 3
    assert g.initial_seed() in seeds


def test_state_returns_to_a_position():
    g = Generator().manual_seed(9)
    draw("random", 7, generator=g)
    state = json.loads(json.dumps(g.state()))  # plain numbers: it can be stored anywhere
    expected = draw("random", 3, generator=g)
    other = Generator()
    other.restore(state)
    np.testing.assert_array_equal(draw("random", 3, generator=other), expected)
    assert other.initial_seed() == 9


def test_state_returns_from_bytes():
    g = Generator().manual_seed(2**64 - 1)
    draw("integers", 7, size=3, dtype=np.int32, generator=g)  # leaves half of a 64-bit number for the next draw
    state = g.state_bytes()
    expected = draw("integers", 2**31 - 1, size=3, dtype=np.int32, generator=g)
    other = Generator()
    other.restore_bytes(state)
    np.testing.assert_array_equal(draw("integers", 2**31 - 1, size=3, dtype=np.int32, generator=other), expected)


@pytest.mark.parametrize("damaged", [b"", b"{}", b"[1]", b"\xff\x00", b'{"seed": "x"}', b'{"seed": 1, "state": 2}'])
def test_state_from_damaged_bytes_is_refused(damaged):
    g = Generator().manual_seed(5)
    before = g.state()
    with pytest.raises(RuntimeError, match="not the state of a minitorch Generator"):
        g.restore_bytes(damaged)
    assert g.state() == before


def test_copy_of_a_generator_goes_on_by_itself():
    g = Generator().manual_seed(2)
    twin = copy.deepcopy(g)
    np.testing.assert_array_equal(draw("random", 2, generator=g), draw("random", 2, generator=twin))
    draw("random", 1, generator=g)
    assert not np.array_equal(draw("random", 2, generator=g), draw("random", 2, generator=twin))


@pytest.mark.parametrize("name", ["cpu", "cuda", "cuda:1", "strict"])
def test_generator_remembers_its_device_without_needing_it(name):
    assert str(Generator(name).device) == name
    assert repr(Generator(name)) == f"<torch.Generator device={name} seed=67280421310721>"
