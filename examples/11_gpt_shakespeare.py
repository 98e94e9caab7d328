"""A small GPT reads Shakespeare letter by letter, guesses each next letter, and writes on.

    x₀ = letter embedding + place embedding
    x ← x + attention(norm x),   x ← x + W₂ gelu(W₁ norm x)           (a block; a few of them)
    p(next letter) = softmax(W norm x)

Attention looks back only: what comes later is masked.  So one pass guesses the next letter at every place.
Some scenes of Romeo and Juliet come with the example; `--data FILE` reads any other text.
"""

import math
import time
from pathlib import Path

import common

import minitorch as torch
import minitorch.nn as nn
import minitorch.nn.functional as F
import minitorch.optim as optim

CONTEXT, BATCH = 64, 32


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, heads, dropout=0.1, batch_first=True)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU("tanh"), nn.Linear(4 * width, width), nn.Dropout(0.1)
        )

    def forward(self, x, mask):
        h = self.norm1(x)  # (N, T, width)
        h, weights = self.attention(h, h, h, attn_mask=mask, average_attn_weights=False)  # weights (N, heads, T, T)
        x = x + h
        return x + self.mlp(self.norm2(x)), weights


class GPT(nn.Module):
    def __init__(self, letters, width=64, heads=4, blocks=2):
        super().__init__()
        self.letter = nn.Embedding(letters, width)
        self.place = nn.Embedding(CONTEXT, width)
        self.blocks = nn.ModuleList([Block(width, heads) for _ in range(blocks)])
        self.norm = nn.LayerNorm(width)
        self.fc = nn.Linear(width, letters)
        for embedding in (self.letter, self.place):
            nn.init.normal_(embedding.weight, std=0.1)

    def forward(self, x):
        T = x.shape[1]
        mask = torch.ones(T, T, dtype=torch.bool, device=x.device).triu(1)  # True: do not look there
        x = self.letter(x) + self.place(torch.arange(T, device=x.device))  # (N, T) -> (N, T, width)
        looks = []
        for block in self.blocks:
            x, weights = block(x, mask)
            looks.append(weights)
        return self.fc(self.norm(x)), looks  # (N, T, letters)


def loss_of(net, windows):
    """Return the mean cross-entropy of each next letter in windows (N, CONTEXT + 1) of text."""
    scores, _ = net(windows[:, :-1])
    return F.cross_entropy(scores.flatten(0, 1), windows[:, 1:].flatten())


def train(net, text, new_text, epochs):
    """Train; return the loss of every step, and (step, loss on the new text) after every epoch."""
    starts, offsets = len(text) - CONTEXT, torch.arange(CONTEXT + 1, device=text.device)
    steps = max(1, starts // (BATCH * CONTEXT))  # of an epoch: as many letters as the text has
    new_windows = new_text[: len(new_text) // (CONTEXT + 1) * (CONTEXT + 1)].view(-1, CONTEXT + 1)
    optimizer = optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.1)
    scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=epochs * steps, pct_start=0.1)
    losses, new_losses = [], []
    with common.progress(range(epochs * steps), "training") as bar:
        for _ in range(epochs):
            net.train()
            for _ in range(steps):
                start = torch.randint(starts, (BATCH, 1)).to(text.device)
                optimizer.zero_grad()
                loss = loss_of(net, text[start + offsets])  # (BATCH, CONTEXT + 1)
                loss.backward()
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                optimizer.step()
                scheduler.step()
                losses.append(loss.item())
                bar.update()
            net.eval()
            with torch.no_grad():
                parts = new_windows.split(BATCH)
                new_losses.append((len(losses), sum(loss_of(net, p).item() * len(p) for p in parts) / len(new_windows)))
            bar.set_postfix_str(f"loss {losses[-1]:.3f}, on new text {new_losses[-1][1]:.3f}")
    return losses, new_losses


def write(net, alphabet, start, n, device):
    """Write n letters on from the start, one after the other."""
    letters = torch.tensor([[alphabet.index(letter) for letter in start]], device=device)  # (1, T)
    with torch.no_grad():
        for _ in range(n):
            scores, _ = net(letters[:, -CONTEXT:])
            p = F.softmax(scores[:, -1] / 0.8, dim=1)  # a little bolder than it is
            letters = torch.cat([letters, torch.multinomial(p, 1)], dim=1)
    return "".join(alphabet[k] for k in letters[0].tolist())


def draw(plt, net, alphabet, line, losses, new_losses, unigram, device):
    """Draw the losses, and where each head of the first block looks from each letter of a line."""
    figure = plt.figure(figsize=(13, 6.6))
    left, right = figure.subfigures(1, 2, width_ratios=[1, 1.5])
    curves = left.subplots()
    curves.axhline(unigram, color=common.GREY, ls=":", label="knowing only how often each letter is")
    curves.plot(losses, color=common.BLUE, lw=0.8, label="the text seen")
    curves.plot(*zip(*new_losses, strict=True), color=common.ORANGE, label="new text")
    curves.set(title="cross-entropy per letter", xlabel="step")
    curves.legend()

    letters = torch.tensor([[alphabet.index(letter) for letter in line]], device=device)
    with torch.no_grad():
        weights = net(letters)[1][0][0].cpu()  # (heads, T, T)
    right.suptitle("from each letter (row), where the four heads of the first block look", fontsize=11)
    for axes, head in zip(right.subplots(2, 2).flat, weights, strict=True):
        axes.imshow(head.sqrt().tolist(), cmap="Blues")  # the root shows small weights, too
        axes.set_xticks(range(len(line)), line, family="monospace", fontsize=8)
        axes.set_yticks(range(len(line)), line, family="monospace", fontsize=8)
        axes.tick_params(length=0)
        axes.grid(visible=False)
    return figure


def main():
    parser = common.options(__doc__, epochs=30)
    parser.add_argument("--data", type=Path, default=common.DATA / "romeo_and_juliet.txt", help="the text to read")
    args = common.parse(parser)
    plt = common.pyplot()
    text = common.read_text(parser, args.data)
    if len(text) < 20 * CONTEXT:
        parser.error(f"--data {args.data}: {len(text)} letters, too few to learn from (at least {20 * CONTEXT})")
    torch.manual_seed(args.seed)
    alphabet = sorted(set(text))
    numbers = {letter: k for k, letter in enumerate(alphabet)}
    letters = torch.tensor([numbers[letter] for letter in text]).to(args.device)
    seen = len(text) * 9 // 10  # the last tenth is for testing
    net = GPT(len(alphabet)).to(args.device)
    started = time.perf_counter()
    losses, new_losses = train(net, letters[:seen], letters[seen:], args.epochs)
    seconds = time.perf_counter() - started

    q = F.one_hot(letters).float().mean(dim=0)
    unigram = -(q * q.log()).sum().item()  # the entropy of the letters
    line = max(text[seen : seen + 2000].splitlines(), key=len)[:28]
    figure = draw(plt, net, alphabet, line, losses, new_losses, unigram, args.device)
    path = common.save(figure, args.out / "11_gpt_shakespeare.png")
    print(write(net, alphabet, text[:7], 500, args.device))
    loss = new_losses[-1][1]
    print(
        f"{sum(p.numel() for p in net.parameters())} parameters, {args.epochs} epochs in {seconds:.1f} s on "
        f"{args.device}: loss {losses[-1]:.3f} per letter, {loss:.3f} on new text: as unsure as between "
        f"{math.exp(loss):.1f} letters ({math.exp(unigram):.1f} without reading); {path}"
    )


if __name__ == "__main__":
    main()
