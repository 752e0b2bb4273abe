"""Fairness: who ends up with nothing, on real dreams and real conversations.

    python -m bench.fairness [--peers PYTHON] [--people N ...]

The same vectors and the same number of lines k for everybody: ours against the
fragments most central (centroid, LexRank), maximal marginal relevance, k-means
representatives, BERTopic's representative documents (with `--peers`, a Python
that has it), the most popular, and a blind draw as the control. For each: the
share of people carried by no line, the worst rho over all radii and at the
primary one, and the Gini of voice. Ours is given for the chosen lines alone and
with the chorus.

Small gatherings are drawn several times over. Nothing here was tuned on what is
printed: radii come from half of the dreamers (tools/fit_reader.py), k from a rule.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench import peers
from bench.bertopic_peer import representatives
from bench.data import CONVERSATIONS, conversation, one_each
from bench.saying import asked, figure, progress, table
from dreamweave.loom.carrying import Carrying, carry, merge_texts
from dreamweave.loom.checking import n_without_line, overlooked
from dreamweave.loom.choosing import Choice, choose, popular
from dreamweave.loom.claims import company
from dreamweave.loom.cutting import cut
from dreamweave.loom.lots import Lot, ranks
from dreamweave.loom.reading import Reader, default_reader
from dreamweave.loom.weaving import SMALL_CIRCLE, default_lines

SEED = "bench"
# People, and how many gatherings of so many are drawn. Of all 639 the draws
# differ in which report of each is taken.
PEOPLE = {12: 20, 60: 8, 300: 3, 639: 2}


@dataclass(frozen=True)
class Case:
    """One gathering, read and weighed."""

    name: str
    unit: np.ndarray
    texts: list[str]
    carrying: Carrying
    owners: tuple[tuple[int, ...], ...]


def dreams(n: int, draw: int, reader: Reader) -> Case:
    """One report each from n dreamers."""
    told = one_each(n, seed=20261125 + draw)
    texts, tellers, langs = [], [], []
    for i, report in enumerate(told):
        for a, b in cut(report["text"], report["lang"]):
            texts.append(report["text"][a:b])
            tellers.append(i)
            langs.append(report["lang"])
    return weighed(f"{n} dreamers, one report each", texts, tellers, langs, n, reader)


def talk(name: str, reader: Reader) -> Case:
    """A conversation: authors are tellers, agreeing is "this carries me"."""
    c = conversation(name)
    return weighed(name, c.texts, c.tellers, ["en"] * len(c.texts), c.n_tellers, reader, c)


def weighed(name, texts, tellers, langs, n, reader, votes=None) -> Case:
    vectors = reader.read(texts, langs)
    merged = merge_texts(texts, tellers)

    def pairs(said):
        return {(int(merged.candidate[s]), who) for s, who in said}

    first = merged.first
    carrying = carry(
        vectors[first],
        merged.owners,
        n,
        reader.radii,
        said=pairs(votes.agreed) if votes else (),
        denied=pairs(votes.disagreed) if votes else (),
    )
    wide = vectors[first].astype(np.float64)
    unit = wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-9)
    return Case(name, unit, [texts[i] for i in first], carrying, merged.owners)


def gini_of_voice(carrying: Carrying, lines: np.ndarray, level: int) -> float:
    """How unevenly the lines' room falls on people; each line is shared by those it carries.

    0 when all have the same, close to 1 when one has it all.
    """
    share = np.zeros(carrying.n_tellers)
    for line in lines:
        who = carrying.tellers(int(line), level)
        share[who] += 1 / max(1, len(who))
    if not share.sum():
        return 1.0
    share.sort()
    n = len(share)
    return float(2 * (np.arange(1, n + 1) * share).sum() / (n * share.sum()) - (n + 1) / n)


@dataclass(frozen=True)
class Figures:
    """One choice in one gathering."""

    n_lines: int
    nothing: float  # per cent
    primary: float
    worst: float
    gini: float


def figures(case: Case, lines: np.ndarray, k: int, n_paying: int) -> Figures:
    carrying = case.carrying
    rho = [
        overlooked(carrying, lines, k, level).rho(carrying.n_tellers, k)
        for level in range(len(carrying.radii))
    ]
    return Figures(
        len(lines),
        100 * n_without_line(carrying, lines, n_paying - 1) / carrying.n_tellers,
        float(rho[0]),
        float(max(rho)),
        gini_of_voice(carrying, lines, n_paying - 1),
    )


def ours(case: Case, k: int, n_paying: int) -> tuple[np.ndarray, np.ndarray]:
    """Our k lines alone; and all that is printed: own lines of a small Circle, and the chorus."""
    carrying = case.carrying
    n = carrying.n_tellers
    own: list[list[int]] = [[] for _ in range(n)]
    for candidate, owners in enumerate(case.owners):
        for who in owners:
            own[who].append(candidate)
    by_rank = company(carrying, ranks(SEED, [str(i) for i in range(carrying.n_candidates)]))

    def chosen(own_line_each: bool) -> Choice:
        return choose(
            carrying,
            k,
            n_paying=n_paying,
            ranks=by_rank,
            lot=Lot(SEED, "places"),
            own=own,
            own_line_each=own_line_each,
        )

    whole = chosen(n <= SMALL_CIRCLE)
    return chosen(False).lines, np.unique(np.concatenate([whole.lines, whole.chorus_candidate]))


ALONE, SUNG = "**dreamweave**, k lines alone", "**dreamweave**, own lines and chorus too"


def picks(
    case: Case, k: int, n_paying: int, bertopic: tuple[str, np.ndarray] | None
) -> dict[str, np.ndarray]:
    """What each way picks."""
    carrying, unit = case.carrying, case.unit
    by_hash = ranks(SEED, [str(i) for i in range(carrying.n_candidates)])
    lines, sung = ours(case, k, n_paying)
    out = {
        ALONE: lines,
        SUNG: sung,
        "most popular": popular(carrying, k, n_paying - 1, by_hash),
        "most central (centroid)": peers.centroid(unit, k),
        "most central (LexRank)": peers.lexrank(unit, k),
        "maximal marginal relevance": peers.mmr(unit, k),
        "k-means representatives": peers.kmeans(unit, k),
    }
    if bertopic:
        version, order = bertopic
        out[f"BERTopic {version} representatives"] = order[:k]
    # A draw that is another one for every gathering, and the same tomorrow.
    seed = zlib.crc32(f"{case.name} {carrying.n_candidates} {k}".encode())
    return out | {"blind draw (control)": peers.at_random(unit, k, seed=seed)}


def compared(
    cases: Sequence[Case], reader: Reader, python: str | None
) -> list[tuple[int, dict[str, list[Figures]]]]:
    """For each k: name -> figures, one a gathering. k by the rule, and a third of the people."""
    bertopic: list[tuple[str, np.ndarray] | None] = [None] * len(cases)
    if python:
        version, orders = representatives(python, [(case.unit, case.texts) for case in cases])
        bertopic = [(version, order) for order in orders]
    n = cases[0].carrying.n_tellers
    fewest = min(case.carrying.n_candidates for case in cases)
    out = []
    for k in sorted({max(1, n // 3), default_lines(n, fewest)}):
        held: dict[str, list[Figures]] = {}
        for case, theirs in zip(cases, bertopic, strict=True):
            for name, taken in picks(case, k, reader.n_paying, theirs).items():
                held.setdefault(name, []).append(figures(case, taken, k, reader.n_paying))
        out.append((k, held))
    return out


def say(cases: Sequence[Case], k: int, held: dict[str, list[Figures]]) -> None:
    mean = np.mean([case.carrying.n_candidates for case in cases])
    several = f", {len(cases)} gatherings" if len(cases) > 1 else ""
    print(f"\n**{cases[0].name}**{several}, {mean:,.0f} fragments, k = {k}")
    table(
        ("", "lines", "with nothing", "rho, primary radius", "rho, worst radius", "Gini of voice"),
        [
            (
                name,
                figure(float(np.mean([one.n_lines for one in each])), 0),
                f"{np.mean([one.nothing for one in each]):.1f} %",
                figure(max(one.primary for one in each)),
                figure(max(one.worst for one in each)),
                figure(float(np.mean([one.gini for one in each]))),
            )
            for name, each in held.items()
        ],
    )


def main(argv: list[str] | None = None) -> int:
    ask = argparse.ArgumentParser(prog="python -m bench.fairness", description=__doc__)
    ask.add_argument("--peers", help="a Python that has bertopic")
    ask.add_argument("--people", type=int, nargs="*", default=list(PEOPLE))
    wish = ask.parse_args(argv)
    reader = default_reader()
    print(
        f"Reader {reader.id}; radii {', '.join(map(str, reader.radii))} (cosines in thousandths), "
        f"paid at the first {reader.n_paying}. *With nothing*: carried by no line at the widest "
        "paying radius. *rho*: 1 or more means that a group was overlooked. *Gini of voice*: each "
        "line's room shared among those it carries, 0 for all alike; in our accounts, where each "
        "holds one voice, it is 0 by construction. Of several gatherings: mean share and Gini, "
        "largest rho."
    )
    gathered = []
    for n in wish.people:
        progress(f"  {n} dreamers")
        gathered.append([dreams(n, draw, reader) for draw in range(PEOPLE.get(n, 1))])
    gathered += [[talk(name, reader)] for name in CONVERSATIONS]
    alone, sung = [], []
    ways: dict[str, list[Figures]] = {}
    for cases in gathered:
        progress(f"  {cases[0].name}: choosing")
        for k, held in compared(cases, reader, wish.peers):
            say(cases, k, held)
            alone += held[ALONE]
            sung += held[SUNG]
            for name, each in held.items():
                ways.setdefault(name, []).extend(each)
    most = max(one.primary for one in alone)
    asked("rho at the primary radius, k lines alone", "below 1 always", figure(most), most < 1)
    worst = max(one.nothing for one in sung)
    asked("With nothing, chorus counted", "0 %", f"{worst:.1f} %", worst == 0)
    print("\nOver every gathering and k above:")
    table(
        ("", "overlooks a group at the primary radius", "at any radius", "rho, worst"),
        [
            (
                name,
                f"{sum(one.primary >= 1 for one in each)} of {len(each)}",
                f"{sum(one.worst >= 1 for one in each)} of {len(each)}",
                figure(max(one.worst for one in each)),
            )
            for name, each in ways.items()
        ],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
