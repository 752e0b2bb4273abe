"""Write the lists of the naming hint for the page that has its own copy of the rules.

`front/src/node/naming_lists.json` is what this prints; tests/front/test_capture_naming.py
says when it is out of date. The lists themselves stand in app/given_names.py
and app/naming_words.py.
"""

from __future__ import annotations

import json
from pathlib import Path

from dreamweave.app import given_names, naming_words

HERE = Path(__file__).resolve().parent.parent / "front/src/node/naming_lists.json"
NAMES = ("ALSO_WORDS", "ARABIC", "ARABIC_ALSO_WORDS", "NAMES", "NOBODY")
WORDS = (
    "AFTER_PLACES",
    "AFTER_PLACES_CAPITAL",
    "ARABIC_KIN",
    "ARABIC_LITTLE",
    "ARABIC_TITLES",
    "BEFORE_PLACES",
    "KIN",
    "MINE",
    "OF_PLACES",
    "ONLY_BEFORE_NAMES",
    "ONLY_PEOPLE",
    "PLAIN",
    "TITLES",
)


def lists() -> str:
    """Every list as one line of words, in the order of the alphabet."""
    held = {name: " ".join(sorted(getattr(given_names, name))) for name in NAMES}
    held |= {name: " ".join(sorted(getattr(naming_words, name))) for name in WORDS}
    return json.dumps(held, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    HERE.write_text(lists(), encoding="utf-8")
