"""A recurrent network reads first names letter by letter, guesses each next letter, and then invents names.

    (h, c)ₜ = LSTM(embedding of letterₜ, (h, c)ₜ₋₁),   p(letterₜ₊₁ | the letters so far) = softmax(W hₜ + b)

A name is invented by drawing letters from p, one after the other, until the end is drawn.  4,005 names come
with the example; `--data FILE` reads another list of words, one on each line.
"""

import math
import random
import time
from pathlib import Path

import common

import minitorch as torch
import minitorch.nn as nn
import minitorch.nn.functional as F
import minitorch.optim as optim
from minitorch.utils.data import DataLoader, TensorDataset

PADDING = -100  # the target that cross_entropy leaves out
END = 0  # stands before the first letter and after the last one


class NameModel(nn.Module):
    def __init__(self, letters, hidden=128):
        super().__init__()
        self.embedding = nn.Embedding(letters, 32)
        self.lstm = nn.LSTM(32, hidden, batch_first=True)
        self.dropout = nn.Dropout(0.3)
        self.fc = nn.Linear(hidden, letters)

    def forward(self, x, state=None):
        x = self.embedding(x)  # (N, T) -> (N, T, 32)
        x, state = self.lstm(x, state)  # (N, T, hidden)
        return self.fc(self.dropout(x)), state  # (N, T, letters): scores of the next letter


def encode(names, alphabet):
    """Return inputs and targets (N, T): .anna and anna., as numbers, filled up to the longest name."""
    longest = max(map(len, names)) + 1
    inputs, targets = torch.zeros(len(names), longest).long(), torch.full((len(names), longest), PADDING)
    for i, name in enumerate(names):
        letters = torch.tensor([alphabet.index(letter) for letter in name])
        inputs[i, 1 : len(name) + 1] = letters
        targets[i, : len(name)] = letters
        targets[i, len(name)] = END
    return inputs, targets


def loss_of(net, x, y):
    scores, _ = net(x)
    return F.cross_entropy(scores.flatten(0, 1), y.flatten(), ignore_index=PADDING)


def train(net, x, y, new_x, new_y, epochs):
    """Train; return the mean loss per letter on the names seen and on new ones after every epoch."""
    loader = DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True)
    optimizer = optim.Adam(net.parameters(), lr=0.005)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs * len(loader))
    losses, new_losses = [], []
    with common.progress(range(epochs * len(loader)), "training") as bar:
        for _ in range(epochs):
            net.train()
            total = 0.0
            for inputs, targets in loader:
                optimizer.zero_grad()
                loss = loss_of(net, inputs, targets)
                loss.backward()
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                optimizer.step()
                scheduler.step()
                total += loss.item()
                bar.update()
            net.eval()
            with torch.no_grad():
                new_losses.append(loss_of(net, new_x, new_y).item())
            losses.append(total / len(loader))
            bar.set_postfix_str(f"loss {losses[-1]:.3f}, on new names {new_losses[-1]:.3f}")
    return losses, new_losses


def invent(net, alphabet, n, device, longest=16):
    """Draw n names, letter by letter, all at once."""
    letters, state, columns = torch.full((n, 1), END, device=device), None, []
    with torch.no_grad():
        for _ in range(longest):
            scores, state = net(letters, state)  # one step on from where the state is
            letters = torch.multinomial(F.softmax(scores[:, 0], dim=1), 1)  # (n, 1)
            columns.append(letters)
    rows = torch.cat(columns, dim=1).tolist()
    return ["".join(alphabet[k] for k in row).partition(alphabet[END])[0] for row in rows]


def draw(plt, net, alphabet, name, losses, new_losses, unigram, device):
    """Draw the losses, and what the network expects after each letter of a name."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5.4), width_ratios=[1, 1.25])
    epochs = range(1, len(losses) + 1)
    left.axhline(unigram, color=common.GREY, ls=":", label="knowing only how often each letter is")
    left.plot(epochs, losses, color=common.BLUE, label="names seen (with dropout)")
    left.plot(epochs, new_losses, color=common.ORANGE, label="new names")
    left.set(title="cross-entropy per letter", xlabel="epoch")
    left.xaxis.get_major_locator().set_params(integer=True)
    left.legend()

    x, _ = encode([name], alphabet)  # (1, T)
    with torch.no_grad():
        p = F.softmax(net(x.to(device))[0][0], dim=1).cpu()  # (T, letters)
    image = right.imshow(p.t().tolist(), cmap="Blues", aspect="auto", vmax=0.8)
    for t, letter in enumerate([*name, alphabet[END]]):
        k = alphabet.index(letter)
        right.add_patch(plt.Rectangle((t - 0.5, k - 0.5), 1, 1, fill=False, edgecolor=common.RED, lw=1.6))
    read = [f"{name[:t]}_" for t in range(len(name) + 1)]
    right.set_xticks(range(len(name) + 1), read, rotation=35, ha="right", rotation_mode="anchor")
    right.set_yticks(range(len(alphabet)), ["end", *alphabet[1:]], fontsize=8)
    right.set(title="probability of the next letter (red: what came)", xlabel="read so far")
    right.grid(visible=False)
    figure.colorbar(image, ax=right)
    return figure


def main():
    parser = common.options(__doc__, epochs=15)
    parser.add_argument("--data", type=Path, default=common.DATA / "names.txt", help="one word on each line")
    args = common.parse(parser)
    plt = common.pyplot()
    names = sorted(set(common.read_text(parser, args.data).lower().split()))
    if len(names) < 100:
        parser.error(f"--data {args.data}: {len(names)} different words, too few to learn from (at least 100)")
    alphabet = ["."] + sorted(set("".join(names)) - {"."})
    torch.manual_seed(args.seed)
    random.Random(args.seed).shuffle(names)
    new = len(names) // 10
    (new_x, new_y), (x, y) = (
        [t.to(args.device) for t in encode(part, alphabet)] for part in (names[:new], names[new:])
    )

    net = NameModel(len(alphabet)).to(args.device)
    started = time.perf_counter()
    losses, new_losses = train(net, x, y, new_x, new_y, args.epochs)
    seconds = time.perf_counter() - started

    counts = torch.stack([(new_y == k).sum() for k in range(len(alphabet))])
    q = counts[counts > 0] / counts.sum()
    unigram = -(q * q.log()).sum().item()  # the entropy of the letters
    name = max(names[:new][:20], key=len)  # one that the network has not seen
    figure = draw(plt, net, alphabet, name, losses, new_losses, unigram, args.device)
    path = common.save(figure, args.out / "08_names_rnn.png")
    invented = invent(net, alphabet, 30, args.device)
    for i in range(0, 30, 10):
        print(", ".join(name if name in names else f"{name}*" for name in invented[i : i + 10]))
    fresh = sum(name not in names for name in invented)
    print(
        f"{len(x)} names, {args.epochs} epochs in {seconds:.1f} s on {args.device}: loss {losses[-1]:.3f} per letter, "
        f"{new_losses[-1]:.3f} on {new} new names: as unsure as between {math.exp(new_losses[-1]):.1f} letters; "
        f"{fresh} of 30 invented names (*) are not in the list; {path}"
    )


if __name__ == "__main__":
    main()
