"""Live images: which words that were said show something, and which belong to one image.

Kept word by word while people tell. A word is weighed when it is first said, and
once more when a second person says it; after that it stays what it is, so that no
image changes under those who share it. A word belongs to the image whose first
word it is kin of. What an image gathers, and what it is called, is
`loom.live_motifs`'.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from dreamweave.loom.gathering import KIN, cosines_to
from dreamweave.loom.grouping import Bytes, Ints, is_near, squares
from dreamweave.loom.images import LOOKUPS_MAX, shown, weighed
from dreamweave.loom.reading import Reader
from dreamweave.loom.readings import touchstones
from dreamweave.loom.threads import one_thread

# A fragment: its report, and which of the report's it is.
Key = tuple[int, int]

# No number: an image of one person, which is no motif (yet, or any more).
NONE = -1


@dataclass(slots=True, eq=False)
class Image:
    """Fragments of one image, with the words that gather them: none where only closeness does.

    A motif once two people are in it. `pieces` and `reports` come in the order they
    were told; `close` are the pieces that lie near and say none of the words.
    """

    words: list[str] = field(default_factory=list, repr=False)
    pieces: dict[Key, int] = field(default_factory=dict)  # -> teller
    close: set[Key] = field(default_factory=set)
    people: Counter[int] = field(default_factory=Counter)
    reports: Counter[int] = field(default_factory=Counter)
    number: int = NONE
    name: str = field(default="", repr=False)
    lang: str = ""

    def add(self, key: Key, teller: int) -> None:
        """A piece is in it, if it was not."""
        if key not in self.pieces:
            self.pieces[key] = teller
            self.people[teller] += 1
            self.reports[key[0]] += 1

    def drop(self, key: Key) -> None:
        """A piece is not in it any more."""
        teller = self.pieces.pop(key)
        self.close.discard(key)
        for count, one in ((self.people, teller), (self.reports, key[0])):
            count[one] -= 1
            if not count[one]:
                del count[one]


@dataclass(slots=True, eq=False)
class Word:
    """A content word that somebody said: its row, who said it where, and its image if it has one.

    `meaning` is how plainly it shows something as far as it was read by meaning, and
    `shows` what it comes to when it is also seen how it is written.
    """

    vector: Bytes = field(repr=False)
    meaning: int | None
    shows: int = 0
    pieces: dict[Key, None] = field(default_factory=dict)
    people: Counter[int] = field(default_factory=Counter)
    image: Image | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A fragment as somebody told it."""

    teller: int
    text: str = field(repr=False)
    lang: str
    words: tuple[str, ...] = field(repr=False)
    vector: Bytes = field(repr=False)
    images: list[Image] = field(default_factory=list)


