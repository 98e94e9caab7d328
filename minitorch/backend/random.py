"""Random streams: the default one, which `manual_seed` seeds, and `Generator` for streams of one's own.

The numbers are drawn by NumPy's PCG64 on the host and copied, so that the same seed gives the same
network on every device.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

import numpy as np

from .devices import CPU, Array, device, put


class Generator:
    """A random stream: the same seed gives the same numbers, on whichever device they are wanted.

    >>> g = Generator().manual_seed(1)
    >>> g.initial_seed()
    1
    """

    def __init__(self, device: str | device = "cpu") -> None:
        self.device = _as_device(device)
        self.manual_seed(67280421310721)  # PyTorch's own default: a stream that was never seeded is reproducible too

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream again from a seed, an integer of 64 bits; a negative one counts back from 2⁶⁴."""
        if not isinstance(seed, (int, np.integer)):
            raise RuntimeError(f"manual_seed: expected an integer, got {type(seed).__name__}")
        if not -(2**63) <= seed < 2**64:
            raise ValueError(f"manual_seed: the seed {seed} does not fit into 64 bits")
        self._seed = int(seed) % 2**64
        self.numpy = np.random.Generator(np.random.PCG64(self._seed))
        return self

    def seed(self) -> int:
        """Start the stream from a seed that the operating system draws; return it."""
        self.manual_seed(secrets.randbits(63))
        return self._seed

    def initial_seed(self) -> int:
        """Return the seed that the stream was started from."""
        return self._seed

    def state(self) -> dict[str, Any]:
        """Return the position in the stream, as plain numbers."""
        return {"seed": self._seed, **self.numpy.bit_generator.state}

    def restore(self, state: dict[str, Any]) -> None:
        """Go to a position that `state` returned."""
        stream, position = np.random.PCG64(), dict(state)
        seed: Any = position.pop("seed")
        stream.state = position  # type: ignore[assignment]
        self._seed, self.numpy = int(seed), np.random.Generator(stream)

    def state_bytes(self) -> bytes:
        """Return the position as bytes (JSON), to be kept in a file or a tensor."""
        return json.dumps(self.state()).encode()

    def restore_bytes(self, state: bytes) -> None:
        """Go to a position that `state_bytes` returned."""
        try:
            self.restore(json.loads(state))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise RuntimeError("set_state: these bytes are not the state of a minitorch Generator") from error

    def __repr__(self) -> str:
        return f"<torch.Generator device={self.device} seed={self._seed}>"


def _as_device(where: str | device) -> device:
    return where if isinstance(where, device) else device(where)


default_generator = Generator()


def manual_seed(seed: int) -> Generator:
    """Seed the default stream, on which everything random depends unless it is given a `generator`."""
    return default_generator.manual_seed(int(seed))


def draw(method: str, *args: Any, generator: Generator | None = None, where: device = CPU, **options: Any) -> Array:
    """Call a method of NumPy's generator (`random`, `standard_normal`, …) and put the result on a device."""
    values = getattr((generator or default_generator).numpy, method)(*args, **options)
    return put(np.asarray(values), where)
