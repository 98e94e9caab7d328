"""The floors of the house, read from the syntax trees: import-linter's twin, which needs nothing installed."""

from __future__ import annotations

import ast
import graphlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "minitorch"

# From the ground up.  A module imports only from lower floors; those of one floor do not know each other.
FLOORS = [
    ["backend"],
    ["engine"],
    ["ops"],
    ["size"],
    ["functions", "operators", "printing", "cuda"],
    ["tensor", "scalar", "accelerator", "linalg"],
    ["creation"],
    ["autograd"],
    ["nn", "utils", "func", "distributions"],
    ["optim"],
    ["serialization"],
    ["hub", "testing", "vision", "viz"],
]
HEIGHT = {name: height for height, floor in enumerate(FLOORS) for name in floor}
ROOF = "__init__"  # minitorch/__init__.py may import everything
OPTIONAL = {"cupy", "cupyx", "matplotlib", "tqdm", "safetensors", "PIL", "hypothesis", "tensorboardX"}


class Import(NamedTuple):
    """One import statement of one name."""

    importer: str  # "nn.module"; "minitorch" itself is "__init__"
    imported: str  # "nn.module" for our own, "numpy.random" for others
    ours: bool
    line: int
    inside: bool  # a function
    typing: bool  # under TYPE_CHECKING

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


def modules() -> dict[str, Path]:
    """Return every module of the package by its dotted name; a package goes by the name of its folder."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == ROOF and len(parts) > 1 else parts)] = path
    return found


def imports_of(name: str, path: Path, known: dict[str, Path]) -> Iterator[Import]:
    """Yield every import of a module."""
    package = list(path.relative_to(PACKAGE).parts[:-1])
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    inside = {id(n) for f in ast.walk(tree) if isinstance(f, (ast.FunctionDef, ast.Lambda)) for n in ast.walk(f)}
    blocks = [n for n in ast.walk(tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test)]
    typing = {id(n) for block in blocks for n in ast.walk(block)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            targets = [[*base, *(node.module or "").split(".") * bool(node.module), a.name] for a in node.names]
        elif isinstance(node, ast.Import):
            targets = [alias.name.split(".") for alias in node.names]
        else:
            continue
        for parts in targets:
            ours = bool(getattr(node, "level", 0)) or parts[0] == "minitorch"
            target = ".".join(parts).removeprefix("minitorch.")
            if ours and target not in known:  # a name in a module
                target = target.rpartition(".")[0] or ROOF
            yield Import(name, target, ours, node.lineno, id(node) in inside, id(node) in typing)


KNOWN = modules()
IMPORTS = [found for name, path in KNOWN.items() for found in imports_of(name, path, KNOWN)]
RUNTIME = [i for i in IMPORTS if not i.typing]


def top(name: str) -> str:
    return name.partition(".")[0]


def test_every_module_stands_on_a_floor():
    assert {top(name) for name in KNOWN} - {ROOF} <= set(HEIGHT)


def test_modules_import_only_from_lower_floors():
    pairs = [i for i in RUNTIME if i.ours and top(i.importer) != ROOF and top(i.imported) != top(i.importer)]
    assert len(pairs) > 20
    assert [str(i) for i in pairs if HEIGHT.get(top(i.imported), 99) >= HEIGHT[top(i.importer)]] == []


def test_there_are_no_cycles():
    graph = {name: {i.imported for i in RUNTIME if i.ours and i.importer == name} - {name} for name in KNOWN}
    list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError


def test_functions_import_only_optional_libraries():
    assert [str(i) for i in IMPORTS if i.inside and (i.ours or top(i.imported) not in OPTIONAL)] == []


def test_modules_import_no_library_but_numpy():
    allowed = {"numpy", *sys.stdlib_module_names}
    outside = [i for i in RUNTIME if not i.ours and not i.inside]
    assert [str(i) for i in outside if top(i.imported) not in allowed] == []


def test_the_engine_knows_nothing_of_arrays():
    engine = [i for i in RUNTIME if top(i.importer) == "engine"]
    assert engine
    assert [str(i) for i in engine if top(i.imported) in ("backend", "numpy")] == []


def test_import_linter_has_the_same_floors():
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 has no tomllib")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(c["layers"] for c in settings["contracts"] if c["type"] == "layers")
    names = [[name.strip(" ()").removeprefix("minitorch.") for name in layer.split("|")] for layer in layers]
    assert [sorted(floor) for floor in reversed(names)] == [sorted(floor) for floor in FLOORS]
