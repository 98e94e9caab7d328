"""Records of a training for TensorBoard, written by the library tensorboardX, an extra.

Without it, `utils/curves.py` writes the same numbers as CSV and draws them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from ..tensor import Tensor
from .curves import number

__all__ = ["SummaryWriter"]


class SummaryWriter:
    """Writes scalars, histograms, pictures and texts into a directory that `tensorboard --logdir` shows.

    The methods are those of tensorboardX, which are PyTorch's: add_scalar, add_scalars, add_histogram, add_image,
    add_images, add_figure, add_text, add_hparams, add_embedding, add_pr_curve, flush, close, and more.  Wherever they
    take numbers, a tensor will do, on any device.  Without `log_dir` the directory is runs/<time>_<host><comment>.

    Raises:  ModuleNotFoundError without tensorboardX; ValueError for a scalar that is not one number.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None = None,
        comment: str = "",
        purge_step: int | None = None,
        max_queue: int = 10,
        flush_secs: int = 120,
        filename_suffix: str = "",
    ) -> None:
        try:
            import tensorboardX
        except ImportError as error:
            advice = "SummaryWriter needs tensorboardX: pip install tensorboardX"
            raise ModuleNotFoundError(advice) from error
        self.writer = tensorboardX.SummaryWriter(
            None if log_dir is None else os.fspath(log_dir), comment, purge_step, max_queue, flush_secs, filename_suffix
        )

    @property
    def log_dir(self) -> str:
        """The directory."""
        return str(self.writer.logdir)

    def get_logdir(self) -> str:
        """Return the directory."""
        return self.log_dir

    def add_scalar(self, tag: str, scalar_value: Any, global_step: int | None = None, **options: Any) -> None:
        """Record one number, such as a loss, at a step."""
        self.writer.add_scalar(tag, number("add_scalar", tag, scalar_value), global_step, **options)

    def add_scalars(
        self, main_tag: str, tag_scalar_dict: Mapping[str, Any], global_step: int | None = None, **options: Any
    ) -> None:
        """Record several numbers to be drawn in one picture, such as the losses of training and of testing."""
        numbers = {tag: number("add_scalars", tag, value) for tag, value in tag_scalar_dict.items()}
        self.writer.add_scalars(main_tag, numbers, global_step, **options)

    def add_graph(self, *args: Any, **options: Any) -> None:
        """Refuse: tensorboardX draws PyTorch's own graphs only."""
        raise NotImplementedError("add_graph draws PyTorch's graphs only: minitorch.viz draws those of minitorch")

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_") or name == "writer":
            raise AttributeError(f"'SummaryWriter' object has no attribute '{name}'")
        method = getattr(self.writer, name)

        def with_arrays(*args: Any, **options: Any) -> Any:
            return method(*map(_plain, args), **{key: _plain(value) for key, value in options.items()})

        return with_arrays

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, *exception: object) -> None:
        self.writer.close()


def _plain(value: Any) -> Any:
    """Return a value with NumPy arrays for the tensors inside."""
    if isinstance(value, Tensor):
        return value.detach().cpu().numpy()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return type(value)(map(_plain, value)) if type(value) in (list, tuple) else value
