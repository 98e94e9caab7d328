"""The picture of a graph: what is in its boxes, where the boxes are, and that watching changes nothing."""

from __future__ import annotations

import contextlib
import gc
import re
import weakref
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitorch as torch
from minitorch import Scalar, viz
from minitorch.engine import TABLE
from minitorch.viz.layout import Place, arrange
from minitorch.viz.svg import Box, picture


def texts(svg: str) -> list[list[str]]:
    """Return the texts of every box (not of the marks at edges)."""
    groups = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}g")
    return [["".join(t.itertext()) for t in g][1:] for g in groups if g.get("class") != "local"]


def marks(svg: str) -> list[str]:
    return [g[1].text or "" for g in ET.fromstring(svg).iter() if g.get("class") == "local"]


def neuron():
    x, w, b = Scalar(2.0), Scalar(-0.5), Scalar(0.25)
    with viz.watch() as seen:
        y = (w * x + b).tanh()
    y.backward()
    return x, w, b, y, seen


# ---- watching --------------------------------------------------------------------------------------------------------


def test_watch_sees_values_local_derivatives_and_gradients_in_the_order_of_computation():
    *_, y, seen = neuron()
    slope = 1 - y.item() ** 2
    assert [step.op for step in seen] == ["mul", "add", "tanh"]
    assert [step.value for step in seen] == [-1.0, -0.75, y.item()]
    assert [step.local for step in seen] == [{0: 2.0, 1: -0.5}, {0: 1.0, 1: 1.0}, {0: pytest.approx(slope)}]
    assert [step.gradient for step in seen] == pytest.approx([slope, slope, 1.0])


def test_gradient_of_an_argument_is_the_sum_of_gradient_times_local_over_its_users():
    x = Scalar(0.7)
    with viz.watch() as seen:
        y = x * x + x.exp() / x
    y.backward()
    paths = 0.0
    for step in seen:
        users_of_x = {"mul": [0, 1], "exp": [0], "div": [1]}.get(step.op, [])
        paths += sum(step.gradient * step.local[i] for i in users_of_x)
    assert x.grad.item() == pytest.approx(paths)


def test_watch_ends_with_its_block_and_after_an_exception():
    x = Scalar(1.0)
    with viz.watch() as seen:
        x.exp()
    with contextlib.suppress(ZeroDivisionError), viz.watch() as failed:
        1 / 0
    x.exp()
    assert (len(seen), len(failed)) == (1, 0)


def test_watching_changes_no_value_and_no_gradient():
    def gradient():
        x = torch.tensor([[0.3, -0.4]], requires_grad=True)
        ((x * 2).tanh() @ x.t()).sum().backward()
        return x.grad.numpy()

    plain = gradient()
    with viz.watch():
        assert np.array_equal(gradient(), plain)


def test_watch_keeps_copies_of_small_values_and_nothing_of_large_ones():
    x, big = torch.ones(2, requires_grad=True), torch.ones(100, requires_grad=True)
    with viz.watch() as seen:
        y = x * 3
        big * 3
    with torch.no_grad():
        y.zero_()
    small, large = seen
    assert small.value.tolist() == [3.0, 3.0]
    assert large.value is None


def test_a_watched_graph_still_dies_without_the_garbage_collector():
    gc.disable()
    try:
        x = Scalar(1.0)
        with viz.watch() as seen:
            y = x.exp().tanh()
        y.backward()
        node = weakref.ref(y.node)
        del seen, y
        assert node() is None
    finally:
        gc.enable()


# ---- what is drawn ---------------------------------------------------------------------------------------------------


def test_boxes_have_label_value_name_and_gradient():
    x, w, b, y, seen = neuron()
    svg = viz.draw(y, seen, names={"x": x, "w": w, "b": b, "y": y})
    assert sorted(texts(svg)) == sorted([
        ["x", "2", "grad -0.298"], ["w", "-0.5", "grad 1.19"], ["b", "0.25", "grad 0.597"],
        ["×", "-1", "grad 0.597"], ["+", "-0.75", "grad 0.597"], ["tanh", "-0.635", "y", "grad 1"],
    ])  # fmt: skip


def test_edges_are_marked_with_local_derivatives():
    *_, y, seen = neuron()
    assert sorted(marks(viz.draw(y, seen))) == ["-0.5", "0.597", "1", "1", "2"]


