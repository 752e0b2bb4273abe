"""dreamweave restore: a node out of its back-ups, with nothing in it that was forgotten.

Builds both folders aside and puts them in their places when all is there, or
leaves nothing. What may come back, and what is refused, is `vault.restoring`'s;
what the facts learn of it is `app.replaying`'s.
"""

from __future__ import annotations

import random
import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from dreamweave.cli.progress import Progress
from dreamweave.cli.saying import Parser, say, say_all, warn
from dreamweave.model.keeping import KeptFact, Row, StoreBroken, StoreFull
from dreamweave.model.refusals import Refusal
from dreamweave.vault.restoring import Restoring, Tally

DONE = 0
STEPS = {"check": "reading the back-ups", "load": "restoring", "replay": "forgetting again"}


def parser() -> Parser:
    made = Parser(
        prog="dreamweave restore",
        description="Make a node out of its back-ups, in two new folders. Words that were taken back"
        " or forgotten since the data was backed up stay so: whatever would bring them back is"
        " refused. Stop the old node for good before you serve the new one.",
    )
    made.add_argument("--data", type=Path, required=True, metavar="FILE", help="a .data.age file")
    made.add_argument(
        "--keys", type=Path, required=True, metavar="FILE", help="the newest dreamweave.keys.age"
    )
    made.add_argument(
        "--erasures", type=Path, required=True, metavar="FILE", help="erasures.jsonl from beside it"
    )
    made.add_argument(
        "--identity", type=Path, required=True, metavar="FILE", help="what opens the back-ups"
    )
    made.add_argument("--to", type=Path, required=True, metavar="DIR", help="the new data folder")
    made.add_argument(
        "--keys-dir", type=Path, required=True, metavar="DIR", help="the new keys folder"
    )
    made.add_argument(
        "--passphrase-file",
        metavar="FILE",
        help="a passphrase for the keys, if they shall have one",
    )
    made.add_argument("--quiet", action="store_true", help="say only the result")
    return made


def run(argv: Sequence[str]) -> int:
    """Restore; returns the exit code."""
    asked = parser().parse_args(list(argv))
    from dreamweave.house import read_passphrase
    from dreamweave.vault.disk import lies_in
    from dreamweave.vault.identities import read_identities
    from dreamweave.vault.reading import read_key_backup, read_ledger_file

    data, keys = asked.to.expanduser().absolute(), asked.keys_dir.expanduser().absolute()
    for place, flag in ((data, "--to"), (keys, "--keys-dir")):
        _check_empty(place, flag)
    if lies_in(keys, data) or lies_in(data, keys):
        raise Refusal(
            "keys.inside", "The keys folder and the data folder may not lie in one another."
        )
    passphrase = read_passphrase(asked.passphrase_file or "")
    identities = read_identities(asked.identity)
    with Progress(quiet=asked.quiet) as progress:
        progress(STEPS["check"], 0, 1)
        ledger = read_ledger_file(asked.erasures)
        key_backup = read_key_backup(asked.keys, identities)
        restoring = Restoring(asked.data, identities, key_backup, ledger)
        with _aside(data) as data_aside, _aside(keys) as keys_aside:
            n_replayed = build(restoring, data_aside, keys_aside, passphrase, progress)
            _put_in_place(keys_aside, keys)
            _put_in_place(data_aside, data)
    tell_of(restoring, n_replayed, data, keys)
    return DONE


def build(
    restoring: Restoring, data: Path, keys: Path, passphrase: str | None, progress: Progress
) -> int:
    """The restored node in two new folders; how much was forgotten again in its facts."""
    from dreamweave.app.ground import ground
    from dreamweave.app.replaying import replay
    from dreamweave.store.moving import Load
    from dreamweave.store.sqlite import SqliteStore
    from dreamweave.vault import open_vault
    from dreamweave.vault.keyring import begin_restored

    try:
        with closing(SqliteStore(data)) as store:

            def put(facts: Sequence[KeptFact], rows: Sequence[Row]) -> None:
                store.import_all(Load(facts, rows))
                progress(STEPS["load"], restoring.tally.n_facts, restoring.head["n_facts"])

            restoring.load(put)
            epoch = restoring.keys.head["epoch"]
            begin_restored(keys, epoch, restoring.keys.epoch_key, passphrase)
            with closing(open_vault(store, keys, data_dir=data, passphrase=passphrase)) as vault:
                vault.turn_anew(_now_ms())
                progress(STEPS["replay"], 0, 1)
                laid = ground(store, vault, now_ms=_now_ms, rng=random.SystemRandom())
                things = {thing for one in restoring.news for thing in one.things}
                owners = {owner for one in restoring.news for owner in one.owners}
                return replay(laid, things, owners)
    except StoreFull as no:
        raise Refusal(
            "restore.full", f"{no} Nothing was restored. Make room, then try again."
        ) from None
    except StoreBroken as no:
        raise Refusal("restore.store", f"{no} Nothing was restored.") from None


def tell_of(restoring: Restoring, n_replayed: int, data: Path, keys: Path) -> None:
    """Say what is there again, what is not, and why."""
    tally = restoring.tally
    say(
        f"The node is in {data}, its keys in {keys}: {tally.n_facts:,} facts and {tally.n_words:,}"
        f" sealed things, as of {_day(restoring.head['made_ms'])}."
    )
    if restoring.news or tally.n_forgotten:
        say(
            f"What was forgotten since then stays forgotten: {tally.n_forgotten:,} sealed things were"
            f" left out, and {n_replayed:,} reports, lendings and people are marked as gone."
        )
    for sentence in lost(restoring, tally):
        warn(sentence)
    say_all(
        [
            "Everybody signs in again. Codes that were used up since the back-up may work once more.",
            "Before you serve it, stop the old node for good: two nodes of one name would tell people"
            " two different things. Then say where back-ups of this one go: dreamweave backup --help.",
        ]
    )


def lost(restoring: Restoring, tally: Tally) -> list[str]:
    """What a keeper must know is not there."""
    said = []
    if tally.n_keyless:
        said.append(
            f"{tally.n_keyless:,} sealed things have no key in the key back-up and were left out."
        )
    if restoring.keys.head["n_facts"] < restoring.head["n_facts"]:
        said.append(
            f"The key back-up ({_day(restoring.keys.head['made_ms'])}) is older than the data: what"
            " was told in between cannot be read. If there is a newer one, restore again with it."
        )
    return said


def _day(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms // 1_000, UTC):%Y-%m-%d %H:%M} UTC"


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


# ------------------------------------------------------------------ folders


def _check_empty(place: Path, flag: str) -> None:
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise Refusal(
            "restore.there",
            f"There is something in {place} already, and a restore never writes over anything. Name"
            f" a new folder: {flag} DIR.",
        )


@contextmanager
def _aside(place: Path) -> Iterator[Path]:
    """A folder beside `place`, gone afterwards unless it was put in its place."""
    aside = place.parent / f".{place.name}.restoring-{secrets.token_hex(4)}"
    try:
        aside.mkdir(mode=0o700, parents=True)
    except OSError as no:
        raise Refusal(
            "restore.place",
            f"{place.parent} cannot be written ({(no.strerror or 'no reason given').lower()}). Name"
            " a folder that you may write to.",
        ) from None
    try:
        yield aside
    finally:
        with suppress(OSError):
            shutil.rmtree(aside)


def _put_in_place(aside: Path, place: Path) -> None:
    from dreamweave.vault.disk import Disk

    with suppress(FileNotFoundError):
        place.rmdir()  # it was seen to be empty
    Disk().rename(aside, place)
    Disk().sync_folder(place.parent)
