r"""Line searches: how far to go along a direction.

On the way along $d$ from $\theta$ we look at $\phi(t) = f(\theta + td)$, whose slope is
$\phi'(t) = d^\top \nabla f(\theta + td)$.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple


class Point(NamedTuple):
    r"""Where a search has looked: $t$, $\phi(t)$, $\phi'(t)$, and the gradient there."""

    t: float
    f: float
    slope: float
    gradient: Any = None


def cubic_minimum(a: Point, b: Point, low: float, high: float) -> float:
    r"""Return the minimum in [low, high] of the cubic with the values and slopes of two points.

    $$d_1 = \phi'_a + \phi'_b - 3\,\frac{\phi_a - \phi_b}{a - b}, \qquad
      d_2 = \mathrm{sign}(b - a) \sqrt{d_1^2 - \phi'_a \phi'_b}, \qquad
      t = b - (b - a)\, \frac{\phi'_b + d_2 - d_1}{\phi'_b - \phi'_a + 2 d_2}$$

    Where the cubic has no minimum: the middle of the interval.

    Source:  Nocedal & Wright 2006, eq. 3.59.
    """
    d1 = a.slope + b.slope - 3 * (a.f - b.f) / (a.t - b.t)
    square = d1 * d1 - a.slope * b.slope
    if not 0 <= square < math.inf:
        return (low + high) / 2
    d2 = math.copysign(math.sqrt(square), b.t - a.t)
    below = b.slope - a.slope + 2 * d2
    if below == 0:
        return (low + high) / 2
    return min(max(b.t - (b.t - a.t) * (b.slope + d2 - d1) / below, low), high)


def strong_wolfe(
    look: Callable[[float], Point],
    start: Point,
    t: float,
    smallest: float,
    c1: float = 1e-4,
    c2: float = 0.9,
    max_looks: int = 25,
) -> Point:
    r"""Return a point that satisfies the strong Wolfe conditions.

    $$\phi(t) \le \phi(0) + c_1 t\, \phi'(0), \qquad |\phi'(t)| \le c_2 |\phi'(0)|$$

    First t grows until the interval between the last two points must hold such a point; then the interval shrinks.
    The search gives up at an interval shorter than `smallest`, or after `max_looks`: then it returns the lowest point.

    Source:  Nocedal & Wright 2006, Algorithms 3.5 and 3.6.
    """
    last, new, looks = start, look(t), 1
    while True:
        if _too_high(new, start, c1) or (looks > 1 and new.f >= last.f) or math.isnan(new.f):
            low, high = last, new
            break
        if abs(new.slope) <= -c2 * start.slope:
            return new
        if new.slope >= 0:
            low, high = new, last
            break
        if looks >= max_looks:
            return min(start, new, key=_height)
        further = cubic_minimum(last, new, new.t + 0.01 * (new.t - last.t), 10 * new.t)
        last, new, looks = new, look(further), looks + 1
    return _shrink(look, start, low, high, looks, smallest, c1, c2, max_looks)


def _shrink(
    look: Callable[[float], Point],
    start: Point,
    low: Point,
    high: Point,
    looks: int,
    smallest: float,
    c1: float,
    c2: float,
    max_looks: int,
) -> Point:
    """Shrink an interval, of which `low` is the better end, until a point satisfies the conditions."""
    hugged = False  # did the last point lie close to an end?
    while looks < max_looks and abs(high.t - low.t) >= smallest:
        left, right = sorted((low.t, high.t))
        t = cubic_minimum(low, high, left, right)
        t, hugged = _off_the_ends(t, left, right, hugged)
        new, looks = look(t), looks + 1
        if _too_high(new, start, c1) or new.f >= low.f or math.isnan(new.f):
            high = new
            continue
        if abs(new.slope) <= -c2 * start.slope:
            return new
        if new.slope * (high.t - low.t) >= 0:
            high = low
        low = new
    return low


def _too_high(new: Point, start: Point, c1: float) -> bool:
    return new.f > start.f + c1 * new.t * start.slope


def _height(point: Point) -> float:
    return math.inf if math.isnan(point.f) else point.f


def _off_the_ends(t: float, left: float, right: float, hugged: bool) -> tuple[float, bool]:
    """Keep a tenth of the interval away from its ends every other time, so that it does shrink."""
    margin = 0.1 * (right - left)
    if min(right - t, t - left) >= margin:
        return t, False
    if not hugged and left < t < right:
        return t, True
    return (right - margin if right - t < t - left else left + margin), False
