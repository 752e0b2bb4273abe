"""Output: one folder, written aside and renamed into place, or nothing at all.

Whatever happens on the way (a full disk, a power cut, Ctrl-C), the folder that
was asked for holds either everything of one weaving or what it held before.
Private files are readable by their owner only. What the files mean is not
known here, beyond how to recognise a folder of ours.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from dreamweave.model.refusals import Refusal

# Every name that weaving ever writes. A folder that holds anything else is
# somebody's own and is never replaced.
OURS = frozenset(
    {
        "dreamscape.html",
        "weave.json",
        "certificate.json",
        "certificate.public.json",
        "text.md",
        "cloth.svg",
        "cloth.png",
        "poster.pdf",
        "keys.csv",
        "verify_weave.py",
    }
)
# What systems and people leave beside files without meaning to keep it.
_LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", "__pycache__"})
_MARK = b'"schema":"dreamweave/weave/'
# Receipts are made from a folder and put into it.
RECEIPT = re.compile(r"receipt[\w.-]*\.json")

# Most disks take names of 255 bytes, and the folder aside has a longer name than the folder.
NAME_BYTES_MAX = 200

PRIVATE_MODE = 0o600
SHARED_MODE = 0o644
FOLDER_MODE = 0o755


class Disk:
    """The few things that are done to a disk, each of which may fail. Tests hand in one that does."""

    def make_folder(self, path: Path) -> None:
        os.mkdir(path, 0o700)  # private until all of it is there

    def write_file(self, path: Path, data: bytes, mode: int) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with open(os.open(path, flags, mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def open_folder(self, path: Path) -> None:
        """Let others look into the folder, as they may into any other."""
        with suppress(OSError):  # a USB stick may know no modes
            os.chmod(path, FOLDER_MODE & ~_umask())

    def sync_folder(self, path: Path) -> None:
        if os.name != "posix":
            return
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        except OSError as no:
            if no.errno != errno.EINVAL:  # some file systems sync no folders
                raise
        finally:
            os.close(handle)

    def rename(self, old: Path, new: Path) -> None:
        os.rename(old, new)

    def remove(self, path: Path) -> None:
        # A folder that somebody made read-only is still to go: its words may be taken back.
        with suppress(OSError):
            os.chmod(path, 0o700)
        shutil.rmtree(path)


def check_place(out: Path, *, force: bool) -> None:
    """Refuse a place that nothing may be written to, before anything is woven.

    Raises:
        Refusal: a file or somebody's own folder is there, or one of ours and
            `force` is not given.
    """
    out = _absolute(out)
    if len(os.fsencode(out.name)) > NAME_BYTES_MAX:
        raise Refusal(
            "out.name", "The name of that folder is too long. Give a shorter one: --out DIR."
        )
    _mend(out, Disk())
    if out == Path.cwd():
        raise Refusal(
            "out.here",
            "The folder you are in cannot be the one that is written. Give a new one: --out DIR.",
        )
    try:
        is_there = out.exists()
        is_folder = out.is_dir() and not out.is_symlink()
    except OSError:
        raise Refusal(
            "out.parent",
            f"Nothing can be written in {out.parent}. Give a folder that you may write to: --out DIR.",
        ) from None
    if out.is_symlink() or (is_there and not is_folder):
        raise Refusal(
            "out.file", f"{out.name} is there already and is no folder. Give another: --out DIR."
        )
    if not is_there:
        _check_parent(out.parent)
        return
    try:
        names = {entry.name for entry in out.iterdir()}
    except OSError:
        raise Refusal(
            "out.unreadable", f"The folder {out.name} cannot be read, so it stays as it is."
        ) from None
    if not names - _LITTER:
        return
    if not is_ours(out):
        raise Refusal(
            "out.foreign",
            f"The folder {out.name or out} holds something that dreamweave did not write, so it stays as it is."
            " Give a new folder: --out DIR.",
        )
    if not force:
        raise Refusal(
            "out.ours",
            f"The folder {out.name} holds an earlier weaving. Add --force to replace it, or give"
            " another: --out DIR.",
        )


def is_ours(out: Path) -> bool:
    """Whether a folder holds a weaving, and nothing besides."""
    names = {entry.name for entry in out.iterdir()} - _LITTER
    if not all(name in OURS or RECEIPT.fullmatch(name) for name in names):
        return False
    try:
        return _MARK in (out / "weave.json").read_bytes()
    except OSError:
        return False


def write_folder(
    out: Path,
    files: Mapping[str, bytes],
    private: Collection[str],
    *,
    force: bool = False,
    disk: Disk | None = None,
) -> Path | None:
    """Write all of `files` into the folder `out`, or change nothing.

    Args:
        out: The folder; its parents are made.
        files: File name (no folders in it) to content.
        private: Names of the files that only their owner may read.
        force: Replace an earlier weaving of ours.

    Returns:
        Where the earlier folder still lies, if it could not be removed.

    Raises:
        Refusal: as `check_place`, and "out.full", "out.write" when the disk says no.
    """
    disk = disk or Disk()
    for name in files:
        if Path(name).name != name or name in ("", ".", ".."):
            raise ValueError(f"a file of the folder has a plain name, got {name!r}")
    check_place(out, force=force)
    out = _absolute(out)
    aside = out.parent / f".{out.name}.weaving-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        disk.make_folder(aside)
        for name in sorted(files):
            mode = PRIVATE_MODE if name in private else SHARED_MODE
            disk.write_file(aside / name, files[name], mode)
        disk.open_folder(aside)
        disk.sync_folder(aside)
        return _put_in_place(aside, out, disk)
    except OSError as no:
        _forget(aside, disk)
        raise _said(no, out) from None
    except BaseException:
        _forget(aside, disk)
        raise


def _put_in_place(aside: Path, out: Path, disk: Disk) -> Path | None:
    """Swap a finished folder in. Between the two renames a cut is mended by the next run.

    Returns where the folder of before still lies, if it could not be removed.
    """
    before: Path | None = None
    if out.exists():
        before = out.parent / f".{out.name}.before-{secrets.token_hex(4)}"
        disk.rename(out, before)
    try:
        disk.rename(aside, out)
    except BaseException:
        if before is not None:
            disk.rename(before, out)
        raise
    # From here on everything is in place: what fails now costs tidiness only.
    with suppress(OSError):
        disk.sync_folder(out.parent)
    if before is None:
        return None
    try:
        disk.remove(before)
    except OSError:
        return before
    return None


def _mend(out: Path, disk: Disk) -> None:
    """Set right what a power cut left: the old folder back, half-written ones gone."""
    parent = out.parent
    if not parent.is_dir():
        return
    with suppress(OSError):
        kept = sorted(parent.glob(f".{_plain(out.name)}.before-*"))
        if kept and not out.exists():
            disk.rename(kept.pop(), out)
        for old in kept:
            if is_ours(old):
                disk.remove(old)
    with suppress(OSError):
        for half in parent.glob(f".{_plain(out.name)}.weaving-*"):
            match = re.fullmatch(r".*\.weaving-(\d+)-[0-9a-f]{8}", half.name)
            if match and not _is_running(int(match[1])):
                disk.remove(half)


def _plain(name: str) -> str:
    """A name for a pattern in which its own signs mean nothing."""
    return re.sub(r"([*?\[\]])", r"[\1]", name)


def _is_running(pid: int) -> bool:
    if os.name != "posix":
        return True  # cannot be asked harmlessly there, so leave it alone
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _forget(aside: Path, disk: Disk) -> None:
    with suppress(Exception):
        if aside.exists():
            disk.remove(aside)


def _said(no: OSError, out: Path) -> Refusal:
    if no.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", -1)):
        return Refusal(
            "out.full",
            f"The disk is full, so {out.name} was not written and nothing was changed. Make room, or"
            " give a folder on another disk: --out DIR.",
        )
    why = (no.strerror or "no reason given").lower()
    return Refusal(
        "out.write",
        f"{out.name} could not be written ({why}), and nothing was changed. Give a folder that you"
        " may write to: --out DIR.",
    )


def _check_parent(parent: Path) -> None:
    while not parent.exists():  # what may not be looked into was refused before
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise Refusal(
            "out.parent",
            f"Nothing can be written in {parent}. Give a folder that you may write to: --out DIR.",
        )


def _absolute(out: Path) -> Path:
    try:
        return Path(os.path.abspath(out))
    except OSError:
        raise Refusal(
            "out.nowhere",
            "The folder you are in is there no more. Go to another one (cd), then try again.",
        ) from None


def _umask() -> int:
    # There is no way to ask without setting it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
