"""PyTorch's face of the engine: `grad`, modes, `Function`, functional derivatives, gradient checks."""

from .anomaly import detect_anomaly, set_detect_anomaly
from .function import Function, once_differentiable
from .grad import backward, grad
from .gradcheck import gradcheck, gradgradcheck
from .modes import enable_grad, inference_mode, is_grad_enabled, is_inference_mode_enabled, no_grad, set_grad_enabled
from .variable import Variable

from . import functional  # isort: skip

__all__ = [
    "Function", "Variable", "backward", "detect_anomaly", "enable_grad", "functional", "grad", "gradcheck",
    "gradgradcheck", "inference_mode", "is_grad_enabled", "is_inference_mode_enabled", "no_grad",
    "once_differentiable", "set_detect_anomaly", "set_grad_enabled",
]  # fmt: skip
