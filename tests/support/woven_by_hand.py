"""For tests of the command line: a weaving that costs nothing, and keeps what it was asked."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from types import ModuleType

WEAVE_JSON = b'{"invented":false,"schema":"dreamweave/weave/1"}'
PRIVATE = frozenset({"keys.csv", "certificate.json"})


@dataclass
class Folder:
    files: dict[str, bytes]
    summary: tuple[str, ...] = ("Three people told three threads.",)
    root: str = "ab" * 32
    private: frozenset[str] = PRIVATE


@dataclass
class Loom:
    """Stands where app.weaving and app.taking_back stand."""

    asked: list[dict] = field(default_factory=list)
    fails: BaseException | None = None
    invented: bool = False

    def weave_told(self, told, *, progress, **asked) -> Folder:
        self.asked.append({"told": told, **asked})
        progress("read", 1, 2)
        if self.fails is not None:
            raise self.fails
        return Folder(files_of(f"{len(self.asked)}", asked.get("invented", False)))

    def take_back(self, files, *, key=None, tag=None, progress) -> Folder:
        self.asked.append({"files": files, "key": key, "tag": tag})
        return Folder(files_of("taken back"))


def files_of(mark: str, invented: bool = False) -> dict[str, bytes]:
    return {
        "dreamscape.html": f"<p>{mark}".encode(),
        "weave.json": WEAVE_JSON.replace(b"false", b"true") if invented else WEAVE_JSON,
        "certificate.json": b"{}",
        "certificate.public.json": b"{}",
        "text.md": mark.encode(),
        "cloth.svg": b"<svg/>",
        "keys.csv": b"who,key,tag,threads\r\n",
        "verify_weave.py": b"",
    }


def stand_in(monkeypatch, loom: Loom) -> Loom:
    """Let `loom` answer in place of the house."""
    for name in ("weaving", "taking_back"):
        module = ModuleType(f"dreamweave.app.{name}")
        module.weave_told = loom.weave_told
        module.take_back = loom.take_back
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return loom
