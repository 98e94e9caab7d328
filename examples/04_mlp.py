"""A multi-layer perceptron with nn.Module: three spiral arms that no straight line can part.

    a = relu(W₁ x + b₁),   a' = relu(W₂ a + b₂),   scores = W₃ a' + b₃           (F3, F4)

Trained by SGD with momentum on the cross-entropy of the scores.
"""

import math
import time

import common

import minitorch as torch
import minitorch.nn as nn
import minitorch.nn.functional as F
import minitorch.optim as optim
from minitorch.utils.data import DataLoader, TensorDataset


class MLP(nn.Module):
    def __init__(self, inputs, hidden, classes):
        super().__init__()
        self.fc1 = nn.Linear(inputs, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, classes)

    def forward(self, x):
        x = F.relu(self.fc1(x))  # (N, 2) -> (N, hidden)
        x = F.relu(self.fc2(x))  # (N, hidden)
        return self.fc3(x)  # (N, classes)


def spirals(n, arms=3, noise=0.15):
    """Return points (arms · n, 2) on noisy spiral arms, and the number of the arm of each."""
    labels = torch.arange(arms * n) % arms
    radius = torch.rand(arms * n).sqrt()
    angle = 4.0 * radius + 2 * math.pi / arms * labels + noise * torch.randn(arms * n)
    return torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1), labels


def accuracy(net, x, y):
    with torch.no_grad():
        return (net(x).argmax(dim=1) == y).float().mean().item()


def train(net, loader, epochs, device):
    """Return the mean loss of every epoch."""
    optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
    criterion = nn.CrossEntropyLoss()
    losses = []
    bar = common.progress(range(epochs), "training")
    for _ in bar:
        total = 0.0
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad()
            loss = criterion(net(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
        scheduler.step()
        losses.append(total / len(loader.dataset))
        bar.set_postfix_str(f"loss {losses[-1]:.4f}")
    return losses


def draw(plt, net, x, y, losses, device):
    """Draw which arm the net sees everywhere in the plane, the points, and the loss."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.6), width_ratios=[1.2, 1])
    side = torch.linspace(-1.25, 1.25, 200)
    plane = torch.stack([side.expand(200, 200), side.unsqueeze(1).expand(200, 200)], dim=2)  # (200, 200, 2)
    with torch.no_grad():
        probabilities = F.softmax(net(plane.to(device)), dim=2).cpu()  # (200, 200, 3)
    paints = torch.tensor([[0.23, 0.44, 0.71], [0.85, 0.54, 0.12], [0.16, 0.56, 0.44]])
    image = 1 - 0.55 * (1 - probabilities @ paints)
    left.imshow(image.tolist(), origin="lower", extent=(-1.25, 1.25, -1.25, 1.25), interpolation="bilinear")
    left.scatter(*x.t().tolist(), s=14, c=[paints[k].tolist() for k in y.tolist()], edgecolor="white", linewidth=0.5)
    left.set(title="the arm that the network sees", xlabel="$x_1$", ylabel="$x_2$")
    left.grid(visible=False)
    right.plot(range(1, len(losses) + 1), losses, color=common.BLUE)
    right.set(title="mean cross-entropy", xlabel="epoch", yscale="log")
    return figure


def main():
    args = common.parse(common.options(__doc__, epochs=100))
    plt = common.pyplot()
    torch.manual_seed(args.seed)
    (x, y), (new_x, new_y) = spirals(200), spirals(200)
    loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)
    net = MLP(inputs=2, hidden=64, classes=3).to(args.device)
    started = time.perf_counter()
    losses = train(net, loader, args.epochs, args.device)
    seconds = time.perf_counter() - started
    path = common.save(draw(plt, net, x, y, losses, args.device), args.out / "04_mlp.png")
    seen, unseen = (accuracy(net, a.to(args.device), b.to(args.device)) for a, b in ((x, y), (new_x, new_y)))
    print(
        f"{args.epochs} epochs in {seconds:.1f} s on {args.device}: loss {losses[-1]:.4f}, accuracy {seen:.1%} "
        f"on the points seen, {unseen:.1%} on 600 new ones; {path}"
    )


if __name__ == "__main__":
    main()
