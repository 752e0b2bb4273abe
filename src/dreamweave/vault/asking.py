"""Asking: how a command on this machine asks the node that is running for a back-up.

Two small files in the keys folder: what is asked, and what was answered. Only
who may read the keys can ask, since a back-up of the keys goes to whomever they
name. One question at a time. What is done about it is the house's.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.refusals import Refusal
from dreamweave.vault.disk import Disk, is_mine, is_private

ASKED, SAID = "backup.asked", "backup.said"
BYTES_MAX = 64 << 10


class Desk:
    """The two files. `ask`, `answer_to` and `withdraw` for the command, `attend` for the node."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self._folder = folder
        self._disk = disk or Disk()

    def ask(self, question: dict[str, Any]) -> str:
        """Leave a question; what it is called. One that nobody took is replaced."""
        name = os.urandom(16).hex()
        with suppress(FileNotFoundError):
            self._disk.unlink(self._folder / SAID)
        self._disk.replace(self._folder / ASKED, canonical({**question, "name": name}))
        return name

    def is_taken(self) -> bool:
        """Whether the node has seen the question."""
        return not (self._folder / ASKED).exists()

    def answer_to(self, name: str) -> dict[str, Any] | None:
        """The answer, once; None while there is none."""
        said = self._read(SAID)
        if said is None or said.get("name") != name:
            return None
        self._disk.unlink(self._folder / SAID)
        return said

    def withdraw(self) -> None:
        with suppress(FileNotFoundError):
            self._disk.unlink(self._folder / ASKED)

    def attend(self, do: Callable[[dict[str, Any]], dict[str, Any]]) -> bool:
        """Answer what was asked, if anything was. `do` may refuse; the sentence is the answer."""
        asked = self._read(ASKED)
        if asked is None:
            return False
        with suppress(FileNotFoundError):
            self._disk.unlink(self._folder / ASKED)
        try:
            said = do(asked)
        except Refusal as no:
            said = {"refused": no.code, "sentence": no.sentence}
        self._disk.replace(self._folder / SAID, canonical({**said, "name": asked.get("name", "")}))
        return True

    def _read(self, file: str) -> dict[str, Any] | None:
        path = self._folder / file
        try:
            if not is_mine(path) or not is_private(path):
                return None
            with path.open("rb") as held:
                value = parsed(held.read(BYTES_MAX), "a question")
        except (OSError, Refusal):
            return None
        return cast(dict[str, Any], value) if isinstance(value, dict) else None
