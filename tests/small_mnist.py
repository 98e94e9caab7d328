"""A little MNIST on disk: the UCI digits, blown up to 28 by 28, in MNIST's four files."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np

from minitorch.vision.datasets import Digits


def write_small_mnist(folder: Path, train: int = 640, test: int = 200) -> Path:
    """Write the four files, not gzipped, into a folder; return it."""
    digits = Digits()
    images = np.stack([digits.picture(i) for i in range(train + test)])
    images = np.pad(images.repeat(3, axis=1).repeat(3, axis=2), ((0, 0), (2, 2), (2, 2)))  # 8 · 3 + 2 · 2 = 28
    labels = digits.targets.numpy()[: train + test].astype(np.uint8)
    folder.mkdir(parents=True, exist_ok=True)
    for name, part in (("train", slice(None, train)), ("t10k", slice(train, None))):
        write_idx(folder / f"{name}-images-idx3-ubyte", images[part])
        write_idx(folder / f"{name}-labels-idx1-ubyte", labels[part])
    return folder


def write_idx(path: Path, array: np.ndarray[Any, Any]) -> None:
    """Write bytes in the idx format."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    path.write_bytes(header + array.tobytes())
