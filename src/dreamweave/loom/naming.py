"""Naming: what a motif is called, in a word somebody said, and which chart it wears.

Nothing is gathered or parted here; a motif comes as it is and gets a name that no
other has.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, pairwise

import numpy as np

from dreamweave.loom.gathering import DOING_FLOOR, Gathering, cosines_to
from dreamweave.loom.grouping import Bytes, Ints, dots, is_near, squares
from dreamweave.loom.images import NAME, Vocabulary, as_said

# A chart is worn only where it plainly fits.
CHART_KIN = 620
CHART_NEAR = 420


@dataclass(frozen=True, slots=True)
class FoundMotif:
    """An image that fragments of different tellers share.

    Attributes:
        name: a word or two as somebody said them; no other motif has it.
        lang: the language of the name.
        words: the casefolded words that gathered it, most said first; empty
            where only closeness did.
        medoid: the fragment that lies closest to all the others.
        fragments: those that are mostly about it, ascending.
        also: those that name it too and are mostly about something else, ascending.
        n_dreamers: how many different tellers say `fragments`.
        n_saying: how many of them say one of the words.
        shared: other words that two of them say and that show something, the plainest image first.
        heart: (d,) signed bytes, the direction its fragments share.
        chart: the woven figure that fits, if one does.
    """

    name: str
    lang: str
    words: tuple[str, ...]
    medoid: int
    fragments: tuple[int, ...]
    n_dreamers: int
    n_saying: int
    shared: tuple[str, ...]
    heart: Bytes = field(repr=False)
    chart: str | None = None
    also: tuple[int, ...] = ()


def named(
    gathering: Gathering,
    said: Vocabulary,
    langs: Sequence[str],
    texts: Sequence[str],
    charts: Mapping[str, Bytes],
    taken: Iterable[str] = (),
    speakers: Mapping[str, int] | None = None,
) -> list[FoundMotif]:
    """Every motif with two people or more, named.

    `taken` are names, casefolded, that others have; `speakers` how many people of the whole
    Circle speak each language, where `langs` are those of a part of it.
    """
    hearts = gathering.hearts()
    members = [np.flatnonzero(gathering.motif_of == one) for one in range(len(hearts))]
    people = [gathering.n_people(each.tolist()) for each in members]
    saying = [
        gathering.n_people(
            at for at in each.tolist() if set(said.of_fragment[at]) & set(gathering.words[one])
        )
        for one, each in enumerate(members)
    ]
    # Those that the most people put into words come first: a picture names the
    # first few, and what was said reads better than what was found to be close.
    order = sorted(
        (one for one in range(len(hearts)) if people[one] >= 2),
        key=lambda one: (-saying[one], -people[one], -len(members[one]), one),
    )
    if speakers is None:
        spoken = {(lang, int(who)) for lang, who in zip(langs, gathering.tellers, strict=True)}
        speakers = Counter(lang for lang, _ in spoken)
    names = set(taken)
    out = []
    for one in order:
        fragments = members[one]
        naming = {at for w in gathering.words[one] for at in said.fragments[w]}
        also = np.array(sorted(naming - set(fragments.tolist())), dtype=np.int64)
        word, name = _name(
            gathering, said, one, hearts[one], fragments, also, langs, texts, names, speakers
        )
        names.add(name.casefold())
        cosine = gathering.cosines(fragments, hearts[one])
        medoid = int(fragments[int(cosine.argmax())])
        out.append(
            FoundMotif(
                name=name,
                lang=said.langs[word] if word >= 0 else langs[medoid],
                words=tuple(said.words[w] for w in sorted(gathering.words[one])),
                medoid=medoid,
                fragments=tuple(fragments.tolist()),
                n_dreamers=people[one],
                n_saying=saying[one],
                shared=_shared(gathering, said, one, fragments),
                heart=hearts[one],
                chart=_chart(said, word, hearts[one], charts),
                also=tuple(also.tolist()),
            )
        )
    return out


def _name(
    gathering: Gathering,
    said: Vocabulary,
    motif: int,
    heart: Bytes,
    fragments: Ints,
    also: Ints,
    langs: Sequence[str],
    texts: Sequence[str],
    taken: set[str],
    speakers: Mapping[str, int],
) -> tuple[int, str]:
    """The word, and the form of it or the pair around it, that names a motif.

    Words that gathered it stand first, then images, then all others that are
    nobody's name; among equals the language that most of the Circle speaks, what
    most of them say, what others say least (c-TF-IDF, over people), and what
    lies closest to its heart.
    """
    tellers = gathering.tellers
    people_by_lang: dict[str, set[int]] = defaultdict(set)
    holders: dict[int, list[int]] = defaultdict(list)
    for at in sorted((*fragments.tolist(), *also.tolist())):
        people_by_lang[langs[at]].add(int(tellers[at]))
        for word in said.of_fragment[at]:
            holders[word].append(at)
    # A name is read by everybody, not only by those it gathers.
    lang = max(people_by_lang, key=lambda each: (speakers[each], len(people_by_lang[each]), each))
    n_people = {word: gathering.n_people(held) for word, held in holders.items()}
    gathered = set(gathering.words[motif])
    words = np.array(sorted(holders), dtype=np.int64)
    close = dict(zip(words.tolist(), cosines_to(said.vectors[words], heart).tolist(), strict=True))

    def weight(word: int) -> tuple[int, ...]:
        only_here = n_people[word] * 1000 // int(said.n_tellers[word])
        return (
            word in gathered,
            said.image[word] > 0,
            said.image[word] > DOING_FLOOR,
            said.image[word] > NAME,
            said.langs[word] == lang,
            n_people[word] * (1000 if word in gathered else only_here),
            close[word],
            -word,
        )

    for word in sorted(holders, key=weight, reverse=True):
        pair = _pair(word, said, holders[word], n_people[word], tellers, texts)
        for name in (pair, as_said(said.words[word], holders[word], texts)):
            if name and name.casefold() not in taken:
                return word, name
    # No word is left: as many of a fragment's first words as it takes.
    for at in fragments.tolist():
        text = texts[at].split()
        for n in range(1, len(text) + 1):
            name = " ".join(text[:n])
            if name.casefold() not in taken:
                return -1, name
    # The very same words make two motifs: they are numbered.
    text = " ".join(texts[int(fragments[0])].split()) or "…"
    return -1, next(name for n in count(1) if (name := f"{text} {n}").casefold() not in taken)


def _shared(gathering: Gathering, said: Vocabulary, motif: int, fragments: Ints) -> tuple[str, ...]:
    holders: dict[int, list[int]] = defaultdict(list)
    for at in fragments.tolist():
        for word in said.of_fragment[at]:
            if said.image[word] > DOING_FLOOR and word not in gathering.words[motif]:
                holders[word].append(at)
    both = [word for word, held in holders.items() if gathering.n_people(held) >= 2]
    return tuple(said.words[w] for w in sorted(both, key=lambda w: (-int(said.image[w]), w)))


def _pair(
    word: int,
    said: Vocabulary,
    held: Sequence[int],
    n_people: int,
    tellers: Ints,
    texts: Sequence[str],
) -> str | None:
    """Two content words side by side, if two people or more say them so, and most who say the one."""
    text_word = said.words[word]
    forms: dict[str, set[int]] = defaultdict(set)
    for at in held:
        others = {said.words[w] for w in said.of_fragment[at]} - {text_word}
        tokens = re.findall(r"\w+(?:['’]\w+)*|\S", texts[at])
        for left, right in pairwise(tokens):
            low = (left.casefold(), right.casefold())
            if text_word in low and (low[0] in others or low[1] in others):
                forms[f"{left} {right}"].add(int(tellers[at]))
    if not forms:
        return None
    best = max(forms, key=lambda form: (len(forms[form]), form))
    return best if len(forms[best]) >= 2 and 2 * len(forms[best]) > n_people else None


def _chart(said: Vocabulary, word: int, heart: Bytes, charts: Mapping[str, Bytes]) -> str | None:
    """The woven figure whose words lie closest to the name, or else to the heart."""
    best: tuple[int, str] | None = None
    vector, radius = heart, CHART_NEAR
    if word >= 0 and said.vectors[word].any():
        vector, radius = said.vectors[word], CHART_KIN
    own = squares(vector[None])
    for chart in sorted(charts):
        rows = np.atleast_2d(charts[chart])
        dot = dots(rows, vector[None])[:, 0].astype(np.int64)
        near = is_near(dot, squares(rows), own, radius)
        if near.any():
            length = np.sqrt(np.maximum(squares(rows), 1).astype(np.float64))
            close = int(np.rint(dot / length * 1000)[near].max())
            if best is None or close > best[0]:
                best = (close, chart)
    return best[1] if best else None
