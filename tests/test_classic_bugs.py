"""The thirty-five classic bugs of small engines, each a test that fails where the bug is.

The numbers are those of the list of bugs in the book's museum.  Nothing is left out.
"""

from __future__ import annotations

import gc
import threading
import warnings
import weakref

import numpy as np
import pytest

import minitorch
import minitorch.nn.functional as F
from minitorch import nn, optim, tensor
from minitorch.autograd import grad, gradcheck


def leaf(*numbers, dtype=minitorch.float64):
    return tensor(list(numbers), dtype=dtype, requires_grad=True)


def randn(*shape):
    rng = np.random.default_rng(sum(shape) + len(shape))
    return tensor(rng.standard_normal(shape), requires_grad=True)


# ---- the walk --------------------------------------------------------------------------------------------------------


def test_01_recursion_in_the_topological_sort():
    x = y = leaf(1.0)
    for _ in range(5_000):
        y = y + x
    y.sum().backward()
    assert x.grad.item() == 5_001.0


def test_02_path_explosion_without_a_topological_sort():
    x = y = leaf(1.0)
    for _ in range(60):
        y = y + y
    y.sum().backward()
    assert x.grad.item() == 2.0**60


def test_03_assigning_instead_of_adding():
    x = leaf(3.0)
    (x * x + x).sum().backward()
    assert x.grad.item() == 7.0
    (x * 1).sum().backward()
    assert x.grad.item() == 8.0


def test_04_inner_gradients_that_survive_into_the_second_backward():
    x = leaf(2.0)
    a = x * x
    y = (a * 3).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 24.0


def test_05_one_gradient_shared_by_two_inputs_then_added_to_in_place():
    a, b = leaf(1.0), leaf(2.0)
    y = a + b
    (y + a).sum().backward()
    assert (a.grad.item(), b.grad.item()) == (2.0, 1.0)
    a.grad.add_(100.0)
    assert b.grad.item() == 1.0


def test_06_adding_in_place_into_a_broadcast_view():
    x = leaf(1.0, 2.0, 3.0)
    (x.sum() + (x * x).sum()).backward()
    (x.sum()).backward()
    assert x.grad.tolist() == [4.0, 6.0, 8.0]
    assert x.grad.value.flags.writeable


@pytest.mark.parametrize(
    ("shape", "other"), [((3, 1), (4,)), ((1, 4), (3, 4)), ((1,), (2, 3, 4)), ((), (3,)), ((2, 1, 1), (3, 4))]
)
def test_07_unbroadcast_misses_axes_of_size_one_or_new_ones(shape, other):
    a, b = randn(*shape), randn(*other)
    assert gradcheck(lambda a, b: a * b, (a, b))
    (a + b).sum().backward()
    assert a.grad.shape == shape
    assert b.grad.shape == other


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((3,), (3,)),
        ((3,), (3, 2)),
        ((2, 3), (3,)),
        ((3,), (4, 3, 2)),
        ((4, 2, 3), (3,)),
        ((5, 1, 2, 3), (4, 3, 2)),
        ((2, 3), (4, 3, 2)),
    ],
)
def test_08_matmul_of_vectors_and_broadcast_batches(a, b):
    x, y = randn(*a), randn(*b)
    np.testing.assert_allclose((x @ y).detach().numpy(), x.detach().numpy() @ y.detach().numpy())
    assert gradcheck(lambda x, y: x @ y, (x, y))


def test_09_duplicate_indices_overwrite_instead_of_adding():
    x = leaf(1.0, 2.0, 3.0)
    x[[0, 0, 2]].sum().backward()
    assert x.grad.tolist() == [2.0, 0.0, 1.0]
    w = randn(4, 2)
    F.embedding(tensor([1, 1, 3]), w).sum().backward()
    assert w.grad.tolist() == [[0, 0], [2, 2], [0, 0], [1, 1]]
    x.grad = None
    minitorch.gather(x, 0, tensor([1, 1, 1])).sum().backward()
    assert x.grad.tolist() == [0.0, 3.0, 0.0]


def test_10_array_times_tensor_becomes_an_array_of_objects():
    x, a = leaf(1.0, 2.0, 3.0), np.array([4.0, 5.0, 6.0])
    y = a * x
    assert type(y) is minitorch.Tensor
    y.sum().backward()
    assert x.grad.tolist() == [4.0, 5.0, 6.0]
    assert type(np.float64(2.0) * x) is minitorch.Tensor


# ---- edges of functions ----------------------------------------------------------------------------------------------


def test_11_power_at_zero():
    for exponent, slope in ((2, 0.0), (1, 1.0), (0, 0.0), (2.0, 0.0), (3.0, 0.0)):
        x = leaf(0.0)
        (x**exponent).sum().backward()
        assert x.grad.item() == slope
    x, n = leaf(0.0, 0.0), leaf(2.0, 0.0)
    (x**n).sum().backward()
    assert x.grad.tolist() == [0.0, 0.0]
    assert n.grad.tolist() == [0.0, 0.0]
    assert (leaf(0.0) ** -1).item() == np.inf


