"""MNIST and Fashion-MNIST: 70,000 grey pictures of 28 by 28 pixels, in ten classes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ...creation import from_numpy
from ...tensor import Tensor
from .download import fetch, md5
from .idx import damaged, read_idx
from .picture import Transform, VisionDataset


class MNIST(VisionDataset):
    """Handwritten digits: 60,000 to train on, 10,000 to test on.

    The four files lie in `root/MNIST/raw`, gzipped as they are distributed or unpacked.  A gzipped file is checked
    against its MD5; of each file it is checked that it is whole and fits its partner.  `download=True` fetches those
    that are missing; interrupted, it goes on with the files that are still missing when it is called again.

    `data` is a uint8 tensor (N, 28, 28), `targets` an int64 tensor (N,).

    Raises:  RuntimeError if a file is not there, is damaged, or cannot be downloaded.
    Source:  LeCun, Cortes & Burges, "The MNIST database of handwritten digits".
    """

    mirrors: ClassVar[list[str]] = [
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "http://yann.lecun.com/exdb/mnist/",
    ]
    resources: ClassVar[list[tuple[str, str]]] = [
        ("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        ("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
        ("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
        ("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
    ]
    classes: list[str] = [  # noqa: RUF012  (torchvision's place for the names)
        "0 - zero",
        "1 - one",
        "2 - two",
        "3 - three",
        "4 - four",
        "5 - five",
        "6 - six",
        "7 - seven",
        "8 - eight",
        "9 - nine",
    ]
    root: Path
    data: Tensor
    targets: Tensor

    def __init__(
        self,
        root: str | os.PathLike[str],
        train: bool = True,
        transform: Transform | None = None,
        target_transform: Transform | None = None,
        download: bool = False,
    ) -> None:
        super().__init__(root, transform, target_transform)
        self.train = train
        if download:
            self.download()
        first = 0 if train else 2
        images, labels = (self._read(*resource) for resource in self.resources[first : first + 2])
        self._check(images, labels, self.resources[first][0])
        self.data, self.targets = from_numpy(images), from_numpy(labels.astype(np.int64))

    @property
    def raw_folder(self) -> Path:
        """The directory of the four files."""
        return self.root / type(self).__name__ / "raw"

    def download(self) -> None:
        """Download the files that are not there yet; a file that is there is not touched."""
        for name, checksum in self.resources:
            if not _find(self.raw_folder / name):
                fetch([mirror + name for mirror in self.mirrors], self.raw_folder / name, checksum)

    def picture(self, index: int) -> np.ndarray[Any, Any]:
        """Return picture number `index`, (28, 28), as an array of its own."""
        return np.array(self.data.numpy()[index])

    def extra_repr(self) -> str:
        """Return the line that says which part it is."""
        return f"Split: {'Train' if self.train else 'Test'}"

    def _read(self, name: str, checksum: str) -> np.ndarray[Any, Any]:
        path = _find(self.raw_folder / name)
        if path is None:
            raise RuntimeError(
                f"Dataset not found. {type(self).__name__}: there is no {name} (or {name.removesuffix('.gz')}) "
                f"in {self.raw_folder}. "
                "You can use download=True to download it"
            )
        if path.suffix == ".gz" and checksum and md5(path) != checksum:
            raise damaged(path, f"its MD5 is {md5(path)}, expected {checksum}")
        return read_idx(path)

    def _check(self, images: np.ndarray[Any, Any], labels: np.ndarray[Any, Any], name: str) -> None:
        """Refuse two whole files that do not belong together."""
        path = self.raw_folder / name
        if images.ndim != 3 or images.dtype != np.uint8:
            raise damaged(
                path, f"pictures should be bytes of shape (N, H, W), these are {images.dtype} of {images.shape}"
            )
        if labels.shape != images.shape[:1]:
            raise damaged(
                path, f"it has {images.shape[0]} pictures, and the file of labels has the shape {labels.shape}"
            )
        if labels.size and not 0 <= labels.min() <= labels.max() < len(self.classes):
            raise damaged(
                path,
                f"the labels beside it run from {labels.min()} to {labels.max()}, not 0 to {len(self.classes) - 1}",
            )


class FashionMNIST(MNIST):
    """Pictures of clothes, with MNIST's sizes and file names, in `root/FashionMNIST/raw`.

    Source:  Xiao, Rasul & Vollgraf 2017 (arXiv:1708.07747).
    """

    mirrors: ClassVar[list[str]] = [
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ]
    resources: ClassVar[list[tuple[str, str]]] = [
        ("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        ("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
        ("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
        ("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
    ]
    classes: list[str] = [  # noqa: RUF012
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ]


def _find(path: Path) -> Path | None:
    """Return the unpacked file if it is there, else the gzipped one, else None."""
    return next((p for p in (path.with_suffix(""), path) if p.is_file()), None)
