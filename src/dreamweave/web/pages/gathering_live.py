"""A gathering, live: the page where people tell, read and are counted, and its wall.

Whole without a script: it reloads itself, telling is a page of its own
(`?write=1`), so are the counts (`?view=voices`), and long texts are read in
parts. With one it hears the gathering's stream from where the page was read.
`?view=projector` is for the wall of a hall. Forms are answered by the doors of
gatherings; this only shows.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app import flooring, gatherings, telling
from dreamweave.app.dyes import GroundName
from dreamweave.app.flooring import OwnFloor
from dreamweave.app.gathering_words import beside
from dreamweave.app.gatherings import Seen
from dreamweave.model.acts import Picture, folded
from dreamweave.model.journal import Felt
from dreamweave.model.refusals import Refusal
from dreamweave.web import assets
from dreamweave.web.asking import actor_of, ground_of, house_of
from dreamweave.web.declaring import door
from dreamweave.web.languages import LANGUAGES, words
from dreamweave.web.pages import gathering_values as values
from dreamweave.web.pages.asker import asker_of
from dreamweave.web.pages.crescent_svg import N_DAYS, SheetName, Thread, crescent
from dreamweave.web.pages.gathering_text import Text, text_of
from dreamweave.web.pages.gatherings_rhythm import rhythm
from dreamweave.web.pages.showing import onward, page
from dreamweave.web.readable import readable

router = APIRouter()

# What of the words a page carries for its script; older ones the script asks for.
N_REPORTS_CARRIED = 300


@door(router, "GET", "/gatherings/{g}", scope="dreamer")
def live(request: Request, g: str) -> Response:
    """A gathering for whoever is in it; whoever may come in is led to its call first."""
    ground, who = ground_of(request), actor_of(request)
    seen = gatherings.gathering(ground, who, g)
    if not seen.is_in:
        return onward(f"/gatherings/{g}/enter")
    asked = request.query_params
    # The picture first: what is said after it is heard, and words that come twice change nothing.
    at, acts = house_of(request).rooms.picture(g)
    picture = folded(acts)
    words_beside = beside(ground, who, g)
    own = telling.mine(ground, who, g)
    text = text_of(picture, words_beside, (one.r for one in own))
    reports = words_beside["reports"][-N_REPORTS_CARRIED:]
    return _page(
        request,
        seen,
        picture,
        text,
        # With several tables the picture's floor says only that something changed at one.
        flooring.floor(ground, who, g) if seen.made.floor == "turns" else None,
        view=asked.get("view", ""),
        write=asked.get("write", "") == "1",
        answers=_number(asked.get("answers", ""), -1),
        start=_number(asked.get("from", ""), 0),
        code=gatherings.code_of(ground, who, g),
        carried={
            "at": request.app.state.streams.id_of(at),
            "acts": acts,
            "beside": {**words_beside, "reports": reports},
            "mine": [{"r": one.r, "held": one.held} for one in own],
        },
    )


@door(router, "GET", "/gatherings/{g}/still.svg", scope="dreamer")
def still(request: Request, g: str, sheet: str = "wide", ground: str = "night") -> Response:
    """The picture as it is now, for a page without a script: threads in their time and dyes."""
    sheets: dict[str, SheetName] = {"wide": "wide", "phone": "phone"}
    grounds: dict[str, GroundName] = {"night": "night", "day": "day"}
    if sheet not in sheets or ground not in grounds:
        raise Refusal("picture.unknown", "A picture is wide or phone, by night or by day.")
    on, who = ground_of(request), actor_of(request)
    seen = gatherings.gathering(on, who, g)
    picture = folded(house_of(request).rooms.picture(g)[1])
    own = (one.r for one in telling.mine(on, who, g))
    lines = text_of(picture, beside(on, who, g), own).lines
    step = max(1, picture.n_passages) / N_DAYS
    threads = tuple(
        Thread(
            min(N_DAYS - 1, int(line.passage / step)),
            cast("Felt | None", line.feeling),
            line.intensity,
            line.mine,
        )
        for line in lines
    )
    drawn = crescent(threads, seen.n_kept_open, sheets[sheet], grounds[ground])
    return Response(drawn, media_type="image/svg+xml")


def _page(
    request: Request,
    seen: Seen,
    picture: Picture,
    text: Text,
    floor: OwnFloor | None,
    *,
    view: str,
    write: bool,
    answers: int,
    start: int,
    code: str,
    carried: dict[str, Any],
) -> Response:
    asker = asker_of(request)
    now_ms = ground_of(request).now_ms()
    settings = house_of(request).settings
    plain = settings.words == "plain"
    spoken = words(asker.language.code, plain)
    count = values.Counting(spoken, readable(asker.language.code, plain))
    shown, n_hidden, next_from = values.part_of(text, start)
    wall = view == "projector"
    panel = "voices" if view == "voices" else "tell" if write else ""
    return page(
        request,
        "gathering_projector.html" if wall else "gathering.html",
        script="live.js",
        live=True,
        live_style=assets.path_of("live.css"),
        live_strings=spoken.strings(_strings()),
        seen=seen,
        text=text,
        panel=panel,
        write=write,
        answered=text.line(answers),
        shown=shown,
        n_hidden=n_hidden,
        next_from=next_from,
        state=values.state_line(seen, count),
        phase=values.phase_line(seen, spoken, now_ms),
        begins_iso=values.iso(seen.made.begins_ms),
        opening=values.opening_line(seen, spoken),
        asks=values.asked(seen, spoken),
        others_see=values.seen_by_others(seen, spoken),
        floor=floor,
        floor_said=values.floor_line(floor, spoken) if floor else "",
        steps=rhythm(seen.phase, seen.made.begins_ms, seen.about.zone, now_ms),
        described=values.described(picture, text, count),
        passage_head=values.passage_head(spoken),
        count=count.say,
        voices=values.voices_of(seen, picture, text, count, spoken),
        code=code,
        tongues=LANGUAGES.values(),
        writes_down=bool(settings.transcriber),
        data=values.script_data(
            seen, **carried, count=count, spoken=spoken, projector=wall, look=asker.look
        ),
    )


@cache
def _strings() -> dict[str, str]:
    """What the script of this page says: its own sentences, and those of what it shares."""
    held: dict[str, str] = {}
    for name in ("strings.json", "strings-live.json"):
        held |= json.loads((assets.STATIC / name).read_text(encoding="utf-8"))
    return {
        key: text
        for key, text in held.items()
        if key == "photo.caption" or not key.startswith(_NOT_HERE)
    }


# Of the page where one tells in the journal: shown there alone.
_NOT_HERE = ("tell.", "photo.", "night.", "passkey.", "state.")


def _number(said: str, otherwise: int) -> int:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 9 else otherwise
