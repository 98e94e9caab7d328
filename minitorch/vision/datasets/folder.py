"""ImageFolder: a directory with a folder of picture files for each class."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .idx import damaged
from .picture import Transform, VisionDataset

IMG_EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


def pil_loader(path: str | os.PathLike[str]) -> Any:
    """Read a picture file as a PIL image in RGB.

    Raises:  RuntimeError, with the file's name, if it is damaged or no picture; ModuleNotFoundError without Pillow.
    """
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise ModuleNotFoundError("ImageFolder reads files with Pillow: pip install pillow") from error
    file = io.BytesIO(Path(path).read_bytes())  # of a file on the disk Pillow reads as many bytes as the file says
    try:
        return Image.open(file).convert("RGB")
    except UnidentifiedImageError:
        raise damaged(path, "no picture format that Pillow knows") from None
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise damaged(path, str(error)) from error


class ImageFolder(VisionDataset):
    """Picture files in folders: `root/cat/1.png`, `root/cat/more/2.jpg`, `root/dog/3.png`, …

    The folders are the classes, in alphabetical order.  Item i is `(transform(picture), label)`; a picture is what
    `loader(path)` returns, without one a PIL image in RGB (read with Pillow, an extra).
    `samples` is the list of (path, label), `targets` that of the labels.

    Raises:  FileNotFoundError if there are no folders, or one of them has no pictures (unless `allow_empty`); in use,
             RuntimeError for a damaged file.
    """

    root: Path
    samples: list[tuple[str, int]]
    targets: list[int]

    def __init__(
        self,
        root: str | os.PathLike[str],
        transform: Transform | None = None,
        target_transform: Transform | None = None,
        loader: Callable[[str], Any] = pil_loader,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> None:
        super().__init__(root, transform, target_transform)
        self.loader = loader
        self.classes, _ = self.find_classes(self.root)
        self.samples = []
        for label, name in enumerate(self.classes):
            paths = [path for path in _files(self.root / name) if (is_valid_file or _is_picture)(path)]
            if not paths and not allow_empty:
                wanted = "" if is_valid_file else f" Supported extensions are: {', '.join(IMG_EXTENSIONS)}"
                raise FileNotFoundError(f"Found no valid file for the class {name} in {self.root / name}.{wanted}")
            self.samples += [(path, label) for path in paths]
        self.imgs, self.data = self.samples, self.samples
        self.targets = [label for _, label in self.samples]

    def find_classes(self, directory: str | os.PathLike[str]) -> tuple[list[str], dict[str, int]]:
        """Return the names of the folders, sorted, and the label of each; a subclass may choose others."""
        if not os.path.isdir(directory):
            raise FileNotFoundError(f"ImageFolder: there is no directory {os.fspath(directory)}")
        classes = sorted(entry.name for entry in os.scandir(directory) if entry.is_dir())
        if not classes:
            raise FileNotFoundError(f"Couldn't find any class folder in {os.fspath(directory)}.")
        return classes, {name: label for label, name in enumerate(classes)}

    def picture(self, index: int) -> Any:
        """Return picture number `index`, untransformed."""
        return self.loader(self.samples[index][0])


def _files(directory: Path) -> list[str]:
    """Return all files below a directory, in alphabetical order."""
    found = [os.path.join(place, name) for place, _, names in os.walk(directory, followlinks=True) for name in names]
    return sorted(found)


def _is_picture(path: str) -> bool:
    return path.lower().endswith(IMG_EXTENSIONS)
