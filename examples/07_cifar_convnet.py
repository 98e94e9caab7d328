"""A ConvNet tells ten kinds of small coloured pictures apart: it must look at the shape, not at the colour.

    (N, 3, 32, 32) -> two times [convolution 5×5, ReLU, max pooling 2×2] -> three linear layers -> (N, 10)

The pictures are drawn here: ten shapes of any colour, size and place, in noise.  `--data DIR` reads photographs
instead: CIFAR-10's binary files, whole or in part (train*.bin or data_batch*.bin, and test*.bin).
"""

import time
from pathlib import Path

import common

import minitorch as torch
import minitorch.nn as nn
import minitorch.nn.functional as F
import minitorch.optim as optim
from minitorch.utils.data import DataLoader, TensorDataset
from minitorch.vision import datasets

SHAPES = ["disc", "ring", "square", "diamond", "triangle", "cross", "flower", "heart", "crescent", "bars"]


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))  # (N, 3, 32, 32) -> (N, 6, 14, 14)
        x = self.pool(F.relu(self.conv2(x)))  # (N, 16, 5, 5)
        x = x.view(-1, 16 * 5 * 5)  # (N, 400)
        x = F.relu(self.fc1(x))  # (N, 120)
        x = F.relu(self.fc2(x))  # (N, 84)
        return self.fc3(x)  # (N, 10): a score for each class


def inside(shape, x, y):
    """Say where (x, y) is inside a shape about as large as the unit disc."""
    r, angle = (x * x + y * y).sqrt(), torch.atan2(x, y)
    match shape:
        case "disc":
            return r < 1
        case "ring":
            return (r < 1) & (r > 0.6)
        case "square":
            return torch.maximum(x.abs(), y.abs()) < 0.85
        case "diamond":
            return x.abs() + y.abs() < 1.1
        case "triangle":
            return (y > -0.7) & (y < 1 - 1.8 * x.abs())
        case "cross":
            return (torch.minimum(x.abs(), y.abs()) < 0.28) & (torch.maximum(x.abs(), y.abs()) < 1)
        case "flower":
            return r < 0.7 + 0.4 * (5 * angle).cos()
        case "heart":
            return (r**2 - 0.75) ** 3 < (x * x) * (y**3)
        case "crescent":
            return (r < 1) & ((x - 0.5) ** 2 + y * y > 0.65)
        case "bars":
            return (x.abs() < 0.9) & ((y.abs() - 0.5).abs() < 0.25)


def draw_shapes(n):
    """Return pictures (n, 3, 32, 32) between 0 and 1, and what they show (n,)."""
    labels = torch.arange(n) % 10
    size, turn = torch.rand(n, 1, 1) * 5 + 7, torch.rand(n, 1, 1) * 0.8 - 0.4  # in pixels, in radians
    place = torch.rand(2, n, 1, 1) * 10 - 5
    grid = torch.arange(32) - 15.5
    u, v = (grid - place[0]) / size, (place[1] - grid.unsqueeze(1)) / size  # (n, 1, 32) and (n, 32, 1)
    x, y = u * turn.cos() + v * turn.sin(), v * turn.cos() - u * turn.sin()  # (n, 32, 32)
    mask = torch.stack([inside(SHAPES[k], x[i], y[i]) for i, k in enumerate(labels.tolist())]).unsqueeze(1)
    shape, background = torch.rand(2, n, 3, 1, 1)
    background = torch.where((shape - background).abs().sum(dim=1, keepdim=True) < 0.6, 1 - shape.round(), background)
    return (torch.where(mask, shape, background) + 0.08 * torch.randn(n, 3, 32, 32)).clamp(0, 1), labels


def read_cifar10(folder):
    """Return pictures and labels to train on and to test on, and the names of the classes."""
    if (folder / datasets.CIFAR10.base_folder).is_dir():
        folder = folder / datasets.CIFAR10.base_folder
    parts = []
    for patterns in (("train*.bin", "data_batch*.bin"), ("test*.bin",)):
        paths = sorted(path for pattern in patterns for path in folder.glob(pattern))
        if not paths:
            raise FileNotFoundError(f"{folder}: there is no {' or '.join(patterns)} of CIFAR-10's binary version")
        pictures, labels = zip(*(datasets.read_cifar10(path) for path in paths), strict=True)
        x, y = (torch.cat([torch.from_numpy(part) for part in all_parts]) for all_parts in (pictures, labels))
        parts.append((x.float() / 255, y.long()))
    return *parts, datasets.CIFAR10.classes


