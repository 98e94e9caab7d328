"""Schedules of the learning rate: closed forms, PyTorch's thirty steps, state, misuse."""

from __future__ import annotations

import copy
import math

import pytest

import minitorch
from minitorch import optim
from minitorch.nn import Parameter
from minitorch.optim import lr_scheduler

T = 30


def make_optimizer(lr=0.5, kind=optim.SGD, groups=1, **options):
    return kind([{"params": [Parameter(minitorch.ones(1))], "lr": lr * 2**i} for i in range(groups)], lr=lr, **options)


def rates(scheduler, steps=T, group=0):
    """Return the rate of each time, stepping the optimizer as a training loop does."""
    seen = []
    for _ in range(steps):
        seen.append(scheduler.optimizer.param_groups[group]["lr"])
        assert seen[-1] == scheduler.get_last_lr()[group]
        scheduler.optimizer.step()
        scheduler.step()
    return seen


CLOSED = [
    ("LambdaLR", {"lr_lambda": lambda t: 1 / (1 + t)}, lambda t: 1 / (1 + t)),
    ("MultiplicativeLR", {"lr_lambda": lambda t: 0.9}, lambda t: 0.9**t),
    ("StepLR", {"step_size": 7, "gamma": 0.5}, lambda t: 0.5 ** (t // 7)),
    ("MultiStepLR", {"milestones": [12, 3, 3], "gamma": 0.5}, lambda t: 0.5 ** (2 * (t >= 3) + (t >= 12))),
    ("ConstantLR", {"factor": 0.25, "total_iters": 4}, lambda t: 0.25 if t < 4 else 1.0),
    ("LinearLR", {"start_factor": 0.2, "end_factor": 0.6, "total_iters": 8}, lambda t: 0.2 + 0.4 * min(t / 8, 1)),
    ("ExponentialLR", {"gamma": 0.8}, lambda t: 0.8**t),
    ("PolynomialLR", {"total_iters": 10, "power": 2.0}, lambda t: (1 - min(t / 10, 1)) ** 2),
    ("CosineAnnealingLR", {"T_max": 10}, lambda t: (1 + math.cos(math.pi * t / 10)) / 2),
    ("CosineAnnealingLR", {"T_max": 30, "eta_min": 0.05}, lambda t: 0.1 + 0.9 * (1 + math.cos(math.pi * t / 30)) / 2),
    ("CosineAnnealingWarmRestarts", {"T_0": 7}, lambda t: (1 + math.cos(math.pi * (t % 7) / 7)) / 2),
]


@pytest.mark.parametrize(("name", "options", "form"), CLOSED, ids=[c[0] for c in CLOSED])
def test_schedule_is_its_closed_form(name, options, form):
    scheduler = getattr(lr_scheduler, name)(make_optimizer(0.5), **options)
    assert rates(scheduler) == pytest.approx([0.5 * form(t) for t in range(T)], rel=1e-9, abs=1e-15)


RELATIVE = [c for c in CLOSED if "eta_min" not in c[1]]  # a least rate is the same for all groups


@pytest.mark.parametrize(("name", "options", "form"), RELATIVE, ids=[c[0] for c in RELATIVE])
def test_schedule_moves_every_group(name, options, form):
    scheduler = getattr(lr_scheduler, name)(make_optimizer(0.5, groups=2), **options)
    assert rates(scheduler, group=1) == pytest.approx([form(t) for t in range(T)], rel=1e-9, abs=1e-15)


def test_groups_may_have_functions_of_their_own():
    scheduler = lr_scheduler.LambdaLR(make_optimizer(1.0, groups=2), [lambda t: 0.5**t, lambda t: 1.0])
    assert rates(scheduler, 3, group=0) == [1.0, 0.5, 0.25]
    assert scheduler.get_last_lr()[1] == 2.0
    with pytest.raises(ValueError, match="lr_lambda must have the same length"):
        lr_scheduler.LambdaLR(make_optimizer(groups=2), [lambda t: 1.0])


def test_warm_restarts_may_be_stepped_within_an_epoch():
    scheduler = lr_scheduler.CosineAnnealingWarmRestarts(make_optimizer(1.0), T_0=2, T_mult=2)
    for t, (since, period) in {0.5: (0.5, 2), 2.5: (0.5, 4), 7.0: (1, 8), 1.0: (1, 2)}.items():
        scheduler.step(t)
        assert scheduler.get_last_lr()[0] == pytest.approx((1 + math.cos(math.pi * since / period)) / 2)
    with pytest.raises(ValueError, match="Expected non-negative epoch, but got -1"):
        scheduler.step(-1)


# ---- combinations ----------------------------------------------------------------------------------------------------


def test_sequential_gives_each_schedule_its_own_time():
    optimizer = make_optimizer(1.0)
    warm = lr_scheduler.LinearLR(optimizer, start_factor=0.25, total_iters=3)
    cool = lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    scheduler = lr_scheduler.SequentialLR(optimizer, [warm, cool], milestones=[4])
    assert rates(scheduler, 8) == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0, 0.5, 0.25, 0.125])


