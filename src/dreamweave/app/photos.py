"""Photographs without what a camera wrote beside them: place, time, device, names, thumbnails.

The picture itself is never decoded or encoded anew: its own parts are copied
byte for byte and everything else is left out, in JPEG, PNG and WebP. Of the
camera's notes one number stays, which way up the picture is. What is not such a
file, or would unfold to more than a screen can hold, is refused. Knows no
report and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from dreamweave.model.refusals import Refusal

# A large camera's picture. A file of some kilobytes can claim a thousand times more,
# and whoever looks at it would have to find room for it.
N_PIXELS_MAX = 60_000_000


def stripped(media: str, data: bytes) -> bytes:
    """`data` (of that media type) without metadata.

    Raises:
        Refusal: it is no whole picture of that type, or a gigantic one.
    """
    strip = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}.get(media)
    if strip is None:
        raise Refusal("photo.kind", "A photograph is JPEG, PNG or WebP. Save it as one of these.")
    try:
        made, width, height = strip(data)
    except (IndexError, ValueError):
        raise _broken() from None
    if width * height > N_PIXELS_MAX:
        raise Refusal(
            "photo.large",
            f"This photograph has more than {N_PIXELS_MAX // 1_000_000} million pixels."
            " Make it smaller, then send it again.",
        )
    if width * height == 0:
        raise _broken()
    return made


def _broken() -> Refusal:
    return Refusal(
        "photo.broken",
        "This photograph is not whole, or not what it says it is. Open it, save it as JPEG or PNG,"
        " and send that.",
    )


# ------------------------------------------------------------------ JPEG

# JFIF says how pixels lie, Adobe how colours are coded, ICC what they look like. The first
# loses its thumbnail below; the last two are kept whole.
_SOF = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_CODING = {*_SOF, 0xC4, 0xCC, 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF}


def _jpeg(data: bytes) -> tuple[bytes, int, int]:
    """Source: ITU-T T.81, annex B."""
    if data[:2] != b"\xff\xd8":
        raise ValueError
    kept, turned, width, height = [data[:2]], 1, 0, 0
    at = 2
    while True:
        if data[at] != 0xFF:
            raise ValueError
        while data[at] == 0xFF:  # fill bytes may stand before a marker
            at += 1
        marker, at = data[at], at + 1
        if marker == 0xD9:  # the end: what a phone hangs behind it (films, depth) stays out
            kept.append(b"\xff\xd9")
            break
        size = int.from_bytes(data[at : at + 2], "big")
        body = data[at + 2 : at + size]
        if size < 2 or len(body) != size - 2:
            raise ValueError
        at += size
        if marker in _SOF:
            height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
        if marker == 0xE0 and body.startswith(b"JFIF\0"):
            body = body[:12] + b"\0\0"
        elif marker == 0xE1 and body.startswith(b"Exif\0\0"):
            turned = _turned(body[6:]) or turned
            continue
        elif not (
            marker in _CODING
            or (marker == 0xE2 and body.startswith(b"ICC_PROFILE\0"))
            or (marker == 0xEE and body.startswith(b"Adobe"))
        ):
            continue
        kept.append(b"\xff" + bytes([marker]) + (len(body) + 2).to_bytes(2, "big") + body)
        if marker == 0xDA:
            end = _end_of_scan(data, at)
            kept.append(data[at:end])
            at = end
    if turned != 1:
        body = b"Exif\0\0" + _only_turned(turned)
        kept.insert(1, b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body)
    return b"".join(kept), width, height


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the coded pixels that begin at `at` end: at a marker that is no restart."""
    while True:
        at = data.index(b"\xff", at)
        following = data[at + 1]
        if following == 0 or 0xD0 <= following <= 0xD7:
            at += 2
        elif following == 0xFF:
            at += 1
        else:
            return at


# ------------------------------------------------------------------ PNG

_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD hIST pHYs cICP acTL fcTL fdAT".split()
)