def train(net, x, y, test_x, test_y, epochs, device):
    """Train; return the mean loss and the accuracy on the test pictures after every epoch."""
    loader = DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
    losses, accuracies = [], []
    with common.progress(range(epochs * len(loader)), "training") as bar:
        for _ in range(epochs):
            running_loss = 0.0
            for inputs, labels in loader:
                inputs, labels = inputs.to(device), labels.to(device)
                optimizer.zero_grad()
                loss = criterion(net(inputs), labels)
                loss.backward()
                optimizer.step()
                running_loss += loss.item()
                bar.update()
            scheduler.step()
            losses.append(running_loss / len(loader))
            accuracies.append((predict(net, test_x, device) == test_y).float().mean().item())
            bar.set_postfix_str(f"loss {losses[-1]:.4f}, test accuracy {accuracies[-1]:.1%}")
    return losses, accuracies


def predict(net, x, device):
    with torch.no_grad():
        return torch.cat([net(part.to(device)).argmax(dim=1).cpu() for part in x.split(250)])


def draw(plt, net, x, y, read, names, losses, accuracies):
    """Draw the curves, who is taken for whom, the first layer's filters, and test pictures."""
    figure = plt.figure(figsize=(12, 10))
    top, middle, bottom = figure.subfigures(3, 1, height_ratios=[4, 1.3, 4])
    curves, matrix = top.subplots(1, 2, width_ratios=[1.2, 1])
    epochs = range(1, len(losses) + 1)
    curves.plot(epochs, losses, color=common.BLUE, label="training loss")
    curves.plot(epochs, accuracies, color=common.GREEN, label="test accuracy")
    curves.set(title=f"test accuracy: {accuracies[-1]:.1%}", xlabel="epoch", ylim=(0, None))
    curves.xaxis.get_major_locator().set_params(integer=True)
    curves.legend()

    counts = F.one_hot(y, 10).t() @ F.one_hot(read, 10)  # (10, 10)
    matrix.imshow(counts.tolist(), cmap="Blues", vmax=1.3 * counts.max().item())
    for i, row in enumerate(counts.tolist()):
        for j, count in enumerate(row):
            if count:
                colour = common.RED if i != j else "white" if count > counts.max() / 2 else "black"
                matrix.text(j, i, count, ha="center", va="center", fontsize=8, color=colour)
    matrix.set_xticks(range(10), names, rotation=45, ha="right")
    matrix.set_yticks(range(10), names)
    matrix.set(title="test pictures: what they are (rows), what was read (columns)")
    matrix.grid(visible=False)

    middle.suptitle("the six filters of the first layer, as colours that they look for", fontsize=11)
    weight = net.conv1.weight.detach().cpu()  # (6, 3, 5, 5)
    weight = 0.5 + 0.5 * weight / weight.abs().amax(dim=(1, 2, 3), keepdim=True)
    for axes, kernel in zip(middle.subplots(1, 6), weight, strict=True):
        axes.imshow(kernel.permute(1, 2, 0).tolist())
        axes.set_axis_off()

    wrong = (read != y).nonzero().flatten().tolist()
    bottom.suptitle(f"{len(y)} test pictures: {len(wrong)} misread (red: read → is)", fontsize=11)
    order = wrong[:12] + (read == y).nonzero().flatten().tolist()
    for axes, i in zip(bottom.subplots(3, 12).flat, order, strict=False):
        is_, said = names[y[i]], names[read[i]]
        axes.imshow(x[i].permute(1, 2, 0).tolist())
        axes.set_axis_off()
        axes.set_title(is_ if is_ == said else f"{said}\n→ {is_}", color="black" if is_ == said else common.RED, size=9)
    return figure


def main():
    parser = common.options(__doc__, epochs=10)
    parser.add_argument("--data", type=Path, help="folder of CIFAR-10's binary files (default: shapes drawn here)")
    args = common.parse(parser)
    plt = common.pyplot()
    torch.manual_seed(args.seed)
    if args.data:
        try:
            (x, y), (test_x, test_y), names = read_cifar10(args.data)
        except (RuntimeError, OSError) as error:
            parser.error(f"--data: {error}")
    else:
        (x, y), (test_x, test_y), names = draw_shapes(4000), draw_shapes(1000), SHAPES

    net = ConvNet().to(args.device)
    started = time.perf_counter()
    losses, accuracies = train(net, 2 * x - 1, y, 2 * test_x - 1, test_y, args.epochs, args.device)
    seconds = time.perf_counter() - started
    read = predict(net, 2 * test_x - 1, args.device)
    path = common.save(
        draw(plt, net, test_x, test_y, read, names, losses, accuracies), args.out / "07_cifar_convnet.png"
    )
    print(
        f"{len(y)} pictures, {args.epochs} epochs in {seconds:.1f} s on {args.device}: loss {losses[-1]:.4f}, "
        f"test accuracy {accuracies[-1]:.1%} on {len(test_y)} new ones; {path}"
    )


if __name__ == "__main__":
    main()
