"""The suite proves itself: whatever rule of the table is broken, the operation's own rows notice.

`python -m tests.mutation` prints the score of the whole table in one line.
"""

from __future__ import annotations

import contextlib

import pytest

from minitorch.engine import TABLE
from minitorch.ops import elementwise as e

from . import mutation
from .mutation import forward_mutants, installed, mutants, notices, score, slots
from .ops.rows import TABLE_OF_MINITORCH

WITH_RULES = [op for op in TABLE_OF_MINITORCH.values() if op.rules or op.joints]
by_name = pytest.mark.parametrize("op", WITH_RULES, ids=[op.name for op in WITH_RULES])

# Mutants that are no mistakes, and why.
EQUIVALENT = {
    "cholesky.A: transpose": "the gradient is a symmetric matrix",
    "eigh.joint.0: transpose 0": "the gradient of a symmetric matrix is symmetric",
    "mean.x: 1 -> 2": "the n that stands in for none: over an empty axis nothing is spread",
    "pow.a: 1.0 -> 2.0": "the exponent that stands in where b = 0 is masked afterwards",
    "pow.b: 1.0 -> 2.0": "the base that stands in where a = 0 is masked afterwards",
    "sign.x: 1.0 -> 2.0": "the modulus that stands in where x = 0 is masked afterwards",
}
UNSAFE = {"diagonal", "im2col", "window_argmax"}  # mutants of what makes addresses would read memory of others
OF_ZERO = ["zero", "double", "negate", "flip"]  # the derivative of a step is zero: twice zero is zero


def equivalent(op):
    """The mutants of an entry that cannot be noticed."""
    zeros = [name for name, rule in op.rules.items() if rule is e.zero or (op.name, name) == ("overwrite", "x")]
    steps = {f"{op.name}.{name}: {change}" for name in zeros for change in OF_ZERO}
    return steps | {name for name in EQUIVALENT if name.startswith(f"{op.name}.")}


@by_name
def test_every_mutant_is_noticed(op, record_property):
    found = score(op)
    record_property("mutants", found.made)
    assert found.made >= 3 * len(list(slots(op)))
    assert set(found.survivors) == equivalent(op)


@pytest.mark.slow
def test_most_mutants_of_the_forward_functions_are_noticed():
    # Not all: what only saves time or memory, or serves as a place holder, may change unseen.
    scores = [score(op, forward_mutants) for op in TABLE_OF_MINITORCH.values() if op.name not in UNSAFE]
    made, survivors = sum(found.made for found in scores), [name for found in scores for name in found.survivors]
    assert made > 300
    assert len(survivors) < 0.05 * made, survivors


@by_name
def test_nothing_is_noticed_where_the_same_formulas_are_compiled_again(op):
    with contextlib.ExitStack() as stack:
        for slot in list(slots(op)):
            tree = mutation.formula(slot.function)
            assert tree is not None, f"the source of {op.name}.{slot.name} was not found: its formula has no mutants"
            stack.enter_context(installed(op, slot, mutation.compiled(tree, slot.function)))
        assert notices(op) is None


def test_the_entry_is_as_before_after_its_mutants():
    op = TABLE[e.mul]
    before = dict(op.rules), op.run, dict(op.twins), list(op.joints)
    for mutant in mutants(op):
        with installed(op, mutant.slot, mutant.function):
            assert op.rules != before[0]
    assert (dict(op.rules), op.run, dict(op.twins), list(op.joints)) == before
    assert notices(op) is None


def test_a_rule_that_writes_into_what_it_is_given_is_noticed():
    def greedy(g, b):
        g *= b
        return g

    op = TABLE[e.mul]
    (slot,) = [slot for slot in slots(op) if slot.name == "a"]
    with installed(op, slot, greedy):
        assert "written to" in notices(op)
