"""The keyring: the root key and the keys of the epochs, in a folder apart from the data.

Looks after who may read the folder, that one process at a time has it, and
that an epoch's key is there or destroyed and nothing between. Which epoch
counts is the store's to say; what the keys open is `tree`'s. The folder
holds nobody's words.

    root.key             the root key, or passphrase.json: how one is made of a passphrase
    epoch-00000007.key   the key of epoch 7, sealed by the root key
    spare                room on the disk for the next one: forgetting works on a full disk
    lock                 held by the process that has the folder
    first-run            there while a new node is being made and not yet kept
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from dreamweave.model.refusals import Refusal
from dreamweave.vault.boxes import BOX_BYTES, KEY_BYTES, NONCE_BYTES, Lock, Shut, place
from dreamweave.vault.disk import (
    ASIDE,
    Disk,
    is_mine,
    is_private,
    lies_in,
    make_folder,
    make_private,
)
from dreamweave.vault.locking import FileLock, Locked
from dreamweave.vault.passphrases import SALT_BYTES, check_passphrase, new_recipe, root_of

ROOT, RECIPE, SPARE, LOCK, FIRST_RUN = "root.key", "passphrase.json", "spare", "lock", "first-run"
ROOT_HEAD = b"dreamweave root key 1\n"
_EPOCH = re.compile(r"epoch-(\d{8,})\.key")


class Keyring:
    """An open keys folder. `close` lets another process have it."""

    def __init__(
        self,
        folder: Path,
        *,
        rng: Callable[[int], bytes] = os.urandom,
        disk: Disk | None = None,
        lock: FileLock | None = None,
    ) -> None:
        self.folder = folder
        self.mended: list[str] = []
        self._rng = rng
        self._disk = disk or Disk()
        self._lock = lock
        self._root: Lock | None = None

    # -------------------------------------------------------------- the root key

    def has_root(self) -> bool:
        return (self.folder / ROOT).exists() or (self.folder / RECIPE).exists()

    def is_unfinished(self) -> bool:
        """Whether these keys were being made when the first run was cut."""
        return (self.folder / FIRST_RUN).exists()

    def begin(self, passphrase: str | None) -> None:
        """Make the root key of a new node. Until `begun`, a cut leaves keys that lock nothing yet."""
        self._disk.write_new(self.folder / FIRST_RUN, b"")
        if passphrase is None:
            root = self._rng(KEY_BYTES)
            self._disk.write_new(self.folder / ROOT, ROOT_HEAD + root.hex().encode() + b"\n")
        else:
            check_passphrase(passphrase)
            recipe = new_recipe(self._rng(SALT_BYTES))
            root = root_of(passphrase, recipe)
            self._disk.write_new(self.folder / RECIPE, recipe)
        self._root = Lock(root)

    def begun(self) -> None:
        """The store has kept what a new node needs."""
        with suppress(FileNotFoundError):
            self._disk.unlink(self.folder / FIRST_RUN)
            self._disk.sync_folder(self.folder)

    def start_over(self) -> None:
        """Take away what an interrupted first run left; it locked nothing that was kept."""
        for path in self.folder.iterdir():
            if path.name in (ROOT, RECIPE, SPARE) or _EPOCH.fullmatch(path.name):
                self._disk.destroy(path)
        # The marker goes last, or a cut here would leave keys that look like a real node's.
        self.begun()

    def open_root(self, passphrase: str | None) -> None:
        """Read or make the root key of a node that is there."""
        if (self.folder / RECIPE).exists():
            if passphrase is None:
                raise Refusal(
                    "keys.passphrase",
                    "The keys of this node are locked with a passphrase. Give it to start the node.",
                )
            self._root = Lock(root_of(passphrase, (self.folder / RECIPE).read_bytes()))
            return
        if passphrase is not None:
            raise Refusal(
                "keys.no_passphrase",
                "The keys of this node were made without a passphrase. Start it without one.",
            )
        text = (self.folder / ROOT).read_bytes()
        head, root = text[: len(ROOT_HEAD)], text[len(ROOT_HEAD) :].strip()
        if head != ROOT_HEAD or not re.fullmatch(rb"[0-9a-f]{64}", root):
            raise Refusal(
                "keys.root",
                f"{self.folder / ROOT} is damaged. Put the file back from where you keep a copy, or"
                " restore from a back-up (dreamweave restore).",
            )
        self._root = Lock(bytes.fromhex(root.decode()))

    # -------------------------------------------------------------- the epochs' keys

    def epochs(self) -> list[int]:
        """Every epoch whose key is here, in ascending order."""
        found = (_EPOCH.fullmatch(path.name) for path in self.folder.iterdir())
        return sorted(int(match[1]) for match in found if match)

    def read_epoch(self, epoch: int) -> bytes:
        """The key of `epoch`. Raises Shut when the root key does not open it, FileNotFoundError."""
        box = self._file_of(epoch).read_bytes()
        return self._rooted().open(box, place("epochs", str(epoch), "", "epoch-key"))

    def write_epoch(self, epoch: int, key: bytes) -> None:
        """Put the key of `epoch` on the disk, by way of the spare where there is one."""
        box = self._rooted().shut(
            self._rng(NONCE_BYTES), key, place("epochs", str(epoch), "", "epoch-key")
        )
        spare, path = self.folder / SPARE, self._file_of(epoch)
        try:
            self._disk.overwrite(spare, box)
        except FileNotFoundError:
            self._disk.write_new(path, box)
            return
        self._disk.rename(spare, path)
        self._disk.sync_folder(self.folder)

    def destroy_epoch(self, epoch: int) -> None:
        """Destroy the key of `epoch`: all that only it locked is unreadable from here on."""
        self._disk.destroy(self._file_of(epoch))

    def lay_by(self) -> None:
        """Keep room on the disk for the next key. A disk too full even for that is not ours to say."""
        with suppress(OSError):
            if not (self.folder / SPARE).exists():
                self._disk.write_new(self.folder / SPARE, bytes(BOX_BYTES + KEY_BYTES))

    def sweep(self) -> None:
        """Destroy what a cut left half-written. Kept epochs are looked through by `opening`."""
        for path in self.folder.iterdir():
            if path.name.endswith(ASIDE):
                self._disk.destroy(path)
        spare = self.folder / SPARE
        # A key may have been written into the spare before the cut came between it and its name.
        if spare.exists() and spare.read_bytes().strip(b"\0"):
            self._disk.destroy(spare)

    def close(self) -> None:
        if self._lock is not None:
            self._lock.close()

    def _file_of(self, epoch: int) -> Path:
        return self.folder / f"epoch-{epoch:08d}.key"

    def _rooted(self) -> Lock:
        if self._root is None:
            raise ValueError("the root key has not been opened")
        return self._root


def open_keyring(
    folder: Path,
    *,
    data_dir: Path | None,
    rng: Callable[[int], bytes] = os.urandom,
    disk: Disk | None = None,
) -> Keyring:
    """The keys folder, made where it is missing, for this process alone.

    Args:
        data_dir: where the data lies, or None where it lies on another machine.

    Raises:
        Refusal: it lies with the data, is somebody else's, or another process has it.
    """
    if data_dir is not None and (lies_in(folder, data_dir) or lies_in(data_dir, folder)):
        raise Refusal(
            "keys.inside",
            f"The keys folder {folder} lies with the data ({data_dir}). Whoever copies one would"
            " have both, so it has to lie elsewhere: name another with --keys.",
        )
    try:
        make_folder(folder)
        # Locked first: another process's files come and go while they are looked at.
        ring = Keyring(folder, rng=rng, disk=disk, lock=FileLock(folder / LOCK))
    except Locked:
        raise Refusal(
            "keys.busy",
            f"Another dreamweave has the keys folder {folder} open. Stop that one first.",
        ) from None
    except OSError as no:
        raise _unusable(folder, no) from None
    try:
        ring.mended += _mend(folder)
    except BaseException as no:
        ring.close()
        if isinstance(no, OSError):
            raise _unusable(folder, no) from None
        raise
    return ring


def _unusable(folder: Path, no: OSError) -> Refusal:
    return Refusal(
        "keys.folder",
        f"The keys folder {folder} cannot be used ({(no.strerror or 'no reason given').lower()})."
        " Give the node a folder of its own, or name another with --keys.",
    )


def is_free(folder: Path) -> bool:
    """Whether no process has the keys folder open."""
    try:
        FileLock(folder / LOCK).close()
    except Locked:
        return False
    return True


def begin_restored(folder: Path, epoch: int, key: bytes, passphrase: str | None) -> None:
    """A new keys folder for restored data: a root key of its own, and the epoch's key of before."""
    make_folder(folder)
    ring = Keyring(folder)
    ring.begin(passphrase)
    ring.write_epoch(epoch, key)
    ring.begun()


def _mend(folder: Path) -> list[str]:
    """Leave folder and files to their owner alone; sentences about what was not so."""
    said = []
    for path in (folder, *sorted(folder.iterdir())):
        if not is_mine(path):
            raise Refusal(
                "keys.owner",
                f"{path} belongs to somebody else. Keys may only be in the hands of who runs the"
                " node: change its owner (chown), or name another keys folder with --keys.",
            )
        if not is_private(path):
            make_private(path)
            if not is_private(path):
                raise Refusal(
                    "keys.open",
                    f"Others can read {path}, and this disk does not let us change that. Put the"
                    " keys folder on a disk that knows owners, and name it with --keys.",
                )
            said.append(
                f"Others could read {path}; now only its owner can. If somebody else uses this"
                " machine, think of these keys as seen by them."
            )
    return said


__all__ = ["Keyring", "Shut", "open_keyring"]
