"""The workloads.  Each is written once, in PyTorch's names, and run by both engines on the same numbers.

A workload is a function of the engine (a module with PyTorch's names) and the device.  It builds what it needs and returns
a step; a step returns what both engines must agree on: the loss, or a result and a gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import layers, models

Step = Callable[[], Any]
Workload = Callable[[Any, str], Step]


class Numbers:
    """Random numbers, the same for every engine."""

    def __init__(self, torch: Any, device: str) -> None:
        self.torch, self.device, self.rng = torch, device, np.random.default_rng(0)

    def normal(self, *shape: int, grad: bool = False) -> Any:
        """Draw from the normal distribution."""
        x = self.torch.tensor(self.rng.standard_normal(shape, np.float32)).to(self.device)
        return x.requires_grad_() if grad else x

    def below(self, limit: int, *shape: int) -> Any:
        """Draw whole numbers."""
        return self.torch.tensor(self.rng.integers(0, limit, shape)).to(self.device)

    def fill(self, model: Any) -> Any:
        """Give the parameters of a model random numbers, and move it to the device."""
        with self.torch.no_grad():
            for p in model.parameters():
                fan = int(np.prod(p.shape[1:])) if p.dim() > 1 else 1
                draw = self.rng.standard_normal(tuple(p.shape), np.float32)
                p.copy_(self.torch.tensor(draw / np.sqrt(fan) if p.dim() > 1 else 1 + 0.01 * draw))
        return model.to(self.device)


def training(model: Callable[[Any], Any], inputs: Callable[[Numbers], Any], classes: int, optimizer: Any) -> Workload:
    """Return the workload of training a classifier on one batch: every number of the output's rows is a class."""

    def build(torch: Any, device: str) -> Step:
        numbers = Numbers(torch, device)
        net, x = numbers.fill(model(torch)), inputs(numbers)
        rows = net(x).shape[0]
        y = numbers.below(classes, rows)
        descent, criterion = optimizer(torch.optim, net.parameters()), torch.nn.CrossEntropyLoss()

        def step() -> Any:
            descent.zero_grad()
            loss = criterion(net(x), y)
            loss.backward()
            descent.step()
            return loss

        return step

    return build


def alone(layer: Callable[[Any, Numbers], Any], *shape: int, backward: bool = True) -> Workload:
    """Return the workload of one layer, or function, forward and, if wanted, backward."""

    def build(torch: Any, device: str) -> Step:
        numbers = Numbers(torch, device)
        x = numbers.normal(*shape, grad=backward)
        function = layer(torch, numbers)
        g = numbers.normal(*function(x).shape)

        def step() -> Any:
            x.grad = None
            y = function(x)
            if not backward:
                return y
            y.backward(g)
            return y, x.grad

        return step

    return build


def sgd(optim: Any, parameters: Any) -> Any:
    return optim.SGD(parameters, lr=0.01)


def momentum(optim: Any, parameters: Any) -> Any:
    return optim.SGD(parameters, lr=0.001, momentum=0.9)


def adam(optim: Any, parameters: Any) -> Any:
    return optim.Adam(parameters, lr=0.001)


def images(*shape: int) -> Callable[[Numbers], Any]:
    return lambda numbers: numbers.normal(*shape)


def text(*shape: int) -> Callable[[Numbers], Any]:
    return lambda numbers: numbers.below(65, *shape)


TRAINING: dict[str, Workload] = {
    "MLP 784-128-64-10, batch 64, SGD": training(models.mlp, images(64, 784), 10, sgd),
    "MLP 784-128-64-10, batch 64, Adam": training(models.mlp, images(64, 784), 10, adam),
    "MLP 784-128-64-10, full batch 60,000": training(models.mlp, images(60_000, 784), 10, sgd),
    "ConvNet 3×32×32, batch 4": training(models.convnet, images(4, 3, 32, 32), 10, momentum),
    "ConvNet 3×32×32, batch 64": training(models.convnet, images(64, 3, 32, 32), 10, momentum),
    "ConvNet 3×32×32, batch 256": training(models.convnet, images(256, 3, 32, 32), 10, momentum),
    "ConvNet 1×28×28 (3×3, 32-64), batch 64": training(models.mnist, images(64, 1, 28, 28), 10, adam),
    "VGG block 64-128, 32×32, batch 8": training(models.vgg_block, images(8, 64, 32, 32), 10, sgd),
    "ResNet block 64, 16×16, batch 16": training(models.resnet_block, images(16, 64, 16, 16), 10, sgd),
    "LSTM on characters, 64×64, 128 wide": training(models.characters, text(64, 64), 65, adam),
    "GPT, 4 layers, 128 wide, 16×64": training(models.gpt, text(16, 64), 65, adam),
}

ALONE: dict[str, Workload] = {
    "add, 10⁶ numbers": alone(lambda torch, n: lambda x: x + x, 1_000_000, backward=False),
    "exp, 10⁶ numbers": alone(lambda torch, n: torch.exp, 1_000_000, backward=False),
    "tanh, 10⁶ numbers": alone(lambda torch, n: torch.tanh, 1_000_000),
    "relu, 10⁶ numbers": alone(lambda torch, n: torch.relu, 1_000_000),
    "gelu, 10⁶ numbers": alone(lambda torch, n: torch.nn.functional.gelu, 1_000_000),
    "sum, 10⁶ numbers": alone(lambda torch, n: torch.sum, 1_000_000),
    "max along rows, 1000×1000": alone(lambda torch, n: lambda x: x.max(1).values, 1000, 1000),
    "softmax, 512×1000": alone(lambda torch, n: lambda x: torch.softmax(x, -1), 512, 1000),
    "layer norm, 1024×512": alone(layers.layer_norm(512), 1024, 512),
    "batch norm, 32×64×16×16": alone(layers.batch_norm(64), 32, 64, 16, 16),
    "conv 3→6, 5×5, 64×32×32": alone(layers.conv(3, 6, 5), 64, 3, 32, 32),
    "conv 6→16, 5×5, 64×14×14": alone(layers.conv(6, 16, 5), 64, 6, 14, 14),
    "conv 1→32, 3×3, 64×28×28": alone(layers.conv(1, 32, 3), 64, 1, 28, 28),
    "conv 16→16, 3×3, 32×32×32": alone(layers.conv(16, 16, 3, 1), 32, 16, 32, 32),
    "conv 64→64, 3×3, 16×32×32": alone(layers.conv(64, 64, 3, 1), 16, 64, 32, 32),
    "conv 128→128, 3×3, 16×16×16": alone(layers.conv(128, 128, 3, 1), 16, 128, 16, 16),
    "conv 64→128, 1×1, 16×32×32": alone(layers.conv(64, 128, 1), 16, 64, 32, 32),
    "max pool 2×2, 64×16×28×28": alone(lambda torch, n: torch.nn.MaxPool2d(2), 64, 16, 28, 28),
    "average pool 2×2, 64×16×28×28": alone(lambda torch, n: torch.nn.AvgPool2d(2), 64, 16, 28, 28),
    "attention, 8×4×64×32": alone(layers.attention, 8, 4, 64, 32),
    "100 × mul of ten numbers, forward": layers.chain(backward=False),
    "100 × mul of ten numbers": layers.chain(backward=True),
}

SUITE: dict[str, Workload] = {**TRAINING, **ALONE}
