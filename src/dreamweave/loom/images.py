"""Images: which words show something, and which words are kin.

A word is an image when one can see it before the inner eye: "staircase", not
"suddenly". The reader tells the two apart in all its languages by a handful of
English touchstones; where it cannot read, articles and capitals must do. First
names are told apart as well: nobody's name becomes the name of a motif. What
is done with images is `loom.motifs`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.grouping import Bytes, Ints, dots, is_near, squares


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# English alone is enough: the reader holds the languages together. Chosen by
# hand before the first look at its verdicts; people's names, months and towns
# were added after, when they were taken for images.
IMAGE_WORDS = _words(
    """
    water river ocean lake rain snow fire smoke mountain forest tree garden flower stone sand moon
    sun star sky cloud house room kitchen bedroom staircase door window roof wall floor bridge
    street road city village church school hospital station shop theater library hotel tower castle
    cellar train bus car boat airplane bicycle elevator dog cat horse bird snake fish spider bear
    insect animal mother father sister brother grandmother child baby wife husband girl friend teacher doctor soldier
    policeman king crowd hand face eyes hair teeth blood bed table chair mirror clock key letter
    book photograph telephone box bag coat dress shoes knife gun money bread food meal apple cup
    music song voice shadow night dance game party wedding funeral flying falling swimming
    """
)
PLAIN_WORDS = _words(
    """
    really very quite almost suddenly finally usually somehow probably actually again still already
    before after while during around together because although therefore whether something anything
    nothing everything someone everyone time times way thing things kind sort part lot number place
    reason fact case point end beginning moment minute hour day week year dream dreamed dreaming
    remember remembered recall forgot woke awoke awake was were have had been being did done does
    will would could should might must went going came coming got getting gave took taking made
    making put said saying told telling asked asking answered talked talking saw see seen looked
    looking watched watching seemed appeared noticed realized knew know thought thinking felt
    feeling wanted want tried trying started began decided happened continued finished stopped left
    stayed waited found turned opened held kept ran walked sat stood moved followed entered returned
    arrived big small large little old new young good bad nice great different same other own whole
    full several many few next last first second long short high low right wrong real strange clear
    able sure afraid angry happy sad upset worried scared surprised one two three four five
    red blue green brown black white gray yellow color wearing wore dressed married called named
    playing played walking running living lived
    people person somebody guy fellow mary john peter anna thomas maria paul susan michael
    monday january america london chicago english german
    """
)

# How many people's words are worth reading: half a second at most. Past the
# 600 most shared, a word is hardly ever said by two.
N_READ_MAX = 600

# Words that come before what one can see, where nothing can be read.
_ARTICLES = _words(
    """
    a an the my your his her its our their this that these those some no every
    der die das den dem des ein eine einen einem einer eines mein meine meinen meinem meiner kein
    le la les l un une des du mon ma mes son sa ses notre ce cet cette
    el los las una unos unas mi mis su sus este esta o os as um uma meu minha
    il lo gli i uno mio mia suo sua de het een mijn zijn haar onze
    """
)
# Languages that write every such word with a capital.
_CAPITAL_LANGS = frozenset({"de", "lb"})

_MILLION = 1_000_000
# What is no image at all: somebody's name (never shown), and what nothing is known of.
NAME = -_MILLION
_UNKNOWN = -_MILLION // 2
# A word is weighed by this many of its closest touchstones on either side; one
# alone is an accident (a "parking" lot beside a moving car).
_CLOSEST = 3
SAME = 850_000
# A word that comes no closer than this to any touchstone was not read by meaning:
# of 900 words of the real reports none stayed below, of 20 Swahili ones (read by
# their letters) none rose above.
READ_AT_ALL = 300_000
# How many places a word's written form is looked up in.
LOOKUPS_MAX = 8
_TOKEN = re.compile(r"\w+(?:['’]\w+)*")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every content word that was said, the most shared first.

    Attributes:
        words: (w,) casefolded.
        langs: (w,) the language each was said in most.
        of_fragment: for each fragment the words it holds, as indices, ascending.
        fragments: for each word the fragments that hold it, ascending.
        n_tellers: (w,) how many people said it.
        vectors: (w, d) signed bytes; a zero row where nothing was read.
        image: (w,) in millionths: above 0 is an image, and how plainly.
        word_vectors: as handed in; the touchstones are among them.
    """

    words: tuple[str, ...]
    langs: tuple[str, ...]
    of_fragment: tuple[tuple[int, ...], ...]
    fragments: tuple[tuple[int, ...], ...]
    n_tellers: Ints
    vectors: Bytes
    image: Ints
    word_vectors: Mapping[str, Bytes] = field(repr=False)

    def shows(self, vectors: Bytes) -> Ints:
        """How plainly whole fragments show something, as `image` says it of words."""
        images, plains = _closest(vectors, self.word_vectors)
        return images - plains

    def kin(self, word: int, others: Ints, radius: int) -> NDArray[np.bool_]:
        """Which of `others` are kin of a word at a radius in thousandths."""
        dot = dots(self.vectors[[word]], self.vectors[others])[0].astype(np.int64)
        square = squares(self.vectors[[word]])
        return is_near(dot, square, squares(self.vectors[others]), radius)


