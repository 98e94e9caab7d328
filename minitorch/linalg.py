"""Linear algebra under the names of `torch.linalg`; the functions are in `functions/matrices.py`, `norms.py` and `products.py`."""

from .functions.linalg import matmul
from .functions.matrices import (
    cholesky,
    det,
    diagonal,
    eigh,
    eigvalsh,
    inv,
    lstsq,
    matrix_power,
    matrix_rank,
    pinv,
    qr,
    slogdet,
    solve,
    solve_triangular,
    svd,
    svdvals,
)  # fmt: skip
from .functions.norms import cond, cross, matrix_norm, norm, vecdot, vector_norm
from .functions.products import multi_dot
from .ops.decompositions import LinAlgError

__all__ = [
    "LinAlgError", "cholesky", "cond", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv", "lstsq", "matmul",
    "matrix_norm", "matrix_power", "matrix_rank", "multi_dot", "norm", "pinv", "qr", "slogdet", "solve",
    "solve_triangular", "svd", "svdvals", "vecdot", "vector_norm",
]  # fmt: skip
