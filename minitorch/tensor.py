"""Tensor: the engine on arrays, with PyTorch's names.

The methods are the functions of `functions/`; here they are put together, with what belongs to the tensor
itself: its type, its device, its memory, its place in the graph.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from operator import attrgetter
from typing import Any, ClassVar

import numpy as np

from .backend import dtypes
from .backend.arrays import SILENT, held_alone, quiet, writable
from .backend.devices import beside, device, device_of, library
from .backend.dtypes import DTYPES, dtype
from .engine import Variable, make, refresh
from .functions import activation as fa
from .functions import assemble as fm
from .functions import composed as fk
from .functions import convert as fc
from .functions import counting as fn
from .functions import fill as ff
from .functions import gather as fg
from .functions import grids as fq
from .functions import history as fh
from .functions import indexing as fi
from .functions import linalg as fl
from .functions import logic as fo
from .functions import matrices as fy
from .functions import pointwise as fp
from .functions import products as fx
from .functions import reduction as fr
from .functions import replace as fw
from .functions import running as fu
from .functions import sampling as fd
from .functions import search as fe
from .functions import shape as fs
from .functions import statistics as ft
from .functions import view as fv
from .functions.dims import axis_of
from .functions.inplace import copy_, in_place, reshaped_in_place
from .operators import Operators
from .ops import elementwise as e
from .ops import shape as s
from .printing import dtype_suffix, format_tensor
from .size import Size


class Tensor(Operators):
    """A multi-dimensional array that remembers how it was computed.

    Make one with `tensor(...)`, `zeros(...)` and the like.  `Tensor(2, 3)` and `Tensor([1, 2])` work as in
    PyTorch's oldest programs, and give float32.
    """

    payloads: ClassVar[dict[type, None]] = {np.ndarray: None}  # more are added when they are first seen
    _grad: Tensor | None = None
    aside = SILENT.copy

    def __init__(self, *data: Any) -> None:
        if len(data) == 1 and isinstance(data[0], Tensor):
            self.value, self.cell = data[0].value, data[0].cell
            return
        self.value, self.cell = self.old_array(data, dtypes.get_default_dtype().numpy), [0]

    @staticmethod
    @quiet
    def old_array(data: tuple[Any, ...], kind: Any) -> Any:
        """Return what PyTorch's oldest constructors were given, data or sizes, as an array of a type."""
        if len(data) == 1 and not isinstance(data[0], (int, Size)):
            if isinstance(data[0], (str, float)):
                raise TypeError(f"new(): data must be a sequence (got {type_name(data[0])})")
            return np.array(getattr(data[0], "value", data[0]), dtype=kind)
        return np.zeros(data[0] if data and isinstance(data[0], Size) else data or (0,), dtype=kind)

    # ---- what the engine asks of a kind of number ----------------------------------------------------------------

    @staticmethod
    def wrap(array: Any) -> Tensor:
        """Return a tensor around an array, sharing its memory."""
        return make(Tensor, array if type_is_numpy(array) else Tensor.coerce(array))

    @staticmethod
    def coerce(value: Any) -> Any:
        """Return the result of a primitive as an array: NumPy turns 0-d arrays into scalars."""
        if isinstance(value, (np.generic, bool, int, float, complex)):
            return np.asarray(value)
        library(value)  # refuses what is no array
        return _adopt(value)

    meta = staticmethod(attrgetter("shape", "dtype", "device"))  # type: ignore[assignment]

    @staticmethod
    def differentiable(value: Any) -> bool:
        """Tell whether the array is of a floating or complex type."""
        return value.dtype.kind in "fc"

    @staticmethod
    def own(value: Any) -> Any:
        """Return a C-contiguous copy; of a tensor, a recorded one."""
        if isinstance(value, Variable):
            return s.copy(value)
        with beside(value):
            return library(value).array(value, copy=True, order="C")

    @classmethod
    def own_or_keep(cls, held: list[Any]) -> Any:
        """Return the only array in a list as one that shares memory with nothing: itself, if the list alone holds it."""
        return held[0] if held_alone(held) else cls.own(held[0])

    @staticmethod
    def shares_memory(base: Any, part: Any) -> bool:
        """Tell whether an array lies in the memory of another."""
        if type_is_numpy(part) and (
            part is base or part.base is base or (part.base is not None and part.base is base.base)
        ):
            return True  # the quick answer, which is the right one for most views
        with beside(part):
            return bool(library(base).may_share_memory(base, part))

    @staticmethod
    def store(target: Any, value: Any) -> None:
        """Write an array into the memory of another."""
        if type_is_numpy(target):
            writable(target)[...] = value
        else:
            with beside(target):
                target[...] = value

    @staticmethod
    def accumulate(total: Any, step: Any) -> Any:
        """Add in place."""
        if type_is_numpy(total):
            total += step
        else:
            with beside(total):
                total += step
        return total

    @staticmethod
    def conjugate(value: Any) -> Any:
        """Return the complex conjugate of an array or a tensor; real ones as they are."""
        array = value.value if isinstance(value, Variable) else value
        return e.conj(value) if array.dtype.kind == "c" else value

    @staticmethod
    def has_nan(value: Any) -> bool:
        """Tell whether there is a nan among the numbers."""
        with beside(value):
            return bool(library(value).isnan(value).any())

    @staticmethod
    def quiet() -> Any:
        """Return a context in which NumPy gives IEEE results without a warning."""
        return np.errstate(all="ignore")

    # ---- type, device, memory ------------------------------------------------------------------------------------

    @property
    def shape(self) -> Size:
        """The sizes."""
        return Size(self.value.shape)

    @property
    def dtype(self) -> dtype:
        """The type of the numbers."""
        return DTYPES[self.value.dtype]

    @property
    def device(self) -> device:
        """Where the tensor lives."""
        return device_of(self.value)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return int(self.value.ndim)

    @property
    def is_cuda(self) -> bool:
        """Whether it lives on a CUDA device."""
        return self.device.type == "cuda"

    @property
    def is_cpu(self) -> Any:
        """Whether it lives in host memory."""
        return self.device.type == "cpu"

    def get_device(self) -> Any:
        """Return the index of its device; -1 for the CPU."""
        return -1 if self.device.index is None else self.device.index

    @property
    def itemsize(self) -> int:
        """Bytes of one number."""
        return int(self.value.itemsize)

    @property
    def nbytes(self) -> int:
        """Bytes of all numbers."""
        return int(self.value.nbytes)

    def size(self, dim: int | None = None) -> Any:
        """Return the sizes, or the size of one dimension."""
        if dim is None:
            return Size(self.value.shape)
        return self.value.shape[axis_of(dim, self.value.ndim)]

    def dim(self) -> int:
        """Return the number of dimensions."""
        return int(self.value.ndim)

    ndimension = dim

    numel = nelement = fc.numel
    is_floating_point, is_complex, is_signed = fc.is_floating_point, fc.is_complex, fc.is_signed
    is_nonzero, is_same_size = fc.is_nonzero, fc.is_same_size

    def element_size(self) -> int:
        """Return the bytes of one number."""
        return int(self.value.itemsize)

    def stride(self, dim: int | None = None) -> Any:
        """Return how many numbers apart in memory neighbours along each dimension (or one) are."""
        shape, strides = self.value.shape, [n // self.value.itemsize for n in self.value.strides]
        for i in reversed(range(len(shape))):
            if shape[i] == 1 and strides[i] == 0:  # NumPy's for a new axis; PyTorch steps over all that is inside
                strides[i] = shape[i + 1] * strides[i + 1] if i + 1 < len(shape) else 1
        return tuple(strides) if dim is None else strides[axis_of(dim, len(shape))]

    def storage_offset(self) -> Any:
        """Return how many numbers after the beginning of its memory the tensor begins."""
        root = self.value
        while hasattr(getattr(root, "base", None), "dtype"):
            root = root.base
        return (self.data_ptr() - Tensor.wrap(root).data_ptr()) // self.value.itemsize

    def data_ptr(self) -> int:
        """Return the address of the first number."""
        value = self.value
        return value.ctypes.data if type_is_numpy(value) else value.data.ptr

    def is_contiguous(self, memory_format: Any = None) -> bool:
        """Tell whether the memory is in row-major order without gaps."""
        return bool(self.value.flags.c_contiguous)

    to, type, type_as, cpu, cuda = fc.to, fc.type_, fc.type_as, fc.cpu, fc.cuda
    float, double, half, cfloat, cdouble = fc.float_, fc.double, fc.half, fc.cfloat, fc.cdouble
    int, long, short, byte, char, bool = fc.int_, fc.long, fc.short, fc.byte, fc.char, fc.bool_
    item, tolist, numpy = fc.item, fc.tolist, fc.numpy

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def __dlpack__(self, **options: Any) -> Any:
        if self.requires_grad:
            raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
        return self.value.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self.value.__dlpack_device__()

    @property
    def __cuda_array_interface__(self) -> Any:
        if type_is_numpy(self.value):
            raise AttributeError("Can't get __cuda_array_interface__ on non-CUDA tensor type: use tensor.cuda()")
        if self.requires_grad:
            raise RuntimeError("Can't get __cuda_array_interface__ on Variable that requires grad: use tensor.detach()")
        return self.value.__cuda_array_interface__

    # ---- the place in the graph ----------------------------------------------------------------------------------

    @property
    def data(self) -> Tensor:
        """The same memory without history; writes to it are not recorded, and not noticed."""
        return Tensor.wrap(self.value)

    @data.setter
    def data(self, new: Tensor) -> None:
        self.value, self.cell, self.view_record = new.value, new.cell, None

    @property
    def requires_grad(self) -> Any:
        """Whether gradients are computed for it."""
        self._fresh()
        return self.tracked

    @requires_grad.setter
    def requires_grad(self, requires_grad: Any) -> None:
        fh.requires_grad_(self, requires_grad)

    @property
    def is_leaf(self) -> Any:
        """Whether it was made by the user, not by a recorded operation."""
        return self._fresh().node is None

    @property
    def grad_fn(self) -> Any:
        """The node that computed it; None for a leaf."""
        return self._fresh().node

    @property
    def grad(self) -> Tensor | None:
        """The gradient that `backward()` has accumulated; None before."""
        if self.node is not None and self._grad is None and not self.retains_grad:
            warnings.warn(
                "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad "
                "attribute won't be "
                "populated during autograd.backward(). If you indeed want the .grad field to be populated for a "
                "non-leaf "
                "Tensor, use .retain_grad() on the non-leaf Tensor.",
                UserWarning,
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, new: Tensor | None) -> None:
        if new is not None:
            if not isinstance(new, Tensor):
                raise TypeError(f"assigned grad expected to be a Tensor or None but got grad of type {type_name(new)}")
            if self.meta(new.value) != self.meta(self.value):
                raise RuntimeError(
                    f"assigned grad has data of shape {list(new.shape)}, dtype {new.dtype}, device "
                    f"{new.device}, but the tensor has "
                    f"shape {list(self.shape)}, dtype {self.dtype}, device {self.device}"
                )
        self._grad = new

    @property
    def output_nr(self) -> Any:
        """Which output of its node it is."""
        return self.slot

    @property
    def _version(self) -> Any:
        return self.cell[0]

    @property
    def _base(self) -> Any:
        base, view = None, self.view_record
        while view is not None:
            base, view = view.base, view.base.view_record
        return base

    def _fresh(self) -> Tensor:
        """Return self, with its history rebuilt if it is a view of something that was written to."""
        if self.view_record is not None:
            refresh(self)
        return self

    requires_grad_, detach, detach_, backward = fh.requires_grad_, fh.detach, fh.detach_, fh.backward_
    is_inference = fh.is_inference
    retain_grad, register_hook = fh.retain_grad, fh.register_hook
    register_post_accumulate_grad_hook = fh.register_post_accumulate_grad_hook

    # ---- Python's protocols --------------------------------------------------------------------------------------

    __hash__ = object.__hash__
    __array_priority__ = 1000

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        self._fresh()
        host = self.value if type_is_numpy(self.value) else self.value.get()
        suffixes = [dtype_suffix(host, dtypes.get_default_dtype().numpy)]
        if self.device.type != "cpu":
            suffixes.insert(0, f"device='{self.device}'")
        if self.node is not None:
            suffixes.append(f"grad_fn={self.node!r}")
        elif self.requires_grad:
            suffixes.append("requires_grad=True")
        return format_tensor(host, [x for x in suffixes if x])

    def __format__(self, spec: str) -> str:
        if self.value.ndim == 0 and type(self) is Tensor:
            return format(self.value.item(), spec)
        if spec:
            raise TypeError(f"unsupported format string passed to {type_name(self)}.__format__: {spec!r}")
        return str(self)

    def __bool__(self) -> Any:
        if self.value.size == 0:
            raise RuntimeError("Boolean value of Tensor with no values is ambiguous")
        if self.value.size > 1:
            raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous: use .any() or .all()")
        return bool(self.value.item())

    def __float__(self) -> Any:
        return float(self._scalar())

    def __int__(self) -> Any:
        return int(self._scalar())

    def __complex__(self) -> complex:
        return complex(self._scalar(complex))

    def _scalar(self, kind: Any = float) -> Any:
        """Return the one number that Python's conversions take."""
        if self.value.size != 1:
            raise ValueError(
                f"only one element tensors can be converted to Python scalars, this one has shape {list(self.shape)}"
            )
        number = self.value.item()
        if kind is not complex and isinstance(number, complex):
            if number.imag:
                raise RuntimeError(f"value cannot be converted to type double without overflow: {number}")
            number = number.real
        return number

    def __index__(self) -> Any:
        if self.value.size != 1 or self.value.dtype.kind not in "iub":
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self.value.item())

    def __len__(self) -> Any:
        if self.value.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return len(self.value)

    def __iter__(self) -> Iterator[Tensor]:
        if self.value.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        return iter(fs.unbind(self, 0))

    def __reversed__(self) -> Tensor:
        return fs.flip(self, 0) if self.value.ndim else self

    def __contains__(self, element: Any) -> Any:
        if not isinstance(element, (Tensor, int, float, complex, bool, np.generic)):
            raise RuntimeError(
                f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {element.__class__}."
            )
        return bool((self == element).any())

    def __deepcopy__(self, memo: dict[Any, Any]) -> Any:
        if self.node is not None:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at "
                "the moment. "
                "Use detach().clone()."
            )
        out = make(self.__class__, self.own(self.value))
        out.tracked = self.tracked
        if self._grad is not None:
            out._grad = self._grad.__deepcopy__(memo)
        memo[id(self)] = out
        return out

    def __reduce_ex__(self, protocol: Any) -> Any:
        host = self.value if type_is_numpy(self.value) else self.value.get()
        return _rebuild, (self.__class__, host, self.device, self.requires_grad)

    __getitem__, __setitem__ = fi.getitem, fi.setitem

    __sub__ = fp.sub  # type: ignore[assignment]
    __matmul__ = fl.matmul
    __pow__, __pos__ = fp.pow, fp.positive
    __floordiv__, __mod__ = fp.floor_divide, fp.remainder
    __and__ = __rand__ = fo.bitwise_and
    __or__ = __ror__ = fo.bitwise_or
    __xor__ = __rxor__ = fo.bitwise_xor
    __invert__ = fo.bitwise_not
    __lshift__, __rshift__ = fo.bitwise_left_shift, fo.bitwise_right_shift

    def __rlshift__(self, other: Any) -> Tensor:
        return fo.bitwise_left_shift(other, self)

    def __rrshift__(self, other: Any) -> Tensor:
        return fo.bitwise_right_shift(other, self)

    def __rmul__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, (str, list, tuple)) else e.mul(other, self)

    def __rfloordiv__(self, other: Any) -> Tensor:
        return fp.floor_divide(other, self)

    def __rmod__(self, other: Any) -> Tensor:
        return fp.remainder(other, self)

    def __rmatmul__(self, other: Any) -> Tensor:
        raise TypeError(
            f"matmul(): argument must be Tensor, not {type(other).__name__}: convert it with torch.as_tensor"
        )

    # ---- the functions as methods --------------------------------------------------------------------------------

    # pointwise
    add, sub, mul, div, pow, neg = fp.add, fp.sub, fp.mul, fp.div, fp.pow, fp.neg
    multiply, divide, true_divide, subtract, negative = fp.multiply, fp.divide, fp.true_divide, fp.subtract, fp.negative
    abs, absolute, sign, reciprocal, square = fp.abs, fp.absolute, fp.sign, fp.reciprocal, fp.square
    exp, exp2, expm1, log, log2, log10, log1p = fp.exp, fp.exp2, fp.expm1, fp.log, fp.log2, fp.log10, fp.log1p
    sqrt, rsqrt, erf, erfc = fp.sqrt, fp.rsqrt, fp.erf, fp.erfc
    sin, cos, tan, asin, acos, atan, atan2 = fp.sin, fp.cos, fp.tan, fp.asin, fp.acos, fp.atan, fp.atan2
    sinh, cosh, tanh, asinh, acosh, atanh = fp.sinh, fp.cosh, fp.tanh, fp.asinh, fp.acosh, fp.atanh
    arcsin, arccos, arctan = fp.arcsin, fp.arccos, fp.arctan
    relu, sigmoid, softmax, log_softmax = fp.relu, fp.sigmoid, fa.softmax, fa.log_softmax
    floor, ceil, round, trunc, floor_divide, remainder = (
        fp.floor,
        fp.ceil,
        fp.round,
        fp.trunc,
        fp.floor_divide,
        fp.remainder,
    )
    maximum, minimum, clamp, clip = fp.maximum, fp.minimum, fp.clamp, fp.clip
    clamp_min, clamp_max, lerp, addcmul, addcdiv = fp.clamp_min, fp.clamp_max, fp.lerp, fp.addcmul, fp.addcdiv
    positive = fp.positive
    frac, fmod, fmax, fmin, copysign, hypot, sinc = fk.frac, fk.fmod, fk.fmax, fk.fmin, fk.copysign, fk.hypot, fk.sinc
    logaddexp, logaddexp2, xlogy, logit, nan_to_num = fk.logaddexp, fk.logaddexp2, fk.xlogy, fk.logit, fk.nan_to_num
    heaviside, rad2deg, deg2rad, sgn, float_power = fk.heaviside, fk.rad2deg, fk.deg2rad, fk.sgn, fk.float_power

    # comparisons, logic
    eq, ne, lt, le, gt, ge = fo.eq, fo.ne, fo.lt, fo.le, fo.gt, fo.ge
    not_equal, less, less_equal, greater, greater_equal = fo.ne, fo.lt, fo.le, fo.gt, fo.ge
    isnan, isinf, isfinite = fo.isnan, fo.isinf, fo.isfinite
    logical_and, logical_or, logical_xor, logical_not = fo.logical_and, fo.logical_or, fo.logical_xor, fo.logical_not
    bitwise_and, bitwise_or, bitwise_xor, bitwise_not = fo.bitwise_and, fo.bitwise_or, fo.bitwise_xor, fo.bitwise_not
    bitwise_left_shift, bitwise_right_shift = fo.bitwise_left_shift, fo.bitwise_right_shift
    isclose, allclose, equal, signbit = fo.isclose, fo.allclose, fo.equal, fo.signbit
    isposinf, isneginf, isreal = fo.isposinf, fo.isneginf, fo.isreal

    def where(self, condition: Tensor, other: Any) -> Tensor:
        """Return self where the condition holds, else `other`."""
        return fp.where(condition, self, other)

    # reductions
    sum, mean, prod, var, std, norm, dist = fr.sum, fr.mean, fr.prod, fr.var, fr.std, fr.norm, fr.dist
    max, min, amax, amin, argmax, argmin = fe.max, fe.min, fe.amax, fe.amin, fe.argmax, fe.argmin
    any, all, logsumexp, cumsum = fr.any, fr.all, fr.logsumexp, fr.cumsum
    sort, argsort, msort, topk, nonzero = fe.sort, fe.argsort, fe.msort, fe.topk, fe.nonzero

    count_nonzero, nansum, nanmean, aminmax = ft.count_nonzero, ft.nansum, ft.nanmean, ft.aminmax
    median, mode, kthvalue, quantile = ft.median, ft.mode, ft.kthvalue, ft.quantile
    cov, corrcoef, bincount, histc, argwhere = ft.cov, ft.corrcoef, fn.bincount, fn.histc, fn.argwhere
    unique, unique_consecutive = fn.unique, fn.unique_consecutive
    cumprod, cummax, cummin, logcumsumexp, diff = fu.cumprod, fu.cummax, fu.cummin, fu.logcumsumexp, fu.diff

    # shapes
    reshape, view, view_as, reshape_as = fv.reshape, fv.view, fv.view_as, fv.reshape_as
    ravel, moveaxis, adjoint = fv.ravel, fv.moveaxis, fv.adjoint
    flatten, unflatten, squeeze, unsqueeze = fv.flatten, fv.unflatten, fv.squeeze, fv.unsqueeze
    permute, transpose, swapaxes, swapdims, t, movedim = (
        fv.permute,
        fv.transpose,
        fv.swapaxes,
        fv.swapdims,
        fv.t,
        fv.movedim,
    )
    expand, expand_as, broadcast_to, repeat = fv.expand, fv.expand_as, fv.broadcast_to, fs.repeat
    narrow, select, split, chunk, unbind = fs.narrow, fs.select, fs.split, fs.chunk, fs.unbind
    flip, roll, clone, contiguous = fs.flip, fs.roll, fs.clone, fs.contiguous
    tril, triu, diagonal = fs.tril, fs.triu, fv.diagonal
    diag, diag_embed, diagflat, tile, unfold = fm.diag, fm.diag_embed, fm.diagflat, fm.tile, fq.unfold
    tensor_split, hsplit, vsplit = fm.tensor_split, fm.hsplit, fm.vsplit
    rot90, fliplr, flipud, repeat_interleave = fm.rot90, fm.fliplr, fm.flipud, fq.repeat_interleave
    slice_scatter, select_scatter, diagonal_scatter = fm.slice_scatter, fm.select_scatter, fm.diagonal_scatter

    @property
    def T(self) -> Tensor:
        """All dimensions in reverse order; a view."""
        return s.transpose(self, tuple(reversed(range(self.value.ndim))))

    @property
    def mT(self) -> Tensor:
        """The last two dimensions exchanged; a view."""
        return fv.transpose(_matrix("mT", self), -2, -1)

    @property
    def mH(self) -> Tensor:
        """The conjugates, with the last two dimensions exchanged."""
        return fv.adjoint(_matrix("mH", self))

    @property
    def H(self) -> Tensor:
        """The conjugate transpose of a matrix."""
        if self.value.ndim not in (0, 2):
            raise RuntimeError(f"tensor.H is only supported on matrices (2-D tensors). Got {self.value.ndim}-D tensor.")
        return fv.adjoint(self) if self.value.ndim else self

    real, imag = property(fp.real), property(fp.imag)
    conj = fp.conj

    # indexing
    gather, scatter, scatter_add, index_select = fg.gather, fg.scatter, fg.scatter_add, fg.index_select
    masked_fill, masked_select, masked_scatter = fg.masked_fill, fg.masked_select, fw.masked_scatter
    index_add, index_copy, index_fill, index_put = fw.index_add, fw.index_copy, fw.index_fill, fw.index_put
    take, take_along_dim, scatter_reduce = fw.take, fw.take_along_dim, fw.scatter_reduce

    # products
    matmul, mm, bmm, mv, dot, outer, ger, addmm = fl.matmul, fl.mm, fl.bmm, fl.mv, fl.dot, fl.outer, fl.ger, fl.addmm
    trace, inner, vdot, kron, cross = fl.trace, fx.inner, fx.vdot, fx.kron, fx.cross
    det, logdet, slogdet, inverse, pinverse = fy.det, fy.logdet, fy.slogdet, fy.inv, fy.pinv
    cholesky, matrix_power = fy.cholesky, fy.matrix_power
    addmv, addr, baddbmm, addbmm, renorm = fx.addmv, fx.addr, fx.baddbmm, fx.addbmm, fx.renorm

    # ---- in place ------------------------------------------------------------------------------------------------

    copy_ = copy_
    add_ = in_place(fp.add)
    sub_ = in_place(fp.sub)
    mul_ = in_place(fp.mul)
    div_ = in_place(fp.div)
    pow_ = in_place(fp.pow)
    neg_ = in_place(fp.neg)
    abs_ = in_place(fp.abs)
    sign_ = in_place(fp.sign)
    reciprocal_ = in_place(fp.reciprocal)
    square_ = in_place(fp.square)
    exp_ = in_place(fp.exp)
    exp2_ = in_place(fp.exp2)
    expm1_ = in_place(fp.expm1)
    log_ = in_place(fp.log)
    log2_ = in_place(fp.log2)
    log10_ = in_place(fp.log10)
    log1p_ = in_place(fp.log1p)
    sqrt_ = in_place(fp.sqrt)
    rsqrt_ = in_place(fp.rsqrt)
    erf_ = in_place(fp.erf)
    erfc_ = in_place(fp.erfc)
    sin_ = in_place(fp.sin)
    cos_ = in_place(fp.cos)
    tan_ = in_place(fp.tan)
    asin_ = in_place(fp.asin)
    acos_ = in_place(fp.acos)
    atan_ = in_place(fp.atan)
    atan2_ = in_place(fp.atan2)
    sinh_ = in_place(fp.sinh)
    cosh_ = in_place(fp.cosh)
    tanh_ = in_place(fp.tanh)
    asinh_ = in_place(fp.asinh)
    acosh_ = in_place(fp.acosh)
    atanh_ = in_place(fp.atanh)
    sigmoid_ = in_place(fp.sigmoid)
    relu_ = in_place(fp.relu)
    floor_ = in_place(fp.floor)
    ceil_ = in_place(fp.ceil)
    round_ = in_place(fp.round)
    trunc_ = in_place(fp.trunc)
    clamp_ = in_place(fp.clamp)
    clip_ = in_place(fp.clip)
    clamp_min_ = in_place(fp.clamp_min)
    clamp_max_ = in_place(fp.clamp_max)
    floor_divide_ = in_place(fp.floor_divide)
    remainder_ = in_place(fp.remainder)
    lerp_ = in_place(fp.lerp)
    addcmul_ = in_place(fp.addcmul)
    addcdiv_ = in_place(fp.addcdiv)
    subtract_, multiply_, divide_, true_divide_, negative_, absolute_ = sub_, mul_, div_, div_, neg_, abs_
    arcsin_, arccos_, arctan_ = asin_, acos_, atan_
    eq_ = in_place(fo.eq)
    ne_ = in_place(fo.ne)
    lt_ = in_place(fo.lt)
    le_ = in_place(fo.le)
    gt_ = in_place(fo.gt)
    ge_ = in_place(fo.ge)
    logical_and_ = in_place(fo.logical_and)
    logical_or_ = in_place(fo.logical_or)
    logical_xor_ = in_place(fo.logical_xor)
    logical_not_ = in_place(fo.logical_not)
    bitwise_and_ = in_place(fo.bitwise_and)
    bitwise_or_ = in_place(fo.bitwise_or)
    bitwise_xor_ = in_place(fo.bitwise_xor)
    bitwise_not_ = in_place(fo.bitwise_not)
    bitwise_left_shift_ = in_place(fo.bitwise_left_shift)
    bitwise_right_shift_ = in_place(fo.bitwise_right_shift)
    not_equal_, less_, less_equal_, greater_, greater_equal_ = ne_, lt_, le_, gt_, ge_
    cumsum_, addmm_ = in_place(fr.cumsum), in_place(fl.addmm)
    masked_fill_ = in_place(fg.masked_fill)
    scatter_ = in_place(fg.scatter)
    scatter_add_ = in_place(fg.scatter_add)
    masked_scatter_, index_put_ = in_place(fw.masked_scatter), in_place(fw.index_put)
    index_add_, index_copy_, index_fill_ = in_place(fw.index_add), in_place(fw.index_copy), in_place(fw.index_fill)
    scatter_reduce_, cumprod_, renorm_ = in_place(fw.scatter_reduce), in_place(fu.cumprod), in_place(fx.renorm)
    addmv_, addr_, baddbmm_, addbmm_ = in_place(fx.addmv), in_place(fx.addr), in_place(fx.baddbmm), in_place(fx.addbmm)
    frac_, fmod_, xlogy_, hypot_ = in_place(fk.frac), in_place(fk.fmod), in_place(fk.xlogy), in_place(fk.hypot)
    nan_to_num_, logit_, sinc_, sgn_ = in_place(fk.nan_to_num), in_place(fk.logit), in_place(fk.sinc), in_place(fk.sgn)
    heaviside_, copysign_ = in_place(fk.heaviside), in_place(fk.copysign)
    rad2deg_, deg2rad_ = in_place(fk.rad2deg), in_place(fk.deg2rad)
    tril_ = in_place(fs.tril)
    swapaxes_ = swapdims_ = reshaped_in_place(fv.transpose)
    squeeze_ = reshaped_in_place(fv.squeeze)
    unsqueeze_ = reshaped_in_place(fv.unsqueeze)
    transpose_ = reshaped_in_place(fv.transpose)
    t_ = reshaped_in_place(fv.t)
    triu_ = in_place(fs.triu)
    __iadd__, __isub__, __imul__, __itruediv__, __ipow__ = add_, sub_, mul_, div_, pow_
    __ifloordiv__, __imod__ = floor_divide_, remainder_
    __ilshift__, __irshift__ = bitwise_left_shift_, bitwise_right_shift_
    __iand__, __ior__, __ixor__ = bitwise_and_, bitwise_or_, bitwise_xor_

    fill_, zero_, random_ = ff.fill_, ff.zero_, fd.random_
    normal_, uniform_, bernoulli_, exponential_ = fd.normal_, fd.uniform_, fd.bernoulli_, fd.exponential_
    bernoulli, multinomial = fd.bernoulli, fd.multinomial
    new_tensor, new_full, new_zeros, new_ones, new_empty = (
        ff.new_tensor,
        ff.new_full,
        ff.new_zeros,
        ff.new_ones,
        ff.new_empty,
    )


