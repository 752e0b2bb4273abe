"""Motifs: the images that different dreamers share, named by their own words.

Gathers (`loom.gathering`), then names (`loom.naming`). Names are words that
people said, never invented. What meets in which passage is `loom.knots`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dreamweave.loom.gathering import NEAR, Gathering
from dreamweave.loom.grouping import Bytes, Ints
from dreamweave.loom.images import vocabulary
from dreamweave.loom.naming import FoundMotif, named

__all__ = ["N_NAMED", "FoundMotif", "motifs"]

# How many motifs a picture names: the largest by people.
N_NAMED = 16


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
    gathering = Gathering(vectors, np.asarray(tellers, dtype=np.int64), said)
    gathering.by_words()
    gathering.by_nearness(NEAR)
    gathering.by_groups()
    gathering.loosely(radii[-1] if len(radii) else NEAR)
    return named(gathering, said, langs, texts, charts or {})