def test_chained_schedules_multiply():
    optimizer = make_optimizer(1.0)
    parts = [lr_scheduler.ConstantLR(optimizer, 0.1, 2), lr_scheduler.ExponentialLR(optimizer, 0.5)]
    assert rates(lr_scheduler.ChainedScheduler(parts), 4) == pytest.approx([0.1, 0.05, 0.25, 0.125])


def test_sequential_takes_chained_and_sequential_schedules():
    optimizer = make_optimizer(1.0)
    parts = [lr_scheduler.ConstantLR(optimizer, 0.1, 2), lr_scheduler.ExponentialLR(optimizer, 0.5)]
    chained = lr_scheduler.ChainedScheduler(parts)
    inner = lr_scheduler.SequentialLR(
        optimizer, [lr_scheduler.ConstantLR(optimizer, 0.5, 9), lr_scheduler.ExponentialLR(optimizer, 0.5)], [1]
    )
    scheduler = lr_scheduler.SequentialLR(optimizer, [chained, inner, chained], [4, 7])
    expected = [0.1, 0.05, 0.25, 0.125, 0.5, 1.0, 0.5, 0.1, 0.05, 0.25]
    assert rates(scheduler, 10) == pytest.approx(expected)


def test_multiplicative_goes_on_from_the_rate_that_the_schedule_before_has_reached():
    optimizer = make_optimizer(1.0)
    warm = lr_scheduler.LinearLR(optimizer, start_factor=0.25, total_iters=3)
    cool = lr_scheduler.MultiplicativeLR(optimizer, lambda t: 0.5)
    assert rates(lr_scheduler.SequentialLR(optimizer, [warm, cool], [2]), 5) == pytest.approx(
        [0.25, 0.5, 0.25, 0.125, 0.0625]
    )


def test_sequential_starts_from_the_rate_that_one_cycle_has_made_the_initial_one():
    optimizer = make_optimizer(1.0)
    parts = [lr_scheduler.StepLR(optimizer, 2), lr_scheduler.OneCycleLR(optimizer, 0.5, total_steps=9)]
    assert rates(lr_scheduler.SequentialLR(optimizer, parts, [3]), 3) == pytest.approx([0.02, 0.02, 0.002])


def test_a_cycle_that_comes_later_leaves_the_initial_rate_to_the_first():
    optimizer = make_optimizer(1.0)
    warm = lr_scheduler.LinearLR(optimizer, start_factor=0.5, total_iters=2)
    cycle = lr_scheduler.CyclicLR(optimizer, 0.1, 0.3, step_size_up=2, cycle_momentum=False)
    assert rates(lr_scheduler.SequentialLR(optimizer, [warm, cycle], [2]), 5) == pytest.approx(
        [0.5, 0.75, 0.1, 0.2, 0.3]
    )


@pytest.mark.parametrize("kind", ["SequentialLR", "ChainedScheduler"])
def test_combinations_refuse_what_does_not_fit(kind):
    optimizer = make_optimizer()
    plateau, stranger = lr_scheduler.ReduceLROnPlateau(optimizer), lr_scheduler.StepLR(make_optimizer(), 1)

    def combine(parts):
        if kind == "SequentialLR":
            return lr_scheduler.SequentialLR(optimizer, parts, milestones=[1] * (len(parts) - 1))
        return lr_scheduler.ChainedScheduler(parts, optimizer)

    with pytest.raises(ValueError, match="at least one scheduler"):
        combine([])
    with pytest.raises(ValueError, match="does not support `ReduceLROnPlateau` scheduler"):
        combine([plateau])
    with pytest.raises(ValueError, match="to belong to the same optimizer"):
        combine([stranger])
    with pytest.raises(TypeError, match="should have `optimizer` as its attribute"):
        combine([3])


