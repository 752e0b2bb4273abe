"""Where a gathering's words lie: the ids of their rows, whose they are, and what goes with a report.

What it is called lies under the gathering's own key; everything that somebody
said or is called, or is read out of their words, lies under theirs and goes
when they go. Ids and nothing else; what is in the rows is their writers'.

    gathering/{g}/about, /code      what it is, and the code that is read aloud
    gathering-at/{when}/{g}         for finding gatherings by when they begin; empty
    motifs/{g}                      names of shared images, out of people's words
    at/{dreamer}/{g}                somebody's seat: what they are called here
    laid/{tag}                      where the loom cut a report that is lent here
    why/{g}/{what}/{dreamer}        why somebody was muted or shown out, or a report taken out
    flag/{g}/{r}/{dreamer}          why somebody asked the host to look at a report
    written-down/{dreamer}/{g}      that a scribe wrote for somebody, with their yes
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from dreamweave.app.actors import owner_of
from dreamweave.app.folding import folded
from dreamweave.app.ground import Ground
from dreamweave.app.road import Granting
from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.gathering_facts import gathering_stream
from dreamweave.model.keeping import Row

Names = Mapping[int, tuple[str, str]]

_GATHERING = gathering_stream("")
BY_WHEN = "gathering-at/"
WRITTEN_DOWN = "written-down/"


def about_place(g: str) -> str:
    return f"gathering/{g}/about"


def code_place(g: str) -> str:
    return f"gathering/{g}/code"


def when_place(g: str, begins_ms: int) -> str:
    return f"{BY_WHEN}{begins_ms:015d}/{g}"


def motifs_place(g: str) -> str:
    return f"motifs/{g}"


def seat_place(dreamer: str, g: str) -> str:
    return f"at/{dreamer}/{g}"


def laid_place(tag: str) -> str:
    return f"laid/{tag}"


def why_place(g: str, what: str, dreamer: str) -> str:
    """`what` is "muted", "removed", or the number of a report."""
    return f"why/{g}/{what}/{dreamer}"


def flag_place(g: str, r: int, dreamer: str) -> str:
    return f"flag/{g}/{r}/{dreamer}"


def written_down_place(dreamer: str, g: str) -> str:
    return f"{WRITTEN_DOWN}{dreamer}/{g}"


def gathering_of(stream: str) -> str | None:
    """The gathering whose stream this is, if it is one's."""
    return stream.removeprefix(_GATHERING) if stream.startswith(_GATHERING) else None


def opened(ground: Ground, owner: str, place: str, what: str) -> dict[str, Any]:
    """What is in one of these rows; empty where there is none, or its key is gone."""
    row = ground.store.row("words", place)
    plain = ground.vault.open(row) if row is not None and row.owner == owner else None
    return cast("dict[str, Any]", parsed(plain, what)) if plain else {}


def sit(ground: Ground, granting: Granting, dreamer: str, g: str, *, name: str) -> None:
    """What somebody is called here, sealed under their own key: it goes when they leave the node."""
    body = canonical({"name": name} if name else {})
    granting.puts += ground.vault.seal(owner_of(dreamer), seat_place(dreamer, g), body).rows


def yes_to_scribe(ground: Ground, dreamer: str, g: str, r: int, now_ms: int) -> tuple[Row, ...]:
    """What to put where a scribe wrote report `r` down for somebody: that they said yes, and when.

    It lies with whoever said yes. Who wrote it down is in the fact alone.
    """
    body = canonical({"gathering": g, "r": r, "agreed": True, "at_ms": now_ms})
    return ground.vault.seal(owner_of(dreamer), written_down_place(dreamer, g), body).rows


def name_at(ground: Ground, dreamer: str, g: str) -> str:
    """What somebody is called in a gathering, or ""."""
    held = opened(ground, owner_of(dreamer), seat_place(dreamer, g), "a seat")
    return str(held.get("name", ""))


def motif_names(ground: Ground, g: str) -> Names:
    """What shared images are called, in words of those who are lent here now: image -> (name, language)."""
    kept = opened(ground, gathering_stream(g), motifs_place(g), "names of shared images")
    return {m: (name, lang) for m, name, lang in kept.get("motifs", ())}


def motif_rows(ground: Ground, g: str, names: Names) -> tuple[Row, ...]:
    """What to put for the names of shared images."""
    held = [[m, name, lang] for m, (name, lang) in sorted(names.items())]
    body = canonical({"motifs": held})
    return ground.vault.seal(gathering_stream(g), motifs_place(g), body).rows


def ending(ground: Ground, granting: Granting, stream: str, tags: Iterable[str]) -> None:
    """Add to a grant what stands beside reports that are lent no more, where `stream` is a gathering's.

    Names of shared images are people's own words. Those of which a word stands in
    what is taken back go with it, whoever else said them too: the loom names anew.
    """
    g = gathering_of(stream)
    if g is None:
        return
    state = ground.road.gathering(stream, granting)
    said, is_known = "", True
    for tag in tags:
        r = state.r_of.get(tag)
        if r is None:
            continue
        owner = owner_of(state.told[r].dreamer)
        lent = opened(ground, owner, f"lent/{tag}", "lent words")
        is_known = is_known and bool(lent)  # after a restore the words are gone before this is said
        said += folded(lent["words"]["text"]) + " " if lent else ""
        granting.things.append((owner, laid_place(tag)))
        granting.things += (
            (owner_of(one), flag_place(g, r, one)) for one in sorted(state.reported.get(r, ()))
        )
    names = motif_names(ground, g)
    left = {
        m: (name, lang)
        for m, (name, lang) in names.items()
        if is_known and not any(word in said for word in folded(name).split())
    }
    if len(left) < len(names):
        granting.things.append((stream, motifs_place(g)))
        granting.puts += motif_rows(ground, g, left)
