"""A variational autoencoder squeezes digits of 64 pixels into two numbers, and draws new ones from any two numbers.

    encoder   q(z | x) = N(μ(x), σ(x)²),   z = μ + σ ε,   ε ~ N(0, 1)
    decoder   p(x | z): a probability of ink for each pixel
    loss      -ELBO = E[-log p(x | z)] + KL(q(z | x) ‖ N(0, 1))

The first term wants the picture back, the second one wants the codes of all digits to fill the plane like one
normal distribution, without gaps.  So every place in the plane decodes to some digit.
"""

import time

import common

import minitorch as torch
import minitorch.nn as nn
import minitorch.nn.functional as F
import minitorch.optim as optim
from minitorch.distributions import Normal, kl_divergence
from minitorch.utils.data import DataLoader, TensorDataset
from minitorch.vision import datasets


class VAE(nn.Module):
    def __init__(self, pixels=64, hidden=256, codes=2):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(pixels, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.mean = nn.Linear(hidden, codes)
        self.log_std = nn.Linear(hidden, codes)
        self.decoder = nn.Sequential(
            nn.Linear(codes, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, pixels)
        )

    def encode(self, x):
        h = self.encoder(x)  # (N, 64) -> (N, hidden)
        return Normal(self.mean(h), self.log_std(h).exp())  # of z, (N, 2)

    def forward(self, x):
        q = self.encode(x)
        z = q.rsample()  # μ + σ ε: a draw that gradients pass through
        return self.decoder(z), q  # (N, 64) logits of ink


def negative_elbo(net, x):
    """Return the two terms of the loss, each a mean over the pictures x (N, 64)."""
    logits, q = net(x)
    reconstruction = F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
    divergence = kl_divergence(q, Normal(torch.zeros_like(q.loc), torch.ones_like(q.scale))).sum() / len(x)
    return reconstruction, divergence


def train(net, x, new_x, epochs):
    """Return [reconstruction, divergence] on the digits seen, and on new ones, after every epoch."""
    loader = DataLoader(TensorDataset(x), batch_size=32, shuffle=True)
    optimizer = optim.Adam(net.parameters(), lr=1e-3)
    scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=epochs * len(loader))
    terms, new_terms = [], []
    bar = common.progress(range(epochs), "training")
    for _ in bar:
        total = torch.zeros(2)
        for (batch,) in loader:
            optimizer.zero_grad()
            reconstruction, divergence = negative_elbo(net, batch)
            (reconstruction + divergence).backward()
            optimizer.step()
            scheduler.step()
            total += torch.tensor([reconstruction.item(), divergence.item()])
        terms.append((total / len(loader)).tolist())
        with torch.no_grad():
            new_terms.append([term.item() for term in negative_elbo(net, new_x)])
        bar.set_postfix_str(f"-ELBO {sum(terms[-1]):.2f}, on new digits {sum(new_terms[-1]):.2f}")
    return terms, new_terms


def mosaic(pictures):
    """Lay pictures (rows, columns, 8, 8) side by side, with white between them."""
    pictures = F.pad(pictures, (1, 1, 1, 1))  # (rows, columns, 10, 10)
    return pictures.transpose(1, 2).flatten(0, 1).flatten(1, 2).tolist()


def draw(plt, net, x, y, terms, new_terms, mean_loss, device):
    """Draw the plane of codes as digits and as points, pictures and what comes back, and the loss."""
    figure = plt.figure(figsize=(12.5, 8.4))
    top, bottom = figure.subfigures(2, 1, height_ratios=[2.4, 1])
    plane, points = top.subplots(1, 2)
    with torch.no_grad():
        side = Normal(0.0, 1.0).icdf(torch.linspace(0.02, 0.98, 15))  # equal shares of the normal distribution
        z = torch.stack([side.expand(15, 15), side.flip(0).unsqueeze(1).expand(15, 15)], dim=2)  # (15, 15, 2)
        digits = net.decoder(z.to(device)).sigmoid().cpu().view(15, 15, 8, 8)
        codes = net.encode(x).loc.cpu()  # (N, 2)
        back = net.decoder(net.encode(x).loc).sigmoid().cpu()
    plane.imshow(mosaic(digits), cmap="gray_r")
    plane.set(title="what every place in the plane decodes to")
    plane.set_axis_off()
    for digit in range(10):
        chosen = codes[y == digit]
        points.scatter(*chosen.t().tolist(), s=14, color=plt.cm.tab10(digit), label=digit, edgecolor="white", lw=0.3)
    points.set(title="the places of new digits (means of q)", xlabel="$z_1$", ylabel="$z_2$", aspect="equal")
    points.legend(loc="center left", bbox_to_anchor=(1, 0.5), title="digit")

    pictures, curves = bottom.subplots(1, 2, width_ratios=[1.6, 1])
    shown = torch.stack([(y == digit).nonzero()[0, 0] for digit in range(10)])
    rows = [part[shown].cpu().view(10, 8, 8) for part in (x, back)]
    pictures.imshow(mosaic(torch.stack(rows)), cmap="gray_r")
    pictures.set(title="new digits, and what comes back from two numbers")
    pictures.set_axis_off()
    epochs = range(1, len(terms) + 1)
    curves.axhline(mean_loss, color=common.GREY, ls=":", label="drawing the mean digit always")
    curves.plot(epochs, [sum(pair) for pair in terms], color=common.BLUE, label="-ELBO, digits seen")
    curves.plot(epochs, [sum(pair) for pair in new_terms], color=common.ORANGE, label="-ELBO, new digits")
    curves.set(title="loss (nats per digit)", xlabel="epoch")
    curves.legend()
    return figure


def main():
    args = common.parse(common.options(__doc__, epochs=100))
    plt = common.pyplot()
    torch.manual_seed(args.seed)
    seen, new = datasets.Digits(train=True), datasets.Digits(train=False)
    x, new_x = (part.data.float().flatten(1).to(args.device) / 16 for part in (seen, new))  # (1442, 64), (355, 64)
    net = VAE().to(args.device)
    started = time.perf_counter()
    terms, new_terms = train(net, x, new_x, args.epochs)
    seconds = time.perf_counter() - started
    mean = x.mean(dim=0).clamp(1e-4, 1 - 1e-4)  # (64,)
    mean_loss = F.binary_cross_entropy(mean.expand_as(new_x), new_x, reduction="sum").item() / len(new_x)
    figure = draw(plt, net, new_x, new.targets, terms, new_terms, mean_loss, args.device)
    path = common.save(figure, args.out / "09_vae_digits.png")
    reconstruction, divergence = new_terms[-1]
    print(
        f"{args.epochs} epochs in {seconds:.1f} s on {args.device}: -ELBO {sum(terms[-1]):.2f} nats on the digits seen, "
        f"{sum(new_terms[-1]):.2f} on {len(new)} new ones ({reconstruction:.2f} reconstruction + {divergence:.2f} "
        f"divergence; {mean_loss:.2f} for the mean digit); {path}"
    )


if __name__ == "__main__":
    main()
