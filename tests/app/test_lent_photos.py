"""A photograph of a drawing is lent with its caption, seen by whom it was lent to, and taken back."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from makers_ground import Clock, a_dreamer, a_report, make_ground
from pictures import CANARY, WITH_NOTES, made
from PIL import Image

from dreamweave.app.circles import join, make
from dreamweave.app.echoes import echo_of, echo_photo
from dreamweave.app.journals import forget_report, keep_piece, keep_report
from dreamweave.app.lending import ECHO, Offer, lend, lent_photo, preview, shown_to, take_back
from dreamweave.app.photos import stripped
from dreamweave.model.facts import COMMONS
from dreamweave.model.refusals import Refusal

DAY_0 = 1_795_564_800_000  # midnight before 2026-11-25, UTC
# Larger than one piece, so that all of them have to go.
BIG = made("PNG", Image.frombytes("RGB", (600, 400), random.Random(1).randbytes(720_000)))


@pytest.fixture
def ground():
    return make_ground()


@pytest.fixture
def ann(ground):
    return a_dreamer(ground)


def photographed(ground, who, data=WITH_NOTES["jpeg"][1], media="image/jpeg"):
    """A report with a caption and a photograph; its id."""
    report = a_report(ground, "My drawing of the stairs.")
    keep_report(ground, who, report)
    keep_piece(ground, who, report.id, "photo", media, data)
    return report.id


def offer(report, audience=COMMONS, **how):
    return Offer(report, 2, audience, "named", name="Ann", **{"photo": True, **how})


def test_it_is_shown_with_its_caption_and_without_what_the_camera_wrote(ground, ann):
    report = photographed(ground, ann)
    bo = a_dreamer(ground)
    assert preview(ground, ann, offer(report)).photo == "image/jpeg"

    lent = lend(ground, ann, offer(report))

    (words,) = shown_to(ground, bo, COMMONS)
    assert (words.text, words.photo) == ("My drawing of the stairs.", "image/jpeg")
    media, data = lent_photo(ground, bo, COMMONS, lent.tag)
    assert (media, data) == ("image/jpeg", stripped("image/jpeg", WITH_NOTES["jpeg"][1]))
    assert CANARY.encode() not in data


def test_words_are_lent_without_it_unless_it_is_asked_for(ground, ann):
    report = photographed(ground, ann)
    lent = lend(ground, ann, offer(report, photo=False))

    assert shown_to(ground, ann, COMMONS)[0].photo is None
    assert not [r for r in ground.store.rows("words") if r.id.startswith(f"lent/{lent.tag}/")]
    with pytest.raises(Refusal, match=r"photo\.unknown"):
        lent_photo(ground, ann, COMMONS, lent.tag)


def test_nobody_else_sees_it(ground, ann):
    circle = make(ground, ann, "The tide")
    report = photographed(ground, ann)
    lent = lend(ground, ann, offer(report, f"circle/{circle}"))
    inside, outside = a_dreamer(ground), a_dreamer(ground)
    join(ground, inside, circle)

    assert lent_photo(ground, inside, f"circle/{circle}", lent.tag)[0] == "image/jpeg"
    with pytest.raises(Refusal, match=r"circle\.unknown"):
        lent_photo(ground, outside, f"circle/{circle}", lent.tag)
    with pytest.raises(Refusal, match=r"photo\.unknown"):
        lent_photo(ground, outside, COMMONS, lent.tag)
    with pytest.raises(Refusal, match=r"circle\.unknown"):
        lent_photo(ground, replace(inside, suspended=True), f"circle/{circle}", lent.tag)


@pytest.mark.parametrize("end", ["taken back", "forgotten"])
def test_taking_back_takes_every_piece_of_it(ground, ann, end):
    report = photographed(ground, ann, BIG, "image/png")
    lent = lend(ground, ann, offer(report))
    pieces = [r.id for r in ground.store.rows("words") if r.id.startswith(f"lent/{lent.tag}/")]
    assert len(pieces) > 1
    assert lent_photo(ground, ann, COMMONS, lent.tag)[1] == stripped("image/png", BIG)

    if end == "taken back":
        take_back(ground, ann, lent.lending)
    else:
        forget_report(ground, ann, report)

    left = [r.id for s in ("words", "keys") for r in ground.store.rows(s, limit=9_999)]
    assert [id for id in left if lent.tag in id] == []
    with pytest.raises(Refusal, match=r"photo\.unknown"):
        lent_photo(ground, ann, COMMONS, lent.tag)


def test_the_receipt_commits_to_the_picture_too(ground, ann):
    one = photographed(ground, ann)
    lent = lend(ground, ann, offer(one))
    row = ground.store.row("words", f"lent/{lent.tag}")

    assert b"photo_sha256" in ground.vault.open(row)


def test_where_there_is_none_or_it_is_for_research_a_sentence_says_so(ground, ann):
    report = a_report(ground)
    keep_report(ground, ann, report)
    with pytest.raises(Refusal, match=r"lending\.photo"):
        preview(ground, ann, Offer(report.id, 1, COMMONS, "named", name="Ann", photo=True))
    with pytest.raises(Refusal, match=r"lending\.photo"):
        preview(ground, ann, offer(photographed(ground, ann), "research"))


def test_an_echo_is_seen_by_whom_it_was_given_to():
    ground = make_ground(clock=Clock(DAY_0 + 20 * 3_600_000))
    ann, tara, other = (a_dreamer(ground) for _ in range(3))
    lent = lend(ground, ann, offer(photographed(ground, ann), ECHO))
    echo = echo_of(ground, tara, "2026-11-25", wants=True)

    assert (echo.tag, echo.words.photo) == (lent.tag, "image/jpeg")
    assert echo_photo(ground, tara, lent.tag)[0] == "image/jpeg"
    with pytest.raises(Refusal, match=r"photo\.unknown"):
        echo_photo(ground, other, lent.tag)
    take_back(ground, ann, lent.lending)
    with pytest.raises(Refusal, match=r"photo\.unknown"):
        echo_photo(ground, tara, lent.tag)
