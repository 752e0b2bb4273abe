"""Decoding: what is text is read as what it is, what is a guess is told, what is none is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake_reading import intake_of

from dreamweave.intake.decoding import decode
from dreamweave.model.refusals import Refusal

GERMAN = "Ich träumte, die Tür wäre größer als das Haus. Später fiel Schnee über die Dächer. " * 3
FRENCH = (
    "J'ai rêvé d'un été où la forêt était à l'envers, et l'eau coulait très haut. Ça chantait. " * 3
)
JAPANESE = (
    "夢の中で、私は海の上を歩いていました。月がとても大きくて、船がゆっくりと空へ登っていきました。"
    * 3
)
CHINESE = "我梦见自己在海上行走，月亮很大，一只鸟问我要去哪里。我说我不知道，它就笑了。" * 3
TAIWANESE = "我夢見自己在海上行走，月亮很大，一隻鳥問我要去哪裡。我說我不知道，它就笑了。" * 3
KOREAN = "꿈에서 나는 바다 위를 걷고 있었다. 달이 아주 컸고 배가 천천히 하늘로 올라갔다." * 3
RUSSIAN = (
    "Мне снилось, что я иду по морю, и луна была очень большая. Птица спросила меня о дороге." * 3
)
GREEK = "Ονειρεύτηκα ότι περπατούσα πάνω στη θάλασσα και το φεγγάρι ήταν πολύ μεγάλο." * 3
HEBREW = "חלמתי שאני הולכת על הים והירח היה גדול מאוד וציפור שאלה אותי לאן אני הולכת" * 3
ARABIC = "حلمت أنني أمشي على البحر وكان القمر كبيرا جدا وسألني طائر إلى أين أذهب" * 3


@pytest.mark.parametrize(
    ("text", "encoding", "spoken"),
    [
        (GERMAN, "utf-8", "UTF-8"),
        (GERMAN, "utf-8-sig", "UTF-8"),
        (GERMAN, "utf-16", "UTF-16"),
        (GERMAN, "utf-16-le", "UTF-16"),
        (GERMAN, "utf-16-be", "UTF-16"),
        (JAPANESE + " 12\n", "utf-16-le", "UTF-16"),
        (GERMAN, "utf-32", "UTF-32"),
        (GERMAN, "cp1252", "Windows-1252 (Western European)"),
        (GERMAN, "latin-1", "Windows-1252 (Western European)"),
        (FRENCH, "cp1252", "Windows-1252 (Western European)"),
        (FRENCH, "mac_roman", "Mac OS Roman"),
        (GERMAN, "mac_roman", "Mac OS Roman"),
        (JAPANESE, "shift_jis", "Shift-JIS (Japanese)"),
        (JAPANESE, "euc_jp", "EUC-JP (Japanese)"),
        (CHINESE, "gb18030", "GB 18030 (Chinese)"),
        (TAIWANESE, "big5", "Big5 (Chinese)"),
        (KOREAN, "euc_kr", "EUC-KR (Korean)"),
        (RUSSIAN, "cp1251", "Windows-1251 (Cyrillic)"),
        (RUSSIAN, "koi8_r", "KOI8-R (Cyrillic)"),
        (GREEK, "cp1253", "Windows-1253 (Greek)"),
        (HEBREW, "cp1255", "Windows-1255 (Hebrew)"),
        (ARABIC, "cp1256", "Windows-1256 (Arabic)"),
    ],
    ids=lambda x: x if len(x) < 40 else x[:6],
)
def test_text_is_read_in_the_encoding_it_was_written_in(text, encoding, spoken):
    read = decode(text.encode(encoding, "replace"), "t.txt")

    assert read.text == text.encode(encoding, "replace").decode(encoding)
    assert read.encoding == spoken
    assert (read.note is None) == spoken.startswith("UTF")


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=200))
def test_utf8_is_never_guessed_otherwise(text):
    read = decode(text.encode(), "t.txt")

    assert (read.text, read.encoding) == (text.removeprefix("\ufeff"), "UTF-8")


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_a_sentence(data):
    try:
        read, code = decode(data, "t.txt"), None
    except Refusal as no:
        read, code = None, no.code

    assert code in (None, "file.binary", "file.encoding")
    assert read is None or "\r" not in read.text


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"%PDF-1.7 ...", "a PDF"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"PK\x03\x04....word/document.xml", "a word processor's document"),
        (b"PK\x03\x04....xl/workbook.xml", "Save the sheet as CSV"),
        (b"PK\x03\x04...._chat.txt", "a ZIP archive"),
        (b"\x1f\x8b\x08", "Unpack it"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old Office document"),
        (b"{\\rtf1 hello}", "plain text"),
        (bytes(range(32)) * 20, "not a text file"),
        (b"\x00" * 400, "not a text file"),
    ],
)
def test_what_is_no_text_is_refused_with_what_to_do(data, says):
    with pytest.raises(Refusal) as no:
        decode(data, "evening")

    assert no.value.code == "file.binary"
    assert says in no.value.sentence


def test_a_mark_that_the_bytes_belie_is_refused():
    with pytest.raises(Refusal) as no:
        decode(b"\xef\xbb\xbf caf\xe9", "t.txt")

    assert no.value.code == "file.encoding"


def test_an_encoding_that_was_asked_for_is_kept_to():
    assert decode("größer".encode("cp850"), "t.txt", encoding="cp850").text == "größer"
    for encoding in ("utf-8", "no-such-thing", "rot13", "zip"):
        with pytest.raises(Refusal):
            decode("größer".encode("cp850"), "t.txt", encoding=encoding)


def test_a_few_control_characters_are_taken_out_and_told_of():
    intake = intake_of(
        "t.txt", "I swam\x00 in the \x1b[31msea\x08 for a long, long while that night."
    )

    assert intake.told.reports[0].text == "I swam in the [31msea for a long, long while that night."
    assert "3 characters that no page can show" in intake.warnings[0]


def test_letters_broken_before_are_told_of():
    intake = intake_of("t.csv", 'name,text\nAnn,"cafÃ© rÃªve Ã©tÃ© forÃªt"\n')

    assert "read in a wrong encoding once" in intake.warnings[0]
