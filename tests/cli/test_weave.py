"""dreamweave weave: asks the house for what was asked of it, and says what was understood."""

from __future__ import annotations

import csv
import io
import json

import pytest
from woven_by_hand import files_of

from dreamweave.cli import main


def test_it_tells_what_it_understood_and_where_everything_is(told, loom, here, capsys):
    assert main(["weave", "evening.csv"]) == 0
    said = capsys.readouterr().out

    assert {p.name: p.read_bytes() for p in (here / "dreamscape-evening").iterdir()} == files_of(
        "1"
    )
    assert "evening.csv: a table, separated by commas. text from column “text”" in said
    assert "3 reports by 3 people." in said
    assert "Three people told three threads." in said
    assert "ab" * 32 in said
    assert (
        "To share: dreamscape.html, text.md, cloth.svg, weave.json, certificate.public.json and"
        " verify_weave.py." in said
    )
    assert "For you alone: certificate.json and keys.csv" in said


def test_everything_that_was_asked_for_reaches_the_house(told, loom, here):
    main(
        ["weave", "evening.csv", "--lines", "7", "--title", "  Our \n tide ", "--seed", "s", "--names",
         "--out", "there", "--lang", "en", "--without", "Cy"]
    )  # fmt: skip
    asked = loom.asked[0]

    assert [r.lang for r in asked.pop("told").reports] == ["en", "en"]
    assert asked == {
        "lines": 7, "title": "Our tide", "seed": "s", "names": True, "invented": False,
        "png": False, "poster": False,
    }  # fmt: skip
    assert (here / "there" / "text.md").is_file()


def test_names_are_given_with_a_question(told, loom, capsys):
    main(["weave", "evening.csv", "--names"])

    assert "Did everybody agree to that?" in capsys.readouterr().out


def test_without_a_seed_a_new_one_is_drawn_and_never_shown(told, loom, capsys):
    main(["weave", "evening.csv", "--out", "a"])
    main(["weave", "evening.csv", "--out", "b"])
    seeds = [asked["seed"] for asked in loom.asked]
    said = capsys.readouterr()

    assert len(set(seeds)) == 2
    assert all(len(bytes.fromhex(seed)) == 16 for seed in seeds)
    assert not any(seed in said.out + said.err for seed in seeds)


def test_a_preview_writes_nothing_and_shows_three_reports(told, loom, here, capsys):
    assert main(["weave", "evening.csv", "--preview"]) == 0
    said = capsys.readouterr().out

    assert "  Ann: dream, language to be recognised\n    I swam.\n" in said
    assert said.endswith("This was a preview: nothing was written.\n")
    assert loom.asked == []
    assert [p.name for p in here.iterdir()] == ["evening.csv"]


def test_quiet_says_only_the_result(told, loom, capsys):
    main(["weave", "evening.csv", "--quiet"])
    said = capsys.readouterr()

    assert said.out.startswith("Three people told three threads.")
    assert said.err == ""


def test_an_earlier_folder_is_found_before_anything_is_woven(told, loom, capsys):
    main(["weave", "evening.csv"])

    assert main(["weave", "evening.csv"]) == 2
    assert "Add --force to replace it" in capsys.readouterr().err
    assert len(loom.asked) == 1
    assert main(["weave", "evening.csv", "--force"]) == 0


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("what the street dreamt.csv", "What the street dreamt"),
        ("tide_2024-05-01.csv", "Tide"),
        ("2024-05-01.csv", "A dreamscape"),
        ("meeting_saved_chat.csv", "A dreamscape"),
        ("dreams.csv", "A dreamscape"),
        ("WhatsApp Chat with Ann.csv", "A dreamscape"),
        ("evening with ann.csv", "A dreamscape"),
        ("tide of r77.csv", "A dreamscape"),
    ],
)
def test_a_title_comes_from_the_file_and_names_nobody(name, title, loom, here):
    (here / name).write_text("id,name,text\nr77,Ann Lee,I swam.\n", encoding="utf-8")

    main(["weave", name])

    assert loom.asked[0]["title"] == title


