"""A picture for sharing holds no name and no sentence that was not asked for."""

from __future__ import annotations

import builtins
import io
import sys
import tempfile
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from makers_weaves import crowd, sample_like, trio, weave_of
from PIL import Image

from dreamweave.dreamscape import social
from dreamweave.dreamscape.scene import scene
from dreamweave.dreamscape.social import SIZES, social_alt, social_png, social_svg
from dreamweave.model.refusals import Refusal

SVG = "{http://www.w3.org/2000/svg}"


def pixels(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=int)


@pytest.mark.parametrize("size", SIZES)
def test_the_picture_has_its_size_and_its_threads_and_title_in_it(size):
    weave = trio()
    with_title = pixels(social_png(weave, size))
    other = pixels(social_png(replace(weave, title="Another evening altogether"), size))

    assert with_title.shape == (SIZES[size][1], SIZES[size][0], 3)
    changed = np.abs(with_title - other).max(axis=2) > 40
    assert 500 < changed.sum() < changed.size // 10  # letters and nothing else
    assert len(np.unique(with_title.reshape(-1, 3), axis=0)) > 1_000


@pytest.mark.parametrize("size", SIZES)
def test_neither_names_nor_sentences_nor_motifs_are_in_it_unless_asked(size):
    # A script that is not packaged is set as text, so that any word would be seen here.
    weave = sample_like()
    told = [replace(f, text="鍵が海に落ちた") for f in weave.fragments]
    threads = [replace(t, name="花子") for t in weave.threads]
    motifs = [replace(m, name="鍵") for m in weave.motifs]
    weave = replace(
        weave, title="夜", fragments=tuple(told), threads=tuple(threads), motifs=tuple(motifs)
    )

    silent = "".join(ElementTree.fromstring(social_svg(weave, size)).itertext())
    asked = "".join(ElementTree.fromstring(social_svg(weave, size, sentences=True)).itertext())

    assert "夜" in silent
    assert "鍵" not in silent
    assert "花子" not in silent
    assert "鍵が海に落ちた" in asked
    assert "花子" not in asked
    assert "鍵" not in social_alt(weave)
    assert "花子" not in social_alt(weave, sentences=True)
    assert "鍵が海に落ちた" in social_alt(weave, sentences=True)


def test_no_word_leaves_the_picture_or_runs_into_the_band():
    weave = replace(trio(), title="A very long title of an evening " * 6)
    for size, (w, h) in SIZES.items():
        bare = pixels(social_png(replace(weave, title="·"), size))
        long = pixels(social_png(weave, size))
        rows, columns = np.nonzero(np.abs(long - bare).max(axis=2) > 60)

        assert columns.min() > 8
        assert columns.max() < w - 8
        assert rows.min() > 4
        assert rows.max() < 0.72 * h


def test_what_stands_beside_it_is_counts_by_template():
    assert social_alt(trio()) == (
        "Three of us, after supper. A crescent of 3 threads that run through 16 passages and meet in"
        " 7 places. 3 voices. Dyed with joy, tenderness, wonder, calm, longing, sorrow, anger. Every"
        " person and word in it is invented."
    )
    assert "Undyed" in social_alt(weave_of(2, 1))


def test_words_that_look_like_markup_are_words():
    weave = replace(trio(), title='月<b>"&</b>')

    root = ElementTree.fromstring(social_svg(weave))

    assert not list(root.iter(f"{SVG}b"))
    assert weave.title in "".join(root.itertext())


def test_it_is_drawn_where_no_file_may_be_written(monkeypatch):
    # A process of lent words may write none, not even fonts into a temporary folder.
    def refuse(*_, **__):
        raise OSError("no file may grow")

    opened = builtins.open

    def only_read(file, mode="r", *args, **kwargs):
        return opened(file, mode, *args, **kwargs) if "w" not in mode else refuse()

    monkeypatch.setattr(tempfile, "TemporaryDirectory", refuse)
    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    monkeypatch.setattr(builtins, "open", only_read)

    assert social_png(trio()).startswith(b"\x89PNG")


def test_a_scene_that_is_there_already_is_used_as_it_is(monkeypatch):
    weave = crowd(200)
    drawn = scene(weave)
    whole = social_svg(weave)
    monkeypatch.setattr(social, "scene", None)

    assert social_svg(weave, drawn=drawn) == whole


@pytest.mark.parametrize("missing", ["resvg_py", "fontTools.ttLib", "brotli"])
def test_without_the_print_extra_it_says_what_is_missing(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    social._letters.cache_clear()
    try:
        with pytest.raises(Refusal, match=r"print\.missing"):
            social_png(trio())
    finally:
        social._letters.cache_clear()
