"""Spoken vowels by their spectrum: a short-time Fourier transform written as a matrix product, and a ConvNet.

A voice is a buzz of many harmonics, of which the mouth lets some through: the formants, two peaks that tell an "ah"
from an "ee".  Ten vowels and glides between two, 0.4 s of generated sound, each time by another voice, and noisy.

    X[k, m] = Σₙ w[n] x[mh + n] exp(-2πi kn / N)        frames of N samples, h apart, under a Hann window w

The picture log |X| is what the network sees.
"""

import math
import time

import common

import minitorch as torch
import minitorch.nn as nn
import minitorch.nn.functional as F
import minitorch.optim as optim

RATE, LENGTH = 8000, 3200  # samples a second, samples of a sound: 0.4 s
N, HOP = 256, 80  # samples of a frame (32 ms), and from one frame to the next (10 ms)
SOUNDS = {  # (first and second formant in Hz, at the beginning and at the end)
    "ah": ((730, 1090), (730, 1090)), "ee": ((270, 2290), (270, 2290)), "oo": ((300, 870), (300, 870)),
    "eh": ((530, 1840), (530, 1840)), "aw": ((570, 840), (570, 840)), "eye": ((730, 1090), (270, 2290)),
    "ow": ((730, 1090), (300, 870)), "oy": ((570, 840), (270, 2290)), "you": ((270, 2290), (300, 870)),
    "we": ((300, 870), (270, 2290)),
}  # fmt: skip


def sounds(labels):
    """Return a sound for each label.  (B,) -> (B, LENGTH)."""
    n = len(labels)
    t = torch.arange(LENGTH) / RATE  # seconds
    path = torch.tensor(list(SOUNDS.values()), dtype=torch.float32)[labels]  # (B, 2 ends, 2 formants)
    path = path * (1 + 0.12 * torch.randn(n, 1, 2))  # every mouth is another
    middle, speed = 0.15 + 0.1 * torch.rand(n, 1), 15 + 15 * torch.rand(n, 1)
    way = torch.sigmoid(speed * (t - middle)).unsqueeze(2)  # (B, LENGTH, 1): 0 at the beginning, 1 at the end
    formants = path[:, None, 0] * (1 - way) + path[:, None, 1] * way  # (B, LENGTH, 2)
    pitch = (90 + 130 * torch.rand(n, 1)) * (1 + 0.3 * torch.randn(n, 1) * (t - 0.2))  # (B, LENGTH) Hz
    phase = 2 * math.pi * pitch.cumsum(dim=1) / RATE
    x = torch.zeros(n, LENGTH)
    for harmonic in range(1, 31):
        hertz = harmonic * pitch
        near = torch.exp(-(((hertz.unsqueeze(2) - formants) / 110) ** 2)) @ torch.tensor([1.0, 0.5])  # (B, LENGTH)
        x = x + (near + 0.02) * torch.sin(harmonic * phase) * (hertz < RATE / 2)
    loud = (torch.sin(math.pi * t / t[-1]) ** 0.5) / x.std(dim=1, keepdim=True)
    return loud * x + 0.6 * torch.randn(n, LENGTH)


