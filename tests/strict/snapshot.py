"""What CuPy has: its names and the parameters of its functions, from `cupy_api.json`.

`python -m tests.strict.snapshot` writes that file again, where CuPy is installed; it needs no GPU.
"""

from __future__ import annotations

import inspect
import json
import types
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("cupy_api.json")
SPACES = ("", "linalg", "random", "fft", "lib.stride_tricks")
API: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
_signatures: dict[str, inspect.Signature] = {}


def snapshot() -> dict[str, Any]:
    """Look at the installed CuPy."""
    import cupy

    api: dict[str, Any] = {"ndarray": [n for n in dir(cupy.ndarray) if n[0] != "_"], "version": cupy.__version__}
    for space in SPACES:
        module = cupy
        for part in filter(None, space.split(".")):
            module = getattr(module, part)
        public = {n: getattr(module, n) for n in dir(module) if n[0] != "_"}
        api[space] = {n: _describe(o) for n, o in public.items() if not isinstance(o, types.ModuleType)}
    api[""]["einsum"] = [["operands", 2, False], ["dtype", 3, True], ["optimize", 3, True]]  # behind *args, **kwargs
    return api


def _describe(thing: Any) -> Any:
    """Return the parameters (name, kind, optional) of a function, or what else it is."""
    import cupy

    if isinstance(thing, cupy.ufunc):
        return "ufunc"
    if isinstance(thing, type) or not callable(thing):
        return "value"
    try:
        parameters = inspect.signature(thing).parameters.values()
    except (TypeError, ValueError):
        return "any"
    return [[p.name, int(p.kind), p.default is not p.empty] for p in parameters]


def check(name: str, parameters: Any, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    """Raise TypeError if CuPy's function does not take these arguments."""
    if name not in _signatures:
        rows = [(n, inspect._ParameterKind(kind), optional) for n, kind, optional in parameters]
        required = inspect.Parameter.empty
        _signatures[name] = inspect.Signature(
            [inspect.Parameter(n, kind, default=None if optional else required) for n, kind, optional in rows]
        )
    try:
        _signatures[name].bind(*args, **options)
    except TypeError as error:
        raise TypeError(f"cupy.{name}(): {error}") from None


if __name__ == "__main__":
    FILE.write_text(json.dumps(snapshot()) + "\n", encoding="utf-8")
