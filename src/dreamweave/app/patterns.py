"""Patterns: what a person's own reports show them over time, counted and never interpreted.

Kinds and feelings by month, and images that came back: words and tags, each
with the number of nights it stands in. A feeling is counted only where its
dreamer said it. What something means is not here and nowhere in this software.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from dreamweave.app.actors import Actor
from dreamweave.app.folding import folded
from dreamweave.app.ground import Ground
from dreamweave.app.saying import Said, said, said_n
from dreamweave.loom.words import all_words, is_small
from dreamweave.model.journal import FELT, Felt, JournalReport
from dreamweave.model.reports import KINDS, Kind

# Once is a dream; from the second night on it came back.
N_NIGHTS_MIN = 2
N_IMAGES_MAX = 40
N_YEARS_MAX = 60
_CHARS_READ = 20_000

# Languages written without spaces have no words that could be told without a dictionary;
# Japanese shows most of its nouns by their script.
_NO_WORDS = frozenset({"zh", "th", "lo", "km", "my"})
_JAPANESE = re.compile("[\u3400-\u4dbf\u4e00-\u9fff々]+|[\u30a0-\u30ff]{2,}")
# A word between spaces and signs, with its marks, points and apostrophes.
_TOKEN = re.compile(r"[^\W_][\w\u0300-\u036f\u0591-\u05c7\u064b-\u0655\u0670\u0900-\u0dff'’]*")
_SCRIPTS = (
    (re.compile("[\u3040-\u30ff]"), "ja"),
    (re.compile("[\uac00-\ud7af]"), "ko"),
    (re.compile("[\u4e00-\u9fff]"), "zh"),
    (re.compile("[\u0600-\u06ff]"), "ar"),
    (re.compile("[\u0590-\u05ff]"), "he"),
    (re.compile("[\u0400-\u04ff]"), "ru"),
    (re.compile("[\u0370-\u03ff]"), "el"),
    (re.compile("[\u0e00-\u0e7f]"), "th"),
    (re.compile("[\u0900-\u097f]"), "hi"),
)


@dataclass(frozen=True, slots=True)
class Month:
    """What was kept in one month; `n_unsaid` reports say no feeling."""

    month: str
    kinds: dict[Kind, int]
    feelings: dict[Felt, int]
    n_unsaid: int


@dataclass(frozen=True, slots=True)
class Image:
    """A word or a tag that came back: the nights it stands in, the first one first."""

    what: Literal["word", "tag"]
    word: str = field(repr=False)
    nights: tuple[str, ...]

    @property
    def n_nights(self) -> int:
        return len(self.nights)

    def sentence(self) -> Said:
        return said_n("Seen in {n} night.", "Seen in {n} nights.", self.n_nights)


@dataclass(frozen=True, slots=True)
class Patterns:
    """Everything the page of patterns shows. Months stand in order."""

    n_reports: int
    n_nights: int
    months: tuple[Month, ...]
    images: tuple[Image, ...]
    n_wordless: int = 0  # reports in a writing whose words are not told apart here

    def kinds(self) -> dict[Kind, int]:
        total = sum((Counter(m.kinds) for m in self.months), Counter[Kind]())
        return {kind: total[kind] for kind in KINDS if total[kind]}

    def feelings(self) -> dict[Felt, int]:
        total = sum((Counter(m.feelings) for m in self.months), Counter[Felt]())
        return {felt: total[felt] for felt in FELT if total[felt]}

    def sentences(self) -> tuple[Said, ...]:
        """The page in words: what its pictures show."""
        if not self.n_reports:
            return (said("Nothing is kept yet, so nothing can have come back."),)
        n_said = sum(self.feelings().values())
        first, last = self.months[0].month, self.months[-1].month
        if self.n_nights == 1:
            counted = said_n(
                "{n} report, from one night in {first}.",
                "{n} reports, from one night in {first}.",
                self.n_reports,
                first=first,
            )
        else:
            counted = said_n(
                "{n} report, from {n_nights} nights between {first} and {last}.",
                "{n} reports, from {n_nights} nights between {first} and {last}.",
                self.n_reports,
                n_nights=self.n_nights,
                first=first,
                last=last,
            )
        lines = [
            counted,
            said_n(
                "You said what you felt in {n} of them; the rest is left unsaid.",
                "You said what you felt in {n} of them; the rest is left unsaid.",
                n_said,
            ),
        ]
        if self.images:
            lines.append(
                said_n(
                    "{n} word or tag stands in more than one night.",
                    "{n} words and tags stand in more than one night.",
                    len(self.images),
                )
            )
        else:
            lines.append(said("No word or tag stands in more than one night yet."))
        if self.n_wordless:
            lines.append(
                said_n(
                    "{n} report is in a language written without spaces, whose words are not told"
                    " apart here: its tags are counted.",
                    "{n} reports are in a language written without spaces, whose words are not"
                    " told apart here: their tags are counted.",
                    self.n_wordless,
                )
            )
        return tuple(lines)


def patterns_of(ground: Ground, who: Actor, *, lang: str = "en") -> Patterns:
    """The actor's own patterns; `lang` is that of reports which do not say theirs."""
    # What was found out of a word is known for the rest of this call, and for no longer.
    known: dict[tuple[str, str], str] = {}
    read = ground.opened.each(ground, who, f"words {lang}", lambda r: words_of(r, lang, known))
    return patterns_from(read)


