"""Functions of single numbers: types, broadcasting, numbers beside tensors, in place."""

from __future__ import annotations

UNARY = (
    "neg abs absolute sign exp log sqrt rsqrt square reciprocal sin cos tanh sigmoid isnan isinf isfinite logical_not floor ceil "
    "round trunc relu exp2 expm1 log2 log10 log1p erf erfc tan asin acos atan sinh cosh asinh acosh atanh negative positive "
    "is_floating_point is_complex numel"
).split()
BINARY = (
    "add sub mul div true_divide subtract multiply divide pow maximum minimum eq ne lt le gt ge greater less not_equal "
    "greater_equal less_equal logical_and logical_or logical_xor floor_divide remainder atan2"
).split()
OPERATORS = "+ - * / ** // % < <= > >= == != & | ^ @ << >>".split()


def _unary(name: str) -> list[str]:
    """One function of one tensor: every type, as method, by keyword, empty, 0-d, in place, at special numbers."""
    return [
        *[f"torch.{name}({kind}(2,3))" for kind in "f d h c i u i8 b".split()],
        f"f(2,3).{name}()",
        f"torch.{name}(input=f(3))",
        f"torch.{name}(f(0,3))",
        f"torch.{name}(f())",
        f"x = f(2,3).abs()+1.5; y = x.{name}_(); (y is x, x)",
        f"x = i(2,3); x.{name}_()",
        f"torch.{name}(torch.tensor([0., -0., inf, -inf, nan, 1., -1., 1e30]))",
    ]


def _binary(name: str) -> list[str]:
    """One function of two tensors: mixtures of types, broadcasting, numbers, strangers, in place."""
    numbers = "2 -2 0 0.5 -1.5 True 1j".split()
    return [
        *[f"torch.{name}({a}(2,3), {b}(2,3))" for a in "f i u b c h".split() for b in "f i d".split()],
        *[f"torch.{name}({a}(2,3), {n})" for n in numbers for a in "f i u".split()],
        *[f"torch.{name}(f(3), {stranger})" for stranger in ("'a'", "[1.,2.,3.]", "None")],
        f"f(2,3).{name}(f(3))",
        f"torch.{name}(input=f(3), other=f(3))",
        *[f"torch.{name}({a}, {b})" for a, b in SHAPES],
        f"x=f(2,3).abs(); y = x.{name}_(f(3).abs()); (y is x, x)",
        *[f"x=i(2,3); x.{name}_({n})" for n in ("2", "2.5")],
        f"x=f(3); x.{name}_(f(2,3))",
    ]


SHAPES = [("f(2,1)", "f(3)"), ("f(3)", "f(4)"), ("f(2,3)", "f(4,3)"), ("f(0,3)", "f(3)"), ("f()", "f()")]


def _operator(op: str) -> list[str]:
    """One operator of Python: tensors and numbers on either side, strangers, NumPy's scalars, in place."""
    found = [f"{kind}(3) {op} {kind}(3)" for kind in "fiub"]
    for number in ("2", "0.5", "True"):
        for kind in "fiub":
            found += [f"{kind}(3) {op} {number}", f"{number} {op} {kind}(3)"]
    found += [f"f(3) {op} {stranger}" for stranger in ("None", "'a'", "[1,2,3]")] + [f"[1,2,3] {op} f(3)"]
    found += [f"f(3) {op} np.float64(2)", f"f(3) {op} np.float32(2)", f"i(3) {op} np.int64(2)"]
    if op not in ("==", "!=", "<", ">", "<=", ">="):
        found += [f"x={kind}(3); x {op}= {b}; x" for kind in "fib" for b in (f"{kind}(3)", "2", "2.5")]
    return found


