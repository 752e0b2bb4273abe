"""Fairness: who ends up with nothing, on real dreams and real conversations.

    python -m bench.fairness [--peers PYTHON]

The same vectors and the same number of lines k for everybody: ours against the
fragments most central (centroid, LexRank), maximal marginal relevance, k-means
representatives, BERTopic's representative documents (with `--peers`, a Python
that has it), the most popular, and a blind draw as the control. For each: the
share of people carried by no line, the worst rho over all radii and at the
primary one, and the Gini of voice. Ours is given for the chosen lines alone and
with the chorus.

Nothing here was tuned on what is printed: radii come from half of the dreamers
(tools/fit_reader.py) and k from a rule.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from bench import peers
from bench.bertopic_peer import representatives
from bench.data import CONVERSATIONS, conversation, one_each
from dreamweave.loom.carrying import Carrying, carry, merge_texts
from dreamweave.loom.checking import n_without_line, overlooked
from dreamweave.loom.choosing import Choice, choose, popular
from dreamweave.loom.cutting import cut
from dreamweave.loom.lots import Lot, ranks
from dreamweave.loom.reading import Reader, default_reader
from dreamweave.loom.weaving import SMALL_CIRCLE, company, default_lines

SEED = "bench"
PEOPLE = (12, 60, 300, 639)


@dataclass(frozen=True)
class Case:
    """One gathering, read and weighed."""

    name: str
    unit: np.ndarray
    texts: list[str]
    carrying: Carrying
    owners: tuple[tuple[int, ...], ...]


def dreams(n: int, reader: Reader) -> Case:
    """One report each from n dreamers."""
    told = one_each(n, seed=20261125)
    texts, tellers, langs = [], [], []
    for i, report in enumerate(told):
        for a, b in cut(report["text"], report["lang"]):
            texts.append(report["text"][a:b])
            tellers.append(i)
            langs.append(report["lang"])
    return weighed(f"{n} dreamers", texts, tellers, langs, n, reader)


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
    """How unevenly the lines' space falls on people; each line shared by those it carries."""
    share = np.zeros(carrying.n_tellers)
    for line in lines:
        who = carrying.tellers(int(line), level)
        share[who] += 1 / max(1, len(who))
    if not share.sum():
        return 1.0
    share.sort()
    n = len(share)
    return float(2 * (np.arange(1, n + 1) * share).sum() / (n * share.sum()) - (n + 1) / n)


def figures(
    case: Case, lines: np.ndarray, k: int, n_paying: int
) -> tuple[float, float, float, float]:
    """Share with nothing (%), rho at the primary radius, worst rho, Gini."""
    carrying = case.carrying
    rho = [
        overlooked(carrying, lines, k, level).rho(carrying.n_tellers, k)
        for level in range(len(carrying.radii))
    ]
    nothing = Fraction(100 * n_without_line(carrying, lines, n_paying - 1), carrying.n_tellers)
    return (
        float(nothing),
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


def table(case: Case, k: int, reader: Reader, peers_python: str | None) -> None:
    carrying, unit = case.carrying, case.unit
    by_hash = ranks(SEED, [str(i) for i in range(carrying.n_candidates)])
    lines, sung = ours(case, k, reader.n_paying)
    rows: list[tuple[str, np.ndarray]] = [
        ("expanding equal shares, k lines alone", lines),
        ("expanding equal shares, with own lines and chorus", sung),
    ]
    blind: list[tuple[str, Callable[[], np.ndarray]]] = [
        ("most popular", lambda: popular(carrying, k, reader.n_paying - 1, by_hash)),
        ("most central (centroid)", lambda: peers.centroid(unit, k)),
        ("most central (LexRank)", lambda: peers.lexrank(unit, k)),
        ("maximal marginal relevance", lambda: peers.mmr(unit, k)),
        ("k-means representatives", lambda: peers.kmeans(unit, k)),
        ("blind draw (control)", lambda: peers.at_random(unit, k)),
    ]
    rows += [(name, pick()) for name, pick in blind]
    if peers_python:
        taken, version = representatives(peers_python, unit, case.texts, k)
        rows.append((f"BERTopic {version} representatives", taken))
    print(f"\n{case.name}: {carrying.n_candidates} fragments, k = {k}")
    print(f"  {'':50} with nothing   rho primary   rho worst   Gini of voice")
    for name, taken in rows:
        nothing, primary, worst, gini = figures(case, taken, k, reader.n_paying)
        print(f"  {name:50} {nothing:10.1f} %   {primary:11.2f}   {worst:9.2f}   {gini:13.2f}")


def main(argv: list[str] | None = None) -> int:
    ask = argparse.ArgumentParser(prog="python -m bench.fairness", description=__doc__)
    ask.add_argument("--peers", help="a Python that has bertopic")
    ask.add_argument("--people", type=int, nargs="*", default=list(PEOPLE))
    asked = ask.parse_args(argv)
    reader = default_reader()
    print(f"numpy {np.__version__}, python {sys.version.split()[0]}, reader {reader.id}")
    print(f"radii {reader.radii} (thousandths), paid at the first {reader.n_paying}")
    print("with nothing: carried by no line at the widest paying radius")
    for n in asked.people:
        case = dreams(n, reader)
        for k in sorted({max(1, n // 3), default_lines(n, case.carrying.n_candidates)}):
            table(case, k, reader, asked.peers)
    for name in CONVERSATIONS:
        case = talk(name, reader)
        n = case.carrying.n_tellers
        for k in sorted({max(1, n // 3), default_lines(n, case.carrying.n_candidates)}):
            table(case, k, reader, asked.peers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
