"""A photograph loses its place, time, device and names, and not one of its pixels."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers_ground import a_dreamer, a_report, make_ground
from PIL import Image, ImageCms, PngImagePlugin

from dreamweave.app.journals import keep_piece, keep_report, piece
from dreamweave.app.photos import N_PIXELS_MAX, stripped
from dreamweave.model.refusals import Refusal

CANARY = "zyxwcanary"


def picture(size=(48, 32), mode="RGB"):
    image = Image.new(mode, size)
    image.putdata(
        [tuple((x * 7 + k * 50) % 256 for k in range(len(mode))) for x in range(size[0] * size[1])]
    )
    return image


def exif(turned=6):
    notes = Image.Exif()
    notes[0x0112] = turned
    notes[0x010F] = CANARY  # who made the camera
    notes[0x9286] = CANARY
    notes.get_ifd(0x8825).update(
        {1: "N", 2: (41.0, 23.0, 7.0), 3: "E", 4: (2.0, 9.0, 1.0), 29: CANARY}
    )
    return notes


XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>{CANARY}</a></x:xmpmeta>'.encode()
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def made(format, image=None, **how):
    out = io.BytesIO()
    (image or picture()).save(out, format, **how)
    return out.getvalue()


def png_text():
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", CANARY)
    info.add_text("Comment", CANARY, zip=True)
    info.add_itxt("Place", CANARY)
    return info


BIG = picture((400, 300))
WITH_NOTES = {
    "jpeg": ("image/jpeg", made("JPEG", exif=exif(), xmp=XMP, comment=CANARY, icc_profile=PROFILE)),
    "progressive jpeg": (
        "image/jpeg",
        made("JPEG", BIG, progressive=True, exif=exif(), comment=CANARY),
    ),
    "cmyk jpeg": ("image/jpeg", made("JPEG", picture(mode="CMYK"), comment=CANARY)),
    "jpeg with a film behind it": ("image/jpeg", made("JPEG", exif=exif()) + CANARY.encode() * 9),
    "png": ("image/png", made("PNG", exif=exif(), pnginfo=png_text(), icc_profile=PROFILE)),
    "png with colours of a palette": (
        "image/png",
        made("PNG", picture().quantize(), pnginfo=png_text()),
    ),
    "png with something behind it": ("image/png", made("PNG") + CANARY.encode()),
    "webp": ("image/webp", made("WEBP", exif=exif().tobytes(), xmp=XMP, quality=80)),
    "lossless webp": (
        "image/webp",
        made("WEBP", picture(mode="RGBA"), exif=exif().tobytes(), lossless=True),
    ),
    "moving webp": (
        "image/webp",
        made(
            "WEBP",
            picture(),
            save_all=True,
            append_images=[picture().rotate(180)],
            exif=exif().tobytes(),
        ),
    ),
}


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
