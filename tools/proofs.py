"""The table of docs/reference/proofs.md: what is attacked, the goal, the control, and what came.

    python tools/proofs.py          writes it into the page

What came stands in docs/reference/proofs.json, an object of the names below and
sentences; this file runs nothing. The runs are `make prove`'s.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
PAGE, CAME = FOLDER / "proofs.md", FOLDER / "proofs.json"

# name: (what is attacked, goal, where, control)
SUITES = {
    "kill": (
        "killed with kill -9 while people keep reports",
        "200 kills, 40,000 acknowledged, 0 lost or doubled",
        "tests/prove/test_keeping.py",
        "answering before the commit; sending again without keys",
    ),
    "power": (
        "power cut at any write, simulated under SQLite",
        "400 cuts, 0 lost",
        "tests/prove/test_keeping.py",
        "synchronous=NORMAL and OFF lose",
    ),
    "disk": (
        "disk full, errors of reading and writing",
        "50 each, 0 lost, taking back always works",
        "tests/prove/test_keeping.py",
        "without the ballast, taking back fails",
    ),
    "consent": (
        "random steps of lending, taking back, joining, leaving, time passing",
        "100,000 steps, 0 words shown to anybody they were not lent to",
        "tests/prove/test_consent.py",
        "five defences, each switched off, are found out",
    ),
    "canaries": (
        "planted words, forgotten, looked for by somebody who has every byte",
        "0 of 1,000",
        "tests/vault/test_canaries.py",
        "old epochs kept; owners' keys unchanged; words stored plainly",
    ),
    "restores": (
        "restored from old data, after forgetting",
        "0 forgotten words readable; older keys refused",
        "tests/vault/test_restoring.py",
        "the key back-up of before opens them",
    ),
    "streams": (
        "somebody shown the door, or words taken back, while pages listen",
        "heard or cut off at once, by every page",
        "tests/web/test_stream.py",
        "without the watcher, who left is kept",
    ),
    "inputs": (
        "bad input at every door of the API",
        "20,000 cases, 0 crashes, 0 leaks",
        "tests/web/test_openapi.py",
        "planted faults are found",
    ),
    "roles": (
        "every role at every door, with one's own, others' and elsewhere's",
        "0 wrong",
        "tests/web/test_roles.py",
        "loosened doors fail the walk",
    ),
    "pages": (
        "hostile words on every page, in a real Chromium",
        "0 run, 0 load anything, 0 lead away",
        "tests/web/test_in_browser.py",
        "without escaping and policy they run",
    ),
    "tampering": (
        "certificates, forged with every hash recomputed",
        "1,000 of 1,000 detected",
        "tests/verifier/test_tampering.py",
        "without the root, a careful forger gets through",
    ),
}


def table(came: dict[str, str]) -> str:
    rows = [
        f"| {what} | {goal} | {came.get(name, '–')} | {control} | `{where}` |"
        for name, (what, goal, where, control) in SUITES.items()
    ]
    return "\n".join(["| attack | goal | came | control | where |", "|---|---|---|---|---|", *rows])


def made(page: str, came: dict[str, str]) -> str:
    """The page with its table as it should be."""
    held = f"<!-- figures -->\n{table(came)}\n<!-- /figures -->"
    return re.sub(r"<!-- figures -->.*<!-- /figures -->", lambda _: held, page, flags=re.DOTALL)


def written_down() -> dict[str, str]:
    came: dict[str, str] = json.loads(CAME.read_text("utf-8")) if CAME.is_file() else {}
    return came


if __name__ == "__main__":
    PAGE.write_text(made(PAGE.read_text("utf-8"), written_down()), encoding="utf-8")
