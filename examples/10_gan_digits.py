"""Two networks play against each other: a forger draws digits out of noise, and a judge tells them from real ones.

    judge    D(x): a score, high for real pictures;   loss  softplus(-D(x)) + softplus(D(G(z)))
    forger   G(z), z ~ N(0, 1);                       loss  softplus(-D(G(z)))

softplus(-s) = -log sigmoid(s) is the cross-entropy of a score with "real", softplus(s) that with "forged".
The forger never sees a real digit: all that it knows comes through the gradient of the judge.
A third network, which has learned to read real digits, says in the end what the forgeries are worth.
"""

import time

import common

import minitorch as torch
import minitorch.nn as nn
import minitorch.nn.functional as F
import minitorch.optim as optim
from minitorch.utils.data import DataLoader, TensorDataset
from minitorch.vision import datasets

NOISE = 16


def forger():
    """(N, 16) noise -> (N, 64) pixels between 0 and 1."""
    return nn.Sequential(
        nn.Linear(NOISE, 128), nn.BatchNorm1d(128), nn.ReLU(),
        nn.Linear(128, 128), nn.BatchNorm1d(128), nn.ReLU(),
        nn.Linear(128, 64), nn.Sigmoid(),
    )  # fmt: skip


def judge(scores=1):
    """(N, 64) pixels -> (N, scores)."""
    return nn.Sequential(
        nn.Linear(64, 256), nn.LeakyReLU(0.2), nn.Dropout(0.3),
        nn.Linear(256, 128), nn.LeakyReLU(0.2), nn.Dropout(0.3),
        nn.Linear(128, scores),
    )  # fmt: skip


def forge(G, z):
    """Return what G makes of the noise z: (N, 16) -> (N, 64)."""
    G.eval()
    with torch.no_grad():
        pictures = G(z).cpu()
    G.train()
    return pictures


def play(G, D, loader, z, epochs):
    """Train both in turn; return their losses, and what G makes of the noise z after some of the epochs."""
    optimizer_g, optimizer_d = (optim.Adam(net.parameters(), lr=1e-3, betas=(0.5, 0.999)) for net in (G, D))
    losses, drawn = [], {0: forge(G, z)}
    stops = {round(epochs * share) for share in (0.01, 0.03, 0.1, 0.3, 1.0)}
    bar = common.progress(range(1, epochs + 1), "training")
    for epoch in bar:
        total = torch.zeros(2)
        for (real,) in loader:
            forged = G(torch.randn(len(real), NOISE).to(real.device))

            optimizer_d.zero_grad()
            loss_d = F.softplus(-D(real)).mean() + F.softplus(D(forged.detach())).mean()  # no gradient for G
            loss_d.backward()
            optimizer_d.step()

            optimizer_g.zero_grad()
            loss_g = F.softplus(-D(forged)).mean()
            loss_g.backward()
            optimizer_g.step()
            total += torch.tensor([loss_d.item(), loss_g.item()])
        losses.append((total / len(loader)).tolist())
        bar.set_postfix_str("judge {:.3f}, forger {:.3f}".format(*losses[-1]))
        if epoch in stops:
            drawn[epoch] = forge(G, z)
    return losses, drawn


def learn_to_read(loader, epochs=20):
    """Return a network that reads real digits."""
    net = judge(scores=10).to(next(iter(loader))[0].device)
    optimizer = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
    return net.eval()


def read(net, x):
    """Return the digit that each picture is read as, and whether the reader is 90 % sure of it."""
    with torch.no_grad():
        p, digits = F.softmax(net(x), dim=1).max(dim=1)
    return digits.cpu(), (p > 0.9).cpu()


def draw(plt, losses, drawn, digits, sure):
    """Draw the same noise as the forger learns, the losses, and what the forgeries are read as."""
    figure = plt.figure(figsize=(12, 7.6))
    top, bottom = figure.subfigures(2, 1, height_ratios=[2, 1.2])
    axes = top.subplots(1, 6).flat
    for ax, (epoch, pictures) in zip(axes, drawn.items(), strict=False):
        grid = F.pad(pictures[:50].view(10, 5, 8, 8), (1, 1, 1, 1))  # (10, 5, 10, 10): rows and columns of pictures
        ax.imshow(grid.transpose(1, 2).reshape(100, 50).tolist(), cmap="gray_r", vmin=0, vmax=1)
        ax.set_title(f"after {epoch} epoch" + "s" * (epoch != 1) if epoch else "at first")
    for ax in top.axes:
        ax.set_axis_off()

    curves, bars = bottom.subplots(1, 2, width_ratios=[1.3, 1])
    epochs = range(1, len(losses) + 1)
    curves.plot(epochs, [loss for loss, _ in losses], color=common.BLUE, label="the judge's loss")
    curves.plot(epochs, [loss for _, loss in losses], color=common.ORANGE, label="the forger's loss")
    curves.set(title="nobody wins: the losses", xlabel="epoch")
    curves.legend()
    shares = [100 * (digits == k).float().mean().item() for k in range(10)]
    sure_shares = [100 * ((digits == k) & sure).float().mean().item() for k in range(10)]
    bars.bar(range(10), shares, color=common.GREY, alpha=0.6, label="read")
    bars.bar(range(10), sure_shares, color=common.GREEN, label="read, and sure")
    bars.axhline(10, color="black", lw=1, ls=":")
    bars.set(title="what a reader of real digits sees in the forgeries", xlabel="digit", ylabel="%")
    bars.set_xticks(range(10))
    bars.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def main():
    args = common.parse(common.options(__doc__, epochs=200))
    plt = common.pyplot()
    torch.manual_seed(args.seed)
    data, test = datasets.Digits(train=True), datasets.Digits(train=False)
    x, new_x = (part.data.float().flatten(1).to(args.device) / 16 for part in (data, test))  # (1442, 64), (355, 64)
    reader = learn_to_read(DataLoader(TensorDataset(x, data.targets.to(args.device)), batch_size=32, shuffle=True))

    G, D = forger().to(args.device), judge().to(args.device)
    z = torch.randn(1000, NOISE).to(args.device)
    loader = DataLoader(TensorDataset(x), batch_size=32, shuffle=True, drop_last=True)
    started = time.perf_counter()
    losses, drawn = play(G, D, loader, z, args.epochs)
    seconds = time.perf_counter() - started

    forged = drawn[args.epochs]
    digits, sure = read(reader, forged.to(args.device))
    _, sure_of_real = read(reader, new_x)
    rarest = min((digits == k).float().mean().item() for k in range(10))
    distance = (forged.mean(dim=0) - x.mean(dim=0).cpu()).abs().mean().item()
    path = common.save(draw(plt, losses, drawn, digits, sure), args.out / "10_gan_digits.png")
    print(
        f"{args.epochs} epochs in {seconds:.1f} s on {args.device}: the reader is sure of "
        f"{sure.float().mean().item():.1%} of 1000 forgeries ({sure_of_real.float().mean().item():.1%} of new real digits); "
        f"every digit is at least {rarest:.1%} of them; mean ink differs by {distance:.3f} a pixel; {path}"
    )


if __name__ == "__main__":
    main()
