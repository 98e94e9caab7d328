"""Saving and loading: nested containers of tensors and plain values, in one safetensors file, without pickle.

The numbers lie in the file as in any safetensors file (`utils/safetensors.py` is the layout), under names such as
`model.0.weight`; how they are nested, and every other value, is JSON under the key "minitorch" of its metadata
(`utils/structure.py`).  Files of PyTorch's `torch.save` are read too (`utils/torch_file.py`).  Loading makes plain
values only and runs nothing.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from .backend.devices import device
from .creation import from_numpy
from .tensor import Tensor
from .utils.files import replacing
from .utils.safetensors import SerializationError, measured, no_constant, read, unique, write
from .utils.structure import Placement, Reader, Writer, placement
from .utils.torch_file import read_torch_file

__all__ = ["SerializationError", "load", "save"]

KEY = "minitorch"
VERSION = 1
ZIP = b"PK\x03\x04"
File = str | os.PathLike[str] | BinaryIO
Location = str | device | Mapping[str, str | device] | Callable[[Tensor, str], Tensor | None]


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
    writer = Writer()
    structure = {"version": VERSION, "object": writer.encode(obj, ())}
    metadata = {KEY: json.dumps(structure, separators=(",", ":"))}
    if isinstance(f, str | os.PathLike):
        with replacing(f) as file:
            write(file, writer.arrays, metadata)
    elif hasattr(f, "write"):
        write(f, writer.arrays, metadata)
    else:
        raise TypeError(f"save: f must be a path or a binary file object, got {type(f).__name__}")


def load(f: File, map_location: Location | None = None, weights_only: bool = True, mmap: bool | None = None) -> Any:
    """Load what `save` wrote, a safetensors file (which gives a dict from name to tensor), or what `torch.save` wrote.

    `map_location` is the device of all tensors, or a dict from names of devices in the file to devices, or a function
    of a tensor and that name, which returns the tensor where it shall be; without it each goes back to the kind of
    device it was on.  `weights_only` is accepted for PyTorch's sake: nothing but plain data is ever loaded.  With
    `mmap` tensors lie in the file, and only what is used is read; the file itself is never written to.

    Of a file of `torch.save` tensors, numbers, strings, lists, tuples, dicts and OrderedDicts are read, everything else
    is refused by its name.  On the CPU tensors that share memory share it again; bfloat16 becomes float32.

    Raises:  FileNotFoundError; SerializationError for a damaged, truncated or foreign file; RuntimeError if a tensor's
             device is not there; ValueError for `mmap` with what is no path.
    """
    place = placement(map_location)
    if isinstance(f, str | os.PathLike):
        with open(f, "rb") as file:
            return _load(file, os.fspath(f), place, bool(mmap))
    if not hasattr(f, "read") or isinstance(f, io.TextIOBase):
        raise TypeError(f"load: f must be a path or a file object opened with mode 'rb', got {type(f).__name__}")
    if mmap:
        raise ValueError("load: mmap=True needs the path of a file, not a file object")
    return _load(f, f"the file object {getattr(f, 'name', f)!r}", place, False)


def _load(file: BinaryIO, source: str, place: Placement, mapped: bool) -> Any:
    file, _ = measured(file)
    start = file.read(9)
    file.seek(-len(start), os.SEEK_CUR)
    if start.startswith(ZIP) and not start.endswith(b"{"):  # as a length, the four letters are 67 million
        return read_torch_file(file, source, place, mapped)
    arrays, metadata = read(file, source, mapped)
    if KEY not in metadata:
        return {name: place(from_numpy(array), "cpu") for name, array in arrays.items()}
    try:
        structure = json.loads(metadata[KEY], object_pairs_hook=unique, parse_constant=no_constant)
        if not isinstance(structure, dict) or structure.get("version") != VERSION or "object" not in structure:
            raise ValueError(f"it is not of version {VERSION} of the format: a newer minitorch may read it")
        reader = Reader(arrays, place)
        result = reader.decode(structure["object"])
        if reader.arrays:
            raise ValueError(f"the tensor {min(reader.arrays)!r} has no place in the saved object")
    except (ValueError, RecursionError) as error:
        raise SerializationError(f"{source} cannot be loaded: {error}") from error
    return result
