"""The chain rule on five numbers: one neuron, its squared error, every local derivative, and how they multiply.

    a = w x,   z = a + b,   y = tanh z,   e = y - t,   L = e²

Each step knows the derivative of its result by its arguments.  Going back from L, the gradient of an
argument is the gradient of the result times that local derivative.  Draws the graph as 01_chain_rule.svg.
"""

import random

import common

from minitorch import Scalar, no_grad, viz


def loss(x, w, b, t):
    return ((w * x + b).tanh() - t) ** 2


def main():
    args = common.parse(common.options(__doc__, devices=["cpu"]))
    random.seed(args.seed)
    x, w, b, t = (Scalar(round(random.triangular(-2, 2), 1)) for _ in range(4))

    with viz.watch() as seen:  # the graph itself forgets the values between its ends
        a = w * x
        z = a + b
        y = z.tanh()
        e = y - t
        L = e**2
    L.backward()

    names = [("a", "w x", "wx"), ("z", "a + b", "ab"), ("y", "tanh z", "z"), ("e", "y - t", "yt"), ("L", "e²", "e")]
    print("Forward: values and local derivatives")
    for (result, formula, arguments), step in zip(names, seen, strict=True):
        local = "   ".join(f"∂{result}/∂{arguments[i]} = {d:7.4f}" for i, d in step.local.items())
        print(f"  {result} = {formula:7} = {step.value:7.4f}      {local}")

    print("Backward: gradient of the result × local derivative = gradient of the argument")
    for (result, _, arguments), step in reversed(list(zip(names, seen, strict=True))):
        for i, d in step.local.items():
            argument = arguments[i]
            chain = f"∂L/∂{result} · ∂{result}/∂{argument}"
            print(f"  ∂L/∂{argument} = {chain} = {step.gradient:7.4f} · {d:7.4f} = {step.gradient * d:7.4f}")

    h = 1e-5
    with no_grad():
        difference = (loss(x, w + h, b, t) - loss(x, w - h, b, t)) / (2 * h)
    path = args.out / "01_chain_rule.svg"
    viz.draw(L, seen, names={"x": x, "w": w, "b": b, "t": t, "a": a, "z": z, "y": y, "e": e, "L": L}).save(path)
    print(f"∂L/∂w: {w.grad.item():.8f} by the chain rule, {difference.item():.8f} by a central difference; {path}")


if __name__ == "__main__":
    main()
