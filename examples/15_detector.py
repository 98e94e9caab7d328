"""A tiny object detector in one stage: where are the ellipses, boxes and triangles of a scene, and which is which?

The picture is divided into 6 by 6 cells.  For every cell the ConvNet says, in eight numbers, whether the middle of an
object lies in it (1), where its box is (x, y, w, h), and which shape it has (3).  Of boxes that overlap, the best stays.
Scenes are generated, so every batch is new.  A box is right if it overlaps the true one enough: intersection over
union (IoU) at least 0.5, say.  Average precision (AP) is 100 % if all objects are found before any wrong one.
"""

import time

import common

import minitorch as torch
import minitorch.nn as nn
import minitorch.nn.functional as F
import minitorch.optim as optim

SIDE, CELL, MOST = 48, 8, 4  # pixels of a scene, pixels of a cell, objects in a scene
SHAPES = ("ellipse", "box", "triangle")
OVERLAPS = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
COLOURS = (common.BLUE, common.ORANGE, common.GREEN)


def scenes(n):
    """Return pictures (n, 3, 48, 48), boxes x, y, w, h (n, 4, 4), and shapes (n, 4), which are -1 for no object."""
    ninth = torch.rand(n, 9).argsort(dim=1)[:, :MOST]  # (n, 4): four different ninths of the picture
    half = 4 + 4 * torch.rand(n, MOST, 2)
    middle = torch.stack([ninth % 3, ninth // 3], dim=2) * 16 + 4 + 8 * torch.rand(n, MOST, 2)
    middle = torch.minimum(torch.maximum(middle, half), SIDE - half)
    shapes = torch.randint(3, (n, MOST))
    shapes[torch.arange(MOST) > torch.randint(MOST, (n, 1))] = -1  # one to four objects
    pixel = torch.arange(SIDE) + 0.5
    images = F.interpolate(0.6 * torch.rand(n, 3, 5, 5), size=SIDE, mode="bilinear")  # clouds
    for k in range(MOST):
        (a, b), shape = half[:, k].reshape(n, 2, 1, 1).unbind(1), shapes[:, k].reshape(n, 1, 1)
        dx, dy = pixel - middle[:, k, :1, None], (pixel - middle[:, k, 1:]).unsqueeze(2)  # (n, 1, 48), (n, 48, 1)
        ellipse = (((dx / a) ** 2 + (dy / b) ** 2).sqrt() - 1) * torch.minimum(a, b)  # pixels from the edge
        box = torch.maximum(dx.abs() - a, dy.abs() - b)
        triangle = torch.maximum(dx.abs() - a * (dy + b) / (2 * b), dy - b)
        edge = torch.where(shape == 0, ellipse, torch.where(shape == 1, box, triangle))  # (n, 48, 48)
        cover = ((0.5 - edge).clamp(0, 1) * (shape >= 0)).unsqueeze(1)  # 1 inside, 0 outside
        images = images + cover * (torch.rand(n, 3, 1, 1) - images)
    images = (images + 0.05 * torch.randn_like(images)).clamp(0, 1)
    return images, torch.cat([middle, 2 * half], dim=2), shapes


def block(inputs, outputs, stride):
    convolution = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            block(3, 16, 2), block(16, 32, 1), block(32, 32, 2), block(32, 64, 2), block(64, 64, 1)
        )
        self.head = nn.Conv2d(64, 8, kernel_size=1)

    def forward(self, images):
        """Return objectness (N, 6, 6), boxes in pixels (N, 6, 6, 4), and scores of the shapes (N, 6, 6, 3)."""
        out = self.head(self.features(images)).permute(0, 2, 3, 1)  # (N, 3, 48, 48) -> (N, 8, 6, 6) -> (N, 6, 6, 8)
        cells = torch.arange(SIDE // CELL, device=out.device)
        x = (cells + out[..., 1].sigmoid()) * CELL  # the middle is in the cell
        y = (cells.unsqueeze(1) + out[..., 2].sigmoid()) * CELL
        size = 2 * CELL * out[..., 3:5].exp()
        return out[..., 0], torch.cat([torch.stack([x, y], dim=3), size], dim=3), out[..., 5:]


def loss_of(net, images, boxes, shapes):
    scene, slot = (shapes >= 0).nonzero().unbind(1)  # (M,): the objects
    true = boxes[scene, slot]  # (M, 4)
    column, row = (true[:, :2] / CELL).long().unbind(1)
    objectness, box, scores = net(images)
    there = torch.zeros_like(objectness)
    there[scene, row, column] = 1
    return (
        F.binary_cross_entropy_with_logits(objectness, there)
        + F.l1_loss(box[scene, row, column], true) / CELL
        + 0.5 * F.cross_entropy(scores[scene, row, column], shapes[scene, slot])
    )


def iou(a, b):
    """Return intersection over union of all pairs of boxes.  (M, 4), (K, 4) -> (M, K)."""
    a, b = a.unsqueeze(1), b.unsqueeze(0)
    low = torch.maximum(a[..., :2] - a[..., 2:] / 2, b[..., :2] - b[..., 2:] / 2)
    high = torch.minimum(a[..., :2] + a[..., 2:] / 2, b[..., :2] + b[..., 2:] / 2)
    both = (high - low).clamp(min=0).prod(dim=2)
    return both / (a[..., 2:].prod(dim=2) + b[..., 2:].prod(dim=2) - both)


def detect(net, images, least=0.05):
    """Return, for each scene, confidences (K,), boxes (K, 4) and shapes (K,), the surest first."""
    net.eval()
    with torch.no_grad():
        objectness, boxes, scores = (out.flatten(1, 2).cpu() for out in net(images))
    found = []
    for sure, box, shape in zip(objectness.sigmoid(), boxes, scores.argmax(dim=2), strict=True):
        order = [i for i in sure.argsort(descending=True).tolist() if sure[i] > least]
        overlap, kept = iou(box, box), []
        for i in order:  # non-maximum suppression
            if all(overlap[i, j] < 0.4 for j in kept):
                kept.append(i)
        found.append((sure[kept], box[kept], shape[kept]))
    return found


def average_precision(found, boxes, shapes, shape, least):
    """Return the area under precision against recall, for one shape and the least IoU of a box that is right."""
    hits = []  # (confidence, is it right?)
    for (sure, box, kind), true, true_kind in zip(found, boxes, shapes, strict=True):
        overlap = iou(box[kind == shape], true[true_kind == shape])
        free = set(range(overlap.size(1)))
        for confidence, row in zip(sure[kind == shape].tolist(), overlap.tolist(), strict=True):
            best = max(free, key=lambda j: row[j], default=None)
            right = best is not None and row[best] >= least
            free -= {best} if right else set()  # an object is found once
            hits.append((confidence, right))
    right = torch.tensor([float(hit) for _, hit in sorted(hits, reverse=True)])
    precision = right.cumsum(dim=0) / torch.arange(1, len(right) + 1)  # among the surest 1, 2, 3, …
    return ((precision * right).sum() / (shapes == shape).sum()).item()


def train(net, steps, device):
    """Train on new scenes in every step; return the losses."""
    optimizer = optim.Adam(net.parameters())
    scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=5e-3, total_steps=steps)
    losses = []
    net.train()
    bar = common.progress(range(steps), "training")
    for _ in bar:
        batch = [part.to(device) for part in scenes(32)]
        optimizer.zero_grad()
        loss = loss_of(net, *batch)
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
        bar.set_postfix_str(f"loss {losses[-1]:.4f}")
    return losses


def draw(plt, images, boxes, shapes, found, curves):
    """Draw twelve scenes with their true boxes (white) and those found, and AP against the overlap asked for."""
    figure = plt.figure(figsize=(12, 6.4))
    left, right = figure.subfigures(1, 2, width_ratios=[2, 1])
    left.suptitle("new scenes: found (with confidence) and true (dashed)", fontsize=11)
    for i, axes in enumerate(left.subplots(3, 4).flat):
        axes.imshow(images[i].permute(1, 2, 0).tolist(), extent=(0, SIDE, SIDE, 0))
        sure, box, kind = (part[found[i][0] > 0.5].tolist() for part in found[i])
        for p, (x, y, w, h), k in zip(sure, box, kind, strict=True):
            axes.add_patch(plt.Rectangle((x - w / 2, y - h / 2), w, h, fill=False, color=COLOURS[k], lw=2))
            patch = {"facecolor": COLOURS[k], "edgecolor": "none", "pad": 1}
            place = (min(max(x - w / 2, 0.5), SIDE - 17), max(y - h / 2, 3.5))
            axes.text(*place, f"{SHAPES[k]} {p:.0%}", color="white", fontsize=6.5, va="bottom", bbox=patch, zorder=3)
        for x, y, w, h in boxes[i][shapes[i] >= 0].tolist():
            axes.add_patch(plt.Rectangle((x - w / 2, y - h / 2), w, h, fill=False, color="white", ls="--", lw=1))
        axes.set(xlim=(0, SIDE), ylim=(SIDE, 0))
        axes.set_axis_off()
    axes = right.subplots()
    for shape, colour, curve in zip(SHAPES, COLOURS, curves, strict=True):
        label = f"{shape}: {curve[0]:.1%} at 0.5"
        axes.plot(OVERLAPS, [100 * ap for ap in curve], "o-", ms=4, color=colour, label=label)
    axes.set(title="average precision, in %", xlabel="least overlap (IoU) of a box that is right", ylim=(0, 103))
    axes.legend(loc="lower left")
    return figure


def main():
    args = common.parse(common.options(__doc__, epochs=12))
    plt = common.pyplot()
    torch.manual_seed(args.seed)
    net = Detector().to(args.device)
    started = time.perf_counter()
    losses = train(net, 50 * args.epochs, args.device)
    seconds = time.perf_counter() - started
    images, boxes, shapes = scenes(300)
    found = detect(net, images.to(args.device))
    curves = [[average_precision(found, boxes, shapes, k, least) for least in OVERLAPS] for k in range(len(SHAPES))]
    path = common.save(draw(plt, images, boxes, shapes, found, curves), args.out / "15_detector.png")
    half, strict = (sum(curve[OVERLAPS.index(least)] for curve in curves) / len(curves) for least in (0.5, 0.75))
    print(
        f"{args.epochs} epochs of 1,600 scenes in {seconds:.1f} s on {args.device}: loss {losses[-1]:.3f}; on 300 new "
        f"scenes with {(shapes >= 0).sum()} objects mean AP {half:.1%} at IoU 0.5, {strict:.1%} at IoU 0.75; {path}"
    )


if __name__ == "__main__":
    main()
