"""What is a sentence about?  Each word is a vector, a sentence is the mean of its words, and a linear layer decides.

    s = mean of the vectors of the words,   p(topic | sentence) = softmax(W s + b)

So each word has its say in each topic, W e(word), and the sentence's is the mean of them: it can be read off.
The sentences are made up here from lists of words.  Some words belong to two topics (a pitch is sung or played
on), and one word in seven comes from any topic, so the network cannot always be right.
"""

import random
import time

import common

import minitorch as torch
import minitorch.nn as nn
import minitorch.nn.functional as F
import minitorch.optim as optim
from minitorch.utils.data import DataLoader

TOPICS = {
    "sport": "ball goal team match pitch net coach race season bat referee trophy stadium runner player record".split(),
    "music": "song drum key pitch note band guitar record choir melody piano bass concert singer rhythm player".split(),
    "sea": "wave boat net sail bass harbour tide shell sand anchor storm captain fish island current salt".split(),
    "kitchen": "soup oven pepper salt bread fish knife season recipe onion butter spoon sauce apple plate mint".split(),
    "weather": "rain cloud storm wind snow season thunder frost fog sunshine degree forecast ice sky wave current".split(),
    "computers": "screen key code network mouse bug program file record keyboard server current apple web chip cloud".split(),
}  # fmt: skip
FRAMES = [
    "everybody talked about the {} and the {}",
    "we had never seen such a {} near a {} before",
    "first came the {} then the {} and at last the {}",
    "my sister knows more about every {} than about the {}",
    "without the {} there is no {} and without the {} no {}",
    "they say that the {} was better than the {} last year",
    "please tell me where the {} and the old {} with the {} are",
    "nobody likes a {} with a {}",
]


def compose(n):
    """Return n sentences as lists of words, with the number of the topic of each."""
    lists, anything = list(TOPICS.values()), sorted({word for words in TOPICS.values() for word in words})
    pairs = []
    for i in range(n):
        topic, frame = i % len(lists), random.choice(FRAMES)
        nouns = [random.choice(lists[topic] if random.random() < 0.85 else anything) for _ in range(frame.count("{}"))]
        pairs.append((frame.format(*nouns).split(), topic))
    return pairs


class Topics(nn.Module):
    def __init__(self, words, topics, width=16):
        super().__init__()
        self.embedding = nn.EmbeddingBag(words, width, mode="mean")
        self.fc = nn.Linear(width, topics)

    def forward(self, words, offsets):
        return self.fc(self.embedding(words, offsets))  # (all words of N sentences,), (N,) -> (N, topics)


def train(net, pairs, collate, epochs):
    """Return the mean loss of every epoch."""
    loader = DataLoader(pairs, batch_size=32, shuffle=True, collate_fn=collate)
    optimizer = optim.Adam(net.parameters(), lr=0.01)
    losses = []
    bar = common.progress(range(epochs), "training")
    for _ in bar:
        total = 0.0
        for words, offsets, labels in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(net(words, offsets), labels)
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total / len(loader))
        bar.set_postfix_str(f"loss {losses[-1]:.4f}")
    return losses


def draw(plt, say, vocabulary, counts, sentence):
    """Draw the words with most to say for each topic, who is taken for whom, and a sentence word by word."""
    figure = plt.figure(figsize=(13, 8))
    left, right = figure.subfigures(1, 2, width_ratios=[1.35, 1])
    left.suptitle("the ten words with most to say for each topic (orange: they belong to two or more)", fontsize=11)
    numbers = {word: k for k, word in enumerate(vocabulary)}
    for k, (axes, topic) in enumerate(zip(left.subplots(2, 3).flat, TOPICS, strict=True)):
        values, places = say[:, k].topk(10)
        words = [vocabulary[i] for i in places.tolist()]
        shared = [sum(word in words_of for words_of in TOPICS.values()) > 1 for word in words]
        axes.barh(range(10), values.tolist(), color=[common.ORANGE if two else common.BLUE for two in shared])
        axes.set_yticks(range(10), words)
        axes.set(title=topic)
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")

    matrix, strip = right.subplots(2, 1, height_ratios=[1.1, 1])
    matrix.imshow(counts.tolist(), cmap="Blues", vmax=1.2 * counts.max().item())
    for i, row in enumerate(counts.tolist()):
        for j, count in enumerate(row):
            matrix.text(j, i, count, ha="center", va="center", size=9, color="white" if i == j else common.RED)
    matrix.set(title="new sentences: topic (row), what was read (column)")
    limit = say.abs().max().item()
    words = [word for word in sentence if word in numbers]
    image = strip.imshow(
        [say[numbers[word]].tolist() for word in words], cmap="RdBu", vmin=-limit, vmax=limit, aspect="auto"
    )
    strip.set_yticks(range(len(words)), words)
    strip.set(title="a sentence: what each word says for each topic")
    figure.colorbar(image, ax=strip)
    for axes in (matrix, strip):
        axes.set_xticks(range(len(TOPICS)), TOPICS, rotation=30, ha="right", rotation_mode="anchor")
        axes.grid(visible=False)
    matrix.set_yticks(range(len(TOPICS)), TOPICS)
    return figure


def main():
    args = common.parse(common.options(__doc__, epochs=12))
    plt = common.pyplot()
    torch.manual_seed(args.seed)
    random.seed(args.seed)
    pairs, new_pairs = compose(3000), compose(1200)
    vocabulary = sorted({word for words, _ in pairs for word in words})
    numbers = {word: k for k, word in enumerate(vocabulary)}

    def collate(batch):
        """Put the words of all sentences one after the other, with the places where the sentences begin."""
        words = [numbers[word] for sentence, _ in batch for word in sentence if word in numbers]
        lengths = torch.tensor([0] + [sum(word in numbers for word in sentence) for sentence, _ in batch])
        labels = torch.tensor([label for _, label in batch])
        return torch.tensor(words).to(args.device), lengths.cumsum(0)[:-1].to(args.device), labels.to(args.device)

    net = Topics(len(vocabulary), len(TOPICS)).to(args.device)
    started = time.perf_counter()
    losses = train(net, pairs, collate, args.epochs)
    seconds = time.perf_counter() - started

    words, offsets, labels = collate(new_pairs)
    with torch.no_grad():
        read = net(words, offsets).argmax(dim=1)
        say = net.fc(net.embedding.weight).cpu()  # (words, topics): the scores of a sentence of one word
    counts = (F.one_hot(labels, len(TOPICS)).t() @ F.one_hot(read, len(TOPICS))).cpu()
    accuracy = (read == labels).float().mean().item()
    sentence = "first came the wind then the wave and at last the boat with the bass".split()
    path = common.save(draw(plt, say, vocabulary, counts, sentence), args.out / "13_text_topics.png")
    for k, topic in enumerate(TOPICS):
        print(f"{topic:10} {' '.join(vocabulary[i] for i in say[:, k].topk(10).indices.tolist())}")
    print(
        f"{len(pairs)} sentences, {args.epochs} epochs in {seconds:.1f} s on {args.device}: loss {losses[-1]:.4f}, "
        f"accuracy {accuracy:.1%} on {len(new_pairs)} new sentences; {path}"
    )


if __name__ == "__main__":
    main()
