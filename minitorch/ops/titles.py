"""The names that PyTorch gives the nodes of a graph, where they are not the names of our primitives.

A tensor prints them, `grad_fn=<MmBackward0>`.  One primitive may stand for several functions of PyTorch, which
are told apart by the shapes: a product of matrices is an mm, of batches a bmm.
"""

from __future__ import annotations

from typing import Any

from ..engine import TABLE, Node
from . import convolution, declare, indexing, linalg, normalize, pooling, reduction, shape
from . import elementwise as e


def _shapes(node: Node) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the shapes of the first argument, and of the result."""
    result: tuple[int, ...] = node.metas[0][0]
    parent, slot = node.next_functions[0]
    return (result if parent is None else parent.metas[slot][0]), result


def _product(node: Node) -> str:
    return {2: "MmBackward0", 3: "BmmBackward0"}.get(len(node.metas[0][0]), "UnsafeViewBackward0")


def _linear(node: Node) -> str:
    if len(node.metas[0][0]) != 2:
        return "ViewBackward0"
    return "AddmmBackward0" if len(node.parents) == 3 else "MmBackward0"


def _reshape(node: Node) -> str:
    before, after = _shapes(node)
    if [n for n in before if n != 1] == [n for n in after if n != 1] and len(before) != len(after):
        return "UnsqueezeBackward0" if len(after) > len(before) else "SqueezeBackward1"
    return "ViewBackward0"


def _index(node: Node) -> str:
    before, after = _shapes(node)
    return "SelectBackward0" if len(after) < len(before) else "SliceBackward0"


def _sum(node: Node) -> str:
    return f"SumBackward{int(bool(node.metas[0][0]))}"


def _mean(node: Node) -> str:
    return f"MeanBackward{int(bool(node.metas[0][0]))}"


def _power(node: Node) -> str:
    return f"PowBackward{0 if len(node.parents) < 2 or node.parents[1] is None else 1}"


TITLES: dict[Any, Any] = {
    e.square: "PowBackward0",
    e.pow: _power,
    e.log1p: "Log1PBackward0",
    shape.copy: "CloneBackward0",
    declare.cast: "ToCopyBackward0",
    shape.reshape: _reshape,
    shape.broadcast_to: "ExpandBackward0",
    shape.index: _index,
    declare.put_back: "CopySlices",
    shape.pad: "ConstantPadNdBackward0",
    indexing.take: "IndexBackward0",
    linalg.matmul: _product,
    linalg.linear: _linear,
    normalize.standardize: "NativeLayerNormBackward0",
    pooling.window_max: "MaxPool2DWithIndicesBackward0",
    convolution.convolve: "ConvolutionBackward0",
    convolution.convolve_back: "ConvolutionBackward0",
    reduction.sum: _sum,
    reduction.mean: _mean,
    reduction.amax: lambda node: "AmaxBackward0" if node.metas[0][0] else "MaxBackward1",
    reduction.amin: lambda node: "AminBackward0" if node.metas[0][0] else "MinBackward1",
}

for _function, _title in TITLES.items():
    TABLE[_function].title = _title
