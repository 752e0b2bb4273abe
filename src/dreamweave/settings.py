"""Settings: each once, with its default, unit, bounds, name in the environment and a sentence.

A flag says more than the environment, the environment more than
`dreamweave.toml` in the data folder, and that more than the default. Nonsense
is refused with a sentence. No secret is a setting: where a passphrase lies is
one, and the passphrase is read from there. The page of the reference is made
from this file (`reference`), and a test compares them.
"""

# ruff: noqa: RUF009  (`setting` makes a field, as dataclasses.field does)
from __future__ import annotations

import dataclasses
import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit

import platformdirs

from dreamweave.app.ground import Limits
from dreamweave.model.refusals import Refusal

ENV = "DREAMWEAVE_"
TOML = "dreamweave.toml"


def setting(
    default: Any,
    sentence: str,
    *,
    unit: str = "",
    least: int | None = None,
    most: int | None = None,
    choices: tuple[str, ...] = (),
    shown: str = "",
) -> Any:
    """A field of `Settings`. `shown` stands for the default where that differs by machine."""
    said = {
        "sentence": sentence,
        "unit": unit,
        "least": least,
        "most": most,
        "choices": choices,
        "shown": shown,
    }
    made = {"default_factory": default} if callable(default) else {"default": default}
    # A database's address may hold a password, so that none stands in a repr.
    return dataclasses.field(**made, metadata=said, repr=False)


def _data_dir() -> Path:
    return platformdirs.user_data_path("dreamweave", appauthor=False) / "node"


