"""Whoever takes back what, in whatever order: no trace of them, nobody else harmed, and still fair.

Random gatherings with several people, threads, answers and the same words said by
two. Reading is by words and nothing is drawn here, so that there can be many of them;
one evening with everything in it is drawn whole, at the end.
"""

from __future__ import annotations

import csv
import io
import json
import random

import pytest
from fair_weaves import check_proof
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_of_words import WordReader

from dreamweave.app import folder as app_folder
from dreamweave.app import taking_back as app_taking_back
from dreamweave.app.keys_csv import Person
from dreamweave.app.taking_back import take_back
from dreamweave.app.weaving import weave_told
from dreamweave.loom import weaving as loom_weaving
from dreamweave.model.keys import key_of
from dreamweave.model.refusals import Refusal
from dreamweave.model.reports import FEELINGS, Report, Told
from dreamweave.model.weaves import VOICE
from dreamweave.model.wire import from_json

COMMON = ["sea", "stairs", "lamp", "tram", "bird", "feather", "bridge", "night"]
SAME = "The same dream came again to all of us."


@pytest.fixture(scope="module", autouse=True)
def quick():
    """Nothing is read by meaning and nothing drawn, unless a test undoes it."""
    with pytest.MonkeyPatch.context() as patch:
        reader = WordReader()
        for module in (loom_weaving, app_taking_back):
            patch.setattr(module, "default_reader", lambda: reader)
        patch.setattr(app_folder, "scene", lambda weave: {})
        patch.setattr(app_folder, "cloths_svg", lambda weave: ("", ""))
        patch.setattr(app_folder, "page", lambda weave, drawn, *, boxes, **_: json.dumps(boxes))
        yield patch


def evening(chance: random.Random) -> Told:
    """Two to eight people with one to three reports each, some of them word for word the same."""
    reports = []
    for who in range(chance.randint(2, 8)):
        for i in range(chance.randint(1, 3)):
            said = [
                f"Then the {chance.choice(COMMON)} met the {chance.choice(COMMON)} in canary{who}x{i}."
            ]
            if chance.random() < 0.4:
                said.append(SAME)
            if chance.random() < 0.2:
                said = [SAME]
            earlier = [r.id for r in reports]
            reports.append(
                Report(
                    id=f"id-{who}-{i}",
                    teller=f"Name{who}",
                    text=" ".join(said),
                    lang="en",
                    feeling=chance.choice([None, FEELINGS[who]]),
                    answers=chance.choice([None, *earlier[-3:]]),
                    drawing=chance.choice([None, f"M{who} 7{i} L1 1"]),
                )
            )
    chance.shuffle(reports)
    return Told(tuple(reports))


def rows_of(folder):
    return list(csv.DictReader(io.StringIO(folder.files["keys.csv"].decode("utf-8-sig"))))


def traces_of(row, before, told):
    """Everything that would give somebody away: words that only they said, ids, tags, key."""
    theirs = {t for t, thread in enumerate(before.threads) if thread.tag in row["threads"].split()}
    said = [r for r in told.reports if r.teller == row["who"]]
    words = {f"canary{r.id[3:].replace('-', 'x')}" for r in said if "canary" in r.text}
    return {
        *words,
        row["who"],
        row["key"],
        row["tag"],
        *row["threads"].split(),
        *(r.id for r in said),
        *(r.drawing for r in said if r.drawing),
        *(f.id for f in before.fragments if f.thread_i in theirs),
    }


def found_in(files, traces):
    return sorted(
        (name, trace)
        for name, content in files.items()
        if name != "verify_weave.py"
        for trace in traces
        if trace.encode() in content
    )


def check_fair(folder):
    weave = from_json(folder.files["weave.json"])
    full = json.loads(folder.files["certificate.json"])
    first = weave.fairness.overlooked[0]
    assert [sum(row["units"] for row in t["account"]) for t in full["tellers"]] == [
        VOICE
    ] * weave.n_tellers
    assert weave.k * first.count < weave.n_tellers * first.l
    check_proof(
        {name: data for name, data in folder.files.items() if name.endswith(".json")}, folder.root
    )


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9), named=st.booleans())
def test_any_sequence_of_taking_back_leaves_no_trace_and_stays_fair(seed, named):
    chance = random.Random(seed)
    told = evening(chance)
    now = weave_told(told, title="Evening", seed=str(seed), names=named)
    check_fair(now)
    gone = set()
    while len(rows_of(now)) > 1 and len(gone) < 4:
        before = from_json(now.files["weave.json"])
        row = chance.choice(rows_of(now))
        assert found_in(now.files, [row["tag"]])  # what is looked for is there before
        gone |= traces_of(row, before, told)

        now = take_back(now.files, key=row["key"])

        assert found_in(now.files, gone) == []
        check_fair(now)
        # Everybody else is there word for word, whoever said the same.
        left = {r["who"] for r in rows_of(now)}
        weave = from_json(now.files["weave.json"])
        texts = sorted(r.text.replace(" ", "") for r in told.reports if r.teller in left)
        assert texts == sorted(whole_reports(weave))
        # And everybody has words of their own in the text.
        check_everybody_is_printed(now, weave)


