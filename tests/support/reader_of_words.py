"""A reader for tests: texts lie near as far as they share words. Fast, exact, knows no language.

It also keeps count of what it was asked to read, and can be told to refuse.
"""

from __future__ import annotations

import numpy as np

from dreamweave.loom.reading import read_words

# What the invented people of random gatherings talk about: few things, so that they meet.
PLAIN = [
    "sea",
    "stairs",
    "lamp",
    "tram",
    "bird",
    "feather",
    "bridge",
    "night",
    "water",
    "coat",
    "door",
    "key",
]


class WordReader:
    id = "tests/words/1"
    dims = 128
    radii = (800, 650, 500, 400, 300)
    n_paying = 4
    languages = frozenset({"en"})

    def read(self, texts, langs, progress=None):
        # Fifty thousand characters say no more than their first few thousand.
        rows = [read_words(text[:4000], lang) for text, lang in zip(texts, langs, strict=True)]
        return np.stack(rows) if rows else np.zeros((0, self.dims), dtype=np.int8)


class RefusingReader(WordReader):
    """Stands in where everything was read before: it may only be asked for nothing."""

    def read(self, texts, langs, progress=None):
        if len(texts):
            raise AssertionError("this was read before")
        return np.zeros((0, self.dims), dtype=np.int8)