def test_each_mark_is_on_the_edge_that_it_belongs_to():
    x, w, _, y, seen = neuron()
    elements = list(ET.fromstring(viz.draw(y, seen, {"x": x, "w": w})))
    right_ends = {}
    for group in elements:
        if group.get("class") == "leaf":
            left, top, width, height = (float(group[0].get(key, "")) for key in ("x", "y", "width", "height"))
            right_ends[left + width, top + height / 2] = group[1].text
    marked = {}
    for edge, _, mark in zip(elements, elements[1:], elements[2:], strict=False):
        if mark.get("class") == "local":
            start = tuple(map(float, re.findall(r"-?[\d.]+", edge.get("d", ""))[:2]))
            marked |= {name: mark[1].text for end, name in right_ends.items() if start == pytest.approx(end, abs=0.2)}
    assert (marked["w"], marked["x"]) == ("2", "-0.5")


def test_without_watch_the_ends_and_the_named_have_values():
    x = Scalar(2.0)
    inner = x * 3.0
    y = inner.exp()
    assert texts(viz.draw(y)) == [["2"], ["×"], ["exp", "403"]]
    assert texts(viz.draw(y, names=locals())) == [["x", "2"], ["×", "6", "inner"], ["exp", "403", "y"]]


def test_constants_are_drawn_once_for_each_number_and_once_for_each_variable():
    x, t = Scalar(2.0), Scalar(5.0, requires_grad=False)
    with viz.watch() as seen:
        y = (x * 3.0 - t) * t + 3.0
    assert texts(viz.draw(y, seen, {"t": t})).count(["3"]) == 2
    assert texts(viz.draw(y, seen, {"t": t})).count(["t", "5"]) == 1


def test_axes_and_shapes_are_no_constants():
    x = torch.ones(2, 3, requires_grad=True)
    with viz.watch() as seen:
        y = x.sum(dim=1).reshape(1, 2)
    kinds = re.findall(r'<g class="(\w+)"', viz.draw(y, seen))
    assert kinds.count("constant") == 0
    assert kinds.count("leaf") == 1


def test_a_variable_used_twice_has_two_edges_and_one_box():
    x = Scalar(3.0)
    with viz.watch() as seen:
        y = x * x
    svg = viz.draw(y, seen)
    assert len(texts(svg)) == 2
    assert marks(svg) == ["3", "3"]


def test_small_tensors_show_numbers_and_large_ones_their_shape():
    small, large = torch.tensor([1.0, -2.5], requires_grad=True), torch.ones(3, 5, requires_grad=True)
    y = small.sum() * large
    assert {tuple(t) for t in texts(viz.draw(y))} == {("[1, -2.5]",), ("(3, 5)",), ("sum",), ("×", "(3, 5)")}


def test_tensors_on_any_device_are_drawn(device):
    x = torch.tensor([1.0, -2.5], device=device, requires_grad=True)
    with viz.watch() as seen:
        y = (x * 2).sum()
    y.backward()
    leaf, _, _, total = texts(viz.draw(y, seen, {"x": x}))
    assert leaf == ["x", "[1, -2.5]", "grad [2, 2]"]
    assert total == ["sum", "-3", "grad 1"]


def test_a_leaf_alone_is_a_picture():
    assert texts(viz.draw(Scalar(4.0))) == [["4"]]


def test_an_operation_with_several_outputs_is_one_box():
    x = torch.tensor([[3.0, 1.0]], requires_grad=True)
    with viz.watch() as seen:
        y = torch.nn.functional.layer_norm(x, (2,)).sum()
    y.backward()
    several = {op.name for op in TABLE.values() if len(op.outputs) > 1} & {step.op for step in seen}
    labels = [t[0] for t in texts(viz.draw(y, seen))]
    assert [labels.count(name) for name in several] == [1]


def test_texts_are_escaped():
    x = Scalar(1.0)
    assert texts(viz.draw(x.exp(), names={"<&>": x}))[0] == ["<&>", "1"]


def test_draw_refuses_what_is_no_variable():
    with pytest.raises(TypeError, match="draw: expected a Scalar or a Tensor, got float"):
        viz.draw(1.0)  # type: ignore[arg-type]