class Spectrogram(nn.Module):
    """The logarithm of the power of every frequency in every frame.  (B, LENGTH) -> (B, 1, N/2 + 1, frames)."""

    def __init__(self):
        super().__init__()
        n = torch.arange(N)
        angle = 2 * math.pi / N * (torch.arange(N // 2 + 1).unsqueeze(1) * n % N)  # (N/2 + 1, N)
        window = 0.5 - 0.5 * torch.cos(2 * math.pi * n / N)
        self.register_buffer("real", window * torch.cos(angle))
        self.register_buffer("imag", -window * torch.sin(angle))

    def forward(self, x):
        frames = F.unfold(x[:, None, None, :], kernel_size=(1, N), stride=(1, HOP))  # (B, N, frames)
        power = (self.real @ frames) ** 2 + (self.imag @ frames) ** 2  # (B, N/2 + 1, frames)
        return torch.log(power + 1).unsqueeze(1)


class ConvNet(nn.Sequential):
    def __init__(self):
        super().__init__(
            Spectrogram(), nn.BatchNorm2d(1),  # (B, 3200) -> (B, 1, 129, 37)
            nn.Conv2d(1, 16, 5, stride=2, padding=2), nn.BatchNorm2d(16), nn.ReLU(),  # (B, 16, 65, 19)
            nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.BatchNorm2d(32), nn.ReLU(),  # (B, 32, 33, 10)
            nn.Conv2d(32, 64, 3, stride=2, padding=1), nn.BatchNorm2d(64), nn.ReLU(),  # (B, 64, 17, 5)
            nn.Flatten(), nn.Dropout(0.5), nn.Linear(64 * 17 * 5, len(SOUNDS)),
        )  # fmt: skip


def generate(n, device):
    """Return n sounds and what they are."""
    labels = torch.arange(n) % len(SOUNDS)
    return torch.cat([sounds(part) for part in labels.split(50)]).to(device), labels.to(device)


def train(net, x, y, epochs):
    optimizer = optim.AdamW(net.parameters(), weight_decay=0.01)
    total = epochs * math.ceil(len(x) / 25)
    scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=total)
    net.train()
    bar = common.progress(range(epochs), "training")
    for _ in bar:
        for batch in torch.randperm(len(x)).to(x.device).split(25):
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
            scheduler.step()
        bar.set_postfix_str(f"loss {loss.item():.4f}")


def predict(net, x):
    net.eval()
    with torch.no_grad():
        return torch.cat([net(part).argmax(dim=1) for part in x.split(100)])


def draw(plt, pictures, confusion):
    """Draw a spectrogram of each sound, and which sound was taken for which."""
    figure = plt.figure(figsize=(13, 5.2))
    left, right = figure.subfigures(1, 2, width_ratios=[1.7, 1])
    extent = (0, 1000 * LENGTH / RATE, 0, RATE / 2000)
    grid = left.subplots(2, 5, sharex=True, sharey=True)
    for axes, name, picture in zip(grid.flat, SOUNDS, pictures, strict=True):
        axes.imshow(picture[0].tolist(), origin="lower", aspect="auto", cmap="magma", extent=extent)
        axes.set_title(f"“{name}”")
        axes.grid(visible=False)
    left.suptitle("one spectrogram of each", fontsize=11)
    left.supxlabel("time in ms", fontsize=10)
    left.supylabel("frequency in kHz", fontsize=10)
    axes = right.subplots()
    axes.imshow(confusion.tolist(), cmap="Blues")
    most = confusion.max().item()
    for i, row in enumerate(confusion.tolist()):
        for j, count in enumerate(row):
            colour = "white" if 2 * count > most else "black"
            axes.text(j, i, count or "", ha="center", va="center", fontsize=8, color=colour)
    axes.set_xticks(range(len(SOUNDS)), SOUNDS)
    axes.set_yticks(range(len(SOUNDS)), SOUNDS)
    axes.set(title="said (down) and heard (across)")
    axes.grid(visible=False)
    return figure


def main():
    args = common.parse(common.options(__doc__, epochs=10))
    plt = common.pyplot()
    torch.manual_seed(args.seed)
    (x, y), (new_x, new_y) = generate(1000, args.device), generate(500, args.device)
    net = ConvNet().to(args.device)
    started = time.perf_counter()
    train(net, x, y, args.epochs)
    seconds = time.perf_counter() - started
    heard = predict(net, new_x)
    confusion = F.one_hot(new_y * len(SOUNDS) + heard, len(SOUNDS) ** 2).sum(dim=0).reshape(len(SOUNDS), -1).cpu()
    with torch.no_grad():
        pictures = net[0](new_x[: len(SOUNDS)]).cpu()
    path = common.save(draw(plt, pictures, confusion), args.out / "16_spoken_tones.png")
    print(
        f"{args.epochs} epochs of {len(x)} sounds in {seconds:.1f} s on {args.device}: "
        f"{(heard == new_y).float().mean().item():.1%} of {len(new_y)} new ones heard right; {path}"
    )


if __name__ == "__main__":
    main()
