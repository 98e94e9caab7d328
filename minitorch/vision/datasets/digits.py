"""The UCI digits: 1,797 handwritten digits of 8 by 8 pixels, which come with the package."""

from __future__ import annotations

from importlib import resources
from typing import Any

import numpy as np

from ...creation import from_numpy
from ...tensor import Tensor
from .picture import Transform, VisionDataset

TEST_EVERY = 5  # the fifth, tenth, … picture of each class is for testing


class Digits(VisionDataset):
    """Handwritten digits, 8 by 8, inside the package: nothing to download.

    `train=None` gives all 1,797; `train=True` and `False` split them, always in the same way: of each class every
    fifth picture is for testing, 355 in all, and 1,442 are for training.  (For a random split use `random_split`.)

    `data` is a uint8 tensor (N, 8, 8) of UCI's own numbers, 0 to 16; `targets` an int64 tensor (N,).  The pictures
    handed out are stretched to 0 … 255, so that transforms and viewers see ordinary grey pictures:
    with `transforms.ToTensor()` a pixel is `data / 16`, up to rounding to 1/255.

    Source:  E. Alpaydin and C. Kaynak 1998, "Optical Recognition of Handwritten Digits", UCI Machine Learning
             Repository, doi:10.24432/C50P49; its test part.  Licence: CC BY 4.0 (see digits.LICENSE.txt).

    >>> digits = Digits()
    >>> len(digits), digits[0][0].shape, digits[0][1]
    (1797, (8, 8), 0)
    """

    classes: list[str] = [str(digit) for digit in range(10)]  # noqa: RUF012
    data: Tensor
    targets: Tensor

    def __init__(
        self,
        train: bool | None = None,
        transform: Transform | None = None,
        target_transform: Transform | None = None,
    ) -> None:
        if train not in (None, True, False):
            raise TypeError(
                f"Digits: train must be True, False or None, got {train!r} (the digits need no root directory)"
            )
        super().__init__(None, transform, target_transform)
        self.train = train
        images, labels = _load()
        if train is not None:
            chosen = _is_test(labels) != train
            images, labels = images[chosen], labels[chosen]
        self.data, self.targets = from_numpy(images), from_numpy(labels.astype(np.int64))

    def picture(self, index: int) -> np.ndarray[Any, Any]:
        """Return picture number `index`, (8, 8), stretched from 0 … 16 to 0 … 255."""
        return np.rint(self.data.numpy()[index] * (255 / 16)).astype(np.uint8)

    def extra_repr(self) -> str:
        """Return the line that says which part it is."""
        return "Split: " + {None: "All", True: "Train", False: "Test"}[self.train]


def _load() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    with (resources.files(__package__) / "digits.npz").open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return arrays["images"], arrays["labels"]


def _is_test(labels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Mark every fifth picture of each class."""
    test = np.zeros(len(labels), bool)
    for label in range(10):
        test[np.flatnonzero(labels == label)[TEST_EVERY - 1 :: TEST_EVERY]] = True
    return test
