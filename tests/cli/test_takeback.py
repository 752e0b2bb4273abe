"""dreamweave takeback and receipt: only from a folder of ours, and whole or not at all."""

from __future__ import annotations

import pytest

from dreamweave.cli import main


def test_the_folder_is_woven_again_in_its_place(told, loom, here, capsys):
    main(["weave", "evening.csv", "--out", "out"])

    assert main(["takeback", "out", "--tag", "7Q2M"]) == 0

    asked = loom.asked[1]
    assert (asked["key"], asked["tag"]) == (None, "7Q2M")
    assert asked["files"]["text.md"] == b"1"
    assert (here / "out" / "text.md").read_bytes() == b"taken back"
    assert sorted(p.name for p in here.iterdir()) == ["evening.csv", "out"]
    assert "beyond our reach" in capsys.readouterr().out


def test_the_folder_one_stands_in_is_not_replaced(told, loom, here, monkeypatch, capsys):
    main(["weave", "evening.csv", "--out", "out"])
    monkeypatch.chdir(here / "out")

    assert main(["takeback", ".", "--tag", "7Q2M"]) == 2
    assert "Go one up" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["takeback", "receipt"])
def test_a_folder_that_is_not_ours_stays_as_it_is(verb, here, loom, capsys):
    (here / "mine").mkdir()
    (here / "mine" / "novel.txt").write_text("mine", encoding="utf-8")

    assert main([verb, "mine", "--key", "x"]) == 2
    assert "not a folder that weaving wrote" in capsys.readouterr().err
    assert loom.asked == []


def test_a_receipt_needs_the_hosts_files(told, loom, here, capsys):
    main(["weave", "evening.csv", "--out", "out"])
    (here / "out" / "keys.csv").unlink()

    assert main(["receipt", "out", "--key", "x"]) == 2
    assert "lacks keys.csv" in capsys.readouterr().err
