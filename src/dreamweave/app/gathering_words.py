"""Words beside a gathering's acts: what is told, shared images' names and what people are called.

Only what is lent at this moment is read, and only for whoever is there. Who
told something is nowhere in it, unless people are named here and they gave a
name. How the words reach screens is `room`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from dreamweave.app.actors import Actor, owner_of
from dreamweave.app.gathering_rows import Names, laid_place, motif_names, name_at
from dreamweave.app.gathering_seeing import state_of
from dreamweave.app.ground import Ground
from dreamweave.app.lending import lent_photo, may_read
from dreamweave.deciding import gathering_decisions
from dreamweave.deciding.gatherings import Gathering
from dreamweave.model.acts import SEATS_DRAWN_MAX
from dreamweave.model.canonical import parsed
from dreamweave.model.gathering_facts import gathering_stream


def beside(
    ground: Ground, who: Actor, g: str, reports: Sequence[int] | None = None
) -> dict[str, Any]:
    """The words beside some reports, or all that stands beside the acts, for whoever is there."""
    state = state_of(ground, g)
    stream = gathering_stream(g)
    may_read(who, stream, ground.road.audience(stream))
    if reports is not None:
        return {"reports": reports_beside(ground, state, reports)}
    return {
        "reports": reports_beside(ground, state, range(len(state.told))),
        "motifs": motifs_beside(motif_names(ground, g)),
        "seats": seats_beside(ground, state, range(len(state.seats))),
    }


def held(ground: Ground, who: Actor, g: str) -> dict[str, Any]:
    """What waits for the host's yes, for the host."""
    state = state_of(ground, g)
    gathering_decisions.host(state, who.dreamer)
    waiting = [r for r, told in enumerate(state.told) if told.held and not told.gone]
    return {"reports": reports_beside(ground, state, waiting, held=True)}


def photo(ground: Ground, who: Actor, g: str, r: int) -> tuple[str, bytes]:
    """The photograph that is lent with a report: media type and bytes, for whoever is there."""
    told = gathering_decisions.report(state_of(ground, g), r)
    return lent_photo(ground, who, gathering_stream(g), told.tag)


def reports_beside(
    ground: Ground, state: Gathering, reports: Iterable[int], *, held: bool = False
) -> list[dict[str, Any]]:
    """What stands beside reports that are shown now (or waiting, where `held`). For whoever may read."""
    told = [
        (r, state.told[r])
        for r in reports
        if 0 <= r < len(state.told) and not state.told[r].gone and state.told[r].held == held
    ]
    rows = []
    for _, one in told:
        for place in (f"lent/{one.tag}", laid_place(one.tag)):
            row = ground.store.row("words", place)
            rows.append(row if row is not None and row.owner == owner_of(one.dreamer) else None)
    plains = iter(ground.vault.open_all([row for row in rows if row is not None]))
    inside = [next(plains) if row is not None else None for row in rows]
    now_ms = ground.now_ms()
    found = []
    for (r, one), lent, laid in zip(told, inside[::2], inside[1::2], strict=True):
        if lent is None:
            continue  # taken back while this was read
        kept = cast("dict[str, Any]", parsed(lent, "lent words"))
        if 0 < kept["until_ms"] <= now_ms:
            continue
        words = kept["words"]
        cuts = cast("dict[str, Any]", parsed(laid, "cuts"))["cuts"] if laid else []
        found.append(
            {
                "r": r,
                "text": words["text"],
                "lang": words.get("lang"),
                "cuts": cuts,
                "kind": words["kind"],
                "feeling": words.get("feeling"),
                "intensity": words.get("intensity"),
                "name": words.get("name"),
                "note": words.get("note"),
                "drawing": words.get("drawing"),
                "photo": "photo" in words,
                "answers": one.answers if one.answers >= 0 else None,
                "stopped": one.stopped,
            }
        )
    return found


def motifs_beside(names: Names) -> list[dict[str, Any]]:
    return [{"m": m, "name": name, "lang": lang} for m, (name, lang) in sorted(names.items())]


def seats_beside(ground: Ground, state: Gathering, seats: Iterable[int]) -> list[dict[str, Any]]:
    """What people are called who are here now, as far as seats are drawn; nothing where people
    are not named."""
    if state.made is None or not state.made.named:
        return []
    dreamers = {
        seat.i: dreamer
        for dreamer, seat in state.seats.items()
        if seat.here and seat.i < SEATS_DRAWN_MAX
    }
    g = state.made.gathering
    found = []
    for i in sorted(i for i in seats if i < SEATS_DRAWN_MAX):
        name = name_at(ground, dreamers[i], g) if i in dreamers else ""
        found.append({"seat": i, "name": name or None})
    return found