def test_a_picture_shows_itself_in_notebooks_and_saves_itself(tmp_path):
    svg = viz.draw(Scalar(1.0))
    svg.save(tmp_path / "x.svg")
    assert svg._repr_svg_() == svg._repr_html_() == (tmp_path / "x.svg").read_text(encoding="utf-8")


def test_a_picture_does_not_depend_on_the_page():
    *_, y, seen = neuron()
    svg = viz.draw(y, seen)
    for forbidden in ("<style", "<script", "href", "id=", "url("):
        assert forbidden not in svg


# ---- where it is drawn -----------------------------------------------------------------------------------------------


@st.composite
def graphs(draw) -> list[list[int]]:
    """Return the sources of every box, each an earlier box."""
    size = draw(st.integers(1, 14))
    return [draw(st.lists(st.integers(0, i - 1), max_size=3)) if i else [] for i in range(size)]


def boxes_from(sources: list[list[int]]) -> list[Box]:
    boxes: list[Box] = []
    for i, edges in enumerate(sources):
        few = {"value": "0.5", "gradient": "grad 1"} if i % 3 else {"value": "0.5"}
        boxes.append(Box(sources=[boxes[j] for j in edges], marks=[""] * len(edges), **few))
    return boxes


def corners(box: Place) -> tuple[float, float, float, float]:
    return box.x, box.y - box.height / 2, box.x + box.width, box.y + box.height / 2


def points_of(path: str) -> list[tuple[float, float]]:
    """Return points on an edge: a cubic curve, and the straight line through a bend."""
    x0, y0, x1, y1, x2, y2, x3, y3, *end = map(float, re.findall(r"-?[\d.]+", path))
    curve = []
    for t in np.linspace(0, 1, 60):
        weights = (1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3
        curve.append((np.dot(weights, (x0, x1, x2, x3)), np.dot(weights, (y0, y1, y2, y3))))
    return curve + [(x, y3) for x in np.linspace(x3, end[0], 30)] if end else curve


@given(graphs())
def test_no_two_boxes_overlap(sources):
    boxes = boxes_from(sources)
    arrange(list(boxes), gap=40.0)
    for a, b in combinations(map(corners, boxes), 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


@given(graphs())
def test_no_edge_passes_through_a_box(sources):
    boxes = boxes_from(sources)
    svg = picture(boxes, arrange(list(boxes), gap=40.0))
    edges = re.findall(r'class="edge" d="([^"]+)"', svg)
    assert len(edges) >= len([j for edges in sources for j in edges]) - sum(len(e) - len(set(e)) for e in sources)
    for x, y in (point for edge in edges for point in points_of(edge)):
        for left, top, right, bottom in map(corners, boxes):
            assert not (left + 0.2 < x < right - 0.2 and top + 0.2 < y < bottom - 0.2)


@given(graphs())
def test_every_edge_runs_from_left_to_right(sources):
    boxes = boxes_from(sources)
    arrange(list(boxes), gap=40.0)
    for i, edges in enumerate(sources):
        assert all(boxes[j].x + boxes[j].width < boxes[i].x for j in edges)


@given(graphs())
def test_everything_lies_inside_the_picture(sources):
    boxes = boxes_from(sources)
    svg = picture(boxes, arrange(list(boxes), gap=40.0))
    _, _, width, height = map(float, re.search(r'viewBox="([^"]+)"', svg)[1].split())
    for left, top, right, bottom in map(corners, boxes):
        assert left >= 0
        assert top >= 0
        assert right <= width
        assert bottom <= height + 0.5


def test_a_chain_is_drawn_straight():
    boxes = boxes_from([[], [0], [1], [2]])
    arrange(list(boxes), gap=40.0)
    assert all(a.y == pytest.approx(b.y) for a, b in pairwise(boxes))


def test_a_long_edge_runs_nearly_level_through_its_bends():
    boxes = boxes_from([[], [], [], [], [], [1, 0], [5, 2], [6], [7, 3], [8], [4, 1], [10, 1], [9, 11]])
    places = arrange(list(boxes), gap=40.0)
    long = [p for p in places if p.is_bend and p.column >= boxes[8].column - 1]
    assert len(long) >= 3
    assert np.ptp([bend.y for bend in long]) < 15


def test_a_deep_graph_needs_no_recursion():
    x = y = Scalar(1.0)
    for _ in range(1500):
        y = y + x
    assert viz.draw(y).count('class="op"') == 1500
