"""Averages of weights, and the schedule towards a constant rate."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.optim import swa_utils

RNG = np.random.default_rng(0)


def numbers(tensor):
    return tensor.detach().cpu().numpy()


def network(device="cpu"):
    minitorch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1)).to(device)


def wander(net, times=4):
    """Give a network random weights and buffers, again and again."""
    for _ in range(times):
        with minitorch.no_grad():
            for tensor in (*net.parameters(), *net.buffers()):
                tensor.copy_(minitorch.tensor(RNG.uniform(1, 9, tuple(tensor.shape))).to(tensor.device, tensor.dtype))
        yield {name: numbers(value).copy() for name, value in net.state_dict().items()}


def test_average_is_the_mean_of_the_weights(device):
    net = network(device)
    average = swa_utils.AveragedModel(net)
    states = []
    for state in wander(net):
        states.append(state)
        average.update_parameters(net)
    for name, value in average.module.named_parameters():
        np.testing.assert_allclose(numbers(value), np.mean([s[name] for s in states], axis=0), rtol=1e-5)
        assert value.device == net[0].weight.device
    for name, value in average.module.named_buffers():
        np.testing.assert_allclose(numbers(value), states[-1][name])  # copied, not averaged
    assert average.n_averaged.item() == 4


@pytest.mark.parametrize("how", [
    {"multi_avg_fn": swa_utils.get_ema_multi_avg_fn(0.75)},
    {"avg_fn": swa_utils.get_ema_avg_fn(0.75)},
    {"avg_fn": lambda averaged, current, n: 0.75 * averaged + 0.25 * current},
], ids=["multi", "single", "own"])  # fmt: skip
def test_exponential_average_is_its_recurrence(how):
    net = network()
    average, expected = swa_utils.AveragedModel(net, use_buffers=True, **how), None
    for state in wander(net):
        average.update_parameters(net)
        expected = state if expected is None else {k: 0.75 * expected[k] + 0.25 * state[k] for k in state}
    for name, value in average.module.state_dict().items():
        if name != "1.num_batches_tracked":
            np.testing.assert_allclose(numbers(value), expected[name], rtol=1e-5)


def test_averaged_model_computes_and_is_a_model_of_its_own():
    net = network().eval()
    average = swa_utils.AveragedModel(net)
    x = minitorch.randn(5, 3)
    np.testing.assert_allclose(numbers(average(x)), numbers(net(x)))
    with minitorch.no_grad():
        net[0].weight.zero_()
    assert numbers(average.module[0].weight).any()
    assert next(iter(average.state_dict())) == "n_averaged"
    assert "module.0.weight" in average.state_dict()
    again = swa_utils.AveragedModel(network())
    again.load_state_dict(average.state_dict())
    again.update_parameters(net)
    assert all(p.requires_grad and p.is_leaf and p.grad_fn is None for p in again.parameters())


def test_averaged_model_may_live_on_another_device(device):
    net = network()
    average = swa_utils.AveragedModel(net, device=device)
    average.update_parameters(net)
    average.update_parameters(net)
    assert average.module[0].weight.device == minitorch.zeros(1, device=device).device
    np.testing.assert_allclose(numbers(average.module[0].weight), numbers(net[0].weight), rtol=1e-6)


def test_statistics_of_batch_norm_are_computed_anew():
    net = network()
    batches = [minitorch.randn(8, 3) + i for i in range(3)]
    net[1].running_mean.fill_(77.0)
    swa_utils.update_bn([(x, None) for x in batches], net)
    hidden = [numbers(net[0](x)) for x in batches]
    np.testing.assert_allclose(numbers(net[1].running_mean), np.mean([h.mean(0) for h in hidden], 0), rtol=1e-4)
    np.testing.assert_allclose(numbers(net[1].running_var), np.mean([h.var(0, ddof=1) for h in hidden], 0), rtol=1e-4)
    assert net[1].momentum == 0.1
    assert net.training
    swa_utils.update_bn(batches, nn.Linear(3, 1))  # nothing to do


SCHEDULES = [
    ({}, lambda t: (1 - math.cos(math.pi * min(t / 10, 1))) / 2),
    ({"anneal_strategy": "linear", "anneal_epochs": 4}, lambda t: min(t / 4, 1)),
    ({"anneal_epochs": 0}, lambda t: 1.0),
]


def make_optimizer(torch=minitorch):
    p = torch.nn.Parameter(torch.ones(1))
    return torch.optim.SGD([p], lr=0.5)


def rates(torch, before=0, **options):
    """Return rates; with `before`, another schedule moves them first."""
    optimizer = make_optimizer(torch)
    first = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    schedule, seen = torch.optim.swa_utils.SWALR(optimizer, swa_lr=0.1, **options), []
    for t in range(15):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        (first if t < before else schedule).step()
    return seen


@pytest.mark.parametrize(("options", "weight"), SCHEDULES, ids=["cosine", "linear", "at once"])
def test_schedule_goes_to_a_constant_rate(options, weight):
    expected = [0.5 + weight(t) * (0.1 - 0.5) for t in range(15)]
    assert rates(minitorch, **options) == pytest.approx(expected)


def test_schedule_continues_from_its_state():
    optimizer = make_optimizer()
    schedule = swa_utils.SWALR(optimizer, swa_lr=0.1)
    for _ in range(4):
        optimizer.step()
        schedule.step()
    other = make_optimizer()
    again = swa_utils.SWALR(other, swa_lr=0.1)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    again.load_state_dict(copy.deepcopy(schedule.state_dict()))
    for s in (schedule, again):
        s.optimizer.step()
        s.step()
    assert again.get_last_lr() == schedule.get_last_lr()


WRONG = [
    (lambda: swa_utils.SWALR(make_optimizer(), 0.1, anneal_strategy="x"), "one of 'cos' or 'linear', instead got x"),
    (lambda: swa_utils.SWALR(make_optimizer(), 0.1, anneal_epochs=-1), "must be equal or greater than 0, got -1"),
    (lambda: swa_utils.get_ema_avg_fn(1.5), "Invalid decay value 1.5 provided"),
]


@pytest.mark.parametrize(("call", "text"), WRONG, ids=[text for _, text in WRONG])
def test_what_does_not_fit_is_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()


def test_one_way_of_averaging_is_enough():
    with pytest.raises(AssertionError, match="Only one of avg_fn and multi_avg_fn should be provided"):
        swa_utils.AveragedModel(network(), avg_fn=len, multi_avg_fn=len)


@pytest.mark.parametrize("before", [0, 3])
@pytest.mark.parametrize("options", [options for options, _ in SCHEDULES], ids=str)
def test_rates_equal_pytorchs(oracle, options, before):
    assert rates(minitorch, before, **options) == pytest.approx(rates(oracle, before, **options))


@pytest.mark.parametrize("decay", [None, 0.9])
@pytest.mark.parametrize("use_buffers", [False, True])
def test_averages_equal_pytorchs(oracle, decay, use_buffers):
    start = {name: numbers(value).copy() for name, value in network().state_dict().items()}
    steps = [{k: RNG.uniform(1, 2, v.shape).astype(v.dtype) for k, v in start.items()} for _ in range(4)]

    def run(torch):
        net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 1))
        swa = torch.optim.swa_utils
        how = {} if decay is None else {"multi_avg_fn": swa.get_ema_multi_avg_fn(decay)}
        average = swa.AveragedModel(net, use_buffers=use_buffers, **how)
        for step in steps:
            net.load_state_dict({k: torch.tensor(v) for k, v in step.items()})
            average.update_parameters(net)
        return {k: np.asarray(v) for k, v in average.state_dict().items()}

    ours, theirs = run(minitorch), run(oracle)
    assert list(ours) == list(theirs)
    for key in ours:
        np.testing.assert_allclose(ours[key], theirs[key], rtol=1e-5, err_msg=key)
