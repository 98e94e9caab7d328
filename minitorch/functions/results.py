"""What functions with several results return: named tuples, under PyTorch's names (`torch.return_types.max`, …)."""

from __future__ import annotations

from typing import Any, NamedTuple


class _ValuesIndices(NamedTuple):
    values: Any
    indices: Any

    def __repr__(self) -> str:
        fields = ",\n".join(f"{name}={part!r}" for name, part in zip(self._fields, self, strict=True))
        return f"torch.return_types.{type(self).__name__}(\n{fields})"


class max(_ValuesIndices):
    """Largest numbers along a dimension, and where they are."""


class min(_ValuesIndices):
    """Smallest numbers along a dimension, and where they are."""


class sort(_ValuesIndices):
    """Sorted numbers, and where they were."""


class topk(_ValuesIndices):
    """The largest or smallest numbers in order, and where they were."""
