"""Questions about values: is it a tensor, which type would a mixture have?"""

from __future__ import annotations

from typing import Any

from ..backend.dtypes import dtype
from ..engine import Variable
from ..ops.declare import common_dtype


def is_tensor(obj: Any) -> bool:
    """Tell whether it is a tensor."""
    return isinstance(obj, Variable) and hasattr(obj, "value") and hasattr(obj.value, "dtype")


def result_type(tensor1: Any, tensor2: Any) -> dtype:
    """Return the type that arithmetic between two tensors or numbers gives."""
    return common_dtype([getattr(x, "value", x) for x in (tensor1, tensor2)])
