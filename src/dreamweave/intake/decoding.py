"""Decoding: from the bytes of a file to its text, or a sentence why not.

Unicode is recognised by its mark or by being valid; anything else is a guess
from the letters that come out, and every guess is told. Nothing here knows
what a report is.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass, field
from itertools import pairwise

from dreamweave.model.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text with every line ended by a line feed; `note` is None where nothing was guessed."""

    text: str = field(repr=False)
    encoding: str
    note: str | None = None


# The first bytes of files that are not text, and what to do about each.
_NOT_TEXT: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF. Copy its text into a plain text file, or save it as text"),
    (b"\xd0\xcf\x11\xe0", "an old Office document. Save it as CSV (a table) or as plain text"),
    (b"{\\rtf", "a rich text document. Save it as plain text"),
    (b"\x89PNG", "a picture. What it says has to be typed out"),
    (b"\xff\xd8\xff", "a picture. What it says has to be typed out"),
    (b"GIF8", "a picture. What it says has to be typed out"),
    (b"SQLite format 3\x00", "a database. Export the table as CSV"),
    (b"\x1f\x8b", "a compressed file. Unpack it first"),
    (b"7z\xbc\xaf", "a compressed file. Unpack it first"),
    (b"Rar!", "a compressed file. Unpack it first"),
    (b"\x7fELF", "a program, not a text"),
    (b"MZ\x90", "a program, not a text"),
    (b"ID3", "a sound recording. It has to be transcribed first"),
    (b"OggS", "a sound recording. It has to be transcribed first"),
    (b"RIFF", "a sound or video recording. It has to be transcribed first"),
)

# Names under which people and other programs know what Python calls otherwise.
_SPOKEN = {
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1252": "Windows-1252 (Western European)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "mac_roman": "Mac OS Roman",
    "latin_1": "ISO 8859-1 (Latin-1)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "shift_jis": "Shift-JIS (Japanese)",
    "cp932": "Shift-JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "cp949": "EUC-KR (Korean)",
}

# Up to this share of control characters a text is a text with some dirt in it.
_DIRT_MAX = 0.02
# So many in a short text may still be what a terminal left in it.
_DIRT_FEW = 8
# Guesses look at this much: enough to be sure, short enough to be quick.
_LOOK_BYTES = 200_000


