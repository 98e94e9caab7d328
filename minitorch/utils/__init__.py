"""What programs need around a network: data loading, files, records."""

import importlib
from typing import Any

__all__ = ["curves", "data", "files", "safetensors", "tensorboard"]


def __getattr__(name: str) -> Any:
    """Import a part when it is first asked for: `minitorch.utils.data.DataLoader` works after `import minitorch`."""
    if name in __all__:
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module 'minitorch.utils' has no attribute '{name}'")
