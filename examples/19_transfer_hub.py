"""Transfer learning: a network that reads 0 to 5 is published as a directory; who gets it learns 6 to 9 from a few.

    digits-model/   model.py, hubconf.py, weights.safetensors         ->  hub.load(directory, "digits_net", source="local")

The digits lie anywhere in a noisy field.  The features of the published network are frozen, and only a new last layer
learns; beside it the same network learns the same examples from scratch: 1, 2, 5, 10 and 20 of each, drawn four times.
"""

import time

import common

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import nn, optim
from minitorch.vision import datasets
from minitorch.vision.utils import make_grid

KNOWN, SIDE, DRAWS = 6, 16, 4
NUMBERS = (1, 2, 5, 10, 20)

MODEL = '''"""A small ConvNet, for digits anywhere in a picture."""

from minitorch import nn


def block(inputs, outputs):
    return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()]


class DigitsNet(nn.Module):
    """Features of a picture, and a score for each class.  (N, 1, H, W) -> (N, classes)."""

    def __init__(self, classes):
        super().__init__()
        pools = nn.MaxPool2d(2), nn.AdaptiveMaxPool2d(1)
        self.features = nn.Sequential(*block(1, 16), pools[0], *block(16, 32), *block(32, 128), pools[1], nn.Flatten())
        self.head = nn.Linear(128, classes)

    def forward(self, x):
        return self.head(self.features(x))
'''

HUBCONF = '''"""Entry points for minitorch.hub."""

import pathlib

import minitorch as torch
from model import DigitsNet as _DigitsNet

dependencies = ["minitorch"]


def digits_net(pretrained=True, classes=6):
    """A small ConvNet; with `pretrained` it reads the digits 0 to 5."""
    net = _DigitsNet(classes)
    if pretrained:
        net.load_state_dict(torch.load(pathlib.Path(__file__).with_name("weights.safetensors")))
    return net
'''


def digits(train, new):
    """Return the pictures and labels of the known or the new digits, numbered from 0.  (N, 8, 8), (N,)."""
    dataset = datasets.Digits(train=train)
    mine = (dataset.targets >= KNOWN) == new
    return dataset.data[mine] / 16, dataset.targets[mine] - KNOWN * new


def scatter(x):
    """Put every digit somewhere in a noisy field.  (N, 8, 8) -> (N, 1, 16, 16)."""
    n, pixel = len(x), torch.arange(8)
    top, left = torch.randint(SIDE - 7, (2, n, 1))  # (N, 1) each
    rows, columns = (top + pixel).unsqueeze(2), (left + pixel).unsqueeze(1)  # (N, 8, 1), (N, 1, 8)
    field = torch.zeros(n, SIDE, SIDE)
    field[torch.arange(n).reshape(n, 1, 1), rows, columns] = x
    return (field + 0.2 * torch.randn(n, SIDE, SIDE)).unsqueeze(1)


def few_of_each(labels, number):
    """Return the places of `number` labels of every kind, drawn at random, kind by kind."""
    places = [(labels == k).nonzero().flatten() for k in range(labels.max() + 1)]
    return torch.cat([p[torch.randperm(len(p))[:number]] for p in places])


def fit(net, batches, steps, lr=1e-2):
    """Train those parameters that are not frozen."""
    optimizer = optim.Adam([p for p in net.parameters() if p.requires_grad])
    scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=lr, total_steps=steps)
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
        scheduler.step()


def accuracy(net, x, y):
    net.eval()
    with torch.no_grad():
        return (net(x).argmax(dim=1) == y).float().mean().item()


