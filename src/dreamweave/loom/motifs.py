"""Motifs: the images that different dreamers share, named by their own words.

The strongest link is a word said by two people; next come words that are kin
in any language (house, Haus); next, fragments that lie close though they share
no word. Whoever meets nobody that way is met by looser links: wider kin, what
was done or felt, and at last whoever lies nearest. Names are words that people
said, never invented. What meets in which passage is `loom.knots`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, pairwise
from math import isqrt

import numpy as np

from dreamweave.loom.grouping import (
    LONE,
    Bytes,
    Ints,
    direction,
    dots,
    group,
    is_near,
    squares,
)
from dreamweave.loom.images import NAME, Vocabulary, as_said, vocabulary

# How many motifs a picture names: the largest by people.
N_NAMED = 16

# Kin: words this close (cosine in thousandths) are one image: house and Haus
# 890, dog and Hund 920, mother and Mutter 830. Wide kin meet only where
# somebody would otherwise meet nobody: city and street, dog and cat.
KIN = 780
WIDE_KIN = 500

# Fragments this close to a motif's heart belong to it though they share no word.
NEAR = 550

# Fragments that lie this close to each other are one scene, even without a word.
# Wider, and the scenes of three hundred people ran together into "something happened".
SCENE = 600

# How much being said by many weighs against what a fragment is most about: the
# square root of the share of people, in millionths, against a cosine.
MANY_WEIGHT = 1

# Kin of nothing but itself.
SAME_WORD = 1000

# A chart is worn only where it plainly fits.
CHART_KIN = 620
CHART_NEAR = 420

# A plain word may still link two people who share no image (what was done,
# what was felt), unless it lies this deep among the plain ones, in millionths.
DOING_FLOOR = -220_000

_MILLION = 1_000_000


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


def motifs(
    vectors: Bytes,
    tellers: Ints,
    words: Sequence[Sequence[str]],
    langs: Sequence[str],
    texts: Sequence[str],
    *,
    radii: Sequence[int],
    word_vectors: Mapping[str, Bytes] | None = None,
    charts: Mapping[str, Bytes] | None = None,
) -> list[FoundMotif]:
    """Find what different tellers share, from three people to ten thousand.

    Args:
        vectors: (m, d) signed bytes, a row a fragment; a zero row (a language
            the reader cannot read) is near nothing and linked by words alone.
        tellers: (m,) whose each fragment is.
        words: the content words of each, casefolded, stop words out.
        langs: the language of each.
        texts: the text of each, for the form in which a word was said.
        radii: the reader's radii in thousandths, tightest first; the last is
            how far the loosest link may reach.
        word_vectors: word -> (d,) for the pairs of `images.words_to_read`.
            Without them an image is guessed from articles and capitals.
        charts: chart name -> (j, d) vectors of words that mean it.

    Returns:
        Motifs, those that most people put into words first. A fragment is in at most one, and every
        motif has two or more tellers.

    Cost: O(words + m * motifs * d); bench/links.py has the figures.
    Check: tests/loom/test_motifs.py.
    """
    m = len(texts)
    if not (len(vectors) == len(tellers) == len(words) == len(langs) == m):
        raise ValueError("vectors, tellers, words, langs and texts must be of one length")
    if m == 0:
        return []
    said = vocabulary(words, langs, texts, tellers, vectors.shape[1], word_vectors or {})
    gathering = _Gathering(vectors, np.asarray(tellers, dtype=np.int64), said)
    gathering.by_words()
    gathering.by_nearness(NEAR)
    gathering.by_groups()
    gathering.loosely(radii[-1] if len(radii) else NEAR)
    return _named(gathering, said, langs, texts, charts or {})


class _Gathering:
    """Motifs on the loom: which fragment is in which, and the words that gathered each."""

    def __init__(self, vectors: Bytes, tellers: Ints, said: Vocabulary) -> None:
        self.vectors = vectors
        self.squares = squares(vectors)
        self.tellers = tellers
        self.n_tellers = len(np.unique(tellers))
        self.said = said
        self.motif_of = np.full(len(tellers), LONE, dtype=np.int64)
        self.words: list[list[int]] = []

    def by_words(self) -> None:
        """Images said by two or more people, each with its kin."""
        said = self.said
        images = np.flatnonzero(said.image > 0)
        concept = self._kindreds(images, KIN)
        holders: dict[int, list[int]] = defaultdict(list)  # concept -> its words
        for word, mine in concept.items():
            holders[mine].append(word)
        shared = {
            mine: group_
            for mine, group_ in holders.items()
            if self.n_people(at for word in group_ for at in said.fragments[word]) >= 2
        }
        self._share_out(shared)

    def _kindreds(self, images: Ints, radius: int) -> dict[int, int]:
        """word -> the most shared word it is kin of (itself, if it is the first of its kind)."""
        first_of: dict[int, int] = {}
        heads: list[int] = []
        for word in images.tolist():  # most shared first
            if heads:
                among = np.array(heads)
                kin = self.said.kin(word, among, radius)
                if kin.any():
                    near = among[kin]
                    dot = dots(self.said.vectors[[word]], self.said.vectors[near])[0]
                    first_of[word] = int(near[dot.argmax()])
                    continue
            heads.append(word)
            first_of[word] = word
        return first_of

    def _share_out(self, shared: Mapping[int, Sequence[int]]) -> None:
        """Give each fragment to one of the images it names: what it is most about, and many share.

        An image that is left with one person gives its fragments back, and
        they go to their next best, until all have two.
        """
        said = self.said
        wish: dict[int, list[tuple[int, int]]] = defaultdict(list)  # fragment -> (score, concept)
        for mine, group_ in shared.items():
            at = sorted({at for word in group_ for at in said.fragments[word]})
            many = isqrt(_MILLION * _MILLION * self.n_people(at) // self.n_tellers)
            about = self.cosines(np.array(at), said.vectors[mine])
            for fragment, cosine in zip(at, about.tolist(), strict=True):
                wish[fragment].append((cosine + MANY_WEIGHT * many, mine))
        for each in wish.values():
            each.sort(key=lambda one: (-one[0], one[1]))
        alive = set(shared)
        while True:
            members: dict[int, list[int]] = defaultdict(list)
            for fragment, each in wish.items():
                for _, mine in each:
                    if mine in alive:
                        members[mine].append(fragment)
                        break
            # The smallest falls first, one at a time: what it gives back may save another.
            weak = [mine for mine in alive if self.n_people(members.get(mine, ())) < 2]
            if not weak:
                break
            alive.difference_update(weak if len(weak) > 64 else [max(weak)])
        for mine in sorted(alive):
            self._found(members[mine], shared[mine])

    def by_nearness(self, radius: int) -> None:
        """Bring in fragments that lie close to a motif's heart though they share no word with it."""
        lone = np.flatnonzero(self.motif_of == LONE)
        if not self.words or not len(lone):
            return
        hearts = self.hearts()
        dot = dots(self.vectors[lone], hearts)
        square = squares(hearts)
        length = np.sqrt(np.maximum(square, 1).astype(np.float64)).astype(np.float32)
        best = (dot / length).argmax(axis=1)
        exact = dot[np.arange(len(lone)), best].astype(np.int64)
        near = is_near(exact, self.squares[lone], square[best], radius)
        self.motif_of[lone[near]] = best[near]

    def by_groups(self) -> None:
        """What lies together without a word in common is a motif too."""
        lone = np.flatnonzero(self.motif_of == LONE)
        if not len(lone):
            return
        label = group(
            self.vectors[lone], self.tellers[lone], micro_radius=SCENE, group_radius=SCENE
        )
        said = self.said
        for one in range(int(label.max()) + 1):
            scene = lone[label == one]
            # What nobody can picture ("that is all I remember") is no motif.
            heart = direction(self.vectors[scene].astype(np.int64).sum(axis=0))
            words = {word for at in scene.tolist() for word in said.of_fragment[at]}
            if said.shows(heart[None])[0] >= 0 and any(
                said.image[word] > DOING_FLOOR for word in words
            ):
                self._found(scene.tolist(), ())

    def loosely(self, radius: int) -> None:
        """Meet whoever still meets nobody, by ever looser links.

        What was done or felt, said alike or nearly; images that are wide kin;
        any word two people say, be it a plain one; and whoever lies nearest,
        within a radius.
        """
        for floor, kin in (
            (DOING_FLOOR, KIN),
            (0, WIDE_KIN),
            (NAME, SAME_WORD),
        ):
            for teller in self._alone():
                self._by_any_word(teller, floor=floor, radius=kin)
        for teller in self._alone():
            self._by_reach(teller, radius)

    def _by_any_word(self, teller: int, *, floor: int, radius: int) -> None:
        """Join by the best word pair between this teller and a motif, or another lone fragment."""
        said = self.said
        usable = said.image > floor
        mine = np.array(
            sorted(
                {
                    word
                    for at in np.flatnonzero(self.tellers == teller).tolist()
                    for word in said.of_fragment[at]
                    if usable[word]
                }
            ),
            dtype=np.int64,
        )
        theirs = np.flatnonzero(usable)
        best: tuple[int, int, int] | None = None
        for word in mine.tolist():
            kin = theirs == word
            if radius < SAME_WORD:
                kin |= said.kin(word, theirs, radius)
            for other in theirs[kin].tolist():
                if not any(self.tellers[at] != teller for at in said.fragments[other]):
                    continue
                alike = int(_cosines(said.vectors[[word]], said.vectors[other])[0])
                close = (_MILLION if word == other else alike) + int(said.image[word]) // 4
                if best is None or close > best[0]:
                    best = (close, word, other)
        if best is None:
            return
        _, word, other = best
        here = [at for at in said.fragments[word] if self.tellers[at] == teller]
        there = [at for at in said.fragments[other] if self.tellers[at] != teller]
        self._tie(here, self._free(there, other), (other, word))

    def _free(self, fragments: Sequence[int], word: int) -> list[int]:
        """Of these, the ones that are in no motif, or in one that this word gathered.

        If there are none, those whose motif can spare them; if it cannot, all:
        then the two meet in that motif, and the knot's reason still names the word.
        """
        fit = [
            at
            for at in fragments
            if self.motif_of[at] == LONE or word in self.words[int(self.motif_of[at])]
        ]
        if fit:
            return fit
        for at in fragments:
            motif = self.motif_of[at]
            rest = np.flatnonzero(self.motif_of == motif)
            if self.n_people(one for one in rest.tolist() if one != at) >= 2:
                self.motif_of[at] = LONE
                return [at]
        return list(fragments)

    def _by_reach(self, teller: int, radius: int) -> None:
        here = np.flatnonzero(self.tellers == teller)
        there = np.flatnonzero(self.tellers != teller)
        if not len(there):
            return
        cosine = np.stack([self.cosines(there, self.vectors[at]) for at in here.tolist()])
        i, j = np.unravel_index(int(cosine.argmax()), cosine.shape)
        if cosine[i, j] * 1000 >= radius * _MILLION:
            self._tie([int(here[i])], [int(there[j])], ())

    def _tie(self, here: Sequence[int], there: Sequence[int], words: Sequence[int]) -> None:
        """Bring `here` into the motif most of `there` is in, or make one of the two."""
        found = Counter(int(self.motif_of[at]) for at in there if self.motif_of[at] != LONE)
        if found:
            motif = max(found, key=lambda one: (found[one], -one))
            self.motif_of[list(here)] = motif
            if set(words) & set(self.words[motif]):
                self.words[motif].extend(w for w in words if w not in self.words[motif])
        else:
            self._found([*here, *there], sorted(set(words)))

    def _found(self, fragments: Sequence[int], words: Sequence[int]) -> None:
        self.motif_of[list(fragments)] = len(self.words)
        self.words.append(list(words))

    def _alone(self) -> list[int]:
        linked = set(self.tellers[self.motif_of != LONE].tolist())
        return [one for one in np.unique(self.tellers).tolist() if one not in linked]

    def n_people(self, fragments: Iterable[int]) -> int:
        return len({int(self.tellers[at]) for at in fragments})

    def hearts(self) -> Bytes:
        """(motifs, d): what the fragments of each share, its first word weighing as much as all."""
        out = np.zeros((len(self.words), self.vectors.shape[1]), dtype=np.int64)
        for motif, words in enumerate(self.words):
            total = direction(self.vectors[self.motif_of == motif].astype(np.int64).sum(axis=0))
            out[motif] = total
            if words:
                out[motif] += self.said.vectors[words[0]]
        return direction(out)

    def cosines(self, fragments: Ints, vector: Bytes) -> Ints:
        """Cosines with one vector, in millionths."""
        return _cosines(self.vectors[fragments], vector)


