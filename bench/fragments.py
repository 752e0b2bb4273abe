"""The real reports cut and read, as the grouping, ordering and links benches need them.

Vectors twice: as the weave stores them (signed bytes) and as the model gives
them (raw, for cosines that nothing was subtracted from). No text leaves here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.data import reports
from dreamweave.loom.cutting import cut
from dreamweave.loom.ordering import places_of
from dreamweave.loom.reading import project, quantised, read_raw


@dataclass(frozen=True)
class Fragments:
    """Every fragment of some reports: `report` and `position` say where it stood."""

    texts: list[str]
    langs: list[str]
    report: NDArray[np.int64]
    position: NDArray[np.int64]
    place: NDArray[np.int64]
    dreamer: NDArray[np.int64]
    raw: NDArray[np.float32]
    stored: NDArray[np.int8]

    def take(self, rows: NDArray[np.int64]) -> Fragments:
        return Fragments(
            [self.texts[i] for i in rows],
            [self.langs[i] for i in rows],
            self.report[rows],
            self.position[rows],
            self.place[rows],
            self.dreamer[rows],
            self.raw[rows],
            self.stored[rows],
        )


def fragments() -> Fragments:
    """All of them; about half a minute, most of it reading."""
    texts, langs, report, position, length, dreamer = [], [], [], [], [], []
    number: dict[str, int] = {}
    for r, told in enumerate(reports()):
        spans = cut(told["text"], told["lang"])
        for p, (start, end) in enumerate(spans):
            texts.append(told["text"][start:end])
            langs.append(told["lang"])
            report.append(r)
            position.append(p)
            length.append(len(spans))
            dreamer.append(number.setdefault(told["dreamer"], len(number)))
    raw = read_raw(texts)
    return Fragments(
        texts,
        langs,
        np.array(report),
        np.array(position),
        places_of(np.array(position), np.array(length)),
        np.array(dreamer),
        raw,
        quantised(project(raw)),
    )


def one_report_each(
    all_: Fragments, dreamers: Sequence[int], rng: np.random.Generator
) -> Fragments:
    """One report, drawn, of each of these dreamers."""
    rows = []
    for one in dreamers:
        told = np.unique(all_.report[all_.dreamer == one])
        rows.append(np.flatnonzero(all_.report == told[int(rng.integers(len(told)))]))
    return all_.take(np.concatenate(rows))
