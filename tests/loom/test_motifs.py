"""Motifs are what different people share, in their own words, in any language."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from dreamweave.loom.images import as_said, words_to_read
from dreamweave.loom.motifs import motifs
from dreamweave.loom.reading import default_reader
from dreamweave.loom.words import content_words

RADII = (660, 600, 550, 500, 410, 340)

# Two people in English, two in German, one in Spanish; invented for this test.
EVENING = (
    (0, "en", "I climbed the staircase of my grandmother's house."),
    (0, "en", "Suddenly I really wanted to leave."),
    (1, "en", "A staircase stood in the middle of the sea."),
    (1, "en", "Mary told me that the water was warm."),
    (2, "de", "Das Wasser stieg bis unter das Dach."),
    (2, "de", "Ein Hund wartete vor der Tür."),
    (3, "de", "Ich rief den Hund, aber er kam nicht."),
    (3, "de", "Wir gingen durch ein altes Haus."),
    (4, "es", "El perro dormía bajo la mesa."),
    (4, "es", "Había agua en toda la casa."),
)


@cache
def reading(pairs):
    words, langs = zip(*pairs, strict=True)
    return dict(zip(words, default_reader().read(words, langs), strict=True))


def found(told, *, charts=None, read=True):
    """Motifs of (teller, language, text) triples, by the reader that is always there."""
    tellers, langs, texts = (list(each) for each in zip(*told, strict=True))
    words = [content_words(text, lang) for text, lang in zip(texts, langs, strict=True)]
    vectors = default_reader().read(texts, langs)
    vectors.setflags(write=False)
    known = reading(words_to_read(words, langs, np.array(tellers))) if read else None
    return motifs(
        vectors,
        np.array(tellers),
        words,
        langs,
        texts,
        radii=RADII,
        word_vectors=known,
        charts=charts,
    )


def test_one_image_in_three_languages_is_one_motif():
    shared = {motif.name: motif for motif in found(EVENING)}

    dog = next(motif for motif in shared.values() if "hund" in motif.words)
    assert dog.name == "Hund"  # two of its three people say it so
    assert dog.lang == "de"
    assert dog.words == ("hund", "perro")
    assert dog.n_dreamers == dog.n_saying == 3
    assert {EVENING[at][0] for at in dog.fragments} == {2, 3, 4}
    assert shared["staircase"].n_dreamers == 2


def test_no_motif_is_named_by_a_plain_word_or_somebodys_name():
    told = (
        *EVENING,
        (2, "en", "Then Mary really wanted to leave, suddenly."),
        (4, "en", "And Mary suddenly really went away."),
    )

    names = {motif.name.casefold() for motif in found(told)}

    assert not names & {"mary", "really", "suddenly", "wanted", "went", "leave"}


def test_every_promise_of_a_motif_holds():
    for motif in found(EVENING):
        tellers = {EVENING[at][0] for at in motif.fragments}
        said = " ".join(EVENING[at][2] for at in (*motif.fragments, *motif.also))
        assert len(tellers) == motif.n_dreamers >= 2
        assert motif.n_saying <= motif.n_dreamers
        assert motif.medoid in motif.fragments
        assert motif.name in said  # as somebody said it
        assert list(motif.fragments) == sorted(motif.fragments)


def test_a_fragment_is_in_one_motif_and_names_are_never_the_same():
    found_ = found(EVENING)

    members = [at for motif in found_ for at in motif.fragments]
    assert len(members) == len(set(members))
    names = [motif.name.casefold() for motif in found_]
    assert len(names) == len(set(names))


def test_a_fragment_that_names_two_images_is_known_to_the_other_too():
    told = (
        (0, "en", "The staircase stood in the river."),
        (1, "en", "A staircase of glass."),
        (2, "en", "A staircase and nothing else."),
        (3, "en", "The river was slow."),
        (4, "en", "We crossed the river."),
    )
    by_name = {motif.name: motif for motif in found(told)}

    both = {name: 0 in motif.fragments for name, motif in by_name.items()}
    other = next(name for name, mostly in both.items() if not mostly)
    assert sorted(both.values()) == [False, True]
    assert by_name[other].also == (0,)


def test_a_chart_fits_in_any_language_or_not_at_all():
    words = ("dog", "hound"), ("ladder", "staircase"), ("rocket", "satellite")
    charts = {pair[0]: default_reader().read(pair, ("en", "en")) for pair in words}

    worn = {motif.name: motif.chart for motif in found(EVENING, charts=charts)}

    assert worn["Hund"] == "dog"
    assert worn["staircase"] == "ladder"
    assert "rocket" not in worn.values()


def test_two_words_side_by_side_are_a_name_when_people_say_them_so():
    told = (
        (0, "en", "There was a swimming pool in the cellar."),
        (1, "en", "I fell into the swimming pool at night."),
        (2, "en", "Nobody came to the party."),
    )

    assert found(told)[0].name == "swimming pool"


def test_three_people_meet_by_looser_links():
    """No image in common: what they did, or what lies nearest, must do."""
    told = (
        (0, "en", "I was running and could not stop."),
        (1, "en", "Somebody was running behind us."),
        (2, "en", "We ran away as fast as we could."),
    )

    linked = {told[at][0] for motif in found(told) for at in motif.fragments}

    assert linked == {0, 1, 2}


def test_without_a_reader_articles_and_capitals_must_do():
    names = {motif.name for motif in found(EVENING, read=False)}

    assert {"staircase", "Hund"} <= names


def test_a_language_nobody_can_read_is_linked_by_its_words():
    # Zero vectors, no word vectors; two people, one word in common.
    words = [["ngazi", "ndefu"], ["ngazi", "nyumba"], ["bahari"]]
    texts = ["ngazi ndefu", "ngazi nyumba", "bahari"]

    (motif,) = motifs(
        np.zeros((3, 8), dtype=np.int8),
        np.arange(3),
        words,
        ["sw"] * 3,
        texts,
        radii=RADII,
    )

    assert (motif.name, motif.fragments, motif.n_saying) == ("ngazi", (0, 1), 2)


def test_a_language_outside_the_readers_is_linked_by_its_words_too():
    told = (
        (0, "sw", "Niliona ngazi ndefu baharini"),
        (1, "sw", "Ngazi ya nyumba ilianguka"),
        (2, "sw", "Moto uliwaka usiku"),
    )

    (motif,) = found(told)

    assert (motif.name, motif.fragments) == ("ngazi", (0, 1))


def test_nobody_and_one_person_share_nothing():
    assert found(EVENING[:2]) == []
    assert motifs(np.zeros((0, 8), np.int8), np.zeros(0, int), [], [], [], radii=RADII) == []


def test_the_order_in_which_words_are_handed_in_changes_nothing():
    told = EVENING
    tellers, langs, texts = (list(each) for each in zip(*told, strict=True))
    words = [content_words(text, lang) for text, lang in zip(texts, langs, strict=True)]
    vectors = default_reader().read(texts, langs)
    known = reading(words_to_read(words, langs, np.array(tellers)))
    turned = dict(reversed(known.items()))

    def names(word_vectors):
        return [
            (motif.name, motif.fragments, motif.medoid)
            for motif in motifs(
                vectors,
                np.array(tellers),
                words,
                langs,
                texts,
                radii=RADII,
                word_vectors=word_vectors,
            )
        ]

    assert names(turned) == names(known)


def test_one_thread_and_two_find_the_same_motifs():
    rng = np.random.default_rng(1)
    m = 600
    words = [[f"w{i}" for i in rng.integers(0, 80, 4)] for _ in range(m)]
    texts = [" ".join(each) for each in words]
    vectors = rng.integers(-127, 128, (m, 128)).astype(np.int8)
    read = {f"w{i}": rng.integers(-127, 128, 128).astype(np.int8) for i in range(80)}
    tellers = rng.integers(0, 90, m)

    def all_of_them(threads):
        with threadpool_limits(limits=threads):
            return [
                (motif.name, motif.fragments, motif.medoid, motif.words)
                for motif in motifs(
                    vectors, tellers, words, ["en"] * m, texts, radii=RADII, word_vectors=read
                )
            ]

    assert all_of_them(1) == all_of_them(2)


@settings(max_examples=60)
@given(st.data())
def test_any_words_and_vectors_give_motifs_that_keep_their_promises(data):
    m = data.draw(st.integers(1, 14))
    word = st.sampled_from(["sea", "dog", "stair", "ran", "red", "Ann", "水", "بحر", "🌊", "l'eau"])
    texts = [" ".join(data.draw(st.lists(word, max_size=4))) for _ in range(m)]
    words = [[w.casefold() for w in text.split()] for text in texts]
    langs = data.draw(st.lists(st.sampled_from(["en", "de", "und"]), min_size=m, max_size=m))
    tellers = data.draw(st.lists(st.integers(0, 3), min_size=m, max_size=m))
    row = st.lists(st.integers(-9, 9), min_size=4, max_size=4)
    vectors = np.array(data.draw(st.lists(row, min_size=m, max_size=m)), dtype=np.int8)
    read = {
        w: np.array(data.draw(row), dtype=np.int8)
        for w in sorted({w for ws in words for w in ws})[::2]
    }

    found_ = motifs(vectors, np.array(tellers), words, langs, texts, radii=RADII, word_vectors=read)

    members = [at for motif in found_ for at in motif.fragments]
    assert len(members) == len(set(members))
    assert len({motif.name.casefold() for motif in found_}) == len(found_)
    for motif in found_:
        assert motif.n_dreamers == len({tellers[at] for at in motif.fragments}) >= 2
        assert motif.medoid in motif.fragments


@pytest.mark.parametrize(
    ("word", "texts", "form"),
    [
        ("mother", ["Mother's house", "my mother", "my mother"], "mother"),
        ("treppe", ["Die Treppe", "die Treppe"], "Treppe"),
        ("eau", ["dans l'eau"], "eau"),
        ("strasse", ["Die Straße war leer"], "Straße"),
        ("階段", ["長い階段があった"], "階段"),
    ],
)
def test_a_word_is_shown_as_people_wrote_it(word, texts, form):
    assert as_said(word, range(len(texts)), texts) == form
