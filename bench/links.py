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
import platform
import time
from collections import Counter

import numpy as np

from bench.fragments import Fragments, fragments, one_report_each
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
    start = time.perf_counter()
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
    return tied, thread, time.perf_counter() - start


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


def main() -> None:
    ask = argparse.ArgumentParser(description="Who meets whom, and whether it is alike.")
    ask.add_argument("--draws", type=int, default=40)
    asked = ask.parse_args()
    bench = Bench()
    print(f"Python {platform.python_version()}, numpy {np.__version__}, seed {SEED}\n")
    print(
        "| people | draws | linked | in a knot | drawn | word overlap | control "
        "| likeness of links | shuffled | times |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for n in (3, 5, 12, 30):
        draws = asked.draws if n < 30 else max(asked.draws // 4, 1)
        share = np.zeros(5)
        alike: list[float] = []
        mixed: list[float] = []
        for draw in range(draws):
            held = bench.circle(n, draw)
            words = [bench.words[text] for text in held.texts]
            found = bench.found(held, words, held.texts)
            tied, _, _ = woven(held, found, words, draw)
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
                _, thread = np.unique(held.dreamer, return_inverse=True)
                anyone = rng.permutation(len(held.texts))
                groups = [motif.fragments for motif in found]
                alike.append(likeness(held, thread, groups))
                mixed.append(likeness(held, thread, [tuple(anyone[list(g)]) for g in groups]))
        share /= draws * n
        real, control = float(np.mean(alike)), float(np.nanmean(mixed))
        print(
            f"| {n} | {draws} | "
            + " | ".join(f"{one:.0%}" for one in share)
            + f" | {real:.3f} | {control:.3f} | {real / control:.1f} |"
        )

    print("\n| people | motifs | named | knots | say / kin / near | likeness | shuffled | times |")
    print("|---|---|---|---|---|---|---|---|")
    times = []
    for n in (12, 60, 300, 639):
        held = bench.circle(n, 0)
        words = [bench.words[text] for text in held.texts]
        bench.found(held, words, held.texts)  # reads the words, so that the clock does not
        start = time.perf_counter()
        found = bench.found(held, words, held.texts)
        took = time.perf_counter() - start
        tied, thread, laid = woven(held, found, words, 0)
        rng = np.random.default_rng([SEED, n])
        real = likeness(held, thread, [knot.fragments for knot in tied])
        mixed = rng.permutation(len(held.texts))
        control = likeness(held, thread, [tuple(mixed[list(k.fragments)]) for k in tied])
        why = Counter(knot.why for knot in tied)
        named = sum(motif.n_saying >= 2 for motif in found[:N_NAMED])
        print(
            f"| {n} | {len(found)} | {named} | {len(tied)} "
            f"| {why['say']} / {why['kin']} / {why['near']} "
            f"| {real:.3f} | {control:.3f} | {real / control:.1f} |"
        )
        times.append((n, len(held.texts), took, laid))
    print("\n| people | fragments | motifs, s | road, passages and knots, s |\n|---|---|---|---|")
    for n, m, took, laid in times:
        print(f"| {n} | {m:,} | {took:.2f} | {laid:.2f} |")


if __name__ == "__main__":
    main()
