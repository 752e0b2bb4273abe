"""Readings: vectors for what was told, read once and kept.

What was read before is not read again, so that a weave can be woven anew on any
machine, and by somebody who has no reader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dreamweave.loom.images import IMAGE_WORDS, PLAIN_WORDS, words_to_read
from dreamweave.loom.reading import Reader
from dreamweave.loom.telling import Progress, Told
from dreamweave.loom.woven import Bytes, Ints, Readings


def read_fragments(reader: Reader, told: Told, readings: Readings | None, tell: Progress) -> Bytes:
    """(m, d) a row a fragment; what was read before is not read again."""
    known = readings.fragments if readings is not None else {}
    vectors = np.zeros((len(told.id), reader.dims), dtype=np.int8)
    missing = []
    for i, key in enumerate(told.id):
        if key in known:
            vectors[i] = known[key]
        else:
            missing.append(i)
    if missing:
        vectors[missing] = reader.read(
            [told.text[i] for i in missing],
            [told.lang[i] for i in missing],
            lambda done, of: tell("read", done, of),
        )
    return vectors


def touchstones(reader: Reader) -> dict[str, Bytes]:
    """word -> row of the words by which images are told from plain words."""
    words = list(dict.fromkeys((*IMAGE_WORDS, *PLAIN_WORDS)))
    return dict(zip(words, reader.read(words, ["en"] * len(words)), strict=True))


def read_words_of(
    reader: Reader,
    words: Sequence[Sequence[str]],
    langs: Sequence[str],
    dreamer: Ints,
    charts: Mapping[str, Sequence[str]],
    readings: Readings | None,
) -> dict[tuple[str, str], Bytes]:
    """How the reader reads the words that motifs are named with, and those of the charts."""
    known = readings.words if readings is not None else {}
    pairs = dict.fromkeys(words_to_read(words, langs, dreamer))
    pairs.update(dict.fromkeys((word, "en") for held in charts.values() for word in held))
    missing = [pair for pair in pairs if pair not in known]
    fresh = reader.read([word for word, _ in missing], [lang for _, lang in missing])
    read = dict(zip(missing, fresh, strict=True))
    return {pair: known[pair] if pair in known else read[pair] for pair in pairs}


def chart_vectors(
    charts: Mapping[str, Sequence[str]], word_vectors: Mapping[tuple[str, str], Bytes]
) -> dict[str, Bytes]:
    return {
        name: np.stack([word_vectors[word, "en"] for word in held])
        for name, held in charts.items()
        if held
    }