def test_12_nan_leaks_from_the_branch_that_was_not_taken():
    x = leaf(0.0, 4.0)
    minitorch.where(x > 0, x.clamp(min=1e-30).sqrt(), minitorch.zeros_like(x)).sum().backward()
    assert x.grad.tolist() == [0.0, 0.25]
    x = leaf(0.0, 0.0)
    x.norm().backward()
    assert x.grad.tolist() == [0.0, 0.0]
    x = leaf(0.0, 3.0)
    minitorch.where(x > 0, x, x.detach() / 0).sum().backward()
    assert x.grad.tolist() == [0.0, 1.0]


def test_13_ties_of_max_and_min():
    for name in ("max", "min"):
        x = leaf(3.0, 3.0, 3.0) if name == "min" else leaf(1.0, 3.0, 3.0)
        getattr(x, name)().backward()
        assert x.grad.tolist() == ([1 / 3] * 3 if name == "min" else [0.0, 0.5, 0.5])  # shared evenly, as in PyTorch
        x.grad = None
        values, index = getattr(x, name)(0)  # one index takes all
        values.backward()
        assert x.grad.tolist() == np.eye(3)[index.item()].tolist()
    x = leaf(2.0)
    minitorch.maximum(x, x).sum().backward()
    assert x.grad.item() == 1.0


def test_14_max_pooling_pads_with_minus_infinity_not_zero():
    x = -minitorch.ones(1, 1, 2, 2, dtype=minitorch.float64)
    x.requires_grad_()
    y = F.max_pool2d(x, 2, stride=2, padding=1)
    assert y.tolist() == [[[[-1.0, -1.0], [-1.0, -1.0]]]]
    y.sum().backward()
    assert x.grad.tolist() == [[[[1.0, 1.0], [1.0, 1.0]]]]


