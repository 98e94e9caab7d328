"""A ConvNet learns to read 1,797 real handwritten digits of 8 by 8 pixels, which come with minitorch.

    (N, 1, H, W) -> two times [convolution 3×3, batch norm, ReLU, max pooling 2×2] -> two linear layers -> (N, 10)

80 % of the digits, drawn at random, are for training; the rest is for testing and is never trained on.
Saves a picture and a checkpoint, reads the checkpoint back into a new network, and tests that one, too.
"""

import time

import common

import minitorch as torch
import minitorch.nn as nn
import minitorch.nn.functional as F
import minitorch.optim as optim
from minitorch.utils.data import DataLoader, random_split
from minitorch.vision import datasets, transforms


class ConvNet(nn.Module):
    """A small convolutional network for grey pictures of `side` by `side` pixels."""

    def __init__(self, side):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, kernel_size=3, padding=1)
        self.bn1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, kernel_size=3, padding=1)
        self.bn2 = nn.BatchNorm2d(32)
        self.fc1 = nn.Linear(32 * (side // 4) ** 2, 64)
        self.fc2 = nn.Linear(64, 10)
        self.dropout = nn.Dropout(0.25)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)  # (N, 1, H, W) -> (N, 16, H/2, W/2)
        x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)  # (N, 32, H/4, W/4)
        x = self.dropout(torch.flatten(x, 1))  # (N, 32 · H/4 · W/4)
        x = self.dropout(F.relu(self.fc1(x)))  # (N, 64)
        return self.fc2(x)  # (N, 10): a score for each digit


def train(net, train_set, test_set, epochs, batch_size, device):
    """Train; return the training loss and the test accuracy after every epoch."""
    loader = DataLoader(train_set, batch_size=batch_size, shuffle=True)
    optimizer = optim.Adam(net.parameters())
    scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=epochs * len(loader))
    losses, accuracies = [], []
    with common.progress(range(epochs * len(loader)), "training") as bar:
        for _ in range(epochs):
            net.train()
            total = 0.0
            for images, labels in loader:
                images, labels = images.to(device), labels.to(device)
                optimizer.zero_grad()
                loss = F.cross_entropy(net(images), labels)
                loss.backward()
                optimizer.step()
                scheduler.step()
                total += loss.item() * len(images)
                bar.update()
            losses.append(total / len(train_set))
            accuracies.append(accuracy(predict(net, test_set, device)))
            bar.set_postfix_str(f"loss {losses[-1]:.4f}, test accuracy {accuracies[-1]:.2%}")
    return losses, accuracies


def predict(net, dataset, device):
    """Return pictures, labels and predictions of a whole data set."""
    net.eval()
    images, labels, predictions = [], [], []
    with torch.no_grad():
        for x, y in DataLoader(dataset, batch_size=500):
            images.append(x)
            labels.append(y)
            predictions.append(net(x.to(device)).argmax(dim=1).cpu())
    return torch.cat(images), torch.cat(labels), torch.cat(predictions)


def accuracy(predicted):
    _, labels, predictions = predicted
    return (predictions == labels).float().mean().item()


def draw(plt, net, predicted, losses, accuracies):
    """Draw the curves, what the first layer has learned, and test digits with what the network read."""
    figure = plt.figure(figsize=(10, 9.5))
    top, middle, bottom = figure.subfigures(3, 1, height_ratios=[2.6, 1.9, 4.2])
    draw_curves(top, losses, accuracies)
    draw_filters(middle, net.conv1.weight.detach().cpu())
    draw_digits(bottom, *predicted)
    return figure


def draw_curves(figure, losses, accuracies):
    left, right = figure.subplots(1, 2)
    epochs = range(1, len(losses) + 1)
    left.plot(epochs, losses, color=common.BLUE)
    left.set(title="training loss (cross-entropy)", xlabel="epoch", yscale="log")
    right.plot(epochs, [100 * a for a in accuracies], color=common.GREEN)
    right.axhline(98, color=common.GREY, linestyle=":", label="98 %")
    right.legend(loc="lower right")
    right.set(title=f"test accuracy: {accuracies[-1]:.2%}", xlabel="epoch", ylabel="%")
    for axes in (left, right):
        axes.xaxis.get_major_locator().set_params(integer=True)


def draw_filters(figure, weight):
    """Draw the filters (16, 1, 3, 3), positive weights in blue, negative ones in red."""
    figure.suptitle("the 16 filters of the first layer (blue: positive, red: negative)", fontsize=11)
    limit = weight.abs().max().item()
    for axes, kernel in zip(figure.subplots(2, 8).flat, weight, strict=True):
        axes.imshow(kernel[0].tolist(), cmap="RdBu", vmin=-limit, vmax=limit)
        axes.set_axis_off()


def draw_digits(figure, images, labels, predictions):
    """Draw the misread digits first, in red, then others, with the prediction above each."""
    wrong = [i for i, right in enumerate((predictions == labels).tolist()) if not right]
    figure.suptitle(f"{len(labels)} test digits: {len(wrong)} misread (red: read → is)", fontsize=11)
    order = wrong[:20] + [i for i in range(len(labels)) if i not in set(wrong)]
    for axes, i in zip(figure.subplots(4, 10).flat, order[:40], strict=True):
        read, truth = predictions[i].item(), labels[i].item()
        right = read == truth
        axes.imshow(images[i, 0].tolist(), cmap="gray_r" if right else "Reds")
        axes.set_title(f"{read}" if right else f"{read} → {truth}", color="black" if right else common.RED)
        axes.set_axis_off()


def run(name, args, train_set, test_set, side, batch_size):
    """Train, save, read back, test, draw, and sum up."""
    plt = common.pyplot()
    net = ConvNet(side).to(args.device)
    print(net)
    started = time.perf_counter()
    losses, accuracies = train(net, train_set, test_set, args.epochs, batch_size, args.device)
    seconds = time.perf_counter() - started

    checkpoint = args.out / f"{name}.safetensors"
    torch.save(net.state_dict(), checkpoint)
    copy = ConvNet(side).to(args.device)
    copy.load_state_dict(torch.load(checkpoint))
    predicted = predict(copy, test_set, args.device)
    if accuracy(predicted) != accuracies[-1]:
        raise SystemExit(f"{checkpoint}: read back, it has an accuracy of {accuracy(predicted):.2%}")

    picture = common.save(draw(plt, copy, predicted, losses, accuracies), args.out / f"{name}.png")
    wrong = round((1 - accuracies[-1]) * len(test_set))
    print(
        f"{name}: test accuracy {accuracies[-1]:.2%} ({wrong} of {len(test_set)} wrong, the same from {checkpoint}), "
        f"seed {args.seed}, {args.epochs} epochs in {seconds:.1f} s on {args.device}; {picture}"
    )


def main():
    args = common.parse(common.options(__doc__, epochs=30))
    torch.manual_seed(args.seed)
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.3053,), (0.3759,))])
    train_set, test_set = random_split(datasets.Digits(transform=transform), [0.8, 0.2])
    run("05_convnet_digits", args, train_set, test_set, side=8, batch_size=32)


if __name__ == "__main__":
    main()
