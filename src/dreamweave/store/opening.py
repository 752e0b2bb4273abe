"""Opening: which of the stores an address names.

A `postgresql://` URL is a database, anything else a data folder. An unfinished
copy is opened by nobody but whoever copies. What the stores do is their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dreamweave.model.refusals import Refusal
from dreamweave.store.copying import refuse_unfinished
from dreamweave.store.folder import DATABASE
from dreamweave.store.moving import Movable

if TYPE_CHECKING:
    from dreamweave.store.postgres_link import Address

SCHEMES = ("postgresql://", "postgres://")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store is. Shown to people (`str`) without user or password."""

    folder: Path | None = None
    database: Address | None = field(default=None, repr=False)

    @staticmethod
    def of(address: str) -> Place:
        """Raises Refusal where `address` cannot be one, without quoting any of it."""
        if address.startswith(SCHEMES):
            return Place(database=_address_of(address))
        if not address.strip():
            raise Refusal("store.place", "A place is a data folder or postgresql://USER@HOST/NAME.")
        # A misspelled scheme is no folder, and what stands behind it may be a password.
        if "://" in address:
            raise Refusal(
                "store.place",
                "This is neither a folder nor a database: the address of a database begins with"
                " postgresql://.",
            )
        return Place(folder=Path(address).expanduser())

    def __str__(self) -> str:
        return f"the folder {self.folder}" if self.database is None else f"{self.database}"

    def is_same(self, other: Place) -> bool:
        """Whether both are spelled for one place. One that is spelled otherwise is not noticed."""
        if self.folder is not None and other.folder is not None:
            return self.folder.resolve() == other.folder.resolve()
        return self == other

    def open(
        self,
        *,
        alone: bool = False,
        must_exist: bool = False,
        ballast_bytes: int | None = None,
        room_min_bytes: int | None = None,
    ) -> Movable:
        """The store there.

        Args:
            alone: for copying: nobody else may be in, and an unfinished copy may be opened.
            must_exist: refuse a folder without a node in it instead of making one.
            ballast_bytes: of the embedded store; None for its default, as with the next.
            room_min_bytes: of the embedded store.
        """
        if self.folder is not None and must_exist and not (self.folder / DATABASE).is_file():
            raise Refusal(
                "store.nothing",
                f"There is no node in {self.folder}: it has no {DATABASE}. Name its data folder.",
            )
        store = self._opened(alone, ballast_bytes, room_min_bytes)
        try:
            if not alone:
                refuse_unfinished(store)
        except BaseException:
            store.close()
            raise
        return store

    def _opened(
        self, alone: bool, ballast_bytes: int | None, room_min_bytes: int | None
    ) -> Movable:
        if self.database is not None:
            from dreamweave.store.postgres import PostgresStore

            return PostgresStore(self.database, alone=alone)
        if self.folder is None:
            raise ValueError("a place is a folder or a database")
        from dreamweave.store.sqlite import BALLAST_BYTES, ROOM_MIN_BYTES, SqliteStore

        # The folder's own lock lets nobody else in, whoever wants to be alone.
        return SqliteStore(
            self.folder,
            ballast_bytes=BALLAST_BYTES if ballast_bytes is None else ballast_bytes,
            room_min_bytes=ROOM_MIN_BYTES if room_min_bytes is None else room_min_bytes,
        )


def _address_of(url: str) -> Address:
    try:
        from dreamweave.store.postgres_link import Address
    except ImportError:
        raise Refusal(
            "store.driver",
            "PostgreSQL needs one more package: pip install 'dreamweave[postgres]'. Then try again.",
        ) from None
    return Address.of(url)
