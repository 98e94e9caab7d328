"""What functions with several results return: named tuples, under PyTorch's names (`torch.return_types.max`, …)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ..tensor import Tensor


def _shown(self: Any) -> str:
    fields = ",\n".join(f"{name}={part!r}" for name, part in zip(self._fields, self, strict=True))
    return f"torch.return_types.{type(self).__name__}(\n{fields})"


class _ValuesIndices(NamedTuple):
    values: Tensor
    indices: Tensor

    def __repr__(self) -> str:
        return _shown(self)


class max(_ValuesIndices):
    """Largest numbers along a dimension, and where they are."""


class min(_ValuesIndices):
    """Smallest numbers along a dimension, and where they are."""


class sort(_ValuesIndices):
    """Sorted numbers, and where they were."""


class topk(_ValuesIndices):
    """The largest or smallest numbers in order, and where they were."""


class kthvalue(_ValuesIndices):
    """The k-th smallest numbers along a dimension, and where they are."""


class median(_ValuesIndices):
    """The middle numbers along a dimension, and where they are."""


class mode(_ValuesIndices):
    """The most frequent numbers along a dimension, and where they are."""


class cummax(_ValuesIndices):
    """The largest numbers so far, and where they are."""


class cummin(_ValuesIndices):
    """The smallest numbers so far, and where they are."""


class aminmax(NamedTuple):
    """Smallest and largest numbers."""

    min: Tensor
    max: Tensor

    def __repr__(self) -> str:
        return _shown(self)


class linalg_slogdet(NamedTuple):
    """Sign and logarithm of the absolute value of a determinant."""

    sign: Tensor
    logabsdet: Tensor

    def __repr__(self) -> str:
        return _shown(self)


class linalg_eigh(NamedTuple):
    """Eigenvalues and eigenvectors of a symmetric matrix."""

    eigenvalues: Tensor
    eigenvectors: Tensor

    def __repr__(self) -> str:
        return _shown(self)


class linalg_svd(NamedTuple):
    """Left singular vectors, singular values, right singular vectors (as rows)."""

    U: Tensor
    S: Tensor
    Vh: Tensor

    def __repr__(self) -> str:
        return _shown(self)


class linalg_qr(NamedTuple):
    """Orthonormal columns and a right triangular matrix."""

    Q: Tensor
    R: Tensor

    def __repr__(self) -> str:
        return _shown(self)


class linalg_lstsq(NamedTuple):
    """The solution of least squares, its squared errors, and what is known of the matrix."""

    solution: Tensor
    residuals: Tensor
    rank: Tensor
    singular_values: Tensor

    def __repr__(self) -> str:
        return _shown(self)
