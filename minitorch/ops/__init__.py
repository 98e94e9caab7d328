"""The table: every primitive with its derivatives, chapter by chapter.

`elementwise` multiplies by $f'$; `reduction` and `shape` are linear, each rule the transpose; `indexing`
gathers and scatters; `linalg` contracts; `window` unfolds images, `convolution` multiplies them by kernels, `pooling` takes
their maxima; `activations`, `normalize` and `recurrent` hold the fused ones.
"""

from . import (
    activations,
    convolution,
    declare,
    elementwise,
    indexing,
    linalg,
    normalize,
    pooling,
    recurrent,
    reduction,
    shape,
    titles,
    window,
)

__all__ = [
    "activations",
    "convolution",
    "declare",
    "elementwise",
    "indexing",
    "linalg",
    "normalize",
    "pooling",
    "recurrent",
    "reduction",
    "shape",
    "titles",
    "window",
]
