"""What stands on a gathering's page: its text, its counts, and what its script is handed.

Everything is made of what the app answered (`app.gatherings.Seen`, the acts, the
words beside them); nothing is asked for here. Sentences that count are handed
to the script in every plural form of the language, because it counts anew with
each frame and knows no catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from dreamweave.model.acts import Picture
from dreamweave.model.journal import FELT
from dreamweave.web.languages import LANGUAGES, Words
from dreamweave.web.pages.gathering_fair import fair_said
from dreamweave.web.pages.gathering_text import Line, Passage, Text, shares
from dreamweave.web.pages.names import Names
from dreamweave.web.readable import Readable

if TYPE_CHECKING:
    from dreamweave.app.flooring import OwnFloor
    from dreamweave.app.gatherings import Seen

# Past so many lines a page without a script shows a part of the text, and ways on from it.
N_LINES_SHOWN = 120

COUNTED: Mapping[str, tuple[str, str]] = {
    "voices": ("{n} voice", "{n} voices"),
    "listening": ("{n} listening", "{n} are listening"),
    "open": ("{n} seat kept open", "{n} seats kept open"),
    "held": ("{n} line waits for the host", "{n} lines wait for the host"),
    "meet": ("{n} thread", "{n} threads meet"),
    "meet_in": ("In passage {t} {n} thread is in {m}.", "In passage {t} {n} threads meet in {m}."),
    "threads": ("A crescent of {n} thread.", "A crescent of {n} threads."),
    "warps_open": ("{n} warp is kept open.", "{n} warps are kept open."),
    "spoke": ("{n} person spoke", "{n} people spoke"),
    "told": ("{n} line was told", "{n} lines were told"),
    "listened": (
        "{n} listened, and chose not to speak",
        "{n} people listened, and chose not to speak",
    ),
    "kept": (
        "{n} seat is kept open for somebody who is not here",
        "{n} seats are kept open for people who are not here",
    ),
    "carries": ("it carries {n} person", "it carries {n} people"),
    "more": ("{n} more line was told.", "{n} more lines were told."),
    "lines": ("{n} line", "{n} lines"),
    "taken": ("{n} line was taken back.", "{n} lines were taken back."),
    "unsent": (
        "{n} line of yours waits on this device. It goes there by itself.",
        "{n} lines of yours wait on this device. They go there by themselves.",
    ),
    "closed": (
        "The weave is closed: {n} voice. Read the text.",
        "The weave is closed: {n} voices. Read the text.",
    ),
}
# A number of each plural form that any language spoken here has.
_OF_FORM = {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100}


class Counting:
    """Counts as sentences, in one language."""

    def __init__(self, spoken: Words, read: Readable) -> None:
        self._spoken = spoken
        self._read = read

    def say(self, what: str, n: int, **filled: object) -> str:
        said = self._spoken.ngettext(*COUNTED[what], n)
        return said.format(n=self._read.number(n), **filled)

    def big(self, what: str, n: int) -> Markup:
        """The same with its number set apart, for a list of counts."""
        said = str(Markup.escape(self._spoken.ngettext(*COUNTED[what], n)))
        number = Markup("<b>%s</b>") % self._read.number(n)
        return Markup(said.replace("{n}", f"{number}"))  # both parts are escaped

    def forms(self) -> dict[str, dict[str, str]]:
        """Every counted sentence in every plural form, its places still to be filled."""
        return {
            what: {form: self._spoken.ngettext(*pair, n) for form, n in _OF_FORM.items()}
            for what, pair in COUNTED.items()
        }


def state_line(seen: Seen, count: Counting) -> str:
    """24 voices, 3 listening, 4 seats kept open."""
    parts = [count.say("voices", max(0, seen.n_here - seen.n_listening))]
    if seen.n_listening:
        parts.append(count.say("listening", seen.n_listening))
    if seen.n_kept_open:
        parts.append(count.say("open", seen.n_kept_open))
    if seen.n_held and seen.is_host:
        parts.append(count.say("held", seen.n_held))
    return " · ".join(parts)


def phase_line(seen: Seen, spoken: Words, now_ms: int) -> str:
    """What is going on, where it is not simply that people tell."""
    if seen.phase == 0:
        return spoken.gettext("It begins:")
    if seen.phase == 2:
        return spoken.gettext("The weave is being closed. Nothing is lost; it settles once.")
    if seen.phase == 3:
        return spoken.gettext("The telling is over. What does it say to the life you share?")
    if seen.phase == 4:
        return spoken.gettext("This gathering is over. Its text stays here to read.")
    if seen.rest_until_ms > now_ms:
        return spoken.gettext("A rest.")
    if seen.hold:
        return spoken.gettext("The host holds the gathering for a moment.")
    return ""


def asked(seen: Seen, spoken: Words) -> str:
    """The question over the field."""
    if seen.made.method == "matrix":
        return spoken.gettext("What did you dream?")
    if seen.made.method == "appreciation":
        return spoken.gettext("If it were your dream, what would you see?")
    return spoken.gettext("What do you bring?")


def opening_line(seen: Seen, spoken: Words) -> str:
    """What stands where the first line will."""
    if seen.made.method == "matrix":
        return spoken.gettext("Where is the first dream?")
    return spoken.gettext("Nothing was told yet. Listening is welcome, and so is the first line.")


def seen_by_others(seen: Seen, spoken: Words) -> str:
    """What others here will see of a telling, before it is told."""
    if seen.made.named:
        return spoken.gettext(
            "Everybody here will see these words, the feeling you choose, and the name you give."
            " It is kept in your journal too, and you can take it back at any time."
        )
    return spoken.gettext(
        "Everybody here will see these words and the feeling you choose, and nobody's name."
        " It is kept in your journal too, and you can take it back at any time."
    )


def floor_line(floor: OwnFloor, spoken: Words) -> str:
    """Whose turn it is, for whoever asks."""
    if floor.is_mine:
        return spoken.gettext("It is your turn. Take your time.")
    if floor.place is not None:
        return spoken.gettext("You stepped forward. Whoever spoke least goes first.")
    if floor.invited:
        return spoken.gettext("You are invited to say something, if you like. Only you see this.")
    if floor.turn is not None:
        return spoken.gettext("Somebody is telling. Step forward, and your turn comes.")
    return spoken.gettext("The floor is free.")


def described(picture: Picture, text: Text, count: Counting) -> str:
    """The picture in words: counts and places, and nothing about anybody."""
    warps = {line.warp for line in text.lines}
    parts = [count.say("threads", len(warps))]
    best = [
        (meeting.n_threads, passage.t, meeting.motif.name)
        for passage in text.passages
        for meeting in passage.meetings
    ]
    for n, t, name in sorted(sorted(best, reverse=True)[:3], key=lambda one: one[1]):
        parts.append(count.say("meet_in", n, t=t + 1, m=name))
    if picture.open:
        parts.append(count.say("warps_open", len(picture.open)))
    return " ".join(parts)


def passage_head(spoken: Words) -> Callable[[Passage], str]:
    """What stands over a passage."""

    def head(passage: Passage) -> str:
        # Translators: a step of the evening, numbered.
        said = spoken.gettext("Passage {t}").format(t=passage.t + 1)
        names = spoken.pgettext("between two parts of a sentence", ", ").join(
            dict.fromkeys(meeting.motif.name for meeting in passage.meetings)
        )
        return f"{said}: {names}" if names else said

    return head


def part_of(text: Text, start: int) -> tuple[tuple[Passage, ...], int, int]:
    """The passages a page without a script shows: from passage `start` (1 the first), or the newest
    where it is 0; how many lines stand before them; and the passage that the next page begins
    with, or 0."""
    held = text.passages
    first = next((k for k, one in enumerate(held) if one.t + 1 >= start), 0) if start else None
    if first is None:
        first, n = len(held), 0
        while first > 0 and (n == 0 or n + len(held[first - 1].lines) <= N_LINES_SHOWN):
            first -= 1
            n += len(held[first].lines)
    last, n = first, 0
    while last < len(held) and (n == 0 or n + len(held[last].lines) <= N_LINES_SHOWN):
        n += len(held[last].lines)
        last += 1
    before = sum(len(one.lines) for one in held[:first])
    return held[first:last], before, held[last].t + 1 if last < len(held) else 0


def voices_of(
    seen: Seen, picture: Picture, text: Text, count: Counting, spoken: Words
) -> dict[str, Any]:
    """Whose voices this holds: plain counts, the sentence on concentration, and the table."""
    # How many people told is counted with the closest call; threads of one person are not tied here.
    n_spoke = picture.fair[1] if picture.fair else None
    first = ("told", len(text.lines)) if n_spoke is None else ("spoke", n_spoke)
    counted = [first, ("listened", seen.n_listening), ("kept", seen.n_kept_open)]
    rows = [] if n_spoke is None else [(spoken.gettext("People who spoke"), str(n_spoke))]
    rows += [
        (spoken.gettext("People who listened, and chose not to speak"), str(seen.n_listening)),
        (spoken.gettext("Seats kept open"), str(seen.n_kept_open)),
    ]
    held = shares(text, by_thread=seen.made.named)
    said = ""
    if held is not None:
        said = spoken.gettext(
            "The three longest threads hold {most} % of the words; the three shortest {least} %."
        ).format(most=held[0], least=held[1])
        rows.append((spoken.gettext("Held by the three longest threads"), f"{held[0]} %"))
        rows.append((spoken.gettext("Held by the three shortest threads"), f"{held[1]} %"))
    rows += [
        (spoken.gettext("Lines in {language}").format(language=tongue(code, spoken)), str(n))
        for code, n in languages_of(text.lines)
    ]
    return {
        "counts": [count.big(what, n) for what, n in counted],
        "rows": rows,
        "shares": said,
        "fair": fair_said(picture, text, spoken),
    }


def languages_of(lines: Sequence[Line]) -> list[tuple[str, int]]:
    """How many lines are in which language, the most frequent first; "" is unsaid."""
    held: dict[str, int] = {}
    for line in lines:
        held[line.lang] = held.get(line.lang, 0) + 1
    return sorted(held.items(), key=lambda one: (-one[1], one[0]))


def tongue(code: str, spoken: Words) -> str:
    """A language by its own name where this node speaks it, else by its code."""
    if not code:
        return spoken.gettext("a language nobody named")
    return LANGUAGES[code].name if code in LANGUAGES else code


def script_data(
    seen: Seen,
    *,
    at: str,
    acts: Sequence[Any],
    beside: Mapping[str, Any],
    mine: Sequence[Mapping[str, Any]],
    count: Counting,
    spoken: Words,
    projector: bool,
    look: str,
) -> dict[str, Any]:
    """What the page's script begins with: where the stream stands, and everything up to there."""
    names = Names(spoken)
    return {
        "id": seen.id,
        "at": at,
        "acts": list(acts),
        "words": dict(beside),
        "mine": list(mine),
        "seat": seen.seat,
        "host": seen.is_host,
        "named": seen.made.named,
        "floor": seen.made.floor,
        "look": look or "night",
        "projector": projector,
        "feelings": {felt: names.feeling(felt, seen.about.feelings) for felt in FELT},
        "counted": count.forms(),
    }


def iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")
