"""Printed tensors are PyTorch's, character by character: random arrays under random options, PyTorch as the referee."""

import numpy as np
import pytest
from numpy import inf, nan

from minitorch.backend import dtypes
from minitorch.printing import dtype_suffix, format_tensor, printoptions

EDGES = [0.0, -0.0, inf, -inf, nan, 1.0, -1.0, 1000.0, 1001.0, 0.1, 100.0, 1e-4, 9.9e-5, 1e8, 99999999.5, 5e-324]


def random_floats(rng, shape):
    """Floats of every sort: of one scale or many, whole or not, with infinities, nan, zeros and limits of the rules."""
    low = rng.uniform(-12, 12)
    values = rng.standard_normal(shape) * 10.0 ** rng.uniform(low, low + rng.choice([0, 2, 4, 20]), shape)
    if rng.random() < 0.4:
        values = np.round(values)
    if rng.random() < 0.4:
        values = np.where(rng.random(shape) < rng.random(), rng.choice(EDGES, shape), values)
    return values


def random_array(rng):
    dimensions = rng.integers(0, 5)
    shape = tuple(rng.choice([0, 1, 1, 2, 2, 2, 3, 3, 3, 5, 5, 5, 7, 7, 12, 12, 40], dimensions).tolist())
    kind = np.dtype(rng.choice(["f2", "f4", "f4", "f8", "c8", "c16", "?", "u1", "i1", "i2", "i4", "i8"]))
    if kind.kind == "f":
        array = random_floats(rng, shape)
    elif kind.kind == "c":
        array = np.empty(shape, np.complex128)
        array.real, array.imag = random_floats(rng, shape), random_floats(rng, shape)
    else:
        limits = (0, 2) if kind.kind == "b" else (np.iinfo(kind).min, np.iinfo(kind).max)
        array = rng.integers(*limits, shape) >> (0 if kind.kind == "b" else rng.integers(0, 8 * kind.itemsize))
    with np.errstate(over="ignore"):
        return np.asarray(array, dtype=kind)


def random_options(rng):
    choices = {
        "precision": [0, 1, 2, 7],
        "threshold": [0, 5, 100, inf],
        "edgeitems": [0, 1, 2, 4],
        "linewidth": [0, 20, 41, 60, 133],
        "profile": ["default", "short", "full"],
        "sci_mode": [True, False],
    }
    return {name: values[rng.integers(len(values))] for name, values in choices.items() if rng.random() < 0.3}


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(10))
def test_text_agrees_with_pytorch(seed):
    torch = pytest.importorskip("torch", reason="the oracle extra is not installed")
    rng = np.random.default_rng(seed)
    for _ in range(60):
        array, options, suffixes = random_array(rng), random_options(rng), []
        tensor = torch.from_numpy(array.copy())
        if array.dtype.kind in "fc" and rng.random() < 0.5:
            tensor.requires_grad_()
            suffixes = ["requires_grad=True"]
            if rng.random() < 0.5:
                tensor, suffixes = tensor.clone(), ["grad_fn=<CloneBackward0>"]
        torch.set_printoptions(**options)
        try:
            expected = repr(tensor)
        finally:
            torch.set_printoptions(profile="default")
        with printoptions(**options):
            got = format_tensor(array, [dtype_suffix(array, dtypes.float32), *suffixes])
        assert got == expected, f"{array.dtype} {array.shape} {options}"
