"""Hessian-free optimisation trains a deep autoencoder that gradient descent only creeps along.

    (N, 64) -> 32 -> 16 -> 8 -> 2 -> 8 -> 16 -> 32 -> (N, 64), with tanh between, but not at the code of 2 numbers

The pictures, 8 by 8, show a dot somewhere on a circle.  So they lie on a closed curve in 64 dimensions, and a code of
two numbers can hold all of it: the error can go down to almost nothing, through valleys that are far steeper across
than along.  There the curvature tells how far to go in which direction.

SGD and Adam then get as many seconds as HessianFree took, on the same 128 pictures (full batches are better than
batches of 32 here), with the best learning rate of a grid, which falls to zero as their time runs out:
Adam 0.02 of 0.005, 0.01, 0.02, 0.03, 0.05; SGD 0.05 with momentum 0.9 of fifteen pairs (faster ones diverge).
"""

import math
import time
from itertools import pairwise

import common

import minitorch as torch
import minitorch.nn as nn
import minitorch.optim as optim

COLORS = {"SGD": common.GREY, "Adam": common.ORANGE, "HessianFree": common.BLUE}


class Autoencoder(nn.Module):
    """Squeeze pictures through a code of two numbers."""

    def __init__(self, sizes=(64, 32, 16, 8, 2)):
        super().__init__()
        self.encoder = layers(sizes)
        self.decoder = layers(sizes[::-1])

    def forward(self, x):
        return self.decoder(self.encoder(x))  # (N, 64) -> (N, 2) -> (N, 64)


def layers(sizes):
    """Return linear layers with tanh between."""
    parts = []
    for inputs, outputs in pairwise(sizes):
        linear = nn.Linear(inputs, outputs)
        nn.init.xavier_normal_(linear.weight)
        nn.init.zeros_(linear.bias)
        parts += [linear, nn.Tanh()]
    return nn.Sequential(*parts[:-1])


def dots(angles):
    """Return pictures (N, 64) of a soft dot, at these angles on a circle."""
    side = torch.linspace(-1, 1, 8, dtype=torch.float64)
    x = side - 0.55 * angles.cos().unsqueeze(1)  # (N, 8)
    y = side - 0.55 * angles.sin().unsqueeze(1)
    square = x.unsqueeze(1) ** 2 + y.unsqueeze(2) ** 2  # (N, 8, 8)
    return (-square / (2 * 0.35**2)).exp().reshape(-1, 64)


def error(outputs, x):
    """Return the squared error of a picture, summed over its pixels, as a mean over the pictures."""
    return ((outputs - x) ** 2).sum(dim=1).mean()


def test_error(net, x):
    with torch.no_grad():
        return error(net(x), x).item()


def train_hessian_free(net, x, steps):
    """Take steps; return the seconds and the errors after each."""
    optimizer = optim.HessianFree(net.parameters(), max_iter=500, tolerance=1e-4)
    seconds, errors, started = [], [], time.perf_counter()

    def closure():
        outputs = net(x)
        return error(outputs, x), outputs  # no backward(): the optimizer multiplies by the curvature instead

    bar = common.progress(range(steps), "HessianFree")
    for _ in bar:
        optimizer.step(closure)
        seconds.append(time.perf_counter() - started)
        errors.append(closure()[0].item())
        bar.set_postfix_str(f"error {errors[-1]:.1e}")
    return seconds, errors


def train_first_order(net, x, optimizer, budget):
    """Take steps for so many seconds; return the seconds and the errors after every hundredth of them."""
    seconds, errors, started = [], [], time.perf_counter()
    lr, steps, spent = optimizer.param_groups[0]["lr"], 0, 0.0
    with common.progress(range(100), type(optimizer).__name__) as bar:
        while spent < budget:
            optimizer.param_groups[0]["lr"] = lr * (1 - spent / budget)
            optimizer.zero_grad()
            loss = error(net(x), x)
            loss.backward()
            optimizer.step()
            steps += 1
            spent = time.perf_counter() - started
            if spent >= budget * (len(seconds) + 1) / 100:
                seconds.append(spent)
                errors.append(loss.item())
                bar.update()
                bar.set_postfix_str(f"error {errors[-1]:.1e}")
    return seconds, errors, steps


