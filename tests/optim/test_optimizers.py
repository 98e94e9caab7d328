"""Optimizers: against scalar recurrences on every device, against PyTorch, and what they promise besides."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import minitorch
from minitorch import nn, optim
from minitorch.nn import Parameter
from tests.optim.recurrences import CASES
from tests.strict import counts, forbid, no_sync

RNG = np.random.default_rng(0)
GRADIENTS = RNG.standard_normal(8)


def numbers(tensor):
    return tensor.detach().cpu().numpy()


def parameter(values, device="cpu", gradient=None):
    p = Parameter(minitorch.tensor(values, device=device))
    if gradient is not None:
        p.grad = minitorch.tensor(gradient, device=device)
    return p


NAMES = [f"{kind.__name__}-{'-'.join(options)}" for kind, _, options in CASES]
KINDS = sorted({kind for kind, _, _ in CASES}, key=lambda kind: kind.__name__)


@pytest.mark.parametrize(("kind", "recurrence", "options"), CASES, ids=NAMES)
def test_steps_are_the_recurrence(device, kind, recurrence, options):
    start = np.array([0.5, -2.0])
    p = parameter(start, device)
    optimizer = kind([p], **options)
    for g in GRADIENTS:
        p.grad = minitorch.tensor([g, 3 * g], device=device)
        optimizer.step()
    expected = [recurrence(start[0], GRADIENTS, **options), recurrence(start[1], 3 * GRADIENTS, **options)]
    np.testing.assert_allclose(numbers(p), expected, rtol=1e-12)


def test_sgd_step_is_minus_lr_times_gradient_for_weights_and_biases(device):
    """F2, F8, F9."""
    layer = nn.Linear(2, 1).double().to(device)
    w, b = numbers(layer.weight).copy(), numbers(layer.bias).copy()
    layer(minitorch.tensor([[3.0, -1.0]], dtype=minitorch.float64, device=device)).sum().backward()
    optim.SGD(layer.parameters(), lr=0.5).step()
    np.testing.assert_allclose(numbers(layer.weight), w - 0.5 * np.array([[3.0, -1.0]]), rtol=1e-14)
    np.testing.assert_allclose(numbers(layer.bias), b - 0.5, rtol=1e-14)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_adam_first_step_is_lr_times_sign(size):
    p = parameter([0.0, 0.0], gradient=[size, -size])
    optim.Adam([p], lr=0.25, eps=0.0).step()
    np.testing.assert_allclose(numbers(p), [-0.25, 0.25], rtol=1e-6)


def test_adamw_decays_weights_without_a_gradient_of_their_own():
    p = parameter([2.0], gradient=[0.0])
    optim.AdamW([p], lr=0.1, weight_decay=0.5).step()
    assert p.item() == pytest.approx(2.0 * (1 - 0.1 * 0.5))


def test_centred_rmsprop_survives_a_constant_gradient():
    p = parameter([1.0, 1e-3])
    optimizer = optim.RMSprop([p], lr=1e-3, alpha=0.1, centered=True)
    for _ in range(50):
        p.grad = minitorch.tensor([0.6404226422309875, -2.32503080368042])  # rounding: v < mean²
        optimizer.step()
    assert np.isfinite(numbers(p)).all()


def test_averaged_descent_averages_from_its_start_time():
    p = parameter([1.0])
    optimizer, path = optim.ASGD([p], lr=0.1, lambd=0.0, t0=3), []
    for g in GRADIENTS:
        p.grad = minitorch.tensor([g], dtype=p.dtype)
        optimizer.step()
        path.append(p.item())
    assert optimizer.state[p]["ax"].item() == pytest.approx(np.mean(path[4:]))  # μ = 1, 1, 1, 1, 1, 1/2, 1/3, 1/4


def test_radam_moves_by_the_plain_momentum_at_first():
    p = parameter([0.0])
    optimizer = optim.RAdam([p], lr=0.1)
    for t in range(1, 8):
        p.grad = minitorch.tensor([8.0])
        optimizer.step()
        if t <= 5:  # ρ ≤ 5: as long as that, no division by √v
            assert p.item() == pytest.approx(-0.8 * t)
    assert p.item() > -0.8 * 7


def test_adadelta_step_does_not_depend_on_the_scale_of_the_gradient():
    p = parameter([0.0, 0.0], gradient=[1.0, 1e6])
    optim.Adadelta([p], eps=1e-12).step()
    np.testing.assert_allclose(numbers(p)[0], numbers(p)[1], rtol=1e-5)


# ---- what a step is, and is not --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_step_writes_in_place_and_enters_no_graph(kind):
    p = parameter([1.0, 2.0], gradient=[1.0, 1.0])
    array, version = p.value, p._version
    kind([p], lr=0.1).step()
    assert p.value is array
    assert p.is_leaf
    assert p.requires_grad
    assert p._version == version + 1


@pytest.mark.parametrize(("kind", "recurrence", "options"), CASES, ids=NAMES)
def test_step_changes_neither_the_gradient_nor_strangers(kind, recurrence, options):
    p, other = parameter([1.0], gradient=[0.5]), parameter([1.0])
    optimizer = kind([p, other], **options)
    for _ in range(3):
        optimizer.step()
    assert numbers(p.grad).tolist() == [0.5]
    assert numbers(other).tolist() == [1.0]
    assert other not in optimizer.state


@pytest.mark.parametrize(("kind", "recurrence", "options"), CASES, ids=NAMES)
@pytest.mark.parametrize("shape", [(3,), ()], ids=str)
def test_float32_stays_float32(kind, recurrence, options, shape):
    p = Parameter(minitorch.ones(shape))
    optimizer = kind([p], **{**options, "lr": np.float64(options["lr"])})
    for _ in range(2):
        p.grad = minitorch.ones(shape)
        optimizer.step()
    state = [v for v in optimizer.state[p].values() if isinstance(v, minitorch.Tensor)]
    assert all(t.dtype == minitorch.float32 and t.shape == shape for t in (p, *state))


@pytest.mark.parametrize(("kind", "recurrence", "options"), CASES, ids=NAMES)
def test_step_neither_waits_for_the_device_nor_uses_float64(kind, recurrence, options):
    p = parameter([1.0, 2.0], "strict")
    optimizer = kind([p], **options)
    with no_sync(), forbid("float64"):
        for _ in range(2):
            p.grad = p.detach() * 0.5
            optimizer.step()
            optimizer.zero_grad()


@pytest.mark.parametrize(("kind", "recurrence", "options"), CASES, ids=NAMES)
def test_step_on_a_second_device_stays_there(kind, recurrence, options):
    p = parameter([1.0, 2.0], "strict:1", gradient=[1.0, 1.0])
    optimizer = kind([p], **options)
    counts.clear()
    for _ in range(2):
        optimizer.step()
    assert counts["peer"] == 0  # nothing was computed on the first
    state = [v for v in optimizer.state[p].values() if isinstance(v, minitorch.Tensor)]
    assert {str(t.device) for t in (p, *state)} == {"strict:1"}


def test_a_step_between_forward_and_backward_is_noticed():
    layer = nn.Linear(2, 2)
    x = minitorch.ones(1, 2, requires_grad=True)
    y = layer(x).sum()
    layer.weight.grad = minitorch.ones(2, 2)
    optim.SGD(layer.parameters(), lr=0.1).step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()


@pytest.mark.parametrize("kind", KINDS)
def test_a_gradient_with_history_is_used_without_it(kind):
    p = parameter([2.0])
    (p**3).sum().backward(create_graph=True)
    kind([p], lr=0.1).step()
    assert p.is_leaf
    assert p.item() < 2.0
    p.grad = None


def test_step_returns_what_the_closure_returned():
    p = parameter([3.0])
    optimizer = optim.SGD([p], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    with minitorch.no_grad():
        assert optimizer.step(closure).item() == 9.0
    assert p.item() == pytest.approx(3.0 - 0.6)


@pytest.mark.parametrize("set_to_none", [True, False])
def test_zero_grad_forgets(set_to_none):
    p = parameter([1.0], gradient=[2.0])
    optim.SGD([p]).zero_grad(set_to_none)
    assert p.grad is None if set_to_none else p.grad.item() == 0.0


# ---- groups ----------------------------------------------------------------------------------------------------------


def test_groups_have_options_of_their_own():
    a, b, c = (parameter([1.0], gradient=[1.0]) for _ in range(3))
    optimizer = optim.SGD([{"params": a}, {"params": [b], "lr": 0.5}], lr=0.1)
    optimizer.add_param_group({"params": [c], "lr": 1.0, "maximize": True})
    optimizer.step()
    np.testing.assert_allclose([p.item() for p in (a, b, c)], [0.9, 0.5, 2.0], rtol=1e-6)


def test_parameters_may_come_with_names():
    layer = nn.Linear(1, 1)
    optimizer = optim.SGD(layer.named_parameters())
    assert optimizer.param_groups[0]["param_names"] == ["weight", "bias"]
    with pytest.raises(ValueError, match="with/without names"):
        optim.SGD([("weight", layer.weight), layer.bias])


def test_the_dictionary_of_a_group_is_left_as_it_was():
    group = {"params": [parameter([1.0])]}
    optim.SGD([group], lr=0.1)
    assert list(group) == ["params"]


WRONG = [
    (lambda p: optim.SGD(p), TypeError, "should be an iterable of Tensors or dicts, but got Parameter"),
    (lambda p: optim.SGD([]), ValueError, "optimizer got an empty parameter list"),
    (lambda p: optim.SGD([3.0]), TypeError, "optimizer can only optimize Tensors, but one of the params is float"),
    (lambda p: optim.SGD([p * 2]), ValueError, "can't optimize a non-leaf Tensor"),
    (lambda p: optim.SGD([p, p]), ValueError, "duplicate parameters"),
    (
        lambda p: optim.SGD([{"params": p}, {"params": p}]),
        ValueError,
        "some parameters appear in more than one parameter group",
    ),
    (
        lambda p: optim.SGD([{"params": {p}}]),
        TypeError,
        "optimizer parameters need to be organized in ordered collections",
    ),
    (lambda p: optim.SGD([p]).add_param_group([p]), TypeError, "param_group must be a dict, but got <class 'list'>"),
    (lambda p: optim.SGD([p], lr=-1), ValueError, "Invalid learning rate: -1"),
    (lambda p: optim.SGD([p], lr=float("nan")), ValueError, "Invalid learning rate: nan"),
    (lambda p: optim.SGD([p], momentum=-1), ValueError, "Invalid momentum value: -1"),
    (lambda p: optim.SGD([p], weight_decay=-1), ValueError, "Invalid weight_decay value: -1"),
    (lambda p: optim.SGD([p], nesterov=True), ValueError, "Nesterov momentum requires a momentum and zero dampening"),
    (lambda p: optim.Adam([p], betas=(1.0, 0.9)), ValueError, "Invalid beta parameter at index 0: 1.0"),
    (lambda p: optim.AdamW([p], betas=(0.9, -0.1)), ValueError, "Invalid beta parameter at index 1: -0.1"),
    (lambda p: optim.Adam([p], eps=-1), ValueError, "Invalid epsilon value: -1"),
    (lambda p: optim.RMSprop([p], alpha=-1), ValueError, "Invalid alpha value: -1"),
    (lambda p: optim.Adagrad([p], lr_decay=-1), ValueError, "Invalid lr_decay value: -1"),
    (lambda p: optim.Adadelta([p], rho=2), ValueError, "Invalid rho value: 2"),
    (lambda p: optim.ASGD([p], lr=-1), ValueError, "Invalid learning rate: -1"),
    (lambda p: optim.Rprop([p], etas=(1.5, 2)), ValueError, "Invalid eta values: 1.5, 2"),
    (lambda p: optim.Adamax([p], betas=(1.0, 0.9)), ValueError, "Invalid beta parameter at index 0: 1.0"),
    (lambda p: optim.NAdam([p], momentum_decay=-1), ValueError, "Invalid momentum_decay value: -1"),
    (lambda p: optim.RAdam([p], eps=-1), ValueError, "Invalid epsilon value: -1"),
]


@pytest.mark.parametrize(("call", "error", "text"), WRONG, ids=[text for _, _, text in WRONG])
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error) as caught:
        call(parameter([1.0]))
    assert text in str(caught.value)


def test_an_optimizer_without_an_update_says_so():
    with pytest.raises(NotImplementedError, match="Optimizer has neither an `update` nor a `step`"):
        optim.Optimizer([parameter([1.0], gradient=[1.0])], {"maximize": False}).step()


def test_optimizer_prints_as_pytorch_prints_it():
    text = repr(optim.SGD([parameter([1.0])], lr=0.1))
    assert text.splitlines()[:4] == ["SGD (", "Parameter Group 0", "    dampening: 0", "    lr: 0.1"]


@pytest.mark.parametrize("kind", KINDS)
def test_how_to_compute_is_accepted_and_changes_nothing(kind):
    p, q = parameter([1.0], gradient=[0.5]), parameter([1.0], gradient=[0.5])
    kind([p]).step()
    kind([q], foreach=True, fused=False, capturable=False, differentiable=False).step()
    assert p.item() == q.item()
    with pytest.raises(TypeError, match="got an unexpected keyword argument 'momentun'"):
        kind([p], momentun=0.9)
    with pytest.raises(NotImplementedError, match=f"{kind.__name__}: differentiable=True"):
        kind([p], differentiable=True)


def test_adam_with_decoupled_decay_is_adamw():
    p, q = parameter([1.0, 2.0]), parameter([1.0, 2.0])
    for optimizer in (
        optim.Adam([p], weight_decay=0.1, decoupled_weight_decay=True),
        optim.AdamW([q], weight_decay=0.1),
    ):
        for g in GRADIENTS:
            optimizer.param_groups[0]["params"][0].grad = minitorch.tensor([g, -g], dtype=minitorch.float32)
            optimizer.step()
    assert numbers(p).tolist() == numbers(q).tolist()


# ---- state -----------------------------------------------------------------------------------------------------------


def train(p, optimizer, gradients):
    for g in gradients:
        p.grad = minitorch.tensor([g, 3 * g, 0.1], device=p.device)
        optimizer.step()


@pytest.mark.parametrize(("kind", "recurrence", "options"), CASES, ids=NAMES)
def test_a_reloaded_state_continues_exactly(device, kind, recurrence, options):
    p = parameter(np.array([1.0, 2.0, 3.0]), device)
    optimizer = kind([p], **options)
    train(p, optimizer, GRADIENTS[:4])
    q, state = parameter(numbers(p), device), copy.deepcopy(optimizer.state_dict())
    train(p, optimizer, GRADIENTS[4:])
    again = kind([q], lr=77.0)
    again.load_state_dict(state)
    train(q, again, GRADIENTS[4:])
    assert numbers(q).tolist() == numbers(p).tolist()


def test_loading_copies_the_state():
    p, q = parameter([1.0], gradient=[1.0]), parameter([1.0])
    first, second = optim.Adam([p]), optim.Adam([q])
    first.step()
    first.state[p]["history"] = [1]
    second.load_state_dict(first.state_dict())
    first.step()
    first.state[p]["history"].append(2)
    assert second.state[q]["step"] == 1
    assert second.state[q]["history"] == [1]
    assert second.state[q]["exp_avg"].item() == pytest.approx(0.1)


def test_loading_moves_the_state_to_the_device_of_its_parameter(device):
    p, q = parameter([1.0], gradient=[1.0]), parameter([1.0], device)
    first, second = optim.Adam([p]), optim.Adam([q])
    first.step()
    second.load_state_dict(first.state_dict())
    assert second.state[q]["exp_avg"].device == q.device


def test_a_checkpoint_file_continues_exactly(tmp_path):
    def build():
        minitorch.manual_seed(1)
        net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
        optimizer = optim.AdamW(net.parameters(), lr=0.1)
        return net, optimizer, optim.lr_scheduler.StepLR(optimizer, 2)

    def train(net, optimizer, scheduler, steps):
        for _ in range(steps):
            optimizer.zero_grad()
            (net(x) ** 2).mean().backward()
            optimizer.step()
            scheduler.step()

    x = minitorch.randn(8, 3)
    whole, first, second = build(), build(), build()
    train(*whole, 7)
    train(*first, 3)
    minitorch.save([part.state_dict() for part in first], tmp_path / "run.ckpt")
    for part, state in zip(second, minitorch.load(tmp_path / "run.ckpt"), strict=True):
        part.load_state_dict(state)
    train(*second, 4)
    for a, b in zip(whole[0].parameters(), second[0].parameters(), strict=True):
        assert numbers(a).tolist() == numbers(b).tolist()


def test_loading_a_state_of_another_shape_is_refused():
    one, two = optim.SGD([parameter([1.0])]), optim.SGD([parameter([1.0]), parameter([1.0])])
    three = optim.SGD([{"params": parameter([1.0])}, {"params": parameter([1.0])}])
    with pytest.raises(ValueError, match="doesn't match the size of optimizer's group"):
        one.load_state_dict(two.state_dict())
    with pytest.raises(ValueError, match="loaded state dict has a different number of parameter groups"):
        one.load_state_dict(three.state_dict())


# ---- the same steps as PyTorch ---------------------------------------------------------------------------------------


@pytest.fixture
def exact(oracle):
    """PyTorch, keeping the numbers of its states in float64."""
    before = oracle.get_default_dtype()
    oracle.set_default_dtype(oracle.float64)
    yield oracle
    oracle.set_default_dtype(before)


MATRICES = [
    (optim.Adafactor, {"lr": 0.1}),
    (optim.Adafactor, {"lr": 0.5, "beta2_decay": -0.5, "eps": (1e-3, 0.1), "d": 2.0, "weight_decay": 0.1}),
]


ALL = [(kind, options) for kind, _, options in CASES] + MATRICES


@pytest.mark.parametrize(("kind", "options"), ALL, ids=[*NAMES, "Adafactor", "Adafactor-options"])
def test_ten_steps_and_a_reloaded_state_equal_pytorchs(exact, kind, options):
    start, x = [RNG.standard_normal(s) for s in ((4, 3), (4,), (1, 4), (1,))], RNG.standard_normal((10, 6, 3))

    def run(torch):
        net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)).double()
        net.load_state_dict({key: torch.tensor(v) for key, v in zip(net.state_dict(), start, strict=True)})
        make = getattr(torch.optim, kind.__name__)
        optimizer = make(net.parameters(), **options)
        for t in range(10):
            if t == 5:
                state = copy.deepcopy(optimizer.state_dict())
                optimizer = make(net.parameters(), lr=1.0)
                optimizer.load_state_dict(state)
            optimizer.zero_grad()
            (net(torch.tensor(x[t])) ** 2).mean().backward()
            optimizer.step()
        return [p.detach().numpy() for p in net.parameters()], optimizer.state_dict()

    (ours, our_state), (theirs, their_state) = run(minitorch), run(exact)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-10)
    assert our_state["state"].keys() == their_state["state"].keys()
    for number, entries in our_state["state"].items():
        for key, value in entries.items():
            np.testing.assert_allclose(
                np.asarray(value), np.asarray(their_state["state"][number][key]), rtol=1e-7, atol=1e-10
            )


def test_a_state_of_pytorchs_loads(oracle):
    theirs = oracle.nn.Parameter(oracle.tensor([1.0, 2.0]))
    their = oracle.optim.Adam([theirs], lr=0.1)
    theirs.grad = oracle.tensor([0.5, -1.0])
    their.step()
    ours = parameter(theirs.detach().numpy(), gradient=np.array([0.5, -1.0], np.float32))
    our = optim.Adam([ours], lr=0.1)
    state = their.state_dict()
    converted = {0: {key: minitorch.tensor(value.numpy()) for key, value in state["state"][0].items()}}
    our.load_state_dict({"state": converted, "param_groups": state["param_groups"]})
    our.step()
    their.step()
    np.testing.assert_allclose(numbers(ours), theirs.detach().numpy(), rtol=1e-6)