def _keys_dir() -> Path:
    # A sibling of the data on systems where both kinds of folders are one, never inside it.
    return platformdirs.user_config_path("dreamweave", appauthor=False) / "keys"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of a node. Read with `read_settings`; tests make one by hand."""

    data_dir: Path = setting(
        _data_dir,
        "The folder that holds what is kept. Made at the first run.",
        shown="the user's data folder, `dreamweave/node`",
    )
    keys_dir: Path = setting(
        _keys_dir,
        "The folder that holds the keys, never inside the data folder. Made at the first run.",
        shown="the user's configuration folder, `dreamweave/keys`",
    )
    store: str = setting(
        "",
        "The address of a PostgreSQL database to keep in instead of the data folder"
        " (postgresql://USER@HOST/NAME; its password is best left to PGPASSWORD).",
    )
    passphrase_file: str = setting(
        "",
        "A file that holds the passphrase of the keys, where they have one (a systemd credential).",
    )
    host: str = setting(
        "127.0.0.1",
        "The address of this machine to listen at: 127.0.0.1 for this machine alone, 0.0.0.0 for"
        " everybody on its network.",
    )
    port: int = setting(
        8282, "The port to listen at; 0 takes any that is free.", least=0, most=65_535
    )
    address: str = setting(
        "",
        "The address people type, like https://dreams.example. With https, cookies are held to it.",
    )
    hosts: tuple[str, ...] = setting(
        (), "Further names this node answers to, with commas between; localhost always is one."
    )
    trusted_proxies: tuple[str, ...] = setting(
        (),
        "Addresses or networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed,"
        " with commas between.",
    )
    title: str = setting("", "What this node is called on its pages.", most=80)
    contact: str = setting(
        "", "How to reach the keeper, shown on the page about this node.", most=200
    )
    words: str = setting(
        "ours",
        "What pages call things: `plain` says gathering for Circle and panel for Conclave.",
        choices=("ours", "plain"),
    )
    crowd_min: int = setting(
        5,
        "How many different people lend unnamed words before any of them is shown.",
        unit="people",
        least=2,
        most=100,
    )
    voice_mb_max: int = setting(
        20, "The longest voice that is kept beside a report.", unit="MB", least=1, most=100
    )
    photo_mb_max: int = setting(
        6, "The largest photograph that is kept beside a report.", unit="MB", least=1, most=50
    )
    reports_a_day_max: int = setting(
        500,
        "How many reports one person keeps in a day: far above any person, below a flood.",
        unit="reports",
        least=10,
        most=100_000,
    )
    n_circles_max: int = setting(
        200, "How many Circles one person may be in.", unit="Circles", least=1, most=10_000
    )
    transcriber: str = setting(
        "",
        "A program that writes down what a voice says, as a command, or `whisper` for the one that"
        " comes along (docs/how-to/transcribe.md). None: nothing is written down.",
        most=500,
    )
    transcriber_model: str = setting(
        "",
        "For `whisper`: the folder of a model on this machine. Nothing is ever downloaded.",
        most=500,
    )
    n_streams_max: int = setting(
        2_000,
        "How many pages may listen at once, all people together.",
        unit="streams",
        least=10,
        most=100_000,
    )
    passphrase_memory_mb: int = setting(
        64,
        "How much memory hashing one passphrase takes; two are hashed at once. A larger number is"
        " taken up at each person's next sign-in.",
        unit="MB",
        least=19,
        most=1_024,
    )
    passphrase_passes: int = setting(
        3, "How often that memory is gone through.", unit="passes", least=2, most=20
    )
    passphrase_lanes: int = setting(
        4, "How many cores one hashing may use.", unit="lanes", least=1, most=16
    )
    n_threads: int = setting(
        24, "How many requests are worked on at once.", unit="threads", least=4, most=256
    )
    log_level: str = setting(
        "info",
        "How much the node writes about itself: never a word of anybody.",
        choices=("debug", "info", "warning", "error"),
    )

    def limits(self) -> Limits:
        """What the house allows, out of these."""
        return Limits(
            crowd_min=self.crowd_min,
            voice_bytes_max=self.voice_mb_max << 20,
            photo_bytes_max=self.photo_mb_max << 20,
            reports_a_day_max=self.reports_a_day_max,
            n_circles_max=self.n_circles_max,
            argon_memory_kib=self.passphrase_memory_mb << 10,
            argon_passes=self.passphrase_passes,
            argon_lanes=self.passphrase_lanes,
        )


def read_settings(
    said: Mapping[str, object] | None = None, env: Mapping[str, str] | None = None
) -> Settings:
    """The settings out of `said` (flags), the environment and dreamweave.toml.

    Raises:
        Refusal: one is nonsense, or the file holds one that there is not.
    """
    env = os.environ if env is None else env
    found: dict[str, object] = {}
    for name, text in _of_env(env).items():
        found[name] = read_one(name, text, f"{ENV}{name.upper()}")
    for name, flag in (said or {}).items():
        if flag is not None:
            found[name] = read_one(name, flag, _flag(name))
    data_dir = found.get("data_dir", _data_dir())
    path = Path(str(data_dir)) / TOML
    for name, value in _of_toml(path).items():
        read = read_one(name, value, f"{name} in {path}")
        found.setdefault(name, read)
    return Settings(**found)  # type: ignore[arg-type]


def _flag(name: str) -> str:
    return f"--{name.removesuffix('_dir').replace('_', '-')}"


def _of_env(env: Mapping[str, str]) -> dict[str, str]:
    names = [f.name for f in fields(Settings)]
    return {n: env[key] for n in names if env.get(key := f"{ENV}{n.upper()}")}


def _of_toml(path: Path) -> dict[str, object]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError):
        raise Refusal("settings.file", f"{path} cannot be read. See who may read it.") from None
    try:
        held = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise Refusal(
            "settings.file", f"{path} is not TOML. One setting a line, like: port = 8282"
        ) from None
    names = {f.name for f in fields(Settings)} - {"data_dir"}  # the file lies in that one
    for name in held:
        if name not in names:
            near = next(iter(get_close_matches(name, sorted(names), n=1)), None)
            raise Refusal(
                "settings.name",
                f"{path} holds a setting that there is not ({name[:40]!r})."
                + (f" Did you mean {near}?" if near else ""),
            )
    return held


# ------------------------------------------------------------------ reading one


def read_one(name: str, value: object, place: str) -> object:
    """A setting's value, checked; `place` says in a refusal where it was given."""
    found = {f.name: f for f in fields(Settings)}[name]
    hint = get_type_hints(Settings)[name]
    said = found.metadata
    if hint is int:
        return _whole(value, said["least"], said["most"], place)
    if hint is Path:
        return Path(_text(value, place)).expanduser().absolute()
    if hint == tuple[str, ...]:
        items = value if isinstance(value, (list, tuple)) else _text(value, place).split(",")
        names = tuple(t for item in items if (t := _text(item, place).strip()))
        return tuple(_checked_part(name, part, place) for part in names)
    text = _text(value, place).strip()
    if said["choices"] and text not in said["choices"]:
        raise Refusal("settings.value", f"{place} is one of {', '.join(said['choices'])}.")
    if said["most"] and len(text) > said["most"]:
        raise Refusal("settings.value", f"{place} has up to {said['most']} characters.")
    return _address(text, place) if name == "address" else text