def test_sequential_wants_one_milestone_less_than_schedules():
    optimizer = make_optimizer()
    with pytest.raises(ValueError, match="number of milestones to be equal to 1"):
        lr_scheduler.SequentialLR(optimizer, [lr_scheduler.StepLR(optimizer, 1)], milestones=[3])


# ---- plateaus --------------------------------------------------------------------------------------------------------


def test_plateau_reduces_when_patience_is_over():
    optimizer = make_optimizer(1.0)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, cooldown=2, min_lr=0.2)
    losses = [5.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0]
    seen = []
    for loss in losses:
        scheduler.step(minitorch.tensor(loss))
        seen.append(optimizer.param_groups[0]["lr"])
    assert seen == [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.2]
    assert scheduler.get_last_lr() == [0.2]


def test_plateau_leaves_a_rate_that_would_hardly_change():
    optimizer = make_optimizer(1e-3)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=0, eps=1e-3)
    for _ in range(3):
        scheduler.step(1.0)
    assert optimizer.param_groups[0]["lr"] == 1e-3


@pytest.mark.parametrize(
    ("mode", "threshold_mode", "value", "better"),
    [
        ("min", "rel", 0.89, True), ("min", "rel", 0.91, False),
        ("min", "abs", 0.91, False), ("min", "abs", 0.89, True),
        ("max", "rel", 1.11, True), ("max", "rel", 1.09, False),
        ("max", "abs", 1.11, True), ("max", "abs", 1.09, False),
    ],
)  # fmt: skip
def test_plateau_knows_what_is_better(mode, threshold_mode, value, better):
    scheduler = lr_scheduler.ReduceLROnPlateau(make_optimizer(), mode, threshold=0.1, threshold_mode=threshold_mode)
    scheduler.step(1.0)
    assert scheduler.is_better(value) is better


# ---- PyTorch's rates over thirty steps -------------------------------------------------------------------------------

MORE = [
    ("CosineAnnealingWarmRestarts", {"T_0": 3, "T_mult": 2, "eta_min": 0.01}),
    ("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.1}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 1.0, "step_size_up": 4, "step_size_down": 3}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 1.0, "step_size_up": 5, "mode": "triangular2", "cycle_momentum": False}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 1.0, "step_size_up": 5, "mode": "exp_range", "gamma": 0.9}),
    (
        "CyclicLR",
        {"base_lr": 0.1, "max_lr": 1.0, "step_size_up": 5, "scale_fn": lambda x: 1 / x, "scale_mode": "cycle"},
    ),
    ("OneCycleLR", {"max_lr": 1.0, "total_steps": T}),
    (
        "OneCycleLR",
        {"max_lr": 1.0, "epochs": 5, "steps_per_epoch": 6, "anneal_strategy": "linear", "three_phase": True},
    ),
    ("OneCycleLR", {"max_lr": 1.0, "total_steps": 40, "cycle_momentum": False, "pct_start": 0.5, "div_factor": 10.0}),
]
ALL = [(name, options) for name, options, _ in CLOSED] + MORE


@pytest.mark.filterwarnings("ignore:The epoch parameter", "ignore:Detected call", "ignore:To get the last")
@pytest.mark.parametrize("kind", ["SGD", "Adam"])
@pytest.mark.parametrize(("name", "options"), ALL, ids=[name for name, _ in ALL])
def test_thirty_rates_equal_pytorchs(oracle, name, options, kind):
    def run(torch):
        p = torch.nn.Parameter(torch.ones(1))
        optimizer = getattr(torch.optim, kind)([p], lr=0.5, **({"momentum": 0.9} if kind == "SGD" else {}))
        scheduler = getattr(torch.optim.lr_scheduler, name)(optimizer, **options)
        seen = []
        for t in range(T):
            group = optimizer.param_groups[0]
            seen += [group["lr"], group["momentum"] if kind == "SGD" else group["betas"][0]]
            optimizer.step()
            if t < T - 1:
                scheduler.step()
        return seen

    assert run(minitorch) == pytest.approx(run(oracle), rel=1e-9, abs=1e-14)


def test_warm_restarts_stepped_within_epochs_equal_pytorchs(oracle):
    def run(torch):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.5)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 3, 2)
        optimizer.step()
        seen = []
        for t in (None, 0.5, 1.5, None, 4.25, None, None, 17, 2, None, None):
            scheduler.step(t)
            seen += scheduler.get_last_lr()
        return seen

    assert run(minitorch) == pytest.approx(run(oracle))


