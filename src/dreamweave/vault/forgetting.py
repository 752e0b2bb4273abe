"""Forgetting: keys are destroyed, and every key above them changes.

What was dropped from a store stays readable in its log and free pages, and in
copies of it. So whoever forgets gets a new key, over everything that stays
theirs; everybody's key is wrapped by a new epoch's; and the old epoch's key is
destroyed. From then on the residues open nothing.

    1  the new epoch's key is on the disk
    2  ONE writing is kept: the caller's, what goes dropped, what stays rewrapped
       (the row "epoch" in it says which epoch counts)
    3  the old epoch's key is destroyed
    4  the store scrubs itself, and nothing of before is held in memory

A cut after 1 leaves a key that opens nothing, a cut after 2 an old key: both
are destroyed when the vault is opened again. Forgettings that come at once
share one turning: each one's own writing is kept first, with a mark that keys
above have still to change. Which rows go is `dooming`'s.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from threading import Lock as Mutex

from dreamweave.model.keeping import (
    Kept,
    Moved,
    OnceReused,
    Store,
    StoreBroken,
    StoreFull,
    Writing,
)
from dreamweave.vault.dooming import Doomed, Mark, doomed, doomed_by, mark_rows, marks
from dreamweave.vault.holding import Holding
from dreamweave.vault.keyring import Keyring
from dreamweave.vault.ledger import Ledger
from dreamweave.vault.tree import Tree
from dreamweave.vault.turning import coming_keys, turned
from dreamweave.vault.wrapping import OwnerKey

_log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Request:
    writing: Writing
    things: tuple[tuple[str, str], ...]
    owners: tuple[str, ...]
    kept: Kept | None = None
    error: BaseException | None = None

    def answer(self) -> Kept:
        if self.error is not None:
            raise self.error
        if self.kept is None:
            raise StoreBroken("The forgetting was interrupted. Restart.")
        return self.kept


class Forgetting:
    """Forgets over one store, one tree of keys and one keyring."""

    def __init__(
        self,
        store: Store,
        tree: Tree,
        keyring: Keyring,
        holding: Holding,
        ledger: Ledger,
        rng: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._store = store
        self._tree = tree
        self._keyring = keyring
        self._holding = holding
        self._rng = rng
        self.ledger = ledger
        # Called after each turning, before anybody is told that it is done. Must not raise.
        self.after_forgetting: Callable[[], None] = lambda: None
        self._queue: list[_Request] = []
        self._queueing = Mutex()
        self._leading = Mutex()
        # The store did not say whether it kept a turning. Only opening it again can tell.
        self._unsure = False
        self._scrub_due = False

    def forget(
        self,
        writing: Writing,
        *,
        things: Iterable[tuple[str, str]] = (),
        owners: Iterable[str] = (),
    ) -> Kept:
        if self._holding.is_inside():
            raise ValueError("forgetting inside sealing() would wait for itself")
        request = _Request(writing, tuple(things), tuple(owners))
        with self._queueing:
            self._queue.append(request)
        with self._leading:
            # Whoever led before may have forgotten this one too.
            if request.kept is None and request.error is None:
                self._lead()
        return request.answer()

    def turn_anew(self, at_ms: int) -> None:
        """Begin a new epoch though nothing is forgotten. For a node that was just restored."""
        with self._leading, self._holding.alone():
            self._turn(Writing(at_ms, freeing=True), Doomed(), {})
        self._store.scrub()

    def finish(self) -> bool:
        """Do what an interrupted forgetting left to do; whether there was anything.

        For opening, when the current epoch is known to be the store's and its
        keys are known to be this store's.
        """
        settled = self._settle()
        standing = marks(self._store)
        if standing:
            self._turn_only(standing)
        return settled or bool(standing)

    # -------------------------------------------------------------- a batch

    def _lead(self) -> None:
        before = self._tree.current
        with self._holding.alone():
            with self._queueing:
                batch, self._queue = self._queue, []
            try:
                self._forget(batch)
            except BaseException as no:
                for request in batch:
                    if request.kept is None and request.error is None:
                        request.error = no
                if not isinstance(no, Exception):
                    raise
        # Nobody who seals has to wait for the rest: the keys are destroyed already.
        if self._tree.current != before:
            self._scrub_due = True
            try:
                self.scrub_if_due()
            except BaseException as no:
                for request in batch:  # those who were kept hear that not all is done
                    request.error = request.error or no
                if not isinstance(no, Exception):
                    raise
            try:
                self.after_forgetting()
            except Exception as no:
                # Its message might name somebody's folder; its kind is enough to look for.
                _log.error("what follows a forgetting failed: %s", type(no).__name__)

    def scrub_if_due(self) -> None:
        """Clean the store's own files of what was dropped, where a reader kept us from it."""
        if not self._scrub_due:
            return
        try:
            self._store.scrub()
        except TimeoutError:
            # A long reader (a back-up). What is left there is locked under keys that are gone.
            return
        self._scrub_due = False

    def _forget(self, batch: Sequence[_Request]) -> None:
        if self._unsure:
            raise StoreBroken("The store failed while keys were changed. Restart.")
        self._settle()
        if standing := marks(self._store):
            self._turn_only(standing)
        if len(batch) == 1:
            self._one(batch[0])
        else:
            self._several(batch)

    def _one(self, request: _Request) -> None:
        writing = request.writing
        goes = doomed(self._store, request.things, request.owners)
        coming = coming_keys(self._tree, writing, goes.owners, {})
        request.kept = (
            self._turn(writing, goes, coming) if goes else self._store.keep(writing).result()
        )

    def _several(self, batch: Sequence[_Request]) -> None:
        """Each one's own writing first: one that is refused must not undo the others."""
        keeping = []
        coming: dict[str, OwnerKey] = {}
        for request in batch:
            writing = request.writing
            try:
                goes = doomed(self._store, request.things, request.owners)
                coming |= coming_keys(self._tree, writing, goes.owners, coming)
                if goes:
                    rows = mark_rows(goes, at_ms=writing.at_ms, rng=self._rng)
                    writing = replace(
                        writing,
                        drops=(*writing.drops, *goes.drops),
                        drop_owned=(*writing.drop_owned, *goes.drop_owned()),
                        puts=(*writing.puts, *rows),
                    )
                keeping.append((request, self._store.keep(writing), goes))
            except (Moved, ValueError) as no:
                request.error = no
        kept: list[tuple[_Request, Kept]] = []
        for request, future, goes in keeping:
            try:
                done = future.result()
            except Exception as no:
                request.error = no
                continue
            if goes and not done.replayed:
                kept.append((request, done))
            else:
                request.kept = done
        if kept:
            self._turn_only(marks(self._store))
            for request, done in kept:
                request.kept = done

    def _turn_only(self, standing: Sequence[tuple[str, Mark]]) -> None:
        """Change the keys above what was dropped before."""
        at_ms = max(mark.at_ms for _, mark in standing)
        goes = doomed_by(standing)
        self._turn(Writing(at_ms, freeing=True), goes, {}, dropped=True)

    # -------------------------------------------------------------- one turning

    def _turn(
        self,
        writing: Writing,
        goes: Doomed,
        coming: dict[str, OwnerKey],
        *,
        dropped: bool = False,
    ) -> Kept:
        """Keep `writing` under a new epoch, then destroy the old one. `dropped`: see `doomed_by`."""
        old, new = self._tree.current, self._tree.current + 1
        key = self._tree.fresh_key()
        try:
            self._keyring.write_epoch(new, key)
            self._tree.know(new, key)
            erasures = self.ledger.next(
                at_ms=writing.at_ms, epoch=new, things=goes.things, owners=sorted(goes.owners)
            )
            whole = turned(
                self._store, self._tree, writing, goes, coming, erasures, new, dropped=dropped
            )
            future = self._store.keep(whole)
        except BaseException:
            self._take_away(new)
            raise
        try:
            kept = future.result()
        except (Moved, OnceReused, StoreFull):
            self._take_away(new)
            raise
        except BaseException:
            # Kept or not? Either key may be the one that counts, so both stay.
            self._unsure = True
            raise
        if kept.replayed:
            self._take_away(new)
            return kept
        self.ledger.add(erasures)
        self._tree.turn_to(new)
        self._keyring.destroy_epoch(old)
        self._keyring.lay_by()
        return kept

    # -------------------------------------------------------------- leftovers

    def _settle(self) -> bool:
        """Destroy every key but the current epoch's; whether there were others."""
        others = [e for e in self._keyring.epochs() if e != self._tree.current]
        for epoch in others:
            self._keyring.destroy_epoch(epoch)
        return bool(others)

    def _take_away(self, epoch: int) -> None:
        """Destroy the key of an epoch that never began. Where that fails, `_settle` tries again."""
        try:
            self._keyring.destroy_epoch(epoch)
            self._keyring.lay_by()
        except FileNotFoundError:
            pass
        except OSError:
            _log.error("a key that locks nothing could not be taken away yet")
