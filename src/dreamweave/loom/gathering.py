"""Gathering: which fragments belong to one image.

The strongest link is a word said by two people; next come words that are kin
in any language (house, Haus); next, fragments that lie close though they share
no word. Whoever meets nobody that way is met by looser links: wider kin, what
was done or felt, and at last whoever lies nearest. What an image is called is
`loom.naming`'s business.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import isqrt

import numpy as np

from dreamweave.loom.grouping import LONE, Bytes, Ints, direction, dots, group, is_near, squares
from dreamweave.loom.images import NAME, Vocabulary

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

# A plain word may still link two people who share no image (what was done,
# what was felt), unless it lies this deep among the plain ones, in millionths.
DOING_FLOOR = -220_000

MILLION = 1_000_000


class Gathering:
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
            many = isqrt(MILLION * MILLION * self.n_people(at) // self.n_tellers)
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
                alike = int(cosines_to(said.vectors[[word]], said.vectors[other])[0])
                close = (MILLION if word == other else alike) + int(said.image[word]) // 4
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
        if cosine[i, j] * 1000 >= radius * MILLION:
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
        return cosines_to(self.vectors[fragments], vector)


def cosines_to(rows: Bytes, vector: Bytes) -> Ints:
    dot = dots(rows, vector[None])[:, 0].astype(np.float64)
    length = np.sqrt(np.maximum(squares(rows), 1).astype(np.float64))
    own = np.sqrt(np.maximum(squares(vector[None]), 1).astype(np.float64))
    out: Ints = np.rint(dot / length / own * MILLION).astype(np.int64)
    return out
