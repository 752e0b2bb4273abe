"""dreamweave backup and restore: over a real node, running or not; whole, or nothing at all."""

from __future__ import annotations

import secrets
import shutil
import threading
from dataclasses import replace

import pytest
from makers_ground import a_dreamer, a_report

from dreamweave.app import journals
from dreamweave.cli import backup, main
from dreamweave.house import open_house
from dreamweave.settings import read_settings
from dreamweave.vault.asking import Desk

BACKUP = ["backup", "--to", "b/data", "--keys-to", "b/keys", "--quiet"]


@pytest.fixture
def settings(here, monkeypatch):
    monkeypatch.setenv("DREAMWEAVE_DATA_DIR", str(here / "node"))
    monkeypatch.setenv("DREAMWEAVE_KEYS_DIR", str(here / "node-keys"))
    return read_settings()


@pytest.fixture
def told(settings):
    """A node with two reports of one person, closed again: (who, reports)."""
    house = open_house(settings)
    who = a_dreamer(house.ground)
    reports = [a_report(house.ground, text=f"Canary {secrets.token_hex(16)}.") for _ in (0, 1)]
    for report in reports:
        journals.keep_report(house.ground, who, report)
    house.close()
    return who, reports


def forget(settings, who, report):
    house = open_house(settings)
    journals.forget_report(house.ground, who, report.id)
    house.close()


def restore(*more, data=None, keys="b/keys/dreamweave.keys.age", to="again", here=None) -> int:
    named = data or str(sorted((here / "b" / "data").iterdir())[-1])
    asked = ["restore", "--data", named, "--keys", str(keys), "--identity", "id.txt"]
    asked += ["--erasures", "b/keys/erasures.jsonl", "--to", to, "--keys-dir", f"{to}-keys"]
    return main([*asked, "--quiet", *more])


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def test_a_node_goes_into_back_ups_and_comes_out_without_what_was_forgotten(
    told, settings, here, capsys
):
    who, (stays, goes) = told
    assert main([*BACKUP, "--new-recipient", "id.txt"]) == 0
    out = capsys.readouterr().out
    assert "take the file off this machine now" in out
    assert "all 6 facts until now" in out
    forget(settings, who, goes)

    assert restore(here=here) == 0

    said = capsys.readouterr().out
    assert "stays forgotten: 1 sealed things were left out, and 1 reports" in said
    assert "stop the old node for good" in said
    again = replace(settings, data_dir=here / "again", keys_dir=here / "again-keys")
    house = open_house(again)
    assert [r.text for r in journals.reports(house.ground, who)] == [stays.text]
    assert house.backing_up.places() is None
    house.close()
    haystack = b"".join(
        p.read_bytes()
        for f in ("again", "again-keys", "b")
        for p in (here / f).rglob("*")
        if p.is_file()
    )
    assert not [r for r in (stays, goes) if r.text.encode() in haystack]
    assert sorted(p.name for p in here.iterdir() if p.name.startswith(".")) == []


def test_the_second_time_the_command_alone_is_enough(told, here, capsys):
    assert main([*BACKUP, "--new-recipient", "id.txt", "--keep", "2"]) == 0
    assert [main(["backup", "--quiet"]) for _ in range(2)] == [0, 0]

    assert len(names(here / "b" / "data")) == 2
    assert names(here / "b" / "keys") == ["dreamweave.keys.age", "erasures.jsonl"]


def test_a_running_node_is_asked_to_do_it(told, settings, here, capsys, monkeypatch):
    monkeypatch.setattr("dreamweave.house.DESK_S", 0.02)
    monkeypatch.setattr(backup, "TRY_S", 0.02)
    house = open_house(settings)
    house.start_sweeping()
    try:
        assert main(["backup"]) == 2
        assert "Nobody has said yet where back-ups go" in capsys.readouterr().err
        assert main([*BACKUP, "--new-recipient", "id.txt"]) == 0
        assert (here / "b" / "keys" / "dreamweave.keys.age").is_file()
        assert "The data is in" in capsys.readouterr().out
        # And it goes on: what is forgotten now has no key in the back-up any more.
        who, (_, goes) = told
        journals.forget_report(house.ground, who, goes.id)
        assert len((here / "b" / "keys" / "erasures.jsonl").read_bytes().splitlines()) == 1
    finally:
        house.close()
    assert {"backup.asked", "backup.said"}.isdisjoint(names(settings.keys_dir))
    assert restore(here=here) == 0


def test_whoever_has_the_node_open_and_does_not_answer_is_said(told, settings, capsys, monkeypatch):
    monkeypatch.setattr(backup, "TAKEN_S", 0.1)
    house = open_house(settings)

    assert main([*BACKUP, "--new-recipient", "id.txt"]) == 2

    assert "does not answer" in capsys.readouterr().err
    assert "backup.asked" not in names(settings.keys_dir)
    house.close()


