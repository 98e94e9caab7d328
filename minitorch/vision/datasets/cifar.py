"""CIFAR-10: 60,000 coloured pictures of 32 by 32 pixels, in ten classes."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ...utils.files import replacing
from .download import fetch, md5
from .idx import damaged
from .picture import Transform, VisionDataset

RECORD = 1 + 3 * 32 * 32  # a label, then the red, the green and the blue plane


def read_cifar10(path: str | os.PathLike[str]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Read a file of CIFAR-10's binary version: any number of records, so a part of an original file will do.

    Shapes:  pictures (N, 3, 32, 32) uint8, labels (N,) uint8.
    Raises:  FileNotFoundError; RuntimeError, with the file's name, if it is damaged or truncated.
    """
    data = Path(path).read_bytes()
    if not data or len(data) % RECORD:
        raise damaged(path, f"it has {len(data)} bytes, not a multiple of {RECORD}, the size of a record")
    records = np.frombuffer(data, np.uint8).reshape(-1, RECORD)
    if records[:, 0].max() > 9:
        raise damaged(path, f"it has the label {records[:, 0].max()}, and labels run from 0 to 9")
    return records[:, 1:].reshape(-1, 3, 32, 32).copy(), records[:, 0].copy()


class CIFAR10(VisionDataset):
    """Coloured pictures: 50,000 to train on, 10,000 to test on.

    The six files of the *binary version* lie in `root/cifar-10-batches-bin`.  The "python version" is made of pickles,
    which can run code when they are opened, so it is not read.

    `data` is a uint8 array (N, 32, 32, 3), `targets` a list of labels, as in torchvision.

    Raises:  RuntimeError if a file is not there, is damaged, or cannot be downloaded.
    Source:  Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images".
    """

    base_folder = "cifar-10-batches-bin"
    mirrors: ClassVar[list[str]] = ["https://www.cs.toronto.edu/~kriz/"]
    archive = "cifar-10-binary.tar.gz"
    archive_md5 = "c32a1d4ab5d03f1284b67883e8d87530"
    train_list: ClassVar[list[str]] = [f"data_batch_{i}.bin" for i in range(1, 6)]
    test_list: ClassVar[list[str]] = ["test_batch.bin"]
    records = 10_000  # in each file
    classes: list[str] = [  # noqa: RUF012
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ]
    root: Path
    data: np.ndarray[Any, Any]
    targets: list[int]

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
        parts = [self._read(name) for name in (self.train_list if train else self.test_list)]
        self.data = np.concatenate([pictures for pictures, _ in parts]).transpose(0, 2, 3, 1).copy()
        self.targets = np.concatenate([labels for _, labels in parts]).tolist()

    @property
    def folder(self) -> Path:
        """The directory of the six files."""
        return self.root / self.base_folder

    def download(self) -> None:
        """Download and unpack the archive, unless all six files are there; a file that is there is not touched."""
        missing = [name for name in self.train_list + self.test_list if not (self.folder / name).is_file()]
        if not missing:
            return
        archive = self.root / self.archive
        if not archive.is_file():
            fetch([mirror + self.archive for mirror in self.mirrors], archive, self.archive_md5)
        if md5(archive) != self.archive_md5:
            raise damaged(archive, f"its MD5 is {md5(archive)}, expected {self.archive_md5}")
        self.folder.mkdir(exist_ok=True)
        with tarfile.open(archive) as members:
            for name in missing:  # by name and into place one by one: nothing else in the archive is touched
                content = members.extractfile(f"{self.base_folder}/{name}")
                if content is None:
                    raise damaged(archive, f"{self.base_folder}/{name} in it is not a file")
                with replacing(self.folder / name) as file:
                    shutil.copyfileobj(content, file)

    def extra_repr(self) -> str:
        """Return the line that says which part it is."""
        return f"Split: {'Train' if self.train else 'Test'}"

    def _read(self, name: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        path = self.folder / name
        if not path.is_file():
            pickles = self.root / "cifar-10-batches-py"
            hint = f"; the pickles in {pickles} are not read, as a pickle can run code" if pickles.is_dir() else ""
            raise RuntimeError(
                f"Dataset not found or corrupted. CIFAR10: there is no {name} in {self.folder}{hint}. "
                "You can use download=True to download the binary version"
            )
        pictures, labels = read_cifar10(path)
        if len(labels) != self.records:
            raise damaged(path, f"it has {len(labels)} pictures, not {self.records} (read_cifar10 reads parts)")
        return pictures, labels
