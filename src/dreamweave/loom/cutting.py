"""Cutting: a report into fragments, exactly where its teller's own words stand.

Text in, spans out. Nothing is rewritten, normalised or dropped: the spans are
code points of the text as it was told, in order, trimmed of outer white space,
and together they hold every character that is not white space. This file
knows nothing of meaning, and it needs no model and no dictionary.

The rules are our own. `pysbd` is right on more abbreviations, and was tried:
it rewrites the text on the way (so its spans have to be searched for), cuts
371,000 characters a second, and has no rule for Korean, Thai, Portuguese or
Turkish. These rules are tested on its cases (tests/loom/test_cutting.py says
where they differ, and why that does no harm here).
"""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from importlib import resources

Span = tuple[int, int]

# A fragment wants at least this many words: shorter sentences join a neighbour.
WORDS_MIN = 5
# Past this a sentence is split; speech without any mark is split earlier,
# because there each clause is a sentence of its own.
WORDS_MAX = 45
WORDS_MAX_UNMARKED = 30
# A word counts once for every so many characters, so that links, keyboard mashing
# and languages that write words together cannot make a fragment of 10,000 letters.
WORD_CHARS = 20
# Nothing is cut inside a word up to this long.
WORD_CHARS_MAX = 300
# Scripts that write no spaces are counted by characters instead.
CHARS_A_WORD_HAN = 2
CHARS_A_WORD_THAI = 4

_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
_THAI = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"

# Stops that need a space (or the end) after them, and stops that need none.
_SPACED = ".!?…‼⁇⁈⁉‽؟۔।॥։።፧፨။។༎།\u037e"
_UNSPACED = "。！？｡．"
_CLOSERS = "\"'”’»›“)\\]}）」』】》〉〕］｝"
_OPENERS = "\"'“”‘’„‚«»‹›([{（「『【《〈¿¡\u2010-\u2015-"


def _stop_pattern(more: str = "") -> re.Pattern[str]:
    return re.compile(
        rf"(?:\.(?: \.)+|[{_SPACED}{_UNSPACED}{more}]+)(?P<closers>(?:[{_CLOSERS}]|[ \u00a0\u202f]»)*)(?P<gap>\s*)(?P<open>(?:[{_OPENERS}]|(?<=[\u2010-\u2015-])\s)*)"
    )


_STOP = _stop_pattern()
# Marks that end a sentence in one language and not in others.
_STOPS_OF = {"el": _stop_pattern(";"), "hy": _stop_pattern(":")}

# What stands between a pair of marks is one saying; a stop inside it ends nothing.
_PAIRED = re.compile(
    r"\([^()\n]{1,200}\)|（[^（）\n]{1,200}）|「[^「」\n]{1,200}」|『[^『』\n]{1,200}』"
    r"|“[^“”\n]{1,200}”|„[^„“”\n]{1,200}[“”]|«[^«»\n]{1,200}»|《[^《》\n]{1,200}》|\"[^\"\n]{1,200}\""
)
# How far to look around a stop that has no space behind it.
NEAR = 60
_LINE_END = re.compile(r"[ \t\r\f\v]*(?:\n|\r|\x85|\u2028|\u2029)\s*")
# A line at least this wide that ends without a stop was wrapped, not ended.
_WRAPPED_CHARS = 55
# Languages that write "the 3rd of May" as "3. Mai".
_ORDINAL_STOP = frozenset(
    [
        "de",
        "da",
        "nb",
        "no",
        "nn",
        "fi",
        "cs",
        "sk",
        "pl",
        "hu",
        "tr",
        "et",
        "lv",
        "hr",
        "sl",
        "sr",
        "is",
        "sv",
    ]
)


def cut(text: str, lang: str) -> list[Span]:
    """Cut a report into fragments.

    Args:
        text: What was told, as it was told.
        lang: ISO 639-1; it chooses abbreviations and connectives. Anything
            else ("und") gets the rules that hold everywhere.

    Returns:
        Spans (start, end), in order, not overlapping; `text[start:end]` neither
        begins nor ends with white space, and every other character is in one.
        None only for a text that is empty or all white space.

    Cost: linear but for one sort a long sentence; bench/reading.py has figures.
    """
    fragments: list[Span] = []
    for part in _joined(text, sentences(text, lang)):
        fragments.extend(_split(text, part, lang))
    return fragments


