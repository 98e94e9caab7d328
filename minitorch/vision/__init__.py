"""Pictures: data sets, transforms, grids.  `import minitorch.vision as torchvision` runs torchvision's programs."""

from . import datasets, transforms, utils

__all__ = ["datasets", "transforms", "utils"]