def _rebuild(kind: Any, host: Any, where: device, requires_grad: bool) -> Any:
    """Make a tensor again from what pickle kept."""
    out = make(kind, host)
    if where.type != "cpu":
        out.value = fc.to(out, where).value
    out.tracked = requires_grad
    return out


def _adopt(array: Any) -> Any:
    """Accept arrays of another library as payloads; from now on every operation runs on the device of its arguments."""
    Tensor.payloads[array.__class__] = None
    Tensor.home = staticmethod(_at_home)
    return array


def _at_home(payloads: Any) -> Any:
    """Return a context on the device of the first array among some payloads."""
    for p in payloads:
        p = p.value if isinstance(p, Variable) else p
        if p.__class__ in Tensor.payloads:
            return beside(p)
    return contextlib.nullcontext()


def _matrix(name: str, x: Any) -> Any:
    """Refuse vectors."""
    if x.value.ndim == 1:
        raise RuntimeError(f"tensor.{name} is only supported on matrices or batches of matrices. Got 1-D tensor.")
    return x


def type_is_numpy(array: Any) -> bool:
    """Tell whether an array lies in host memory."""
    return isinstance(array, np.ndarray)


def type_name(x: object) -> str:
    """Return the name of the type of a value, for messages."""
    return x.__class__.__name__


Tensor.result = Tensor