def test_a_node_that_stops_over_a_question_is_said(told, settings, capsys, monkeypatch):
    monkeypatch.setattr(backup, "TRY_S", 0.02)
    house = open_house(settings)

    def take_and_stop():
        desk = Desk(settings.keys_dir)
        while not (settings.keys_dir / "backup.asked").exists():
            pass
        desk.withdraw()
        house.close()

    thread = threading.Thread(target=take_and_stop)
    thread.start()

    assert main([*BACKUP, "--new-recipient", "id.txt"]) == 2
    thread.join()

    assert "stopped before the back-up was made" in capsys.readouterr().err


def test_questions_that_others_could_have_written_are_not_answered(tmp_path):
    desk = Desk(tmp_path)
    desk.ask({"to": "x"})
    (tmp_path / "backup.asked").chmod(0o666)

    assert desk.attend(lambda asked: {}) is False
    (tmp_path / "backup.asked").chmod(0o600)
    (tmp_path / "backup.asked").write_bytes(b"[1]")
    assert desk.attend(lambda asked: {}) is False


def test_where_there_is_no_node_none_is_made(settings, here, capsys):
    assert main([*BACKUP, "--new-recipient", "id.txt"]) == 2
    assert "There is no node in" in capsys.readouterr().err
    assert names(here) == []


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ([], "needs --recipient AGE1..."),
        (["--recipient", "age1x"], "begins with age1"),
        (["--recipient", "AGE-SECRET-KEY-1X"], "That is the identity"),
        (["--keep", "0"], "whole number from 1 to 1,000"),
        (["--recipient", "a", "--new-recipient", "b"], "cannot be that here"),
    ],
)
def test_what_is_missing_or_wrong_is_said(told, capsys, more, says):
    assert main([*BACKUP, *more]) == 2
    assert says in capsys.readouterr().err


def test_places_that_lie_together_are_refused(told, here, capsys):
    asked = ["backup", "--to", "b", "--keys-to", "b/keys", "--new-recipient", "id.txt"]
    assert main(asked) == 2
    assert "two places that nobody loses or finds together" in capsys.readouterr().err


# ------------------------------------------------------------------ restoring


def test_a_refused_restore_leaves_nothing_behind(told, settings, here, capsys):
    who, (_, goes) = told
    assert main([*BACKUP, "--new-recipient", "id.txt"]) == 0
    shutil.copy("b/keys/dreamweave.keys.age", "old.keys.age")
    forget(settings, who, goes)
    before = names(here)
    capsys.readouterr()

    assert restore(keys="old.keys.age", here=here) == 2

    assert "it would bring them back" in capsys.readouterr().err
    assert names(here) == before
    assert restore(here=here) == 0


def test_a_restore_that_fails_in_the_middle_leaves_nothing_behind(told, here, capsys, monkeypatch):
    assert main([*BACKUP, "--new-recipient", "id.txt"]) == 0
    before = names(here)

    def no(*_, **__):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("dreamweave.app.replaying.replay", no)

    assert restore(here=here) == 1
    assert names(here) == before


def test_nothing_is_ever_restored_over_something(told, settings, here, capsys):
    assert main([*BACKUP, "--new-recipient", "id.txt"]) == 0
    (here / "again").mkdir()
    (here / "again" / "letter.txt").write_text("mine", encoding="utf-8")

    assert restore(here=here) == 2
    assert "never writes over anything" in capsys.readouterr().err
    assert restore(to="node", here=here) == 2
    assert restore("--keys-dir", "empty/keys", to="empty", here=here) == 2
    assert "may not lie in one another" in capsys.readouterr().err
    (here / "empty").mkdir()
    assert restore(to="empty", here=here) == 0


def test_restored_keys_may_have_a_passphrase(told, settings, here, capsys):
    who, _ = told
    assert main([*BACKUP, "--new-recipient", "id.txt"]) == 0
    (here / "phrase").write_text("correct horse battery staple\n", encoding="utf-8")

    assert restore("--passphrase-file", "phrase", here=here) == 0

    again = replace(settings, data_dir=here / "again", keys_dir=here / "again-keys")
    assert "root.key" not in names(here / "again-keys")
    house = open_house(replace(again, passphrase_file=str(here / "phrase")))
    assert len(journals.reports(house.ground, who)) == 2
    house.close()


def test_another_identity_is_said(told, here, capsys):
    assert main([*BACKUP, "--new-recipient", "id.txt"]) == 0
    (here / "id.txt").rename(here / "mine.txt")
    assert main([*BACKUP, "--new-recipient", "id.txt"]) == 0
    first = sorted((here / "b" / "data").iterdir())[0]
    capsys.readouterr()

    assert restore(data=str(first), here=here) == 2
    assert "locked to another recipient" in capsys.readouterr().err
