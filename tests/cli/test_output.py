"""The folder is there whole, or as it was before, whatever breaks and whenever."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

import pytest
from woven_by_hand import PRIVATE, files_of

from dreamweave.cli.output import Disk, check_place, write_folder
from dreamweave.model.refusals import Refusal


class PowerCut(BaseException):
    """Nothing runs after this, not even tidying up."""


class FailingDisk(Disk):
    """A disk whose n-th operation fails, and after a power cut every later one too.

    Written files are cut in half on the way, as a full disk does.
    """

    def __init__(self, at: int, error: BaseException) -> None:
        self.left = at
        self.error = error
        self.failed = False

    def _step(self) -> None:
        if self.failed and isinstance(self.error, PowerCut):
            raise self.error
        self.left -= 1
        if self.left == 0:
            self.failed = True
            raise self.error

    def make_folder(self, path):
        self._step()
        super().make_folder(path)

    def write_file(self, path, data, mode):
        try:
            self._step()
        except BaseException:
            super().write_file(path, data[: len(data) // 2], mode)
            raise
        super().write_file(path, data, mode)

    def open_folder(self, path):
        self._step()
        super().open_folder(path)

    def sync_folder(self, path):
        self._step()
        super().sync_folder(path)

    def rename(self, old, new):
        self._step()
        super().rename(old, new)

    def remove(self, path):
        self._step()
        super().remove(path)


def held(folder: Path) -> dict[str, bytes] | None:
    """What a folder holds, or None where there is none."""
    return {p.name: p.read_bytes() for p in folder.iterdir()} if folder.is_dir() else None


OLD, NEW = files_of("old"), files_of("new")
FULL = OSError(errno.ENOSPC, "No space left on device")
# Making the folder, eight files, opening, syncing, two renames, syncing, removing.
STEPS = range(1, 17)


def test_a_new_folder_holds_everything_and_keeps_what_is_private(here):
    write_folder(here / "a" / "out", NEW, PRIVATE)

    out = here / "a" / "out"
    assert held(out) == NEW
    assert [p.name for p in out.parent.iterdir()] == ["out"]
    if os.name == "posix":
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) & 0o077 for p in out.iterdir()}
        assert {name for name, mode in modes.items() if mode == 0} == PRIVATE


@pytest.mark.parametrize("at", STEPS)
@pytest.mark.parametrize("before", [None, OLD], ids=["new", "replaced"])
@pytest.mark.parametrize(
    "error",
    [FULL, OSError(errno.EIO, "I/O error"), KeyboardInterrupt()],
    ids=["full", "io", "stopped"],
)
def test_when_a_step_fails_the_folder_is_as_it_was_or_whole(here, at, before, error):
    out = here / "out"
    if before:
        write_folder(out, before, PRIVATE)

    try:
        write_folder(out, NEW, PRIVATE, force=True, disk=FailingDisk(at, error))
        outcome = "done"
    except Refusal as no:
        outcome = no.code
    except KeyboardInterrupt:
        outcome = "stopped"

    if outcome == "done":
        assert held(out) == NEW
    elif outcome == "stopped" and held(out) == NEW:
        pass  # stopped while tidying: everything was in place
    else:
        assert held(out) == before
    if not isinstance(error, KeyboardInterrupt):
        assert outcome in ("done", "out.full" if error is FULL else "out.write")


@pytest.mark.parametrize("at", STEPS)
@pytest.mark.parametrize("before", [None, OLD], ids=["new", "replaced"])
def test_after_a_power_cut_the_next_run_finds_the_old_folder_or_the_new_one(
    here, at, before, monkeypatch
):
    out = here / "out"
    if before:
        write_folder(out, before, PRIVATE)
    with suppress(PowerCut):
        write_folder(out, NEW, PRIVATE, force=True, disk=FailingDisk(at, PowerCut()))
    # Half-written folders are recognised by the process that is no more.
    monkeypatch.setattr("dreamweave.cli.output._is_running", lambda pid: False)

    check_place(out, force=True)

    assert held(out) in (before, NEW)
    assert [p.name for p in here.iterdir() if p.name != "out"] == []


def test_another_weaving_that_still_runs_is_left_alone(here):
    running = here / f".out.weaving-{os.getpid()}-0123abcd"
    running.mkdir()

    check_place(here / "out", force=False)

    assert running.is_dir()


@pytest.mark.parametrize("extra", ["notes.txt", "photo.jpg", "sub"])
def test_somebodys_own_folder_is_never_replaced(here, extra):
    out = here / "out"
    write_folder(out, OLD, PRIVATE)
    (out / extra).mkdir()

    for force in (False, True):
        with pytest.raises(Refusal) as no:
            write_folder(out, NEW, PRIVATE, force=force)
        assert no.value.code == "out.foreign"
    assert (out / "text.md").read_bytes() == b"old"


def test_an_earlier_weaving_is_replaced_only_when_told_to(here):
    out = here / "out"
    write_folder(out, OLD, PRIVATE)
    (out / ".DS_Store").write_bytes(b"litter")
    (out / "receipt-ann.json").write_bytes(b"{}")

    with pytest.raises(Refusal) as no:
        write_folder(out, NEW, PRIVATE)
    assert no.value.code == "out.ours"
    assert held(out)["text.md"] == b"old"

    write_folder(out, NEW, PRIVATE, force=True)
    assert held(out) == NEW
    assert [p.name for p in here.iterdir()] == ["out"]


def test_files_of_our_names_without_a_weave_are_not_ours(here):
    out = here / "out"
    out.mkdir()
    (out / "text.md").write_text("my novel", encoding="utf-8")

    with pytest.raises(Refusal) as no:
        write_folder(out, NEW, PRIVATE, force=True)

    assert no.value.code == "out.foreign"


def test_places_where_no_folder_can_be(here):
    (here / "file").write_text("x", encoding="utf-8")
    (here / "link").symlink_to(here)

    codes = []
    for place in ("file", "link", "file/inside", "."):
        with pytest.raises(Refusal) as no:
            check_place(Path(place), force=True)
        codes.append(no.value.code)

    assert codes == ["out.file", "out.file", "out.parent", "out.here"]


def test_an_empty_folder_is_filled(here):
    (here / "out").mkdir()

    write_folder(here / "out", NEW, PRIVATE)

    assert held(here / "out") == NEW


def test_names_with_signs_in_them_are_only_names(here):
    out = here / "a[b]*?"
    write_folder(out, OLD, PRIVATE)
    write_folder(out, NEW, PRIVATE, force=True)

    assert held(out) == NEW
    assert [p.name for p in here.iterdir()] == ["a[b]*?"]


@pytest.mark.parametrize("name", ["a/b", "..", "", "/etc/x"])
def test_a_file_cannot_leave_the_folder(here, name):
    with pytest.raises(ValueError, match="plain name"):
        write_folder(here / "out", {name: b""}, PRIVATE)

    assert not (here / "out").exists()
