r"""Special functions that NumPy lacks: erf, erfc, erfinv, lgamma and digamma.

Each is a few rational functions, one for every range of the argument.  All of them are computed everywhere
(on arguments clamped to their range, so that nothing overflows and nothing warns), and `where` chooses:
no data-dependent shapes, so the code is the same for NumPy and for a device.  Coefficients are listed from
the highest power down.  Errors are a few units in the last place of float64, and of float32.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from . import floats, single
from .devices import library

# fmt: off
# erf on |x| < 0.46875, erfc up to 4 and beyond: Cody 1969, in the digits of his program CALERF.
ERF_P = (1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2,
         3.20937758913846947e3)
ERF_Q = (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3)
ERFC_P = (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1,
          2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
          1.23033935479799725e3)
ERFC_Q = (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
          3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3)
FAR_P = (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
         1.60837851487422766e-2, 6.58749161529837803e-4)
FAR_Q = (1.0, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2,
         2.33520497626869185e-3)

# The normal quantile in the middle, the tail and the far tail: Wichura 1988, algorithm AS 241 (PPND16).
MIDDLE_P = (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
            13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.3871328727963666080)
MIDDLE_Q = (5226.4952788528545610, 28729.085735721942674, 39307.895800092710610, 21213.794301586595867,
            5394.1960214247511077, 687.18700749205790830, 42.313330701600911252, 1.0)
TAIL_P = (7.74545014278341407640e-4, 2.27238449892691845833e-2, 0.241780725177450611770, 1.27045825245236838258,
          3.64784832476320460504, 5.76949722146069140550, 4.63033784615654529590, 1.42343711074968357734)
TAIL_Q = (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 0.148103976427480074590,
          0.689767334985100004550, 1.67638483018380384940, 2.05319162663775882187, 1.0)
END_P = (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
         0.296560571828504891230, 1.78482653991729133580, 5.46378491116411436990, 6.65790464350110377720)
END_Q = (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
         1.48753612908506148525e-2, 0.136929880922735805310, 0.599832206555887937690, 1.0)

# ln Γ around 1, around 2, from 4 to 12, and beyond: Cody & Hillstrom 1967, in the digits of the program ALGAMA.
ONE_D = -5.772156649015328605195174e-1
ONE_P = (4.945235359296727046734888, 2.018112620856775083915565e2, 2.290838373831346393026739e3,
         1.131967205903380828685045e4, 2.855724635671635335736389e4, 3.848496228443793359990269e4,
         2.637748787624195437963534e4, 7.225813979700288197698961e3)
ONE_Q = (1.0, 6.748212550303777196073036e1, 1.113332393857199323513008e3, 7.738757056935398733233834e3,
         2.763987074403340708898585e4, 5.499310206226157329794414e4, 6.161122180066002127833352e4,
         3.635127591501940507276287e4, 8.785536302431013170870835e3)
TWO_D = 4.227843350984671393993777e-1
TWO_P = (4.974607845568932035012064, 5.424138599891070494101986e2, 1.550693864978364947665077e4,
         1.847932904445632425417223e5, 1.088204769468828767498470e6, 3.338152967987029735917223e6,
         5.106661678927352456275255e6, 3.074109054850539556250927e6)
TWO_Q = (1.0, 1.830328399370592604055942e2, 7.765049321445005871323047e3, 1.331903827966074194402448e5,
         1.136705821321969608938755e6, 5.267964117437946917577538e6, 1.346701454311101692290052e7,
         1.782736530353274213975932e7, 9.533095591844353613395747e6)
FOUR_D = 1.791759469228055000094023
FOUR_P = (1.474502166059939948905062e4, 2.426813369486704502836312e6, 1.214755574045093227939592e8,
          2.663432449630976949898078e9, 2.940378956634553899906876e10, 1.702665737765398868392998e11,
          4.926125793377430887588120e11, 5.606251856223951465078242e11)
FOUR_Q = (-1.0, 2.690530175870899333379843e3, 6.393885654300092398984238e5, 4.135599930241388052042842e7,
          1.120872109616147941376570e9, 1.488613728678813811542398e10, 1.016803586272438228077304e11,
          3.417476345507377132798597e11, 4.463158187419713286462081e11)
# Asymptotic series in 1/x², by Bernoulli's numbers (Abramowitz & Stegun 6.1.41 and 6.3.18).
STIRLING = (-691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12)
DIGAMMA = (-1 / 12, 691 / 32760, -1 / 132, 1 / 240, -1 / 252, 1 / 120, -1 / 12)
# fmt: on
HUGE = 1e16  # from here on a number is whole, and its logarithm is its digamma


def polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    """Evaluate a polynomial by Horner's rule."""
    y = coefficients[0] * x + coefficients[1]
    for c in coefficients[2:]:
        y = y * x + c
    return y


