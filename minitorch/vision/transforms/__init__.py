"""Transforms: functions from a picture to a picture, and how to chain them."""

from . import functional
from .functional import InterpolationMode
from .geometry import CenterCrop, RandomCrop, RandomHorizontalFlip, RandomRotation, Resize
from .tones import Compose, ConvertImageDtype, Grayscale, Lambda, Normalize, ToTensor

__all__ = [
    "CenterCrop",
    "Compose",
    "ConvertImageDtype",
    "Grayscale",
    "InterpolationMode",
    "Lambda",
    "Normalize",
    "RandomCrop",
    "RandomHorizontalFlip",
    "RandomRotation",
    "Resize",
    "ToTensor",
    "functional",
]
