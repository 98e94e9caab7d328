"""English into French: one network reads a sentence, another writes its translation and looks back while it writes.

    encoder     h₁ … h_S = GRU of the English words, in both directions
    decoder     sₜ = GRU(French word ₜ₋₁, sₜ₋₁)
    attention   αₜ = softmax(sₜ W hᵢ / √width over i),   cₜ = Σᵢ αₜᵢ hᵢ     (Luong et al. 2015)
    next word   p = softmax(V tanh(U [cₜ, sₜ]))

Nobody tells it which word translates which: it finds out (see the picture).  The sentences come from tatoeba.org;
`--data FILE` reads others, on each line an English one, a tab and a French one.
"""

import random
import re
import time
from pathlib import Path

import common

import minitorch as torch
import minitorch.nn as nn
import minitorch.nn.functional as F
import minitorch.optim as optim
from minitorch.utils.data import DataLoader, TensorDataset

PADDING, START, END = 0, 1, 2
ENGLISH = re.compile(r"['\u2019]?\w+|[^\w\s]")  # I'm cold. -> i 'm cold .
FRENCH = re.compile(r"\w+['\u2019]?|[^\w\s]")  # J'ai froid. -> j' ai froid .


def words(pattern, sentence):
    return pattern.findall(sentence.lower())


class Vocabulary:
    def __init__(self, sentences):
        self.words = ["", "<start>", "<end>", *sorted({word for sentence in sentences for word in sentence})]
        self.numbers = {word: k for k, word in enumerate(self.words)}

    def encode(self, sentences):
        """Return numbers (N, T): the words of each sentence and END, filled up with PADDING."""
        rows = [torch.tensor([*(self.numbers[word] for word in sentence), END]) for sentence in sentences]
        return nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PADDING)