def _special(cupy_name: str, scalar: Callable[[float], float] | None = None) -> Callable[[Any], Callable[[Any], Any]]:
    """Make a function of (library, x) one of x alone: `scalar` serves floats, CuPy's own function CuPy arrays."""

    def decorate(function: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
        @functools.wraps(function)
        def call(x: Any) -> Any:
            xp = library(x)
            if xp is floats:
                return function(floats, float(x)) if scalar is None else scalar(float(x))
            if xp.__name__ == "cupy":
                return getattr(_cupyx(), cupy_name)(x).astype(x.dtype, copy=False)
            if x.dtype == np.float16:  # too narrow for the coefficients
                return function(xp, x.astype(np.float32)).astype(x.dtype)
            return function(xp, x)

        del call.__wrapped__  # its signature has the library in it
        return call

    return decorate


def _cupyx() -> ModuleType:
    import cupyx.scipy.special

    return cupyx.scipy.special


def _erf_small(xp: Any, x: Any) -> Any:
    """Compute erf for |x| < 0.46875; other arguments are clamped."""
    x = xp.maximum(xp.minimum(x, 0.46875), -0.46875)
    return x * polynomial(ERF_P, x * x) / polynomial(ERF_Q, x * x)


def _erfc_large(xp: Any, z: Any) -> Any:
    r"""Compute erfc for z ≥ 0.46875; smaller ones are clamped.

    $\mathrm{erfc}\,z = e^{-z^2} R(z)$; beyond 4,
    $\mathrm{erfc}\,z = \frac{e^{-z^2}}{z}\big(\frac{1}{\sqrt\pi} - \frac{1}{z^2} R(\frac{1}{z^2})\big)$.
    The exponent is split, $z^2 = s^2 + (z - s)(z + s)$ with $s$ exact in a few bits: rounding it would be amplified.
    """
    z = xp.minimum(xp.maximum(z, 0.46875), 30.0)
    near, far = xp.minimum(z, 4.0), xp.maximum(z, 4.0)
    w = 1.0 / (far * far)
    tail = (1 / math.sqrt(math.pi) - w * polynomial(FAR_P, w) / polynomial(FAR_Q, w)) / far
    s = xp.floor(z * 16.0) / 16.0
    scale = xp.exp(-s * s) * xp.exp(-(z - s) * (z + s))
    return scale * xp.where(z < 4.0, polynomial(ERFC_P, near) / polynomial(ERFC_Q, near), tail)


@_special("erf", floats.erf)
def erf(xp: Any, x: Any) -> Any:
    r"""Error function.  $\mathrm{erf}\,x = \frac{2}{\sqrt\pi} \int_0^x e^{-t^2}\,dt$.

    Source:  Cody 1969, Rational Chebyshev approximations for the error function.

    >>> erf(0.5)
    0.5204998778130465
    """
    if xp is np and x.dtype == np.float32:
        return single.erf(x)
    z = xp.abs(x)
    return xp.where(z < 0.46875, _erf_small(xp, x), xp.copysign(1.0 - _erfc_large(xp, z), x))


@_special("erfc", floats.erfc)
def erfc(xp: Any, x: Any) -> Any:
    r"""Complement of the error function, $\mathrm{erfc}\,x = 1 - \mathrm{erf}\,x$, without cancellation for large x."""
    z = xp.abs(x)
    tail = _erfc_large(xp, z)
    return xp.where(z < 0.46875, 1.0 - _erf_small(xp, x), xp.where(x < 0.0, 2.0 - tail, tail))


@_special("erfinv")
def erfinv(xp: Any, x: Any) -> Any:
    r"""Inverse of the error function on (-1, 1); ±∞ at ±1, not-a-number outside.

    With the quantile $\Phi^{-1}$ of the normal distribution, $\mathrm{erf}^{-1} x = \Phi^{-1}(\frac{1+x}{2})/\sqrt2$.

    Source:  Wichura 1988, algorithm AS 241.

    >>> round(erfinv(erf(0.5)), 15)
    0.5
    """
    z = xp.abs(x)
    q = xp.minimum(z, 0.85) / 2.0
    r = 0.180625 - q * q
    middle = q * polynomial(MIDDLE_P, r) / polynomial(MIDDLE_Q, r)
    inside = xp.where(z < 1.0, z, 0.5)  # where it is 1 or more, the result is written below
    t = xp.sqrt(-xp.log((1.0 - inside) / 2.0))
    near, end = xp.minimum(t, 5.0) - 1.6, xp.maximum(t, 5.0) - 5.0
    tail = polynomial(TAIL_P, near) / polynomial(TAIL_Q, near)
    tail = xp.where(t <= 5.0, tail, polynomial(END_P, end) / polynomial(END_Q, end))
    y = xp.where(z <= 0.85, middle, tail) / math.sqrt(2.0)
    y = xp.where(z < 1.0, y, math.inf)
    return xp.copysign(xp.where(z <= 1.0, y, math.nan), x)


@_special("gammaln", floats.lgamma)
def lgamma(xp: Any, x: Any) -> Any:
    r"""Logarithm of the absolute value of the gamma function, $\ln|\Gamma(x)|$; +∞ at 0, -1, -2, …

    Below 0 by reflection: $|\Gamma(x)\,\Gamma(-x)| = \frac{\pi}{|x \sin \pi x|}$.

    Source:  Cody & Hillstrom 1967, Chebyshev approximations for the natural logarithm of the gamma function.

    >>> round(lgamma(5.0), 12)                # ln 24
    3.178053830348
    """
    z = xp.abs(x)
    z = xp.where((z > 0.0) & (z < math.inf), z, 1.0)
    above = _lgamma_positive(xp, z)
    sine = xp.abs(xp.sin(math.pi * (z - xp.rint(z))))
    sine = xp.where(sine > 0.0, sine, 1.0)
    below = math.log(math.pi) - xp.log(z) - xp.log(sine) - above
    y = xp.where(x > 0.0, above, xp.where(x == xp.rint(x), math.inf, below))
    y = xp.where(xp.abs(x) == math.inf, math.inf, y)
    return xp.where(x == x, y, x)


def _lgamma_positive(xp: Any, x: Any) -> Any:
    r"""Compute $\ln\Gamma(x)$ for x > 0."""
    small = x < 0.6  # lnΓ(x) = lnΓ(1 + x) - ln x
    d = xp.where(small, x, xp.minimum(x, 1.5) - 1.0)
    one = xp.where(small, -xp.log(x), 0.0) + d * (ONE_D + d * (polynomial(ONE_P, d) / polynomial(ONE_Q, d)))
    d = xp.minimum(xp.maximum(x, 1.5), 4.0) - 2.0
    two = d * (TWO_D + d * (polynomial(TWO_P, d) / polynomial(TWO_Q, d)))
    d = xp.minimum(xp.maximum(x, 4.0), 12.0) - 4.0
    four = FOUR_D + d * (polynomial(FOUR_P, d) / polynomial(FOUR_Q, d))
    far = xp.maximum(x, 12.0)
    w = 1.0 / far
    ln = xp.log(far)
    stirling = far * (ln - 1.0) - ln / 2.0 + math.log(2.0 * math.pi) / 2.0 + w * polynomial(STIRLING, w * w)
    return xp.where(x < 1.5, one, xp.where(x < 4.0, two, xp.where(x < 12.0, four, stirling)))


@_special("digamma")
def digamma(xp: Any, x: Any) -> Any:
    r"""Logarithmic derivative of the gamma function, $\psi(x) = \Gamma'(x) / \Gamma(x)$; ∓∞ at ±0, nan at -1, -2, …

    $\psi(x) = \psi(x + 1) - \frac1x$ leads to large arguments, where
    $\psi(x) \sim \ln x - \frac{1}{2x} - \sum_k \frac{B_{2k}}{2k\,x^{2k}}$;
    below 0 by reflection, $\psi(x) = \psi(-x) - \frac1x - \pi\cot\pi x$.

    Source:  Abramowitz & Stegun 1964, 6.3.5, 6.3.7 and 6.3.18.

    >>> round(-digamma(1.0), 12)             # Euler's constant
    0.577215664902
    """
    z = xp.where(x == 0.0, 1.0, xp.abs(x))
    finite = xp.where(z < HUGE, z, 1.0)
    shifted, steps = finite, 0.0 * finite
    for _ in range(10):
        low = shifted < 10.0
        steps = steps + xp.where(low, 1.0 / shifted, 0.0)
        shifted = xp.where(low, shifted + 1.0, shifted)
    w = 1.0 / shifted
    w2 = w * w
    above = xp.log(shifted) - w / 2.0 + w2 * polynomial(DIGAMMA, w2) - steps
    above = xp.where(z < HUGE, above, xp.log(z))
    fraction = finite - xp.rint(finite)
    pole = fraction == 0.0
    cotangent = math.pi / xp.tan(math.pi * xp.where(pole, 0.5, fraction))
    below = xp.where(pole, math.nan, above + 1.0 / finite + cotangent)
    return xp.where(x == 0.0, xp.copysign(math.inf, -x), xp.where(x < 0.0, below, above))
