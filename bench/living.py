"""The live gathering: is what grew while people told as fair as weaving all of it at once?

    python -m bench.living [--people N ...] [--draws N] [--made-up N ...]

Real reports, one each, told one after another to `loom.living`; then the closing,
`weave(live=...)`, beside `weave` of the very same reports. The control closes
around as many lines drawn at random instead of those woven live: it shows what any
lines that must stay would cost. Orders are drawn anew for every gathering.

The cost of one telling is measured on made-up people: vectors around themes and
words of Zipf frequency, every word a possible image, which is harder than real
words are. Reading is left out there (the vectors are at hand) and in it with the
real reports. On the processor, since other work may share the machine.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from bench.data import one_each
from bench.saying import asked, figure, progress, table
from dreamweave.loom.checking import n_without_line, overlooked_everywhere
from dreamweave.loom.living import Living
from dreamweave.loom.reading import Reader, default_reader, read_words
from dreamweave.loom.weaving import default_lines, weave
from dreamweave.loom.woven import Woven

SEED = 20261125
PEOPLE = {6: 12, 12: 12, 24: 8, 60: 4, 300: 2}


class Remembering:
    """The packaged reader, which reads the same words once: three weaves of them cost one."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[tuple[str, str], np.ndarray] = {}
        self.id, self.dims, self.radii = reader.id, reader.dims, reader.radii
        self.n_paying, self.languages = reader.n_paying, reader.languages

    def read(self, texts, langs, progress=None):
        pairs = list(zip(texts, langs, strict=True))
        new = [pair for pair in dict.fromkeys(pairs) if pair not in self._known]
        rows = self._reader.read([text for text, _ in new], [lang for _, lang in new])
        self._known.update(zip(new, rows, strict=True))
        return np.array([self._known[pair] for pair in pairs], dtype=np.int8).reshape(-1, self.dims)


class MadeUp:
    """A reader of made-up people: a fragment's vector was drawn with it, a word's comes of its letters."""

    id, dims, radii, n_paying = "bench/made up", 128, (660, 600, 550, 500, 410, 340), 4
    languages = frozenset({"en"})

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._themes = self._rng.normal(size=(400, self.dims))
        weight = 1 / (np.arange(len(self._themes)) + 4.0)
        self._weight = weight / weight.sum()
        self._rows: dict[str, np.ndarray] = {}

    def report(self, n_fragments: int) -> str:
        said = []
        for _ in range(n_fragments):
            theme = self._rng.choice(len(self._themes), p=self._weight)
            # Some tell it plainly, and most in a way of their own; with this, two to six
            # times as many lie near each other at the paying radii as of real fragments.
            apart = self._rng.uniform(0.5, 1.9)
            row = self._themes[theme] + self._rng.normal(size=self.dims) * apart
            text = " ".join(f"image{w}" for w in self._rng.zipf(1.3, size=9) % 20_000) + "."
            text = text.capitalize()
            self._rows[text] = np.rint(row / np.linalg.norm(row) * 127).astype(np.int8)
            said.append(text)
        return " ".join(said)

    def read(self, texts, langs, progress=None):
        return np.stack([self._rows[t] if t in self._rows else read_words(t, "en") for t in texts])


@dataclass
class Gathered:
    """What several gatherings of one size came to; a list holds one number a gathering."""

    n_live: list[int] = field(default_factory=list)
    kept: list[float] = field(
        default_factory=list
    )  # of the whole weave's lines, in the live one too
    rho: dict[str, list[list[Fraction]]] = field(default_factory=dict)
    nothing: dict[str, list[int]] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)
    k: dict[str, list[int]] = field(default_factory=dict)
    unpaid: dict[str, list[int]] = field(default_factory=dict)
    ms: list[float] = field(default_factory=list)


HEADS = ("lines", "k", "by lottery", "with nothing before the chorus")
PACES = ("people", "fragments", "one telling, median", "p99")
PACES += ("fairness now, median (most)", "taking back, median (most)", "a way, median (most)")
WAYS = ("all at once", "grown live", "around random lines (control)")


def lines_of(woven: Woven) -> set[int]:
    return set(woven.choice.lines.tolist())


def gather(n: int, draws: int, reader: Reader) -> Gathered:
    out = Gathered()
    for draw in range(draws):
        rng = np.random.default_rng([SEED, n, draw])
        held = one_each(n, SEED + draw)
        told = [held[i] for i in rng.permutation(len(held))]
        texts, langs = [one["text"] for one in told], [one["lang"] for one in told]
        tellers = list(range(len(told)))
        seed = f"bench {draw}"
        living = Living(seed=seed, n_expected=n, reader=reader)
        for r, (text, lang) in enumerate(zip(texts, langs, strict=True)):
            begun = time.process_time()
            living.tell(r, r, text, lang)
            out.ms.append((time.process_time() - begun) * 1e3)
        live = living.woven

        def woven(live: Sequence[tuple[int, int]]) -> Woven:
            return weave(texts, tellers, langs=langs, seed=seed, reader=reader, live=live)  # noqa: B023

        whole = woven(())
        # Thread by thread and place by place, a fragment's report and place in it.
        of_report = [held[0] for held in whole.reports_of_thread]
        where: list[tuple[int, int]] = []
        for fragment in whole.weave.fragments:
            r = of_report[fragment.thread_i]
            i = where[-1][1] + 1 if where and where[-1][0] == r else 0
            where.append((r, i))
        drawn = rng.permutation(len(where))[: len(live)]
        ways = (whole, woven(live), woven([where[i] for i in drawn]))
        out.n_live.append(len(live))
        out.kept.append(len(lines_of(ways[0]) & lines_of(ways[1])) / len(ways[0].choice.lines))
        for name, one in zip(WAYS, ways, strict=True):
            carrying, lines, k = one.carrying, one.choice.lines, one.weave.k
            # At the k that the people have, so that a larger one is no excuse.
            usual = default_lines(n, carrying.n_candidates)
            rho = [w.rho(n, usual) for w in overlooked_everywhere(carrying, lines, usual)]
            out.rho.setdefault(name, []).append(rho)
            out.nothing.setdefault(name, []).append(
                n_without_line(carrying, lines, reader.n_paying - 1)
            )
            out.lines.setdefault(name, []).append(len(lines))
            out.k.setdefault(name, []).append(k)
            out.unpaid.setdefault(name, []).append(one.choice.how.count("lottery"))
    return out


