"""Echoes: a line somebody lent for this, given in the evening to somebody who would like one.

One line an evening, drawn so that nobody who lent much is heard more than
others, the same on every device, never one's own and never one that was given
before. What was felt as fear or anger is covered until somebody chooses to read
it. An answer is a report like every other and stays its teller's, whatever
becomes of the line. Lending a line as an echo is `lending`'s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from dreamweave.app.actors import Actor, owner_of, require_open
from dreamweave.app.ground import Ground
from dreamweave.app.lending import ECHO, LentWords, photo_of, unknown_photo
from dreamweave.app.paging import rows_of
from dreamweave.app.road import Granting
from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.refusals import Refusal
from dreamweave.model.wire import record

DAY_MS = 86_400_000
# What nobody should meet unasked at the edge of sleep.
COVERED = frozenset({"fear", "anger"})
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Echo:
    """This evening's line. `words` are None while it is covered, and when it was taken back.

    `answers` are the actor's own reports that answer it.
    """

    evening: str
    tag: str
    words: LentWords | None = field(default=None, repr=False)
    is_covered: bool = False
    is_taken_back: bool = False
    answers: tuple[str, ...] = ()


def echo_of(
    ground: Ground,
    who: Actor,
    evening: str,
    *,
    wants: bool,
    lang: str = "",
    uncover: bool = False,
) -> Echo | None:
    """The actor's echo of an evening, drawn when it is first asked for; None where there is none.

    Args:
        evening: today's date where the actor is.
        wants, lang: whether they asked for echoes, and their language, as their account says.
        uncover: they chose to read a line that is covered.
    """
    require_open(who)
    if not wants:
        return None
    tag = _kept(ground, who, evening) or _draw(ground, who, _today(ground, evening), lang)
    if tag is None:
        return None
    answers = tuple(r.id for r in ground.opened.reports(ground, who) if r.answers == tag)
    words = _words(ground, tag)
    if words is None:
        return Echo(evening, tag, is_taken_back=True, answers=answers)
    covered = words.feeling in COVERED and not uncover
    return Echo(evening, tag, None if covered else words, is_covered=covered, answers=answers)


def was_given(ground: Ground, who: Actor, tag: str) -> bool:
    """Whether a line was given to the actor: only such a one can be answered."""
    return tag in _given(ground, who)


def given_words(ground: Ground, who: Actor, tag: str) -> LentWords | None:
    """The words of a line that was given to the actor, while they are lent; for answering it."""
    return _words(ground, tag) if was_given(ground, who, tag) else None


def echo_photo(ground: Ground, who: Actor, tag: str) -> tuple[str, bytes]:
    """The photograph lent with a line, for somebody to whom it was given."""
    require_open(who)
    words = _words(ground, tag) if was_given(ground, who, tag) else None
    lender = ground.road.audience(ECHO).shown.get(tag)
    if words is None or words.photo is None or lender is None:
        raise unknown_photo()
    return words.photo, photo_of(ground, lender, tag)


# ------------------------------------------------------------------ drawing


def _draw(ground: Ground, who: Actor, evening: str, lang: str) -> str | None:
    """Draw a line and keep which one; the same for two devices that ask at once."""

    def decide(granting: Granting) -> None:
        require_open(who)
        tag = _drawn(ground, who, lang)
        if tag is None:
            raise _NoneLeft
        granting.puts += ground.vault.seal(
            owner_of(who.dreamer), _place(who, evening), canonical({"tag": tag})
        ).rows
        granting.answer = tag.encode()

    try:
        kept = ground.road.grant(
            decide, once=f"{who.dreamer}/echo/{evening}", asked=("echo", evening)
        )
    except _NoneLeft:
        return None
    return kept.answer.decode()


def _drawn(ground: Ground, who: Actor, lang: str) -> str | None:
    given = _given(ground, who)
    lines: dict[str, list[str]] = {}
    own_lang: dict[str, list[str]] = {}
    for tag, lender in ground.road.audience(ECHO).shown.items():
        if lender == who.dreamer or tag in given:
            continue
        words = _words(ground, tag)
        if words is None:
            continue
        lines.setdefault(lender, []).append(tag)
        if words.lang and words.lang.partition("-")[0] == lang.partition("-")[0]:
            own_lang.setdefault(lender, []).append(tag)
    # One in their own language where there is one; then a lender, then one of that lender's.
    chosen = own_lang or lines
    if not chosen:
        return None
    lender = ground.rng.choice(sorted(chosen))
    return ground.rng.choice(sorted(chosen[lender]))


class _NoneLeft(Exception):
    """No line is left that was not given before."""


def _today(ground: Ground, evening: str) -> str:
    """`evening`, if it is today anywhere on earth: nobody draws ahead."""
    if _DATE.fullmatch(evening):
        now_ms = ground.now_ms()
        near = (datetime.fromtimestamp((now_ms + d * DAY_MS) / 1000, UTC) for d in (-1, 0, 1))
        if evening in {f"{day:%Y-%m-%d}" for day in near}:
            return evening
    raise Refusal("echo.evening", "An echo is for this evening: a date like 2026-11-25.")


def _place(who: Actor, evening: str) -> str:
    return f"echo/{who.dreamer}/{evening}"


def _kept(ground: Ground, who: Actor, evening: str) -> str | None:
    row = ground.store.row("words", _place(who, evening)) if _DATE.fullmatch(evening) else None
    plain = ground.vault.open(row) if row and row.owner == owner_of(who.dreamer) else None
    return cast("dict[str, str]", parsed(plain, "an echo"))["tag"] if plain else None


def _given(ground: Ground, who: Actor) -> set[str]:
    """The tags of every line that was given to the actor."""
    mine = rows_of(ground.store, "words", owner_of(who.dreamer), f"echo/{who.dreamer}/")
    given = ground.vault.open_all(list(mine))
    return {cast("dict[str, str]", parsed(plain, "an echo"))["tag"] for plain in given if plain}


def _words(ground: Ground, tag: str) -> LentWords | None:
    """The words of a line, while they are lent."""
    lender = ground.road.audience(ECHO).shown.get(tag)
    row = ground.store.row("words", f"lent/{tag}") if lender else None
    if row is None or row.owner != owner_of(cast(str, lender)):
        return None
    plain = ground.vault.open(row)
    inside = cast("dict[str, Any]", parsed(plain, "lent words")) if plain else None
    if inside is None or 0 < inside["until_ms"] <= ground.now_ms():
        return None
    return record(LentWords, inside["words"], "lent words", "lent.shape")