ROWS = [row for name in UNARY for row in _unary(name)]
ROWS += [row for name in BINARY for row in _binary(name)]
ROWS += [row for op in OPERATORS for row in _operator(op)]
ROWS += r"""
-b(3)
~f(3)
~i(3)
~b(3)
~u(3)
+f(3)
abs(f(3))
torch.add(f(3), f(3), alpha=2)
torch.add(i(3), i(3), alpha=2)
torch.add(i(3), i(3), alpha=2.5)
torch.add(f(3), 2, alpha=3)
torch.sub(f(3), f(3), alpha=2)
f(3).add(f(3), alpha=0.5)
x=f(3); x.add_(f(3), alpha=2); x
x=f(3); x.sub_(f(3), alpha=2); x
torch.add(b(3), b(3), alpha=True)
torch.add(b(3), b(3), alpha=2)
torch.div(i(3), 2, rounding_mode='floor')
torch.div(i(2,3), i(3).abs()+1, rounding_mode='trunc')
torch.div(f(2,3), 0.7, rounding_mode='floor')
torch.div(f(2,3), 0.7, rounding_mode='trunc')
torch.div(f(2,3), -0.7, rounding_mode='floor')
torch.div(f(2,3), 0.7, rounding_mode='round')
torch.div(f(2,3), 0., rounding_mode='floor')
torch.div(f(2,3), 0., rounding_mode='trunc')
torch.div(i(3), 0, rounding_mode='floor')
torch.div(i(3), 0, rounding_mode='trunc')
torch.div(u(3), 7, rounding_mode='floor')
torch.div(b(3), True, rounding_mode='floor')
f(3).div_(2, rounding_mode='floor')
x=i(3); x.div_(2)
x=i(3); x.div_(2, rounding_mode='floor')
i(3) // 0
i(3) % 0
f(3) // 0
f(3) % 0
f(3) % -0.7
7 // i(3)
i(3) // torch.tensor(2)
torch.tensor(-7) // 2
torch.tensor(-7) % 3
torch.tensor(-7.) % 3
torch.tensor(7) % -3
torch.pow(2, i(3))
torch.pow(2, i(3).abs())
torch.pow(2.0, i(3))
torch.pow(i(3), -1)
torch.pow(i(3), i(3))
torch.pow(i(3), 0.5)
torch.pow(f(3), f(3))
torch.pow(f(3), 3)
torch.pow(f(3), -2)
torch.pow(u(3), 2)
torch.pow(input=f(3), exponent=2)
torch.pow(self=2, exponent=f(3))
f(3).pow(exponent=2)
f(3).pow_(2)
i(3)**2
i(3)**-1
2**i(3)
2.5**i(3)
(-2.)**f(3)
b(3)**2
b(3)**b(3)
u(3)**2
i(3)**2.0
f(3)**True
torch.square(b(3))
torch.clamp(f(2,3), 0, 1)
torch.clamp(f(2,3), min=0)
torch.clamp(f(2,3), max=0.5)
torch.clamp(f(2,3))
torch.clamp(i(2,3), 0, 1)
torch.clamp(i(2,3), 0.5, 1.5)
torch.clamp(i(2,3), min=0.5)
torch.clamp(u(2,3), 10, 20)
torch.clamp(f(2,3), f(3), f(2,1)+2)
torch.clamp(f(2,3), min=f(3))
torch.clamp(f(2,3), f(3), 1.0)
torch.clamp(f(3), 2, 1)
torch.clamp(torch.tensor([nan,1.,2.]), 0, 1)
torch.clamp(f(3), nan, 1)
torch.clamp(f(3), min=torch.tensor(nan))
torch.clamp(i(3), f(3), f(3)+1)
torch.clip(f(2,3), -1, 1)
torch.clamp_min(f(3), 0.5)
torch.clamp_max(f(3), 0.5)
torch.clamp(c(3), 0, 1)
torch.clamp(b(3), 0, 1)
torch.clamp(h(3), 0, 1)
x=f(3); x.clamp_(0, 1); x
x=f(3); x.clamp_(min=0); x
x=i(3); x.clamp_(0, 1); x
x=i(3); x.clamp_(0.5, 1)
f(2,3).clamp(min=f(4))
torch.where(b(2,3), f(2,3), 0.)
torch.where(b(2,3), f(2,3), 0)
torch.where(b(2,3), i(2,3), 0.5)
torch.where(b(2,3), 1, 2)
torch.where(b(2,3), 1., 2)
torch.where(b(2,3), 1., 2.)
torch.where(b(2,3), True, 2)
torch.where(b(2,3), i(3), f(2,1))
torch.where(b(2,3), f(3), d(3))
torch.where(b(2,3), f(), d(3))
torch.where(b(2,3), f(3), d())
torch.where(b(2,3))
torch.where(f(2,3)>5)
torch.where(torch.tensor(True))
torch.where(f(2,3), 1, 2)
torch.where(u(2,3), 1, 2)
torch.where(i(2,3), f(2,3), f(2,3))
torch.where(condition=b(3), input=f(3), other=f(3))
torch.where(b(2,3), f(4), f(3))
torch.where(b(3), f(3), 1j)
f(2,3).where(b(2,3), 0.)
f(2,3).where(condition=b(2,3), other=f(2,3))
torch.where(b(2,3), 'a', 0)
torch.lerp(f(3), f(3)+1, 0.5)
torch.lerp(f(3), f(3)+1, f(3))
f(3).lerp_(f(3)+1, 0.5)
torch.lerp(f(3), d(3), 0.5)
torch.lerp(i(3), i(3), 0.5)
torch.addcmul(f(3), f(3), f(3), value=2)
torch.addcmul(f(3), f(2,1), f(3), value=0.5)
torch.addcdiv(f(3), f(3), f(3), value=2)
torch.addcdiv(i(3), i(3), i(3), value=2)
torch.addcmul(i(3), i(3), i(3), value=2)
torch.round(f(2,3)*10, decimals=1)
torch.round(f(2,3)*100, decimals=-1)
torch.round(torch.tensor([0.5,1.5,2.5,-0.5]))
f(3).round_(decimals=1)
torch.bitwise_and(i(3), 3)
torch.bitwise_or(i(3), i(3))
torch.bitwise_xor(b(3), True)
torch.bitwise_not(i(3))
torch.bitwise_and(f(3), f(3))
torch.logical_and(f(3), i(3))
torch.logical_not(i(3))
torch.logical_xor(f(3), b(3))
torch.logical_and(f(3), 1)
torch.maximum(f(3), 1.0)
torch.minimum(torch.tensor([nan,1.]), torch.tensor([0.,nan]))
torch.maximum(b(3), b(3))
torch.maximum(c(3), c(3))
f(3) < c(3)
c(3) < c(3)
c(3) == c(3)
torch.sign(torch.tensor([nan, -0., 0., 2.]))
torch.sign(c(3))
torch.abs(c(3))
torch.abs(u(3))
torch.abs(torch.tensor(-128, dtype=torch.int8))
torch.neg(u(3))
u(3) + 250
u(3) * u(3)
u(3) - 200
u(3) + 300
u(3) + (-1)
i8(3) + 100
i8(3) * 3
torch.tensor(250, dtype=torch.uint8) + 10
torch.tensor(250, dtype=torch.uint8) + torch.tensor(10, dtype=torch.uint8)
torch.tensor(2**31-1, dtype=torch.int32) + 1
torch.tensor(2**63-1) + 1
u(3) + 1000000
u(3) == 1000000
u(3) < 1000
u(3) > -1
u(3) == -1
i8(3) < 300
torch.where(b(3), u(3), 1000)
torch.clamp(u(3), -5, 300)
torch.maximum(u(3), torch.tensor(300))
u(3).add_(300)
u(3).fill_(300)
u(3).fill_(-1)
torch.full((2,), 300, dtype=torch.uint8)
torch.tensor([300], dtype=torch.uint8)
torch.tensor([-1], dtype=torch.uint8)
torch.tensor(300, dtype=torch.uint8)
b(3) + b(3)
b(3) * b(3)
b(3) - b(3)
b(3) - 1
1 - b(3)
b(3) + 1
b(3) + 1.5
b(3) / b(3)
b(3) // b(3)
b(3) % b(3)
b(3) + True
True - b(3)
b(3).sum() / 3
h(3) + h(3)
h(3) + 1
h(3) * 1.5
h(3) + f(3)
h(3) + f()
h(3) + i(3)
h(3) * 1e6
h(3).exp()
torch.real(c(3))
torch.imag(c(3))
torch.conj(c(3))
torch.real(f(3))
torch.imag(f(3))
torch.conj(f(3))
f(3).conj()
c(3).real
c(3).imag
f(3).real
f(3).imag
c(3) + f(3)
c(3) * d(3)
c(3) + 1j
f(3) + 1j
d(3) + 1j
i(3) + 1j
i(3) * 1j
torch.complex(f(3), f(3))
torch.complex(f(3), d(3))
torch.complex(i(3), i(3))
torch.add(f(3), f(3), out=f(3))
torch.is_floating_point(h(3))
torch.is_tensor(f(3))
torch.is_tensor([1])
torch.numel(f(2,3))
torch.isnan(i(3))
torch.erf(f(3))
torch.exp(b(3))
""".strip().split("\n")
