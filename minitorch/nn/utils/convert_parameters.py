"""Parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable

from ...backend.devices import type_name
from ...functions.shape import cat
from ...tensor import Tensor


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """Return all the numbers of the parameters, one after the other, as one vector."""
    parameters = list(parameters)
    if len({p.device for p in parameters}) > 1:
        raise TypeError("Found two parameters on different devices, this is currently not supported.")
    return cat([p.reshape(-1) for p in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Overwrite the parameters with the numbers of a vector.

    Raises:  ValueError for a vector of another length than all the parameters together.
    """
    if not isinstance(vec, Tensor):
        raise TypeError(f"expected torch.Tensor, but got: {type_name(vec)}")
    parameters = list(parameters)
    total = sum(p.numel() for p in parameters)
    if vec.numel() != total:
        raise ValueError(f"vector_to_parameters: vec has {vec.numel()} elements, the parameters have {total}")
    start = 0
    for p in parameters:
        stop = start + p.numel()
        p.data = vec[start:stop].detach().clone().reshape(p.shape)  # what has read the old values keeps them
        start = stop
