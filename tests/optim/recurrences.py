"""What the optimizers do to one number, written down a second time: plain loops over plain floats."""

from __future__ import annotations

import math

from minitorch import optim


def sgd(x, gradients, lr, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False, maximize=False):
    v = None
    for g in gradients:
        g = (-g if maximize else g) + weight_decay * x
        v = g if v is None else momentum * v + (1 - dampening) * g
        x = x - lr * (g + momentum * v if nesterov else v if momentum else g)
    return x


def adam(
    x, gradients, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, amsgrad=False, maximize=False, decoupled=False
):
    m = v = largest = 0.0
    for t, g in enumerate(gradients, start=1):
        g = -g if maximize else g
        if decoupled:
            x = x - lr * weight_decay * x
        else:
            g = g + weight_decay * x
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        largest = max(largest, v)
        v_hat = (largest if amsgrad else v) / (1 - betas[1] ** t)
        x = x - lr * (m / (1 - betas[0] ** t)) / (math.sqrt(v_hat) + eps)
    return x


def adamw(x, gradients, weight_decay=0.01, **options):
    return adam(x, gradients, weight_decay=weight_decay, decoupled=True, **options)


def rmsprop(x, gradients, lr, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False, maximize=False):
    v = mean = b = 0.0
    for g in gradients:
        g = (-g if maximize else g) + weight_decay * x
        v = alpha * v + (1 - alpha) * g**2
        mean = alpha * mean + (1 - alpha) * g
        step = g / (math.sqrt(v - mean**2 if centered else v) + eps)
        b = momentum * b + step
        x = x - lr * (b if momentum else step)
    return x


def adagrad(x, gradients, lr, lr_decay=0.0, weight_decay=0.0, initial_accumulator_value=0.0, eps=1e-10, maximize=False):
    s = initial_accumulator_value
    for t, g in enumerate(gradients):
        g = (-g if maximize else g) + weight_decay * x
        s = s + g**2
        x = x - lr / (1 + t * lr_decay) * g / (math.sqrt(s) + eps)
    return x


def adadelta(x, gradients, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0.0, maximize=False):
    v = u = 0.0
    for g in gradients:
        g = (-g if maximize else g) + weight_decay * x
        v = rho * v + (1 - rho) * g**2
        step = math.sqrt(u + eps) / math.sqrt(v + eps) * g
        u = rho * u + (1 - rho) * step**2
        x = x - lr * step
    return x


def asgd(x, gradients, lr, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0.0, maximize=False):
    for t, g in enumerate(gradients):
        g = (-g if maximize else g) + weight_decay * x
        eta = lr / (1 + lambd * lr * t) ** alpha
        x = x * (1 - lambd * eta) - eta * g
    return x


def rprop(x, gradients, lr, etas=(0.5, 1.2), step_sizes=(1e-6, 50), maximize=False):
    old, size = 0.0, lr
    for g in gradients:
        g = -g if maximize else g
        if g * old > 0:
            size = min(size * etas[1], step_sizes[1])
        elif g * old < 0:
            size, g = max(size * etas[0], step_sizes[0]), 0.0
        x = x - math.copysign(size, g) if g else x
        old = g
    return x


def adamax(x, gradients, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, maximize=False):
    m = u = 0.0
    for t, g in enumerate(gradients, start=1):
        g = (-g if maximize else g) + weight_decay * x
        m = betas[0] * m + (1 - betas[0]) * g
        u = max(betas[1] * u, abs(g) + eps)
        x = x - lr * m / (1 - betas[0] ** t) / u
    return x


def nadam(
    x, gradients, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, momentum_decay=0.004,
    decoupled_weight_decay=False, maximize=False,
):  # fmt: skip
    m = v = 0.0
    mus = [betas[0] * (1 - 0.96 ** (t * momentum_decay) / 2) for t in range(len(gradients) + 2)]
    for t, g in enumerate(gradients, start=1):
        g = -g if maximize else g
        if decoupled_weight_decay:
            x = x - lr * weight_decay * x
        else:
            g = g + weight_decay * x
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        ahead = mus[t + 1] * m / (1 - math.prod(mus[1 : t + 2])) + (1 - mus[t]) * g / (1 - math.prod(mus[1 : t + 1]))
        x = x - lr * ahead / (math.sqrt(v / (1 - betas[1] ** t)) + eps)
    return x


