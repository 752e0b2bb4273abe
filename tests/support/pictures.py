"""Pictures with everything a camera and a program may write beside them, made here."""

from __future__ import annotations

import io

from PIL import Image, ImageCms, PngImagePlugin

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
