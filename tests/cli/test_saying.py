"""Saying: sentences fit the terminal, and nothing in a name steers it."""

from __future__ import annotations

import os
import sys

import pytest

from dreamweave.cli.saying import listed, say


class Terminal:
    encoding = "utf-8"

    def __init__(self) -> None:
        self.shown = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.shown += text
        return len(text)


def test_a_long_sentence_is_folded_and_a_path_is_not(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((40, 20)))

    say("It is in a-folder-with-a-name-that-is-far-too-long-to-fit/anywhere and that is that.")

    assert terminal.shown == (
        "It is in\n  a-folder-with-a-name-that-is-far-too-long-to-fit/anywhere\n  and that is that.\n"
    )


def test_control_characters_never_reach_the_terminal(capsys):
    say("a\x1b[31mred\x07\u009b0m b\ud800")

    assert capsys.readouterr().out == "a[31mred0m b\n"


@pytest.mark.parametrize(
    ("names", "said"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_names_in_a_row(names, said):
    assert listed(names) == said
