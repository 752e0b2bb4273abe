"""The house: settings in, a running node out. The only file that knows every room.

Opens the store and the vault, lays the ground, and keeps a thread that ends
what has run its time. Serving it over HTTP is `cli.serve`'s and `web`'s.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

from dreamweave.app.actors import Actor
from dreamweave.app.ground import Ground, ground
from dreamweave.app.sweeping import Sweeper
from dreamweave.model.keeping import Store, StoreBroken, StoreFull, StoreNewer
from dreamweave.model.refusals import Refusal
from dreamweave.settings import Settings
from dreamweave.store.opening import Place
from dreamweave.vault import NodeVault, open_vault

SWEEP_S = 30.0
PASSPHRASE_BYTES_MAX = 4_096


class House:
    """A node at work. `close` it, and wait for nobody."""

    def __init__(
        self, settings: Settings, store: Store, vault: NodeVault, ground: Ground, sessions: Any
    ) -> None:
        self.settings = settings
        self.store = store
        self.vault = vault
        self.ground = ground
        self.sessions = sessions
        # Called once when the disk failed: the node stops, and whoever watches it starts it again.
        self.on_broken: Callable[[], None] = lambda: None
        self.broken = False
        # What went wrong while sweeping, by type only; tried again at the next turn.
        self.on_trouble: Callable[[BaseException], None] = lambda _: None
        self._stop = Event()
        self._closing = Lock()
        self._thread: Thread | None = None

    def broke(self) -> None:
        """The store is read-only from now on. Tells the server, once."""
        if not self.broken:
            self.broken = True
            self.on_broken()

    def start_sweeping(self, every_s: float = SWEEP_S) -> None:
        """Begin to end what is due, in a thread of its own."""
        sweeper = Sweeper(self.ground)
        sweep_sessions = getattr(self.sessions, "sweep", None)

        def work() -> None:
            while not self._stop.is_set():
                try:
                    sweeper.sweep()
                    if sweep_sessions is not None:
                        sweep_sessions()
                except StoreBroken:
                    self.broke()
                    return
                except (Refusal, StoreFull, OSError):
                    pass  # the disk is full or busy: at the next turn
                except Exception as trouble:
                    self.on_trouble(trouble)
                self._stop.wait(every_s)

        self._thread = Thread(target=work, name="sweeping", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop sweeping, then let go of the keys and the store. Twice is once."""
        with self._closing:
            if self._stop.is_set():
                return
            self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        with contextlib.suppress(StoreBroken):
            self.store.close()
        self.vault.close()


def open_house(
    settings: Settings,
    *,
    now_ms: Callable[[], int] | None = None,
) -> House:
    """Open the node that `settings` name; the first run makes it.

    Raises:
        Refusal: a folder cannot be written, another process has it, keys are
            missing or belong to other data.
    """
    place = Place.of(settings.store) if settings.store else Place(folder=settings.data_dir)
    passphrase = _passphrase(settings.passphrase_file)
    try:
        store = place.open()
    except StoreNewer as no:
        raise Refusal("store.newer", f"{no} Install that version or a later one.") from None
    except (StoreFull, StoreBroken) as no:
        raise Refusal(
            "store.shut", f"What is kept cannot be opened ({no}). See to the disk or the database."
        ) from None
    except PermissionError:
        raise Refusal(
            "store.folder",
            f"The data folder {settings.data_dir} cannot be written. Name one of yours with --data,"
            " or give this user the right to write there.",
        ) from None
    try:
        vault = _vault(store, settings, passphrase, in_folder=place.folder is not None)
    except BaseException:
        store.close()
        raise
    laid = ground(store, vault, now_ms=now_ms or _wall_ms, limits=settings.limits())
    return House(settings, store, vault, laid, _sessions(laid))


def _vault(
    store: Store, settings: Settings, passphrase: str | None, *, in_folder: bool
) -> NodeVault:
    try:
        return open_vault(
            store,
            settings.keys_dir,
            data_dir=settings.data_dir if in_folder else None,
            passphrase=passphrase,
        )
    except PermissionError:
        raise Refusal(
            "keys.folder",
            f"The keys folder {settings.keys_dir} cannot be written. Name one of yours with --keys,"
            " or give this user the right to write there.",
        ) from None


def _sessions(laid: Ground) -> Any:
    # Until sessions are there (`app.sessions`), nobody is signed in.
    if find_spec("dreamweave.app.sessions") is None:
        return Nobody()
    return import_module("dreamweave.app.sessions").Sessions(laid)


class Nobody:
    """Sessions of a node that has none."""

    def actor_of_token(self, token: str) -> Actor | None:
        return None


def _passphrase(path: str) -> str | None:
    if not path:
        return None
    try:
        with Path(path).expanduser().open("rb") as file:
            held = file.read(PASSPHRASE_BYTES_MAX).decode("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise Refusal(
            "settings.passphrase",
            "The file that passphrase_file names cannot be read. See that it is there and yours.",
        ) from None
    return held


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
