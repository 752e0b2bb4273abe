"""Links: who meets whom, and whether what meets is alike.

    python -m bench.links [--draws N]

One report each from random real dreamers, English and German mixed as they come.
*Linked* is somebody with a fragment in a motif of another dreamer too. Word
overlap links whoever says any content word that another says. The control asks
our own linking about the same Circle with meaning taken out: every person's
vectors are turned by a signed shuffle of their own, so that they meet others by
chance only, and their words are swapped for words that about as many people say.
Linking everybody is easy, and the control shows how easy; so both tables ask how
alike the linked fragments of different people are (raw cosines), against links of
the same sizes filled at random from the same Circle.
"""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np

from bench.fragments import Fragments, fragments, one_report_each
from bench.saying import Times, asked, figure, progress, spread, table, timed
from dreamweave.loom.grouping import LONE
from dreamweave.loom.images import words_to_read
from dreamweave.loom.knots import knots
from dreamweave.loom.motifs import N_NAMED, FoundMotif, motifs
from dreamweave.loom.ordering import Stretch, road
from dreamweave.loom.passages import passages
from dreamweave.loom.reading import default_reader
from dreamweave.loom.words import content_words

SEED = 20261125


class Bench:
    def __init__(self) -> None:
        self.all = fragments()
        self.reader = default_reader()
        self.words = {
            text: content_words(text, lang)
            for text, lang in zip(self.all.texts, self.all.langs, strict=True)
        }
        self.read: dict[str, np.ndarray] = {}
        # Words in the order of how many say them; a swap stays within twenty places.
        count = Counter(word for held in self.words.values() for word in set(held))
        self.common = sorted(count, key=lambda word: (-count[word], word))
        self.rank = {word: i for i, word in enumerate(self.common)}

    def circle(self, n: int, draw: int) -> Fragments:
        rng = np.random.default_rng([SEED, n, draw])
        everyone = rng.permutation(int(self.all.dreamer.max()) + 1)[:n]
        return one_report_each(self.all, everyone.tolist(), rng)

    def found(self, held: Fragments, words: list[list[str]], texts: list[str]) -> list[FoundMotif]:
        wanted = words_to_read(words, held.langs, held.dreamer)
        new = [pair for pair in wanted if pair[0] not in self.read]
        if new:
            rows = self.reader.read([w for w, _ in new], [lang for _, lang in new])
            self.read.update(zip((w for w, _ in new), rows, strict=True))
        return motifs(
            held.stored,
            held.dreamer,
            words,
            held.langs,
            texts,
            radii=self.reader.radii,
            word_vectors={w: self.read[w] for w, _ in wanted},
        )

    def shuffled(
        self, held: Fragments, words: list[list[str]], rng: np.random.Generator
    ) -> tuple[Fragments, list[list[str]]]:
        stored = held.stored.copy()
        swapped = [list(each) for each in words]
        for who in np.unique(held.dreamer):
            mine = np.flatnonzero(held.dreamer == who)
            turn = rng.permutation(stored.shape[1])
            sign = rng.choice(np.array([-1, 1], dtype=np.int8), stored.shape[1])
            stored[mine] = stored[mine][:, turn] * sign
            swap: dict[str, str] = {}
            for at in mine.tolist():
                for j, word in enumerate(words[at]):
                    if word not in swap:
                        near = self.rank[word] + int(rng.integers(-20, 21))
                        swap[word] = self.common[min(max(near, 0), len(self.common) - 1)]
                    swapped[at][j] = swap[word]
        out = held.take(np.arange(len(held.texts)))
        return Fragments(**{**vars(out), "stored": stored}), swapped


def linked(held: Fragments, found: list[FoundMotif]) -> int:
    return len({int(held.dreamer[at]) for motif in found for at in motif.fragments})


def by_words(held: Fragments, words: list[list[str]]) -> int:
    said: dict[int, set[str]] = {}
    for who, each in zip(held.dreamer.tolist(), words, strict=True):
        said.setdefault(who, set()).update(each)
    return sum(any(said[a] & said[b] for b in said if b != a) for a in said)