def draw(plt, curves, nets, device):
    figure = plt.figure(figsize=(10, 8.2))
    top, bottom = figure.subfigures(2, 1, height_ratios=[1, 1.05])
    left, right = top.subplots(1, 2, width_ratios=[1.35, 1])
    for name, (seconds, errors) in curves.items():
        left.plot(seconds, errors, color=COLORS[name], label=name)
    left.set(title="squared error of a training picture", xlabel="seconds", yscale="log")
    left.legend()
    draw_code(right, nets["HessianFree"], device)
    draw_pictures(bottom, nets, device)
    return figure


def draw_code(axes, net, device):
    """Draw where the encoder puts the dots, in the colour of their angle."""
    angles = torch.linspace(0, 2 * math.pi, 400, dtype=torch.float64)
    with torch.no_grad():
        code = net.encoder(dots(angles).to(device)).cpu()  # (400, 2)
    axes.scatter(*code.t().tolist(), c=angles.tolist(), cmap="hsv", s=9)
    axes.set(title="the circle, as HessianFree's two numbers hold it", xlabel="$z_1$", ylabel="$z_2$")


def draw_pictures(figure, nets, device):
    """Draw pictures that nobody was trained on, and what each network gets wrong in them."""
    figure.suptitle("eight new pictures, and the errors of what comes back, 200 times enlarged", fontsize=11)
    x = dots(torch.arange(8, dtype=torch.float64) * (math.pi / 4) + 0.3)
    rows = [("picture", x, "gray_r", (0, 1))]
    with torch.no_grad():
        rows += [(name, 200 * (net(x.to(device)).cpu() - x), "RdBu", (-1, 1)) for name, net in nets.items()]
    for line, (name, images, colors, (low, high)) in zip(figure.subplots(4, 8), rows, strict=True):
        for axes, image in zip(line, images, strict=True):
            axes.imshow(image.reshape(8, 8).tolist(), cmap=colors, vmin=low, vmax=high)
            axes.set(xticks=[], yticks=[])
            axes.grid(visible=False)
        line[0].set_ylabel(name, fontsize=9)


def main():
    args = common.parse(common.options(__doc__, epochs=70))  # an epoch is a step of HessianFree
    plt = common.pyplot()
    torch.manual_seed(args.seed)
    x, new_x = (dots(2 * math.pi * torch.rand(128, dtype=torch.float64)).to(args.device) for _ in range(2))
    start = Autoencoder().double().to(args.device)
    nets = {name: Autoencoder().double().to(args.device) for name in COLORS}
    for net in nets.values():
        net.load_state_dict(start.state_dict())

    curves = {"HessianFree": train_hessian_free(nets["HessianFree"], x, args.epochs)}
    budget, counts = curves["HessianFree"][0][-1], {"HessianFree": args.epochs}
    for name, optimizer in {
        "Adam": optim.Adam(nets["Adam"].parameters(), lr=0.02),
        "SGD": optim.SGD(nets["SGD"].parameters(), lr=0.05, momentum=0.9),
    }.items():
        *curves[name], counts[name] = train_first_order(nets[name], x, optimizer, budget)

    path = common.save(draw(plt, curves, nets, args.device), args.out / "20_hessian_free.png")
    for name in COLORS:
        print(f"{name:12}{counts[name]:7} steps   error {curves[name][1][-1]:.2e}, {test_error(nets[name], new_x):.2e} "
              "on new pictures")  # fmt: skip
    best = min(curves[name][1][-1] for name in ("SGD", "Adam"))
    print(
        f"{budget:.1f} s each on {args.device}: HessianFree's error is {best / curves['HessianFree'][1][-1]:.1f} times "
        f"smaller than the better of SGD's and Adam's; {path}"
    )


if __name__ == "__main__":
    main()