def test_15_overlapping_windows_overwrite_instead_of_adding():
    x = tensor([[[1.0, 5.0, 2.0]]], dtype=minitorch.float64, requires_grad=True)
    F.max_pool1d(x, 2, stride=1).sum().backward()
    assert x.grad.tolist() == [[[0.0, 2.0, 0.0]]]
    x.grad = None
    F.avg_pool1d(x, 2, stride=1).sum().backward()
    assert x.grad.tolist() == [[[0.5, 1.0, 0.5]]]


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "dilation"),
    [(6, 3, 2, 0, 1), (7, 2, 3, 0, 1), (8, 3, 3, 1, 1), (9, 3, 4, 1, 2)],
)
def test_16_convolution_whose_stride_does_not_divide(size, kernel, stride, padding, dilation):
    x, w = randn(1, 2, size), randn(3, 2, kernel)
    y = F.conv1d(x, w, stride=stride, padding=padding, dilation=dilation)
    assert y.shape[-1] == (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    y.sum().backward()
    assert x.grad.shape == x.shape
    assert gradcheck(lambda x, w: F.conv1d(x, w, stride=stride, padding=padding, dilation=dilation), (x, w))


def test_17_permutations_that_are_not_their_own_inverse_and_negative_axes():
    x = randn(2, 3, 4)
    for f in (
        lambda x: x.permute(1, 2, 0),
        lambda x: x.permute(-1, 0, -2),
        lambda x: x.transpose(-1, 0),
        lambda x: x.movedim(0, -1),
    ):
        assert gradcheck(f, (x,))


def test_18_mean_over_several_axes_counts_them_all():
    x = randn(2, 3, 4)
    for dim in ((0, 2), (0, -1), (-1, -2), None, 1):
        for keepdim in (False, True):
            y = x.mean(dim, keepdim=keepdim)
            np.testing.assert_allclose(y.detach().numpy(), x.detach().numpy().mean(dim, keepdims=keepdim))
            (g,) = grad(y.sum(), x)
            np.testing.assert_allclose(g.numpy(), y.numel() / 24)


# ---- types -----------------------------------------------------------------------------------------------------------


def test_19_numpys_scalars_replace_zero_dimensional_arrays():
    x = leaf(1.0, 2.0)
    for y in (x.sum(), x.max(), x[0], x @ x, x.sum() * 2, x.mean() ** 2, x.norm()):
        assert type(y.value) is np.ndarray
    x.sum().backward()
    (x * x).sum().backward()
    assert type(x.grad.value) is np.ndarray
    s = leaf(1.0)[0] * 1
    s.add_(1)  # which a NumPy scalar could not


def test_20_float32_becomes_float64():
    x = minitorch.ones(3, requires_grad=True)
    for y in (
        (x * 2 + 1) / 3, x * np.float64(2.0), np.float64(2.0) * x, x**0.5, 2.0**x, x * tensor(2.0, dtype=minitorch.float64), x.mean(), x.var(),
        x + minitorch.rand(3), x * minitorch.ones(3), x * minitorch.randn(3), x.sum() * 2, x / 3, x.sigmoid(), F.gelu(x), x.std() * x.norm(),
        x * tensor(np.float32(2)), x + minitorch.arange(3), x * (x > 0), F.dropout(x, 0.5), F.softmax(x, 0), F.layer_norm(x, (3,)),
    ):  # fmt: skip
        assert y.dtype == minitorch.float32
        (g,) = grad(y.sum(), x)
        assert g.dtype == minitorch.float32


def test_21_integer_tensor_that_requires_grad():
    with pytest.raises(RuntimeError, match="(?i)only tensors of floating point"):
        tensor([1, 2], requires_grad=True)
    x, i = leaf(1.0, 2.0), tensor([1, 2])
    (x * i).sum().backward()
    assert i.grad is None


def test_22_gradient_of_another_type_than_the_data():
    for dtype in (minitorch.float16, minitorch.float32, minitorch.float64):
        x = minitorch.ones(2, dtype=dtype, requires_grad=True)
        (x * minitorch.ones(2, dtype=minitorch.float64) * np.ones(2)).sum().backward()
        assert x.grad.dtype == dtype


# ---- life and state --------------------------------------------------------------------------------------------------


def test_23_reference_cycles_by_closures():
    gc.collect()
    gc.disable()
    try:
        x = leaf(1.0)
        y = ((x * x).exp() + x).sum()
        dead = weakref.ref(y.grad_fn)
        y.backward()
        del y
        assert dead() is None
    finally:
        gc.enable()


def test_24_logging_the_loss_keeps_every_graph():
    x, log, dead = leaf(1.0), [], []
    gc.disable()
    try:
        for _ in range(3):
            loss = (x * x).sum()
            dead.append(weakref.ref(loss.grad_fn))
            log.append(loss.item())  # a number: `log.append(loss)` would keep the graph
        del loss
        assert [ref() for ref in dead] == [None] * 3
        kept = (x * x).sum()
        dead = weakref.ref(kept.grad_fn)
        log.append(kept.detach())
        del kept
        assert dead() is None
    finally:
        gc.enable()


def test_25_state_poisoned_by_an_exception_and_shared_by_threads():
    with pytest.raises(ZeroDivisionError), minitorch.no_grad():
        1 / 0
    assert minitorch.is_grad_enabled()
    x, seen = leaf(1.0), []
    y = x * 1
    y.register_hook(lambda g: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        y.sum().backward()
    assert (x * 2).requires_grad
    with minitorch.no_grad():
        thread = threading.Thread(target=lambda: seen.append((x * 2).requires_grad))
        thread.start()
        thread.join()
    assert seen == [True]


def test_26_saved_array_that_was_changed():
    x = leaf(1.0, 2.0)
    a = x * 1
    y = (a * a).sum()
    a.mul_(10)
    with pytest.raises(RuntimeError, match="has been modified by an inplace operation"):
        y.backward()


# ---- layers and losses -----------------------------------------------------------------------------------------------


def test_27_batch_norm_running_variance_batch_of_one_and_evaluation():
    x = minitorch.randn(8, 3, dtype=minitorch.float64)
    norm = nn.BatchNorm1d(3, momentum=1.0, dtype=minitorch.float64)
    y = norm(x)
    np.testing.assert_allclose(y.detach().numpy().var(0), 1.0, rtol=1e-4)  # normalised by the biased variance
    np.testing.assert_allclose(norm.running_var.numpy(), x.numpy().var(0, ddof=1))  # and remembers the unbiased one
    np.testing.assert_allclose(norm.running_mean.numpy(), x.numpy().mean(0))
    norm.eval()
    before = norm.running_var.clone()
    np.testing.assert_allclose(
        norm(x[:1]).detach().numpy(), (x[:1].numpy() - x.numpy().mean(0)) / np.sqrt(x.numpy().var(0, ddof=1) + norm.eps)
    )
    assert norm.running_var.tolist() == before.tolist()
    norm.train()
    with pytest.raises(ValueError, match="Expected more than 1 value per channel when training"):
        norm(x[:1])


def test_28_dropout_scales_while_training_and_does_nothing_after():
    x = minitorch.ones(10_000)
    y = F.dropout(x, 0.25)
    kept = y.numpy()[y.numpy() > 0]
    np.testing.assert_allclose(kept, 4 / 3, rtol=1e-6)
    assert abs(y.mean().item() - 1) < 0.05
    assert F.dropout(x, 0.25, training=False).tolist() == x.tolist()
    assert nn.Dropout(0.5).eval()(x).tolist() == x.tolist()
    assert F.dropout(x, 1.0).tolist() == [0.0] * 10_000


def test_29_cross_entropy_with_every_label_ignored_and_with_large_logits():
    x = randn(2, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss = F.cross_entropy(x, tensor([-100, -100]))
    assert np.isnan(loss.item())  # 0 / 0, as in PyTorch
    total = F.cross_entropy(x, tensor([-100, 1]), reduction="sum")
    assert total.item() == pytest.approx(F.cross_entropy(x[1:], tensor([1])).item())
    large = tensor([[1000.0, -1000.0]], dtype=minitorch.float64, requires_grad=True)
    for label, value in ((0, 0.0), (1, 2000.0)):
        loss = F.cross_entropy(large, tensor([label]))
        assert loss.item() == value
        assert np.isfinite(grad(loss, large)[0].numpy()).all()


# ---- optimizers ------------------------------------------------------------------------------------------------------


def test_30_adam_epsilon_outside_the_root_decay_decoupled_and_steps_counted():
    p = leaf(1.0)
    p.grad = tensor([1e-3], dtype=minitorch.float64)
    optim.Adam([p], lr=0.1, eps=1e-3).step()
    assert p.item() == pytest.approx(1 - 0.1 * 1e-3 / (1e-3 + 1e-3))  # eps is added to the root, after bias correction
    p = leaf(1.0)
    p.grad = minitorch.zeros(1, dtype=minitorch.float64)
    optim.AdamW([p], lr=0.1, weight_decay=0.5).step()
    assert p.item() == pytest.approx(1 - 0.1 * 0.5)  # the decay is no part of the gradient
    a, b = leaf(1.0), leaf(1.0)
    optimizer = optim.Adam([{"params": [a]}, {"params": [b]}], lr=0.1)
    for step in range(3):
        a.grad = minitorch.ones(1, dtype=minitorch.float64)
        b.grad = minitorch.ones(1, dtype=minitorch.float64) if step == 2 else None
        optimizer.step()
    assert b.item() == pytest.approx(0.9)  # its first step, whatever the others have done


def test_31_optimizer_step_makes_parameters_part_of_the_graph_or_breaks_views():
    p = leaf(1.0, 2.0)
    view, memory = p.detach()[:1], p.value
    (p * p).sum().backward()
    for optimizer in (optim.SGD([p], lr=0.1, momentum=0.9), optim.Adam([p], lr=0.1)):
        optimizer.step()
        assert p.is_leaf
        assert p.grad_fn is None
        assert p.value is memory
        assert view.item() == p[0].item()
        assert not p.grad.requires_grad


def test_32_shared_parameter_stepped_twice():
    shared = nn.Linear(1, 1, bias=False, dtype=minitorch.float64)
    model = nn.Sequential(shared, shared)
    assert len(list(model.parameters())) == 1
    before = shared.weight.item()
    model(minitorch.ones(1, 1, dtype=minitorch.float64)).sum().backward()
    optim.SGD(model.parameters(), lr=0.1).step()
    assert shared.weight.item() == pytest.approx(before - 0.1 * 2 * before)


def test_33_state_dict_aliases_live_weights_and_copies_do_not():
    import copy

    model = nn.Linear(2, 2)
    live, saved = model.state_dict(), copy.deepcopy(model.state_dict())
    with minitorch.no_grad():
        model.weight.zero_()
    assert live["weight"].tolist() == [[0.0, 0.0], [0.0, 0.0]]  # as in PyTorch: say deepcopy to keep them
    assert not live["weight"].requires_grad
    assert saved["weight"].tolist() != live["weight"].tolist()
    model.load_state_dict(saved)
    with minitorch.no_grad():
        model.weight.fill_(5.0)
    assert saved["weight"].tolist() != model.weight.tolist()  # loading copies


# ---- data and devices ------------------------------------------------------------------------------------------------


def test_34_dataset_that_is_missing_says_so_and_touches_no_network(tmp_path):
    from minitorch.vision.datasets import MNIST

    with pytest.raises(RuntimeError, match="(?i)not found.*download=True"):
        MNIST(str(tmp_path), download=False)
    assert list(tmp_path.iterdir()) == []


def test_35_devices_mixed():
    a, b = minitorch.ones(2), minitorch.ones(2, device="strict:0")
    for f in (
        lambda: a + b,
        lambda: b * a,
        lambda: a @ b,
        lambda: minitorch.cat([a, b]),
        lambda: b + minitorch.ones(2, device="strict:1"),
    ):
        with pytest.raises(RuntimeError, match="Expected all tensors to be on the same device") as error:
            f()
        assert ".to(" in str(error.value)
    assert (a.to("strict:0") + b).device == b.device