def radam(
    x, gradients, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, decoupled_weight_decay=False, maximize=False
):
    m = v = 0.0
    most = 2 / (1 - betas[1]) - 1
    for t, g in enumerate(gradients, start=1):
        g = -g if maximize else g
        if decoupled_weight_decay:
            x = x - lr * weight_decay * x
        else:
            g = g + weight_decay * x
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        length = most - 2 * t * betas[1] ** t / (1 - betas[1] ** t)
        step = m / (1 - betas[0] ** t)
        if length > 5:
            r = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length)
            step = step * math.sqrt(r) * math.sqrt(1 - betas[1] ** t) / (math.sqrt(v) + eps)
        x = x - lr * step
    return x


CASES = [
    (optim.SGD, sgd, {"lr": 0.1}),
    (optim.SGD, sgd, {"lr": 0.1, "momentum": 0.9}),
    (optim.SGD, sgd, {"lr": 0.1, "momentum": 0.9, "dampening": 0.5, "weight_decay": 0.1, "maximize": True}),
    (optim.SGD, sgd, {"lr": 0.1, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1}),
    (optim.Adam, adam, {"lr": 0.1}),
    (optim.Adam, adam, {"lr": 0.1, "betas": (0.5, 0.7), "eps": 0.1, "weight_decay": 0.1, "amsgrad": True}),
    (optim.Adam, adam, {"lr": 0.1, "maximize": True}),
    (optim.AdamW, adamw, {"lr": 0.1}),
    (optim.AdamW, adamw, {"lr": 0.1, "betas": (0.5, 0.7), "weight_decay": 0.5, "amsgrad": True, "maximize": True}),
    (optim.RMSprop, rmsprop, {"lr": 0.1}),
    (
        optim.RMSprop,
        rmsprop,
        {"lr": 0.1, "alpha": 0.7, "momentum": 0.5, "centered": True, "weight_decay": 0.1, "eps": 0.01},
    ),
    (optim.RMSprop, rmsprop, {"lr": 0.1, "maximize": True, "momentum": 0.5}),
    (optim.Adagrad, adagrad, {"lr": 0.1}),
    (optim.Adagrad, adagrad, {"lr": 0.1, "lr_decay": 0.3, "weight_decay": 0.1, "initial_accumulator_value": 0.5}),
    (optim.Adagrad, adagrad, {"lr": 0.1, "maximize": True, "eps": 0.1}),
    (optim.Adadelta, adadelta, {"lr": 1.0}),
    (optim.Adadelta, adadelta, {"lr": 0.5, "rho": 0.7, "eps": 0.01, "weight_decay": 0.1, "maximize": True}),
    (optim.ASGD, asgd, {"lr": 0.1}),
    (optim.ASGD, asgd, {"lr": 0.1, "lambd": 0.5, "alpha": 0.6, "t0": 3, "weight_decay": 0.1, "maximize": True}),
    (optim.Rprop, rprop, {"lr": 0.1}),
    (optim.Rprop, rprop, {"lr": 0.1, "etas": (0.3, 1.9), "step_sizes": (0.02, 0.2), "maximize": True}),
    (optim.Adamax, adamax, {"lr": 0.1}),
    (optim.Adamax, adamax, {"lr": 0.1, "betas": (0.5, 0.7), "eps": 0.1, "weight_decay": 0.1, "maximize": True}),
    (optim.NAdam, nadam, {"lr": 0.1}),
    (optim.NAdam, nadam, {"lr": 0.1, "betas": (0.5, 0.7), "weight_decay": 0.1, "momentum_decay": 2.0, "eps": 0.1}),
    (optim.NAdam, nadam, {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True}),
    (optim.RAdam, radam, {"lr": 0.1}),
    (optim.RAdam, radam, {"lr": 0.1, "betas": (0.5, 0.9), "weight_decay": 0.1, "eps": 0.1}),
    (optim.RAdam, radam, {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True}),
]
