"""Where the boxes of a graph go, from left to right, so that lines cross no box and few lines.

A column for each distance from the inputs; a bend in every column that a long edge passes; the order in a
column by the mean height of the neighbours.

Source:  Sugiyama, Tagawa & Toda 1981, "Methods for visual understanding of hierarchical system structures".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

GAP = 16.0  # between two places of a column
BEND = 8.0  # the height of a bend
SWEEPS = 12


@dataclass(eq=False)
class Place:
    """A box, or a bend: where a long edge passes through a column.  `x` is its left side, `y` its middle."""

    width: float = 0.0
    height: float = BEND
    sources: list[Place] = field(default_factory=list)  # where its incoming edges come from, one for each
    targets: list[Place] = field(default_factory=list)
    column: int = 0
    x: float = 0.0
    y: float = 0.0

    @property
    def is_bend(self) -> bool:
        """Whether there is no box here."""
        return type(self) is Place


def arrange(boxes: list[Place], gap: float) -> list[Place]:
    """Give every box its place, columns `gap` apart; return the boxes with the bends.

    `boxes` have their sources, and each comes after its sources.
    """
    choose_columns(boxes)
    places = boxes + add_bends(boxes)
    columns: list[list[Place]] = [[] for _ in range(1 + max(place.column for place in places))]
    for place in places:
        columns[place.column].append(place)
    choose_heights(columns)
    x = 0.0
    for column in columns:
        width = max(place.width for place in column)
        for place in column:
            place.x, place.width = x, width
        x += width + gap
    return places


def choose_columns(boxes: list[Place]) -> None:
    """Put each box right of its sources, and each input just left of its first user."""
    users: dict[Place, list[Place]] = {}
    for box in boxes:
        box.column = 1 + max((source.column for source in box.sources), default=-1)
        for source in box.sources:
            users.setdefault(source, []).append(box)
    for box in boxes:
        if not box.sources and box in users:
            box.column = min(user.column for user in users[box]) - 1


def add_bends(boxes: list[Place]) -> list[Place]:
    """Cut edges longer than one column, and tell sources their targets; the edges of one source share bends."""
    chains: dict[Place, list[Place]] = {}  # the bends of each source, one in each column after it
    for box in boxes:
        for i, source in enumerate(box.sources):
            chain = chains.setdefault(source, [])
            while source.column + len(chain) + 1 < box.column:
                last = chain[-1] if chain else source
                bend = Place(sources=[last], column=last.column + 1)
                last.targets.append(bend)
                chain.append(bend)
            steps = box.column - source.column - 1
            box.sources[i] = chain[steps - 1] if steps else source
            box.sources[i].targets.append(box)
    return [bend for chain in chains.values() for bend in chain]


def choose_heights(columns: list[list[Place]]) -> None:
    """Sweep to and fro: order each column by its neighbours on one side, at last balance both sides."""
    for column in columns:
        settle(column, [0.0] * len(column))
    for sweep in range(2 * SWEEPS):
        forward, ordering = sweep % 2 == 0, sweep < SWEEPS
        neighbours = both_sides if not ordering else before if forward else after
        for column in columns if forward else reversed(columns):
            if ordering:
                column.sort(key=lambda place: mean_height(place, neighbours))
            settle(column, [mean_height(place, neighbours) for place in column])


def before(place: Place) -> list[Place]:
    """Return the neighbours on the left."""
    return place.sources


def after(place: Place) -> list[Place]:
    """Return the neighbours on the right."""
    return place.targets


def both_sides(place: Place) -> list[Place]:
    """Return the neighbours of a place; of a bend its fellow bends eight times, so that a long edge runs level."""
    neighbours = place.sources + place.targets
    return neighbours + [n for n in neighbours if place.is_bend and n.is_bend] * 7


def mean_height(place: Place, neighbours: Callable[[Place], list[Place]]) -> float:
    """Return the mean height of the neighbours of a place; its own height if it has none."""
    found = neighbours(place)
    return sum(n.y for n in found) / len(found) if found else place.y


def settle(column: list[Place], wishes: list[float]) -> None:
    r"""Place a column as near to the wishes $w$ as order and distances allow: $\min \sum_i (y_i - w_i)^2$.

    With the least distances taken off, $z_i = y_i - o_i$ must not fall: isotonic regression, which pooling
    neighbours that violate it solves.

    Source:  Barlow, Bartholomew, Bremner & Brunk 1972, pool adjacent violators.
    """
    steps = [(a.height + b.height) / 2 + GAP for a, b in pairwise(column)]
    offsets = list(accumulate(steps, initial=0.0))
    pools: list[list[float]] = []
    for wish, offset in zip(wishes, offsets, strict=True):
        pools.append([wish - offset])
        while len(pools) > 1 and mean(pools[-2]) > mean(pools[-1]):
            last = pools.pop()
            pools[-1] += last
    heights = [mean(pool) for pool in pools for _ in pool]
    for place, height, offset in zip(column, heights, offsets, strict=True):
        place.y = height + offset


def mean(numbers: list[float]) -> float:
    """Return the mean."""
    return sum(numbers) / len(numbers)
