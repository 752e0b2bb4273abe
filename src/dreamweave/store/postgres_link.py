"""Links to PostgreSQL: how one is made, lent for reading, and what its failures are called.

Passwords come in with an address and go to libpq, and are in no sentence, repr or
exception of ours; nor is anything the server said, because it quotes what it was
given. What is asked over a link is not this file's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock, Semaphore
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from dreamweave.model.keeping import StoreBroken, StoreFull, StoreLost
from dreamweave.model.refusals import Refusal

# A server or a network that says nothing is given up after about this long.
SILENT_S_MAX = 10
# The least that knows pg_xact_status and pg_current_xact_id; older ones get no more mending.
VERSION_MIN = 13

# Each process may have this many, of a hundred that a server has by default.
N_READERS = 6

DISK_FULL = "53100"

# What libpq says, in part, and what to look at. It is only ever compared with, and never shown.
_HINTS = (
    ("password", "The user or the password is not right, or none was given."),
    (
        "authentication",
        "The server does not let this user in from here (its pg_hba.conf says who).",
    ),
    ("does not exist", "There is no such database or user; createdb and createuser make them."),
    ("resolve host", "There is no such host."),
    ("translate host", "There is no such host."),
    ("refused", "Nothing listens at that host and port."),
    ("No such file", "Nothing listens at that socket."),
    ("timeout", "The host does not answer."),
    ("too many", "The server has no place left for another connection."),
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is, read from a URL (or a line of libpq's `key=value`)."""

    parameters: dict[str, Any] = field(repr=False)

    @staticmethod
    def of(url: str) -> Address:
        """Raises Refusal where the URL is none, without quoting any of it."""
        wanted = (
            "A database is named like postgresql://USER@HOST:5432/NAME. In a password the signs"
            " @ : / ? # and % are written %40 %3A %2F %3F %23 and %25; better, leave the password to"
            " PGPASSWORD or to ~/.pgpass."
        )
        try:
            given: dict[str, Any] = dict(conninfo_to_dict(url))
        except psycopg.ProgrammingError:
            raise Refusal("store.url", f"This is no address of a database. {wanted}") from None
        host = str(given.get("host", ""))
        # An @ or a / in a password cuts it in two, and the second half would be taken for a host.
        if "@" in host[1:] or "@" in str(given.get("dbname", "")):
            raise Refusal("store.url", f"There is one @ too many in this address. {wanted}")
        if not str(given.get("port", "5432")).replace(",", "").isdigit():
            raise Refusal("store.url", f"The port in this address is no number. {wanted}")
        return Address(
            {
                "connect_timeout": SILENT_S_MAX,
                "keepalives_idle": SILENT_S_MAX,
                "keepalives_interval": 3,
                "keepalives_count": 3,
                "tcp_user_timeout": SILENT_S_MAX * 1000,
                "application_name": "dreamweave",
                **given,
                "client_encoding": "UTF8",
            }
        )

    def __str__(self) -> str:
        """For people, once a link was made: before, a host may be half of a password."""
        host = self.parameters.get("host") or "this machine"
        return f"the database {self.parameters.get('dbname') or 'of its user'} on {host}"

    def connect(self) -> Connection:
        """A link in autocommit, or StoreBroken with a sentence."""
        try:
            link = psycopg.connect(**self.parameters, autocommit=True)
        except (psycopg.Error, UnicodeError) as no:  # no host is called a..b, says Python itself
            raise StoreLost(_why_not(str(no))) from None
        with closed_where_it_fails(link):
            _check(link)
        return link


@contextmanager
def closed_where_it_fails(link: Connection) -> Iterator[None]:
    """Within it a fresh link is made ready; where that fails it is closed, and the failure told."""
    try:
        yield
    except psycopg.Error as no:
        link.close()
        raise told(no) from None
    except BaseException:
        link.close()
        raise


def _why_not(said: str) -> str:
    hint = next((hint for part, hint in _HINTS if part in said), None)
    return (
        f"The database did not let us in. {hint or 'Is the server running, and the address right?'}"
    )


def _check(link: Connection) -> None:
    if link.info.server_version < VERSION_MIN * 10_000:
        raise StoreBroken(
            f"This PostgreSQL is version {link.info.server_version // 10_000}; {VERSION_MIN} or newer"
            " is needed."
        )
    if link.info.parameter_status("server_encoding") != "UTF8":
        raise StoreBroken(
            "The database is not in UTF-8. Make one that is:"
            " createdb --encoding=UTF8 --template=template0 NAME."
        )
    # A keeper, or a guide to more speed, may have turned it off for this user or database; we
    # say "kept" after COMMIT and mean it. What is stronger than "on" stays as it is.
    link.execute(
        "SELECT set_config('synchronous_commit', 'on', false)"
        " WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')"
    )


def told(no: psycopg.Error) -> StoreFull | StoreLost:
    """The store's word for an error of PostgreSQL's: its number and none of its words."""
    if no.sqlstate == DISK_FULL:
        return StoreFull("The disk of the database is full.")
    return StoreLost(
        f"The database failed (SQLSTATE {no.sqlstate})."
        if no.sqlstate
        else "The connection to the database was lost."
    )


@contextmanager
def in_our_words() -> Iterator[None]:
    """What the database raises inside is raised as the store's own."""
    try:
        yield
    except psycopg.Error as no:
        raise told(no) from None


class Readers:
    """A few links for reading, opened when they are first needed."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._idle: list[Connection] = []
        self._lock = Lock()
        self._places = Semaphore(N_READERS)
        self._open = True

    def read(self, query: Any, given: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """All rows of one SELECT.

        A link may have died while it lay idle (the server was restarted): a read
        changes nothing, so that it is asked once more over a new one.
        """
        for is_last in (False, True):
            with self._lent(fresh=is_last) as link:
                try:
                    return link.execute(query, given, binary=True).fetchall()
                except psycopg.Error as no:
                    if is_last or not link.closed:
                        raise told(no) from None
        raise AssertionError("unreachable")

    @contextmanager
    def lend(self) -> Iterator[Connection]:
        """A link that is alive, for what cannot simply be asked again."""
        with self._lent() as link:
            with suppress(psycopg.Error):
                link.execute("SELECT 1")
            if not link.closed:
                yield link
                return
        with self._lent(fresh=True) as link:
            yield link

    @contextmanager
    def _lent(self, *, fresh: bool = False) -> Iterator[Connection]:
        with self._places:
            link = self._taken(fresh)
            try:
                yield link
            finally:
                is_idle = link.info.transaction_status == TransactionStatus.IDLE
                with self._lock:
                    if self._open and is_idle:
                        self._idle.append(link)
                    else:
                        link.close()

    def _taken(self, fresh: bool) -> Connection:
        with self._lock:
            if not self._open:
                raise StoreBroken("The store is closed.")
            if fresh:
                self._drop()
            elif self._idle:
                return self._idle.pop()
        return self._address.connect()

    def _drop(self) -> None:
        for link in self._idle:
            with suppress(psycopg.Error):
                link.close()
        self._idle.clear()

    def close(self) -> None:
        with self._lock:
            self._open = False
            self._drop()
