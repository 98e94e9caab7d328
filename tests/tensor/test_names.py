"""The core of PyTorch's names: each is there as function, as method and in place, and shows its arguments by PyTorch's names."""

from __future__ import annotations

import inspect

import pytest

import minitorch as mt
from minitorch import Tensor
from minitorch.functions import results

BOTH = (
    "abs add addmm all amax amin any argmax argmin bmm chunk clamp clone cos cumsum detach div dot eq exp flatten flip gather ge gt "
    "index_select isnan le log log_softmax logical_and logical_not logical_or logical_xor logsumexp lt masked_fill masked_select "
    "matmul max maximum mean min minimum mm mul mv ne neg nonzero norm numel outer permute pow prod reciprocal relu reshape "
    "rsqrt scatter scatter_add sigmoid sign sin softmax sort split sqrt square squeeze std sub sum t tanh topk transpose tril "
    "triu unbind unsqueeze var where is_floating_point is_inference bernoulli multinomial"
).split()
FUNCTIONS = (
    "tensor as_tensor from_numpy zeros ones full empty eye arange linspace logspace rand randn randint randperm normal zeros_like "
    "ones_like full_like empty_like rand_like randn_like randint_like manual_seed Generator get_rng_state set_rng_state cat stack "
    "concat einsum device Size inf nan pi e newaxis set_default_device set_default_dtype get_default_dtype promote_types result_type "
    "can_cast finfo iinfo is_tensor no_grad enable_grad set_grad_enabled inference_mode is_grad_enabled set_printoptions "
    "from_dlpack float32 float64 float16 int64 int32 int16 int8 uint8 bool complex64 complex128 cuda accelerator autograd func"
).split()
METHODS = (
    "backward grad grad_fn is_leaf requires_grad requires_grad_ detach_ retain_grad register_hook register_post_accumulate_grad_hook "
    "view expand repeat contiguous T mT device is_cuda data cpu cuda to type type_as item tolist numpy float double half int long "
    "short byte bool cfloat size dim ndim shape dtype stride storage_offset data_ptr is_contiguous element_size new_tensor new_full "
    "new_zeros new_ones new_empty fill_ zero_ copy_ normal_ uniform_ bernoulli_ exponential_ random_"
).split()
IN_PLACE = (
    "abs add addmm clamp cos cumsum div eq exp ge gt le log logical_and logical_not logical_or logical_xor lt masked_fill mul ne "
    "neg pow reciprocal relu rsqrt scatter scatter_add sigmoid sign sin sqrt square squeeze sub t tanh transpose tril triu "
    "unsqueeze floor_divide remainder lerp"
).split()


@pytest.mark.parametrize("name", BOTH + FUNCTIONS)
def test_function_is_there(name):
    assert hasattr(mt, name)


@pytest.mark.parametrize("name", BOTH + METHODS + [f"{name}_" for name in IN_PLACE])
def test_method_is_there_and_says_what_it_does(name):
    assert name in dir(Tensor)
    found = inspect.getattr_static(Tensor, name)
    assert not callable(found) or inspect.getdoc(found), name


@pytest.mark.parametrize("name", BOTH)
def test_arguments_are_shown_by_pytorchs_names(name):
    """What `help` shows has names for all arguments, and can be passed by them."""
    parameters = inspect.signature(getattr(mt, name)).parameters
    first = next(iter(parameters))
    assert first in ("input", "self", "tensor", "condition"), first
    assert "a" not in parameters
    assert "options" not in parameters


def test_arguments_can_be_passed_by_pytorchs_names():
    x = mt.tensor([1.0, -2.0])
    assert mt.mul(input=x, other=2).tolist() == x.mul(other=2).tolist() == [2.0, -4.0]
    assert mt.abs(input=x).tolist() == [1.0, 2.0]
    assert mt.pow(input=x, exponent=2).tolist() == x.pow(exponent=2).tolist() == [1.0, 4.0]
    assert mt.lt(input=x, other=0).tolist() == [False, True]


# ---- what no gradient goes through -----------------------------------------------------------------------------------


def test_derivative_of_floor_divide_is_refused_on_the_way_back_only():
    x = mt.tensor([7.0, -7.0], requires_grad=True)
    y = x // 2
    assert y.tolist() == [3.0, -4.0]
    assert y.requires_grad
    with pytest.raises(RuntimeError, match="derivative of floor_divide with respect to 'a' is not implemented"):
        y.sum().backward()
    mt.div(x, 2, rounding_mode="floor").sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0.0, 0.0]


WRITES = {
    "add_": lambda x: x.add_(1), "setitem": lambda x: x.__setitem__(0, 1.0), "view": lambda x: x.view(3).fill_(1.0),
    "view of a view": lambda x: x[1:][:1].zero_(), "indices": lambda x: x.__setitem__([0, 1], 1.0), "squeeze_": lambda x: x.squeeze_(),
    "normal_": lambda x: x.normal_(), "copy_": lambda x: x.copy_(mt.zeros(3)),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize(
    "make", [lambda: mt.ones(3) * 2, lambda: mt.ones(3), lambda: mt.tensor([1.0, 2.0, 3.0]), lambda: mt.randn(3)]
)
def test_inference_tensor_is_not_written_to_outside_of_the_mode(name, make):
    with mt.inference_mode():
        x = make()
        WRITES[name](x)
    assert x.is_inference()
    before = x.tolist()
    for mode in (mt.enable_grad(), mt.no_grad()):
        with mode, pytest.raises(RuntimeError, match="Inplace update to inference tensor outside InferenceMode"):
            WRITES[name](x)
    assert x.tolist() == before
    assert not WRITES["add_"](x.clone()).is_inference()


@pytest.mark.parametrize(
    "name", "sort topk kthvalue mode cummax cummin aminmax linalg.svd linalg.qr linalg.eigh".split()
)
def test_a_type_checker_sees_the_fields_of_named_tuples(name):
    owner, _, last = name.rpartition(".")
    function = getattr(getattr(mt, owner) if owner else mt, last)
    result = inspect.signature(function).return_annotation
    assert result == f"results.{name.replace('.', '_')}"
    shown = getattr(results, result.partition(".")[2])
    fields = inspect.get_annotations(next(c for c in shown.__mro__ if "_fields" in vars(c)))
    assert {getattr(kind, "__forward_arg__", kind) for kind in fields.values()} == {"Tensor"}
