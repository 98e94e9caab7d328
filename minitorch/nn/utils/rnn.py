"""Sequences of different lengths: padded to one length, or packed, time after time, without gaps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...backend.arrays import array_like
from ...creation import tensor
from ...functions.shape import stack
from ...ops import indexing as ix
from ...ops.elementwise import where
from ...tensor import Tensor
from ..functional.padding import pad


class _Packed(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(_Packed):
    """Sequences sorted by length, the longest first; their rows of time 0, then those of time 1, and so on.

    `batch_sizes` says, on the CPU, how many sequences there are at every time; `sorted_indices` where each sequence
    of the pack came from, `unsorted_indices` where each given sequence went.  Make one with `pack_padded_sequence`.

    >>> pack_sequence([tensor([1, 2]), tensor([3, 4, 5])], enforce_sorted=False)
    PackedSequence(data=tensor([3, 1, 4, 2, 5]), batch_sizes=tensor([2, 2, 1]), sorted_indices=tensor([1, 0]),
    unsorted_indices=tensor([1, 0]))
    """

    __slots__ = ()

    def __new__(
        cls,
        data: Tensor,
        batch_sizes: Tensor,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> PackedSequence:
        """Put the parts together; the one permutation follows from the other."""
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        if batch_sizes.device.type != "cpu":
            raise ValueError(
                "batch_sizes should always be on CPU. Instances of PackedSequence should never be created manually. "
                "They should be instantiated by functions like pack_sequence and pack_padded_sequence in nn.utils.rnn."
            )
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """Move or convert the data, as `Tensor.to` does; the sizes stay on the CPU."""
        data = self.data.to(*args, **kwargs)
        orders = [None if i is None else i.to(data.device) for i in (self.sorted_indices, self.unsorted_indices)]
        return type(self)(data, self.batch_sizes, *orders)

    def cpu(self) -> PackedSequence:
        """Move to the CPU."""
        return self.to("cpu")

    def cuda(self) -> PackedSequence:
        """Move to a GPU."""
        return self.to("cuda")

    def float(self) -> PackedSequence:
        """Convert to float32."""
        return self._replace(data=self.data.float())

    def double(self) -> PackedSequence:
        """Convert to float64."""
        return self._replace(data=self.data.double())

    @property
    def is_cuda(self) -> bool:
        """Whether the data are on a GPU."""
        return self.data.is_cuda


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """Return where everything went: $q_{p_i} = i$."""
    return None if permutation is None else permutation.argsort()


# ---- padded <-> packed -----------------------------------------------------------------------------------------------


def pack_padded_sequence(
    input: Tensor, lengths: Tensor | Sequence[int], batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack sequences that are padded to one length.

    Shapes:  (T, N, *), or (N, T, *) with `batch_first`, lengths (N).
    Raises:  RuntimeError for lengths that do not fit, or are not sorted while `enforce_sorted`.
    """
    sizes = np.asarray(lengths.tolist() if isinstance(lengths, Tensor) else lengths, dtype=np.int64)
    padded = input.transpose(0, 1) if batch_first else input
    T, N = padded.shape[:2]
    order = None
    if not enforce_sorted:
        places = np.argsort(-sizes, kind="stable")
        order, sizes = tensor(places, device=input.device), sizes[places]
        padded = padded.index_select(1, order)
    _check_lengths(sizes, T, N)
    batch_sizes = (sizes > np.arange(sizes.max())[:, None]).sum(axis=1)
    times, columns = np.repeat(np.arange(len(batch_sizes)), batch_sizes), _columns(batch_sizes)
    data = ix.take(padded, (array_like(times, input.value, np.int64), array_like(columns, input.value, np.int64)))
    return PackedSequence(data, tensor(batch_sizes), order)


def _columns(batch_sizes: Any) -> Any:
    """Return the sequence of every row of a pack."""
    return np.concatenate([np.arange(n) for n in batch_sizes])


def _check_lengths(sizes: Any, T: int, N: int) -> None:
    if sizes.shape != (N,):
        raise RuntimeError(f"Expected `len(lengths)` to be equal to batch_size, but got {sizes.size} (batch_size={N})")
    if N == 0:
        raise RuntimeError("Cannot pack empty tensors.")
    if sizes.min() <= 0:
        raise RuntimeError(
            "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0"
        )
    if (np.diff(sizes) > 0).any():
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass "
            "`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement."
        )
    if sizes[0] > T:
        raise RuntimeError(f"pack_padded_sequence: a length is {sizes[0]}, but the input has {T} times only")


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Tensor, Tensor]:
    """Pad the sequences of a pack to one length; return them in their first order, and their lengths.

    Shapes:  -> (T, N, *), or (N, T, *) with `batch_first`, and (N).
    """
    batch_sizes, like = sequence.batch_sizes.value, sequence.data.value
    T, N = len(batch_sizes), int(batch_sizes[0])
    if total_length is not None and total_length < T:
        raise ValueError(
            "Expected total_length to be at least the length of the longest sequence in input, but got "
            f"total_length={total_length} and max sequence length being {T}"
        )
    T = T if total_length is None else total_length
    sizes = np.bincount(_columns(batch_sizes), minlength=N)
    order = np.arange(N) if sequence.unsorted_indices is None else np.asarray(sequence.unsorted_indices.tolist())
    starts = np.concatenate([np.cumsum(batch_sizes) - batch_sizes, np.zeros(T - len(batch_sizes), np.int64)])
    there = np.arange(T)[:, None] < sizes[order]  # (T, N)
    rows = np.where(there, starts[:, None] + order, 0)
    axes = (1, 0) if batch_first else (0, 1)
    taken = ix.take(sequence.data, (array_like(rows.transpose(axes), like, np.int64),))
    mask = there.transpose(axes).reshape(*(there.shape[a] for a in axes), *(1,) * (taken.ndim - 2))
    return where(Tensor.wrap(array_like(mask, like, bool)), taken, padding_value), tensor(sizes[order])


# ---- lists of sequences ----------------------------------------------------------------------------------------------


def pad_sequence(
    sequences: Tensor | Iterable[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Pad sequences to one length, and stack them.

    Shapes:  N of (L, *) -> (T, N, *), or (N, T, *) with `batch_first`; T is the largest L.

    >>> pad_sequence([tensor([1, 2, 3]), tensor([4])], batch_first=True)
    tensor([[1, 2, 3],
            [4, 0, 0]])
    """
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}"
        )
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    sequences = list(sequences)
    if not sequences:
        raise RuntimeError("received an empty list of sequences")
    longest = max(s.shape[0] for s in sequences)

    def padded(s: Tensor) -> Tensor:
        missing = longest - s.shape[0]
        ends = (0, missing) if padding_side == "right" else (missing, 0)
        return pad(s, (*(0, 0) * (s.ndim - 1), *ends), value=padding_value)

    return stack([padded(s) for s in sequences], 0 if batch_first else 1)


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """Return the sequences of a padded batch, each in its own length."""
    rows = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [row[:length] for row, length in zip(rows, lengths.tolist(), strict=True)]


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Pack a list of sequences (L, *)."""
    lengths = [s.shape[0] for s in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """Return the sequences of a pack, each in its own length."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
