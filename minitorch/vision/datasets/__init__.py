"""Data sets of pictures, read from their original files: no pickle is ever opened."""

from .cifar import CIFAR10, read_cifar10
from .digits import Digits
from .folder import ImageFolder, pil_loader
from .idx import read_idx
from .mnist import MNIST, FashionMNIST
from .picture import VisionDataset

__all__ = [
    "CIFAR10",
    "MNIST",
    "Digits",
    "FashionMNIST",
    "ImageFolder",
    "VisionDataset",
    "pil_loader",
    "read_cifar10",
    "read_idx",
]
