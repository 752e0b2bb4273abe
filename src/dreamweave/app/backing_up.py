"""Backing up: where a node's back-ups go, and what is said when they cannot.

Remembers the places, brings the key back-up up to date after every forgetting,
and keeps a warning standing for as long as a place does not let us. The files
themselves are made by whoever is handed in (`vault.backups` does); playing
erasures again after a restore is `replaying`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.keeping import Row, Shelf, Store, StoreBroken, StoreFull, Writing
from dreamweave.model.refusals import Refusal
from dreamweave.model.wire import plain, record

PLACES = "backup/places"
WARNING = "backup/warning"
LAST = "backup/last"
KEEP = 14
DAY_MS = 86_400_000
# A back-up older than this is warned about where places are known.
STALE_MS = 8 * DAY_MS

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Places:
    """Where back-ups go, to whom they are locked, and how many data back-ups are kept."""

    data: str
    keys: str
    recipient: str
    keep: int = KEEP


@dataclass(frozen=True, slots=True)
class Last:
    """The last data back-up: when, which file, and that all facts up to `n_facts` are in it."""

    at_ms: int
    name: str
    n_facts: int


class DataFile(Protocol):
    """A data back-up in its place."""

    @property
    def path(self) -> Path: ...
    @property
    def n_facts(self) -> int: ...
    @property
    def n_rows(self) -> int: ...
    @property
    def n_bytes(self) -> int: ...


class Files(Protocol):
    """Whoever writes back-ups. All raise Refusal, or OSError where a disk says no."""

    def check_places(self, data: Path, keys: Path, recipient: str) -> None: ...

    def make_places(self, data: Path, keys: Path) -> None: ...

    def write_data(
        self, folder: Path, recipient: str, *, keep: int, at_ms: int, progress: Progress
    ) -> DataFile: ...

    def write_keys(self, folder: Path, recipient: str, at_ms: int) -> None: ...

    def leave_keys(self, folder: Path) -> None: ...


class BackingUp:
    """Back-ups of one node. May be called from any thread."""

    def __init__(self, store: Store, files: Files, now_ms: Callable[[], int]) -> None:
        self._store = store
        self._files = files
        self._now_ms = now_ms

    # -------------------------------------------------------------- places

    def places(self) -> Places | None:
        """The remembered places, or None where nobody has named any yet."""
        row = self._store.row("settings", PLACES)
        if row is None:
            return None
        return record(Places, parsed(row.body, "the back-up places"), "back-ups", "backup.places")

    def set_places(self, places: Places) -> list[str]:
        """Check, make and remember the places. From here on every forgetting writes the keys anew.

        Returns sentences about what the keeper has to do by hand.
        """
        before = self.places()
        if not 1 <= places.keep <= 1_000:
            raise Refusal("backup.keep", "Between 1 and 1,000 data back-ups are kept.")
        data, keys = Path(places.data), Path(places.keys)
        self._files.check_places(data, keys, places.recipient)
        try:
            self._files.make_places(data, keys)
        except OSError as no:
            raise _cannot(no) from None
        self._put(PLACES, canonical(plain(places)))
        if before is None or Path(before.keys) == keys:
            return []
        try:
            self._files.leave_keys(Path(before.keys))
        except OSError:
            return [
                f"The key back-up in {before.keys} is no longer kept up to date and could not be"
                " destroyed from here. Destroy it: it opens what will be forgotten from now on."
            ]
        return []

    # -------------------------------------------------------------- doing

    def back_up(self, progress: Progress = lambda *_: None) -> DataFile:
        """Back up data, then keys, to the remembered places.

        Raises:
            Refusal: no places are known, or one of them cannot be written. The
                back-ups of before are as they were.
        """
        places = self.places()
        if places is None:
            raise Refusal(
                "backup.nowhere",
                "Nobody has said yet where back-ups go: dreamweave backup --to DIR --keys-to DIR"
                " --recipient age1...",
            )
        at_ms = self._now_ms()
        try:
            made = self._files.write_data(
                Path(places.data),
                places.recipient,
                keep=places.keep,
                at_ms=at_ms,
                progress=progress,
            )
            self._files.write_keys(Path(places.keys), places.recipient, at_ms)
        except OSError as no:
            refusal = _cannot(no)
            self._warn(refusal)
            raise refusal from None
        except Refusal as no:
            self._warn(no)
            raise
        self._put(LAST, canonical(plain(Last(at_ms, made.path.name, made.n_facts))))
        self._clear()
        return made

    def back_up_if_due(self, every_ms: int = DAY_MS) -> bool:
        """Back up where places are known and the last time is so long ago; whether it did."""
        last = self.last()
        if self.places() is None or (last and self._now_ms() - last.at_ms < every_ms):
            return False
        self.back_up()
        return True

    def refresh_keys(self) -> None:
        """Write the keys anew over those of before. Called after every forgetting; never raises.

        Where it cannot, forgetting has still happened here, and a warning stands
        until it can: the old key back-up opens what was forgotten in old data
        back-ups, for whoever has the identity.
        """
        try:
            places = self.places()
            if places is None:
                return
            try:
                self._files.write_keys(Path(places.keys), places.recipient, self._now_ms())
            except OSError as no:
                self._warn(_stale(_cannot(no)))
            except Refusal as no:
                self._warn(_stale(no))
            else:
                self._clear()
        except (StoreBroken, StoreFull):
            return  # whoever writes next hears of that; the next opening tries this again

    def catch_up(self) -> None:
        """At opening: what a cut or a missing disk kept from being written last time."""
        self.refresh_keys()

    # -------------------------------------------------------------- what is said

    def last(self) -> Last | None:
        row = self._store.row("settings", LAST)
        if row is None:
            return None
        return record(Last, parsed(row.body, "the last back-up"), "back-ups", "backup.last")

    def warning(self) -> str | None:
        """What the keeper should see to now, or None. For `doctor` and the keeper's page."""
        row = self._store.row("settings", WARNING)
        if row is not None:
            return str(cast(dict[str, object], parsed(row.body, "a warning"))["sentence"])
        last = self.last()
        if self.places() is None:
            return (
                "This node is not backed up. Say where to, once: dreamweave backup --to DIR"
                " --keys-to DIR --new-recipient FILE."
            )
        if last is None or self._now_ms() - last.at_ms > STALE_MS:
            return (
                "The last back-up of the data is more than a week old. Run dreamweave backup, every"
                " night if you can."
            )
        return None

    def _warn(self, no: Refusal) -> None:
        said = {"code": no.code, "at_ms": self._now_ms(), "sentence": no.sentence}
        self._put(WARNING, canonical(said))

    def _clear(self) -> None:
        if self._store.row("settings", WARNING) is not None:
            drops: tuple[tuple[Shelf, str], ...] = (("settings", WARNING),)
            self._store.keep(Writing(self._now_ms(), drops=drops, freeing=True)).result()

    def _put(self, id: str, body: bytes) -> None:
        row = Row("settings", id, "", body)
        self._store.keep(Writing(self._now_ms(), puts=(row,), freeing=True)).result()


def _cannot(no: OSError) -> Refusal:
    where = f"{no.filename} cannot be written" if no.filename else "A back-up cannot be written"
    return Refusal(
        "backup.write",
        f"{where} ({(no.strerror or 'no reason given').lower()}). See that its disk is there, has"
        " room and lets this node write.",
    )


def _stale(no: Refusal) -> Refusal:
    return Refusal(
        no.code,
        f"{no.sentence} Until that is mended, the key back-up is from before words were forgotten,"
        " and whoever has it, an old data back-up and the identity can read them. Then run"
        " dreamweave backup.",
    )
