"""dreamweave backup: a node's data to one place, its keys to another, locked to an offline recipient.

Works while the node is running (it is asked to do it) and while it is not.
What a back-up is made of is `vault.backups`'; where to is remembered by
`app.backing_up`, so that the second time the command alone is enough.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from dreamweave.app.backing_up import KEEP
from dreamweave.cli.progress import Progress
from dreamweave.cli.saying import Parser, say, say_all, warn, whole_number
from dreamweave.model.refusals import Refusal
from dreamweave.settings import Settings, read_settings

DONE = 0
STEPS = {"facts": "copying facts", "rows": "copying sealed words"}
# A node that is there takes a question within a second or two.
TAKEN_S = 20.0
TRY_S = 0.2


def parser() -> Parser:
    made = Parser(
        prog="dreamweave backup",
        description="Back up a node: everything that is kept to one folder, the keys to another, both"
        " locked to a recipient whose identity is not on this machine. The places are remembered:"
        " from then on the key back-up is written anew after every forgetting, and dreamweave backup"
        " alone does all of it again.",
    )
    made.add_argument("--to", type=Path, metavar="DIR", help="where the data goes")
    made.add_argument(
        "--keys-to", type=Path, metavar="DIR", help="where the keys go: another disk, no versions"
    )
    who = made.add_mutually_exclusive_group()
    who.add_argument("--recipient", metavar="AGE1...", help="to whom they are locked")
    who.add_argument(
        "--new-recipient",
        type=Path,
        metavar="FILE",
        help="make an identity, write it to FILE, and lock to it",
    )
    made.add_argument(
        "--keep",
        type=whole_number("How many data back-ups are kept", 1, 1_000),
        metavar="N",
        help=f"how many data back-ups are kept (default: {KEEP})",
    )
    made.add_argument("--data", dest="data_dir", metavar="DIR", help="the folder of what is kept")
    made.add_argument("--keys", dest="keys_dir", metavar="DIR", help="the folder of the keys")
    made.add_argument("--store", metavar="URL", help="the PostgreSQL database that is kept in")
    made.add_argument("--quiet", action="store_true", help="say only the result")
    return made


def run(argv: Sequence[str]) -> int:
    """Back up; returns the exit code."""
    asked = parser().parse_args(list(argv))
    settings = read_settings(
        {name: getattr(asked, name) for name in ("data_dir", "keys_dir", "store")}
    )
    check_node(settings)
    said = {
        "to": _absolute(asked.to),
        "keys_to": _absolute(asked.keys_to),
        "recipient": asked.recipient,
        "keep": asked.keep,
    }
    if asked.new_recipient is not None:
        from dreamweave.vault.identities import new_identity

        said["recipient"] = new_identity(asked.new_recipient)
        say(
            f"The identity is in {asked.new_recipient}. It opens every back-up, and nothing else"
            " does: take the file off this machine now, and keep it where no back-up is. Its"
            f" recipient is {said['recipient']}"
        )
    tell_of(_done(settings, said, quiet=asked.quiet))
    return DONE


def check_node(settings: Settings) -> None:
    """Refuse where there is no node yet: opening it would make one."""
    from dreamweave.store.folder import DATABASE

    if not settings.store and not (settings.data_dir / DATABASE).is_file():
        raise Refusal(
            "store.nothing",
            f"There is no node in {settings.data_dir}. Name its data folder with --data.",
        )


def _absolute(path: Path | None) -> str | None:
    # The node that is running stands in another folder than whoever asks.
    return None if path is None else str(path.expanduser().absolute())


def _done(settings: Settings, said: dict[str, Any], *, quiet: bool) -> dict[str, Any]:
    from dreamweave.house import open_house

    try:
        house = open_house(settings)
    except Refusal as no:
        if no.code not in ("store.taken", "keys.busy"):
            raise
        return _ask(settings, said)
    with closing(house), Progress(quiet=quiet) as progress:
        return house.backing_up.perform(said, lambda s, n, of: progress(STEPS[s], n, of))


def _ask(settings: Settings, said: dict[str, Any]) -> dict[str, Any]:
    """Let the node that is running do it."""
    from dreamweave.vault.asking import Desk
    from dreamweave.vault.keyring import is_free

    desk = Desk(settings.keys_dir)
    name = desk.ask(said)
    try:
        until = time.monotonic() + TAKEN_S
        while (answer := desk.answer_to(name)) is None:
            if not desk.is_taken() and time.monotonic() > until:
                raise Refusal(
                    "backup.unanswered",
                    "Another dreamweave has this node open and does not answer. If it is not"
                    " serving (a copy, another back-up), wait until it has ended.",
                )
            if desk.is_taken() and is_free(settings.keys_dir):
                if (answer := desk.answer_to(name)) is not None:  # its last deed
                    break
                raise Refusal(
                    "backup.stopped",
                    "The node stopped before the back-up was made. Run dreamweave backup again.",
                )
            time.sleep(TRY_S)
    finally:
        desk.withdraw()
    if "refused" in answer:
        raise Refusal(str(answer["refused"]), str(answer["sentence"]))
    return answer


def tell_of(made: dict[str, Any]) -> None:
    """Say where what is."""
    size = made["n_bytes"] / 1e6
    say(
        f"The data is in {made['file']} ({size:,.1f} MB): all {made['n_facts']:,} facts until now, and"
        f" {made['n_rows']:,} sealed things."
    )
    say(f"The keys are in {made['keys']}, written over those of before, with the erasure ledger.")
    for sentence in made["by_hand"]:
        warn(sentence)
    say_all(
        [
            "Each is useless without the other and without the identity. Try a restore before you"
            " need one: dreamweave restore --help.",
        ]
    )
