"""The text is people's own words, all of them in order, and never markup."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from makers_weaves import sample_like, weave_of

from dreamweave.dreamscape.text import markdown, share, text_md
from dreamweave.model.weaves import VOICE


def unescaped(line):
    """What a reader of Markdown sees: escapes read, the seam in mail addresses dropped."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", line.replace("<!-- -->", ""))


@given(st.text())
@settings(max_examples=300, deadline=None)
def test_words_come_out_as_they_went_in_but_for_white_space(text):
    shown = "".join(" " if ord(c) < 32 or 0x7F <= ord(c) < 0xA0 else c for c in text)

    assert unescaped(markdown(text)) == " ".join(shown.split())


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("I held the lamp and it was warm.", "I held the lamp and it was warm."),
        ("<b>loud</b> & *soft*", r"\<b\>loud\</b\> \& \*soft\*"),
        ("[me](http://x.org)", r"\[me\](http\://x.org)"),
        ("see www.x.org", r"see www\.x.org"),
        ("write to a@b.org", "write to a@<!-- -->b.org"),
        ("1. first", r"1\. first"),
        ("- a dash", r"\- a dash"),
        ("# no heading", r"\# no heading"),
        ("two\nlines\r\nthree", "two lines three"),
        ("she said: come at 8:30", r"she said: come at 8\:30"),
        ("`code` ~~gone~~ | $x$", r"\`code\` \~\~gone\~\~ \| \$x\$"),
    ],
)
def test_nobodys_words_become_markup(words, written):
    assert markdown(words) == written


def test_every_line_and_every_chorus_line_is_there_in_order():
    weave = sample_like()

    text = text_md(weave)

    spoken = [weave.lines[w].fragment_i for p in weave.passages for w in p.lines]
    spoken += [line.fragment_i for line in weave.chorus]
    at = 0
    for f in spoken:
        at = text.index(markdown(weave.fragments[f].text), at) + 1
    assert at > 0


def test_a_small_text_reads_so():
    weave = weave_of(2, 1, [(0, 0, (0, 1))], feelings={0: "joy", 1: "calm"}, intensity={1: 3})
    first, second = (weave.fragments[line.fragment_i].text for line in weave.lines)

    head, _, tail = text_md(weave).partition("## Passage 1")

    assert head.splitlines()[0] == "# The Night the Lamps Walked"
    assert "Invented: every person and every word." in head
    assert tail.splitlines()[:4] == [
        ": house",
        "",
        f"- **1** {first} *(joy)*",
        f"- **2** {second} *(much calm)*",
    ]
    assert "dreamweave verify" in tail


def test_no_tag_is_in_the_text_and_no_name_unless_asked_for():
    weave = sample_like(named=False)

    text = text_md(weave)

    assert [t.tag for t in weave.threads if t.tag in text] == []
    assert "Amara" not in text_md(dataclasses.replace(sample_like(named=True), named=False))
    assert "Amara" in text_md(sample_like(named=True))


def test_other_languages_are_marked_and_the_main_one_is_not():
    text = text_md(sample_like(named=False, dyed=False))

    assert "*(de)*" in text
    assert "*(en)*" not in text


def test_parts_of_a_voice_are_never_nothing_nor_more_than_they_are():
    assert share(VOICE) == "a whole voice"
    assert share(VOICE - 1) == "99 % of a voice"
    assert share(1) == "1 % of a voice"
    assert share(VOICE * 355 // 1000) == "36 % of a voice"