def test_a_title_in_the_file_comes_first(loom, here):
    (here / "t.jsonl").write_text('{"title": "Ebbe", "invented": true}\n{"text": "Das Meer."}\n')

    main(["weave", "t.jsonl"])

    assert (loom.asked[0]["title"], loom.asked[0]["invented"]) == ("Ebbe", True)


@pytest.mark.parametrize("title", ["Ann's nights", "of lee", "r77 and more", "For Ann Lee"])
def test_a_title_in_the_file_that_names_somebody_is_not_used(title, loom, here, capsys):
    rows = [{"title": title}, {"id": "r77", "teller": "Ann Lee", "text": "I swam."}]
    (here / "t.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    main(["weave", "t.jsonl"])

    assert loom.asked[0]["title"] == "A dreamscape"
    assert "names somebody who told" in capsys.readouterr().err


def test_warnings_go_where_they_can_be_seen_apart(loom, here, capsys):
    (here / "t.csv").write_text("text,feeling\nI swam.,happy\n")

    main(["weave", "t.csv"])
    said = capsys.readouterr()

    assert said.err.startswith("Please look: 1 feeling could not be read")
    assert "happy" not in said.out + said.err


def test_prints_that_cannot_be_made_are_refused_before_weaving(told, loom, monkeypatch, capsys):
    monkeypatch.setattr("dreamweave.cli.weave.find_spec", lambda name: None)

    for flag in ("--png", "--poster"):
        assert main(["weave", "evening.csv", flag]) == 2
        assert f"{flag} needs what prints are made with" in capsys.readouterr().err
    assert loom.asked == []


CANARIES = ["Zephyrine Quux", "canary-id-77", "=HYPERLINK(evil)", "Bo Canary"]


def test_no_name_and_no_id_of_the_input_stands_in_anything_but_the_keys(here, capsys):
    # The real house, from file to folder.
    rows = [
        ("canary-id-77", "Zephyrine Quux", "The sea came up the stairs of our house."),
        ("canary-id-78", "=HYPERLINK(evil)", "I climbed the stairs and there was only water."),
        ("canary-id-79", "Bo Canary", "A quillwren sat on the nighttram and paid."),
    ]
    out = io.StringIO()
    csv.writer(out).writerows([("id", "name", "text"), *rows])
    (here / "Zephyrine Quux.csv").write_text(out.getvalue(), encoding="utf-8")

    assert main(["weave", "Zephyrine Quux.csv", "--out", "out", "--seed", "7"]) == 0
    said = capsys.readouterr()

    found = {
        path.name: [
            c for c in [*CANARIES, "Zephyrine", "canary-id"] if c.encode() in path.read_bytes()
        ]
        for path in (here / "out").iterdir()
    }
    assert {name for name, hits in found.items() if hits} == {"keys.csv"}
    assert "\n=" not in (here / "out" / "keys.csv").read_text(encoding="utf-8-sig").replace(
        "\r", ""
    )
    assert "Quux" not in said.out.replace("Zephyrine Quux.csv", "")

    # And somebody's words can be taken back from what was written, without a trace.
    keys = list(csv.DictReader(io.StringIO((here / "out" / "keys.csv").read_text("utf-8-sig"))))
    key = next(row["key"] for row in keys if row["who"] == "Bo Canary")
    assert (
        main(["receipt", "out", "--key", key.lower().replace("-", " "), "--out", "receipt.json"])
        == 0
    )
    assert json.loads((here / "receipt.json").read_text())["schema"] == "dreamweave/receipt/1"
    assert main(["takeback", "out", "--key", key]) == 0
    left = b"".join(p.read_bytes() for p in (here / "out").iterdir())
    assert not [w for w in (b"Bo Canary", b"quillwren", b"nighttram", key.encode()) if w in left]
    assert sorted(p.name for p in here.iterdir()) == ["Zephyrine Quux.csv", "out", "receipt.json"]
