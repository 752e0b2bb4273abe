"""The text: a weave as Markdown, made of people's own words and marked headings.

Nothing is added to anybody's words but escapes, so that they are read as words
and never as markup, links or code. It carries no tag and no link between two
threads: a line is known by its number alone, the one the voice accounts use.
"""

from __future__ import annotations

import re
from collections import Counter

from dreamweave.model.weaves import VOICE, Fragment, Weave

_STRENGTH = {1: "a little ", 3: "much "}

# Always markup somewhere: CommonMark, GitHub's tables, strikes and formulas.
_ALWAYS = re.compile(r"([\\`*_\[\]<>&#|~$^{}])")
# At the start of a line: lists, quotes, underlined headings, definition lists.
_LIST = re.compile(r"^(\d+)([.)])")
_FIRST = re.compile(r"^([-+=:%])")
# What would become a link or a picture by itself.
_SCHEME = re.compile(r":(?=\S)")
_WWW = re.compile(r"(?i)\b(www)\.")
_MAIL = re.compile(r"(?<=\S)@(?=\S)")


def text_md(weave: Weave) -> str:
    """The whole text: passages, their lines in order, the chorus, and how to check it."""
    out = [f"# {markdown(weave.title) or 'Untitled'}", ""]
    if weave.invented:
        out += ["**Invented: every person and every word.**", ""]
    out += [_opening(weave), ""]
    main = main_language(weave)
    for p, passage in enumerate(weave.passages):
        if not passage.lines:
            continue
        named = " · ".join(markdown(weave.motifs[m].name) for m in passage.motifs)
        out += [f"## Passage {p + 1}{': ' + named if named else ''}", ""]
        for w in passage.lines:
            fragment = weave.fragments[weave.lines[w].fragment_i]
            # Not a numbered list: readers of Markdown count those afresh, and the
            # voice accounts mean this number.
            out.append(f"- **{w + 1}** {markdown(fragment.text)}{_about(weave, fragment, main)}")
        out.append("")
    if weave.chorus:
        out += [
            "## Chorus",
            "",
            "Short lines that carry what is left of every voice, each in its owner's own words.",
            "",
        ]
        for line in weave.chorus:
            fragment = weave.fragments[line.fragment_i]
            out.append(
                f"- {markdown(fragment.text)}{_about(weave, fragment, main, share(line.voice))}"
            )
        out.append("")
    out += ["## Is this fair?", "", *_fairness(weave), ""]
    return "\n".join(out)


def markdown(text: str) -> str:
    """A stranger's words as one line of Markdown that shows exactly them.

    Runs of white space, line ends too, become one space; a character that
    cannot be shown becomes one as well. Nothing else is changed.
    """
    line = " ".join("".join(" " if _unshown(c) else c for c in text).split())
    line = _ALWAYS.sub(r"\\\1", line)
    line = _SCHEME.sub(r"\\:", line)
    line = _WWW.sub(r"\1\\.", line)
    # A mail address is made a link after escapes are read; only a seam stops that.
    line = _MAIL.sub("@<!-- -->", line)
    line = _LIST.sub(r"\1\\\2", line)
    return _FIRST.sub(r"\\\1", line)


def felt(fragment: Fragment) -> str:
    """What its teller felt, in words: "joy", "a little joy", "much joy", or nothing."""
    if fragment.feeling is None:
        return ""
    return f"{_STRENGTH.get(fragment.intensity or 2, '')}{fragment.feeling}"


def main_language(weave: Weave) -> str:
    """The commonest language, which needs no mark; the first in order on a tie."""
    counted = Counter(fragment.lang for fragment in weave.fragments if fragment.lang != "und")
    return min(counted, key=lambda lang: (-counted[lang], lang)) if counted else "und"


def share(voice: int) -> str:
    """A part of a voice in words; never "0 %" for something and never "100 %" for less than all."""
    if voice >= VOICE:
        return "a whole voice"
    percent = min(99, max(1, (voice * 200 + VOICE) // (2 * VOICE)))
    return f"{percent} % of a voice"


def _about(weave: Weave, fragment: Fragment, main: str, *more: str) -> str:
    """What stands beside a line: name where names were asked for, feeling, language."""
    name = weave.threads[fragment.thread_i].name if weave.named else None
    lang = fragment.lang if fragment.lang not in (main, "und") else ""
    parts = [p for p in (markdown(name or ""), felt(fragment), markdown(lang), *more) if p]
    return f" *({', '.join(parts)})*" if parts else ""


def _opening(weave: Weave) -> str:
    people = f"{weave.n_tellers:,} {'person' if weave.n_tellers == 1 else 'people'} told this"
    seats = []
    if weave.n_listening:
        seats.append(f"{weave.n_listening:,} listened")
    if weave.n_open:
        seats.append(
            f"{weave.n_open:,} {'seat is' if weave.n_open == 1 else 'seats are'} kept open"
        )
    languages = sorted({f.lang for f in weave.fragments if f.lang != "und"})
    more = (
        f" It is told in {len(languages)} languages: {', '.join(markdown(x) for x in languages)}; "
        f"what is not in {markdown(main_language(weave))} is marked."
        if len(languages) > 1
        else ""
    )
    return (
        f"{'; '.join([people, *seats])}. Every numbered line is somebody's own words, unchanged. "
        f"The headings name what people share.{more}"
    )


def _fairness(weave: Weave) -> list[str]:
    fair = weave.fairness
    whole = fair.voice_in_lines + fair.voice_in_chorus
    lines = 100 * fair.voice_in_lines // whole if whole else 0
    out = [
        f"Each of {weave.n_tellers:,} people holds one voice. {lines} % of all voices went to the "
        f"numbered lines and the rest to the chorus, so that nobody is dropped.",
        "",
    ]
    if fair.overlooked:
        closest = fair.overlooked[0]
        out += [
            f"By the numbered lines alone, {fair.n_without_line:,} of {weave.n_tellers:,} people "
            f"would have nothing. The most popular lines would leave "
            f"{fair.n_without_line_popular:,} with nothing.",
            "",
            f"The closest call: {closest.count:,} "
            f"{'person shares' if closest.count == 1 else 'people share'} an image and "
            f"{'holds' if closest.count == 1 else 'hold'} fewer than {closest.l} "
            f"{'line' if closest.l == 1 else 'lines'}.",
            "",
        ]
    out.append(
        "To check all of it: `dreamweave verify .` in this folder, or "
        "`python verify_weave.py .` with nothing installed but Python."
    )
    return out


def _unshown(c: str) -> bool:
    """Control characters and lone surrogates, which no file of text should hold."""
    return ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) <= 0xDFFF
