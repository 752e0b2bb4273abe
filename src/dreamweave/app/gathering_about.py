"""What a gathering is, in its host's words: its title, why and for whom, what people agree to.

Checked once on the way in and sealed under the gathering's own key. What is
decided of a gathering, and by whom, is facts and stands elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from dreamweave.app.accounts import one_line
from dreamweave.app.circles import feelings_named
from dreamweave.app.gathering_rows import about_place, opened
from dreamweave.app.ground import Ground
from dreamweave.model.canonical import canonical
from dreamweave.model.gathering_facts import gathering_stream
from dreamweave.model.refusals import Refusal

TITLE_CHARS_MAX = 120
SAID_CHARS_MAX = 2_000  # theme, why, for whom, who is invited, what people agree to: each
N_LANGS_MAX = 12

_LANG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)
_ZONE = re.compile(r"[A-Za-z0-9_+\-/]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class About:
    """What a gathering is, in its host's words. `missing`: who is not invited yet.

    `agreement` is what people accept on entering; `feelings` are its own names
    for some of the nine; `lang` and `zone` those of the call.
    """

    title: str = field(repr=False)
    theme: str = field(default="", repr=False)
    why: str = field(default="", repr=False)
    whom: str = field(default="", repr=False)
    invited: str = field(default="", repr=False)
    missing: str = field(default="", repr=False)
    langs: tuple[str, ...] = ()
    agreement: str = field(default="", repr=False)
    feelings: Mapping[str, str] = field(default_factory=dict, repr=False)
    lang: str = ""
    zone: str = ""


def about_of(ground: Ground, g: str) -> About:
    """What a gathering is, in its host's words."""
    held = opened(ground, gathering_stream(g), about_place(g), "a gathering")
    return About(**{**held, "langs": tuple(held.get("langs", ()))}) if held else About("")


def checked(about: About) -> About:
    """What is said of a gathering, as it is kept; refuses what is none."""
    title = one_line(about.title)
    said = {
        name: getattr(about, name).strip()
        for name in ("theme", "why", "whom", "invited", "missing", "agreement")
    }
    for holds, code, sentence in (
        (
            0 < len(title) <= TITLE_CHARS_MAX,
            "title",
            f"A gathering's title has 1 to {TITLE_CHARS_MAX} characters.",
        ),
        (
            all(len(text) <= SAID_CHARS_MAX for text in said.values()),
            "long",
            f"Each thing that is said of a gathering has up to {SAID_CHARS_MAX:,} characters.",
        ),
        (
            len(about.langs) <= N_LANGS_MAX
            and all(_LANG.fullmatch(lang) for lang in (*about.langs, about.lang) if lang),
            "langs",
            f"Up to {N_LANGS_MAX} languages, each a code like en, es or ar.",
        ),
        (
            not about.zone or bool(_ZONE.fullmatch(about.zone)),
            "zone",
            "A time zone is a name like Europe/Madrid.",
        ),
    ):
        if not holds:
            raise Refusal(f"gathering.{code}", sentence)
    langs = tuple(dict.fromkeys(lang for lang in about.langs if lang))
    feelings = feelings_named(about.feelings)
    return replace(about, title=title, langs=langs, feelings=feelings, **said)


def to_bytes(about: About) -> bytes:
    """As it is sealed."""
    held = {f.name: getattr(about, f.name) for f in fields(about)}
    return canonical({**held, "langs": list(about.langs), "feelings": dict(about.feelings)})
