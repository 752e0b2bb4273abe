"""Lenses: whose voices a gathering holds, seen through the Circle's own words.

A lens is a sentence that people of the Circle wrote ("I work nights"). Whoever
likes says that it is theirs; nothing is ever inferred. What is shown are two
shares and nothing else, and only where at least five people are on either side,
so that nobody stands alone behind a lens. No names, no order, no score.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dreamweave.app import gathering_words
from dreamweave.app.actors import Actor, owner_of, require_open, scoped
from dreamweave.app.gathering_rows import opened
from dreamweave.app.gathering_seeing import state_of
from dreamweave.app.ground import Ground
from dreamweave.app.road import Granting
from dreamweave.deciding.gathering_decisions import here, host, unknown
from dreamweave.deciding.gatherings import Gathering
from dreamweave.model.canonical import canonical
from dreamweave.model.gathering_facts import gathering_stream
from dreamweave.model.refusals import Refusal

N_LENSES_MAX = 12
WORDS_CHARS_MAX = 120
# On either side of a lens; below, a share would point at somebody.
N_PEOPLE_MIN = 5
# Shares are told in steps, so that one person's coming or going does not show in them.
STEP_PERCENT = 5


@dataclass(frozen=True, slots=True)
class Lens:
    """A lens, and whether the reader said it is theirs.

    `of_people` and `of_words` are percents, in steps of five: how many of those
    who told are behind it, and how much of what was told is theirs. None: fewer
    than five people on one side.
    """

    id: str
    words: str = field(repr=False)
    mine: bool
    of_people: int | None = None
    of_words: int | None = None


def offer(ground: Ground, who: Actor, g: str, words: Sequence[str], *, once: str = "") -> None:
    """The host writes down the lenses that the Circle wants; those of before go."""
    said = [" ".join(one.split()) for one in words]
    if len(said) > N_LENSES_MAX or any(not 0 < len(one) <= WORDS_CHARS_MAX for one in said):
        raise Refusal(
            "lens.words",
            f"There may be {N_LENSES_MAX} lenses, each of 1 to {WORDS_CHARS_MAX} characters.",
        )
    if len(set(said)) != len(said):
        raise Refusal("lens.twice", "Each lens is written down once.")
    made = [{"id": ground.new_id(), "words": one} for one in said]

    def decide(granting: Granting) -> None:
        require_open(who)
        stream = gathering_stream(g)
        host(state_of(ground, g, granting), who.dreamer)
        # What stays keeps its id, and with it whoever is behind it.
        before = {one["words"]: one["id"] for one in _offered(ground, stream)}
        kept = [{**one, "id": before.get(one["words"], one["id"])} for one in made]
        body = canonical({"lenses": kept})
        granting.puts += ground.vault.seal(stream, f"lenses/{g}", body).rows

    asked = ("lenses", g, ground.vault.mac("asked", canonical(said)))
    ground.road.grant(decide, once=scoped(who, once), asked=asked)


def choose(ground: Ground, who: Actor, g: str, lenses: Iterable[str], *, once: str = "") -> None:
    """Say which lenses are one's own; none is an answer too."""
    wanted = sorted(set(lenses))

    def decide(granting: Granting) -> None:
        require_open(who)
        stream = gathering_stream(g)
        here(state_of(ground, g, granting), who.dreamer)
        if not {one["id"] for one in _offered(ground, stream)}.issuperset(wanted):
            raise Refusal("lens.unknown", "One of these lenses is not there any more. Look again.")
        body = canonical({"of": wanted})
        granting.puts += ground.vault.seal(owner_of(who.dreamer), _place(g, who.dreamer), body).rows

    # Keyed: which are somebody's is not to be guessed from a hash.
    asked = ("choose lenses", g, ground.vault.mac("asked", canonical(wanted)))
    ground.road.grant(decide, once=scoped(who, once), asked=asked)


def lenses(ground: Ground, who: Actor, g: str) -> list[Lens]:
    """The lenses of a gathering, with shares where there are people enough.

    Cost: opens a row for everybody who told and the words of everything that is lent.
    """
    if who.suspended:
        raise unknown()
    stream = gathering_stream(g)
    gathering = state_of(ground, g)
    here(gathering, who.dreamer)
    offered = _offered(ground, stream)
    if not offered:
        return []
    n_words = _words_of(ground, who, g, gathering)
    chosen = {dreamer: _chosen(ground, g, dreamer) for dreamer in n_words}
    mine = _chosen(ground, g, who.dreamer)
    found = []
    for one in offered:
        behind = [dreamer for dreamer, of in chosen.items() if one["id"] in of]
        people, words = None, None
        if N_PEOPLE_MIN <= len(behind) <= len(chosen) - N_PEOPLE_MIN:
            people = _stepped(len(behind), len(chosen))
            words = _stepped(sum(n_words[d] for d in behind), sum(n_words.values()))
        found.append(Lens(one["id"], one["words"], one["id"] in mine, people, words))
    return found


def _words_of(ground: Ground, who: Actor, g: str, gathering: Gathering) -> dict[str, int]:
    """How much everybody told, in characters: what every script has."""
    n_words: dict[str, int] = {}
    for one in gathering_words.beside(ground, who, g, None)["reports"]:
        teller = gathering.told[one["r"]].dreamer
        n_words[teller] = n_words.get(teller, 0) + len(one["text"])
    return n_words


def _stepped(part: int, whole: int) -> int:
    """A share in percent, to the nearest step, ties upward."""
    return STEP_PERCENT * ((200 * part + STEP_PERCENT * whole) // (2 * STEP_PERCENT * whole))


def _offered(ground: Ground, stream: str) -> list[dict[str, Any]]:
    g = stream.partition("/")[2]
    return list(opened(ground, stream, f"lenses/{g}", "lenses").get("lenses", ()))


def _chosen(ground: Ground, g: str, dreamer: str) -> frozenset[str]:
    held = opened(ground, owner_of(dreamer), _place(g, dreamer), "lenses")
    return frozenset(held.get("of", ()))


def _place(g: str, dreamer: str) -> str:
    return f"lens/{g}/{dreamer}"
