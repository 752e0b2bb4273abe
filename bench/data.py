"""The real reports and conversations, as the benches read them.

Found through DREAMWEAVE_DATA and described in that folder's own README. This
file reads; it keeps no text anywhere and prints none.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Conversation:
    """Statements with their authors, and who agreed with what.

    `agreed` and `disagreed` hold (statement, teller) pairs among the authors.
    """

    name: str
    texts: list[str]
    tellers: list[int]
    n_tellers: int
    agreed: list[tuple[int, int]]
    disagreed: list[tuple[int, int]]


def folder() -> Path:
    """Where the data is; says so and stops where it is not."""
    named = os.environ.get("DREAMWEAVE_DATA")
    if not named or not Path(named).is_dir():
        sys.exit(
            "The real reports are not here: set DREAMWEAVE_DATA to their folder, then try again."
        )
    return Path(named)


def reports() -> list[dict[str, str]]:
    """Every report: `dreamer`, `lang`, `text`."""
    with (folder() / "dreams" / "reports.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def one_each(n: int, seed: int) -> list[dict[str, str]]:
    """One report each from `n` dreamers, both drawn with `seed`."""
    rng = np.random.default_rng(seed)
    by_dreamer: dict[str, list[dict[str, str]]] = {}
    for report in reports():
        by_dreamer.setdefault(report["dreamer"], []).append(report)
    names = sorted(by_dreamer)
    drawn = rng.permutation(len(names))[:n]
    return [
        by_dreamer[names[i]][int(rng.integers(len(by_dreamer[names[i]])))] for i in sorted(drawn)
    ]


def conversation(name: str) -> Conversation:
    """One Polis conversation; statements that its moderators rejected are left out.

    Only authors are tellers: a vote of somebody who wrote nothing counts for
    nobody. In the votes 1 is agree, -1 disagree, 0 pass.
    """
    at = folder() / "polis" / name
    with (at / "comments.csv").open(encoding="utf-8", newline="") as rows:
        comments = [row for row in csv.DictReader(rows) if int(row["moderated"]) >= 0]
    authors = sorted({int(row["author-id"]) for row in comments})
    teller = {author: i for i, author in enumerate(authors)}
    statement = {int(row["comment-id"]): i for i, row in enumerate(comments)}
    # The last vote of a person on a statement is the one they meant.
    last: dict[tuple[int, int], int] = {}
    with (at / "votes.csv").open(encoding="utf-8", newline="") as rows:
        for row in sorted(csv.DictReader(rows), key=lambda r: int(r["timestamp"])):
            c, voter = int(row["comment-id"]), int(row["voter-id"])
            if c in statement and voter in teller:
                last[statement[c], teller[voter]] = int(row["vote"])
    return Conversation(
        name,
        [row["comment-body"].strip() for row in comments],
        [teller[int(row["author-id"])] for row in comments],
        len(authors),
        sorted(pair for pair, vote in last.items() if vote == 1),
        sorted(pair for pair, vote in last.items() if vote == -1),
    )


CONVERSATIONS = ("bg2050-volunteers", "brexit-consensus")
