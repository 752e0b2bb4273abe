"""Live motifs: the images that people share, while they tell.

The rules are those of the finished weave (`loom.gathering`, `loom.naming`), in a
form that one telling can follow: a fragment meets others by a word that shows
something, or a word kin to it, else by lying close; a motif is there once two
people share it, keeps its number and its name, and goes when fewer than two are
left. Unlike there, a fragment is in every motif that it names, and the loosest
links (who would otherwise meet nobody) wait for the closing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from dreamweave.loom.gathering import DOING_FLOOR, Gathering, cosines_to
from dreamweave.loom.grouping import Bytes, direction
from dreamweave.loom.images import shown, vocabulary
from dreamweave.loom.live_images import NONE, Image, Key, Piece, Words
from dreamweave.loom.naming import named
from dreamweave.loom.reading import Reader
from dreamweave.loom.words import all_words, content_words, is_small

# (number, name in somebody's own words, language); no name: that motif is gone.
Named = tuple[int, str, str]

# A name is found among the pieces of so many people, who came first.
NAMED_FROM_MAX = 24


class LiveMotifs:
    """The motifs of one gathering.

    Numbers are given in the order in which motifs come about, and never twice.

    Check: tests/loom/test_living.py.
    """

    def __init__(self, reader: Reader) -> None:
        self._words = Words(reader)
        self._dims = reader.dims
        self._pieces: dict[Key, Piece] = {}
        self._n_pieces: dict[int, int] = {}  # by report
        self._motifs: dict[int, Image] = {}
        self._names: set[str] = set()  # casefolded
        # How many pieces of each language everybody told, and how many people tell in each.
        self._told_in: Counter[tuple[str, int]] = Counter()
        self._speakers: Counter[str] = Counter()
        self._next = 0

    @property
    def names(self) -> tuple[Named, ...]:
        """Every motif there is, by number."""
        return tuple((m, one.name, one.lang) for m, one in sorted(self._motifs.items()))

    def tell(
        self,
        r: int,
        teller: int,
        texts: Sequence[str],
        langs: Sequence[str],
        vectors: Bytes,
        near: Sequence[Sequence[Key]],
    ) -> list[Named]:
        """A report is told; the motifs that are new or called otherwise by this.

        Args:
            near: for each fragment what others told within a scene of it
                (`gathering.SCENE`), the closest first.
        """
        words = [
            tuple(dict.fromkeys(w for w in content_words(text, lang) if not is_small(w, lang)))
            for text, lang in zip(texts, langs, strict=True)
        ]
        self._words.read({w: lang for each, lang in zip(words, langs, strict=True) for w in each})
        keys = [(r, i) for i in range(len(texts))]
        self._n_pieces[r] = len(keys)
        touched: dict[Image, None] = {}
        for key, text, lang, each, row in zip(keys, texts, langs, words, vectors, strict=True):
            self._pieces[key] = Piece(teller, text, lang, each, row)
            self._told_in[lang, teller] += 1
            self._speakers[lang] += self._told_in[lang, teller] == 1
            for word in each:
                before = self._words[word].image
                self._words.say(word, key, self._pieces)
                touched.update((one, None) for one in (before, self._words[word].image) if one)
        renamed = self._reviewed(touched, told=True)
        for key, close in zip(keys, near, strict=True):
            if not any(one.number != NONE for one in self._pieces[key].images):
                renamed += self._meet_close(key, close)
        return renamed

    def forget(self, r: int) -> list[Named]:
        """A report is taken back; the motifs that are gone or called otherwise by this."""
        touched: dict[Image, None] = {}
        for i in range(self._n_pieces.pop(r, 0)):
            piece = self._pieces.pop((r, i))
            self._told_in[piece.lang, piece.teller] -= 1
            if not self._told_in[piece.lang, piece.teller]:
                del self._told_in[piece.lang, piece.teller]
                self._speakers[piece.lang] -= 1
            for one in piece.images:
                one.drop((r, i))
                touched[one] = None
            for word in piece.words:
                self._words.unsay(word, (r, i), piece.teller)
        return self._reviewed(touched)

    def met(self, r: int) -> list[tuple[int, Image]]:
        """The motifs a report is in, those of most people first."""
        held = {
            one.number: one
            for i in range(self._n_pieces.get(r, 0))
            for one in self._pieces[r, i].images
            if one.number != NONE
        }
        return sorted(held.items(), key=lambda item: (-len(item[1].people), item[0]))

    def renumber(self, known: Mapping[int, str]) -> None:
        """Give motifs that bear a known name its number again, and all others new ones."""
        number = {name: m for m, name in known.items()}
        self._next = max((-1, *known)) + 1
        motifs, self._motifs = self._motifs, {}
        for _, one in sorted(motifs.items()):
            one.number = number.pop(one.name, NONE)
            if one.number == NONE:
                one.number, self._next = self._next, self._next + 1
            self._motifs[one.number] = one

    def _reviewed(self, images: Iterable[Image], *, told: bool = False) -> list[Named]:
        """Begin, end and rename motifs, now that pieces came or went."""
        changed: list[Named] = []
        for one in images:
            is_shared = len(one.people) >= 2
            if is_shared and one.number == NONE:
                one.number, self._next = self._next, self._next + 1
                self._motifs[one.number] = one
                changed.append(self._call(one))
            elif not is_shared and one.number != NONE:
                changed.append((one.number, "", ""))
                del self._motifs[one.number]
                self._names.discard(one.name.casefold())
                one.number, one.name, one.lang = NONE, "", ""
                # Close to one another, or to what the others said: with nobody
                # to be close to, they are in no image.
                for key in [*one.close] if one.words else [*one.pieces]:
                    one.drop(key)
                    self._pieces[key].images.remove(one)
            elif one.number != NONE and (
                not self._still_said(one) or (told and self._is_foreign(one))
            ):
                self._names.discard(one.name.casefold())
                changed.append(self._call(one))
        return changed

    def _still_said(self, image: Image) -> bool:
        """Whether somebody of those in it still says the words of its name."""
        name = set(all_words(image.name, image.lang))
        held = (self._pieces[key] for key in image.pieces)
        return any(name <= set(all_words(piece.text, piece.lang)) for piece in held)

    def _is_foreign(self, image: Image) -> bool:
        """Whether a name could be in the language that most here speak, and is not.

        A motif that two people share in other languages is called anew, once, when
        somebody says it in that one: then most of the room can read it.
        """
        main = max(self._speakers, key=lambda lang: (self._speakers[lang], lang))
        if image.lang == main:
            return False
        held = (self._pieces[key] for key in image.pieces)
        return any(piece.lang == main and set(image.words) & set(piece.words) for piece in held)

    def _call(self, image: Image) -> Named:
        """Name a motif as the finished weave would, from a piece each of those who came first."""
        first: dict[int, Key] = {}
        for key, teller in image.pieces.items():
            first.setdefault(teller, key)
            if len(first) == NAMED_FROM_MAX:
                break
        held = [self._pieces[key] for key in first.values()]
        texts, langs = [piece.text for piece in held], [piece.lang for piece in held]
        tellers = np.array([piece.teller for piece in held], dtype=np.int64)
        vectors = np.stack([piece.vector for piece in held])
        words = [piece.words for piece in held]
        rows = self._words.touchstones | {
            word: self._words[word].vector for each in words for word in each
        }
        said = vocabulary(words, langs, texts, tellers, self._dims, rows)
        gathering = Gathering(vectors, tellers, said)
        gathering.motif_of[:] = 0
        gathering.words.append([said.words.index(w) for w in image.words if w in said.words])
        (found,) = named(gathering, said, langs, texts, {}, self._names, self._speakers)
        image.name, image.lang = found.name, found.lang
        self._names.add(found.name.casefold())
        return image.number, image.name, image.lang

    def _meet_close(self, key: Key, close: Sequence[Key]) -> list[Named]:
        """Bring in a piece that meets nobody by a word, with the closest that it can meet."""
        piece = self._pieces[key]
        for other_key in close:
            other = self._pieces[other_key]
            motifs = [one for one in other.images if one.number != NONE]
            if motifs:
                # The image that the piece itself is most about.
                rows = np.stack(
                    [self._words[m.words[0]].vector if m.words else other.vector for m in motifs]
                )
                self._join(motifs[int(cosines_to(rows, piece.vector).argmax())], key)
                return []
            if self._shows(piece, other):
                scene = Image()
                self._join(scene, other_key)
                self._join(scene, key)
                return self._reviewed([scene])
        return []

    def _join(self, image: Image, key: Key) -> None:
        piece = self._pieces[key]
        image.add(key, piece.teller)
        image.close.add(key)
        piece.images.append(image)

    def _shows(self, piece: Piece, other: Piece) -> bool:
        """Whether two close pieces are a scene; that nobody remembers more is none."""
        heart = direction(piece.vector.astype(np.int64) + other.vector)
        shows, _ = shown(heart[None], self._words.touchstones)
        words = (*piece.words, *other.words)
        return bool(shows[0] >= 0) and any(self._words[w].shows > DOING_FLOOR for w in words)
