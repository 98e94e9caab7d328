"""Broken rules: every rule of the table, changed in every way that a small mistake changes one.

A mutant is put into the operation's own entry, in process; then the operation's own rows are run.  If nothing fails,
the rows are too weak, or the mutant is no mistake.  `python -m tests.mutation` prints the score.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import functools
import inspect
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

import minitorch
from minitorch.autograd import backward
from minitorch.engine import Primitive
from minitorch.ops import shape as s
from minitorch.testing import check_gradients, check_twins
from minitorch.testing.checks import as_tuple
from minitorch.testing.close import on_host

from . import strict
from .ops.rows import ROWS, TABLE_OF_MINITORCH
from .ops.test_conventions import CONVENTIONS

strict.register()


class Slot(NamedTuple):
    """A place in an entry that holds a function, and how to put another one there."""

    name: str
    function: Callable[..., Any]
    put: Callable[[Callable[..., Any]], None]


class Mutant(NamedTuple):
    """A change of the function in a slot."""

    op: Primitive
    slot: Slot
    change: str
    function: Callable[..., Any]

    @property
    def name(self) -> str:
        """What was changed: 'mul.a: zero'."""
        return f"{self.op.name}.{self.slot.name}: {self.change}"


def slots(op: Primitive) -> Iterator[Slot]:
    """Yield every rule of an entry, and every tuned twin."""

    def put_rule(name: str, rule: Any, new: Any) -> None:
        op.rules[name] = new
        if rule in op.twins:
            op.twins[new] = op.twins[rule]

    for name, rule in op.rules.items():
        yield Slot(name, rule, functools.partial(put_rule, name, rule))
    for rule, twin in op.twins.items():
        joints = {f"joint.{k}": r for k, (_, r) in enumerate(op.joints)}
        name = next(n for n, r in [*op.rules.items(), *joints.items()] if r is rule)
        yield Slot(f"{name}.twin", twin, lambda new, rule=rule: op.twins.__setitem__(rule, new))
    for k, (names, rule) in enumerate(op.joints):
        yield Slot(f"joint.{k}", rule, lambda new, k=k, names=names: op.joints.__setitem__(k, (names, new)))
    if op.run is not op.forward:
        yield Slot("run", op.run, lambda new: setattr(op, "run", new))


@contextlib.contextmanager
def installed(op: Primitive, slot: Slot, function: Callable[..., Any]) -> Iterator[None]:
    """Put a function into a slot for a while; afterwards the entry is as it was."""
    before = dict(op.rules), dict(op.twins), list(op.joints), op.run
    try:
        slot.put(function)
        op.plans.clear()
        yield
    finally:
        op.rules, op.twins, op.joints, op.run = before
        op.plans.clear()


# ---- changes of the result -------------------------------------------------------------------------------------------


def flip(y: Any, g: Any) -> Any:
    """Reverse the order along the first axis that is longer than one."""
    axis = next((i for i, n in enumerate(getattr(y, "shape", ())) if n > 1), None)
    return None if axis is None else s.flip(y, (axis,))


def transpose(y: Any, g: Any) -> Any:
    """Exchange the last two axes, if they are equally long and longer than one."""
    shape = tuple(getattr(y, "shape", ()))
    return s.swap(y) if len(shape) > 1 and shape[-1] == shape[-2] > 1 else None


def add_cotangent(y: Any, g: Any) -> Any:
    """Add a tenth of what came in, if it has the same shape."""
    return y + g * 0.1 if getattr(g, "shape", 0) == getattr(y, "shape", 1) else None


RESULTS: dict[str, Callable[[Any, Any], Any]] = {
    "zero": lambda y, g: y * 0.0,
    "double": lambda y, g: y * 2.0,
    "negate": lambda y, g: -y,
    "add a tenth of g": add_cotangent,
    "flip": flip,
    "transpose": transpose,
}


def with_result(function: Callable[..., Any], change: Callable[[Any, Any], Any], k: int | None = None) -> Any:
    """Return the function with its result changed (of several results, number k); `.applied` counts the changes."""

    @functools.wraps(function)
    def mutated(g: Any, *args: Any, **options: Any) -> Any:
        whole = function(g, *args, **options)
        y = whole if k is None else whole[k]
        changed = None if y is None else change(y, g)
        if changed is None:
            return whole
        mutated.applied += 1
        return changed if k is None else (*whole[:k], changed, *whole[k + 1 :])

    mutated.applied = 0
    return mutated


# ---- changes of the formula ------------------------------------------------------------------------------------------


def formula(function: Callable[..., Any]) -> ast.AST | None:
    """Return the syntax tree of a rule; None for what is not written as a lambda or a plain function."""
    code = getattr(function, "__code__", None)
    if code is None or function.__closure__:
        return None
    for node in ast.walk(_tree(inspect.getsourcefile(function))):
        if isinstance(node, (ast.Lambda, ast.FunctionDef)) and first_line(node) == code.co_firstlineno:
            again = compiled(node, function).__code__
            if (again.co_code, again.co_names, again.co_varnames) == (code.co_code, code.co_names, code.co_varnames):
                return node
    return None


def first_line(node: Any) -> int:
    """Where Python says that a function begins: at its first decorator."""
    return min([node.lineno, *[decorator.lineno for decorator in getattr(node, "decorator_list", [])]])


@functools.cache
def _tree(path: str) -> ast.Module:
    with open(path, encoding="utf-8") as file:
        return ast.parse(file.read())


def compiled(node: Any, function: Callable[..., Any]) -> Any:
    """Make a function of a syntax tree, with the globals of another function."""
    if isinstance(node, ast.Lambda):
        statement: ast.stmt = ast.copy_location(ast.Expr(node), node)
    else:
        statement = copy.copy(node)
        statement.decorator_list = []  # a mutant does not enter the table
    imports = [n for n in _tree(inspect.getsourcefile(function)).body if isinstance(n, (ast.Import, ast.ImportFrom))]
    module = compile(ast.Module([*imports, statement], []), "<mutant>", "exec")  # imported names compile otherwise
    code = next(constant for constant in module.co_consts if isinstance(constant, types.CodeType))
    return types.FunctionType(code, function.__globals__, function.__name__, function.__defaults__)


def smaller(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a formula becomes when a term, a factor, a sign or a call is forgotten, or a number is wrong."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub, ast.Mult, ast.Div)):
        yield node.left
        yield node.right
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand
    elif isinstance(node, ast.Call) and node.args and not isinstance(node.args[0], ast.Starred):
        yield node.args[0]
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield ast.copy_location(ast.Constant(node.value + 1), node)


def with_formula(function: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    """Yield the function with one part of its formula replaced by a smaller one, for every part."""
    root = formula(function)
    if root is None:
        return
    places = [n for part in ([root.body] if isinstance(root, ast.Lambda) else root.body) for n in ast.walk(part)]
    for i, old in enumerate(places):
        for new in smaller(old):
            changed = copy.deepcopy(root)
            body = [changed.body] if isinstance(changed, ast.Lambda) else changed.body
            target = [n for part in body for n in ast.walk(part)][i]
            replacement = copy.deepcopy(new)
            target.__class__, target.__dict__ = replacement.__class__, replacement.__dict__
            yield f"{ast.unparse(old)} -> {ast.unparse(new)}", compiled(changed, function)


def mutants(op: Primitive) -> Iterator[Mutant]:
    """Yield every mutant of an entry."""
    for slot in list(slots(op)):
        parts = range(len(op.joints[int(slot.name.split(".")[1])][0])) if slot.name.startswith("joint.") else [None]
        for change, function in RESULTS.items():
            for k in parts:
                name = change if k is None else f"{change} {k}"
                yield Mutant(op, slot, name, with_result(slot.function, function, k))
        for change, function in with_formula(slot.function):
            yield Mutant(op, slot, change, function)


def forward_mutants(op: Primitive) -> Iterator[Mutant]:
    """Yield every mutant of what the primitive computes."""

    def put(new: Any) -> None:
        op.run = np.errstate(all="ignore")(new)

    slot = Slot("forward", inspect.unwrap(op.forward), put)
    for change, function in with_formula(slot.function):
        yield Mutant(op, slot, change, function)


# ---- who notices -----------------------------------------------------------------------------------------------------


def in_numpy(row: Any) -> None:
    """Compare the values and their types with NumPy's."""
    if row.reference is not None:
        for y, expected in zip(as_tuple(row.apply(*row.leaves())), as_tuple(row.reference(*row.inputs)), strict=True):
            assert y.value.dtype == np.asarray(expected).dtype
            np.testing.assert_allclose(on_host(y), expected, rtol=1e-10, atol=1e-12)