def sentences(text: str, lang: str) -> list[Span]:
    """Sentences as their marks and lines show them, before joining and splitting."""
    found = []
    start = 0
    for end in sorted(set(_line_ends(text)) | set(_stops(text, lang))):
        if end > start and not _inside_grapheme(text, end):
            found.append(_trimmed(text, start, end))
            start = end
    found.append(_trimmed(text, start, len(text)))
    return [span for span in found if span[0] < span[1]]


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


# --- lines and stops ---------------------------------------------------------------


def _line_ends(text: str) -> list[int]:
    """Where a line's end is an end of saying, and not only of paper."""
    ends = []
    line_start = 0
    for match in _LINE_END.finditer(text):
        before = text[line_start : match.start()].strip()
        after = text[match.end() : match.end() + 1]
        line_start = match.end()
        blank = len(_NEWLINE.findall(match.group())) > 1
        goes_on = after.islower() or (
            len(before) >= _WRAPPED_CHARS and before[-1] not in _SPACED + _UNSPACED + _CLOSERS + ":"
        )
        if blank or not (before and goes_on):
            ends.append(match.end())
    return ends


_NEWLINE = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")


def _stops(text: str, lang: str) -> list[int]:
    """Where a stop ends a sentence."""
    rules = _rules(lang)
    paired = [match.span() for match in _PAIRED.finditer(text)]
    pair_starts = [start for start, _ in paired]
    matches = list(_STOPS_OF.get(lang, _STOP).finditer(text))
    lower = _writes_lower(text, matches)
    ends = []
    for match in matches:
        end = match.end("closers")
        inside = bisect_left(pair_starts, match.start()) - 1
        if inside >= 0 and end < paired[inside][1]:
            continue
        if _ends_sentence(text, match, rules, lower):
            ends.append(end)
    return ends


def _writes_lower(text: str, matches: list[re.Match[str]]) -> bool:
    """Whether this teller writes sentences without a capital."""
    first = next((char for char in text if char.isalpha()), "")
    if not first.islower():
        return False
    following = [text[match.end() : match.end() + 1] for match in matches if match["gap"]]
    return sum(char.islower() for char in following) >= sum(char.isupper() for char in following)


def _ends_sentence(text: str, match: re.Match[str], rules: _Rules, lower: bool) -> bool:
    marks = match.group()[: match.start("closers") - match.start()]
    after = text[match.end() : match.end() + 1]
    if not after:
        return True
    if any(mark in _UNSPACED for mark in marks):
        # A quotation goes on in "「…。」と言った".
        return not (match["closers"] and after in "とって,、，")
    if not match["gap"]:
        return _run_together(text, match, marks)
    if "…" in marks or ".." in marks or ". ." in marks:
        return not after.islower() and after not in ",;:)"
    if after.islower() and not (lower and not match["closers"]):
        return False
    if marks != ".":
        return after not in ",;:"
    if after in ",;:)":
        return False
    if match["closers"]:
        return True
    return _full_stop_ends(text, match, after, rules, lower)


def _run_together(text: str, match: re.Match[str], marks: str) -> bool:
    """A stop with no space behind it: "the house.Then", but not "example.com"."""
    after = match.end("closers")
    if not text[after : after + 1].isupper() and marks[-1] in ".…":
        return False
    begin = after
    while begin and not text[begin - 1].isspace() and after - begin < NEAR:
        begin -= 1
    end = after
    while end < len(text) and not text[end].isspace() and end - after < NEAR:
        end += 1
    word, rest = text[begin : match.start()], text[after:end]
    if any(mark in word + rest for mark in "@/\\:_=&#") or any(char.isdigit() for char in word):
        return False
    if marks == ".":
        return len(word) > 2 and word[-2:].islower() and rest[1:2].islower() and "." not in word
    return word.isalpha() and rest[:1].isalpha() and not rest[:1].islower()


def _full_stop_ends(
    text: str, match: re.Match[str], after: str, rules: _Rules, lower: bool
) -> bool:
    """A single full stop, a space, and something that could open a sentence."""
    begin = match.start()
    while begin and not text[begin - 1].isspace() and match.start() - begin < 40:
        begin -= 1
    word = text[begin : match.start()].lstrip("\"'“”‘’„«(¿¡[").casefold()
    word = _ELISION.sub("", word)
    following = _WORD.match(text, match.end())
    opens = following is not None and following.group().casefold() in rules.openers
    if opens and following and len(following.group()) == 1 and text[following.end() :][:1] == ".":
        opens = False  # the second of two initials
    if word in rules.before or word.endswith(("°", "º")):
        return False
    if (word.isdigit() or len(word) == 1) and (begin == 0 or text[begin - 1] in "\n\r"):
        return False  # an item's number or letter
    if word in rules.after or (len(word) > 1 and _INITIALS.fullmatch(word)):
        return opens or not (after.isalpha() or after.isdigit())
    if len(word) == 1 and word.isalpha() and _has_case(word):
        # "Jonas E. Smith", and yet "you and I. Did you see".
        return opens
    if word.isdigit() and rules.ordinal and len(word) <= 2:
        return opens
    return True


