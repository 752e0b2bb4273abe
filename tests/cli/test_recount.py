"""dreamweave recount: seat by seat, offline, and a sentence for whatever is no record."""

from __future__ import annotations

import json
import os

import pytest

from dreamweave.cli import main
from dreamweave.governance.listings import listed, listing_sha256
from dreamweave.governance.records import decided, to_json
from dreamweave.governance.seats import STRATA_DEFAULT, Past
from dreamweave.governance.seeds import sealed_nonce, sealed_secret

SECRET = "c0" * 32


@pytest.fixture
def made():
    rows = [
        (f"t{i}", "", Past(i, 1, False), sealed_nonce("spring", f"t{i}", "1a" * 32))
        for i in range(6)
    ]
    listing = listed(
        "spring",
        n_places=2,
        strata=STRATA_DEFAULT,
        sealed_secret=sealed_secret("spring", SECRET),
        applications=rows,
    )
    return decided(listing, nonces={"t3": "1a" * 32}, checkpoint="a\n1\nb\n", secret=SECRET)


@pytest.fixture
def file(made, here):
    path = here / "draw.json"
    path.write_bytes(to_json(made))
    return path


def test_a_draw_that_agrees_is_said_seat_by_seat(file, made, capsys):
    assert main(["recount", "draw.json"]) == 0

    said = capsys.readouterr().out.splitlines()
    assert said[0] == "Draw spring: 6 applied, places: 2."
    assert [line[:10] for line in said if " seat " in line] == [" + seat 1:", " + seat 2:"]
    assert "All of it agrees." in said
    assert any(f"list {listing_sha256(made.listing)}." in line for line in said)


def test_the_published_hash_can_be_given(file, made, capsys):
    assert main(["recount", "draw.json", "--list", listing_sha256(made.listing).upper()]) == 0
    assert main(["recount", "draw.json", "--list", "0a" * 32]) == 1
    assert "! Not so: this is the list of that hash." in capsys.readouterr().out
    assert main(["recount", "draw.json", "--list", "soon"]) == 2
    assert "64 hex digits" in capsys.readouterr().err


def test_a_seat_given_to_somebody_else_ends_with_another_code(file, made, capsys):
    whole = json.loads(file.read_bytes())
    other = next(f"t{i}" for i in range(6) if f"t{i}" not in made.seated)
    whole["seated"][0] = other
    file.write_text(json.dumps(whole), "utf-8")

    assert main(["recount", "draw.json"]) == 1

    said = capsys.readouterr().out
    assert f"! seat 1: recorded for {other}, drawn for {made.seated[0]}." in said
    assert "It does not agree, in 1 of its parts." in said


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"[]", "is no record of a draw"),
        (b"{}", "is no record of a draw"),
        (b'{"schema": "dreamweave/draw/1"}', "should be there"),
        (b'{"schema": "dreamweave/draw/1", "listing": 3}', "should be an object"),
        (b'{"schema": "dreamweave/draw/2"}', "is no record of a draw"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": 1.5}', "not a whole one"),
        (b'{"a": 1, "a": 2}', "one key twice"),
    ],
)
def test_what_is_no_record_is_answered_with_a_sentence(here, data, sentence, capsys):
    (here / "draw.json").write_bytes(data)

    assert main(["recount", "draw.json"]) == 2

    said = capsys.readouterr()
    assert sentence in said.err
    assert said.out == ""
    assert "our mistake" not in said.err


def test_hostile_numbers_are_refused_and_not_reckoned_with(file, capsys):
    text = file.read_text("utf-8")
    for old, new in (
        ('"n_places":2', '"n_places":9007199254740991'),
        ('"n_places":2', '"n_places":' + "9" * 5_000),
        ('"losses":5', '"losses":1001'),
        ('"seats_held":1', '"seats_held":9007199254740991'),
        ('"n_places":2', '"n_places":-2'),
        ('"share_thousandths":300', '"share_thousandths":700'),
    ):
        file.write_text(text.replace(old, new, 1), "utf-8")
        assert main(["recount", "draw.json"]) == 2
        assert "our mistake" not in capsys.readouterr().err


def test_what_cannot_be_read_is_said(here, capsys):
    (here / "folder").mkdir()
    for path, sentence in (("nowhere", "No such file"), ("folder", "is no file"), ("a\0b", "read")):
        assert main(["recount", path]) == 2
        assert sentence in capsys.readouterr().err
    assert main(["recount"]) == 2
    assert "FILE is missing." in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="POSIX only")
def test_something_endless_is_not_read(here, capsys):
    os.mkfifo(here / "pipe")

    assert main(["recount", "pipe"]) == 2
    assert "is no file" in capsys.readouterr().err
