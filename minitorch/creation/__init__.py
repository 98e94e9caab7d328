"""Making tensors: from data, filled, counted, and drawn at random."""

from ..functions.sampling import bernoulli, multinomial
from .data import (
    BoolTensor, ByteTensor, CharTensor, DoubleTensor, FloatTensor, HalfTensor, IntTensor, LongTensor, ShortTensor,
    as_tensor, asarray, from_dlpack, from_numpy, tensor,
)  # fmt: skip
from .filled import (
    arange, complex, empty, empty_like, eye, full, full_like, linspace, logspace, ones, ones_like, zeros,
    zeros_like,
)  # fmt: skip
from .place import get_default_device, set_default_device
from .random import (
    Generator, get_rng_state, initial_seed, normal, rand, rand_like, randint, randint_like, randn, randn_like,
    randperm, seed, set_rng_state,
)  # fmt: skip

__all__ = [
    "BoolTensor", "ByteTensor", "CharTensor", "DoubleTensor", "FloatTensor", "Generator", "HalfTensor", "IntTensor",
    "LongTensor", "ShortTensor", "arange", "as_tensor", "asarray", "bernoulli", "complex", "empty", "empty_like",
    "eye", "from_dlpack", "from_numpy", "full", "full_like", "get_default_device", "get_rng_state", "initial_seed",
    "linspace", "logspace", "multinomial", "normal", "ones", "ones_like", "rand", "rand_like", "randint",
    "randint_like", "randn", "randn_like", "randperm", "seed", "set_default_device", "set_rng_state", "tensor",
    "zeros", "zeros_like",
]  # fmt: skip
