"""Identities: to whom back-ups are locked (a recipient), and what opens them (an identity).

An age X25519 pair. The node holds the recipient only; the identity is written
once, to a file that its keeper takes off this machine. Only a restore reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pyrage

from dreamweave.model.refusals import Refusal
from dreamweave.vault.disk import Disk

_HEAD = (
    "# This opens every back-up of your node. Take the file off this machine now, and keep it\n"
    "# where neither the data back-ups nor the key back-ups are: a stick in a drawer, a print.\n"
    "# Without it no back-up can be read by anybody, you included.\n"
)
_IDENTITY = re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]+")
FILE_BYTES_MAX = 64 << 10


def check_recipient(recipient: str) -> str:
    """`recipient` if it is one; refuses otherwise."""
    if recipient.strip().upper().startswith("AGE-SECRET-KEY"):
        raise Refusal(
            "backup.recipient.secret",
            "That is the identity, which opens back-ups. The node only needs the recipient, which"
            " begins with age1, and the identity has to stay off this machine.",
        )
    try:
        pyrage.x25519.Recipient.from_str(recipient.strip())
    except pyrage.RecipientError:
        raise Refusal(
            "backup.recipient",
            "A recipient begins with age1 and is copied whole; age-keygen or --new-recipient FILE"
            " makes one.",
        ) from None
    return recipient.strip()


def new_identity(path: Path, disk: Disk | None = None) -> str:
    """Write a new identity to `path`, which must not be there; its recipient."""
    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    text = f"{_HEAD}# recipient: {recipient}\n{identity}\n"
    try:
        if path.exists():
            raise FileExistsError
        (disk or Disk()).write_new(path, text.encode())
    except FileExistsError:
        raise Refusal(
            "backup.identity.there",
            f"{path} is there already, and an identity is never written over. Name another file.",
        ) from None
    except OSError as no:
        raise Refusal(
            "backup.identity.write",
            f"{path} could not be written ({(no.strerror or 'no reason given').lower()}). Name a"
            " file in a folder that you may write to.",
        ) from None
    return recipient


def read_identities(path: Path) -> list[Any]:
    """The identities in a file, as age-keygen and we write it."""
    try:
        with path.open("rb") as file:
            text = file.read(FILE_BYTES_MAX).decode("utf-8", "replace")
    except OSError as no:
        raise Refusal(
            "restore.identity",
            f"{path} cannot be read ({(no.strerror or 'no reason given').lower()}). Name the file"
            " with the identity: --identity FILE.",
        ) from None
    found = []
    for line in text.splitlines():
        if _IDENTITY.fullmatch(line.strip()):
            try:
                found.append(pyrage.x25519.Identity.from_str(line.strip()))
            except pyrage.IdentityError:
                continue
    if not found:
        raise Refusal(
            "restore.identity",
            f"{path} holds no identity. It is a line that begins with AGE-SECRET-KEY-1, in the file"
            " that was made with the recipient.",
        )
    return found


def lock_to(recipient: str, chunks: Callable[[int], bytes], into: IO[bytes]) -> None:
    """Encrypt what `chunks` (a `read`) gives, to `recipient`, into a file."""
    to = [pyrage.x25519.Recipient.from_str(check_recipient(recipient))]
    between = _Between(chunks, into.write)
    try:
        pyrage.encrypt_io(between, between, to)
    except Exception:
        if between.error is not None:
            raise between.error from None
        raise


def unlock(identities: list[Any], from_: IO[bytes], sink: Callable[[bytes], object]) -> None:
    """Decrypt a file, piece by piece, each piece checked before `sink` has it.

    Raises:
        Refusal: it is locked to somebody else, damaged, or no back-up.
    """
    between = _Between(from_.read, sink)
    try:
        pyrage.decrypt_io(between, between, identities)
    except Exception as no:
        if between.error is not None:
            raise between.error from None
        if not isinstance(no, pyrage.DecryptError):
            raise
        if "matching" in str(no):
            raise Refusal(
                "restore.other_identity",
                "This identity does not open that back-up: it was locked to another recipient. Use"
                " the identity that was made together with the recipient.",
            ) from None
        raise damaged() from None


def damaged() -> Refusal:
    """What is said of a file that is not a whole back-up."""
    return Refusal(
        "restore.damaged",
        "That file is no back-up, or it is damaged, or its end is missing. Use another one, from the"
        " same place or from an earlier day.",
    )


class _Between:
    """Reads and writes on age's behalf, and keeps what went wrong: age itself only says that."""

    def __init__(self, read: Callable[[int], bytes], write: Callable[[bytes], object]) -> None:
        self._read, self._write = read, write
        self.error: BaseException | None = None

    def read(self, n: int = -1) -> bytes:
        try:
            return self._read(n)
        except BaseException as no:
            self.error = no
            raise

    def write(self, data: bytes) -> int:
        try:
            self._write(data)
        except BaseException as no:
            self.error = no
            raise
        return len(data)

    def flush(self) -> None:
        pass