def _png(data: bytes) -> tuple[bytes, int, int]:
    """Source: W3C PNG, third edition. Text, time, Exif and unknown chunks go."""
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR":
        raise ValueError
    kept, turned = [data[:8]], 1
    at = 8
    while True:
        size = int.from_bytes(data[at : at + 4], "big")
        name, end = data[at + 4 : at + 8], at + 12 + size
        if end > len(data):
            raise ValueError
        if name == b"eXIf":
            turned = _turned(data[at + 8 : at + 8 + size]) or turned
        if name in _PNG_KEPT:
            if name == b"IEND" and turned != 1:
                kept.append(_png_chunk(b"eXIf", _only_turned(turned)))
            kept.append(data[at:end])
        if name == b"IEND":
            break
        at = end
    return b"".join(kept), int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _png_chunk(name: bytes, body: bytes) -> bytes:
    from zlib import crc32

    return len(body).to_bytes(4, "big") + name + body + crc32(name + body).to_bytes(4, "big")


# ------------------------------------------------------------------ WebP

_WEBP_KEPT = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04


def _webp(data: bytes) -> tuple[bytes, int, int]:
    """Source: RFC 9649. Exif, XMP and unknown chunks go."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise ValueError
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise ValueError
    chunks, turned, width, height = [], 1, 0, 0
    for name, body in _riff(data[12:end]):
        if name == b"EXIF":
            turned = _turned(body.removeprefix(b"Exif\0\0")) or turned
        if name not in _WEBP_KEPT:
            continue
        if name == b"VP8X":
            width = 1 + int.from_bytes(body[4:7], "little")
            height = 1 + int.from_bytes(body[7:10], "little")
            body = bytes([body[0] & ~(_EXIF_FLAG | _XMP_FLAG)]) + body[1:]
        elif name == b"VP8 " and not width:
            width = int.from_bytes(body[6:8], "little") & 0x3FFF
            height = int.from_bytes(body[8:10], "little") & 0x3FFF
        elif name == b"VP8L" and not width:
            bits = int.from_bytes(body[1:5], "little")
            width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        elif name == b"ANMF":
            frame = [(n, b) for n, b in _riff(body[16:]) if n in (b"ALPH", b"VP8 ", b"VP8L")]
            body = body[:16] + b"".join(_riff_chunk(n, b) for n, b in frame)
        chunks.append((name, body))
    if turned != 1 and chunks and chunks[0][0] == b"VP8X":
        flags = chunks[0][1]
        chunks[0] = (b"VP8X", bytes([flags[0] | _EXIF_FLAG]) + flags[1:])
        chunks.append((b"EXIF", _only_turned(turned)))
    inside = b"WEBP" + b"".join(_riff_chunk(name, body) for name, body in chunks)
    return b"RIFF" + len(inside).to_bytes(4, "little") + inside, width, height


def _riff(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + size]
        if len(body) != size:
            raise ValueError
        yield data[at : at + 4], body
        at += 8 + size + size % 2


def _riff_chunk(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)


# ------------------------------------------------------------------ which way up


def _turned(tiff: bytes) -> int:
    """The orientation (1 to 8) that Exif data states; 0 where it states none that is one."""
    order = {b"II*\0": "little", b"MM\0*": "big"}.get(tiff[:4])
    if order is None:
        return 0

    def number(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], "little" if order == "little" else "big")

    first = number(4, 4)
    for i in range(min(number(first, 2), 512)):
        entry = first + 2 + 12 * i
        if number(entry, 2) == 0x0112:
            turned = number(entry + 8, 2)
            return turned if 1 <= turned <= 8 else 0
    return 0


def _only_turned(turned: int) -> bytes:
    """Exif data that states which way up a picture is, and nothing else."""
    entry = b"\x01\x12\0\x03\0\0\0\x01" + turned.to_bytes(2, "big") + b"\0\0"
    return b"MM\0*\0\0\0\x08\0\x01" + entry + b"\0\0\0\0"
