"""Linear regression by gradient descent: the straight line through a cloud of points.

    model     y = θ₀ + θ₁ x                            (F1)
    cost      J(θ) = mean (θ₀ + θ₁ x - y)²
    descent   θ ← θ - α ∇J(θ)                          (F2)

The same two numbers come from the normal equations, so we can see that descent arrives.
"""

import common

import minitorch as torch

ALPHA = 0.02


def descend(x, y, steps):
    """Return every θ on the way and its cost."""
    theta = torch.tensor([-2.0, 3.5], device=x.device, requires_grad=True)  # (2,): a bad guess
    path, costs = [theta.tolist()], []
    for _ in common.progress(range(steps), "descending"):
        prediction = theta[0] + theta[1] * x  # (N,)
        cost = ((prediction - y) ** 2).mean()  # a number
        theta.grad = None
        cost.backward()
        with torch.no_grad():
            theta -= ALPHA * theta.grad
        path.append(theta.tolist())
        costs.append(cost.item())
    return path, costs


def least_squares(x, y):
    """Return what minimises J exactly: θ₁ = cov(x, y) / var(x), θ₀ = mean(y) - θ₁ mean(x)."""
    slope = ((x - x.mean()) * (y - y.mean())).mean() / ((x - x.mean()) ** 2).mean()
    return (y.mean() - slope * x.mean()).item(), slope.item()


def draw(plt, x, y, path, costs):
    """Draw the lines on the way, the way itself over the bowl J, and the cost."""
    figure, (line, bowl, curve) = plt.subplots(1, 3, figsize=(13, 4))
    line.scatter(x.tolist(), y.tolist(), s=18, color=common.GREY, label="data")
    left, right, last = x.min().item(), x.max().item(), len(path) - 1
    for step in {k for k in (0, 1, 3, 40) if k < last} | {last}:
        t0, t1 = path[step]
        colour = common.RED if step == last else common.ORANGE
        line.plot([left, right], [t0 + t1 * left, t0 + t1 * right], color=colour, alpha=1 if step == last else 0.6)
        line.annotate(f" step {step}", (right, t0 + t1 * right), color=colour, fontsize=8, va="center")
    line.set(title="the line, on its way", xlabel="$x$", ylabel="$y$")
    line.legend(loc="upper left")

    t0, t1 = torch.linspace(-3, 4.5, 80), torch.linspace(-1.5, 4, 80)
    xs, ys = x.cpu(), y.cpu()
    J = [[((a + b * xs - ys) ** 2).mean().item() for a in t0.tolist()] for b in t1.tolist()]
    bowl.contourf(t0.tolist(), t1.tolist(), J, levels=[0.4 * 1.8**k for k in range(10)], cmap="Blues", extend="both")
    bowl.plot(*zip(*path, strict=True), color=common.ORANGE, marker="o", markersize=2.5, lw=1)
    bowl.plot(*path[-1], color=common.RED, marker="*", markersize=13)
    bowl.set(title=r"the cost $J(\theta)$, and the way down", xlabel=r"$\theta_0$", ylabel=r"$\theta_1$")

    curve.plot(range(1, len(costs) + 1), costs, color=common.BLUE)
    curve.set(title="cost", xlabel="step", yscale="log", xscale="log")
    return figure


def main():
    args = common.parse(common.options(__doc__, epochs=500))
    plt = common.pyplot()
    torch.manual_seed(args.seed)
    x = (torch.rand(60) * 6).to(args.device)  # (60,)
    y = 1.5 + 0.8 * x + 0.6 * torch.randn(60).to(args.device)
    path, costs = descend(x, y, args.epochs)
    picture = common.save(draw(plt, x, y, path, costs), args.out / "03_linear_regression.png")
    (t0, t1), (b0, b1) = path[-1], least_squares(x, y)
    print(
        f"cost {costs[0]:.4f} -> {costs[-1]:.4f} in {args.epochs} steps: y = {t0:.4f} + {t1:.4f} x; "
        f"exact: y = {b0:.4f} + {b1:.4f} x; {picture}"
    )


if __name__ == "__main__":
    main()
