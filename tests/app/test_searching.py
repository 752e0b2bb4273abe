"""Search finds what was asked in one's own reports, marks it where it stands, and keeps no index."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers_ground import a_dreamer, a_report, make_ground

from dreamweave.app.asked_words import Asked, asked_of
from dreamweave.app.folding import folded, spans_in
from dreamweave.app.journals import forget_report, keep_report
from dreamweave.app.searching import search
from dreamweave.model.refusals import Refusal


@pytest.fixture
def ground():
    return make_ground()


@pytest.fixture
def who(ground):
    return a_dreamer(ground)


def kept(ground, who, *texts, **also):
    """The ids of reports kept with these texts, one night after another."""
    ids = []
    for i, text in enumerate(texts, start=1):
        report = a_report(ground, text, **{"night": f"2026-11-{i:02}", **also})
        keep_report(ground, who, report)
        ids.append(report.id)
    return ids


def ids_of(found):
    return [hit.report for hit in found.hits]


def marked(hit):
    return [hit.snippet[a:b] for a, b in hit.marks]


def test_every_word_must_stand_in_a_report_whatever_its_case_and_accents(ground, who):
    _, both, _ = kept(
        ground, who, "The SEA came.", "The Séa came up the stáirs.", "Only stairs here."
    )

    found = search(ground, who, "stairs SEA")

    assert (found.n, ids_of(found)) == (1, [both])
    assert marked(found.hits[0]) == ["Séa", "stáirs"]


def test_a_phrase_in_quotation_marks_stands_together_even_over_a_line_end(ground, who):
    _, yes = kept(ground, who, "A glass of sea, house of glass.", "A glass\n  house stood there.")

    assert ids_of(search(ground, who, "“glass house”")) == [yes]
    assert ids_of(search(ground, who, '"glass house')) == [yes]
    assert search(ground, who, "glass house").n == 2


def test_a_word_with_a_dash_before_it_must_not_stand_there(ground, who):
    first, _ = kept(ground, who, "The sea was calm.", "The sea and a boat.")

    assert ids_of(search(ground, who, "sea -boat")) == [first]


def test_filters_by_tag_kind_feeling_and_night(ground, who):
    a = a_report(ground, "One.", tags=("The Sea", "home"), feeling="fear", night="2026-01-31")
    b = a_report(ground, "Two.", tags=("sea",), kind="memory", night="2026-02-01")
    c = a_report(ground, "Three.", feeling="wordless", night="2025-12-31")
    for report in (a, b, c):
        keep_report(ground, who, report)

    def found(text, **how):
        return ids_of(search(ground, who, text, **how))

    assert found("tag:sea") == [b.id]
    assert found('tag:"the sea"') == [a.id]
    assert found("kind:memory") == found("tipo:recuerdo") == [b.id]
    assert found("feeling:fear") == found("شعور:خوف") == found("sentimiento:miedo") == [a.id]
    assert found("feeling:wordless") == [c.id]
    assert found("night:2026") == [b.id, a.id]
    assert found("from:2026-01 to:2026-01") == [a.id]
    assert found("", since="2026-02") == [b.id]
    assert found("", until="2025") == [c.id]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("kind:cake", "search.kind"),
        ("feeling:meh", "search.feeling"),
        ("night:tomorrow", "search.date"),
        ("x" * 401, "search.long"),
        (" ".join("abcdefghijklmnopq"), "search.many"),
    ],
)
def test_what_cannot_be_asked_is_answered_with_a_sentence(ground, who, text, code):
    with pytest.raises(Refusal) as no:
        search(ground, who, text)

    assert no.value.code == code
    assert "cake" not in no.value.sentence


def test_titles_and_tags_come_first_then_whole_words_then_parts_then_the_newest(ground, who):
    part, whole, newer = kept(ground, who, "A seaside.", "The sea.", "The sea again.")
    titled = a_report(ground, "Nothing else.", title="Sea", night="2020-01-01")
    keep_report(ground, who, titled)

    found = search(ground, who, "sea")

    assert ids_of(found) == [titled.id, newer, whole, part]
    assert found.hits[0].marks_title == ((0, 3),)


def test_scripts_without_spaces_are_found_anywhere_in_a_line(ground, who):
    ja, zh, ko = kept(
        ground, who, "海が階段を登ってきた。", "月亮在水里唱歌。", "바다가 계단을 올라왔다."
    )

    assert ids_of(search(ground, who, "階段")) == [ja]
    assert ids_of(search(ground, who, "水里 月亮")) == [zh]
    assert ids_of(search(ground, who, "계단")) == [ko]
    assert marked(search(ground, who, "階段").hits[0]) == ["階段"]
    assert search(ground, who, "か").n == 0  # が is another letter, not か with an accent


def test_arabic_and_hebrew_are_found_with_and_without_points(ground, who):
    ar, he = kept(ground, who, "رَأَيْتُ البَحْرَ فِي المَدْرَسَةِ.", "חָלַמְתִּי עַל הַיָּם.")

    assert ids_of(search(ground, who, "البحر المدرسه")) == [ar]
    assert marked(search(ground, who, "البحر").hits[0]) == ["البَحْرَ"]
    assert ids_of(search(ground, who, "חלמתי")) == [he]


def test_what_kept_somebody_out_is_found_too(ground, who):
    report = a_report(ground, "", kind="none", kept_out="The night shift again.")
    keep_report(ground, who, report)

    hit = search(ground, who, "shift").hits[0]

    assert (hit.report, marked(hit)) == (report.id, ["shift"])


def test_a_snippet_begins_near_the_first_mark_and_marks_are_places_in_it(ground, who):
    kept(ground, who, "wave " * 300 + "the lantern went out " + "wave " * 300)

    hit = search(ground, who, "lantern").hits[0]

    assert len(hit.snippet) <= 230
    assert hit.snippet.startswith("… wave")
    assert hit.snippet.endswith("wave …")
    assert marked(hit) == ["lantern"]


def test_an_empty_search_gives_everything_the_newest_night_first_a_page_at_a_time(ground, who):
    ids = kept(ground, who, "a", "b", "c")

    assert ids_of(search(ground, who, "  ")) == ids[::-1]
    second = search(ground, who, "", after=1, limit=1)
    assert (second.n, ids_of(second)) == (3, [ids[1]])


def test_nobody_finds_somebody_elses_words_nor_forgotten_or_older_ones(ground, who):
    other = a_dreamer(ground)
    first, second = kept(ground, who, "A canaryword.", "Another canaryword.")
    assert search(ground, other, "canaryword").n == 0

    forget_report(ground, who, first)
    changed = a_report(ground, "Nothing now.", version=2)
    keep_report(ground, who, replace(changed, id=second))

    assert search(ground, who, "canaryword").n == 0


def test_what_was_asked_stays_out_of_the_repr(ground, who):
    kept(ground, who, "A canaryword.")

    assert "canaryword" not in repr(search(ground, who, "canaryword -other tag:canaryword"))
    assert "canaryword" not in repr(search(ground, who, "canaryword"))


def test_searching_brings_no_numpy_into_the_process():
    import subprocess

    code = "import dreamweave.app.searching, sys; print('numpy' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert out.stdout.strip() == "False"


def test_words_are_taken_apart_as_they_were_typed():
    assert asked_of('Sea "two  words" -not tag:Home kind:dream café:noir') == Asked(
        terms=("sea", "two words", "cafe:noir"),
        without=("not",),
        tags=("home",),
        kinds=frozenset({"dream"}),
    )
    assert asked_of("").is_empty
    assert asked_of("- — -").without == ()


@given(st.text(max_size=60))
def test_a_folded_span_comes_back_as_a_span_of_the_text(text):
    inside = folded(text)
    whole = spans_in(text, [(i, i + 1) for i in range(len(inside))])

    assert all(0 <= a < b <= len(text) for a, b in whole)
    assert [a for a, _ in whole] == sorted(a for a, _ in whole)
    for i, (a, b) in enumerate(whole):
        assert inside[i] in folded(text[a:b])


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text):
    assert folded(folded(text)) == folded(text)


@given(st.text(max_size=80))
def test_whatever_is_typed_is_answered_or_refused_with_a_sentence(text):
    with suppress(Refusal):
        assert asked_of(text) == asked_of(text)
