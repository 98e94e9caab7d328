"""Adversarial examples: a change that the eye hardly sees, and the network reads another digit.

    x' = x + ε sign(∂L/∂x)            every pixel a little step where the loss L grows (FGSM, Goodfellow et al. 2014)

One network learns from the digits as they are; the other also from examples made against itself on the way.  Each is
then attacked with its own gradients, at ever greater ε.  Pixels go from 0 (paper) to 1 (ink).
"""

import time

import common

import minitorch as torch
import minitorch.nn as nn
import minitorch.nn.functional as F
import minitorch.optim as optim
from minitorch.utils.data import DataLoader
from minitorch.vision import datasets, transforms

EPSILONS = [0.0, 0.025, 0.05, 0.075, 0.1, 0.125, 0.15, 0.2, 0.25, 0.3]
SHOWN = 0.15  # the ε of the pictures and of the figure reached


class ConvNet(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(),  # (N, 1, 8, 8) -> (N, 16, 8, 8)
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),  # (N, 32, 4, 4)
            nn.Flatten(), nn.Linear(512, 128), nn.ReLU(), nn.Linear(128, 10),  # (N, 512) -> (N, 10)
        )  # fmt: skip


def fgsm(net, images, labels, epsilon):
    """Return the pictures, each pixel changed by epsilon against the network."""
    images = images.detach().requires_grad_()
    (slope,) = torch.autograd.grad(F.cross_entropy(net(images), labels), images)
    return (images + epsilon * slope.sign()).clamp(0, 1).detach()


def train(train_set, epochs, device, against):
    """Train a network; `against` is the greatest ε of the examples that it is shown besides, 0 for none."""
    net = ConvNet().to(device)
    loader = DataLoader(train_set, batch_size=64, shuffle=True)
    optimizer = optim.Adam(net.parameters(), lr=2e-3)
    bar = common.progress(range(epochs), "adversarial" if against else "ordinary")
    for _ in bar:
        for images, labels in loader:
            images, labels = images.to(device), labels.to(device)
            if against:
                epsilon = against * torch.rand(len(images), 1, 1, 1).to(device)
                images = torch.cat([images, fgsm(net, images, labels, epsilon)])
                labels = torch.cat([labels, labels])
            optimizer.zero_grad()
            loss = F.cross_entropy(net(images), labels)
            loss.backward()
            optimizer.step()
        bar.set_postfix_str(f"loss {loss.item():.4f}")
    return net


def accuracy(net, images, labels, epsilon):
    """Return the accuracy under attack."""
    attacked = fgsm(net, images, labels, epsilon)
    with torch.no_grad():
        return (net(attacked).argmax(dim=1) == labels).float().mean().item()


def show(row, pictures, colours, low, high, name):
    """Draw pictures in a row of axes, with a name before it."""
    for axes, picture in zip(row, pictures.cpu(), strict=True):
        axes.imshow(picture[0].tolist(), cmap=colours, vmin=low, vmax=high)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        axes.grid(visible=False)
    row[0].set_ylabel(name)


def draw(plt, nets, images, labels, curves):
    """Draw digits, the changes against either network, the sums and how they are read, and the accuracies."""
    figure = plt.figure(figsize=(13, 5.6))
    left, right = figure.subfigures(1, 2, width_ratios=[1.35, 1])
    left.suptitle(f"a digit, and what either network reads after a change by ε = {SHOWN}", fontsize=11)
    first = [labels.tolist().index(digit) for digit in range(10)]
    images, labels = images[first], labels[first]
    grid = left.subplots(5, 10)
    show(grid[0], images, "gray_r", 0, 1, "digit")
    for rows, (name, net) in zip((grid[1:3], grid[3:5]), nets.items(), strict=True):
        attacked = fgsm(net, images, labels, SHOWN)
        show(rows[0], attacked - images, "RdBu", -2 * SHOWN, 2 * SHOWN, "change")
        show(rows[1], attacked, "gray_r", 0, 1, name)
        with torch.no_grad():
            read = net(attacked).argmax(dim=1)
        for axes, digit, truth in zip(rows[1], read.tolist(), labels.tolist(), strict=True):
            axes.set_xlabel(digit, color="black" if digit == truth else common.RED, labelpad=1)
    axes = right.subplots()
    for (name, values), colour in zip(curves.items(), (common.ORANGE, common.BLUE), strict=True):
        axes.plot(EPSILONS, [100 * v for v in values], "o-", ms=4, color=colour, label=f"{name} training")
    axes.axvline(SHOWN, color=common.GREY, lw=1, ls=":")
    axes.set(title="accuracy on 355 test digits under attack", xlabel="ε", ylabel="%", ylim=(0, 102))
    axes.legend(loc="lower left")
    return figure


def main():
    args = common.parse(common.options(__doc__, epochs=20))
    plt = common.pyplot()
    torch.manual_seed(args.seed)
    train_set, test_set = (datasets.Digits(train=t, transform=transforms.ToTensor()) for t in (True, False))
    images, labels = (part.to(args.device) for part in next(iter(DataLoader(test_set, batch_size=len(test_set)))))
    started = time.perf_counter()
    nets = {name: train(train_set, args.epochs, args.device, e) for name, e in (("ordinary", 0), ("adversarial", 0.2))}
    seconds = time.perf_counter() - started
    curves = {name: [accuracy(net, images, labels, e) for e in EPSILONS] for name, net in nets.items()}
    path = common.save(draw(plt, nets, images, labels, curves), args.out / "18_adversarial.png")
    reached = [f"{name} training {c[0]:.1%}, attacked {c[EPSILONS.index(SHOWN)]:.1%}" for name, c in curves.items()]
    print(
        f"{args.epochs} epochs, twice, in {seconds:.1f} s on {args.device}: test accuracy after {'; after '.join(reached)} "
        f"with ε = {SHOWN}; {path}"
    )


if __name__ == "__main__":
    main()