class Translator(nn.Module):
    def __init__(self, english, french, width=128):
        super().__init__()
        self.english = nn.Embedding(english, width, padding_idx=PADDING)
        self.french = nn.Embedding(french, width, padding_idx=PADDING)
        self.dropout = nn.Dropout(0.4)
        self.encoder = nn.GRU(width, width // 2, batch_first=True, bidirectional=True)
        self.decoder = nn.GRU(width, width, batch_first=True)
        self.W = nn.Linear(width, width, bias=False)
        self.U = nn.Linear(2 * width, width)
        self.V = nn.Linear(width, french)

    def encode(self, x):
        e = self.dropout(self.english(x))  # (N, S) -> (N, S, width)
        h, _ = self.encoder(e)  # (N, S, width)
        return h + e, (x == PADDING).unsqueeze(1)  # (N, S, width), (N, 1, S)

    def decode(self, y, h, padding, state=None):
        s, state = self.decoder(self.dropout(self.french(y)), state)  # (N, T) -> (N, T, width)
        scores = s @ self.W(h).transpose(1, 2) / s.shape[2] ** 0.5  # (N, T, S)
        attention = F.softmax(scores.masked_fill(padding, -1e9), dim=2)
        both = torch.cat([attention @ h, s], dim=2)  # (N, T, 2 width)
        return self.V(self.dropout(torch.tanh(self.U(both)))), state, attention  # (N, T, french)

    def forward(self, x, y):
        return self.decode(y, *self.encode(x))[0]


def train(net, x, y, epochs):
    """Learn to continue every French sentence y (N, T) for its English one x (N, S); return the losses."""
    start = torch.full((len(y), 1), START, device=y.device)
    loader = DataLoader(TensorDataset(x, torch.cat([start, y], dim=1)), batch_size=32, shuffle=True)
    optimizer = optim.Adam(net.parameters(), lr=3e-3)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
    criterion = nn.CrossEntropyLoss(ignore_index=PADDING)
    losses = []
    bar = common.progress(range(epochs), "training")
    for _ in bar:
        total = 0.0
        for english, french in loader:
            optimizer.zero_grad()
            scores = net(english, french[:, :-1])  # all words at once: the right words so far are known
            loss = criterion(scores.flatten(0, 1), french[:, 1:].flatten())
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            total += loss.item()
        scheduler.step()
        losses.append(total / len(loader))
        bar.set_postfix_str(f"loss {losses[-1]:.3f}")
    return losses


def translate(net, x, vocabulary, longest=12):
    """Translate x (N, S) word by word, always by the likeliest; return lists of words, and the attention (N, T, S)."""
    net.eval()
    with torch.no_grad():
        h, padding = net.encode(x)
        word, state = torch.full((len(x), 1), START, device=x.device), None
        columns, looks = [], []
        for _ in range(longest):
            scores, state, attention = net.decode(word, h, padding, state)
            word = scores.argmax(dim=2)  # (N, 1)
            columns.append(word)
            looks.append(attention)
    rows = [[vocabulary.words[k] for k in row] for row in torch.cat(columns, dim=1).tolist()]
    return [row[: row.index("<end>")] if "<end>" in row else row for row in rows], torch.cat(looks, dim=1).cpu()


def draw(plt, losses, examples):
    """Draw the loss, and which English words the decoder looks at while it writes each French one."""
    figure = plt.figure(figsize=(13, 7))
    left, right = figure.subfigures(1, 2, width_ratios=[1, 2.1])
    curve = left.subplots()
    curve.plot(range(1, len(losses) + 1), losses, color=common.BLUE)
    curve.set(title="cross-entropy per French word", xlabel="epoch", yscale="log")
    right.suptitle("new sentences: where it looks (row: English) as it writes (column: French)", fontsize=11)
    for axes, (english, french, attention) in zip(right.subplots(2, 3).flat, examples, strict=False):
        axes.imshow(attention[: len(french), : len(english)].t().tolist(), cmap="Blues", aspect="auto", vmin=0, vmax=1)
        axes.set_xticks(range(len(french)), french, rotation=45, ha="left", rotation_mode="anchor")
        axes.set_yticks(range(len(english)), english)
        axes.tick_params(length=0, labeltop=True, labelbottom=False)
        axes.grid(visible=False)
    return figure


def main():
    parser = common.options(__doc__, epochs=50)
    parser.add_argument("--data", type=Path, default=common.DATA / "english_french.txt", help="English, tab, French")
    args = common.parse(parser)
    plt = common.pyplot()
    lines = [line.split("\t") for line in common.read_text(parser, args.data).splitlines()]
    if len(lines) < 100 or min(map(len, lines)) < 2:
        parser.error(
            f"--data {args.data}: at least 100 lines are needed, on each an English sentence, a tab, a French one"
        )
    torch.manual_seed(args.seed)
    translations = {}
    for english, french, *_ in lines:
        translations.setdefault(tuple(words(ENGLISH, english)), []).append(words(FRENCH, french))
    sentences = sorted(translations)
    random.Random(args.seed).shuffle(sentences)
    new, seen = sentences[: len(sentences) // 10], sentences[len(sentences) // 10 :]
    pairs = [(english, french) for english in seen for french in translations[english]]
    english, french = Vocabulary(seen), Vocabulary([french for _, french in pairs])
    new = [sentence for sentence in new if all(word in english.numbers for word in sentence)]
    if not new:
        parser.error(f"--data {args.data}: of the tenth kept for testing, every sentence has a word that no other has")
    x, y = english.encode([e for e, _ in pairs]).to(args.device), french.encode([f for _, f in pairs]).to(args.device)

    net = Translator(len(english.words), len(french.words)).to(args.device)
    started = time.perf_counter()
    losses = train(net, x, y, args.epochs)
    seconds = time.perf_counter() - started

    written, attention = translate(net, english.encode(new).to(args.device), french)
    right = [row in translations[sentence] for sentence, row in zip(new, written, strict=True)]
    for i in range(min(12, len(new))):
        note = "" if right[i] else f"   (not: {' '.join(translations[new[i]][0])})"
        print(f"{' '.join(new[i]):24} -> {' '.join(written[i])}{note}")
    order = sorted(range(len(new)), key=lambda i: (right[i], len(new[i]) + len(written[i])), reverse=True)
    examples = [(new[i], written[i], attention[i]) for i in order]
    path = common.save(draw(plt, losses, examples), args.out / "12_translation.png")
    print(
        f"{len(pairs)} pairs, {args.epochs} epochs in {seconds:.1f} s on {args.device}: loss {losses[-1]:.3f}, "
        f"{sum(right)} of {len(new)} new sentences translated word for word as in the file "
        f"({sum(right) / len(new):.0%}); {path}"
    )


if __name__ == "__main__":
    main()
