"""Module: registration, traversal, state, hooks, conversion, printing."""

from __future__ import annotations

import copy
from collections import OrderedDict

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import Parameter
from tests.strict import forbid, no_sync


class Net(nn.Module):
    """Two linear layers, one with a normalisation, and a buffer that is not saved."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU())
        self.head = nn.Linear(4, 2)
        self.scale = Parameter(minitorch.ones(2))
        self.register_buffer("mean", minitorch.zeros(3))
        self.register_buffer("scratch", minitorch.zeros(1), persistent=False)

    def forward(self, x):
        return self.head(self.body(x - self.mean)) * self.scale


KEYS = [
    "scale", "mean", "body.0.weight", "body.0.bias", "body.1.weight", "body.1.bias", "body.1.running_mean",
    "body.1.running_var", "body.1.num_batches_tracked", "head.weight", "head.bias",
]  # fmt: skip


def numbers(tensor):
    return tensor.detach().cpu().numpy()


# ---- Parameter -------------------------------------------------------------------------------------------------------


def test_parameter_shares_storage_with_its_data():
    data = minitorch.zeros(2)
    parameter = Parameter(data)
    data.fill_(3.0)
    assert numbers(parameter).tolist() == [3.0, 3.0]


def test_parameter_requires_grad_unless_told_otherwise():
    assert Parameter(minitorch.ones(1)).requires_grad
    assert not Parameter(minitorch.ones(1), requires_grad=False).requires_grad
    assert not Parameter(minitorch.tensor([1]), requires_grad=False).requires_grad
    with pytest.raises(RuntimeError, match="floating point"):
        Parameter(minitorch.tensor([1]))


def test_parameter_without_data_is_empty():
    assert Parameter().shape == (0,)


def test_results_of_parameters_are_plain_tensors():
    parameter = Parameter(minitorch.ones(2))
    for result in (parameter * 2, parameter.detach(), parameter.reshape(2, 1), parameter.clone()):
        assert type(result) is minitorch.Tensor


def test_parameter_of_a_computed_tensor_is_a_leaf():
    x = minitorch.ones(2, requires_grad=True)
    parameter = Parameter(x * 2)
    (parameter * 3).sum().backward()
    assert x.grad is None
    assert numbers(parameter.grad).tolist() == [3.0, 3.0]


def test_parameter_prints_as_pytorch_prints_it(oracle):
    assert repr(Parameter(minitorch.ones(2))) == repr(oracle.nn.Parameter(oracle.ones(2)))


def test_parameter_refuses_what_is_no_tensor():
    with pytest.raises(TypeError, match="Parameter: data must be a Tensor, got list"):
        Parameter([1.0])


def test_deepcopy_of_a_parameter_is_a_parameter_of_its_own():
    parameter = Parameter(minitorch.ones(2))
    (parameter * 2).sum().backward()
    twin = copy.deepcopy(parameter)
    with minitorch.no_grad():
        parameter.fill_(5.0)
    assert type(twin) is Parameter
    assert twin.requires_grad
    assert numbers(twin).tolist() == [1.0, 1.0]
    assert twin.grad is None


# ---- registration ----------------------------------------------------------------------------------------------------


def test_assigning_registers_parameters_and_children_in_order():
    net = Net()
    assert [name for name, _ in net.named_parameters()] == [k for k in KEYS if k.endswith(("weight", "bias", "scale"))]
    assert [name for name, _ in net.named_children()] == ["body", "head"]
    assert [name for name, _ in net.named_buffers()][:2] == ["mean", "scratch"]


def test_assigning_again_keeps_the_place():
    net = Net()
    net.body = nn.Identity()
    assert [name for name, _ in net.named_children()] == ["body", "head"]


def test_none_takes_the_place_of_a_parameter_a_child_and_a_buffer():
    net = Net()
    net.scale = net.head = net.mean = None
    assert net.scale is None
    assert net.head is None
    assert net.mean is None
    assert not {"scale", "head.weight", "mean"} & set(net.state_dict())


def test_a_plain_attribute_becomes_a_parameter():
    module = nn.Module()
    module.w = 3
    module.w = Parameter(minitorch.ones(1))
    assert [name for name, _ in module.named_parameters()] == ["w"]


def test_a_child_takes_the_place_of_a_buffer_and_a_parameter_that_of_a_child():
    net = Net()
    net.mean, net.head = nn.Identity(), Parameter(minitorch.ones(1))
    assert [name for name, _ in net.named_children()] == ["body", "mean"]
    assert "mean" not in dict(net.named_buffers())
    assert "head" in dict(net.named_parameters())


def test_deleting_an_attribute_unregisters_it():
    net = Net()
    del net.scale, net.head, net.mean
    assert not {"scale", "head.weight", "mean"} & set(net.state_dict())
    with pytest.raises(AttributeError, match="'Net' object has no attribute 'head'"):
        _ = net.head


def test_a_buffer_is_assigned_like_an_attribute():
    net = Net()
    net.mean = minitorch.ones(3)
    assert numbers(net.state_dict()["mean"]).tolist() == [1.0, 1.0, 1.0]


def test_dir_lists_the_parts():
    assert {"body", "scale", "mean"} <= set(dir(Net()))


class Early(nn.Module):
    def __init__(self, part):
        self.part = part


@pytest.mark.parametrize("part", [Parameter(minitorch.ones(1)), nn.Identity()], ids=["parameter", "module"])
def test_assigning_a_part_before_init_is_refused(part):
    with pytest.raises(AttributeError, match=r"before Module.__init__\(\) call"):
        Early(part)


WRONG_ASSIGNMENTS = [
    ("scale", lambda t: t.ones(2), TypeError, "as parameter 'scale' (torch.nn.Parameter or None expected)"),
    ("head", lambda t: 3, TypeError, "as child module 'head' (torch.nn.Module or None expected)"),
    ("mean", lambda t: "x", TypeError, "as buffer 'mean' (torch"),
]


@pytest.mark.parametrize(("name", "value", "error", "text"), WRONG_ASSIGNMENTS, ids=[w[0] for w in WRONG_ASSIGNMENTS])
def test_assigning_what_does_not_fit_is_refused(name, value, error, text):
    with pytest.raises(error) as caught:
        setattr(Net(), name, value(minitorch))
    assert text in str(caught.value)


WRONG_REGISTRATIONS = [
    ("register_parameter", ("a.b", None), KeyError),
    ("register_parameter", ("", None), KeyError),
    ("register_parameter", (3, None), TypeError),
    ("register_parameter", ("head", None), KeyError),
    ("register_parameter", ("forward", None), KeyError),
    ("register_buffer", ("a.b", None), KeyError),
    ("register_buffer", ("", None), KeyError),
    ("register_buffer", ("scale", None), KeyError),
    ("register_buffer", ("new", 3), TypeError),
    ("add_module", ("a.b", None), KeyError),
    ("add_module", ("", None), KeyError),
    ("add_module", ("scale", None), KeyError),
    ("add_module", ("new", 3), TypeError),
]


@pytest.mark.parametrize(("method", "args", "error"), WRONG_REGISTRATIONS)
def test_registering_what_does_not_fit_is_refused_as_by_pytorch(method, args, error, oracle):
    class Theirs(oracle.nn.Module):
        def __init__(self):
            super().__init__()
            self.head = oracle.nn.Linear(1, 1)
            self.scale = oracle.nn.Parameter(oracle.ones(1))

    with pytest.raises(error) as ours:
        getattr(Net(), method)(*args)
    with pytest.raises(error) as theirs:
        getattr(Theirs(), method)(*args)
    assert str(ours.value).split(",")[0].strip("'\"") == str(theirs.value).split(",")[0].strip("'\"")


def test_registering_a_tensor_as_parameter_is_refused():
    with pytest.raises(TypeError, match="object to parameter 'w'"):
        nn.Module().register_parameter("w", minitorch.ones(1))


def test_a_name_of_the_class_cannot_hide_a_child():
    class Hidden(nn.Module):
        layer = None

    with pytest.raises(KeyError, match="attribute 'layer' already exists"):
        Hidden().layer = nn.Identity()


def test_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match=r'Module \[Module\] is missing the required "forward" function'):
        nn.Module()(1)


# ---- traversal -------------------------------------------------------------------------------------------------------


def shared():
    layer = nn.Linear(2, 2)
    net = nn.Sequential(layer, nn.ReLU(), layer)
    net.tied = layer.weight
    return net


def test_shared_parameters_are_counted_once():
    assert [name for name, _ in shared().named_parameters()] == ["tied", "0.bias"]
    assert len(list(shared().modules())) == 3
    assert len(list(shared().children())) == 2


def test_shared_parameters_are_listed_twice_on_demand():
    names = [name for name, _ in shared().named_parameters(remove_duplicate=False)]
    assert names == ["tied", "0.weight", "0.bias", "2.weight", "2.bias"]


def test_names_take_a_prefix_and_stop_without_recursion():
    assert [name for name, _ in Net().named_parameters(prefix="net", recurse=False)] == ["net.scale"]
    assert [name for name, _ in Net().named_modules(prefix="net")][:3] == ["net", "net.body", "net.body.0"]


def test_paths_find_their_part():
    net = Net()
    assert net.get_submodule("") is net
    assert net.get_submodule("body.0") is net.body[0]
    assert net.get_parameter("body.0.weight") is net.body[0].weight
    assert net.get_buffer("body.1.running_mean") is net.body[1].running_mean


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get_submodule", "body.9"),
        ("get_submodule", "scale"),
        ("get_parameter", "body.weight"),
        ("get_parameter", "mean"),
        ("get_parameter", "body"),
        ("get_buffer", "scale"),
        ("get_buffer", "nothing"),
    ],
)
def test_paths_that_lead_nowhere_are_refused(method, path):
    with pytest.raises(AttributeError, match=path.rpartition(".")[2]):
        getattr(Net(), method)(path)


def test_apply_visits_children_first():
    seen = []
    net = Net()
    assert net.apply(lambda module: seen.append(type(module).__name__)) is net
    assert seen == ["Linear", "BatchNorm1d", "ReLU", "Sequential", "Linear", "Net"]


def test_train_and_eval_reach_all_parts():
    net = Net()
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    assert net.train() is net
    assert all(m.training for m in net.modules())
    with pytest.raises(ValueError, match="training mode is expected to be boolean"):
        net.train("yes")


def test_requires_grad_freezes_all_parameters():
    net = Net().requires_grad_(False)
    assert not any(p.requires_grad for p in net.parameters())


@pytest.mark.parametrize("set_to_none", [True, False])
def test_zero_grad_forgets_the_gradients(set_to_none):
    net = Net()
    net(minitorch.randn(5, 3)).sum().backward()
    net.zero_grad(set_to_none=set_to_none)
    if set_to_none:
        assert all(p.grad is None for p in net.parameters())
    else:
        assert all((numbers(p.grad) == 0).all() for p in net.parameters())


# ---- state -----------------------------------------------------------------------------------------------------------


def test_state_dict_has_parameters_and_persistent_buffers_by_path():
    assert list(Net().state_dict()) == KEYS
    assert list(Net().state_dict(prefix="net.")) == [f"net.{key}" for key in KEYS]


def test_state_dict_knows_the_version_of_each_layout():
    metadata = Net().state_dict()._metadata
    assert metadata[""] == {"version": 1}
    assert metadata["body.1"] == {"version": 2}


def test_a_saved_state_keeps_the_versions(tmp_path):
    state = Net().state_dict()
    minitorch.save({"net": state}, tmp_path / "net.ckpt")
    loaded = minitorch.load(tmp_path / "net.ckpt")["net"]
    assert list(loaded) == list(state)
    assert loaded._metadata == state._metadata
    assert type(loaded) is type(loaded._metadata) is OrderedDict


def test_state_dict_shares_storage_without_history():
    net = Net()
    state = net.state_dict()
    with minitorch.no_grad():
        net.scale.fill_(7.0)
    assert not state["scale"].requires_grad
    assert numbers(state["scale"]).tolist() == [7.0, 7.0]
    assert net.state_dict(keep_vars=True)["scale"] is net.scale


def test_state_dict_round_trip_is_exact(device):
    source, target = Net().to(device), Net().to(device)
    source(minitorch.randn(6, 3, device=device))
    answer = target.load_state_dict(source.state_dict())
    assert repr(answer) == "<All keys matched successfully>"
    for key, value in source.state_dict().items():
        assert (numbers(target.state_dict()[key]) == numbers(value)).all(), key


def test_loading_copies_and_keeps_the_parameter():
    source, target = Net(), Net()
    weight = target.head.weight
    target.load_state_dict(source.state_dict())
    with minitorch.no_grad():
        source.head.weight.fill_(0.0)
    assert target.head.weight is weight
    assert (numbers(weight) != 0).all()


def test_loading_with_assign_takes_the_tensors_themselves():
    state = Net().state_dict()
    net = Net()
    net.load_state_dict(state, assign=True)
    state["scale"].fill_(9.0)
    state["mean"].fill_(8.0)
    assert numbers(net.scale).tolist() == [9.0, 9.0]
    assert net.scale.requires_grad
    assert numbers(net.mean).tolist() == [8.0, 8.0, 8.0]


def broken(state):
    state = OrderedDict(state)
    del state["head.weight"], state["scale"]
    state["extra"] = state["body.more"] = state["mean"]
    state["head.bias"] = state["mean"]
    return state


def test_loading_a_state_that_does_not_fit_names_everything(oracle):
    ours, theirs = Net(), their_net(oracle)
    with pytest.raises(RuntimeError) as caught:
        ours.load_state_dict(broken(ours.state_dict()))
    with pytest.raises(RuntimeError) as expected:
        theirs.load_state_dict(broken(theirs.state_dict()))
    mine, other = str(caught.value).split("\n\t"), str(expected.value).split("\n\t")
    assert mine[0] == other[0]
    assert mine[3] == other[3]
    assert mine[1] == other[1] == 'Missing key(s) in state_dict: "scale", "head.weight". '
    assert sorted(mine[2]) == sorted(other[2])


def their_net(torch):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.body = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.ReLU())
            self.head = torch.nn.Linear(4, 2)
            self.scale = torch.nn.Parameter(torch.ones(2))
            self.register_buffer("mean", torch.zeros(3))

    return Net()


def test_loading_a_state_that_does_not_fit_changes_nothing():
    net, other = Net(), Net()
    before = copy.deepcopy(net.state_dict())
    with pytest.raises(RuntimeError):
        net.load_state_dict(broken(other.state_dict()))
    assert all((numbers(net.state_dict()[key]) == numbers(before[key])).all() for key in before)


def test_loading_loosely_names_the_keys_and_loads_the_rest():
    net, other = Net(), Net()
    state = other.state_dict()
    del state["scale"]
    state["extra"] = state["mean"]
    answer = net.load_state_dict(state, strict=False)
    assert answer.missing_keys == ["scale"]
    assert answer.unexpected_keys == ["extra"]
    assert repr(answer) == "_IncompatibleKeys(missing_keys=['scale'], unexpected_keys=['extra'])"
    assert (numbers(net.head.weight) == numbers(other.head.weight)).all()


def test_loading_loosely_still_refuses_another_shape():
    net = Net()
    state = net.state_dict()
    state["scale"] = minitorch.ones(3)
    with pytest.raises(RuntimeError, match=r"size mismatch for scale: copying a param with shape torch.Size\(\[3\]\)"):
        net.load_state_dict(state, strict=False)


def test_loading_refuses_what_holds_no_tensors():
    net = Net()
    with pytest.raises(TypeError, match="Expected state_dict to be dict-like, got <class 'list'>"):
        net.load_state_dict([])
    with pytest.raises(RuntimeError, match='While copying the parameter named "scale", expected torch.Tensor'):
        net.load_state_dict({**net.state_dict(), "scale": 3})


def test_a_batch_norm_from_before_batches_were_counted_loads():
    layer = nn.BatchNorm1d(2)
    state = dict(layer.state_dict())
    del state["num_batches_tracked"]
    assert layer.load_state_dict(state).missing_keys == []


def test_deepcopy_is_independent_and_keeps_what_is_shared():
    net = shared()
    twin = copy.deepcopy(net)
    assert twin.tied is twin[0].weight
    assert twin[2] is twin[0]
    with minitorch.no_grad():
        net.tied.fill_(0.0)
    assert (numbers(twin.tied) != 0).all()


# ---- conversion ------------------------------------------------------------------------------------------------------


def test_to_converts_floats_in_place_and_leaves_integers(device):
    net = Net().to(device)
    weight = net.head.weight
    net(minitorch.randn(5, 3, device=device)).sum().backward()
    assert net.to(minitorch.float64) is net
    assert net.head.weight is weight
    assert weight.dtype == weight.grad.dtype == net.mean.dtype == minitorch.float64
    assert net.body[1].num_batches_tracked.dtype == minitorch.int64
    assert all(t.device.type == device.type for t in (*net.parameters(), *net.buffers()))


def test_to_where_it_is_already_changes_nothing():
    layer = nn.Linear(2, 2)
    x = minitorch.ones(1, 2, requires_grad=True)
    array, y = layer.weight.value, layer(x)
    layer.to("cpu").float()
    assert layer.weight.value is array
    with minitorch.no_grad():
        layer.weight.fill_(0.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):  # still the storage that y has read
        y.sum().backward()


def test_dtype_methods_convert():
    net = Net()
    assert net.double().scale.dtype == minitorch.float64
    assert net.half().scale.dtype == minitorch.float16
    assert net.float().scale.dtype == minitorch.float32
    assert net.to(minitorch.zeros(1, dtype=minitorch.float64)).scale.dtype == minitorch.float64
    assert net.to("cpu", minitorch.float32).cpu().scale.dtype == minitorch.float32


def test_to_keeps_shared_parameters_shared(device):
    net = shared().to(device).double()
    assert net.tied is net[0].weight is net[2].weight


def test_to_refuses_integers_and_strangers():
    with pytest.raises(
        TypeError, match="only accepts floating point or complex dtypes, but got desired dtype=torch.int64"
    ):
        Net().to(minitorch.int64)
    with pytest.raises(TypeError, match=r"to\(\) expects a device, a dtype or a tensor"):
        Net().to(3.5)
    with pytest.raises(TypeError, match="invalid keyword argument: colour"):
        Net().to(colour="red")


# ---- hooks -----------------------------------------------------------------------------------------------------------


class Double(nn.Module):
    def forward(self, x, times=1.0):
        return 2 * x * times


def test_forward_pre_hook_replaces_the_arguments():
    module = Double()
    module.register_forward_pre_hook(lambda m, args: args[0] + 1)
    assert module(minitorch.ones(1)).item() == 4.0


def test_forward_hook_sees_arguments_and_replaces_the_output():
    module, seen = Double(), []
    module.register_forward_hook(lambda m, args, output: seen.append((m, args[0].item(), output.item())))
    module.register_forward_hook(lambda m, args, output: output + 0.5)
    assert module(minitorch.ones(1)).item() == 2.5
    assert seen == [(module, 1.0, 2.0)]


def test_hooks_get_keyword_arguments_on_demand():
    module, seen = Double(), []
    module.register_forward_pre_hook(lambda m, args, kwargs: (args, {"times": 3.0}), with_kwargs=True)
    module.register_forward_hook(lambda m, args, kwargs, output: seen.append(kwargs), with_kwargs=True)
    assert module(minitorch.ones(1)).item() == 6.0
    assert seen == [{"times": 3.0}]
    module.register_forward_pre_hook(lambda m, args, kwargs: args, with_kwargs=True)
    with pytest.raises(RuntimeError, match="must return None or a tuple of"):
        module(minitorch.ones(1))


def test_hooks_run_in_order_and_can_be_put_first_and_removed():
    module, seen = Double(), []
    first = module.register_forward_hook(lambda *_: seen.append("first"))
    module.register_forward_hook(lambda *_: seen.append("second"))
    module.register_forward_hook(lambda *_: seen.append("zeroth"), prepend=True)
    module(minitorch.ones(1))
    first.remove()
    first.remove()
    module(minitorch.ones(1))
    assert seen == ["zeroth", "first", "second", "zeroth", "second"]
    with module.register_forward_hook(lambda *_: seen.append("third")):
        module(minitorch.ones(1))
    module(minitorch.ones(1))
    assert seen.count("third") == 1


def test_a_hook_can_be_called_even_if_forward_fails(oracle):
    def record(torch):
        seen = []
        layer = torch.nn.Linear(2, 2)
        layer.register_forward_hook(lambda module, args, output: seen.append("ordinary"))
        layer.register_forward_hook(lambda module, args, output: seen.append(("always", output)), always_call=True)
        with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
            layer(torch.ones(1, 3))
        layer(torch.ones(1, 2))
        return seen[:-1], seen[-1][1].shape

    assert record(minitorch) == record(oracle) == ([("always", None), "ordinary"], (1, 2))


def test_backward_hooks_see_the_gradients_as_pytorch_shows_them(oracle):
    def run(torch):
        seen, layer = [], torch.nn.Linear(2, 2)
        x = torch.ones(1, 2, requires_grad=True)
        with torch.no_grad():
            layer.weight.copy_(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
        layer.register_full_backward_pre_hook(lambda m, out: (2 * out[0],))
        layer.register_full_backward_hook(lambda m, ins, out: seen.append((ins[0].tolist(), out[0].tolist())))
        layer.register_full_backward_hook(lambda m, ins, out: (10 * ins[0],))
        (layer(x) * torch.tensor([1.0, -1.0])).sum().backward()
        return seen, x.grad.tolist(), layer.weight.grad.tolist()

    assert run(minitorch) == run(oracle)


@pytest.mark.filterwarnings("ignore:Full backward hook is firing")
def test_backward_hooks_run_where_no_input_needs_a_gradient(oracle):
    def run(torch):
        seen, layer = [], torch.nn.Linear(2, 1)
        layer.register_full_backward_hook(lambda m, ins, out: seen.append((ins, out[0].tolist())))
        layer(torch.ones(1, 2)).sum().backward()
        return seen

    assert run(minitorch) == run(oracle) == [((None,), [[1.0]])]


class Swap(nn.Module):
    def forward(self, x, y):
        return 2 * y, 3 * x


def test_backward_hooks_see_several_inputs_and_outputs():
    seen, module = [], Swap()
    module.register_full_backward_hook(
        lambda m, ins, out: seen.append(([g.item() for g in ins], [g.item() for g in out]))
    )
    x, y = (minitorch.ones(1, requires_grad=True) for _ in range(2))
    a, b = module(x, y)
    (a * 5 + b * 7).sum().backward()
    assert seen == [([21.0, 10.0], [5.0, 7.0])]
    assert (x.grad.item(), y.grad.item()) == (21.0, 10.0)


def test_backward_hooks_leave_forward_alone_without_gradients():
    module = Double()
    module.register_full_backward_hook(lambda m, ins, out: None)
    with minitorch.no_grad():
        assert module(minitorch.ones(1, requires_grad=True)).item() == 2.0


def test_backward_hook_with_the_wrong_number_of_gradients_is_refused():
    module = Double()
    module.register_full_backward_hook(lambda m, ins, out: (None, None))
    y = module(minitorch.ones(1, requires_grad=True))
    with pytest.raises(RuntimeError, match="invalid number of grad_input, got 2, but expected 1"):
        y.sum().backward()


class Named(nn.Module):
    def forward(self, x):
        return {"y": x}


def test_backward_hooks_warn_of_an_output_that_they_cannot_watch():
    module = Named()
    module.register_full_backward_hook(lambda m, ins, out: None)
    with pytest.warns(UserWarning, match="module output should be a Tensor or a tuple of Tensors"):
        module(minitorch.ones(1, requires_grad=True))


# ---- printing --------------------------------------------------------------------------------------------------------


def zoo(nn):
    return [
        nn.Sequential(nn.Linear(2, 3), nn.ReLU(inplace=True), nn.Linear(3, 1, bias=False)),
        nn.Sequential(OrderedDict([("first", nn.Sequential(nn.Identity())), ("last", nn.Sequential())])),
        nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1), nn.ReLU(), nn.Linear(1, 1)]),
        nn.ModuleList([nn.Sequential(nn.Tanh(), nn.Sigmoid()) for _ in range(3)]),
        nn.ModuleDict({"conv": nn.Conv2d(3, 6, 5, padding=2), "pool": nn.MaxPool2d(2)}),
        nn.ModuleList(),
        nn.Conv2d(4, 6, (3, 5), stride=2, dilation=2, groups=2, bias=False, padding_mode="reflect"),
        nn.Conv1d(1, 2, 3, padding="same"),
        nn.MaxPool2d(3, stride=2, padding=1), nn.AvgPool2d((2, 3)), nn.AdaptiveAvgPool2d((1, None)),
        nn.LeakyReLU(0.2), nn.ELU(), nn.SiLU(), nn.GELU(), nn.Softplus(), nn.Softmax(dim=1), nn.LogSoftmax(1),
        nn.Flatten(), nn.Unflatten(1, (2, 3)), nn.Dropout(0.1), nn.BatchNorm1d(3), nn.BatchNorm2d(3, affine=False),
        nn.LayerNorm((2, 3)), nn.LayerNorm(3, bias=False), nn.GroupNorm(2, 4), nn.Embedding(10, 3, padding_idx=-1),
        nn.Bilinear(1, 2, 3), nn.MSELoss(), nn.CrossEntropyLoss(), nn.BCEWithLogitsLoss(),
    ]  # fmt: skip


def test_modules_print_as_pytorch_prints_them(oracle):
    for ours, theirs in zip(zoo(nn), zoo(oracle.nn), strict=True):
        assert repr(ours) == repr(theirs)
    assert repr(Net()) == repr(their_net(oracle))


def test_parameter_containers_print_as_pytorch_prints_them(oracle):
    def both(torch):
        return (
            repr(torch.nn.ParameterList([torch.ones(2), torch.ones(2, 3), 5])),
            repr(torch.nn.ParameterDict({"a": torch.ones(2), "b": "text"})),
        )

    assert both(minitorch) == both(oracle)


class Options(nn.Module):
    def extra_repr(self):
        return "one\ntwo"


def test_options_on_several_lines_are_indented():
    assert repr(Options()) == "Options(\n  one\n  two\n)"


class Sized(nn.Module):
    def __init__(self):
        super().__init__()
        self.child = nn.ReLU()

    def extra_repr(self):
        return "size=3"


def test_options_stand_before_children():
    assert repr(Sized()) == "Sized(\n  size=3\n  (child): ReLU()\n)"


# ---- containers ------------------------------------------------------------------------------------------------------


def kinds(container):
    return [type(m).__name__ for m in container]


def test_sequential_is_a_list_of_modules():
    net = nn.Sequential(nn.ReLU(), nn.Tanh(), nn.Sigmoid())
    assert len(net) == 3
    assert isinstance(net[-1], nn.Sigmoid)
    assert kinds(net[:2]) == ["ReLU", "Tanh"]
    assert isinstance(net[:2], nn.Sequential)
    net[0] = nn.ELU()
    del net[1]
    net.append(nn.GELU()).insert(0, nn.Identity()).extend([nn.ReLU()])
    assert kinds(net) == ["Identity", "ELU", "Sigmoid", "GELU", "ReLU"]
    assert list(net._modules) == ["0", "1", "2", "3", "4"]
    assert isinstance(net.pop(0), nn.Identity)
    assert kinds(net + nn.Sequential(nn.Tanh())) == ["ELU", "Sigmoid", "GELU", "ReLU", "Tanh"]
    assert len(2 * net) == 8


def test_sequential_chains():
    net = nn.Sequential(OrderedDict(once=Double(), again=Double()))
    assert net(minitorch.ones(1)).item() == 4.0
    assert nn.Sequential()(minitorch.ones(1)).item() == 1.0
    assert list(net[1:]._modules) == ["again"]


def test_sequential_refuses_what_does_not_fit():
    net = nn.Sequential(nn.ReLU())
    with pytest.raises(IndexError, match="index 1 is out of range"):
        net[1]
    with pytest.raises(IndexError, match="Index out of range: 5"):
        net.insert(5, nn.ReLU())
    with pytest.raises(ValueError, match="add operator supports only objects of Sequential class"):
        net + [nn.ReLU()]
    with pytest.raises(ValueError, match="Non-positive multiplication factor 0"):
        net * 0
    with pytest.raises(TypeError, match="unsupported operand type"):
        net * 1.5
    with pytest.raises(TypeError, match="is not a Module subclass"):
        nn.Sequential(lambda x: x)


def test_module_list_owns_its_modules():
    modules = nn.ModuleList([nn.Linear(1, 1), nn.ReLU()])
    modules += [nn.Tanh()]
    assert kinds(modules[1:]) == ["ReLU", "Tanh"]
    assert kinds(modules + [nn.ELU()])[-1] == "ELU"
    assert len(list(modules.parameters())) == 2
    with pytest.raises(TypeError, match="should be called with an iterable, but got Linear"):
        modules.extend(nn.Linear(1, 1))


def test_module_dict_is_a_dictionary():
    modules = nn.ModuleDict({"a": nn.ReLU()})
    modules["b"] = nn.Linear(1, 1)
    modules.update([("c", nn.Tanh())])
    assert list(modules) == list(modules.keys()) == ["a", "b", "c"]
    assert "b" in modules
    assert len(modules) == 3
    assert [name for name, _ in modules.named_parameters()] == ["b.weight", "b.bias"]
    assert isinstance(modules.pop("a"), nn.ReLU)
    del modules["b"]
    assert [type(m).__name__ for m in modules.values()] == ["Tanh"]
    assert dict(modules.items())["c"] is modules["c"]
    modules.clear()
    assert len(modules) == 0


def test_parameter_list_owns_its_parameters():
    parameters = nn.ParameterList([minitorch.ones(1), minitorch.zeros(2)])
    parameters.append(Parameter(minitorch.ones(3)))
    parameters[0] = minitorch.zeros(4)
    parameters += [minitorch.ones(5)]
    assert [p.numel() for p in parameters] == [4, 2, 3, 5]
    assert all(isinstance(p, Parameter) for p in parameters)
    assert [name for name, _ in parameters.named_parameters()] == ["0", "1", "2", "3"]
    assert len(parameters[1:3]) == 2
    with pytest.raises(TypeError, match="ParameterList.extend should be called with an iterable"):
        parameters.extend(minitorch.ones(2))
    with pytest.raises(RuntimeError, match="should not be called"):
        parameters()
    with pytest.raises(IndexError, match="index 9 is out of range"):
        parameters[9]


def test_parameter_dict_has_the_rest_of_a_dictionarys_methods(oracle):
    def use(torch):
        entries = torch.nn.ParameterDict({"a": torch.ones(1), "b": torch.ones(2)})
        other = entries.copy()
        assert other["a"] is entries["a"]
        assert entries.setdefault("a") is entries["a"]
        assert entries.setdefault("c", torch.ones(3)) is entries["c"]
        name, last = entries.popitem()
        assert isinstance(last, torch.nn.Parameter)
        empty = entries.fromkeys(["x", "y"])
        return list(entries), list(other), name, list(empty), empty["x"]

    assert use(minitorch) == use(oracle)
    with pytest.raises(KeyError):
        nn.ParameterDict().popitem()


def test_parameter_dict_owns_its_parameters():
    parameters = nn.ParameterDict({"a": minitorch.ones(1)})
    parameters["b"] = minitorch.zeros(2)
    parameters.update({"c": 3})
    assert list(parameters) == list(parameters.keys()) == ["a", "b", "c"]
    assert parameters.get("d", 4) == 4
    assert [name for name, _ in parameters.named_parameters()] == ["a", "b"]
    assert parameters.pop("c") == 3
    assert "c" not in parameters
    assert len(parameters) == 2
    assert [p.numel() for p in parameters.values()] == [1, 2]
    assert dict(parameters.items())["a"] is parameters["a"]
    with pytest.raises(KeyError):
        parameters["a.b"]
    with pytest.raises(TypeError, match="not a string"):
        parameters[3] = minitorch.ones(1)
    with pytest.raises(RuntimeError, match="should not be called"):
        parameters()
    parameters.clear()
    assert len(list(parameters.parameters())) == 0


# ---- nn.utils --------------------------------------------------------------------------------------------------------


def with_gradients(device, *gradients):
    parameters = [Parameter(minitorch.zeros(len(g), device=device)) for g in gradients]
    for parameter, g in zip(parameters, gradients, strict=True):
        parameter.grad = minitorch.tensor(g, device=device)
    return parameters


@pytest.mark.parametrize("order", [1.0, 2.0, 3.0, float("inf")])
def test_clip_grad_norm_scales_to_the_norm(device, order):
    gradients = [3.0, -4.0], [12.0]
    parameters = with_gradients(device, *gradients)
    total = nn.utils.clip_grad_norm_(parameters, 1.0, norm_type=order)
    norm = np.linalg.norm([3.0, -4.0, 12.0], order)
    assert total.item() == pytest.approx(norm)
    for parameter, g in zip(parameters, gradients, strict=True):
        np.testing.assert_allclose(numbers(parameter.grad), np.array(g) / (norm + 1e-6), rtol=1e-6)
        assert parameter.grad.dtype == minitorch.float32


def test_clipping_neither_waits_for_the_device_nor_uses_float64():
    parameters = with_gradients("strict", [3.0, -4.0], [12.0])
    with no_sync(), forbid("float64"):
        nn.utils.clip_grad_norm_(parameters, 1.0)
        nn.utils.clip_grad_value_(parameters, 0.1)


def test_clip_grad_norm_leaves_small_gradients_and_missing_ones():
    parameters = [*with_gradients("cpu", [0.3, 0.4]), Parameter(minitorch.ones(1))]
    assert nn.utils.clip_grad_norm_(iter(parameters), 1.0).item() == pytest.approx(0.5)
    assert numbers(parameters[0].grad).tolist() == pytest.approx([0.3, 0.4])
    assert nn.utils.clip_grad_norm_(parameters[1], 1.0).item() == 0.0


def test_clip_grad_norm_adds_a_millionth_to_the_norm(oracle):
    parameters = with_gradients("cpu", [3e-6, 4e-6])
    theirs = oracle.zeros(2, requires_grad=True)
    theirs.grad = oracle.tensor([3e-6, 4e-6])
    nn.utils.clip_grad_norm_(parameters, 1e-6)
    oracle.nn.utils.clip_grad_norm_([theirs], 1e-6)
    np.testing.assert_allclose(numbers(parameters[0].grad), theirs.grad.numpy(), rtol=1e-5)


def test_clipping_with_a_known_norm(oracle):
    def clipped(torch):
        p = torch.nn.Parameter(torch.zeros(2))
        p.grad = torch.tensor([3.0, 4.0])
        torch.nn.utils.clip_grads_with_norm_([p], 1.0, torch.nn.utils.get_total_norm([p.grad], foreach=False))
        return p.grad.tolist()

    assert clipped(minitorch) == pytest.approx([0.6, 0.8], rel=1e-6)
    assert clipped(minitorch) == pytest.approx(clipped(oracle), rel=1e-6)


def test_clip_grad_norm_refuses_nan_on_demand():
    parameters = with_gradients("cpu", [float("nan")])
    with pytest.raises(RuntimeError, match=r"total norm of order 2.0 for gradients from `parameters` is non-finite"):
        nn.utils.clip_grad_norm_(parameters, 1.0, error_if_nonfinite=True)


def test_clip_grad_value_cuts(device):
    parameters = with_gradients(device, [3.0, -4.0, 0.5])
    nn.utils.clip_grad_value_(parameters, 1.0)
    assert numbers(parameters[0].grad).tolist() == [1.0, -1.0, 0.5]


def test_parameters_go_to_a_vector_and_back(device):
    source, target = nn.Linear(2, 3).to(device), nn.Linear(2, 3).to(device)
    vector = nn.utils.parameters_to_vector(source.parameters())
    assert vector.shape == (9,)
    nn.utils.vector_to_parameters(vector, target.parameters())
    assert (numbers(target.weight) == numbers(source.weight)).all()
    assert isinstance(target.weight, Parameter)
    vector.detach().fill_(0.0)
    assert (numbers(target.weight) != 0).all()
    with pytest.raises(ValueError, match="vec has 3 elements, the parameters have 9"):
        nn.utils.vector_to_parameters(vector[:3], target.parameters())
    with pytest.raises(TypeError, match="expected torch.Tensor, but got: list"):
        nn.utils.vector_to_parameters([1.0], target.parameters())