def say(n: int, draws: int, one: Gathered) -> None:
    print(
        f"\n**{n} dreamers**, {draws} gatherings; {np.mean(one.n_live):.1f} lines woven live on"
        f" average; {100 * float(np.mean(one.kept)):.0f} % of the lines of all at once are lines of"
        f" the live one too. One telling, reading in it: {np.median(one.ms):.0f} ms on the processor"
        f" (p99 {np.quantile(one.ms, 0.99):.0f} ms)."
    )
    radii = len(next(iter(one.rho.values()))[0])
    table(
        ("", *HEADS, *(f"rho {at + 1}" for at in range(radii))),
        [
            (
                name,
                *(figure(float(np.mean(held[name])), 1) for held in (one.lines, one.k, one.unpaid)),
                f"{100 * np.mean(one.nothing[name]) / n:.1f} %",
                *(figure(float(max(rho[at] for rho in one.rho[name]))) for at in range(radii)),
            )
            for name in WAYS
        ],
    )


def paced(n: int, n_fragments: int = 5, n_timed: int = 500) -> tuple[np.ndarray, ...]:
    """Milliseconds: the last tellings of n people, looks at fairness, takings back, ways."""
    reader = MadeUp(SEED)
    living = Living(seed="bench", n_expected=n, reader=reader)
    told, looked, taken, walked = [], [], [], []

    def timed(held: list[float], run) -> None:
        begun = time.process_time()
        run()
        held.append((time.process_time() - begun) * 1e3)

    for r in range(n):
        text = reader.report(n_fragments)
        timed(told, lambda: living.tell(r, r, text, "en"))  # noqa: B023
        if r % max(1, n // 20) == 0:
            progress(f"    {r} told")
        if r >= n - 40:
            timed(looked, living.fair)
    rng = np.random.default_rng(SEED)
    some = rng.permutation(n)[:60].tolist()
    for a, b in zip(some[:20], some[20:40], strict=True):
        timed(walked, lambda: living.path(a, b))  # noqa: B023
    for r in some:
        timed(taken, lambda: living.forget(r))  # noqa: B023
    return tuple(map(np.array, (told[-n_timed:], looked, taken, walked)))


def main(argv: list[str] | None = None) -> int:
    ask = argparse.ArgumentParser(prog="python -m bench.living", description=__doc__)
    ask.add_argument("--people", type=int, nargs="*", default=list(PEOPLE))
    ask.add_argument("--draws", type=int, help="gatherings of each size")
    ask.add_argument("--made-up", type=int, nargs="*", default=[1_000, 10_000])
    wish = ask.parse_args(argv)
    reader = Remembering(default_reader())
    print(
        f"One report each, told in a random order. *With nothing*: carried by no line at the widest"
        f" paying radius. *rho 1* to *{len(reader.radii)}*: the largest of all gatherings at radii"
        f" {', '.join(map(str, reader.radii))}, at the k that so many people have; below 1 nobody is"
        " overlooked. *k*: places, grown where lines that stay need more. *By lottery*: lines paid"
        " with what their people had left."
    )
    primary: list[Fraction] = []
    for n in wish.people:
        progress(f"  {n} dreamers")
        draws = wish.draws or PEOPLE.get(n, 2)
        one = gather(n, draws, reader)
        say(n, draws, one)
        primary += [rho[0] for rho in one.rho["grown live"]]
    rows, slowest = [], []
    for n in wish.made_up:
        progress(f"  {n} made-up people")
        told, *others = paced(n)
        slowest.append((n, float(np.quantile(told, 0.99))))
        rows.append(
            (
                f"{n:,}",
                f"{5 * n:,}",
                *(f"{np.quantile(told, share):.1f}" for share in (0.5, 0.99)),
                *(f"{np.median(one):.1f} ({one.max():.1f})" for one in others),
            )
        )
    if rows:
        print("\nMilliseconds on the processor, made-up people, without reading:")
        table(
            PACES,
            rows,
        )
    if primary:
        most = max(primary)
        asked("rho at the primary radius, grown live", "below 1", figure(float(most)), most < 1)
    for n, ms in slowest:
        asked(f"One telling, p99, {n:,} people", "at most 50 ms", f"{ms:.1f} ms", ms <= 50)
    return 0


if __name__ == "__main__":
    sys.exit(main())
