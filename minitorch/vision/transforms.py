"""Transforms: functions from a picture to a picture, and how to chain them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..creation import from_numpy, tensor
from ..tensor import Tensor


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


class ToTensor:
    r"""A picture as a tensor: of bytes, $y = x / 255$ as float32, between 0 and 1.

    An array of another type than uint8 keeps its type and its values.  A PIL picture of one bit a pixel gives 0 and 1.

    Shapes:  (H, W) or (H, W, C) -> (C, H, W), with C = 1 for (H, W).
    Raises:  TypeError for what is no picture; ValueError for another number of dimensions.

    >>> ToTensor()(np.array([[0, 51], [102, 255]], np.uint8))
    tensor([[[0.0000, 0.2000],
             [0.4000, 1.0000]]])
    """

    def __call__(self, pic: Any) -> Tensor:
        """Turn a picture into a tensor."""
        return to_tensor(pic)

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
        return normalize(tensor, self.mean, self.std, self.inplace)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(mean={self.mean}, std={self.std})"


def to_tensor(pic: Any) -> Tensor:
    """Turn a picture, an array (H, W) or (H, W, C) or a PIL image, into a tensor (C, H, W).  See `ToTensor`."""
    is_pil = not isinstance(pic, np.ndarray) and hasattr(pic, "getbands") and hasattr(pic, "mode")
    if not is_pil and not isinstance(pic, np.ndarray):
        raise TypeError(f"to_tensor: pic should be PIL Image or ndarray. Got {type(pic)}")
    picture = np.asarray(pic)
    if picture.ndim not in (2, 3):
        raise ValueError(
            f"to_tensor: pic should be 2/3 dimensional. Got {picture.ndim} dimensions, shape {picture.shape}"
        )
    if is_pil and picture.dtype == bool:
        picture = picture.astype(np.uint8) * 255
    planes = picture[None] if picture.ndim == 2 else picture.transpose(2, 0, 1)
    if planes.dtype == np.uint8:
        return from_numpy(np.divide(planes, np.float32(255), order="C"))
    return from_numpy(np.array(planes, planes.dtype.newbyteorder("="), order="C"))


def normalize(image: Tensor, mean: Sequence[float], std: Sequence[float], inplace: bool = False) -> Tensor:
    """Subtract each channel's mean and divide by its standard deviation.  See `Normalize`."""
    if not isinstance(image, Tensor):
        raise TypeError(
            f"normalize: Input tensor should be a torch tensor. Got {type(image)}: put ToTensor() before Normalize"
        )
    if not image.is_floating_point():
        raise TypeError(
            f"normalize: Input tensor should be a float tensor. Got {image.dtype}: put ToTensor() before Normalize"
        )
    if image.dim() < 3:
        raise ValueError(
            "normalize: Expected tensor to be a tensor image of size (..., C, H, W). "
            f"Got tensor.size() = {tuple(image.shape)}"
        )
    numbers = []
    for name, values in (("mean", mean), ("std", std)):
        row = np.atleast_1d(np.asarray(values, image.dtype.numpy))
        if row.ndim != 1 or len(row) not in (1, image.size(-3)):
            raise RuntimeError(
                f"normalize: {name} has {row.size} numbers, the picture of shape {tuple(image.shape)} "
                f"has {image.size(-3)} channels"
            )
        if name == "std" and not row.all():
            raise ValueError(
                f"normalize: std evaluated to zero after conversion to {image.dtype}, leading to division by zero: "
                f"std={values}"
            )
        numbers.append(tensor(row.reshape(-1, 1, 1), device=image.device))
    if inplace:
        return image.sub_(numbers[0]).div_(numbers[1])
    return (image - numbers[0]) / numbers[1]
