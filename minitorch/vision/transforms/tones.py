"""Transforms of the values of pixels, and how to chain transforms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...backend import dtypes
from ...tensor import Tensor
from . import functional as F


class Compose:
    """One transform after the other.

    >>> Compose([ToTensor(), Normalize((0.5,), (0.25,))])
    Compose(
        ToTensor()
        Normalize(mean=(0.5,), std=(0.25,))
    )
    """

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        for position, transform in enumerate(transforms):
            if not callable(transform):
                raise TypeError(f"Compose: transform {position} is {type(transform).__name__}, not a function")
        self.transforms = transforms

    def __call__(self, img: Any) -> Any:
        """Apply all of them."""
        for transform in self.transforms:
            img = transform(img)
        return img

    def __repr__(self) -> str:
        inner = "".join("\n    " + repr(transform).replace("\n", "\n    ") for transform in self.transforms)
        return f"{type(self).__name__}({inner}\n)"


class Lambda:
    """A function as a transform."""

    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        if not callable(lambd):
            raise TypeError(f"Argument lambd should be callable, got {type(lambd).__name__}")
        self.lambd = lambd

    def __call__(self, img: Any) -> Any:
        """Call the function."""
        return self.lambd(img)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class ToTensor:
    r"""A picture as a tensor: of bytes, $y = x / 255$ as float32, between 0 and 1.

    An array of another type than uint8 keeps its type and its values.  A PIL picture of one bit a pixel gives 0 and 1.

    Shapes:  (H, W) or (H, W, C) -> (C, H, W), with C = 1 for (H, W).
    Raises:  TypeError for what is no picture; ValueError for another number of dimensions.

    >>> import numpy as np
    >>> ToTensor()(np.array([[0, 51], [102, 255]], np.uint8))
    tensor([[[0.0000, 0.2000],
             [0.4000, 1.0000]]])
    """

    def __call__(self, pic: Any) -> Tensor:
        """Turn a picture into a tensor."""
        return F.to_tensor(pic)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Normalize:
    r"""Standardise each channel: $y_c = (x_c - \mu_c) / \sigma_c$.

    Shapes:  (*, C, H, W) -> the same; `mean` and `std` have C numbers, or one for all channels.
    Raises:  TypeError for what is no floating-point tensor; ValueError for a std of zero or less than 3 dimensions;
             RuntimeError if the number of channels differs.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float], inplace: bool = False) -> None:
        self.mean, self.std, self.inplace = mean, std, inplace

    def __call__(self, tensor: Tensor) -> Tensor:
        """Standardise a picture."""
        return F.normalize(tensor, self.mean, self.std, self.inplace)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(mean={self.mean}, std={self.std})"


class ConvertImageDtype:
    r"""Another type of numbers for the same picture: floats run from 0 to 1, integers from 0 to their largest value.

    $y = x / m$ from integers with the largest value m to floats, $y = \lfloor x\,(m + 1 - 10^{-3}) \rfloor$ back.

    Shapes:  (*, H, W) -> the same.
    Raises:  TypeError for what is no tensor; RuntimeError for floats that cannot hold the integers asked for.

    >>> ConvertImageDtype(dtypes.uint8)(Tensor([0.0, 0.5, 1.0]))
    tensor([  0, 127, 255], dtype=torch.uint8)
    """

    def __init__(self, dtype: dtypes.dtype) -> None:
        if not isinstance(dtype, dtypes.dtype):
            raise TypeError(f"Argument dtype should be of type torch.dtype, got {type(dtype).__name__}")
        self.dtype = dtype

    def __call__(self, image: Tensor) -> Tensor:
        """Convert a picture."""
        return F.convert_image_dtype(image, self.dtype)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Grayscale:
    r"""A grey picture: $y = 0.2989\,r + 0.587\,g + 0.114\,b$, in one channel or, the same, in three.

    Shapes:  (*, 3, H, W) -> (*, 1, H, W) or (*, 3, H, W); arrays (H, W, 3) -> (H, W) or (H, W, 3).
    """

    def __init__(self, num_output_channels: int = 1) -> None:
        if num_output_channels not in (1, 3):
            raise ValueError(f"num_output_channels should be either 1 or 3, got {num_output_channels}")
        self.num_output_channels = num_output_channels

    def __call__(self, img: Any) -> Any:
        """Convert a picture."""
        return F.rgb_to_grayscale(img, self.num_output_channels)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(num_output_channels={self.num_output_channels})"