def _whole(value: object, least: int, most: int, place: str) -> int:
    text = value if isinstance(value, int) and not isinstance(value, bool) else str(value)
    if isinstance(text, int) or re.fullmatch(r"\d{1,9}", text, re.ASCII):
        number = int(text)
        if least <= number <= most:
            return number
    raise Refusal("settings.value", f"{place} is a whole number from {least:,} to {most:,}.")


def _text(value: object, place: str) -> str:
    if isinstance(value, Path):
        return str(value)
    if not isinstance(value, str) or any(ord(c) < 32 for c in value):
        raise Refusal("settings.value", f"{place} is one line of text.")
    return value


def _checked_part(name: str, part: str, place: str) -> str:
    if name == "trusted_proxies":
        try:
            ipaddress.ip_network(part, strict=False)
        except ValueError:
            raise Refusal(
                "settings.value",
                f"{place} holds addresses or networks, like 127.0.0.1 or 10.0.0.0/8.",
            ) from None
    elif not re.fullmatch(r"[A-Za-z0-9._:-]{1,253}", part, re.ASCII) or "//" in part:
        raise Refusal(
            "settings.value", f"{place} holds names without http:// and port, like dreams.example."
        )
    return part


def _address(text: str, place: str) -> str:
    if not text:
        return ""
    no = Refusal(
        "settings.value", f"{place} is how a browser writes it, like https://dreams.example."
    )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise no from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise no
    if parts.query or parts.fragment or parts.username or parts.password:
        raise no
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")


# ------------------------------------------------------------------ the page of the reference


def reference() -> str:
    """docs/reference/settings.md, made from the settings themselves."""
    rows = []
    for f in fields(Settings):
        said = f.metadata
        default = said["shown"] or _shown(f.default)
        bounds = ""
        if said["least"] is not None:
            bounds = f"{said['least']:,} to {said['most']:,}"
        elif said["choices"]:
            bounds = ", ".join(said["choices"])
        elif said["most"]:
            bounds = f"up to {said['most']} characters"
        unit = f" {said['unit']}" if said["unit"] else ""
        rows.append(
            f"| `{f.name}` | `{ENV}{f.name.upper()}` | {default}{unit} | {bounds} | {said['sentence']} |"
        )
    return _PAGE.format(rows="\n".join(rows), toml=TOML)


def _shown(default: object) -> str:
    if default in ("", ()):
        return "none"
    return f"{default:,}" if isinstance(default, int) and default > 9_999 else f"{default}"


_PAGE = """# Settings

Every setting of a node. A flag of `dreamweave serve` says more than the environment, the environment
more than `{toml}` in the data folder, and that more than the default. In the file each is one line,
like `port = 8282` or `hosts = ["dreams.example"]`. What makes no sense is refused with a sentence
when the node starts.

| setting | environment | default | bounds | what it is |
|---|---|---|---|---|
{rows}

No secret is a setting, and none is given on a command line: a passphrase of the keys lies in a file
that `passphrase_file` names, and a database's password in `PGPASSWORD` or `~/.pgpass`.

This page is made from `src/dreamweave/settings.py` (`python -m dreamweave.settings`).
"""


if __name__ == "__main__":
    print(reference(), end="")
