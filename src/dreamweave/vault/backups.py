"""Back-ups: a node's data in one file and its keys in another, each locked to an offline recipient.

The data file holds facts and sealed rows as they were at one moment, and no
key; there are several, one a back-up. The key file holds the wrapped keys and
the epoch's key; there is one, written over at each back-up and after each
forgetting, so that no place of ours holds a key of what was forgotten. Beside
it lies the erasure ledger, only ever added to. Where these places are, and what
is said when one cannot be written, is `app.backing_up`'s; reading is `restoring`'s.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from dreamweave.model.keeping import SHELVES, Row, Snapshot, Store
from dreamweave.model.refusals import Refusal
from dreamweave.vault.disk import ASIDE, Disk, lies_in
from dreamweave.vault.identities import check_recipient, lock_to
from dreamweave.vault.ledger import Ledger
from dreamweave.vault.names import EPOCH, ERASED, GENERATION, rows_under
from dreamweave.vault.node import NodeVault
from dreamweave.vault.packing import (
    HEAD,
    KEY,
    LINE,
    Record,
    of_fact,
    of_row,
    packed,
    reading,
)

KEYS_FILE = "dreamweave.keys.age"
LEDGER_FILE = "erasures.jsonl"
DATA_FILE = re.compile(r"dreamweave-\d{8}T\d{9}Z\.data\.age")
# Sessions are made anew by signing in; a restored one might be somebody else's by now.
SHELVES_KEPT = tuple(s for s in SHELVES if s not in ("keys", "sessions"))

Progress = Callable[[str, int, int], None]
_PAGE = 64
_TELL_EVERY = 1_000


@dataclass(frozen=True, slots=True)
class DataFile:
    """A data back-up that is in its place, and its mark: all facts up to `n_facts` are in it."""

    path: Path
    n_facts: int
    n_rows: int
    n_bytes: int


class BackUps:
    """Writes back-ups of one node. One at a time; may be called from any thread."""

    def __init__(
        self, store: Store, vault: NodeVault, *, data_dir: Path | None, disk: Disk | None = None
    ) -> None:
        self._store = store
        self._vault = vault
        self._data_dir = data_dir
        self._disk = disk or Disk()
        self._one = Lock()

    def check_places(self, data: Path, keys: Path, recipient: str) -> None:
        """Refuse places that would defeat a back-up, and a recipient that is none."""
        check_recipient(recipient)
        if lies_in(keys, data) or lies_in(data, keys):
            raise Refusal(
                "backup.together",
                "Data and keys are backed up to two places that nobody loses or finds together, and"
                " neither inside the other. Name another folder with --keys-to.",
            )
        for place in (data, keys):
            for ours in (self._data_dir, self._vault.keyring.folder):
                if ours is not None and (lies_in(place, ours) or lies_in(ours, place)):
                    raise Refusal(
                        "backup.inside",
                        f"{place} lies with what is to be backed up ({ours}), and would go with it."
                        " Name a folder on another disk.",
                    )

    def make_places(self, data: Path, keys: Path) -> None:
        """Make both folders where they are missing, and begin the ledger's copy there."""
        for place in (data, keys):
            place.mkdir(parents=True, exist_ok=True)
        if not (keys / LEDGER_FILE).exists():
            self._disk.write_new(keys / LEDGER_FILE, b"")

    # -------------------------------------------------------------- data

    def write_data(
        self,
        folder: Path,
        recipient: str,
        *,
        keep: int,
        at_ms: int,
        progress: Progress = lambda *_: None,
    ) -> DataFile:
        """Everything that is kept but the keys, as of now, in a new file of `folder`.

        Then all but the newest `keep` are let go, and the keys that only they needed.
        """
        with self._one:
            generation = self._vault.next_generation()
            with self._store.snapshot() as snapshot:
                made = self._write_data(snapshot, folder, recipient, at_ms, progress)
            self._prune(folder, keep)
            self._vault.keep_generation(generation, keep)
            return made

    def _write_data(
        self, snapshot: Snapshot, folder: Path, recipient: str, at_ms: int, progress: Progress
    ) -> DataFile:
        path = folder / f"dreamweave-{_stamp(at_ms)}.data.age"
        n_facts, n_rows = snapshot.n_facts(), 0
        head = self._head("data", at_ms, snapshot)

        def records() -> Iterator[Record]:
            nonlocal n_rows
            yield Record(HEAD, head)
            after = 0
            while facts := snapshot.facts(after=after, limit=_TELL_EVERY):
                yield from map(of_fact, facts)
                after = facts[-1].seq
                progress("facts", after, n_facts)
            for shelf in SHELVES_KEPT:
                last = ""
                while rows := snapshot.rows(shelf, after=last, limit=_PAGE):
                    yield from map(of_row, rows)
                    last = rows[-1].id
                    n_rows += len(rows)
                    progress("rows", n_rows, 0)

        aside = path.with_name(path.name + ASIDE)
        try:
            with aside.open("xb") as file:
                aside.chmod(0o600)
                lock_to(recipient, reading(packed(records())), file)
                self._disk.finish(file)
            self._disk.rename(aside, path)
            self._disk.sync_folder(folder)
        except BaseException:
            with suppress(OSError):
                aside.unlink()
            raise
        return DataFile(path, n_facts, n_rows, path.stat().st_size)

    def _prune(self, folder: Path, keep: int) -> None:
        names = sorted(p.name for p in folder.iterdir() if DATA_FILE.fullmatch(p.name))
        gone = names[: max(0, len(names) - keep)]
        for name in gone:
            self._disk.unlink(folder / name)
        if gone:
            self._disk.sync_folder(folder)

    # -------------------------------------------------------------- keys and ledger

    def write_keys(self, folder: Path, recipient: str, at_ms: int) -> None:
        """The keys as of now, over those of before; then the ledger's copy is brought up to date.

        Raises:
            Refusal: the ledger there is not this node's, or is missing: another
                disk lies where the keys were kept.
            OSError: the place cannot be written.
        """
        with self._one:
            there = self._ledger_there(folder)
            epoch_key, rows, head, lines = self._keys(at_ms)
            ours = b"".join(line + b"\n" for line in lines)
            if not ours.startswith(there):
                raise _other_ledger(folder)

            def records() -> Iterator[Record]:
                yield Record(HEAD, head)
                yield Record(KEY, {}, epoch_key)
                yield from map(of_row, rows)
                yield from (Record(LINE, {}, line) for line in lines)

            into = io.BytesIO()
            lock_to(recipient, reading(packed(records())), into)
            self._disk.replace(folder / KEYS_FILE, into.getvalue())
            # After the keys: a cut between leaves keys that are newer than the ledger, which a
            # restore takes, and never a ledger that is newer than the keys, which it refuses.
            if len(there) < len(ours):
                self._disk.append(folder / LEDGER_FILE, ours[len(there) :])

    def leave_keys(self, folder: Path) -> None:
        """Destroy the key back-up in a place that is kept up to date no longer."""
        if (folder / KEYS_FILE).exists():
            self._disk.destroy(folder / KEYS_FILE)
        elif not (folder / LEDGER_FILE).exists():
            raise FileNotFoundError(folder / KEYS_FILE)

    def _keys(self, at_ms: int) -> tuple[bytes, Sequence[Row], dict[str, Any], Sequence[bytes]]:
        with self._vault.standing_still(), self._store.snapshot() as snapshot:
            epoch_key = self._vault.keyring.read_epoch(self._vault.tree.current)
            rows = list(rows_under(snapshot, "keys", ""))
            lines = [row.body for row in rows_under(snapshot, "settings", ERASED)]
            return epoch_key, rows, self._head("keys", at_ms, snapshot), lines

    def _ledger_there(self, folder: Path) -> bytes:
        try:
            return (folder / LEDGER_FILE).read_bytes()
        except FileNotFoundError:
            raise Refusal(
                "backup.keys.elsewhere",
                f"{folder} is not the place it was: the erasure ledger is missing there. Is its disk"
                " mounted? If it was lost, run dreamweave backup with --keys-to to begin anew.",
            ) from None

    def _head(self, kind: str, at_ms: int, snapshot: Snapshot) -> dict[str, Any]:
        epoch = snapshot.row("settings", EPOCH)
        generation = snapshot.row("settings", GENERATION)
        ledger = Ledger(row.body for row in rows_under(snapshot, "settings", ERASED))
        return {
            "kind": kind,
            "made_ms": at_ms,
            "node": self._vault.name(),
            "n_facts": snapshot.n_facts(),
            "epoch": int.from_bytes(epoch.body, "big") if epoch else 0,
            "generation": int.from_bytes(generation.body, "big") if generation else 0,
            "n_lines": len(ledger.lines),
            "ledger": ledger.head,
        }


def _stamp(at_ms: int) -> str:
    at = datetime.fromtimestamp(at_ms // 1_000, UTC)
    return f"{at:%Y%m%dT%H%M%S}{at_ms % 1_000:03d}Z"


def _other_ledger(folder: Path) -> Refusal:
    return Refusal(
        "backup.ledger.other",
        f"The erasure ledger in {folder} is another node's, or knows of more than this node does."
        " Name a folder of this node's own with --keys-to. If this node was restored from an old"
        " back-up, stop it: words that were forgotten may be back.",
    )
