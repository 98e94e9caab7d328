"""Promise 6: a rule is pure.  Operators, primitives, `.shape .ndim .dtype`; nothing else, in its syntax tree.

An array's methods mean something else on a tensor, an `if` on a value cannot be recorded, and what is written into
`g` changes the gradient of somebody else.  Every rule of the table is read, with the plain functions that it calls.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import pkgutil
import types
from collections.abc import Iterator

import numpy as np
import pytest

import minitorch
from minitorch import tensor
from minitorch.backend.devices import library
from minitorch.engine import TABLE, Node, Primitive, defvjp, lift

for _package in (minitorch.ops, minitorch.functions, minitorch.nn.functional):
    for _module in pkgutil.walk_packages(_package.__path__, _package.__name__ + "."):
        if not _module.name.endswith("__main__"):
            importlib.import_module(_module.name)  # every primitive enters the table

FACTS = {"shape", "ndim", "dtype"}  # what a rule may look at, beside the numbers themselves
LIBRARIES = {"lib", "math", "special", "np", "operator"}  # whose functions make constants
CONSTANTS = {  # methods of array libraries that a rule may call: they make constants out of shapes
    "arange", "eye", "tri", "zeros", "ones", "reshape", "sqrt", "log",
}  # fmt: skip
PYTHONS = {"append", "insert", "union", "join"}  # methods of lists, sets and strings: of axes and letters


@functools.cache
def tree_of(file: str) -> ast.Module:
    with open(file, encoding="utf-8") as source:
        return ast.parse(source.read())


def definitions(function) -> list[ast.AST]:
    """The syntax trees of a function; of a lambda, all those that begin on its line and have its parameters."""
    code = inspect.unwrap(function).__code__
    names = list(code.co_varnames[: code.co_argcount])
    found = []
    for node in ast.walk(tree_of(code.co_filename)):
        if isinstance(node, ast.Lambda | ast.FunctionDef) and [a.arg for a in node.args.args] == names:
            first = min([node.lineno, *[d.lineno for d in getattr(node, "decorator_list", ())]])
            if first == code.co_firstlineno and (code.co_name in ("<lambda>", getattr(node, "name", ""))):
                found.append(node)
    assert found, function
    return found


def helpers(function, tree) -> Iterator[types.FunctionType]:
    """The plain functions of minitorch that a rule calls; primitives have rules of their own."""
    for node in ast.walk(tree):
        called = function.__globals__.get(node.id) if isinstance(node, ast.Name) else None
        if isinstance(called, types.FunctionType) and called not in TABLE and ".backend" not in called.__module__:
            yield called


def facts_only(test: ast.AST, values: set[str]) -> bool:
    """Whether a condition reads of the values no more than their shapes and types, or whether they are None."""
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and all(isinstance(op, ast.Is | ast.IsNot) for op in node.ops):
            node.left = node.comparators[0]
        if isinstance(node, ast.Attribute) and node.attr in FACTS:
            node.value = ast.Constant(None)
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("getattr", "isinstance", "len", "hasattr")
        ):
            node.args = []
    return not any(isinstance(node, ast.Name) and node.id in values for node in ast.walk(test))


def makes_constants(owner: ast.AST) -> bool:
    """Whether an expression is an array library, or a constant that one has made."""
    match owner:
        case ast.Name(id=name):
            return name in LIBRARIES
        case ast.Call(func=ast.Name(id="library")):
            return True
        case ast.Call(func=ast.Attribute(value=inner, attr=method)):
            return method in CONSTANTS and makes_constants(inner)
    return False


def faults(function, values: set[str]) -> list[str]:
    """What is impure in a rule whose parameters of these names are values."""
    found = []
    for tree in definitions(function):
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(value=owner, attr=method)):
                    module = isinstance(owner, ast.Name) and isinstance(
                        function.__globals__.get(owner.id), types.ModuleType
                    )
                    constant = makes_constants(owner) and method in CONSTANTS
                    if not constant and not (module and not makes_constants(owner)) and method not in PYTHONS:
                        found.append(f"calls .{method}()")
                case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
                    if not facts_only(test, values):
                        found.append(f"decides by a value: {ast.unparse(test)}")
                case ast.AugAssign(target=target):
                    if isinstance(target, ast.Subscript) or (isinstance(target, ast.Name) and target.id in values):
                        found.append(f"writes in place: {ast.unparse(node)}")
                case ast.Assign(targets=[ast.Subscript() as target]) if values:
                    found.append(f"writes in place: {ast.unparse(target)}")
        for helper in helpers(function, tree):
            if helper not in checked:
                checked.add(helper)
                parameters = set(inspect.signature(helper).parameters)
                found += [f"{helper.__name__}: {fault}" for fault in faults(helper, parameters & values_anywhere)]
    return found


values_anywhere: set[str] = {"g", "gs", "x", "y", "xs"}
checked: set = set()
RULES = [
    (op, name, rule)
    for op in TABLE.values()
    if op.forward.__module__.startswith("minitorch.")
    for name, rule in [*op.rules.items(), *[(" ".join(names), rule) for names, rule in op.joints]]
]


def values_of(op, rule) -> set[str]:
    """Which parameters of a rule are arrays: the gradient, arguments that were differentiated by somewhere, outputs."""
    first, *others = list(inspect.signature(rule).parameters)
    differentiable = set(op.rules) | {name for names, _ in op.joints for name in names} | set(op.outputs)
    return {first} | (set(others) & differentiable)


@pytest.mark.parametrize(("op", "name", "rule"), RULES, ids=[f"{op.name}-{name}" for op, name, _ in RULES])
def test_6_rule_is_pure(op, name, rule):
    checked.clear()
    assert faults(rule, values_of(op, rule)) == []


def test_6_there_are_rules_to_be_read():
    assert len(RULES) > 100
    assert len({op.name for op, _, _ in RULES}) > 70


def planted_method(g, x):
    return g * x.cumsum()


def planted_decision(g, x):
    if x > 0:
        return g
    return -g


def planted_choice(g, x):
    return g if x[0] else -g


def planted_write(g, x):
    g *= x
    return g


def planted_scatter(g, x):
    g[0] = 0.0
    return g


def planted_detour(g, x):
    return planted_method(g, x)


@pytest.mark.parametrize(
    "planted", [planted_method, planted_decision, planted_choice, planted_write, planted_scatter, planted_detour]
)
def test_6_this_test_finds_what_is_impure(planted):
    checked.clear()
    assert len(faults(planted, {"g", "x"})) == 1


def honest(g, x, x_shape, x_dtype, axis):
    lib = library(getattr(x, "value", x))
    ones = lib.ones(x_shape) if axis is None else lib.zeros(x.shape)
    return -g * ones if len(x_shape) > 1 and x.ndim else g


def test_6_this_test_lets_formulas_pass():
    assert faults(honest, {"g", "x"}) == []


def test_6_rules_get_arrays_that_may_be_frozen():
    """In fact, not by syntax: with everything read-only, a rule that writes into `g` fails."""

    def spoil(g):
        g *= 2
        return g

    bad = lift(Primitive(lambda x: x + 0))
    defvjp(bad, x=spoil)
    x = tensor([1.0], requires_grad=True)
    v = tensor([1.0])
    v.value.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        bad(x).backward(v)


def test_6_what_is_kept_comes_from_arguments_outputs_and_options_only():
    """Nothing computed in forward sneaks in: everything that a node keeps, the table can name."""
    x = tensor(np.linspace(0.5, 1.5, 6).reshape(2, 3), requires_grad=True)
    y = ((x.tanh() * x).sum(1).exp() @ x).var().sqrt()
    seen, stack = set(), [y.grad_fn]
    while stack:
        node = stack.pop()
        if isinstance(node, Node) and node not in seen:
            seen.add(node)
            sources = {source for source, _, _ in node.plan.reads}
            assert sources <= {"argument", "output", "option", "shape", "dtype", "arguments", "shapes"}
            assert len(node.values) == len(node.plan.reads)
            stack += [p for p in node.parents if p is not None]
    assert len(seen) > 8