def whole_reports(weave):
    held: dict[tuple[int, int], list[str]] = {}
    for f in weave.fragments:
        held.setdefault((f.thread_i, f.report_i), []).append(f.text.replace(" ", ""))
    return ["".join(pieces) for pieces in held.values()]


def check_everybody_is_printed(folder, weave):
    full = json.loads(folder.files["certificate.json"])
    printed = {weave.fragments[x.fragment_i].text.casefold() for x in (*weave.lines, *weave.chorus)}
    for teller in full["tellers"]:
        own = {f.text.casefold() for f in weave.fragments if f.thread_i in teller["threads"]}
        assert own & printed


def test_the_same_words_of_somebody_else_stay():
    told = Told(
        (
            Report(id="id-ann", teller="Ann Lee", text=SAME, lang="en"),
            Report(id="id-bo", teller="Bo Lee", text=SAME, lang="en"),
            Report(
                id="id-cy",
                teller="Cy Lee",
                text="A lamp on the bridge.",
                lang="en",
                answers="id-ann",
            ),
        )
    )
    before = weave_told(told, title="x", seed="1")

    for row in rows_of(before):
        if row["who"] == "Cy Lee":
            continue
        after = take_back(before.files, key=row["key"])
        weave = from_json(after.files["weave.json"])

        assert (
            found_in(after.files, traces_of(row, from_json(before.files["weave.json"]), told)) == []
        )
        assert sorted(f.text for f in weave.fragments) == ["A lamp on the bridge.", SAME]
        # Cy answered Ann; with Ann's words the answer's aim is gone, with Bo's it is not.
        assert [t.answers_i is not None for t in weave.threads].count(True) == (
            row["who"] == "Bo Lee"
        )
        check_fair(after)


def test_a_folder_that_another_reader_read_is_not_mixed_with_ours():
    told = evening(random.Random(3))
    before = weave_told(told, title="x", seed="1")
    files = dict(before.files)
    files["weave.json"] = files["weave.json"].replace(b"tests/words/1", b"tests/words/0")

    with pytest.raises(Refusal, match="not the reader here"):
        take_back(files, key=rows_of(before)[0]["key"])


def test_no_trace_is_left_in_page_cloth_and_text_either(quick):
    told = evening(random.Random(11))
    with pytest.MonkeyPatch.context() as patch:
        from dreamweave.dreamscape.cloth import cloths_svg
        from dreamweave.dreamscape.page import page
        from dreamweave.dreamscape.scene import scene

        patch.setattr(app_folder, "scene", scene)
        patch.setattr(app_folder, "cloths_svg", cloths_svg)
        patch.setattr(app_folder, "page", page)
        now = weave_told(told, title="Evening", seed="7", names=True)
        gone = set()
        for row in rows_of(now)[:2]:
            gone |= traces_of(row, from_json(now.files["weave.json"]), told)
            assert found_in({"page": now.files["dreamscape.html"]}, [row["who"]])
            now = take_back(now.files, tag=row["tag"])

            assert found_in(now.files, gone) == []


def test_what_those_who_stay_said_of_each_other_stays_said(quick):
    texts = ["sea lamp", "sea bird", "door key", "tram coat"]
    woven = loom_weaving.weave(
        texts,
        ["ann", "bo", "cy", "dee"],
        answers=[None, None, 0, None],
        carried=[("dee", 0), ("ann", 3)],
        not_carried=[("bo", 0), ("cy", 3), ("dee", 2)],
        reader=WordReader(),
    )
    tags = [f"TAG{i}" for i in range(4)]
    people = [
        Person(who, tag, key_of(b"sixteen bytes, or more", tag))
        for who, tag in zip(woven.tellers, tags, strict=True)
    ]
    before = app_folder.folder_of(woven, people, b"sixteen bytes, or more")

    after = take_back(before.files, tag="TAG3")

    assert said_in(before) == {
        ("cy", "sea lamp", "said"),
        ("dee", "sea lamp", "said"),
        ("ann", "tram coat", "said"),
        ("bo", "sea lamp", "denied"),
        ("cy", "tram coat", "denied"),
        ("dee", "door key", "denied"),
    }
    # What dee said is gone, and so is what was said of dee's words.
    assert said_in(after) == {("cy", "sea lamp", "said"), ("bo", "sea lamp", "denied")}


def said_in(folder):
    """{(who, of which words, "said" or "denied")} in the full certificate."""
    full = json.loads(folder.files["certificate.json"])
    who = {row["tag"]: row["who"] for row in rows_of(folder)}
    text = {f.id: f.text for f in from_json(folder.files["weave.json"]).fragments}
    words = {f["candidate"]: text[f["id"]] for f in full["fragments"]}
    return {
        (who[t["tag"]], words[c], how)
        for t in full["tellers"]
        for how in ("said", "denied")
        for c in t[how]
    }
