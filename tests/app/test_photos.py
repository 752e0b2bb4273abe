"""A photograph loses its place, time, device and names, and not one of its pixels."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers_ground import a_dreamer, a_report, make_ground
from pictures import CANARY, WITH_NOTES, made
from PIL import Image

from dreamweave.app.journals import keep_piece, keep_report, piece
from dreamweave.app.photos import N_PIXELS_MAX, stripped
from dreamweave.model.refusals import Refusal


@pytest.mark.parametrize("name", WITH_NOTES)
def test_what_a_camera_wrote_is_gone_and_every_pixel_stays(name):
    media, data = WITH_NOTES[name]
    assert CANARY.encode() in data or name == "png"  # the control: it was there (zipped, in a PNG)

    bare = stripped(media, data)

    assert CANARY.encode() not in bare
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(bare)) as after:
        assert after.format == before.format
        for frame in range(getattr(before, "n_frames", 1)):
            before.seek(frame)
            after.seek(frame)
            assert after.tobytes() == before.tobytes()
        assert after.info.get("icc_profile") == before.info.get("icc_profile")
        notes = after.getexif()
        assert dict(notes) in ({}, {0x0112: 6})
        assert notes.get(0x0112, 1) == before.getexif().get(0x0112, 1)
        assert dict(notes.get_ifd(0x8825)) == {}
        assert {k for k, v in after.info.items() if CANARY in str(v)} == set()


def test_stripping_twice_changes_nothing():
    for media, data in WITH_NOTES.values():
        bare = stripped(media, data)

        assert stripped(media, bare) == bare


def test_a_picture_that_claims_to_be_gigantic_is_refused():
    data = bytearray(made("PNG"))
    data[16:24] = (100_000).to_bytes(4, "big") * 2

    with pytest.raises(Refusal) as no:
        stripped("image/png", bytes(data))

    assert no.value.code == "photo.large"
    assert N_PIXELS_MAX < 100_000**2


@pytest.mark.parametrize("name", [name for name in WITH_NOTES if "behind" not in name])
def test_a_picture_that_is_cut_off_is_refused(name):
    media, data = WITH_NOTES[name]
    for end in range(1, len(data), max(1, len(data) // 40)):
        with pytest.raises(Refusal):
            stripped(media, data[:end])


@pytest.mark.parametrize(
    ("media", "data"),
    [
        ("image/gif", b"GIF89a"),
        ("image/jpeg", b""),
        ("image/jpeg", b"\xff\xd8\xff\xd9"),
        ("image/png", WITH_NOTES["jpeg"][1]),
        ("image/webp", b"RIFF\x04\0\0\0WEBP"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence(media, data):
    with pytest.raises(Refusal) as no:
        stripped(media, data)

    assert no.value.code.startswith("photo.")


@given(st.sampled_from(sorted(WITH_NOTES)), st.data())
def test_a_broken_picture_is_stripped_or_refused_and_nothing_else(name, data):
    media, whole = WITH_NOTES[name]
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))

    try:
        bare = stripped(media, bytes(broken))
    except Refusal:
        return
    assert len(bare) <= len(broken) + 64


def test_what_is_kept_beside_a_report_is_the_picture_alone():
    ground = make_ground()
    who = a_dreamer(ground)
    report = a_report(ground)
    keep_report(ground, who, report)
    data = WITH_NOTES["jpeg"][1]

    keep_piece(ground, who, report.id, "photo", "image/jpeg", data)

    assert piece(ground, who, report.id, "photo") == ("image/jpeg", stripped("image/jpeg", data))
    assert not any(CANARY.encode() in row.body for row in ground.store.rows("words"))
