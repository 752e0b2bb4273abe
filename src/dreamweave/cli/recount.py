"""dreamweave recount: draw a recorded lottery for seats again, and say seat by seat whether it agrees.

Reads one file, offline, and prints sentences; what is reckoned is
`governance.recounting`'s business. Says at the end what no recount can show.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from dreamweave.cli.saying import Parser, say
from dreamweave.governance.records import from_json
from dreamweave.governance.recounting import recount
from dreamweave.governance.seeds import HEX_32
from dreamweave.model.refusals import Refusal

# A million applicants are some three hundred bytes each.
FILE_BYTES_MAX = 500 * 10**6


def parser() -> Parser:
    made = Parser(
        prog="dreamweave recount",
        description="Draw a lottery for seats again from its record, and say seat by seat whether it"
        " agrees. It asks no network.",
    )
    made.add_argument("file", type=Path, metavar="FILE", help="the record of a draw")
    made.add_argument(
        "--list",
        type=_sha256,
        metavar="HASH",
        help="the hash of the list, as it was published before the draw",
    )
    return made


def run(argv: Sequence[str]) -> int:
    """Recount the draw in a file. Returns 0 when all of it agrees, 1 when something does not.

    Raises:
        Refusal: the file is no record of a draw.
    """
    asked = parser().parse_args(list(argv))
    made = from_json(_read(asked.file), asked.file.name)
    listing = made.listing
    say(f"Draw {listing.draw}: {len(listing.applicants):,} applied, places: {listing.n_places:,}.")
    n_wrong = 0
    for finding in recount(made, asked.list):
        say(f" {'+' if finding.agrees else '!'} {finding.sentence}")
        n_wrong += not finding.agrees
    say()
    say("All of it agrees." if not n_wrong else f"It does not agree, in {n_wrong:,} of its parts.")
    if asked.list is None:
        say(f"Compare with what was published before the draw, list {made.listing_sha256}.")
    say(
        "The ledger shows whether its checkpoint was cosigned. Whoever revealed a nonce should find"
        " it in the record."
    )
    return 1 if n_wrong else 0


def _read(path: Path) -> bytes:
    try:
        # Something endless (a device, a pipe) must not be read to its end.
        if path.exists() and not path.is_file():
            raise Refusal("recount.unreadable", f"{path} is no file.")
        with path.open("rb") as opened:
            data = opened.read(FILE_BYTES_MAX + 1)
    except (OSError, ValueError) as no:
        why = getattr(no, "strerror", None) or "no reason given"
        raise Refusal("recount.unreadable", f"{path} cannot be read: {why}.") from None
    if len(data) > FILE_BYTES_MAX:
        raise Refusal("recount.size", f"{path} is too large to be the record of a draw.")
    return data


def _sha256(text: str) -> str:
    if not HEX_32.fullmatch(text.lower()):
        raise argparse.ArgumentTypeError("A hash has 64 hex digits.")
    return text.lower()
