"""Accounts: what the node knows of a person, sealed with the person's own key.

The name they sign in with, the hash of their passphrase, passkeys, names of
devices, and how they like things. All of it is opened by the dreamer's key
alone and dies with it. Beside it stands the handle: a keyed hash of the name,
by which an account is found. Signing in is `signing_in`'s.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, fields, replace
from typing import Any, cast

from dreamweave.app.actors import owner_of
from dreamweave.app.ground import Ground
from dreamweave.app.road import Granting
from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.keeping import Row
from dreamweave.model.refusals import Refusal
from dreamweave.model.wire import plain, record

NAME_CHARS_MIN, NAME_CHARS_MAX = 2, 60
INTENTION_CHARS_MAX = 1_000
N_PASSKEYS_MAX = 20

_ZONE = re.compile(r"[A-Za-z0-9_+\-/]{1,64}", re.ASCII)
_LANG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)
# Letters' business in Persian and Hindi, so they are shown; two names never differ by them.
_JOINERS = "\u200c\u200d"
_NO_JOINERS = str.maketrans(dict.fromkeys(_JOINERS))


@dataclass(frozen=True, slots=True)
class Passkey:
    """A key that one device of the person's holds; the node has its public half."""

    id: bytes
    public_key: bytes = field(repr=False)
    n_used: int
    made_at_ms: int
    name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Device:
    """What somebody calls the device behind one of their sessions."""

    session: str
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Own:
    """How somebody likes things. `echo`: they want a line in the evening after a white night."""

    shown_name: str = field(default="", repr=False)
    lang: str = ""
    zone: str = ""
    echo: bool = False
    evening_intention: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        for holds, code, sentence in _own_claims(self):
            if not holds:
                raise Refusal(f"me.{code}", sentence)


@dataclass(frozen=True, slots=True)
class Account:
    """A person's account; a guest's has no name and no passphrase."""

    name: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)  # its hash
    passkeys: tuple[Passkey, ...] = ()
    devices: tuple[Device, ...] = ()
    own: Own = field(default_factory=Own)

    def with_device(self, session: str, name: str) -> Account:
        """The same with a device's name; "" takes one away."""
        name = tidy(name)[:NAME_CHARS_MAX]
        others = tuple(d for d in self.devices if d.session != session)
        return replace(self, devices=(*others, Device(session, name)) if name else others)


OWN_FIELDS = tuple(f.name for f in fields(Own))


def read(ground: Ground, dreamer: str) -> Account:
    """Somebody's account; an empty one where nothing was ever kept of them."""
    row = ground.store.row("accounts", dreamer)
    inside = ground.vault.open(row) if row is not None else None
    return _of_bytes(inside) if inside is not None else Account()


def read_all(ground: Ground, dreamers: list[str]) -> list[Account]:
    """Many accounts at once."""
    found = [ground.store.row("accounts", dreamer) for dreamer in dreamers]
    opened = iter(ground.vault.open_all([row for row in found if row is not None]))
    inside = [next(opened) if row is not None else None for row in found]
    return [_of_bytes(one) if one is not None else Account() for one in inside]


def put(ground: Ground, granting: Granting, dreamer: str, account: Account) -> None:
    """Keep an account within a grant. Its owner has a key, or is given one in the same grant."""
    body = canonical(plain(account))
    granting.puts += ground.vault.seal(owner_of(dreamer), dreamer, body, shelf="accounts").rows


def _of_bytes(data: bytes) -> Account:
    value = cast(dict[str, Any], parsed(data, "an account"))
    # A field that came later is at its default in what was kept before.
    empty = plain(Account())
    value = {**empty, **value, "own": {**empty["own"], **value.get("own", {})}}
    return record(Account, value, "an account", "account.shape")


# ------------------------------------------------------------------ names


def checked_name(raw: str) -> str:
    """A name to sign in with, as it is kept; refuses what is none."""
    name = tidy(raw)
    if not NAME_CHARS_MIN <= len(name) <= NAME_CHARS_MAX or not any(c.isalnum() for c in name):
        raise Refusal(
            "name.shape",
            f"A name has {NAME_CHARS_MIN} to {NAME_CHARS_MAX} characters, at least one of them a"
            " letter or a digit.",
        )
    return name


def tidy(raw: str) -> str:
    """A name as it is kept: one way to write each letter, plain spaces, nothing unseen.

    Control characters, zero-width spaces and marks of direction go: two names
    must not look alike because of what nobody sees.
    """
    return one_line(unicodedata.normalize("NFKC", raw))


def one_line(raw: str) -> str:
    """A line that others are shown: its own letters, plain spaces, and nothing unseen."""
    spaced = (" " if c.isspace() else c for c in raw)
    seen = (c for c in spaced if c in _JOINERS or unicodedata.category(c)[0] != "C")
    return " ".join("".join(seen).split())


def handle_of(ground: Ground, name: str) -> str:
    """What a name is found by: only this node can make it, and it tells nothing. Any text will do."""
    alike = unicodedata.normalize("NFKC", tidy(name).translate(_NO_JOINERS).casefold())
    return ground.vault.mac("handle", alike.encode("utf-8", "replace")).hex()


def handle_row(handle: str, dreamer: str) -> Row:
    return Row("handles", handle, owner_of(dreamer), dreamer.encode())


def dreamer_of_handle(ground: Ground, handle: str) -> str | None:
    """Whose name it is, if anybody's."""
    row = ground.store.row("handles", handle)
    return row.body.decode() if row is not None else None


def _own_claims(own: Own) -> list[tuple[bool, str, str]]:
    return [
        (
            len(own.shown_name) <= NAME_CHARS_MAX and own.shown_name == tidy(own.shown_name),
            "shown_name",
            f"The name that others see has up to {NAME_CHARS_MAX} characters, in one line.",
        ),
        (
            not own.lang or (len(own.lang) <= 35 and bool(_LANG.fullmatch(own.lang))),
            "lang",
            "A language is a code like en, es or ar.",
        ),
        (
            not own.zone or bool(_ZONE.fullmatch(own.zone)),
            "zone",
            "A time zone is a name like Europe/Madrid.",
        ),
        (
            len(own.evening_intention) <= INTENTION_CHARS_MAX,
            "intention",
            f"An intention for the evening has up to {INTENTION_CHARS_MAX:,} characters.",
        ),
    ]
