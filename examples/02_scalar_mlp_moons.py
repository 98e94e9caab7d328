"""A multi-layer perceptron of single numbers: every weight is a Scalar, every sum is written out.

No arrays anywhere: this is all that a network is.  It learns to tell two interleaved half moons apart, by
stochastic gradient descent on the logistic loss, one point at a time.
"""

import math
import random
import time

import common

from minitorch import Scalar, no_grad


def two_moons(n, noise=0.12):
    """Return n points (x1, x2) and their labels: +1 on the upper moon, -1 on the lower one."""
    points = []
    for i in range(n):
        angle, label = math.pi * random.random(), 1 if i % 2 else -1
        x1, x2 = (math.cos(angle), math.sin(angle)) if label > 0 else (1 - math.cos(angle), 0.5 - math.sin(angle))
        points.append(((x1 + random.gauss(0, noise), x2 + random.gauss(0, noise)), label))
    return points


def dot(a, b):
    return sum(ai * bi for ai, bi in zip(a, b, strict=True))


class MLP:
    """score = v · tanh(W x + b) + c."""

    def __init__(self, inputs, hidden):
        bound = 1 / math.sqrt(inputs)
        self.W = [[Scalar(random.uniform(-bound, bound)) for _ in range(inputs)] for _ in range(hidden)]
        self.b = [Scalar(random.uniform(-bound, bound)) for _ in range(hidden)]
        self.v = [Scalar(random.uniform(-1, 1) / math.sqrt(hidden)) for _ in range(hidden)]
        self.c = Scalar(0.0)

    def __call__(self, x):
        hidden = [(dot(row, x) + b).tanh() for row, b in zip(self.W, self.b, strict=True)]
        return dot(self.v, hidden) + self.c

    def parameters(self):
        return [*(w for row in self.W for w in row), *self.b, *self.v, self.c]


def train(net, points, epochs, lr=0.2):
    """Descend point by point; return the mean loss of every epoch."""
    losses = []
    bar = common.progress(range(epochs), "training")
    for epoch in bar:
        total, step = 0.0, lr * (1 - epoch / epochs)  # smaller steps towards the end
        for x, label in random.sample(points, len(points)):
            for p in net.parameters():
                p.grad = None
            loss = (-label * net(x)).softplus()  # -log sigmoid(label · score)
            loss.backward()
            for p in net.parameters():
                p.data -= step * p.grad.data
            total += loss.item()
        losses.append(total / len(points))
        bar.set_postfix_str(f"loss {losses[-1]:.4f}")
    return losses


def accuracy(net, points):
    with no_grad():
        return sum((net(x).item() > 0) == (label > 0) for x, label in points) / len(points)


def draw(plt, net, points, losses):
    """Draw what the net says everywhere in the plane, the points, and the loss."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), width_ratios=[1.5, 1])
    xs, ys = [-1.6 + 4.2 * i / 59 for i in range(60)], [-1.1 + 2.7 * i / 39 for i in range(40)]
    with no_grad():
        scores = [[net((x, y)).sigmoid().item() for x in xs] for y in ys]
    levels = [i / 10 for i in range(11)]
    shades = left.contourf(xs, ys, scores, levels=levels, cmap="RdBu", alpha=0.75)
    left.contour(xs, ys, scores, levels=[0.5], colors="black", linewidths=1.5)
    for label, colour in ((1, "#1f4e8c"), (-1, "#a12b1f")):
        moon = [x for x, sign in points if sign == label]
        left.scatter(*zip(*moon, strict=True), s=16, color=colour, edgecolor="white", linewidth=0.5)
    left.set(title="probability of the upper moon", xlabel="$x_1$", ylabel="$x_2$")
    left.grid(visible=False)
    figure.colorbar(shades, ax=left, ticks=[0, 0.5, 1])
    right.plot(range(1, len(losses) + 1), losses, color=common.BLUE)
    right.set(title="mean loss", xlabel="epoch", yscale="log")
    return figure


def main():
    args = common.parse(common.options(__doc__, epochs=40, devices=["cpu"]))
    plt = common.pyplot()
    random.seed(args.seed)
    points, new = two_moons(200), two_moons(200)
    net = MLP(inputs=2, hidden=16)
    started = time.perf_counter()
    losses = train(net, points, args.epochs)
    seconds = time.perf_counter() - started
    path = common.save(draw(plt, net, points, losses), args.out / "02_scalar_mlp_moons.png")
    print(
        f"{len(net.parameters())} Scalars, {args.epochs} epochs in {seconds:.1f} s: loss {losses[-1]:.4f}, "
        f"accuracy {accuracy(net, points):.1%} on the points seen, {accuracy(net, new):.1%} on 200 new ones; {path}"
    )


if __name__ == "__main__":
    main()
