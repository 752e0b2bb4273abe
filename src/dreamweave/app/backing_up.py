"""Backing up: where a node's back-ups go, and what is said when they cannot.

Remembers the places, brings the key back-up up to date after every forgetting,
and keeps a warning standing for as long as a place does not let us. The files
themselves are made by whoever is handed in (`vault.backups` does); playing
erasures again after a restore is `replaying`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.keeping import Row, Shelf, Store, StoreBroken, StoreFull, Writing
from dreamweave.model.refusals import Refusal
from dreamweave.model.wire import plain, record

PLACES = "backup/places"
# One standing warning for each kind: the keys' place is the one that matters most.
WARNINGS = {"keys": "backup/warning/keys", "data": "backup/warning/data"}
LAST = "backup/last"
KEEP = 14
DAY_MS = 86_400_000
# A back-up older than this is warned about where places are known.
STALE_MS = 8 * DAY_MS

_KEEP_SENTENCE = "Between 1 and 1,000 data back-ups are kept."

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
            raise Refusal("backup.keep", _KEEP_SENTENCE)
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
        with self._warned("data"):
            made = self._files.write_data(
                Path(places.data),
                places.recipient,
                keep=places.keep,
                at_ms=at_ms,
                progress=progress,
            )
        self._put(LAST, canonical(plain(Last(at_ms, made.path.name, made.n_facts))))
        with self._warned("keys"):
            self._files.write_keys(Path(places.keys), places.recipient, at_ms)
        return made

    def perform(
        self, said: Mapping[str, object], progress: Progress = lambda *_: None
    ) -> dict[str, object]:
        """Do what was asked (`to`, `keys_to`, `recipient`, `keep`; absent is as before).

        Returns what to tell whoever asked, as plain values.
        """
        by_hand: list[str] = []
        if any(said.get(name) for name in ("to", "keys_to", "recipient", "keep")):
            by_hand = self.set_places(_changed(self.places(), said))
        try:
            made = self.back_up(progress)
        except (StoreBroken, StoreFull) as no:
            raise Refusal(
                "backup.store", f"{no} The back-ups of before are as they were."
            ) from None
        places = self.places()
        return {
            "file": str(made.path),
            "keys": places.keys if places else "",
            "n_facts": made.n_facts,
            "n_rows": made.n_rows,
            "n_bytes": made.n_bytes,
            "by_hand": by_hand,
        }

    def back_up_if_due(
        self, every_ms: int = DAY_MS, *, progress: Progress = lambda *_: None
    ) -> bool:
        """Back up where places are known and the last time is so long ago; whether it did."""
        last = self.last()
        if self.places() is None or (last and self._now_ms() - last.at_ms < every_ms):
            return False
        self.back_up(progress)
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
            with suppress(Refusal), self._warned("keys"):
                self._files.write_keys(Path(places.keys), places.recipient, self._now_ms())
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
        for id in WARNINGS.values():
            if (row := self._store.row("settings", id)) is not None:
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

    @contextmanager
    def _warned(self, kind: str) -> Iterator[None]:
        """Refuses in a sentence what goes wrong inside, and keeps a warning until it goes right."""
        try:
            yield
        except (OSError, Refusal) as error:
            no = _cannot(error) if isinstance(error, OSError) else error
            if no.code != "backup.stopped":
                sentence = f"{no.sentence} {_STALE}" if kind == "keys" else no.sentence
                said = {"code": no.code, "at_ms": self._now_ms(), "sentence": sentence}
                self._put(WARNINGS[kind], canonical(said))
            raise no from None
        if self._store.row("settings", WARNINGS[kind]) is not None:
            drops: tuple[tuple[Shelf, str], ...] = (("settings", WARNINGS[kind]),)
            self._store.keep(Writing(self._now_ms(), drops=drops, freeing=True)).result()

    def _put(self, id: str, body: bytes) -> None:
        row = Row("settings", id, "", body)
        self._store.keep(Writing(self._now_ms(), puts=(row,), freeing=True)).result()


def _changed(before: Places | None, said: Mapping[str, object]) -> Places:
    found = {
        "data": said.get("to") or (before and before.data),
        "keys": said.get("keys_to") or (before and before.keys),
        "recipient": said.get("recipient") or (before and before.recipient),
    }
    flags = {"data": "--to DIR", "keys": "--keys-to DIR", "recipient": "--recipient AGE1..."}
    if missing := [flags[name] for name, value in found.items() if not value]:
        raise Refusal(
            "backup.nowhere",
            f"The first time, a back-up also needs {' and '.join(missing)}."
            + ("" if found["recipient"] else " --new-recipient FILE makes one."),
        )
    keep = said.get("keep") or (before.keep if before else KEEP)
    if not isinstance(keep, int):
        raise Refusal("backup.keep", _KEEP_SENTENCE)
    return Places(str(found["data"]), str(found["keys"]), str(found["recipient"]), keep)


def _cannot(no: OSError) -> Refusal:
    where = f"{no.filename} cannot be written" if no.filename else "A back-up cannot be written"
    return Refusal(
        "backup.write",
        f"{where} ({(no.strerror or 'no reason given').lower()}). See that its disk is there, has"
        " room and lets this node write.",
    )


_STALE = (
    "Until that is mended, the key back-up is from before words were forgotten, and whoever has it,"
    " an old data back-up and the identity can read them. Then run dreamweave backup."
)
