"""Size: the shape of a tensor, a tuple that prints as PyTorch's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Size(tuple[int, ...]):
    """The sizes of a tensor.

    >>> Size((2, 3)), Size((2, 3)).numel()
    (torch.Size([2, 3]), 6)
    """

    def numel(self) -> int:
        """Return the number of elements."""
        n = 1
        for size in self:
            n *= size
        return n

    def __new__(cls, sizes: Iterable[Any] = ()) -> Size:
        """Return the shape of these sizes, which must be integers."""
        sizes = tuple(sizes)
        for i, n in enumerate(sizes):
            if type(n) is not int and not hasattr(n, "__index__"):
                raise TypeError(f"torch.Size() takes an iterable of 'int' (item {i} is '{type(n).__name__}')")
        return tuple.__new__(cls, sizes)

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    def __add__(self, other: Any) -> Size:
        return Size(tuple.__add__(self, tuple(other)))

    def __radd__(self, other: Any) -> Size:
        return Size(tuple(other) + tuple(self))

    def __mul__(self, times: Any) -> Size:
        return Size(tuple.__mul__(self, times))

    __rmul__ = __mul__

    def __getitem__(self, key: Any) -> Any:
        part = tuple.__getitem__(self, key)
        return Size(part) if isinstance(key, slice) else part
