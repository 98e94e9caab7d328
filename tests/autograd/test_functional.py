"""`autograd.functional`: products with the Jacobian, Jacobian and Hessian, against closed forms and PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import tensor
from minitorch.autograd import functional as fa
from minitorch.autograd import grad

RNG = np.random.default_rng(0)
A = RNG.standard_normal((3, 4))
X = RNG.standard_normal(4)


def array(x):
    return x.detach().numpy()


def softmax_like(x):
    e = x.exp()
    return e / e.sum()


def jacobian_of_softmax(x):
    p = np.exp(x) / np.exp(x).sum()
    return np.diag(p) - np.outer(p, p)


def test_vjp_of_a_linear_map_is_its_transpose():
    v = RNG.standard_normal(3)
    y, g = fa.vjp(lambda x: tensor(A) @ x, tensor(X), tensor(v))
    np.testing.assert_allclose(array(y), A @ X)
    np.testing.assert_allclose(array(g), A.T @ v)
    assert not y.requires_grad
    assert not g.requires_grad


def test_jvp_of_a_linear_map_is_the_map():
    v = RNG.standard_normal(4)
    y, t = fa.jvp(lambda x: tensor(A) @ x, tensor(X), tensor(v))
    np.testing.assert_allclose(array(y), A @ X)
    np.testing.assert_allclose(array(t), A @ v)


def test_jacobian_of_softmax():
    np.testing.assert_allclose(array(fa.jacobian(softmax_like, tensor(X))), jacobian_of_softmax(X), atol=1e-14)


def test_jvp_and_vjp_are_products_with_the_jacobian():
    v = RNG.standard_normal(4)
    J = jacobian_of_softmax(X)
    np.testing.assert_allclose(array(fa.jvp(softmax_like, tensor(X), tensor(v))[1]), J @ v, atol=1e-14)
    np.testing.assert_allclose(array(fa.vjp(softmax_like, tensor(X), tensor(v))[1]), J.T @ v, atol=1e-14)


def test_jacobian_has_the_shape_of_output_then_input():
    x = tensor(RNG.standard_normal((2, 3)))
    J = fa.jacobian(lambda x: x.sum(0) ** 2, x)
    assert J.shape == (3, 2, 3)
    expected = np.zeros((3, 2, 3))
    for j in range(3):
        expected[j, :, j] = 2 * array(x).sum(0)[j]
    np.testing.assert_allclose(array(J), expected)
    assert fa.jacobian(lambda x: x.sum(), x).shape == (2, 3)


def test_jacobian_of_several_inputs_and_outputs_is_a_table():
    a, b = tensor(X[:2]), tensor(X[2:])
    table = fa.jacobian(lambda a, b: (a * b, a.sum()), (a, b))
    np.testing.assert_allclose(array(table[0][0]), np.diag(X[2:]))
    np.testing.assert_allclose(array(table[0][1]), np.diag(X[:2]))
    np.testing.assert_allclose(array(table[1][0]), np.ones(2))
    np.testing.assert_allclose(array(table[1][1]), np.zeros(2))


def test_hessian_of_a_quadratic_form_is_its_symmetric_part():
    B = RNG.standard_normal((4, 4))
    H = fa.hessian(lambda x: x @ tensor(B) @ x, tensor(X))
    np.testing.assert_allclose(array(H), B + B.T)


def test_hessian_of_rosenbrock():
    x, y = -0.7, 1.3
    H = fa.hessian(lambda p: (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2, tensor([x, y], dtype=minitorch.float64))
    np.testing.assert_allclose(array(H), [[2 - 400 * (y - 3 * x**2), -400 * x], [-400 * x, 200]])


def test_hessian_of_several_inputs():
    a, b = tensor(2.0, dtype=minitorch.float64), tensor(3.0, dtype=minitorch.float64)
    H = fa.hessian(lambda a, b: a * a * b, (a, b))
    assert [[h.item() for h in row] for row in H] == [[6.0, 4.0], [4.0, 0.0]]


@pytest.mark.parametrize("product", [fa.hvp, fa.vhp])
def test_products_with_the_hessian(product):
    v = RNG.standard_normal(4)

    def f(x):
        return (x.sin() * x.prod()).sum()

    y, g = product(f, tensor(X), tensor(v))
    H = array(fa.hessian(f, tensor(X)))
    np.testing.assert_allclose(array(g), H @ v, rtol=1e-10)
    np.testing.assert_allclose(y.item(), (np.sin(X) * X.prod()).sum())


def test_vector_may_be_left_out_where_there_is_one_number():
    x = tensor(0.5, dtype=minitorch.float64)
    assert fa.vjp(lambda x: x.exp(), x)[1].item() == pytest.approx(np.exp(0.5))
    assert fa.jvp(lambda x: x.exp(), x)[1].item() == pytest.approx(np.exp(0.5))
    assert fa.hvp(lambda x: x.exp(), x)[1].item() == pytest.approx(np.exp(0.5))
    with pytest.raises(RuntimeError, match="v can only be None"):
        fa.vjp(lambda x: x * 2, tensor(X))
    with pytest.raises(RuntimeError, match="v has shapes"):
        fa.vjp(lambda x: x * 2, tensor(X), tensor(X[:2]))


def test_inputs_keep_their_state():
    x = tensor(X, requires_grad=True)
    fa.jacobian(softmax_like, x)
    fa.hessian(lambda x: (x**3).sum(), x)
    assert x.grad is None
    assert x.requires_grad
    c = tensor(X)
    fa.vjp(softmax_like, c, tensor(X))
    assert not c.requires_grad


def test_under_create_graph_results_are_differentiable():
    x = tensor(X, requires_grad=True)
    J = fa.jacobian(lambda x: x**3, x, create_graph=True)
    np.testing.assert_allclose(array(grad(J.sum(), x)[0]), 6 * X)
    H = fa.hessian(lambda x: (x**3).sum(), x, create_graph=True)
    np.testing.assert_allclose(array(grad(H.sum(), x)[0]), np.full(4, 6.0))
    _, t = fa.jvp(lambda x: x**3, x, tensor(np.ones(4)), create_graph=True)
    np.testing.assert_allclose(array(grad(t.sum(), x)[0]), 6 * X)


def test_works_under_no_grad():
    with minitorch.no_grad():
        np.testing.assert_allclose(array(fa.jacobian(lambda x: x**2, tensor(X))), np.diag(2 * X))


def test_output_that_does_not_depend_gives_zeros_and_in_strict_mode_raises():
    a, b = tensor(X[:2]), tensor(X[2:])

    def constant(a):
        return minitorch.ones(3, dtype=minitorch.float64)

    assert fa.jacobian(constant, a).tolist() == np.zeros((3, 2)).tolist()
    assert fa.jacobian(lambda a, b: a * 2, (a, b))[1].tolist() == np.zeros((2, 2)).tolist()
    for f in (fa.jacobian, lambda *args, **options: fa.vjp(*args, tensor(np.ones(3)), **options)):
        with pytest.raises(RuntimeError, match="Output 0 of the user-provided function does not require gradients"):
            f(constant, a, strict=True)
    with pytest.raises(RuntimeError, match="is independent of input 1"):
        fa.jacobian(lambda a, b: a * 2, (a, b), strict=True)


def test_wrong_inputs_and_outputs_are_named():
    with pytest.raises(TypeError, match="The inputs given to jacobian must be either a Tensor or a tuple of Tensors"):
        fa.jacobian(lambda x: x, (tensor(X), 2.0))
    with pytest.raises(TypeError, match="The outputs of the user-provided function given to vjp must be"):
        fa.vjp(lambda x: (x, 2.0), tensor(X))
    with pytest.raises(RuntimeError, match="should contain a single element"):
        fa.hessian(lambda x: x * 2, tensor(X))


@pytest.mark.parametrize("name", ["jacobian", "hessian", "vjp", "jvp", "hvp", "vhp"])
def test_agrees_with_pytorch(name, oracle):
    B = RNG.standard_normal((2, 3))
    v = {"vjp": RNG.standard_normal(3), "jvp": RNG.standard_normal((2, 3))}.get(name, RNG.standard_normal((2, 3)))

    def run(torch):
        def f(x):
            y = (x * x.sum(1, keepdim=True).tanh()).exp().sum(0)
            return y if name in ("jacobian", "vjp", "jvp") else (y * y).sum()

        x = torch.tensor(B)
        vector = () if name in ("jacobian", "hessian") else (torch.tensor(v),)
        found = getattr(torch.autograd.functional, name)(f, x, *vector)
        return [t.numpy() for t in (found if isinstance(found, tuple) else (found,))]

    for ours, theirs in zip(run(minitorch), run(oracle), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10)


def test_complex_vjp_agrees_with_pytorch(oracle):
    z, v = RNG.standard_normal(3) + 1j * RNG.standard_normal(3), RNG.standard_normal(3) + 1j * RNG.standard_normal(3)
    for name in ("vjp", "jvp"):
        ours, theirs = (
            getattr(t.autograd.functional, name)(lambda z: z * z.exp(), t.tensor(z), t.tensor(v))[1]
            for t in (minitorch, oracle)
        )
        np.testing.assert_allclose(ours.numpy(), theirs.resolve_conj().numpy(), rtol=1e-10)
