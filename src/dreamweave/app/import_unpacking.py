"""Unpacking: what somebody brought, one file or an archive of many, as names and bytes.

Files people bring are bombs until read: entries are counted before the archive
is opened, and what unfolds is counted while it unfolds, whatever its header
promised. Nothing is written to a disk, no archive inside an archive is opened,
and what a file means is `import_reading`'s.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from dreamweave.model.refusals import Refusal

# Twenty years of daily notes with pictures.
N_ENTRIES_MAX = 20_000
# All that is unfolded of one archive, and one text in it.
BYTES_MAX = 256 << 20
TEXT_BYTES_MAX = 48 << 20
# A text file shrinks to a tenth, a table of one word to a fiftieth; a bomb to a thousandth.
RATIO_MAX = 200
_SMALL = 1 << 20  # below this a ratio tells nothing
_CHUNK = 256 << 10
_HEADER = b"PK\x01\x02"


@dataclass(slots=True)
class Bundle:
    """Files by name; a name is read when it is asked for, and counted."""

    names: tuple[str, ...]
    _whole: dict[str, bytes] = field(default_factory=dict, repr=False)
    _zip: zipfile.ZipFile | None = field(default=None, repr=False)
    _inside: dict[str, zipfile.ZipInfo] = field(default_factory=dict, repr=False)
    _n_read: int = 0

    def read(self, name: str, limit: int = TEXT_BYTES_MAX) -> bytes:
        """The bytes of a file. Raises Refusal past the limits, or when it is broken."""
        if name in self._whole:
            return self._whole[name]
        info = self._inside[name]
        if info.flag_bits & 1:
            raise Refusal(
                "zip.locked", "This archive is locked with a password. Make it again without one."
            )
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refusal(
                "zip.kind",
                "This archive is packed in a way that is not read here. Make an ordinary ZIP.",
            )
        assert self._zip is not None
        parts: list[bytes] = []
        n = 0
        try:
            with self._zip.open(info) as file:
                while part := file.read(_CHUNK):
                    n += len(part)
                    self._n_read += len(part)
                    if n > limit or self._n_read > BYTES_MAX:
                        raise _too_much()
                    if n > _SMALL and n > RATIO_MAX * max(1, info.compress_size):
                        raise _too_much()
                    parts.append(part)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError):
            raise _broken() from None
        return b"".join(parts)

    def reread(self) -> None:
        """Count from the beginning: the same files are read once more."""
        self._n_read = 0


def unpack(name: str, data: bytes) -> Bundle:
    """A file, or everything in it where it is a ZIP archive."""
    if not data:
        raise Refusal("import.empty", "This file is empty. Choose the one that holds your journal.")
    if not data.startswith(b"PK\x03\x04"):
        return Bundle((name,), {name: data})
    # Counted in the bytes: opening an archive reads its whole list into memory first.
    if data.count(_HEADER) > N_ENTRIES_MAX:
        raise Refusal(
            "zip.entries",
            f"This archive holds more than {N_ENTRIES_MAX:,} files. Bring it in parts.",
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError):
        raise _broken() from None
    if any(i.filename == "[Content_Types].xml" for i in infos):
        raise Refusal(
            "zip.office",
            "This is an office document. Save its table as CSV, or its text as plain text.",
        )
    inside = {i.filename: i for i in infos if _is_wanted(i)}
    if sum(i.file_size for i in inside.values()) > 4 * BYTES_MAX:
        raise _too_much()
    return Bundle(tuple(sorted(inside)), {}, archive, inside)


def _is_wanted(info: zipfile.ZipInfo) -> bool:
    """Neither a folder nor what systems leave in archives by themselves."""
    parts = PurePosixPath(info.filename).parts
    if info.is_dir() or not parts:
        return False
    return not any(p.startswith(".") or p in ("__MACOSX", "node_modules") for p in parts)


def _too_much() -> Refusal:
    return Refusal(
        "zip.large",
        f"This archive unfolds to more than {BYTES_MAX >> 20} MB, or to far more than it could"
        " honestly hold. Bring it in parts.",
    )


def _broken() -> Refusal:
    return Refusal("zip.broken", "This archive is damaged or not all of it is here. Make it again.")
