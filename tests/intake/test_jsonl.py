"""JSON: lines and lists, a header line, and broken lines that are refused with their number."""

from __future__ import annotations

import json
from importlib import resources

import pytest
from intake_reading import intake_of, left_out, told

from dreamweave.model.refusals import Refusal
from dreamweave.model.reports import Report, Seat


def refusal(name, content, **asked):
    with pytest.raises(Refusal) as no:
        told(name, content, **asked)
    return no.value


def test_lines_with_a_header_give_everything_they_state():
    intake = intake_of(
        "t.jsonl",
        '{"title": "Tide", "invented": true, "about": "made up"}\n'
        '{"id": "a", "teller": "Ann", "text": "I swam.", "lang": "en", "feeling": "calm", "intensity": 2}\n'
        "\n"
        '{"id": "b", "teller": "Bo", "text": "I drew it.", "answers": "a", "drawing": "M0 0L9 9"}\n'
        '{"teller": "Cy", "seat": "listening"}\n',
    )

    assert intake.told.reports == (
        Report("a", "Ann", "I swam.", lang="en", feeling="calm", intensity=2),
        Report("b", "Bo", "I drew it.", answers="a", drawing="M0 0L9 9"),
    )
    assert intake.told.seats == (Seat("Cy", "listening"),)
    assert (intake.title, intake.invented, intake.warnings) == ("Tide", True, ())


def test_the_packaged_sample_is_understood_without_a_word_of_warning():
    data = resources.files("dreamweave.sample").joinpath("metropolis-arcana.jsonl").read_bytes()

    intake = intake_of("metropolis-arcana.jsonl", data)

    assert len({r.teller for r in intake.told.reports}) == 24
    assert len(intake.told.reports) + len(intake.told.seats) == data.count(b"\n") - 1
    assert (intake.invented, intake.warnings, left_out(intake)) == (True, (), "")


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("wrap", [False, True])
def test_a_list_is_read_as_lines_are(indent, wrap):
    rows = [{"dreamer": "Ann", "dream": "I swam."}, {"dreamer": 7, "dream": "I flew."}, "I fell."]
    value = {"title": "Tide", "reports": rows} if wrap else rows

    intake = intake_of("t.json", json.dumps(value, indent=indent))

    assert [(r.teller, r.text) for r in intake.told.reports] == [
        ("Ann", "I swam."),
        ("7", "I flew."),
        ("unnamed 1", "I fell."),
    ]
    assert intake.title == ("Tide" if wrap else None)


def test_json_is_known_by_what_stands_in_it():
    assert told("t.txt", '{"text": "I swam."}\n{"text": "I flew."}\n') == [
        ("unnamed 1", "I swam."),
        ("unnamed 2", "I flew."),
    ]
    assert told("t.txt", "[Scene one] I swam.") == [("unnamed 1", "[Scene one] I swam.")]


def test_a_broken_line_is_refused_with_its_number_and_without_its_words():
    no = refusal("t.jsonl", '{"text": "I swam."}\n{"text": "a canary sang}\n')

    assert no.code == "json.syntax"
    assert "t.jsonl, line 2" in no.sentence
    assert "canary" not in no.sentence


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('{"text": "a"}\n[1, 2]\n', "json.shape"),
        ('{"text": ["a", "b"]}\n', "json.shape"),
        ('{"text": 5}\n', "json.shape"),
        ('{"text": "a"}\n' + "[" * 100_000 + "\n", "json.depth"),
        ('{"text": "a", "id": ' + "9" * 10_000 + "}\n", "json.syntax"),
        ('{"colour": "red", "teller": "Ann"}\n', "json.keys"),
        ('{"schema": "dreamweave/weave/1", "title": "x"}', "json.woven"),
    ],
    ids=["list", "text-list", "text-number", "deep", "digits", "no-text", "woven"],
)
def test_what_cannot_be_a_report_is_refused(content, code):
    assert refusal("t.json" if code == "json.woven" else "t.jsonl", content).code == code


def test_half_characters_are_taken_out_and_told_of():
    intake = intake_of("t.jsonl", '{"text": "a\\ud83d b", "teller": "A\\udc00nn"}\n')

    assert [(r.teller, r.text) for r in intake.told.reports] == [("Ann", "a b")]
    assert "1 character that no page can show" in intake.warnings[0]


def test_keys_that_are_not_used_are_named():
    intake = intake_of("t.jsonl", '{"text": "a", "dream": "b", "room": 4}\n')

    assert "t.jsonl: keys not used: “dream”, “room”." in intake.understood