def _has_case(char: str) -> bool:
    return char.lower() != char.upper()


_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_ELISION = re.compile(r"^[^\W\d_]{1,4}['’](?=.)")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")


@dataclass(frozen=True, slots=True)
class _Rules:
    before: frozenset[str]
    after: frozenset[str]
    openers: frozenset[str]
    ordinal: bool
    connective: re.Pattern[str] | None


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    source = resources.files("dreamweave.loom").joinpath("constants/cutting.json")
    data: dict[str, dict[str, list[str]]] = json.loads(source.read_text(encoding="utf-8"))
    return data


@cache
def _rules(lang: str) -> _Rules:
    data = _data()
    known = lang if lang in data["before"] else "en"
    spaced = data["connectives"].get(lang, [])
    unspaced = data["unspaced"].get(lang, [])
    patterns = []
    if spaced:
        patterns.append(rf"(?<=\s)(?:{'|'.join(map(re.escape, spaced))})(?=\s)")
    if unspaced:
        patterns.append("|".join(map(re.escape, unspaced)))
    return _Rules(
        frozenset(data["before"][known]),
        frozenset(data["after"][known]),
        frozenset(data["openers"].get(known, [])),
        lang in _ORDINAL_STOP,
        re.compile("|".join(patterns), re.IGNORECASE) if patterns else None,
    )


# --- short ones joined --------------------------------------------------------------


def _joined(text: str, parts: list[Span]) -> list[Span]:
    """Short sentences joined with the next (or, at an end, the last), within a paragraph."""
    joined: list[Span] = []
    weights: list[float] = []
    for start, end in parts:
        weight = words_in(text[start:end])
        speaks = _speaks(text[start:end])
        if joined:
            before, until = joined[-1]
            gap = text[until:start]
            parted = len(_NEWLINE.findall(gap)) > 1
            small = weights[-1] < WORDS_MIN and (not parted or not _speaks(text[before:until]))
            if (small and weights[-1] + weight <= WORDS_MAX) or not speaks:
                joined[-1] = (before, end)
                weights[-1] += weight
                continue
        joined.append((start, end))
        weights.append(weight)
    # What is still short stands last in its paragraph, and goes to the one before it.
    result: list[Span] = []
    heavy: list[float] = []
    for (start, end), weight in zip(joined, weights, strict=True):
        if result and weight < WORDS_MIN and heavy[-1] + weight <= WORDS_MAX:
            gap = text[result[-1][1] : start]
            if len(_NEWLINE.findall(gap)) <= 1:
                result[-1] = (result[-1][0], end)
                heavy[-1] += weight
                continue
        result.append((start, end))
        heavy.append(weight)
    return result


def _speaks(piece: str) -> bool:
    """Whether there is a letter, a number or a picture in it, and not only marks."""
    return any(unicodedata.category(char)[0] in "LNS" for char in piece)


_UNBROKEN = re.compile(rf"[{_HAN}]|[{_THAI}]|[^\s{_HAN}{_THAI}]+")
_BEYOND_LATIN = re.compile(rf"[{_HAN}{_THAI}]")


def words_in(piece: str) -> float:
    """How many words a piece counts for; scripts without spaces count by characters."""
    words = piece.split()
    if not _BEYOND_LATIN.search(piece) and all(len(word) <= WORD_CHARS for word in words):
        return len(words)
    return sum(weight for _, _, weight in _tokens(piece, 0, len(piece)))


def _tokens(text: str, start: int, end: int) -> list[tuple[int, int, float]]:
    """What may stand apart: (start, end, words it counts for)."""
    tokens: list[tuple[int, int, float]] = []
    for match in _UNBROKEN.finditer(text, start, end):
        begin, stop = match.span()
        first = text[begin]
        if stop - begin == 1 and _BEYOND_LATIN.match(first):
            han = not re.match(rf"[{_THAI}]", first)
            tokens.append((begin, stop, 1 / (CHARS_A_WORD_HAN if han else CHARS_A_WORD_THAI)))
            continue
        while stop - begin > WORD_CHARS_MAX:
            here = begin + WORD_CHARS_MAX
            while here > begin + 1 and _inside_grapheme(text, here):
                here -= 1
            if here == begin + 1:  # one grapheme of 300 marks: it is cut somewhere
                here = begin + WORD_CHARS_MAX
            tokens.append((begin, here, (here - begin) / WORD_CHARS))
            begin = here
        tokens.append((begin, stop, max(1.0, (stop - begin) / WORD_CHARS)))
    return tokens


