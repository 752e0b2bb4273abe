"""Plain text, Markdown, and texts with names: where one telling ends and whose it is."""

from __future__ import annotations

import pytest
from intake_reading import intake_of, left_out, told

from dreamweave.intake import read_bytes
from dreamweave.model.refusals import Refusal


def texts(name, content, **asked):
    return [text for _, text in told(name, content, **asked)]


def test_a_paragraph_is_a_report():
    assert texts("t.txt", "I swam.\n\n\n  I flew\nover it.\n\n***\n\nI fell.\n") == [
        "I swam.",
        "I flew\nover it.",
        "I fell.",
    ]


def test_lines_broken_at_a_width_are_one_line_again():
    content = (
        "I was walking down the long street of my\n"
        "childhood and every door had been painted\n"
        "blue, and behind each of them there was\n"
        "somebody who hummed."
    )

    assert texts("t.txt", content) == [content.replace("\n", " ")]


def test_lines_of_japanese_join_without_a_space():
    content = "夢の中で私は海の上を歩いていました月がとても大きくて\n船がゆっくりと空へ登っていきましたそして鳥が\n鳴いた。"

    assert texts("t.txt", content) == [content.replace("\n", "")]


def test_without_empty_lines_a_line_is_a_report():
    assert texts("t.txt", "I swam home.\nThe bird paid the fare.\nNothing at all.\n") == [
        "I swam home.",
        "The bird paid the fare.",
        "Nothing at all.",
    ]


def test_of_several_files_each_is_one_report_by_one_person():
    intake = read_bytes([("ann.txt", b"I swam.\n\nThen I flew."), ("bo.txt", b"I fell.")])

    assert [(r.teller, r.text) for r in intake.told.reports] == [
        ("ann", "I swam.\n\nThen I flew."),
        ("bo", "I fell."),
    ]


def test_two_files_of_one_name_stay_two():
    intake = read_bytes([("told.txt", b"I swam."), ("told.txt", b"I fell.")])

    assert len({r.teller for r in intake.told.reports}) == 2
    assert [s.name for s in intake.sources] == ["told.txt", "told (2).txt"]


def test_names_before_a_colon_say_who_tells():
    content = "Ann: I swam.\n\nBo Lee: I flew,\nand it was late.\n\nAnd later it rained.\n\nAnn: I fell: hard.\n"

    assert told("t.txt", content) == [
        ("Ann", "I swam."),
        ("Bo Lee", "I flew,\nand it was late.\nAnd later it rained."),
        ("Ann", "I fell: hard."),
    ]


def test_a_colon_in_a_dream_names_nobody():
    content = "She said: come in.\n\nThen there were stairs.\n\nI went up and up.\n\nAnd the sea.\n"

    assert len({t for t, _ in told("t.txt", content)}) == 4


@pytest.mark.parametrize(
    "content",
    [
        "[3:15] I woke and went down.\n[4:20] I slept again.\n",
        "Woke at 3:15\nI saw the sea.\n\nUp at 6:00\nRain.\n",
    ],
    ids=["bracketed", "behind"],
)
def test_times_in_a_diary_name_nobody(content):
    assert all(name.startswith("unnamed") for name, _ in told("t.txt", content))


def test_a_forms_labels_name_nobody():
    assert (
        texts("t.txt", "Dream: I swam.\n\nFeeling: joy\n\nDream: I flew.\n")[0] == "Dream: I swam."
    )


def test_headings_of_markdown_name_the_tellers():
    intake = intake_of(
        "t.md",
        "# What the street dreamt\n\nCollected on a Sunday.\n\n## Ann\n\nI *swam* in [the sea](http://x.y).\n\n"
        "It was warm.\n\n---\n\nLater I flew.\n\n## Bo\n\n### Memory\n\n> I was seven.\n\n## Dream 3\n\nI fell.\n",
    )

    assert intake.title == "What the street dreamt"
    assert [(r.teller, r.text, r.kind) for r in intake.told.reports] == [
        ("unnamed 1", "Collected on a Sunday.", "dream"),
        ("Ann", "I swam in the sea.\n\nIt was warm.", "dream"),
        ("Ann", "Later I flew.", "dream"),
        ("Bo", "I was seven.", "memory"),
        ("unnamed 2", "I fell.", "dream"),
    ]


def test_markdown_without_names_has_a_report_a_paragraph_or_item():
    assert texts("t.md", "# Night\n\nI swam.\n\n- I flew\n- I fell\n  and fell\n") == [
        "I swam.",
        "I flew",
        "I fell\nand fell",
    ]


def test_markdown_with_names_in_bold():
    assert told("t.md", "**Ann:** I swam.\n\n**Bo:** I flew.\n\nAnd landed.\n") == [
        ("Ann", "I swam."),
        ("Bo", "I flew.\n\nAnd landed."),
    ]


def test_front_matter_gives_title_and_language():
    intake = intake_of("t.md", "---\ntitle: Ebbe\nlang: de\n---\n\nIch schwamm.\n")

    assert (intake.title, intake.told.reports[0].lang) == ("Ebbe", "de")
    assert [r.text for r in intake.told.reports] == ["Ich schwamm."]


def test_underlined_headings_are_headings():
    assert told("t.md", "Tide\n====\n\nAnn\n---\n\nI swam.\n\nBo\n---\n\nI flew.\n") == [
        ("Ann", "I swam."),
        ("Bo", "I flew."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "x" * 50_000,
        "مشيت من باب إلى باب ولم تفرغ السلة",
        "👩‍👩‍👧‍👦🌊🌙 and then 👋🏽",
        "היה ירח and a moon ומנורה",
        "a\u0301\u0302\u0303 b",
    ],
    ids=["long-word", "arabic", "emoji", "mixed", "combining"],
)
def test_any_writing_comes_through_as_it_was(text):
    for name, content in (
        ("t.txt", text),
        ("t.csv", f'name,text\nAnn,"{text}"\n'),
        ("t.md", f"# T\n\n## Ann\n\n{text}\n"),
    ):
        assert texts(name, content) == [text]


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", "---\n\n***\n", "name,text\n"])
@pytest.mark.parametrize("name", ["t.txt", "t.csv", "t.md", "t.jsonl", "t.json", "t.vtt", "t.srt"])
def test_where_nobody_told_anything_there_is_a_sentence(name, content):
    with pytest.raises(Refusal) as no:
        told(name, content, format="csv" if content == "name,text\n" else None)

    assert no.value.code in ("intake.nothing", "json.syntax")
    assert name in no.value.sentence


def test_a_language_can_be_given_for_all_that_state_none():
    intake = intake_of("t.csv", "text,lang\na,\nb,fr\n", lang="German")

    assert [r.lang for r in intake.told.reports] == ["de", "fr"]
    with pytest.raises(Refusal):
        told("t.txt", "a", lang="no such tongue")


def test_somebody_can_be_left_out_by_name():
    intake = intake_of("t.csv", "name,text\nAnn,a\nHost,b\n", without=["host", "Zed"])

    assert [r.teller for r in intake.told.reports] == ["Ann"]
    assert "1 that belonged to somebody you asked to leave out" in left_out(intake)
    assert "1 name to be left out could not be found" in intake.warnings[0]


def test_a_web_page_is_refused():
    with pytest.raises(Refusal) as no:
        told("t.html", "<!DOCTYPE html><p>I swam.</p>")

    assert no.value.code == "file.html"