def _cosines(rows: Bytes, vector: Bytes) -> Ints:
    dot = dots(rows, vector[None])[:, 0].astype(np.float64)
    length = np.sqrt(np.maximum(squares(rows), 1).astype(np.float64))
    own = np.sqrt(np.maximum(squares(vector[None]), 1).astype(np.float64))
    out: Ints = np.rint(dot / length / own * _MILLION).astype(np.int64)
    return out


def _named(
    gathering: _Gathering,
    said: Vocabulary,
    langs: Sequence[str],
    texts: Sequence[str],
    charts: Mapping[str, Bytes],
) -> list[FoundMotif]:
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
    spoken = {(lang, int(who)) for lang, who in zip(langs, gathering.tellers, strict=True)}
    speakers = Counter(lang for lang, _ in spoken)
    taken: set[str] = set()
    out = []
    for one in order:
        fragments = members[one]
        naming = {at for w in gathering.words[one] for at in said.fragments[w]}
        also = np.array(sorted(naming - set(fragments.tolist())), dtype=np.int64)
        word, name = _name(
            gathering, said, one, hearts[one], fragments, also, langs, texts, taken, speakers
        )
        taken.add(name.casefold())
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
    gathering: _Gathering,
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
    close = dict(zip(words.tolist(), _cosines(said.vectors[words], heart).tolist(), strict=True))

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


def _shared(
    gathering: _Gathering, said: Vocabulary, motif: int, fragments: Ints
) -> tuple[str, ...]:
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