def words_to_read(
    words: Sequence[Sequence[str]], langs: Sequence[str], tellers: Ints
) -> tuple[tuple[str, str], ...]:
    """The (word, language) pairs whose vectors `motifs` wants; the touchstones are among them.

    Keep what they were read as beside the weave: with the same vectors every
    machine finds the same motifs.
    """
    said, spoken = _said(words, langs, tellers)
    pairs = dict.fromkeys((*IMAGE_WORDS, *PLAIN_WORDS), "en")
    for word in _most_shared(said)[:N_READ_MAX]:
        pairs.setdefault(word, spoken[word])
    return tuple(pairs.items())


def vocabulary(
    words: Sequence[Sequence[str]],
    langs: Sequence[str],
    texts: Sequence[str],
    tellers: Ints,
    dims: int,
    word_vectors: Mapping[str, Bytes],
) -> Vocabulary:
    """Gather what was said and weigh every word."""
    said, spoken = _said(words, langs, tellers)
    order = _most_shared(said)
    index = {word: i for i, word in enumerate(order)}
    fragments: list[list[int]] = [[] for _ in order]
    of_fragment = []
    for at, held in enumerate(words):
        mine = sorted({index[word] for word in held})
        of_fragment.append(tuple(mine))
        for i in mine:
            fragments[i].append(at)
    vectors = np.zeros((len(order), dims), dtype=np.int8)
    for i, word in enumerate(order):
        if word in word_vectors:
            vectors[i] = word_vectors[word]
    image, read = shown(vectors, word_vectors)
    for i, word in enumerate(order):
        image[i] = weighed(
            word,
            int(image[i]) if read[i] else None,
            fragments[i],
            texts,
            langs,
            n_tellers=len(said[word]),
            handed=bool(vectors[i].any()),
        )
    return Vocabulary(
        words=tuple(order),
        langs=tuple(spoken[word] for word in order),
        of_fragment=tuple(of_fragment),
        fragments=tuple(tuple(each) for each in fragments),
        n_tellers=np.array([len(said[word]) for word in order], dtype=np.int64),
        vectors=vectors,
        image=image,
        word_vectors=word_vectors,
    )


def shown(vectors: Bytes, word_vectors: Mapping[str, Bytes]) -> tuple[Ints, NDArray[np.bool_]]:
    """How plainly each shows something, as far as meaning tells, and whether it was read at all."""
    images, plains = _closest(vectors, word_vectors)
    return images - plains, np.maximum(images, plains) >= READ_AT_ALL


def weighed(
    word: str,
    shows: int | None,
    fragments: Iterable[int],
    texts: Sequence[str],
    langs: Sequence[str],
    *,
    n_tellers: int,
    handed: bool,
) -> int:
    """What a word comes to, as `Vocabulary.image` has it, by meaning and by how it is written.

    Args:
        shows: as `shown` says; None for a word that could not be read by meaning.
        fragments: where it is said, in `texts` and `langs`.
        n_tellers: how many people say it.
        handed: whether there is any vector of it.
    """
    if not any(char.isalpha() for char in word):
        return _UNKNOWN
    if (shows is None and n_tellers > 1) or (shows is not None and shows > 0):
        kind = _written(word, fragments, texts, langs)
        if kind is False:
            return NAME
        # In a language that cannot be read, a word that two say is all there is.
        if shows is None and (kind or handed):
            return 1
    return _UNKNOWN if shows is None else shows


