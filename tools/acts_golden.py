"""Writes tests/support/acts_golden.json: acts, and the picture that folding them makes.

    python tools/acts_golden.py

`model/acts.py` and `front/src/live/acts.ts` are one fold in two languages, and
both are held to this file. Every sequence is a list of acts and, after some of
its prefixes, the picture as the fewest acts that make it (`Picture.as_acts`).
The evenings are drawn from seeds; they say nothing about layout (lanes are any
numbers) and hold take-backs early, late and crossing what they take back.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from dreamweave.model.acts import folded

FILE = Path(__file__).resolve().parent.parent / "tests" / "support" / "acts_golden.json"

# No fold knows these: a word that is none of ours, nothing, and a word of ours with too little said.
REFUSED: list[list[Any]] = [["filament", 1], [], ["told", 1], ["gone"], [["told"], 0, 0, 0, -1, 0]]


# What happens next in an evening; what stands twice comes twice as often.
WORDS = (
    *("seat", "told", "told", "told", "passage", "newest", "knot", "knot", "unknot", "carries"),
    *("woven", "woven", "gone", "floor", "hold", "rest", "door", "fair", "held", "open"),
)


def crossing() -> list[list[Any]]:
    """Take-backs that come before, between and after what they take back."""
    return [
        ["phase", 0],
        ["warps", 5, 4, [2]],
        ["passage", 0, [-1000, -500, 0, 500, 1000]],
        ["phase", 1],
        ["gone", 1],
        ["told", 1, 0, 0, -1, 0],  # gone before it was told
        ["told", 0, 1, 0, -1, 3],
        ["told", 2, 2, 0, 0, 16],
        ["open", 2, 0],
        ["knot", 0, 0, 0, [1, 2], 0],
        ["fair", 830, 2, 1, 2, 2, 0],
        ["woven", 2, 1],
        ["woven", 2, 0],
        ["woven", 2, 1],
        ["carries", 2, 1],
        ["passage", 0, [-1000, -300, 0, 300, 1000]],  # the newest, laid anew
        ["passage", 1, [-1000, 300, 0, -300, 1000]],
        ["passage", 0, [0, 0, 0, 0, 0]],  # too late: a passage that another follows never moves
        ["gone", 2],  # the witness goes, and what was said of them
        ["carries", 2, 5],
        ["woven", 2, 3],
        ["fair", 990, 2, 1, 1, 2, 3],
        ["unknot", 0],
        ["unknot", 7],  # of no knot there is
        ["knot", 1, 1, 0, [3, 4, 0], 1],
        ["knot", 1, 1, 0, [3, 4], 1],  # the same knot, smaller
        ["fair", 700, 1, 1, 0, -1, -1],
        ["gone", 2],
        ["settled", 1],
        ["settled", 0],
    ]


def evening(seed: int, n_acts: int) -> list[list[Any]]:
    """Any acts that a gathering might send, one evening long."""
    by = Random(seed)
    n = by.randrange(5, 25)
    kept = sorted(by.sample(range(n), by.randrange(3)))
    acts: list[list[Any]] = [["phase", 0], ["warps", n, 16, kept], ["phase", 1]]
    n_told, n_knots, t, here = 0, 0, 0, 0

    def lanes() -> list[int]:
        return by.sample(range(-1000, 1001), n)

    acts.append(["passage", 0, lanes()])
    while len(acts) < n_acts:
        r = by.randrange(max(1, n_told))
        match by.choice(WORDS):
            case "seat":
                acts.append(["seat", by.randrange(here + 1), by.randrange(3)])
                here += 1
                acts.append(["seats", here, by.randrange(here), len(kept)])
            case "told":
                answers = by.randrange(-1, n_told) if n_told else -1
                acts.append(["told", n_told, by.randrange(n), t, answers, by.randrange(32)])
                n_told += 1
            case "passage":
                t += 1
                acts.append(["passage", t, lanes()])
            case "newest":
                acts.append(["passage", t, lanes()])
            case "knot":
                # A new one, or one of the last few, grown or smaller or firm now.
                k = by.randrange(max(0, n_knots - 3), n_knots + 1)
                n_knots = max(n_knots, k + 1)
                tied = by.sample(range(n), by.randrange(2, 6))
                acts.append(["knot", k, t, by.randrange(9), tied, by.randrange(2)])
            case "unknot":
                acts.append(["unknot", by.randrange(n_knots + 1)])
            case "carries":
                acts.append(["carries", r, by.randrange(7)])
            case "woven":
                acts.append(["woven", r, by.randrange(5)])
            case "gone":
                # Sometimes before it is told.
                acts.append(["gone", by.randrange(n_told + 2)])
            case "floor":
                acts.append(
                    ["floor", by.randrange(-1, 9), by.randrange(10**13), [1, 4][: by.randrange(3)]]
                )
            case "hold" | "door" as word:
                acts.append([word, by.randrange(2)])
            case "rest":
                acts.append(["rest", by.choice([0, 1_790_000_000_000])])
            case "fair":
                acts.append(
                    ["fair", by.randrange(1000), n_told, 3, by.randrange(4), r, by.randrange(4)]
                )
            case "held":
                acts.append(["held", by.randrange(5)])
            case "open":
                acts.append(["open", by.randrange(n), by.randrange(2)])
    return [*acts, ["phase", 2], ["settled", 1], ["phase", 3]]


def sequence(name: str, acts: list[list[Any]], every: int) -> dict[str, Any]:
    """Acts, and the picture after each `every`-th of them and after the last."""
    stops = sorted({*range(0, len(acts), every), len(acts)})
    pictures = [{"n": n, "picture": folded(acts[:n]).as_acts()} for n in stops]
    return {"name": name, "acts": acts, "after": pictures}


def main() -> None:
    golden = {
        "sequences": [
            sequence("take-backs that cross", crossing(), 1),
            sequence("a short evening", evening(4, 60), 15),
            sequence("an evening", evening(16, 220), 55),
            sequence("a long evening", evening(48, 600), 300),
        ],
        "refused": REFUSED,
    }
    FILE.write_text(json.dumps(golden, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
