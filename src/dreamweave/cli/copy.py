"""dreamweave copy: all of a node's data into another store, and the proof that it is the same.

From a data folder to a PostgreSQL database and back, or between two of a kind.
Says where what lies and what was compared; how it is moved is
`store.copying`'s work. A password that an address holds is never printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing

from dreamweave.cli.progress import Progress
from dreamweave.cli.saying import Parser, listed, say, warn
from dreamweave.model.keeping import StoreBroken, StoreFull, StoreNewer
from dreamweave.model.refusals import Refusal
from dreamweave.store.copying import Compared, copy
from dreamweave.store.opening import Place

DONE, NOT_SO, STOPPED = 0, 1, 130

STEPS = {
    "measure": "reading what there is",
    "copy": "copying",
    "compare": "reading the copy",
}

# What the parts of a store are called for people.
PARTS = {
    "facts": "facts of the journal",
    "words": "sealed words",
    "keys": "wrapped keys",
    "accounts": "accounts",
    "handles": "sign-in names, hashed",
    "sessions": "sessions",
    "passes": "invitations and codes, hashed",
    "settings": "settings of the node",
    "once": "answers to requests",
}


def parser() -> Parser:
    made = Parser(
        prog="dreamweave copy",
        description="Copy all that a node keeps into another place, and prove by comparing that it is"
        " the same. A place is a data folder or a database, postgresql://USER@HOST/NAME; its"
        " password is best left to PGPASSWORD or ~/.pgpass. Stop the node first. Nothing is"
        " changed in the place that is copied from.",
    )
    made.add_argument("--from", dest="source", required=True, metavar="PLACE", help="what to copy")
    made.add_argument("--to", dest="target", required=True, metavar="PLACE", help="an empty place")
    made.add_argument("--quiet", action="store_true", help="say only the result")
    return made


def run(argv: Sequence[str]) -> int:
    """Copy and compare; returns 0 when both are the same and 1 when they are not."""
    asked = parser().parse_args(list(argv))
    source, target = Place.of(asked.source), Place.of(asked.target)
    if source.is_same(target):
        raise Refusal(
            "copy.same", "--from and --to are the same place. Name an empty one for --to."
        )
    try:
        with ExitStack() as stack:
            there = stack.enter_context(closing(source.open(alone=True, must_exist=True)))
            here = stack.enter_context(closing(target.open(alone=True)))
            progress = stack.enter_context(Progress(quiet=asked.quiet))
            compared = copy(there, here, lambda step, n, of: progress(STEPS[step], n, of))
    except KeyboardInterrupt:
        warn(f"Stopped. The copy is unfinished and cannot be served from. {_AGAIN}")
        return STOPPED
    except StoreFull as no:
        raise Refusal(
            "copy.full", f"{no} Make room there. The copy is unfinished. {_AGAIN}"
        ) from None
    except (StoreBroken, StoreNewer) as no:
        raise Refusal("copy.store", f"{no} Nothing was changed in {source}.") from None
    return tell_of(compared, source, target)


_AGAIN = "The same command starts it over; nothing was changed in the place it was copied from."


def tell_of(compared: Compared, source: Place, target: Place) -> int:
    """Show both sides' counts and hashes; returns the exit code."""
    if not compared.is_same:
        parts = listed([PARTS[name] for name in compared.differing])
        warn(
            f"What arrived is not what was sent: {parts} differ. Nobody can serve from the copy."
            f" {_AGAIN} When it happens again, the disk or the memory of one of the two is not sound."
        )
        return NOT_SO
    say(
        f"Everything in {source} was copied to {target}. Both were read afterwards and are the same:"
    )
    say()
    for part in compared.target.parts:
        say(f"  {PARTS[part.name]:30} {part.n:>12,}  sha256 {part.sha256[:16]}...")
    say(f"  {'all of it':30} {compared.target.n:>12,}  sha256 {compared.target.sha256}")
    say()
    say(
        "The keys folder is apart and was not copied: whoever serves from the new place needs the same"
        " one, and without it nobody can read a word. The old place is as it was, and holds all"
        " that is taken back from now on: remove it when the new one serves."
    )
    return DONE
