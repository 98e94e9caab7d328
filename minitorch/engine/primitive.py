r"""Primitives: plain functions lifted to variables, and the table of their derivatives.

For a scalar loss $L$ write $\bar v = \partial L/\partial v$.  Where $y = f(x_1, \dots, x_n)$,

    $$\bar x_i \mathrel{+}= \Big(\frac{\partial f}{\partial x_i}\Big)^{\!\top} \bar y .$$

A *rule* computes the right-hand side for one argument.  Its first parameter `g` is $\bar y$; the others
name what the formula reads: arguments of `f`, the output `y`, or `x_shape` and `x_dtype` for no more
than that.  Only this is kept, and only for the rules that will run.  Rules use operators and primitives
alone, so one rule serves twice: on plain values it is fast, on variables it is recorded again, for
derivatives of any order.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any, NamedTuple, TypeVar

from .mode import PLAIN, current
from .node import Node, attach
from .variable import Variable, make
from .views import refresh, remember

F = TypeVar("F", bound=Callable[..., Any])

TABLE: dict[Callable[..., Any], Primitive] = {}  # the table of derivatives: lifted function -> its entry


PYTORCH_NAMES = {"input": 0, "other": 1, "exponent": 1}  # PyTorch calls x, a and b so


class Rule(NamedTuple):
    """One row of a plan: for which arguments, by which function, reading which of the saved values."""

    arguments: tuple[int, ...]
    function: Callable[..., Any]
    twin: Callable[..., Any] | None  # a faster function for plain values
    reads: tuple[int, ...]
    joint: bool  # one function for several arguments, returns a tuple


class Plan(NamedTuple):
    """What a node keeps, and which rules it will run, when just these arguments need gradients."""

    reads: tuple[tuple[str, Any, str], ...]  # (where from, which, its name)
    rules: tuple[Rule, ...]
    wanted: tuple[int, ...]  # the arguments that need gradients


class Primitive:
    """An entry of the table: a function of plain values, and one rule for each argument.

    `outputs` names what the function returns (rules read them by these names); `("*ys",)` is a tuple of any length,
    whose rules get a list of gradients with None for each that nobody used.  `door` sees the arguments
    first: it refuses what does not fit and may return others, with casts inserted.  `unbroadcast` sums a
    gradient to the shape of its argument.  `put_back`, of an operation whose results are views, is the entry of
    the operation that writes a part back into its base.  A `constant` is never recorded (comparisons, argmax).
    `explain` turns what an array library raises into an exception that users understand.
    """

    def __init__(
        self,
        forward: Callable[..., Any],
        *,
        outputs: tuple[str, ...] = ("y",),
        door: Callable[[tuple[Any, ...], list[Any]], Any] | None = None,
        unbroadcast: Callable[[Any, Any], Any] | None = None,
        put_back: Primitive | None = None,
        repeats: bool = False,
        constant: bool = False,
        changes_kind: bool = False,
        explain: Callable[[str, list[Any], Exception], Exception] | None = None,
    ) -> None:
        self.forward, self.name, self.outputs = forward, forward.__name__.strip("_"), outputs
        self.single = len(outputs) == 1 and not outputs[0].startswith("*")  # not a tuple
        self.run = forward  # the function that is called: `forward`, or its tuned twin
        self.door, self.unbroadcast, self.put_back, self.constant = door, unbroadcast, put_back, constant
        self.repeats = repeats  # its results, views, may show one number of the base in several places
        self.changes_kind = changes_kind  # its one output may be of integers, which have no gradient
        self.explain = explain
        self.title: str | Callable[[Node], str] = "".join(p.capitalize() for p in self.name.split("_")) + "Backward0"
        self.call: Callable[..., Any] = forward  # the lifted function
        parameters = list(signature(forward).parameters.values())
        self.arguments = tuple(p.name for p in parameters)
        self.defaults = {p.name: p.default for p in parameters if p.default is not Parameter.empty}
        self.variadic = parameters[0].name if parameters[0].kind is Parameter.VAR_POSITIONAL else None
        self.rules: dict[str, Callable[..., Any]] = {}
        self.joints: list[tuple[tuple[str, ...], Callable[..., Any]]] = []
        self.twins: dict[Callable[..., Any], Callable[..., Any]] = {}  # rule -> its faster form for plain values
        self.plans: dict[tuple[int, int], Plan] = {}
        reserved = {"g", *outputs} & set(self.arguments)
        if reserved:
            raise TypeError(f"{self.name}: the names {sorted(reserved)} belong to the gradient and the outputs")

    def __repr__(self) -> str:
        return f"<primitive {self.name}({', '.join(self.arguments)})>"

    def bind(self, args: tuple[Any, ...], options: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Move what was passed by keyword, and is or may be an operand, to its position, filling in the defaults."""
        for name, i in PYTORCH_NAMES.items():
            if name in options and name not in self.arguments and i < len(self.arguments):
                options[self.arguments[i]] = options.pop(name)
        by_name = self.unbroadcast is not None or any(isinstance(v, Variable) for v in options.values())
        if self.variadic or not by_name:
            return args, options
        try:
            bound = signature(self.forward).bind(*args, **options)
        except TypeError as error:
            raise TypeError(f"{self.name}(): {error}") from None
        bound.apply_defaults()
        return bound.args, bound.kwargs

    def make_plan(self, needs: int, count: int) -> Plan:
        """Plan what to keep when the arguments whose bits are set in `needs` need gradients."""
        # arguments, rule, what the rule is told, whether it is joint
        chosen: list[tuple[tuple[int, ...], Callable[..., Any], Any, bool]] = []
        every = tuple(i for i in range(count) if needs >> i & 1)
        wanted = list(every)
        for names, rule in self.joints:
            indices = tuple(self.arguments.index(n) for n in names)
            if any(i in wanted for i in indices):
                chosen.append((indices, rule, tuple(i in wanted for i in indices), True))
                wanted = [i for i in wanted if i not in indices]
        for i in wanted:
            name = self.variadic or self.arguments[i]
            rule = self.rules[name] if name in self.rules else _refusal(self.name, name)
            chosen.append(((i,), rule, i if self.variadic else None, False))
        names_read = sorted({n for _, rule, _, _ in chosen for n in _reads(rule)})
        reads = tuple(self.source(n, count) for n in names_read)
        rules = []
        for indices, rule, word, joint in chosen:
            function, twin = rule, self.twins.get(rule)
            if word is not None:
                function, twin = _told(rule, word), None if twin is None else _told(twin, word)
            rules.append(Rule(indices, function, twin, tuple(names_read.index(n) for n in _reads(rule)), joint))
        plan = self.plans[needs, count] = Plan(reads, tuple(rules), every)
        return plan

    def source(self, name: str, count: int) -> tuple[str, Any, str]:
        """Say where a name that a rule reads comes from."""
        if name in self.outputs:
            return "output", self.outputs.index(name), name
        if name == self.variadic:
            return "arguments", None, name
        if name in self.arguments:
            i = self.arguments.index(name)
            return ("argument", i, name) if i < count and not self.variadic else ("option", name, name)
        base, _, what = name.rpartition("_")
        if what == "shapes" and base == self.variadic:
            return "shapes", None, name
        if what in ("shape", "dtype") and base in self.arguments:
            return what, self.arguments.index(base), name
        raise TypeError(f"{self.name}: a rule reads '{name}', which is neither an argument nor an output")