class Words:
    """Every content word that is said by what is lent now, and the images they make."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.touchstones = touchstones(reader)
        self._words: dict[str, Word] = {}
        self._heads = _Heads(reader.dims)

    def __getitem__(self, word: str) -> Word:
        return self._words[word]

    def read(self, said: Mapping[str, str]) -> None:
        """Take in words that nobody said before: word -> language."""
        new = [word for word in said if word not in self._words]
        if new:
            rows = self._reader.read(new, [said[word] for word in new])
            shows, is_read = shown(rows, self.touchstones)
            for word, row, meaning, known in zip(
                new, rows, shows.tolist(), is_read.tolist(), strict=True
            ):
                # A row of its own: a view would keep the rows of words that go before it.
                self._words[word] = Word(row.copy(), meaning if known else None)

    def say(self, word: str, key: Key, pieces: Mapping[Key, Piece]) -> None:
        """`pieces[key]` says this word; it joins the word's image, or all of its pieces leave it."""
        one, teller = self._words[word], pieces[key].teller
        one.pieces[key] = None
        joining = [key]
        one.people[teller] += 1
        if len(one.pieces) == 1 or (one.people[teller] == 1 and len(one.people) == 2):
            one.shows = self._weigh(word, one, pieces)
            if one.shows > 0 and one.image is None:
                one.image = self._image_of(word, one)
                joining = [*one.pieces]
            elif one.shows <= 0 and one.image is not None:
                self._leave(word, one, pieces)
        if one.image is not None:
            for each in joining:
                one.image.add(each, pieces[each].teller)
                one.image.close.discard(each)
                if one.image not in pieces[each].images:
                    pieces[each].images.append(one.image)

    def unsay(self, word: str, key: Key, teller: int) -> None:
        """A piece that said it is taken back; what nobody says any more is gone, row and all."""
        one = self._words[word]
        del one.pieces[key]
        one.people[teller] -= 1
        if not one.people[teller]:
            del one.people[teller]
        if not one.pieces:
            del self._words[word]
            if one.image is not None:
                self._part(word, one.image)

    def _weigh(self, word: str, one: Word, pieces: Mapping[Key, Piece]) -> int:
        held = [pieces[key] for key in islice(one.pieces, LOOKUPS_MAX)]
        return weighed(
            word,
            one.meaning,
            range(len(held)),
            [piece.text for piece in held],
            [piece.lang for piece in held],
            n_tellers=len(one.people),
            handed=bool(one.vector.any()),
        )

    def _image_of(self, word: str, one: Word) -> Image:
        image = self._heads.kin(one.vector)
        if image is None:
            image = Image()
            self._heads.put(image, one.vector)
        image.words.append(word)
        return image

    def _leave(self, word: str, one: Word, pieces: Mapping[Key, Piece]) -> None:
        """It was a name after all, so it gathers nobody. (Who comes near by meaning may stay.)"""
        image = one.image
        assert image is not None
        one.image = None
        self._part(word, image)
        for key in one.pieces:
            if key in image.pieces and not set(image.words) & set(pieces[key].words):
                image.drop(key)
                pieces[key].images.remove(image)

    def _part(self, word: str, image: Image) -> None:
        """The image goes on without this word; its next one stands first, if this one did."""
        was_first = image.words[0] == word
        image.words.remove(word)
        if was_first:
            self._heads.drop(image)
            if image.words:
                self._heads.put(image, self._words[image.words[0]].vector)


class _Heads:
    """The row of every image's first word, to find whom a new word is kin of."""

    def __init__(self, dims: int) -> None:
        self._rows: Bytes = np.zeros((64, dims), dtype=np.int8)
        self._wide = np.zeros((64, dims), dtype=np.float32)
        self._squares: Ints = np.zeros(64, dtype=np.int64)
        self._images: list[Image | None] = []
        self._place: dict[Image, int] = {}
        self._free: list[int] = []

    def put(self, image: Image, row: Bytes) -> None:
        if self._free:
            at = self._free.pop()
        else:
            at = len(self._images)
            self._images.append(None)
            if at == len(self._rows):
                self._rows, self._wide, self._squares = (
                    np.concatenate([held, np.zeros_like(held)])
                    for held in (self._rows, self._wide, self._squares)
                )
        self._rows[at], self._wide[at], self._squares[at] = row, row, squares(row[None])[0]
        self._images[at], self._place[image] = image, at

    def drop(self, image: Image) -> None:
        at = self._place.pop(image)
        self._rows[at], self._wide[at], self._squares[at] = 0, 0, 0
        self._images[at] = None
        self._free.append(at)

    def kin(self, row: Bytes) -> Image | None:
        """The image whose first word is closest of kin; the lower place on a tie."""
        n = len(self._images)
        with one_thread():
            dot = (self._wide[:n] @ row.astype(np.float32)).astype(np.int64)
        near = np.flatnonzero(is_near(dot, squares(row[None]), self._squares[:n], KIN))
        if not len(near):
            return None
        return self._images[int(near[cosines_to(self._rows[near], row).argmax()])]
