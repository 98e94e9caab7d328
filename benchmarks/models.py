"""The networks of the suite, in PyTorch's names."""

from __future__ import annotations

from typing import Any


def mlp(torch: Any, inputs: int = 784, width: int = 128, depth: int = 1) -> Any:
    """The MLP of the documents."""
    nn = torch.nn
    inner = [layer for _ in range(depth - 1) for layer in (nn.Linear(width, width), nn.ReLU())]
    return nn.Sequential(
        nn.Linear(inputs, width), nn.ReLU(), *inner, nn.Linear(width, 64), nn.ReLU(), nn.Linear(64, 10)
    )


def convnet(torch: Any) -> Any:
    """The ConvNet of the documents, a LeNet."""
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2, 2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2, 2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


def mnist(torch: Any) -> Any:
    """The ConvNet of PyTorch's MNIST example."""
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip


def vgg_block(torch: Any) -> Any:
    """Two 3×3 convolutions, 64 -> 128 -> 128 channels, and a pool."""
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(), nn.Conv2d(128, 128, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 10),
    )  # fmt: skip


def resnet_block(torch: Any) -> Any:
    """A residual block with batch normalisation."""
    nn = torch.nn

    class Block(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.conv1, self.conv2 = (nn.Conv2d(64, 64, 3, padding=1, bias=False) for _ in range(2))
            self.norm1, self.norm2 = (nn.BatchNorm2d(64) for _ in range(2))
            self.head = nn.Linear(64, 10)

        def forward(self, x: Any) -> Any:
            y = torch.relu(self.norm1(self.conv1(x)))
            y = torch.relu(self.norm2(self.conv2(y)) + x)
            return self.head(y.mean((2, 3)))

    return Block()


def characters(torch: Any) -> Any:
    """An LSTM that reads characters."""
    nn = torch.nn

    class Characters(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.lstm, self.head = nn.Embedding(65, 64), nn.LSTM(64, 128), nn.Linear(128, 65)

        def forward(self, x: Any) -> Any:
            return self.head(self.lstm(self.embed(x))[0]).flatten(0, 1)

    return Characters()


def gpt(torch: Any, layers: int = 4, width: int = 128, heads: int = 4, length: int = 64) -> Any:
    """A small GPT: attention sees the past only, normalisation comes first."""
    nn = torch.nn

    class Block(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

        def forward(self, x: Any) -> Any:
            N, T, _ = x.shape
            parts = self.qkv(self.norm1(x)).chunk(3, -1)
            q, k, v = (part.reshape(N, T, heads, width // heads).transpose(1, 2) for part in parts)
            seen = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(seen.transpose(1, 2).reshape(N, T, width))
            return x + self.mlp(self.norm2(x))

    class GPT(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.token, self.place = nn.Embedding(65, width), nn.Embedding(length, width)
            self.blocks = nn.Sequential(*[Block() for _ in range(layers)])
            self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 65)

        def forward(self, x: Any) -> Any:
            places = torch.arange(x.shape[1], device=x.device)
            return self.head(self.norm(self.blocks(self.token(x) + self.place(places)))).flatten(0, 1)

    return GPT()