def as_said(word: str, fragments: Iterable[int], texts: Sequence[str]) -> str:
    """The form in which a casefolded word was written most, the smaller letters on a tie."""
    forms = Counter(form for form, _, _ in _places(word, fragments, texts))
    if not forms:
        return word
    return max(forms, key=lambda form: (forms[form], form.islower(), form))


def _said(
    words: Sequence[Sequence[str]], langs: Sequence[str], tellers: Ints
) -> tuple[dict[str, set[int]], dict[str, str]]:
    said: dict[str, set[int]] = defaultdict(set)
    spoken: dict[str, Counter[str]] = defaultdict(Counter)
    for held, lang, teller in zip(words, langs, np.asarray(tellers).tolist(), strict=True):
        for word in held:
            said[word].add(teller)
            spoken[word][lang] += 1
    most = {
        word: max(count, key=lambda lang: (count[lang], lang)) for word, count in spoken.items()
    }
    return said, most


def _most_shared(said: Mapping[str, set[int]]) -> list[str]:
    return sorted(said, key=lambda word: (-len(said[word]), word))


def _closest(vectors: Bytes, word_vectors: Mapping[str, Bytes]) -> tuple[Ints, Ints]:
    """Mean cosine with the closest images, and with the closest plain words, in millionths.

    A touchstone itself, in whatever language, counts for all: a clock is close
    to "hour" and "minute", and an image for all that.
    """

    def mean(touchstones: Sequence[str]) -> Ints:
        known = [word_vectors[word] for word in touchstones if word in word_vectors]
        if not known:
            return np.zeros(len(vectors), dtype=np.int64)
        stones = np.stack(known)
        dot = dots(vectors, stones).astype(np.float64)
        length = np.sqrt(np.maximum(squares(stones), 1).astype(np.float64))
        own = np.sqrt(np.maximum(squares(vectors), 1).astype(np.float64))
        cosine = np.rint(dot / own[:, None] / length * _MILLION).astype(np.int64)
        top = np.sort(cosine, axis=1)[:, ::-1][:, :_CLOSEST]
        three = top.sum(axis=1) // top.shape[1]
        out: Ints = np.where(top[:, 0] >= SAME, top[:, 0], three)
        return out

    return mean(IMAGE_WORDS), mean(PLAIN_WORDS)


def _written(
    word: str, fragments: Iterable[int], texts: Sequence[str], langs: Sequence[str]
) -> bool | None:
    """What the way a word is written tells: True an image, False a name or no noun, None nothing."""
    capital, small, after_article = 0, 0, 0
    lang = "und"
    for form, before, at in _places(word, fragments, texts):
        lang = langs[at]
        if before is None:
            continue  # a sentence's first word has a capital anyway
        capital += form[0].isupper()
        small += not form[0].isupper()
        after_article += before.casefold() in _ARTICLES
    if lang in _CAPITAL_LANGS:
        return capital > small if capital + small else None
    if capital > small:
        return False
    return True if after_article else None


def _places(
    word: str, fragments: Iterable[int], texts: Sequence[str]
) -> Iterator[tuple[str, str | None, int]]:
    """(form, the word before or None at a sentence's start, fragment), at the first few places."""
    n = 0
    for at in fragments:
        text = texts[at]
        before, end = None, 0
        for token in _TOKEN.finditer(text):
            if not text[end : token.start()].isspace():
                before = None  # a stop, a quote or a comma lies between
            form = _form(token.group(), word)
            if form:
                yield form, before, at
                n += 1
            before, end = token.group(), token.end()
        if n >= LOOKUPS_MAX:
            return


def _form(token: str, word: str) -> str | None:
    """The part of a written token that is this word: "Mother" of "Mother's", "eau" of "l'eau"."""
    if token.isascii() and "'" not in token:
        # The common case, and quick. No cache here: it would remember words that were taken back.
        return token if token.lower() == word else None
    for part in (token, *re.split("['’]", token)):
        if unicodedata.normalize("NFKC", part).casefold().replace("’", "'") == word:
            return part
    return None
