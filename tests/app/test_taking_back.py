"""Taken back means gone: no span, label, colour, tag or key of a person is left in any file."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys

import pytest

from dreamweave.app.taking_back import take_back
from dreamweave.app.weaving import weave_told
from dreamweave.model.leaves import absent_mark
from dreamweave.model.refusals import Refusal
from dreamweave.model.reports import Told
from dreamweave.model.weaves import VOICE
from dreamweave.model.wire import from_json


def rows_of(folder):
    return list(csv.DictReader(io.StringIO(folder.files["keys.csv"].decode("utf-8-sig"))))


@pytest.fixture(scope="module", params=[False, True], ids=["unnamed", "named"])
def folder(told, request):
    return weave_told(told, title="Evening", seed="7", names=request.param)


@pytest.fixture(scope="module")
def eve(folder):
    return next(row for row in rows_of(folder) if row["who"] == "Eve Canaryname")


@pytest.fixture(scope="module")
def after(folder, eve):
    return take_back(folder.files, key=eve["key"])


def test_the_canaries_were_there_before(folder):
    # The positive control: what is looked for below is found before.
    text = folder.files["text.md"] + folder.files["weave.json"] + folder.files["dreamscape.html"]

    assert b"zyxwviolet" in text
    assert b'"wonder"' in folder.files["weave.json"]


def test_no_trace_of_the_person_is_left_in_any_file(folder, eve, after):
    before = from_json(folder.files["weave.json"])
    theirs = [f for f in before.fragments if "zyxwviolet" in f.text]
    traces = [
        b"zyxwviolet",
        b"Eve Canaryname",
        b"r-canary-5",
        b'"wonder"',
        eve["key"].encode(),
        eve["tag"].encode(),
        *(tag.encode() for tag in eve["threads"].split()),
        *(f.id.encode() for f in theirs),
    ]
    found = [
        (name, trace)
        for name, content in after.files.items()
        for trace in traces
        # The page's script knows all eight feelings by name, whoever feels them.
        if trace in content
        and not (trace == b'"wonder"' and name in {"dreamscape.html", "verify_weave.py"})
    ]

    assert found == []


def test_the_certificate_marks_as_absent_whatever_was_taken_back(folder, eve, after):
    # Salted hashes, so that nobody can put it back unseen and nobody can read what it was.
    full = json.loads(after.files["certificate.json"])
    before = from_json(folder.files["weave.json"])
    gone = [
        eve["tag"],
        *eve["threads"].split(),
        *(f.id for f in before.fragments if "zyxwviolet" in f.text),
    ]

    assert full["absent"] == sorted(absent_mark(bytes.fromhex(full["secret"]), x) for x in gone)


def test_the_others_are_all_still_there_word_for_word(folder, after):
    before, now = from_json(folder.files["weave.json"]), from_json(after.files["weave.json"])
    stayed = [f for f in before.fragments if "zyxwviolet" not in f.text]

    assert [(f.id, f.text, f.start, f.end) for f in now.fragments] == [
        (f.id, f.text, f.start, f.end) for f in stayed
    ]
    assert [row["key"] for row in rows_of(after)] == [
        row["key"] for row in rows_of(folder) if row["who"] != "Eve Canaryname"
    ]


def test_what_is_left_is_as_fair_as_a_fresh_weave(after, told):
    now = from_json(after.files["weave.json"])
    fresh = from_json(
        weave_told(
            Told(tuple(r for r in told.reports if r.teller != "Eve Canaryname")),
            title="x",
            seed="7",
        ).files["weave.json"]
    )
    full = json.loads(after.files["certificate.json"])

    assert [sum(row["units"] for row in t["account"]) for t in full["tellers"]] == [VOICE] * 4
    for weave in (now, fresh):
        first = weave.fairness.overlooked[0]
        assert weave.k * first.count < weave.n_tellers * first.l
    assert now.k == fresh.k
    assert now.fairness.n_without_line <= fresh.fairness.n_without_line


def test_an_outsider_can_check_what_is_left(after, tmp_path):
    for name, content in after.files.items():
        (tmp_path / name).write_bytes(content)

    ran = subprocess.run(
        [sys.executable, "-I", tmp_path / "verify_weave.py", tmp_path, "--root", after.root],
        capture_output=True,
        text=True,
    )

    assert ran.returncode == 0, ran.stdout


def test_words_can_be_taken_back_again_and_again(folder):
    people = [row["who"] for row in rows_of(folder)]
    now = folder
    for who in people[:-1]:
        tag = next(row["tag"] for row in rows_of(now) if row["who"] == who)
        now = take_back(now.files, tag=tag)

    assert [row["who"] for row in rows_of(now)] == people[-1:]
    with pytest.raises(Refusal, match="Delete the folder"):
        take_back(now.files, tag=rows_of(now)[0]["tag"])


def test_a_key_may_be_typed_in_small_letters_without_dashes(folder, eve):
    typed = eve["key"].replace("-", " ").lower()

    assert take_back(folder.files, key=typed).root == take_back(folder.files, key=eve["key"]).root


@pytest.mark.parametrize(
    ("change", "say"),
    [
        ({"key": "0000-0000-0000-0000"}, "Nobody in this weave answers"),
        ({"key": "what"}, "sixteen letters"),
        ({"tag": "nobody"}, "Nobody in this weave answers"),
    ],
)
def test_a_wrong_key_or_tag_gets_a_sentence(folder, change, say):
    with pytest.raises(Refusal, match=say):
        take_back(folder.files, **change)


def test_a_folder_without_its_private_files_gets_a_sentence(folder):
    shared = {n: c for n, c in folder.files.items() if n not in folder.private}

    with pytest.raises(Refusal, match=r"lacks certificate\.json, keys\.csv"):
        take_back(shared, tag="x")


def test_files_of_two_weavings_are_not_mixed(folder, told):
    other = weave_told(told, title="Evening", seed="8")

    with pytest.raises(Refusal, match="not of one weaving"):
        take_back({**folder.files, "keys.csv": other.files["keys.csv"]}, tag="x")