def patterns_from(read: Iterable[tuple[JournalReport, tuple[str, ...] | None]]) -> Patterns:
    """Patterns out of reports and the words that stand in each."""
    held = list(read)
    tags: defaultdict[str, set[str]] = defaultdict(set)
    by_night: defaultdict[str, set[str]] = defaultdict(set)
    spelled: dict[str, str] = {}
    for report, found in held:
        if found:
            by_night[report.night].update(found)
        for tag in report.tags:
            key = " ".join(folded(tag).split())
            spelled.setdefault(key, tag.strip())
            tags[key].add(report.night)
    counted = Counter[str]()
    for words in by_night.values():
        counted.update(words)
    came_back = [w for w, n in counted.items() if n >= N_NIGHTS_MIN and folded(w) not in tags]
    came_back.sort(key=lambda word: (-counted[word], word))
    images = [
        Image("tag", spelled[key], tuple(sorted(nights)))
        for key, nights in tags.items()
        if len(nights) >= N_NIGHTS_MIN
    ] + [
        Image("word", word, tuple(sorted(n for n, words in by_night.items() if word in words)))
        for word in came_back[:N_IMAGES_MAX]
    ]
    # The most nights first; then what somebody marked themselves; then by writing.
    images.sort(key=lambda image: (-image.n_nights, image.what != "tag", image.word))
    return Patterns(
        n_reports=len(held),
        n_nights=len({report.night for report, _ in held}),
        months=_months([report for report, _ in held]),
        images=tuple(images[:N_IMAGES_MAX]),
        n_wordless=sum(found is None for _, found in held),
    )


def words_of(
    report: JournalReport, lang: str, known: dict[tuple[str, str], str] | None = None
) -> tuple[str, ...] | None:
    """The content words of a report, each once; None where words cannot be told apart.

    `known` remembers what became of a word: most words of a journal are in it often.
    """
    text = report.text[:_CHARS_READ]
    said_lang = (report.lang or "").partition("-")[0].lower() or _by_script(text) or lang
    if said_lang in _NO_WORDS:
        return None
    if said_lang == "ja":
        return tuple(dict.fromkeys(_JAPANESE.findall(text)))
    known = {} if known is None else known
    found = []
    for token in dict.fromkeys(_TOKEN.findall(text)):
        word = known.get((said_lang, token))
        if word is None:
            # One copy of a word for the whole journal: thousands of reports share theirs.
            word = known[said_lang, token] = sys.intern(_image_word(token, said_lang))
        if word:
            found.append(word)
    return tuple(dict.fromkeys(found))


def _image_word(token: str, lang: str) -> str:
    """A token as it is counted; "" for small words, numbers and what is too short."""
    words = [w for w in all_words(token, lang) if not is_small(w, lang) and len(w) > 2]
    if len(words) != 1 or words[0].isdigit():
        return ""
    return _bare_of_article(words[0]) if lang == "ar" else words[0]


def _by_script(text: str) -> str:
    if text.isascii():
        return ""
    letters = [c for c in text[:400] if c.isalpha()]
    for pattern, lang in _SCRIPTS:
        n = sum(1 for c in letters if pattern.match(c))
        if n * 2 > len(letters) or (lang == "ja" and n * 5 > len(letters) > 0):
            return lang
    return ""


def _bare_of_article(word: str) -> str:
    """The sea and a sea are one image; in Arabic the article is written on to the word."""
    for article in ("وال", "بال", "فال", "كال", "ال"):
        if word.startswith(article) and len(word) - len(article) >= 3:
            return word[len(article) :]
    return word


def _months(reports: list[JournalReport]) -> tuple[Month, ...]:
    if not reports:
        return ()
    by_month: defaultdict[str, list[JournalReport]] = defaultdict(list)
    for report in reports:
        by_month[report.night[:7]].append(report)
    made = []
    first, last = min(by_month), max(by_month)
    # A date mistyped by a thousand years must not make a page of twelve thousand months.
    far = int(last[:4]) - int(first[:4]) > N_YEARS_MAX
    for month in sorted(by_month) if far else _each_month(first, last):
        held = by_month.get(month, [])
        kinds = Counter(r.kind for r in held)
        felt = Counter(r.feeling for r in held if r.feeling is not None)
        made.append(
            Month(
                month,
                {kind: kinds[kind] for kind in KINDS if kinds[kind]},
                {f: felt[f] for f in FELT if felt[f]},
                sum(r.feeling is None for r in held),
            )
        )
    return tuple(made)


def _each_month(first: str, last: str) -> Iterable[str]:
    """Every month from `first` to `last`."""
    year, month = int(first[:4]), int(first[5:])
    end = (int(last[:4]), int(last[5:]))
    while (year, month) <= end:
        yield f"{year:04}-{month:02}"
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
