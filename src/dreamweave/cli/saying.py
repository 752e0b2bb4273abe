"""Saying: sentences on a terminal, folded to its width, and command lines read with as many.

Everything a verb prints goes through here: results on standard output, what is
only for now (warnings, progress) on standard error. Control characters that a
file's name may carry never reach the terminal.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn, TextIO

from dreamweave.model.refusals import Refusal

WIDTH_MAX = 100


def say(sentence: str = "") -> None:
    """One sentence (or lines) on standard output."""
    _put(sentence, sys.stdout)


def say_all(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        say(sentence)


def warn(sentence: str) -> None:
    """One sentence on standard error."""
    _put(sentence, sys.stderr)


def _put(text: str, stream: TextIO) -> None:
    for line in text.split("\n"):
        bare = "".join(c for c in line if unicodedata.category(c) not in ("Cc", "Cs"))
        if stream.isatty():
            bare = _folded(bare)
        try:
            print(bare, file=stream)
        except UnicodeEncodeError:
            coding = stream.encoding or "ascii"
            print(bare.encode(coding, "replace").decode(coding), file=stream)


def _folded(line: str) -> str:
    width = min(WIDTH_MAX, shutil.get_terminal_size().columns)
    indent = line[: len(line) - len(line.lstrip())]
    if len(line) <= width or width < 20:
        return line
    return "\n".join(
        textwrap.wrap(
            line,
            width,
            subsequent_indent=indent + "  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    )


class Parser(argparse.ArgumentParser):
    """A command line whose mistakes are answered in sentences, without the usage before them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"allow_abbrev": False, **kwargs})

    def error(self, message: str) -> NoReturn:
        raise Refusal("cli.usage", f"{self._sentence(message)} {self.prog} --help says how.")

    def _sentence(self, message: str) -> str:
        argument, _, said = message.removeprefix("argument ").partition(": ")
        if message.startswith("unrecognized arguments"):
            unknown = message.partition(": ")[2].split(" ")[0]
            near = self._near(unknown)
            return f"There is no {unknown} here." + (f" Did you mean {near}?" if near else "")
        if message.startswith("the following arguments are required"):
            return f"{message.partition(': ')[2]} is missing."
        if said.startswith("expected"):
            return f"{argument} needs a value after it."
        if said.startswith(("invalid choice", "not allowed", "ignored explicit")):
            return f"{argument} cannot be that here."
        return said or message

    def _near(self, unknown: str) -> str | None:
        from difflib import get_close_matches

        flags = [flag for action in self._actions for flag in action.option_strings]
        return next(iter(get_close_matches(unknown.partition("=")[0], flags, n=1)), None)


def whole_number(what: str, least: int, most: int) -> Any:
    """A reader of one whole number within bounds, for `type=`."""

    def read(text: str) -> int:
        try:
            number = int(text) if len(text) < 20 else most + 1
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(
                f"{what} is a whole number from {least:,} to {most:,}."
            )
        return number

    return read


def short_text(what: str, most: int) -> Any:
    """A reader of one line of text, for `type=`."""

    def read(text: str) -> str:
        line = " ".join(
            "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs", "Cn")).split()
        )
        if not line or len(line) > most:
            raise argparse.ArgumentTypeError(f"{what} has 1 to {most:,} characters.")
        return line

    return read


def listed(names: Sequence[str]) -> str:
    """Names in a row: "a", "a and b", "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
