"""Saving and loading: nested containers of tensors and plain values, in one safetensors file, without pickle.

The numbers lie in the file as in any safetensors file (`utils/safetensors.py` is the layout), under names such as
`model.0.weight`; how they are nested, and every other value, is JSON under the key "minitorch" of its metadata.  In
that JSON null, booleans, strings, lists, finite floats and integers below 2⁵³ stand for themselves; everything else is
an object with one key, the tag: `{"tuple": [1, 2]}`, `{"int": "0x2000000000001"}`, `{"tensor": ["model.0.weight"]}`.
Loading makes only the values listed here and runs nothing.
"""

from __future__ import annotations

import io
import json
import math
import os
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np

from .backend import dtypes
from .backend.devices import CPU, device, put
from .creation import from_numpy
from .size import Size
from .tensor import Tensor
from .utils.files import replacing
from .utils.safetensors import METADATA, SerializationError, little_endian, no_constant, read, unique, write

__all__ = ["SerializationError", "load", "save"]

KEY = "minitorch"
VERSION = 1
DEEPEST = 100  # levels of containers: JSON readers give up at some depth
SCALARS = (str, int, float, bool, type(None), complex, bytes)  # what a dict may have as a key
File = str | os.PathLike[str] | BinaryIO


def save(obj: Any, f: File) -> None:
    """Save an object to a file: its path, or a file object opened for writing bytes.

    Tensors (on any device), NumPy arrays and numbers, int, float, complex, str, bytes, bool, None, dtype, device, Size,
    and lists, tuples, dicts and OrderedDicts of these.  A view, or a tensor that is there twice, is saved as its
    values each time.  A path gets the new file only when it is complete: a save that fails leaves the old one.

    Raises:  TypeError that names the place of what cannot be saved; ValueError for a container that contains itself,
             or is nested more than 100 deep.

    >>> import io, numpy
    >>> file = io.BytesIO()
    >>> save({"step": 3, "betas": (0.9, 0.999), "mean": numpy.zeros(2)}, file)
    >>> load(io.BytesIO(file.getvalue()))
    {'step': 3, 'betas': (0.9, 0.999), 'mean': array([0., 0.])}
    """
    if isinstance(f, io.TextIOBase):
        raise TypeError(f"save: the file object {f!r} is open for text: open it with mode 'wb'")
    writer = _Writer()
    structure = {"version": VERSION, "object": writer.encode(obj, ())}
    metadata = {KEY: json.dumps(structure, separators=(",", ":"))}
    if isinstance(f, str | os.PathLike):
        with replacing(f) as file:
            write(file, writer.arrays, metadata)
    elif hasattr(f, "write"):
        write(f, writer.arrays, metadata)
    else:
        raise TypeError(f"save: f must be a path or a binary file object, got {type(f).__name__}")


def load(f: File, map_location: str | device | None = None, weights_only: bool = True) -> Any:
    """Load what `save` wrote, or any safetensors file, which gives a dict from name to tensor.

    `map_location` is the device of all tensors; without it each goes back to the kind of device it was on.
    `weights_only` is accepted for PyTorch's sake: nothing but plain data is ever loaded.

    Raises:  FileNotFoundError; SerializationError for a damaged, truncated or foreign file; RuntimeError if a tensor's
             device is not there.
    """
    where = None if map_location is None else device(map_location)
    if isinstance(f, str | os.PathLike):
        with open(f, "rb") as file:
            return _load(file, os.fspath(f), where)
    if not hasattr(f, "read") or isinstance(f, io.TextIOBase):
        raise TypeError(f"load: f must be a path or a file object opened with mode 'rb', got {type(f).__name__}")
    return _load(f, f"the file object {getattr(f, 'name', f)!r}", where)


def _load(file: BinaryIO, source: str, where: device | None) -> Any:
    arrays, metadata = read(file, source)
    if KEY not in metadata:
        return {name: _placed(array, where) for name, array in arrays.items()}
    try:
        structure = json.loads(metadata[KEY], object_pairs_hook=unique, parse_constant=no_constant)
        if not isinstance(structure, dict) or structure.get("version") != VERSION or "object" not in structure:
            raise ValueError(f"it is not of version {VERSION} of the format: a newer minitorch may read it")
        reader = _Reader(arrays, where)
        result = reader.decode(structure["object"])
        if reader.arrays:
            raise ValueError(f"the tensor {min(reader.arrays)!r} has no place in the saved object")
    except (ValueError, RecursionError) as error:
        raise SerializationError(f"{source} cannot be loaded: {error}") from error
    return result
