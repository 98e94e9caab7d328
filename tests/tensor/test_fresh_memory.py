"""What is no view has memory of its own, also where there is nothing to do: a write into it must not reach the input."""

import pytest

import minitorch as torch
import minitorch.nn.functional as F

CASES = {
    "roll by 0": lambda x: torch.roll(x, 0, 0),
    "roll by the size": lambda x: torch.roll(x, (1, 4), (1, 2)),
    "cumprod of one": lambda x: torch.cumprod(x, 0),
    "logcumsumexp of one": lambda x: torch.logcumsumexp(x, 1),
    "matrix_power 1": lambda x: torch.linalg.matrix_power(x, 1),
    "pad by nothing": lambda x: F.pad(x, (0, 0)),
    "pad that cuts off": lambda x: F.pad(x, (-1, 0)),
    "reflect by nothing": lambda x: F.pad(x, (0, 0), "reflect"),
    "circular that cuts off": lambda x: F.pad(x, (-1, 0), "circular"),
    "interpolate to the same size": lambda x: F.interpolate(x, 4),
    "linear to the same size": lambda x: F.interpolate(x, 4, mode="linear"),
    "pixel_shuffle by 1": lambda x: F.pixel_shuffle(x, 1),
    "pixel_shuffle of a pixel": lambda x: F.pixel_shuffle(x.reshape(16, 1, 1), 2),
    "pixel_unshuffle by 1": lambda x: F.pixel_unshuffle(x, 1),
    "flip of nothing": lambda x: torch.flip(x, ()),
    "tile once": lambda x: torch.tile(x, (1,)),
    "cat of one": lambda x: torch.cat([x]),
    "diff of order 0": lambda x: torch.diff(x, 0),
    "rot90 by 4": lambda x: torch.rot90(x, 4),
}


@pytest.mark.parametrize("name", CASES)
def test_a_result_shares_no_memory_with_its_input(name):
    x = torch.arange(16.0).reshape(1, 1, 4, 4) if "power" in name else torch.arange(16.0).reshape(1, 4, 4)
    x = x.reshape(1, 1, 16)[..., :4] if "cum" in name else x
    before = x.clone()
    CASES[name](x).fill_(-7.0)
    assert torch.equal(x, before)