def test_combinations_equal_pytorchs(oracle):
    def run(torch):
        seen = []
        s = torch.optim.lr_scheduler
        for combine in (
            lambda o: s.SequentialLR(
                o, [s.LinearLR(o, 0.1, 1.0, 5), s.CosineAnnealingLR(o, 20), s.StepLR(o, 2)], [5, 25]
            ),
            lambda o: s.ChainedScheduler(
                [s.LinearLR(o, 0.1, 1.0, 5), s.CosineAnnealingLR(o, 20), s.MultiStepLR(o, [4, 9])]
            ),
        ):
            optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.5)
            scheduler = combine(optimizer)
            for _ in range(T):
                seen.append(optimizer.param_groups[0]["lr"])
                optimizer.step()
                scheduler.step()
        return seen

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *args, **kwargs: None)  # theirs warn of their own calls
        expected = run(oracle)
    assert run(minitorch) == pytest.approx(expected, rel=1e-9, abs=1e-14)


def test_plateau_equals_pytorchs(oracle):
    losses = [1 / (1 + t) if t < 8 else 0.12 + 0.001 * math.sin(t) for t in range(T)]

    def run(torch):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.5)
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=2, cooldown=1, threshold=0.01)
        seen = []
        for loss in losses:
            scheduler.step(loss)
            seen.append(optimizer.param_groups[0]["lr"])
        return seen

    assert run(minitorch) == pytest.approx(run(oracle))


# ---- state, resuming, misuse -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "options"), ALL, ids=[name for name, _ in ALL])
def test_a_reloaded_state_continues_exactly(name, options):
    def build():
        optimizer = make_optimizer(0.5, momentum=0.9)
        return getattr(lr_scheduler, name)(optimizer, **options)

    whole = rates(build(), T - 1)
    first, second = build(), build()
    rates(first, 11)
    saved = copy.deepcopy([first.optimizer.state_dict(), first.state_dict()])
    second.optimizer.load_state_dict(saved[0])
    second.load_state_dict(saved[1])
    assert rates(second, T - 12) == whole[11:]


def test_combinations_save_the_states_of_their_parts():
    def build():
        optimizer = make_optimizer(1.0)
        parts = [lr_scheduler.LinearLR(optimizer, 0.1, 1.0, 5), lr_scheduler.ExponentialLR(optimizer, 0.9)]
        return lr_scheduler.SequentialLR(optimizer, parts, [5])

    whole, first, second = rates(build()), build(), build()
    rates(first, 8)
    second.optimizer.load_state_dict(copy.deepcopy(first.optimizer.state_dict()))
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    assert rates(second, 5) == whole[8:13]


def test_functions_are_not_saved_but_callable_objects_are():
    class Decay:
        def __init__(self, rate):
            self.rate = rate

        def __call__(self, t):
            return self.rate**t

    first = lr_scheduler.LambdaLR(make_optimizer(groups=2), [lambda t: 1.0, Decay(0.5)])
    assert first.state_dict()["lr_lambdas"] == [None, {"rate": 0.5}]
    second = lr_scheduler.LambdaLR(make_optimizer(groups=2), [lambda t: 1.0, Decay(0.9)])
    second.load_state_dict(first.state_dict())
    assert second.lr_lambdas[1].rate == 0.5
    assert "optimizer" not in first.state_dict()


@pytest.mark.parametrize(("name", "options", "form"), CLOSED, ids=[c[0] for c in CLOSED])
def test_a_run_taken_up_at_an_epoch_goes_on(name, options, form):
    first = getattr(lr_scheduler, name)(make_optimizer(0.5), **options)
    rates(first, 6)
    again = make_optimizer(0.5)
    again.load_state_dict(copy.deepcopy(first.optimizer.state_dict()))
    second = getattr(lr_scheduler, name)(again, **options, last_epoch=5)
    assert rates(second, 10) == pytest.approx([0.5 * form(t) for t in range(6, 16)], rel=1e-9, abs=1e-15)