def woven(held: Fragments, found: list[FoundMotif], words: list[list[str]], seed: int):
    """Knots on a road of lines drawn at random, one a person (up to 60) or a third."""
    rng = np.random.default_rng([SEED, seed])
    _, thread = np.unique(held.dreamer, return_inverse=True)
    n = int(thread.max()) + 1
    motif = np.full(len(thread), LONE, dtype=np.int64)
    for i, one in enumerate(found):
        motif[list(one.fragments)] = i
    people = rng.permutation(n)[: n if n <= 60 else max(60, n // 3)]
    lines = np.array([int(rng.choice(np.flatnonzero(thread == who))) for who in people])
    stretch = Stretch(
        held.stored[lines],
        thread[lines],
        held.position[lines],
        held.place[lines],
        rng.permutation(len(lines)),
    )
    laid = passages(lines[road(stretch)], thread, held.place, motif, np.arange(n), held.stored)
    tied = knots(
        laid.passage_of_fragment,
        motif,
        thread,
        np.arange(n),
        found,
        held.stored,
        words,
        held.texts,
    )
    return tied, thread


def likeness(held: Fragments, thread: np.ndarray, groups: list[tuple[int, ...]]) -> float:
    """Mean raw cosine over pairs of different dreamers within each group."""
    each = []
    for at in groups:
        rows = np.array(at)
        cosine = held.raw[rows] @ held.raw[rows].T
        other = thread[rows][:, None] != thread[rows]
        if other.any():
            each.append(float(cosine[other].mean()))
    return float(np.mean(each)) if each else float("nan")


def main(argv: list[str] | None = None) -> None:
    ask = argparse.ArgumentParser(prog="python -m bench.links", description=__doc__)
    ask.add_argument("--draws", type=int, default=40)
    wish = ask.parse_args(argv)
    progress("  reading")
    bench = Bench()
    print(
        f"Seed {SEED}. *Linked*: a fragment in a motif with another dreamer's. *Drawn*: tied into a "
        "knot in the picture. *Word overlap*: any content word that another says too. *Control*: "
        "our own linking with meaning taken out, which shows how easy it is to link everybody; "
        "hence *likeness*, the mean raw cosine between linked fragments of different dreamers, "
        "against links of the same sizes filled at random from the same Circle."
    )
    rows, shares = [], []
    for n in (3, 5, 12, 30):
        progress(f"  {n} people")
        draws = wish.draws if n < 30 else max(wish.draws // 4, 1)
        share, real, control = reached(bench, n, draws)
        shares.append(share)
        rows.append((n, draws, *(f"{one:.0%}" for one in share), *beside(real, control)))
    heads = ("people", "draws", "linked", "in a knot", "drawn", "word overlap", "control")
    table((*heads, "likeness of links", "shuffled", "times"), rows)

    rows, cost, times = [], [], []
    for n in (12, 60, 300, 639):
        progress(f"  {n} people, knots")
        held = bench.circle(n, 0)
        words = [bench.words[text] for text in held.texts]
        found = bench.found(held, words, held.texts)  # reads the words, so that the clock does not
        tied, thread = woven(held, found, words, 0)
        rng = np.random.default_rng([SEED, n])
        real = likeness(held, thread, [knot.fragments for knot in tied])
        mixed = rng.permutation(len(held.texts))
        control = likeness(held, thread, [tuple(mixed[list(k.fragments)]) for k in tied])
        why = Counter(knot.why for knot in tied)
        named = sum(motif.n_saying >= 2 for motif in found[:N_NAMED])
        times.append(real / control)
        rows.append(
            (
                *(n, len(found), named, len(tied)),
                f"{why['say']} / {why['kin']} / {why['near']}",
                *beside(real, control),
            )
        )
        cost.append((n, f"{len(held.texts):,}", *paid(bench, held, words, found)))
    heads = ("people", "motifs", "named", "knots", "say / kin / near", "likeness of knots")
    table((*heads, "shuffled", "times"), rows)
    table(
        ("people", "fragments", "motifs, s", "CPU s", "road, passages and knots, s", "CPU s"), cost
    )
    asked(
        "Knots at 12, 60, 300 and 639 people",
        "more alike than a shuffled control",
        " ".join(f"{one:.1f}" for one in times) + " times as alike",
        min(times) > 1,
    )
    asked(
        "People linked at 3, 5, 12 and 30",
        "at least word overlap's " + " ".join(f"{share[3]:.0%}" for share in shares),
        " ".join(f"{share[0]:.0%}" for share in shares),
        all(share[0] >= share[3] for share in shares),
    )


def beside(real: float, control: float) -> tuple[str, str, str]:
    return figure(real, 3), figure(control, 3), figure(real / control, 1)


def reached(bench: Bench, n: int, draws: int) -> tuple[np.ndarray, float, float]:
    """Shares (linked, in a knot, drawn, by words, control), likeness, and that of the control."""
    share = np.zeros(5)
    alike: list[float] = []
    mixed: list[float] = []
    for draw in range(draws):
        held = bench.circle(n, draw)
        words = [bench.words[text] for text in held.texts]
        found = bench.found(held, words, held.texts)
        tied, thread = woven(held, found, words, draw)
        other, swapped = bench.shuffled(held, words, np.random.default_rng([SEED, n, draw, 1]))
        blind = bench.found(other, swapped, [" ".join(each) for each in swapped])
        share += [
            linked(held, found),
            len({one for knot in tied for one in knot.threads}),
            len({one for knot in tied for one in knot.drawn}),
            by_words(held, words),
            linked(other, blind),
        ]
        if found:
            rng = np.random.default_rng([SEED, n, draw, 2])
            anyone = rng.permutation(len(held.texts))
            groups = [motif.fragments for motif in found]
            alike.append(likeness(held, thread, groups))
            mixed.append(likeness(held, thread, [tuple(anyone[list(g)]) for g in groups]))
    return share / (draws * n), float(np.mean(alike)), float(np.nanmean(mixed))


def paid(
    bench: Bench, held: Fragments, words: list[list[str]], found: list[FoundMotif]
) -> list[str]:
    """Seconds by the clock and on the processor: motifs; the road, its passages and knots."""
    each: list[Times] = [
        timed(lambda: bench.found(held, words, held.texts), 3),
        timed(lambda: woven(held, found, words, 0), 3),
    ]
    return [cell for times in each for cell in (spread(times.wall), spread(times.busy))]


if __name__ == "__main__":
    main()
