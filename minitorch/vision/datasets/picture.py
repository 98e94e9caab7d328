"""What all data sets of pictures share: transforms, and how they print."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ...utils.data.dataset import Dataset

Transform = Callable[[Any], Any]


class VisionDataset(Dataset[tuple[Any, Any]]):
    """Pictures with labels: item i is `(transform(picture), target_transform(label))`.

    Where torchvision hands out PIL images, here a picture is a `uint8` NumPy array, (H, W) or (H, W, C): what
    `transforms.ToTensor` takes, and `PIL.Image.fromarray` too.  It is a copy, so a transform may write into it.
    """

    root: Path | None = None
    classes: list[str]
    data: Any
    targets: Any

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        transform: Transform | None = None,
        target_transform: Transform | None = None,
    ) -> None:
        if root is not None:
            self.root = Path(root).expanduser()
        for name, function in (("transform", transform), ("target_transform", target_transform)):
            if function is not None and not callable(function):
                raise TypeError(f"{type(self).__name__}: {name} must be a function, got {type(function).__name__}")
        self.transform, self.target_transform = transform, target_transform

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The label of each class."""
        return {name: label for label, name in enumerate(self.classes)}

    def picture(self, index: int) -> np.ndarray[Any, Any]:
        """Return picture number `index`, untransformed."""
        return np.array(self.data[index])

    def __getitem__(self, index: Any) -> tuple[Any, Any]:
        picture: Any = self.picture(index)
        label: Any = int(self.targets[index])
        if self.transform is not None:
            picture = self.transform(picture)
        return picture, label if self.target_transform is None else self.target_transform(label)

    def __len__(self) -> int:
        return len(self.data)

    def extra_repr(self) -> str:
        """Return lines that a subclass adds to the printed form."""
        return ""

    def __repr__(self) -> str:
        lines = [f"Number of datapoints: {len(self)}"]
        if self.root is not None:
            lines.append(f"Root location: {self.root}")
        lines += self.extra_repr().splitlines()
        if self.transform is not None or self.target_transform is not None:
            lines.append("StandardTransform")
        text = "\n".join([f"Dataset {type(self).__name__}", *(f"    {line}" for line in lines)])
        for head, function in (("Transform: ", self.transform), ("Target transform: ", self.target_transform)):
            if function is not None:
                text += f"\n{head}" + repr(function).replace("\n", "\n" + " " * len(head))
        return text
