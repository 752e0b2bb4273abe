"""Closing around live lines: they all stay, more may come, and every clause of the certificate holds."""

from __future__ import annotations

import json
from collections import defaultdict
from importlib.resources import files as packaged

import pytest
from fair_weaves import check_proof, check_weave, files_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_of_words import PLAIN, WordReader

from dreamweave.loom import weave
from dreamweave.loom.carrying import same_text
from dreamweave.loom.living import Living
from dreamweave.loom.weaving import default_lines

READER = WordReader()


def closed(texts, tellers, live, reader=READER, **more):
    """The weave around `live`, as it comes back from another process, and proved."""
    woven = weave(texts, tellers, reader=reader, live=json.loads(json.dumps(live)), **more)

    check_weave(woven, texts, tellers)
    check_proof(*files_of(woven))
    return woven


def words_of(woven, pairs):
    """What (report, fragment) pairs say, merged as candidates are."""
    held = defaultdict(list)
    for f in woven.weave.fragments:
        held[woven.reports_of_thread[f.thread_i][f.report_i]].append(same_text(f.text))
    return {held[r][i] for r, i in pairs}


def lines_of(woven):
    return {same_text(woven.weave.fragments[x.fragment_i].text) for x in woven.weave.lines}


def grown(texts, tellers, n_expected, reader=READER, langs=None, answers=None, seed="0"):
    living = Living(seed=seed, n_expected=n_expected, reader=reader)
    for r, text in enumerate(texts):
        living.tell(
            r,
            tellers[r],
            text,
            langs[r] if langs else "en",
            answers=answers[r] if answers else None,
        )
    return living


said = st.lists(st.sampled_from(PLAIN), min_size=1, max_size=9).map(" ".join)
gatherings = st.lists(st.tuples(said, st.integers(0, 8)), min_size=1, max_size=14)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(told=gatherings, expected=st.integers(1, 30), seed=st.sampled_from(["0", "1"]))
def test_what_was_woven_live_stays(told, expected, seed):
    texts, tellers = [text for text, _ in told], [who for _, who in told]
    live = grown(texts, tellers, expected, seed=seed).woven

    woven = closed(texts, tellers, live, langs=["en"] * len(texts), seed=seed)

    assert words_of(woven, live) <= lines_of(woven)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(told=gatherings, lines=st.integers(1, 9), data=st.data())
def test_any_lines_at_all_can_stay(told, lines, data):
    texts, tellers = (
        [f"{text}. {text[::-1]} of a whole other kind" for text, _ in told],
        [who for _, who in told],
    )
    langs = ["en"] * len(texts)
    plain = weave(texts, tellers, reader=READER, langs=langs)
    held = defaultdict(int)
    for f in plain.weave.fragments:
        held[plain.reports_of_thread[f.thread_i][f.report_i]] += 1
    every = [(r, i) for r, n in sorted(held.items()) for i in range(n)]
    live = data.draw(st.lists(st.sampled_from(every), max_size=20))

    woven = closed(texts, tellers, live, lines=lines, langs=langs)

    stayed = words_of(woven, live)
    assert stayed <= lines_of(woven)
    assert woven.weave.k >= max(lines, len(stayed))
    # Everybody has a line of their own.
    theirs = defaultdict(set)
    for f in woven.weave.fragments:
        theirs[woven.teller_of_thread[f.thread_i]].add(same_text(f.text))
    assert all(own & lines_of(woven) for own in theirs.values())


def test_more_live_lines_than_places_make_more_places():
    texts = [f"{a} {b} stood there alone" for a, b in zip(PLAIN[:6], PLAIN[6:], strict=True)]

    woven = closed(texts, [0, 0, 0, 1, 1, 1], [(r, 0) for r in range(6)], lines=2)

    assert woven.weave.k == 6
    assert len(woven.weave.lines) == 6


def test_groups_that_live_lines_left_no_place_for_get_places_of_their_own():
    # Sixty places, all taken live by one loud person; and thirty-three pairs who each
    # say the same, so that each pair has a claim to a line.
    loud = ". ".join(f"w{i}a w{i}b w{i}c w{i}d w{i}e" for i in range(60))
    pairs = [f"p{i}a p{i}b p{i}c p{i}d p{i}e" for i in range(33)]
    texts = [loud, *pairs, *pairs]
    live = [(0, i) for i in range(60)]

    woven = closed(texts, list(range(67)), live, langs=["en"] * 67)

    assert lines_of(woven) == words_of(woven, live) | {same_text(text) for text in pairs}
    assert default_lines(67, 93) == 60
    assert woven.weave.k == 93


def test_with_nothing_live_it_is_the_weave_of_all_at_once():
    texts = [f"{a} {b}" for a in PLAIN for b in PLAIN[:3]]

    assert (
        weave(texts, range(36), reader=READER, live=[]).weave
        == weave(texts, range(36), reader=READER).weave
    )


@pytest.mark.parametrize(
    ("live", "sentence"),
    [
        ([(2, 0)], "fragment 0 of report 2, which is not there"),
        ([(0, 1)], "fragment 1 of report 0, which is not there"),
        ([(0, -1)], "fragment -1 of report 0, which is not there"),
        ([(0,)], "pairs of whole numbers"),
        ([("0", 0)], "pairs of whole numbers"),
    ],
)
def test_live_lines_that_are_not_there_are_told(live, sentence):
    with pytest.raises(ValueError, match=sentence):
        weave(["the sea rose", "a lamp burned"], [0, 1], reader=READER, live=live)


def test_a_weave_is_healed_or_closed_and_not_both():
    texts, tellers = ["the sea rose", "a lamp burned"], [0, 1]
    before = weave(texts, tellers, reader=READER).before()

    with pytest.raises(ValueError, match="not both"):
        weave(texts, tellers, reader=READER, before=before, live=[(0, 0)])


def test_the_invented_circle_closes_around_what_it_wove_live():
    lines = (packaged("dreamweave.sample") / "metropolis-arcana.jsonl").read_text("utf-8")
    told = [one for one in map(json.loads, lines.splitlines()) if "text" in one]
    ids = {one["id"]: r for r, one in enumerate(told)}
    texts, tellers = [one["text"] for one in told], [one["teller"] for one in told]
    langs = [one.get("lang") for one in told]
    answers = [ids.get(one.get("answers")) for one in told]
    names = list(dict.fromkeys(tellers))
    living = grown(
        texts,
        [names.index(who) for who in tellers],
        len(names),
        reader=None,
        langs=langs,
        answers=answers,
        seed="tide",
    )

    woven = closed(
        texts, tellers, living.woven, reader=None, seed="tide", langs=langs, answers=answers
    )

    assert len(living.woven) >= 12
    assert words_of(woven, living.woven) <= lines_of(woven)
    assert woven.weave.k == default_lines(len(names), len(woven.fragment_of))
    assert living.motifs