def test_resuming_without_the_initial_rate_is_refused():
    with pytest.raises(KeyError, match="param 'initial_lr' is not specified in"):
        lr_scheduler.StepLR(make_optimizer(), 3, last_epoch=4)


def test_stepping_before_the_optimizer_warns_once():
    scheduler = lr_scheduler.StepLR(make_optimizer(), 3)
    with pytest.warns(UserWarning, match=r"before `optimizer.step\(\)`"):
        scheduler.step()
    scheduler.step()


def test_an_optimizer_with_a_step_of_its_own_is_not_suspected():
    class Own(optim.SGD):
        def step(self, closure=None):
            return None

    lr_scheduler.StepLR(make_optimizer(kind=Own), 3).step()


def test_a_schedule_of_ones_own_needs_get_lr_only():
    class Halving(lr_scheduler.LRScheduler):
        def get_lr(self):
            return [lr / 2**self.last_epoch for lr in self.base_lrs]

    assert rates(Halving(make_optimizer(1.0)), 3) == [1.0, 0.5, 0.25]
    with pytest.raises(NotImplementedError):
        lr_scheduler.LRScheduler(make_optimizer())


WRONG = [
    (lambda o: lr_scheduler.StepLR(3, 1), TypeError, "int is not an Optimizer"),
    (lambda o: lr_scheduler.ReduceLROnPlateau(3), TypeError, "int is not an Optimizer"),
    (lambda o: lr_scheduler.LambdaLR(o, 0.5), TypeError, "lr_lambda should be a function"),
    (lambda o: lr_scheduler.ConstantLR(o, 1.5), ValueError, "Constant multiplicative factor expected"),
    (lambda o: lr_scheduler.LinearLR(o, 0.0), ValueError, "Starting multiplicative factor expected"),
    (lambda o: lr_scheduler.LinearLR(o, 0.5, 2.0), ValueError, "Ending multiplicative factor expected"),
    (lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 0), ValueError, "Expected positive integer T_0, but got 0"),
    (
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 2, 0),
        ValueError,
        "Expected integer T_mult >= 1, but got 0",
    ),
    (lambda o: lr_scheduler.CyclicLR(o, 0.1, 1.0, mode="square"), ValueError, "mode is invalid and scale_fn is None"),
    (lambda o: lr_scheduler.CyclicLR(o, 0.1, [1.0, 2.0]), ValueError, "max_lr must have the same length"),
    (
        lambda o: lr_scheduler.CyclicLR(make_optimizer(kind=optim.Adagrad), 0.1, 1.0),
        ValueError,
        "must support momentum",
    ),
    (lambda o: lr_scheduler.OneCycleLR(o, 1.0), ValueError, "You must define either total_steps OR"),
    (
        lambda o: lr_scheduler.OneCycleLR(o, 1.0, total_steps=0),
        ValueError,
        "Expected positive integer total_steps, but got 0",
    ),
    (
        lambda o: lr_scheduler.OneCycleLR(o, 1.0, 9, pct_start=2.0),
        ValueError,
        "Expected float between 0 and 1 pct_start",
    ),
    (lambda o: lr_scheduler.OneCycleLR(o, 1.0, 9, anneal_strategy="x"), ValueError, "anneal_strategy must be one of"),
    (lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=1.0), ValueError, "Factor should be < 1.0."),
    (lambda o: lr_scheduler.ReduceLROnPlateau(o, mode="up"), ValueError, "mode up is unknown!"),
    (lambda o: lr_scheduler.ReduceLROnPlateau(o, threshold_mode="up"), ValueError, "threshold mode up is unknown!"),
]


@pytest.mark.parametrize(("call", "error", "text"), WRONG, ids=[text for _, _, text in WRONG])
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error) as caught:
        call(make_optimizer())
    assert text in str(caught.value)


def test_one_cycle_ends():
    scheduler = lr_scheduler.OneCycleLR(make_optimizer(momentum=0.9), 1.0, total_steps=3)
    rates(scheduler, 3)
    with pytest.raises(ValueError, match="Tried to step 4 times. The specified number of total steps is 3"):
        scheduler.step()
