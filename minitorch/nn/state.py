"""The state of a module as a flat dictionary, and back: `state_dict` and `load_state_dict`.

Keys are the dotted paths of the parameters and of the persistent buffers, the same ones that PyTorch
uses, so that weights move between the two by key.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..autograd import no_grad
from ..tensor import Tensor
from .parameter import Parameter


def new_state() -> Any:
    """Return an empty dictionary that remembers, in `_metadata`, the version of the layout of each module."""
    state: Any = OrderedDict()
    state._metadata = OrderedDict()
    return state


class _IncompatibleKeys(NamedTuple):
    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


def own_state(module: Any) -> Iterator[tuple[str, Tensor]]:
    """Yield the parameters and the persistent buffers of a module itself."""
    yield from ((name, p) for name, p in module._parameters.items() if p is not None)
    for name, buffer in module._buffers.items():
        if buffer is not None and name not in module._non_persistent_buffers_set:
            yield name, buffer


def collect(module: Any, destination: Any, prefix: str, keep_vars: bool) -> None:
    """Write the state of a module and of its children into a dictionary, each key after the prefix."""
    if hasattr(destination, "_metadata"):
        destination._metadata[prefix[:-1]] = {"version": module._version}
    for name, tensor in own_state(module):
        destination[prefix + name] = tensor if keep_vars else tensor.detach()
    for name, child in module._modules.items():
        if child is not None:
            child.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)


def places(module: Any, prefix: str = "") -> Iterator[tuple[str, Any, str, Tensor]]:
    """Yield (key, owner, name, tensor) for all that a state_dict of the module has."""
    for name, tensor in own_state(module):
        yield prefix + name, module, name, tensor
    for name, child in module._modules.items():
        if child is not None:
            yield from places(child, f"{prefix}{name}.")


def load(module: Any, state_dict: Mapping[str, Any], strict: bool, assign: bool) -> _IncompatibleKeys:
    """Copy a state into a module: compare everything first, so that a state that does not fit changes nothing."""
    if not isinstance(state_dict, Mapping):
        raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
    state = dict(state_dict)
    metadata: Mapping[str, Any] = getattr(state_dict, "_metadata", {})
    for path, part in module.named_modules(remove_duplicate=False):
        version = metadata.get(path, {}).get("version")
        part._upgrade_state(state, f"{path}." if path else "", version)
    expected = list(places(module))
    known = {key: None for key, *_ in expected}
    missing = [key for key in known if key not in state]
    unexpected = [key for key in state if key not in known]
    errors = [_problem(key, tensor, state[key]) for key, _, _, tensor in expected if key in state]
    _refuse(module, missing if strict else [], unexpected if strict else [], [e for e in errors if e])
    with no_grad():
        for key, owner, name, tensor in expected:
            if key in state:
                _put(owner, name, tensor, state[key], assign)
    return _IncompatibleKeys(missing, unexpected)


def _problem(key: str, tensor: Tensor, given: Any) -> str:
    """Say why a value cannot be loaded, or nothing."""
    if not isinstance(given, Tensor):
        return (
            f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object from checkpoint '
            f"but received {type(given)}"
        )
    if given.shape != tensor.shape:
        return (
            f"size mismatch for {key}: copying a param with shape {given.shape} from checkpoint, "
            f"the shape in current model is {tensor.shape}."
        )
    return ""


def _refuse(module: Any, missing: list[str], unexpected: list[str], errors: list[str]) -> None:
    """Raise one error that lists everything that does not fit."""
    for what, keys in (("Unexpected", unexpected), ("Missing", missing)):
        if keys:
            quoted = ", ".join(f'"{key}"' for key in keys)
            errors.insert(0, f"{what} key(s) in state_dict: {quoted}. ")
    if errors:
        raise RuntimeError(f"Error(s) in loading state_dict for {type(module).__name__}:\n\t" + "\n\t".join(errors))


def _put(owner: Any, name: str, tensor: Tensor, given: Tensor, assign: bool) -> None:
    """Copy a value into a tensor of the module, or put it in the tensor's place."""
    if not assign:
        tensor.copy_(given.to(tensor.device))
    elif name not in owner._parameters:
        owner._buffers[name] = given
    elif isinstance(given, Parameter):
        owner._parameters[name] = given
    else:
        owner._parameters[name] = Parameter(given, tensor.requires_grad)
