"""One attempt to keep a batch in PostgreSQL: one transaction in two trips.

The first begins, waits for its turn and looks; the second tells and commits. An
attempt that fails is not mended here: `was_committing` says whether it may have
been kept all the same, and `transaction` is what the database can be asked about.
"""

from __future__ import annotations

import psycopg
from psycopg import Connection

from dreamweave.model.keeping import Kept, Writing
from dreamweave.store.postgres_batch import Batch, Once, in_bytes
from dreamweave.store.postgres_schema import LOCK_WRITING, LOCKS


class Attempt:
    """One transaction: two trips to the database, the second of which commits."""

    def __init__(self, link: Connection) -> None:
        self.link = link
        self.answers: list[Kept | Exception] = []
        self.transaction = ""
        self.was_committing = False

    def make(self, writings: list[Writing]) -> None:
        batch = self._look(writings)
        for writing in writings:
            batch.take(writing)
        self.answers = [*batch.answers]
        self.was_committing = True
        with self.link.pipeline():
            for query, given in batch.statements():
                self.link.execute(query, given)
            commit = self.link.execute("COMMIT")
        if commit.statusmessage != "COMMIT":
            raise psycopg.InternalError("COMMIT was answered with something else")

    def _look(self, writings: list[Writing]) -> Batch:
        """Begin, wait for our turn, and read what these writings hang on."""
        streams = {fact.stream for writing in writings for fact in writing.facts}
        streams |= {stream for writing in writings for stream, _ in writing.expects}
        keys = {writing.once for writing in writings if writing.once}
        with self.link.pipeline():
            self.link.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
            self.link.execute("SELECT pg_advisory_xact_lock(%s, %s)", (LOCKS, LOCK_WRITING))
            # From here on every statement sees all that was committed before our turn.
            counted = self.link.execute(
                "SELECT pg_current_xact_id()::text,"
                " (SELECT coalesce(max(seq), 0) FROM dreamweave.facts)"
            )
            held = self.link.execute(
                "SELECT stream, (SELECT max(n) FROM dreamweave.facts f WHERE f.stream = s.stream)"
                " FROM unnest(%b::bytea[]) AS s (stream)",
                (in_bytes(streams),),
                binary=True,
            )
            once = self.link.execute(
                "SELECT once, asked, answer, first_seq, last_seq FROM dreamweave.once"
                " WHERE once = ANY(%b::bytea[])",
                (in_bytes(keys),),
                binary=True,
            )
        ((self.transaction, last_seq),) = counted.fetchall()
        return Batch(
            last_seq,
            {stream.decode(): n or 0 for stream, n in held},
            {key.decode(): Once(*rest) for key, *rest in once},
        )