def _refusal(op: str, name: str) -> Callable[[Any], Any]:
    """Return the rule of a derivative that is not written: it raises when a gradient arrives, as in PyTorch."""

    def refuse(g: Any) -> Any:
        raise NotImplementedError(
            f"the derivative of {op} with respect to '{name}' is not implemented; detach() that argument"
        )

    return refuse


def _reads(rule: Callable[..., Any]) -> list[str]:
    """Return the names that a rule reads: its parameters without `g`, and without `k` and `needs`, which it is told."""
    return [name for name in list(signature(rule).parameters)[1:] if name not in ("k", "needs")]


def _told(rule: Callable[..., Any], word: Any) -> Callable[..., Any]:
    """Return a rule that is told, after `g`, which argument is meant (`k`), or which are needed (`needs`)."""
    return lambda g, *values: rule(g, word, *values)


def lift(op: Primitive) -> Callable[..., Any]:
    """Return the function that users call: on plain values it computes, on variables it computes and records."""
    single = op.single

    def call(*args: Any, **options: Any) -> Any:
        if options:
            args, options = op.bind(args, options)
        kind, needs, bit, plain = None, 0, 1, []
        for a in args:
            if isinstance(a, Variable):
                if a.view_record is not None:
                    refresh(a)
                if kind is None:
                    kind = a.result
                elif kind is not a.result:
                    _refuse_mixture(op, kind, a)
                plain.append(a.value)
                if a.tracked:
                    needs |= bit
            else:
                plain.append(a)
            bit += bit
        if kind is None:
            try:
                return op.run(*args, **options)
            except TypeError as error:
                if op.explain is None:
                    raise
                raise op.explain(op.name, plain, error) from None
        if op.door is not None:
            passed = op.door(args, plain)
            if passed is not None:
                return call(*passed, **options)
        mode = current.mode
        try:
            if kind.home is not None:
                with kind.home(plain):
                    result = kind.aside().run(op.run, *plain, **options)
            elif len(plain) == 2 and not options:  # most calls: one by one they are passed in half of the time
                result = kind.aside().run(op.run, plain[0], plain[1])
            else:
                result = kind.aside().run(op.run, *plain, **options)
        except (TypeError, ValueError) as error:
            if op.explain is None:
                raise
            raise op.explain(op.name, plain, error) from None
        if single:
            out: Any = kind.__new__(kind)  # as `make` does, without the call
            out.value = result if type(result) in kind.payloads else kind.coerce(result)
            out.cell = [0]
            outs: Any = (out,)
        else:
            out = outs = tuple([make(kind, r if type(r) in kind.payloads else kind.coerce(r)) for r in result])
        if needs and mode.recording and not op.constant:
            attach(op, kind, args, options, needs, outs)
        if op.put_back is not None:
            remember(op, args, options, outs)
        if mode is not PLAIN:
            for o in outs if mode.inference else ():
                o.inference = o.view_record is None or o.view_record.base.inference
            if mode.observer is not None:
                mode.observer(op, args, options, out)
        return out

    functools.update_wrapper(call, op.forward)
    call.__name__ = op.name
    TABLE[call], op.call = op, call
    return call


