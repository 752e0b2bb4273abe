"""The house: settings in, a running node out. The only file that knows every room.

Opens the store and the vault, lays the ground, and keeps a thread that ends
what has run its time. Serving it over HTTP is `cli.serve`'s and `web`'s.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

from dreamweave import __version__
from dreamweave.app.backing_up import BackingUp
from dreamweave.app.closing_gathering import Closing
from dreamweave.app.gathering_clock import GatheringClock
from dreamweave.app.ground import Ground, ground
from dreamweave.app.live_loom import LiveLoom
from dreamweave.app.people import People, open_people
from dreamweave.app.playing import Play
from dreamweave.app.rooms import Rooms
from dreamweave.app.standing import Standing, standing
from dreamweave.app.sweeping import Sweeper
from dreamweave.model.keeping import Store, StoreBroken, StoreFull, StoreLost, StoreNewer
from dreamweave.model.refusals import Refusal
from dreamweave.model.wire import plain
from dreamweave.settings import Settings
from dreamweave.store.opening import Place
from dreamweave.vault import NodeVault, open_vault
from dreamweave.vault.asking import Desk
from dreamweave.vault.backups import BackUps

SWEEP_S = 30.0
# How often the node looks whether somebody at this machine asked for a back-up, and whether
# one is due by itself.
DESK_S = 1.0
DUE_S = 600.0
PASSPHRASE_BYTES_MAX = 4_096


class House:
    """A node at work. `close` it, and wait for nobody."""

    def __init__(
        self, settings: Settings, store: Store, vault: NodeVault, ground: Ground, people: People
    ) -> None:
        self.settings = settings
        self.store = store
        self.vault = vault
        self.ground = ground
        self.people = people
        self.sessions = people.sessions
        # Called once when the disk failed: the node stops, and whoever watches it starts it again.
        self.on_broken: Callable[[], None] = lambda: None
        self.broken = False
        # What went wrong in a thread of the house, by type only; tried again at the next turn.
        self.on_trouble: Callable[[BaseException], None] = lambda _: None
        self._stop = Event()
        self._closing = Lock()
        self._threads: list[Thread] = []
        self.rooms = Rooms(ground, LiveLoom(), on_trouble=self._troubled)
        self.closing = Closing(ground, self.rooms, on_trouble=self._troubled)
        self.clock = GatheringClock(ground, on_trouble=self._troubled)
        # On a node that is a demonstration; set by whoever begins one.
        self.play: Play | None = None
        files = BackUps(store, vault, data_dir=None if settings.store else settings.data_dir)
        self.backing_up = BackingUp(store, files, ground.now_ms)
        # Before anybody is told that they are forgotten, no key back-up knows their keys.
        vault.on_forgetting(self.backing_up.refresh_keys)
        self.backing_up.catch_up()

    def broke(self) -> None:
        """The store is read-only from now on. Tells the server, once."""
        if not self.broken:
            self.broken = True
            self.on_broken()

    def standing(self) -> Standing:
        """How the node stands, for its keeper."""
        last = self.backing_up.last()
        return standing(
            self.ground,
            version=__version__,
            last_backup_ms=last.at_ms if last else None,
            warning=self.backing_up.warning(),
        )

    def start_sweeping(self, every_s: float = SWEEP_S) -> None:
        """Begin to end what is due, and to weave what a stop cut short, in threads of their own."""
        sweeper = Sweeper(self.ground)

        def work() -> None:
            while not self._stop.is_set():
                try:
                    sweeper.sweep()
                    self.people.sweep()
                except (Refusal, StoreFull, StoreLost, OSError):
                    pass  # the disk is full or busy, or the database away: at the next turn
                except StoreBroken:
                    self.broke()
                    return
                except Exception as trouble:
                    self.on_trouble(trouble)
                self._stop.wait(every_s)

        self._start(work, "sweeping")
        self._start(self._back_up, "backing up")
        self.closing.begin()
        self.clock.begin()

    def _troubled(self, trouble: BaseException) -> None:
        """Something went wrong with a gathering."""
        if isinstance(trouble, (Refusal, StoreFull, StoreLost, OSError)):
            return  # the disk is full or busy, or the database away: tried again
        if isinstance(trouble, StoreBroken):
            self.broke()
        else:
            self.on_trouble(trouble)

    def _start(self, work: Callable[[], None], name: str) -> None:
        thread = Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _back_up(self) -> None:
        """Back up when asked at this machine, and once a day where places are known."""
        desk = Desk(self.settings.keys_dir)
        due_s = time.monotonic()
        while not self._stop.wait(DESK_S):
            try:
                desk.attend(self._asked)
                self.vault.scrub_if_due()
                if time.monotonic() >= due_s:
                    due_s = time.monotonic() + DUE_S
                    self.backing_up.back_up_if_due(progress=self._unless_stopped)
            except (Refusal, StoreFull, StoreLost, OSError):
                pass  # a warning stands for the keeper
            except StoreBroken:
                self.broke()
                return
            except Exception as trouble:
                self.on_trouble(trouble)

    def _asked(self, said: dict[str, Any]) -> dict[str, Any]:
        """What a command on this machine wants: how the node stands, or a back-up."""
        if said.get("what") == "standing":
            return {"standing": plain(self.standing())}
        return self.backing_up.perform(said, self._unless_stopped)

    def _unless_stopped(self, step: str, done: int, of: int) -> None:
        if self._stop.is_set():
            raise Refusal("backup.stopped", "The node is stopping. Back up again when it is back.")

    def close(self) -> None:
        """Stop sweeping, then let go of the keys and the store. Twice is once."""
        with self._closing:
            if self._stop.is_set():
                return
            self._stop.set()
        self.clock.close()
        self.closing.close()
        self.rooms.close()
        for thread in self._threads:
            thread.join(timeout=5)
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
    passphrase = read_passphrase(settings.passphrase_file)
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
    return House(settings, store, vault, laid, _people(laid, settings))


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


def _people(laid: Ground, settings: Settings) -> People:
    # Without an address of its own, a node is at home on this machine alone.
    return open_people(laid, address=settings.address or f"http://localhost:{settings.port}")


def read_passphrase(path: str) -> str | None:
    """The passphrase in the file `path`; None where no file is named."""
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
