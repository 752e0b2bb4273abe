"""Settings are read from four places in order, nonsense gets a sentence, and the page lists them all."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from dreamweave.model.refusals import Refusal
from dreamweave.settings import Settings, read_settings, reference

ROOT = Path(__file__).resolve().parents[2]


def write_toml(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "dreamweave.toml").write_text(text, encoding="utf-8")


def test_a_flag_says_more_than_the_environment_that_more_than_the_file_and_that_more_than_nothing(
    tmp_path,
):
    write_toml(tmp_path, 'port = 1\ncrowd_min = 7\ntitle = "House of seven stairs"\n')
    env = {"DREAMWEAVE_DATA_DIR": str(tmp_path), "DREAMWEAVE_PORT": "2", "DREAMWEAVE_CROWD_MIN": ""}

    held = read_settings({"port": "3"}, env)

    assert (held.port, held.crowd_min, held.title) == (3, 7, "House of seven stairs")
    assert read_settings({}, env).port == 2
    assert read_settings({"data_dir": str(tmp_path)}, {}).port == 1
    assert read_settings({}, {"DREAMWEAVE_DATA_DIR": str(tmp_path / "other")}).port == 8282
    assert held.limits().crowd_min == 7


def test_lists_come_with_commas_or_as_lists(tmp_path):
    write_toml(tmp_path, 'hosts = ["a.example", "b.example"]\n')

    assert read_settings({"data_dir": tmp_path}, {}).hosts == ("a.example", "b.example")
    env = {"DREAMWEAVE_HOSTS": " c.example, ,d.example "}
    assert read_settings({"data_dir": tmp_path}, env).hosts == ("c.example", "d.example")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("https://Dreams.Example/", "https://dreams.example"),
        ("https://dreams.example:443", "https://dreams.example"),
        ("http://[::1]:8282", "http://[::1]:8282"),
        ("", ""),
    ],
)
def test_an_address_is_kept_as_browsers_write_it(tmp_path, said, kept):
    assert read_settings({"address": said, "data_dir": tmp_path}, {}).address == kept


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("port", "0x50", "--port is a whole number from 0 to 65,535."),
        ("port", "65536", "--port is a whole number from 0 to 65,535."),
        ("port", True, "--port is a whole number from 0 to 65,535."),
        ("crowd_min", "1", "--crowd-min is a whole number from 2 to 100."),
        ("log_level", "loud", "--log-level is one of debug, info, warning, error."),
        ("title", "a" * 81, "--title has up to 80 characters."),
        ("title", "a\nb", "--title is one line of text."),
        ("hosts", "http://a.example", "--hosts holds names without http:// and port, like dreams.example."),
        ("trusted_proxies", "proxy", "--trusted-proxies holds addresses or networks, like 127.0.0.1 or 10.0.0.0/8."),
        *[
            ("address", bad, "--address is how a browser writes it, like https://dreams.example.")
            for bad in ("dreams.example", "ftp://a", "https://", "https://a/b", "https://a?b", "https://me:pw@a", "https://a:99999", "https://[")
        ],
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_a_sentence(tmp_path, name, value, sentence):
    with pytest.raises(Refusal) as no:
        read_settings({name: value, "data_dir": tmp_path}, {})

    assert no.value.sentence == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("prot = 1", "holds a setting that there is not ('prot'). Did you mean port?"),
        ("data_dir = '/elsewhere'", "holds a setting that there is not ('data_dir')"),
        ("port = ", "is not TOML. One setting a line, like: port = 8282"),
        ("port = 99999999", "port in {path} is a whole number from 0 to 65,535."),
        ("title = 5", "title in {path} is one line of text."),
    ],
)
def test_a_file_with_nonsense_is_refused_and_named(tmp_path, text, sentence):
    write_toml(tmp_path, text)

    with pytest.raises(Refusal) as no:
        read_settings({"data_dir": tmp_path}, {})

    assert sentence.format(path=tmp_path / "dreamweave.toml") in no.value.sentence


def test_a_file_that_cannot_be_read_as_text_is_refused(tmp_path):
    (tmp_path / "dreamweave.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(Refusal, match="cannot be read"):
        read_settings({"data_dir": tmp_path}, {})


def test_keys_never_lie_in_the_data_by_default_and_no_secret_is_in_a_repr():
    held = read_settings({"store": "postgresql://me:secret@here/node"}, {})

    assert not held.keys_dir.is_relative_to(held.data_dir)
    assert not held.data_dir.is_relative_to(held.keys_dir)
    assert "secret" not in repr(held)


def test_the_page_of_the_reference_is_made_from_the_settings():
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")

    assert page == reference()
    assert all(f"`{f.name}`" in page for f in fields(Settings))


def test_every_number_has_bounds_that_hold_its_default():
    for f in fields(Settings):
        if isinstance(f.default, int):
            assert f.metadata["least"] <= f.default <= f.metadata["most"], f.name