def publish(directory, epochs, device):
    """Write the program of a network, train it to read 0 to 5, and put its weights beside it; return its accuracy."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "model.py").write_text(MODEL, encoding="utf-8")
    (directory / "hubconf.py").write_text(HUBCONF, encoding="utf-8")
    net = torch.hub.load(directory, "digits_net", source="local", pretrained=False).to(device)
    x, y = digits(train=True, new=False)
    order = [batch for _ in range(epochs) for batch in torch.randperm(len(x)).split(50)]
    bar = common.progress(order, "reading 0 to 5")
    fit(net, ((scatter(x[i]).to(device), y[i].to(device)) for i in bar), len(order))
    torch.save(net.state_dict(), directory / "weights.safetensors")
    x, y = digits(train=False, new=False)
    return accuracy(net, scatter(x).to(device), y.to(device))


def transferred(directory):
    net = torch.hub.load(directory, "digits_net", source="local")
    net.features.requires_grad_(False).eval()  # frozen: parameters, and the statistics of batch norm
    net.head = nn.Linear(128, 10 - KNOWN)
    return net


def from_scratch(directory):
    return torch.hub.load(directory, "digits_net", source="local", pretrained=False, classes=10 - KNOWN)


def draw(plt, reached):
    """Draw what is known and what is new, and accuracy against the number of examples."""
    figure = plt.figure(figsize=(11, 5.4))
    left, right = figure.subfigures(1, 2, width_ratios=[1, 1.5])
    pair = left.subplots(2, 1, height_ratios=[KNOWN, 10 - KNOWN])
    for axes, new, title, colours in zip(pair, (False, True), ("known", "new"), ("gray_r", "Blues"), strict=True):
        x, y = digits(train=True, new=new)
        fields = make_grid(scatter(x[few_of_each(y, 9)]), nrow=9, padding=1, pad_value=-1)[0]
        axes.imshow(fields.tolist(), cmap=colours, vmin=-0.4, vmax=1.2)
        axes.set_title(title)
        axes.set_axis_off()
    axes = right.subplots()
    for (name, runs), colour in zip(reached.items(), (common.BLUE, common.ORANGE), strict=True):
        percent = 100 * torch.tensor(runs)  # (numbers, draws)
        axes.fill_between(NUMBERS, percent.amin(1).tolist(), percent.amax(1).tolist(), color=colour, alpha=0.2, lw=0)
        axes.plot(NUMBERS, percent.mean(1).tolist(), "o-", ms=4, color=colour, label=name)
    axes.set(title="accuracy on new test digits: mean, least, most", xlabel="examples of each new digit")
    axes.set(ylabel="%", ylim=(0, 101), xscale="log")
    axes.set_xticks(NUMBERS, NUMBERS)
    axes.minorticks_off()
    axes.legend(loc="lower right")
    return figure


def main():
    args = common.parse(common.options(__doc__, epochs=12))
    plt = common.pyplot()
    torch.manual_seed(args.seed)
    directory = args.out / "digits-model"
    started = time.perf_counter()
    known = publish(directory, args.epochs, args.device)
    print(f"{directory}: {torch.hub.list(directory, source='local')}, accuracy on 0 to 5 {known:.1%}")
    print(torch.hub.help(directory, "digits_net", source="local"))

    (x, y), (new_x, new_y) = digits(train=True, new=True), digits(train=False, new=True)
    new_x, new_y = scatter(new_x).to(args.device), new_y.to(args.device)
    steps = 5 * args.epochs
    reached = {"transferred": [[] for _ in NUMBERS], "from scratch": [[] for _ in NUMBERS]}
    for i in common.progress(range(DRAWS * len(NUMBERS)), "learning 6 to 9"):
        few = few_of_each(y, NUMBERS[i // DRAWS])
        batch = scatter(x[few]).to(args.device), y[few].to(args.device)
        for start, runs in zip((transferred, from_scratch), reached.values(), strict=True):
            net = start(directory).to(args.device)
            fit(net, [batch] * steps, steps)
            runs[i // DRAWS].append(accuracy(net, new_x, new_y))
    seconds = time.perf_counter() - started
    path = common.save(draw(plt, reached), args.out / "19_transfer_hub.png")
    with_two = [sum(runs[NUMBERS.index(2)]) / DRAWS for runs in reached.values()]
    print(
        f"{args.epochs} epochs and {len(NUMBERS) * DRAWS * 2} small networks in {seconds:.1f} s on {args.device}: two "
        f"examples of each new digit give {with_two[0]:.1%} transferred, {with_two[1]:.1%} from scratch; {path}"
    )


if __name__ == "__main__":
    main()
