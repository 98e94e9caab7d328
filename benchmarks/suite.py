"""The workloads.  Each is written once, in PyTorch's names, and run by both engines."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

Step = Callable[[], Any]  # one step; returns the loss, or whatever it computed


def op_forward(torch: ModuleType) -> Step:
    """100 recorded multiplications of ten numbers."""
    p, q = (torch.randn(10, requires_grad=True) for _ in range(2))

    def step() -> Any:
        z = p
        for _ in range(100):
            z = z * q
        return z

    return step


def op_forward_backward(torch: ModuleType) -> Step:
    """100 recorded multiplications of ten numbers, and the walk back."""
    p, q = (torch.randn(10, requires_grad=True) for _ in range(2))

    def step() -> Any:
        p.grad = q.grad = None
        z = p
        for _ in range(100):
            z = z * q
        z.sum().backward()
        return z

    return step


def _train(torch: ModuleType, model: Any, optimizer: Any, x: Any, y: Any) -> Step:
    criterion = torch.nn.CrossEntropyLoss()

    def step() -> Any:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step


def _mlp(torch: ModuleType) -> Any:
    nn = torch.nn
    return nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))


def mlp_sgd(torch: ModuleType) -> Step:
    """The MLP of the documents, batch 64, SGD."""
    model = _mlp(torch)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    return _train(torch, model, optimizer, torch.randn(64, 784), torch.randint(0, 10, (64,)))


def mlp_adam(torch: ModuleType) -> Step:
    """The MLP of the documents, batch 64, Adam."""
    model = _mlp(torch)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    return _train(torch, model, optimizer, torch.randn(64, 784), torch.randint(0, 10, (64,)))


def convnet(torch: ModuleType) -> Step:
    """The ConvNet of the documents, batch 64, SGD with momentum."""
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2, 2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2, 2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
    return _train(torch, model, optimizer, torch.randn(64, 3, 32, 32), torch.randint(0, 10, (64,)))


def elementwise(torch: ModuleType) -> Step:
    """tanh of a million numbers, forward and backward."""
    x = torch.randn(1_000_000, requires_grad=True)

    def step() -> Any:
        x.grad = None
        y = torch.tanh(x)
        y.sum().backward()
        return y

    return step


SUITE: dict[str, Callable[[ModuleType], Step]] = {
    "100 x mul, forward": op_forward,
    "100 x mul, forward + backward": op_forward_backward,
    "MLP 784-128-64-10, batch 64, SGD": mlp_sgd,
    "MLP 784-128-64-10, batch 64, Adam": mlp_adam,
    "ConvNet 3x32x32, batch 64, SGD": convnet,
    "tanh of 10^6, forward + backward": elementwise,
}