def in_float32(row: Any) -> None:
    """Walk back from a float32 result; the walk refuses a gradient of another type."""
    ys = [y for y in as_tuple(row.apply(*row.leaves(dtype="float32"))) if y.requires_grad]
    backward(ys, [minitorch.ones_like(y) for y in ys])


CHECKS: list[Callable[[Any], None]] = [  # of a row; the quick ones first
    lambda row: check_gradients(row.apply, *row.inputs, order=1, fast=True),
    lambda row: check_gradients(row.apply, *row.inputs),
    lambda row: check_twins(row.apply, *row.inputs),
    in_float32,
    lambda row: check_gradients(row.apply, *row.inputs, device="strict:0", fast=True),
]


def notices(op: Primitive) -> str | None:
    """Run the rows of an entry, and the conventions about it; return what failed, None if nothing did."""
    own = [row for row in ROWS if row.entry is op]
    places = [minitorch.device("cpu")]
    tests = [functools.partial(in_numpy, row) for row in own]
    tests += [functools.partial(check, row) for check in CHECKS for row in own if row.differentiable]
    for convention in CONVENTIONS.get(op.call, ()):
        tests += [functools.partial(convention, *places[: len(inspect.signature(convention).parameters)])]
    for test in tests:
        try:
            test()
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    return None


class Score(NamedTuple):
    """How many mutants of an entry were made, and which of them nothing noticed."""

    made: int
    survivors: list[str]


def score(op: Primitive, make: Callable[[Primitive], Iterator[Mutant]] = mutants) -> Score:
    """Try all mutants of an entry; one that never changed a result is not counted."""
    made, survivors = 0, []
    for mutant in make(op):
        with installed(op, mutant.slot, mutant.function):
            noticed = notices(op)
        if noticed or getattr(mutant.function, "applied", 1):
            made += 1
            if not noticed:
                survivors.append(mutant.name)
    return Score(made, survivors)


def main() -> None:
    """Print the score of the whole table."""
    with np.errstate(all="ignore"):
        scores = [score(op) for op in TABLE_OF_MINITORCH.values() if op.rules or op.joints]
    survivors = [name for each in scores for name in each.survivors]
    made = sum(each.made for each in scores)
    print("\n".join(survivors))
    print(f"{made - len(survivors)} of {made} mutants of {len(scores)} operations noticed", file=sys.stderr)


if __name__ == "__main__":
    main()
