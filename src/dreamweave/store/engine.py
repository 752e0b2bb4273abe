"""The engine: SQLite connections set as this house needs them, and what its errors mean.

Nothing of what is kept is known here, and no file is made. Every number that
trades safety for speed stands in `Tuning`, where a test can turn one defence
off and see the harm it keeps away.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path

import apsw

from dreamweave.model.keeping import StoreBroken
from dreamweave.model.refusals import Refusal

# "DrWv": how `file` and a later dreamweave know the database for ours.
APPLICATION_ID = 0x44725776

# How long a connection waits for another one's lock before it says busy.
BUSY_MS = 5_000


@dataclass(frozen=True, slots=True)
class Tuning:
    """How the engine is set.

    `synchronous` FULL syncs the log at every commit; less loses acknowledged
    writings when the power fails. `secure_delete` writes zeros over what is
    dropped. `washed` clears the idle part of pages as well (see `washing`).
    `vfs` names the disk to use; "" is the real one.
    """

    synchronous: str = "FULL"
    secure_delete: str = "ON"
    washed: bool = True
    vfs: str = ""
    # The log is copied into the database when it has this many pages, and cut to nothing
    # when readers have let it grow past the other number. 4 KiB each.
    log_pages: int = 1_000
    log_pages_max: int = 4_000
    # One commit takes at most so many writings, gathered for at most so long.
    n_batch_max: int = 256
    gather_s: float = 0.005


def check_version(version: str = "") -> None:
    """Refuse an SQLite that can corrupt a database in WAL mode by itself.

    The WAL-reset bug is in 3.7.0 to 3.51.2 and was mended in 3.51.3, 3.50.7 and
    3.44.6. It needs two connections that write or checkpoint at once; we have
    one thread for both, and a keeper's own tools might be the second.
    """
    version = version or apsw.sqlite_lib_version()
    numbers = tuple(int(part) for part in version.split(".")[:3])
    mended = (
        numbers < (3, 7, 0)
        or numbers >= (3, 51, 3)
        or (3, 50, 7) <= numbers < (3, 51, 0)
        or (3, 44, 6) <= numbers < (3, 45, 0)
    )
    if not mended:
        raise Refusal(
            "store.sqlite",
            f"SQLite {version} can damage a database by itself (the WAL-reset bug). "
            "Install apsw 3.51.3 or newer, which brings its own SQLite.",
        )


def connect(path: Path, tuning: Tuning, *, writes: bool, vfs: str = "") -> apsw.Connection:
    """A connection to the existing database at `path`.

    Closing it copies nothing and syncs nothing: after a failed sync another one
    may claim that all is well when it is not, so the writer alone decides.
    """
    flags = apsw.SQLITE_OPEN_READWRITE if writes else apsw.SQLITE_OPEN_READONLY
    db = apsw.Connection(str(path), flags=flags, vfs=vfs or tuning.vfs or None)
    try:
        db.set_busy_timeout(BUSY_MS)
        db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        db.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
        db.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        db.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
        db.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)
        db.pragma("trusted_schema", False)
        db.pragma("temp_store", "MEMORY")  # nothing of a node is sorted in a stranger's folder
        db.pragma("cell_size_check", True)
        if writes:
            _set_for_writing(db, tuning)
        else:
            db.pragma("query_only", True)
    except BaseException:
        db.close(True)
        raise
    return db


def _set_for_writing(db: apsw.Connection, tuning: Tuning) -> None:
    db.pragma("synchronous", tuning.synchronous)
    db.pragma("fullfsync", True)  # where a sync is only a wish otherwise (macOS)
    db.pragma("checkpoint_fullfsync", True)
    db.pragma("foreign_keys", True)
    db.pragma("secure_delete", tuning.secure_delete)
    db.pragma("journal_size_limit", tuning.log_pages_max * 4096)
    # SQLite's own checkpoint after a commit (sqlite3WalDefaultHook) throws its result away, a failed
    # sync included, and tries again at the next one. The writer makes them itself and hears of it.
    db.wal_autocheckpoint(0)


# What a disk says when there is no room: none at all, none for this user, none in one file.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def is_full(error: BaseException, system_errno: int = 0) -> bool:
    """Whether `error` says that there is no room, which harms nothing that is kept.

    SQLite calls a spent quota an I/O error, and so it does when the shared index
    of the log cannot grow; `system_errno` (the connection's) tells. A failed
    sync is never taken for this.
    """
    if isinstance(error, apsw.FullError):
        return True
    if isinstance(error, apsw.IOError):
        code = getattr(error, "extendedresult", 0)
        return code == apsw.SQLITE_IOERR_SHMSIZE or (
            code == apsw.SQLITE_IOERR_WRITE and system_errno in NO_ROOM
        )
    return isinstance(error, OSError) and error.errno in NO_ROOM


def broken_by(error: BaseException) -> StoreBroken:
    """`error` as what a caller hears: which kind it was, and nobody's words."""
    kind = type(error).__name__
    if isinstance(error, apsw.Error):
        code = getattr(error, "extendedresult", 0)
        name = apsw.mapping_extended_result_codes.get(code) or apsw.mapping_result_codes.get(code)
        kind = str(name or kind)
    return StoreBroken(
        f"The disk or the database failed ({kind}). Nothing more is kept until the node is "
        "restarted; what was under way may or may not be there then."
    )