def _refuse_mixture(op: Primitive, kind: type[Variable], stranger: Variable) -> Any:
    raise TypeError(f"{op.name}(): cannot mix a {kind.__name__} and a {stranger.result.__name__}: convert one of them")


def _entry(function: Callable[..., Any], rules: Any) -> Primitive:
    op = TABLE[function]
    for names, rule in rules:
        unknown = [n for n in names if n not in op.arguments]
        if unknown:
            raise TypeError(f"{op.name}: there is no argument {unknown}; the arguments are {op.arguments}")
        for name in _reads(rule):
            op.source(name, 99)
    op.plans.clear()
    return op


def defvjp(function: Callable[..., Any], **rules: Callable[..., Any]) -> None:
    """Declare the derivative for each argument: `defvjp(mul, a=lambda g, b: g * b, …)`."""
    _entry(function, [((n,), r) for n, r in rules.items()]).rules.update(rules)


def defjoint(function: Callable[..., Any], arguments: tuple[str, ...], rule: Callable[..., Any]) -> None:
    """Declare one rule for several arguments: it returns a tuple, with None where `needs` (a tuple of bools) is False."""
    _entry(function, [(arguments, rule)]).joints.append((arguments, rule))


def deftwin(
    function: Callable[..., Any], forward: Callable[..., Any] | None = None, **rules: Callable[..., Any]
) -> None:
    """Declare faster twins, for plain values, of the forward function or of rules; a test says that they agree.

    The twin of a joint rule goes under the name of any of its arguments.
    """
    op = _entry(function, [((n,), r) for n, r in rules.items()])
    if forward is not None:
        op.run = forward
    joint = {name: rule for names, rule in op.joints for name in names}
    for name, twin in rules.items():
        op.twins[op.rules[name] if name in op.rules else joint[name]] = twin
