"""A gathering becomes a folder: names stay home, and the same seed gives the same bytes."""

from __future__ import annotations

import csv
import io
import json

import pytest
from threadpoolctl import threadpool_limits

from dreamweave.app.weaving import public_seed, weave_told
from dreamweave.model.keys import unseal
from dreamweave.model.refusals import Refusal
from dreamweave.model.reports import Told
from dreamweave.model.weaves import VOICE
from dreamweave.model.wire import from_json


@pytest.fixture(scope="module")
def folder(told):
    return weave_told(told, title="Canaries", seed="7")


def test_the_folder_holds_what_it_should_and_says_what_is_private(folder):
    assert set(folder.files) == {
        "dreamscape.html",
        "weave.json",
        "certificate.json",
        "certificate.public.json",
        "text.md",
        "cloth.svg",
        "keys.csv",
        "verify_weave.py",
    }
    assert folder.private == {"keys.csv", "certificate.json"}
    assert folder.root in " ".join(folder.summary)


def test_names_and_ids_stand_in_keys_csv_and_nowhere_else(folder):
    found = {
        name
        for name, content in folder.files.items()
        for canary in (b"Canaryname", b"r-canary")
        if canary in content
    }

    assert found == {"keys.csv"}
    assert not any("Canary" in said.replace("Canaries", "") for said in folder.summary)


def test_no_key_and_no_tellers_tag_reaches_a_file_that_is_shared(folder):
    rows = list(csv.DictReader(io.StringIO(folder.files["keys.csv"].decode("utf-8-sig"))))
    shared = b"".join(c for n, c in folder.files.items() if n not in folder.private)

    assert len(rows) == 5
    assert [
        r["who"] for r in rows if r["key"].encode() in shared or r["tag"].encode() in shared
    ] == []


def test_nothing_shared_links_two_threads_of_one_person(folder, told):
    weave = from_json(folder.files["weave.json"])
    public = json.loads(folder.files["certificate.public.json"])

    assert len(weave.threads) == 6
    assert weave.n_tellers == 5
    # Tags are all different, ordered by themselves, and no list in the public
    # certificate has a row a teller.
    tags = [thread.tag for thread in weave.threads]
    assert tags == sorted(set(tags))
    assert "tellers" not in public
    assert not any(
        isinstance(v, list) and len(v) == 5 and k not in {"limits", "hidden"}
        for k, v in public.items()
        if k != "lines" and k != "chorus"
    )


def test_everybody_holds_one_voice_and_has_words_of_their_own_in_the_text(folder):
    weave = from_json(folder.files["weave.json"])
    full = json.loads(folder.files["certificate.json"])
    printed = {x.fragment_i for x in weave.lines} | {c.fragment_i for c in weave.chorus}
    threads = {weave.fragments[i].thread_i for i in printed}

    assert [sum(row["units"] for row in t["account"]) for t in full["tellers"]] == [VOICE] * 5
    assert all(threads & set(t["threads"]) for t in full["tellers"])


def test_a_key_opens_its_own_box_and_shows_its_own_account(folder):
    rows = list(csv.DictReader(io.StringIO(folder.files["keys.csv"].decode("utf-8-sig"))))
    weave = from_json(folder.files["weave.json"])
    page = folder.files["dreamscape.html"].decode()
    boxes = json.loads(page.split('id="boxes">')[1].split("</script>")[0])
    opened = [json.loads(o) for box in boxes if (o := unseal(rows[0]["key"], box)) is not None]

    assert len(boxes) == 5
    (mine,) = opened
    assert sorted(weave.threads[t].tag for t in mine["threads"]) == sorted(
        rows[0]["threads"].split()
    )
    assert sum(units for _, units, _ in mine["account"]) == VOICE


def test_the_same_seed_gives_the_same_bytes_with_one_thread_and_with_two(folder, told):
    with threadpool_limits(2):
        again = weave_told(told, title="Canaries", seed="7")

    assert {n: c == folder.files[n] for n, c in again.files.items()} == dict.fromkeys(
        folder.files, True
    )


def test_another_seed_gives_other_tags_and_other_keys(folder, told):
    other = weave_told(told, title="Canaries", seed="8")
    tags = {t.tag for t in from_json(folder.files["weave.json"]).threads}

    assert not tags & {t.tag for t in from_json(other.files["weave.json"]).threads}
    assert public_seed("7") != public_seed("8")
    assert public_seed("7").encode() != b"7"


def test_the_master_seed_stands_in_no_file_at_all(told):
    # Who has it and the input can make everybody's keys.
    folder = weave_told(told, title="Canaries", seed="canary-seed-4711")

    assert [name for name, content in folder.files.items() if b"canary-seed" in content] == []
    assert from_json(folder.files["weave.json"]).seed == public_seed("canary-seed-4711")


def test_feelings_stand_only_where_they_were_given(folder, told):
    weave = from_json(folder.files["weave.json"])
    given = {r.text: r.feeling for r in told.reports}

    assert all(
        f.feeling == next(feeling for text, feeling in given.items() if f.text in text)
        for f in weave.fragments
    )


def test_a_weave_without_feelings_has_none(told):
    plain = Told(
        tuple(type(r)(id=r.id, teller=r.teller, text=r.text, lang="en") for r in told.reports)
    )
    weave = from_json(weave_told(plain, title="x", seed="1").files["weave.json"])

    assert {f.feeling for f in weave.fragments} == {None}


def test_with_names_a_thread_is_a_dreamer_and_ids_still_stay_home(told):
    named = weave_told(told, title="x", seed="7", names=True)
    weave = from_json(named.files["weave.json"])

    assert [t.name for t in weave.threads] == [
        "Ann Canaryname",
        "Bo Canaryname",
        "Cy Canaryname",
        "Dee Canaryname",
        "Eve Canaryname",
    ]
    assert not any(b"r-canary" in content for content in named.files.values())


def test_nothing_told_is_refused_with_a_sentence():
    with pytest.raises(Refusal, match="One report is enough"):
        weave_told(Told(()), title="x", seed="1")
