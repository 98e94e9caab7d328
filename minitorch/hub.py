"""Models from a directory: `hub.load(directory, "my_model", source="local")` calls an entry point of its `hubconf.py`.

`hubconf.py` is a program, and loading runs it: load only from directories that you trust.  Weights are data: kept in
a safetensors file, they are read without running anything.  `docs/publishing-a-model.md` tells how to make such a
directory.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["help", "list", "load"]

HUBCONF = "hubconf.py"
DEPENDENCIES = "dependencies"  # a list in hubconf.py: what must be installed


def load(repo_or_dir: str | os.PathLike[str], model: str, *args: Any, source: str = "github", **kwargs: Any) -> Any:
    """Call an entry point, a function in the `hubconf.py` of a directory, with the arguments given; return its result.

    Nothing is ever downloaded, so `source` must be "local".  PyTorch's options that concern downloads (`trust_repo`,
    `force_reload`, `verbose`, `skip_validation`) are accepted and do nothing.

    Raises:  ValueError for another source; FileNotFoundError without a hubconf.py; RuntimeError for an entry point that
             is not there, and for dependencies that are not installed; whatever the hubconf.py itself raises.
    """
    for option in ("trust_repo", "force_reload", "verbose", "skip_validation"):
        kwargs.pop(option, None)
    with _hubconf("load", repo_or_dir, source) as module:
        return _entry("load", repo_or_dir, module, model)(*args, **kwargs)


def list(repo_or_dir: str | os.PathLike[str], *, source: str = "github", **options: Any) -> Any:
    """Return the names of all entry points of a directory, sorted."""
    with _hubconf("list", repo_or_dir, source) as module:
        return sorted(_entries(module))


def help(repo_or_dir: str | os.PathLike[str], model: str, *, source: str = "github", **options: Any) -> str | None:
    """Return the docstring of an entry point."""
    with _hubconf("help", repo_or_dir, source) as module:
        return _entry("help", repo_or_dir, module, model).__doc__


@contextlib.contextmanager
def _hubconf(who: str, directory: str | os.PathLike[str], source: str) -> Iterator[ModuleType]:
    """Run the hubconf.py of a directory; within the block it may import the modules beside it."""
    if source != "local":
        raise ValueError(
            f"hub.{who}: source={source!r} would download and run a program, which is not done here: get the directory "
            f"{os.fspath(directory)!r} yourself, look at it, and pass its path with source='local'"
        )
    path = Path(directory).resolve() / HUBCONF
    if not path.is_file():
        raise FileNotFoundError(f"hub.{who}: there is no {HUBCONF} in the directory {os.fspath(directory)}")
    spec: Any = importlib.util.spec_from_file_location("hubconf", path)
    module = importlib.util.module_from_spec(spec)
    with _importing_from(path.parent):
        spec.loader.exec_module(module)
        missing = [name for name in getattr(module, DEPENDENCIES, []) if not _installed(name)]
        if missing:
            raise RuntimeError(f"hub.{who}: {path} needs what is not installed: {', '.join(missing)}")
        yield module


@contextlib.contextmanager
def _importing_from(directory: Path) -> Iterator[None]:
    """Let `import name` find the modules of a directory, and forget them afterwards.

    Two directories may both have a `model.py`; without this, the second one would get that of the first.
    """
    own = {entry.name.partition(".")[0] for entry in directory.iterdir()} - {__name__.partition(".")[0]}
    hidden = _taken(own)
    sys.path.insert(0, str(directory))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):  # hubconf.py may have changed the path
            sys.path.remove(str(directory))
        _taken(own)
        sys.modules.update(hidden)


def _taken(names: set[str]) -> dict[str, ModuleType]:
    """Take the modules of these names, and their submodules, out of the imported ones."""
    taken = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in names}
    for name in taken:
        del sys.modules[name]
    return taken


def _entries(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """Return the entry points: the public functions and classes of hubconf.py."""
    return {name: value for name, value in vars(module).items() if callable(value) and not name.startswith("_")}


def _entry(who: str, directory: str | os.PathLike[str], module: ModuleType, name: str) -> Callable[..., Any]:
    entries = _entries(module)
    if name not in entries:
        known = ", ".join(sorted(entries)) or "none"
        raise RuntimeError(f"hub.{who}: Cannot find callable {name} in {HUBCONF} of {directory}; there are: {known}")
    return entries[name]


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
