"""Cuts: the power goes at the n-th step that a vault takes, on its disk or in its store.

After the cut nothing reaches the disk any more, whatever the program still
tries. A torn cut leaves half of what the step would have written.
"""

from __future__ import annotations

from concurrent.futures import Future

from dreamweave.vault.disk import Disk


class Cut(BaseException):
    """The power is gone. No handler for ordinary errors may take it for one."""


class Cutter:
    """Counts steps and cuts at one of them; `steps` are those that were done."""

    def __init__(self, at: int | None = None, *, torn: bool = False) -> None:
        self.at, self.torn = at, torn
        self.steps: list[str] = []
        self.n = 0
        self.is_cut = False

    def step(self, name: str, act, half=lambda: None):
        if self.is_cut:
            raise Cut
        if self.at is not None and self.n == self.at:
            self.is_cut = True
            if self.torn:
                half()
            raise Cut
        self.n += 1
        self.steps.append(name)
        return act()


class CutDisk(Disk):
    def __init__(self, cutter: Cutter) -> None:
        self._cut = cutter

    def create(self, path, data):
        make = super().create
        self._cut.step(
            f"create {path.name}",
            lambda: make(path, data),
            half=lambda: make(path, data[: len(data) // 2]),
        )

    def overwrite(self, path, data):
        write = super().overwrite
        self._cut.step(
            f"overwrite {path.name}",
            lambda: write(path, data),
            half=lambda: write(path, data[: len(data) // 2]),
        )

    def append(self, path, data):
        write = super().append
        self._cut.step(
            f"append {path.name}",
            lambda: write(path, data),
            half=lambda: write(path, data[: len(data) // 2]),
        )

    def rename(self, old, new):
        name = super().rename
        self._cut.step(f"rename to {new.name}", lambda: name(old, new))

    def unlink(self, path):
        unlink = super().unlink
        self._cut.step(f"unlink {path.name}", lambda: unlink(path))

    def sync_folder(self, folder):
        sync = super().sync_folder
        self._cut.step("sync folder", lambda: sync(folder))


class CutStore:
    """A store that may be cut before a writing is kept, and after, before anybody hears of it."""

    def __init__(self, store, cutter: Cutter) -> None:
        self._store, self._cut = store, cutter

    def keep(self, writing):
        done: Future = Future()
        try:
            kept = self._cut.step("keep", lambda: self._store.keep(writing).result())
            self._cut.step("hear of it", lambda: None)
        except BaseException as no:
            done.set_exception(no)
        else:
            done.set_result(kept)
        return done

    def scrub(self):
        self._cut.step("scrub", self._store.scrub)

    def __getattr__(self, name):
        return getattr(self._store, name)
