"""Data augmentation: 100 labelled digits are few, but a digit that is shifted, turned or noisy is the same digit.

    picture -> ToTensor -> rotation by up to 15° -> shift by up to one pixel -> noise        (drawn anew every time)

The same ConvNet learns twice from the same 100 digits, ten of each kind: as they are, and augmented by two worker
processes of a DataLoader.  It is tested on 355 others, as they are and moved, that is augmented in the same way.
"""

import time

import common

import minitorch as torch
import minitorch.nn as nn
import minitorch.nn.functional as F
import minitorch.optim as optim
from minitorch.utils.data import DataLoader, Subset
from minitorch.vision import datasets, transforms

PLAIN = transforms.ToTensor()


def add_noise(image):
    return (image + 0.1 * torch.randn_like(image)).clamp(0, 1)


AUGMENTED = transforms.Compose([
    transforms.ToTensor(),
    transforms.RandomRotation(15, transforms.InterpolationMode.BILINEAR),
    transforms.RandomCrop(8, padding=1),  # 8 of 10 pixels: a shift by -1, 0 or 1 each way
    transforms.Lambda(add_noise),
])  # fmt: skip


class ConvNet(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(),  # (N, 1, 8, 8) -> (N, 16, 8, 8)
            nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),  # (N, 32, 4, 4)
            nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2),  # (N, 64, 2, 2)
            nn.Flatten(), nn.Dropout(0.25), nn.Linear(256, 10),  # (N, 256) -> (N, 10)
        )  # fmt: skip


def few_of_each(labels, number):
    """Return the places of `number` labels of every kind, drawn at random."""
    places = [(labels == digit).nonzero().flatten() for digit in range(10)]
    return torch.cat([p[torch.randperm(len(p))[:number]] for p in places]).tolist()


def whole(dataset, device):
    """Return all pictures and labels of a data set."""
    images, labels = next(iter(DataLoader(dataset, batch_size=len(dataset))))
    return images.to(device), labels.to(device)


def accuracy(net, images, labels):
    net.eval()
    with torch.no_grad():
        return (net(images).argmax(dim=1) == labels).float().mean().item()


def train(train_set, tests, epochs, workers, device, name):
    """Train a new network; return its accuracies on the tests after every epoch."""
    net = ConvNet().to(device)
    loader = DataLoader(train_set, batch_size=20, shuffle=True, num_workers=workers, persistent_workers=workers > 0)
    optimizer = optim.AdamW(net.parameters(), weight_decay=0.05)
    scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=5e-3, total_steps=epochs * len(loader))
    accuracies = []
    bar = common.progress(range(epochs), name)
    for _ in bar:
        net.train()
        for images, labels in loader:
            optimizer.zero_grad()
            F.cross_entropy(net(images.to(device)), labels.to(device)).backward()
            optimizer.step()
            scheduler.step()
        accuracies.append([accuracy(net, *test) for test in tests])
        bar.set_postfix_str("test accuracy {:.1%}, moved {:.1%}".format(*accuracies[-1]))
    return accuracies


def draw(plt, plain, augmented, curves):
    """Draw a digit of each kind with augmented ones beside it, and the accuracies on both tests."""
    figure = plt.figure(figsize=(11, 5.4))
    left, right = figure.subfigures(1, 2, width_ratios=[1, 1.2])
    left.suptitle("as it is, and augmented: another one every time", fontsize=11)
    for k, row in enumerate(left.subplots(10, 10)):
        for column, axes in enumerate(row):
            image, _ = augmented[10 * k] if column else plain[10 * k]
            axes.imshow(image[0].tolist(), cmap="Blues" if column else "gray_r", vmin=0, vmax=1)
            axes.set_axis_off()
    axes = right.subplots()
    for (name, accuracies), colour in zip(curves.items(), (common.ORANGE, common.BLUE), strict=True):
        for i, test, line in ((0, "as they are", "-"), (1, "moved", "--")):
            percent = [100 * pair[i] for pair in accuracies]
            label = f"learned {name}, tested {test}: {percent[-1]:.1f}%"
            axes.plot(range(1, len(percent) + 1), percent, line, color=colour, label=label)
    axes.set(title="accuracy on 355 other digits", xlabel="epoch (of 100 digits)", ylabel="%", ylim=(0, 101))
    axes.legend(loc="lower right")
    return figure


def main():
    parser = common.options(__doc__, epochs=100)
    parser.add_argument("--workers", type=int, default=2, help="processes that augment (default: %(default)s)")
    args = common.parse(parser)
    plt = common.pyplot()
    torch.manual_seed(args.seed)
    few = few_of_each(datasets.Digits(train=True).targets, 10)
    plain, augmented = (Subset(datasets.Digits(train=True, transform=t), few) for t in (PLAIN, AUGMENTED))
    tests = [whole(datasets.Digits(train=False, transform=t), args.device) for t in (PLAIN, AUGMENTED)]
    started = time.perf_counter()
    without = train(plain, tests, args.epochs, 0, args.device, "as they are")
    augmenting = train(augmented, tests, args.epochs, args.workers, args.device, "augmented")
    seconds = time.perf_counter() - started
    figure = draw(plt, plain, augmented, {"as they are": without, "augmented": augmenting})
    path = common.save(figure, args.out / "14_augmentation.png")
    print(
        f"100 digits, {args.epochs} epochs, twice, in {seconds:.1f} s on {args.device}: learned as they are, test "
        f"accuracy {without[-1][0]:.1%}, moved {without[-1][1]:.1%}; learned augmented, test accuracy "
        f"{augmenting[-1][0]:.1%}, moved {augmenting[-1][1]:.1%}; {path}"
    )


if __name__ == "__main__":
    main()
