"""Costs that do not depend on the machine: operations, arrays and bytes kept, gradients computed; exact counts.

A time is never asserted.  These counts stand for it: who makes a step of the documents' programs costlier changes one.
"""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.engine import observe


def mlp():
    """The MLP of the documents, and a batch of 64."""
    net = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
    return net, minitorch.zeros(64, 784)


def convnet():
    """The ConvNet of the documents, and a batch of 4."""
    net = nn.Sequential(
        nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2, 2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2, 2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip
    return net, minitorch.zeros(4, 3, 32, 32)


def loss_of(program):
    """Run a program forward; return the loss, its network, and the names of the primitives that ran."""
    net, x = program()
    y = minitorch.zeros(len(x), dtype=minitorch.int64)
    ran = []
    with observe(lambda op, args, options, result: ran.append(op.name)):
        loss = nn.CrossEntropyLoss()(net(x), y)
    return loss, net, ran


def nodes_of(loss):
    """Return the nodes of the graph of a loss."""
    found, waiting = set(), [loss.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in found and hasattr(node, "plan"):
            found.add(node)
            waiting += node.parents
    return found


def kept_by(loss):
    """Return the arrays that a graph keeps, each once, the parameters apart: they live anyway."""
    arrays, leaves = {}, set()
    for node in nodes_of(loss):
        arrays.update({id(v): v for v in node.values if isinstance(v, np.ndarray) and v.ndim})
        leaves |= {id(p.value) for p in node.parents if isinstance(p, minitorch.Tensor)}
    return [array for key, array in arrays.items() if key not in leaves]


LOSS = ["log_softmax", "gather", "reshape", "neg", "mean"]
RAN = {
    mlp: ["linear", "relu", "linear", "relu", "linear", *LOSS],
    convnet: [
        *["convolve", "relu", "window_max"] * 2, "reshape", "linear", "relu", "linear", "relu", "linear", *LOSS
    ],
}  # fmt: skip


@pytest.mark.parametrize("program", RAN)
def test_a_layer_is_one_operation_and_a_node(program):
    loss, _, ran = loss_of(program)
    assert ran == RAN[program]
    assert len(nodes_of(loss)) == len(ran)


KEPT = {  # bytes of float32, and of the classes, int64
    mlp: [64 * 784 * 4, 64 * 128 * 4, 64 * 64 * 4, 64 * 10 * 4, 64 * 8],  # inputs of the layers, log p, classes
    convnet: [
        4 * 3 * 32 * 32 * 4, 4 * 6 * 28 * 28 * 4, 4 * 6 * 14 * 14 * 4,  # input of a convolution, of the pool, its result
        4 * 16 * 10 * 10 * 4, 4 * 16 * 5 * 5 * 4, 4 * 400 * 4,  # the same again, and the last as rows
        4 * 120 * 4, 4 * 84 * 4, 4 * 10 * 4, 4 * 8,
    ],
}  # fmt: skip


@pytest.mark.parametrize("program", KEPT)
def test_the_graph_keeps_what_the_rules_read_once_and_no_windows(program):
    loss, _, _ = loss_of(program)
    assert sorted(array.nbytes for array in kept_by(loss)) == sorted(KEPT[program])


@pytest.mark.parametrize("program", RAN)
def test_every_gradient_but_that_of_the_input_is_computed_and_once(program):
    loss, net, ran = loss_of(program)
    rules = [i for node in nodes_of(loss) for rule in node.plan.rules for i in rule.arguments]
    parameters = len(list(net.parameters()))
    assert len(rules) == parameters + len(ran) - 1  # the first layer's input needs none


@pytest.mark.parametrize("program", RAN)
def test_nothing_of_the_graph_is_left_after_the_step(program):
    loss, _, _ = loss_of(program)
    nodes = nodes_of(loss)
    loss.backward()
    assert all(not any(isinstance(v, np.ndarray) for v in node.values or ()) for node in nodes)


def test_a_step_of_sgd_allocates_no_parameters_anew():
    net, x = mlp()
    optimizer = minitorch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    before = [id(p.value) for p in net.parameters()]
    for _ in range(2):
        optimizer.zero_grad()
        net(x).sum().backward()
        optimizer.step()
    assert [id(p.value) for p in net.parameters()] == before