def decode(data: bytes, name: str, *, encoding: str | None = None) -> Decoded:
    """The text in `data`. `name` is the file's, for sentences; `encoding` overrules the guess.

    Raises:
        Refusal: "file.binary" for what is no text, "file.encoding" for text
            whose encoding is not known here, or is not the one that was asked for.
    """
    if encoding is not None:
        return _as_asked(data, name, encoding)
    for mark, codec in (
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            try:
                return Decoded(_lines(data.decode(codec)), codec.upper().removesuffix("-SIG"))
            except UnicodeDecodeError:
                raise Refusal(
                    "file.encoding",
                    f"{name} says that it is {codec.upper().removesuffix('-SIG')} text, but its "
                    "bytes are not. It may be cut off or damaged: save it again as UTF-8.",
                ) from None
    _refuse_known_binary(data, name)

    if b"\x00" in data[:_LOOK_BYTES]:
        wide = _utf16_unmarked(data)
        if wide is not None:
            return wide
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _guessed(data, name)
    _refuse_dirt(text[:_LOOK_BYTES], name)
    return Decoded(_lines(text), "UTF-8")


def _as_asked(data: bytes, name: str, encoding: str) -> Decoded:
    try:
        text = data.decode(codecs.lookup(encoding).name)
    except (LookupError, ValueError, AttributeError) as no:
        known = not isinstance(no, LookupError)
        raise Refusal(
            "file.encoding",
            f"{name} is not text in the encoding that was asked for. Leave the encoding out and "
            "let it be recognised, or save the file as UTF-8."
            if known
            else "There is no encoding of that name. Try utf-8, windows-1252, mac_roman, shift_jis "
            "or gb18030.",
        ) from None
    return Decoded(_lines(text.removeprefix("\ufeff")), encoding)


def _refuse_known_binary(data: bytes, name: str) -> None:
    if data[:4] == b"PK\x03\x04":
        head = data[:4096]
        if b"xl/" in head or b"spreadsheet" in head:
            what = "a spreadsheet file. Save the sheet as CSV"
        elif b"word/" in head or b"opendocument.text" in head:
            what = "a word processor's document. Save it as plain text"
        else:
            what = "a ZIP archive. Unpack it first (a messenger's chat is the .txt file inside)"
        raise Refusal("file.binary", f"{name} is {what}, then weave that.")
    for mark, what in _NOT_TEXT:
        if data.startswith(mark):
            raise Refusal("file.binary", f"{name} is {what}.")


def _refuse_dirt(text: str, name: str) -> None:
    if not text:
        return
    dirt = sum(1 for c in text if (c < " " and c not in "\t\n\r\f\x0b\x1b") or c == "\x7f")
    if dirt > max(_DIRT_MAX * len(text), min(_DIRT_FEW, 0.3 * len(text))):
        raise Refusal(
            "file.binary",
            f"{name} is not a text file. Give a table (CSV), JSON lines, Markdown, plain text, a "
            "saved chat or a transcript.",
        )


def _utf16_unmarked(data: bytes) -> Decoded | None:
    """UTF-16 without its mark: zero bytes on one side only, and good text when read so."""
    look = data[: _LOOK_BYTES & ~1]
    left, right = look[0::2].count(0), look[1::2].count(0)
    if len(data) % 2 or max(left, right) < 20 * min(left, right) or max(left, right) == 0:
        return None
    codec = "utf-16-le" if right > left else "utf-16-be"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return None
    seen = text[:_LOOK_BYTES]
    odd = sum(
        1 for c in seen if unicodedata.category(c) in ("Cc", "Cn", "Co") and c not in "\t\r\n"
    )
    if odd > _DIRT_MAX * len(seen):
        return None
    return Decoded(_lines(text), "UTF-16")


# ------------------------------------------------------------------ guessing

_LATIN = ("cp1252", "mac_roman", "cp1250")
_WIDE = ("cp932", "euc_jp", "gb18030", "big5", "cp949")
_OTHER = ("cp1251", "koi8_r", "cp1253", "cp1255", "cp1256")

# What each encoding's text is mostly made of, beyond ASCII.
_HOME = {
    "cp932": r"[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]",
    "euc_jp": r"[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]",
    "gb18030": r"[\u3000-\u3020\u4e00-\u9fff\uff00-\uff5e\u2014\u2018-\u201d\u2026]",
    "big5": r"[\u3000-\u3020\u4e00-\u9fff\uff00-\uff5e\u2014\u2018-\u201d\u2026\ufe30-\ufe4f]",
    "cp949": r"[\uac00-\ud7a3\u3000-\u3020]",
    "cp1251": r"[\u0410-\u044f\u0401\u0451«»—–…№]",
    "koi8_r": r"[\u0410-\u044f\u0401\u0451]",
    "cp1253": r"[\u0386-\u03ce«»—–…’]",
    "cp1255": r"[\u05b0-\u05f4—–…“”„’]",
    "cp1256": r"[\u0600-\u06ff\u200c-\u200f—–…«»]",
}
# The commonest characters of running text: what tells a right reading from a lucky one.
_COMMON = {
    "cp932": "のはにをたがでとしれさいなもるかまてっりこ",
    "euc_jp": "のはにをたがでとしれさいなもるかまてっりこ",
    "gb18030": "的一是了我不在人有他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里，。",
    "big5": "的一是了我不在人有他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡，。",
    "cp949": "이다는가에을를의은고한하도나지로그사어있",
    "cp1251": "оеаинтсрвлкмдпуя",
    "koi8_r": "оеаинтсрвлкмдпуя",
    "cp1253": "αοιεντησρκπμλυάό",
    "cp1255": "ויהלאבתמרשנ",
    "cp1256": "اليمونتربةع",
}
_WORDY = re.compile(r"[^\W\d_]")


def _guessed(data: bytes, name: str) -> Decoded:
    """Text that is not Unicode: the reading that looks most like writing."""
    look = data[:_LOOK_BYTES]
    # A cut through the middle of a character must not rule an encoding out.
    high = sum(1 for b in look if b >= 0x80)
    letters = sum(1 for b in look if b >= 0x80 or chr(b).isalpha())
    foreign = high > 0.3 * max(1, letters)
    best: tuple[float, str] | None = None
    for codec in (*_WIDE, *_OTHER) if foreign else _LATIN:
        try:
            # The whole file has to be readable, not only its beginning.
            text = data.decode(codec)[:_LOOK_BYTES]
        except (UnicodeDecodeError, LookupError):
            continue
        score = _home_score(text, codec) if foreign else _latin_score(text)
        if best is None or score > best[0]:
            best = (score, codec)
    if best is None and not foreign:
        best = (0.5, "latin_1")  # always readable; cp1252 has five holes
    if best is None or best[0] < 0.5:
        raise Refusal(
            "file.encoding",
            f"{name} is not UTF-8, and which encoding it is in could not be recognised. Open it "
            "where it looks right and save it as UTF-8, or name the encoding (--encoding).",
        )
    codec = best[1]
    text = data.decode(codec)
    _refuse_dirt(text[:_LOOK_BYTES], name)
    spoken = _SPOKEN[codec]
    return Decoded(
        _lines(text),
        spoken,
        f"{name} is not UTF-8; it was read as {spoken}. If letters look wrong in the preview, "
        "save it as UTF-8 or name the encoding (--encoding).",
    )


def _home_score(text: str, codec: str) -> float:
    """Near 1 for running text of that encoding's language, near 0 for another's bytes."""
    beyond = [c for c in text if c > "\x7f"]
    if not beyond:
        return 0.0
    home = len(re.findall(_HOME[codec], "".join(beyond))) / len(beyond)
    common = sum(1 for c in beyond if c.lower() in _COMMON[codec]) / len(beyond)
    # Running text has a fifth of its characters among these few; an alphabet, most of them.
    score = home * common / (0.2 if codec in _WIDE else 0.6)
    if codec in _WIDE:
        return min(1.0, score)
    # Small letters followed by capitals are what another alphabet's bytes look like.
    turned = len(re.findall(r"(?=[^\W\d_][^\W\d_])", text))
    odd = sum(1 for a, b in pairwise(text) if b.isupper() and a.islower())
    return score * (0.3 if odd > 0.05 * max(1, turned) else 1.0)


def _latin_score(text: str) -> float:
    """How many of the characters beyond ASCII are letters in a word, or signs where signs stand."""
    good = total = 0.0
    for match in re.finditer(r"[^\x00-\x7f]", text):
        total += 1
        c, i = match[0], match.start()
        before = text[i - 1] if i else " "
        after = text[i + 1] if i + 1 < len(text) else " "
        if c.isalpha():
            near = [x for x in (before, after) if _WORDY.match(x)]
            if near:
                # A capital in the middle of small letters is what a wrong reading looks like.
                wrong_case = c.isupper() and any(x.islower() for x in before)
                good += 0.1 if wrong_case else (1.0 if c in _USUAL else 0.6)
            elif c in "àáéèíóúÀÁÉÍÓÚ":
                good += 0.9
        elif c in "‘’“”„«»‹›–—…":
            good += 1.0
        elif c in "\u00a0€°§¿¡·ªº£":
            good += 0.7
    return good / total if total else 0.0


_USUAL = frozenset(
    "äöüßÄÖÜàâçéèêëîïôùûÀÂÇÉÈÊËÎÏÔÙÛáíóúñÁÍÓÚÑãõÃÕìòÌÒåæøÅÆØœŒąćęłńśźżĄĆĘŁŃŚŹŻčďěňřšťůžČŘŠŽőű"
)

# What UTF-8 looks like after somebody read it as Windows-1252 and saved it again.
_TWICE = re.compile(r"Ã[\x80-\xbf¡-¿]|â€[™œ\x9d“”˜]|Â[ «»]")


def read_wrongly_before(text: str) -> int:
    """How many letters look broken by an earlier wrong reading ("Ã©" for an accented e)."""
    return len(_TWICE.findall(text))


def _lines(text: str) -> str:
    """One kind of line end, and none of the marks that only say that this is Unicode."""
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