# --- long ones split ----------------------------------------------------------------

# How far from the middle (as a share of the piece) a better kind of break may lie.
_PRICE_STOP, _PRICE_CLAUSE, _PRICE_BOTH, _PRICE_CONNECTIVE, _PRICE_COMMA = (
    0.0,
    0.05,
    0.08,
    0.12,
    0.15,
)
_PRICE_SPACE, _PRICE_NONE = 0.5, 1.0
_MARKED = re.compile(r"[,;:،؛、，；：—–]")
_CLAUSE_MARKS = ";:؛；：—–"
_COMMAS = ",،、，၊"


def _split(text: str, part: Span, lang: str) -> list[Span]:
    """One sentence into pieces short enough, at its marks and connectives first."""
    piece = text[part[0] : part[1]]
    weight = words_in(piece)
    limit = WORDS_MAX if _MARKED.search(piece) or _STOP.search(piece[:-1]) else WORDS_MAX_UNMARKED
    if weight <= limit:
        return [part]
    tokens = _tokens(text, *part)
    price = _prices(text, part, tokens, lang)
    total = [0.0]
    for _, _, words in tokens:
        total.append(total[-1] + words)
    pieces: list[Span] = []
    waiting = [(0, len(tokens))]
    while waiting:
        low, high = waiting.pop()
        words = total[high] - total[low]
        best = None
        if words > limit and high - low > 1:
            middle = (total[low] + total[high]) / 2
            reach = min(WORDS_MIN, words / 4)
            offers = [
                (cost + abs(total[i] - middle) / words, i)
                for i in range(low + 1, high)
                if (cost := price[i]) is not None
                and min(total[i] - total[low], total[high] - total[i]) >= reach
            ]
            best = min(offers)[1] if offers else None
        if best is None:
            pieces.append((tokens[low][0], tokens[high - 1][1]))
        else:
            waiting += [(best, high), (low, best)]  # the left one comes out first
    return pieces


def _prices(
    text: str, part: Span, tokens: list[tuple[int, int, float]], lang: str
) -> list[float | None]:
    """What a break before each token costs; None where a grapheme would be torn."""
    connective = _rules(lang).connective
    opens = {m.start() for m in connective.finditer(text, *part)} if connective else set()
    price: list[float | None] = [None]
    for (last, end, _), (start, _, _) in itertools.pairwise(tokens):
        mark = text[end - 1]
        if _inside_grapheme(text, start):
            price.append(None)
        elif (mark in _SPACED and start > end) or mark in _UNSPACED:
            price.append(_PRICE_STOP)
        elif mark in _CLAUSE_MARKS or "\n" in text[end:start]:
            price.append(_PRICE_CLAUSE)
        elif start in opens and last not in opens:  # "and then" stays together
            price.append(_PRICE_BOTH if mark in _COMMAS else _PRICE_CONNECTIVE)
        elif mark in _COMMAS:
            price.append(_PRICE_COMMA)
        elif start > end:
            price.append(_PRICE_NONE if last in opens else _PRICE_SPACE)
        else:
            price.append(_PRICE_NONE)
    return price


# --- graphemes -----------------------------------------------------------------------


def _inside_grapheme(text: str, i: int) -> bool:
    """Whether a cut before character `i` would tear what a person sees as one sign.

    A short form of UAX 29, a little more cautious: whatever joins (marks, joiners,
    selectors, skin tones, tags, flag halves, Hangul parts) stays joined.
    """
    if not 0 < i < len(text):
        return False
    before, after = text[i - 1], text[i]
    if before < "\u0300" and after < "\u0300":
        return before == "\r" and after == "\n"
    if before == "\u200d" or after in "\u200c\u200d\u0e33\u0eb3":
        return True
    if unicodedata.category(after)[0] == "M" or "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    if "\U000e0020" <= after <= "\U000e007f" or "\u1160" <= after <= "\u11ff":
        return True
    if _is_flag(before) and _is_flag(after):
        first = i - 1
        while first and _is_flag(text[first - 1]):
            first -= 1
        return (i - first) % 2 == 1
    return False


def _is_flag(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
