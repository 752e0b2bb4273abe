"""Transcripts: cues of one speaker are one telling, and only words are kept."""

from __future__ import annotations

import pytest
from intake_reading import intake_of, left_out, told

VOICES = """\
WEBVTT - evening
Kind: captions

NOTE made by hand
and not told

STYLE
::cue { color: red }

1
00:00:01.000 --> 00:00:04.000 align:start
<v Ann Lee>The tide came up <i>the stairs</i>

2
00:00:04.000 --> 00:00:06.000
<v.loud Ann Lee>of my building &amp; stayed.</v>

00:00:06.000 --> 00:00:09.000
<v Bo>[laughter] Mm-hm.</v>
<v Ann Lee>It was warm.</v>

00:10.000 --> 00:12.000
<v Bo><00:00:11.000>I <c.x>climbed</c>.</v>
"""


def test_voice_spans_name_the_speakers():
    intake = intake_of("evening.vtt", VOICES)

    assert [(r.teller, r.text) for r in intake.told.reports] == [
        ("Ann Lee", "The tide came up the stairs of my building & stayed. It was warm."),
        ("Bo", "I climbed."),
    ]
    assert left_out(intake) == (
        "Left out (1): 1 that were only a greeting, thanks, applause, yes or no."
    )


def test_names_in_the_cues_as_zoom_writes_them():
    content = (
        "WEBVTT\r\n\r\n1\r\n00:00:01.000 --> 00:00:04.000\r\nAnn Lee: The tide came up:\r\n\r\n"
        "2\r\n00:00:04.000 --> 00:00:06.000\r\nAnn Lee: it was warm.\r\n\r\n"
        "3\r\n00:00:06.000 --> 00:00:09.000\r\nBo: I climbed.\r\n"
    )

    assert told("evening.vtt", content) == [
        ("Ann Lee", "The tide came up: it was warm."),
        ("Bo", "I climbed."),
    ]


def test_ids_of_teams_are_no_words():
    content = (
        "WEBVTT\n\n3f2a-11/14-0\n00:00:01.000 --> 00:00:04.000\n<v Ann>I swam\nhome.</v>\n\n"
        "3f2a-11/14-1\n00:00:04.000 --> 00:00:05.000\n<v Bo>I climbed.</v>\n"
    )

    assert told("meeting.vtt", content) == [("Ann", "I swam home."), ("Bo", "I climbed.")]


@pytest.mark.parametrize("name", ["evening.srt", "evening.txt"])
def test_srt_with_and_without_empty_lines(name):
    content = (
        "1\n00:00:01,000 --> 00:00:04,000\n{\\an8}Ann: I <b>swam</b>\nhome.\n\n"
        "2\n00:00:04,000 --> 00:00:06,000\nBo: I climbed.\n"
        "3\n00:00:06,000 --> 00:00:09,000\nBo: And fell.\n\nAnd fell again.\n"
    )

    assert told(name, content) == [
        ("Ann", "I swam home."),
        ("Bo", "I climbed. And fell. And fell again."),
    ]


def test_a_colon_now_and_then_names_nobody():
    content = "WEBVTT\n\n" + "".join(
        f"00:00:{n:02}.000 --> 00:00:{n + 1:02}.000\n{text}\n\n"
        for n, text in enumerate(
            ["I swam.", "Then she said:", "And Then: nothing", "But it was", "late"]
        )
    )

    intake = intake_of("film.vtt", content)

    assert [(r.teller, r.text) for r in intake.told.reports] == [
        ("film.vtt", "I swam. Then she said: And Then: nothing But it was late")
    ]
    assert "names no speaker" in intake.warnings[0]


def test_turns_as_teams_and_otter_copy_them():
    content = "Evening\n\nAnn Lee   0:03\nThe tide came up.\nIt was warm.\n\nBo Berg  1:02:15\nI climbed.\n\nAnn Lee 1:03:00\nAnd I.\n"

    intake = intake_of("evening.txt", content)

    assert [(r.teller, r.text) for r in intake.told.reports] == [
        ("Ann Lee", "The tide came up. It was warm."),
        ("Bo Berg", "I climbed."),
        ("Ann Lee", "And I."),
    ]
    assert left_out(intake) == "Left out (1): 1 that stood before the first name."


def test_a_meet_transcript_as_text():
    content = "Evening - Transcript\n\n00:00:00\n\nAnn Lee: The tide came up.\nBo: I climbed.\n\n00:05:00\n\nAnn Lee: And I.\n"

    assert told("transcript.txt", content) == [
        ("Ann Lee", "The tide came up."),
        ("Bo", "I climbed."),
        ("Ann Lee", "And I."),
    ]


def test_the_host_can_be_left_out():
    intake = intake_of("evening.vtt", VOICES, without=["ann lee"])

    assert [r.teller for r in intake.told.reports] == ["Bo"]
    assert any("--without NAME" in s for s in intake.understood)


def test_cues_that_stand_outside_are_counted():
    content = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>I swam.\n\nstray words\n"

    intake = intake_of("t.vtt", content)

    assert [r.text for r in intake.told.reports] == ["I swam."]
    assert left_out(intake) == "Left out (1): 1 that stood outside every cue."
