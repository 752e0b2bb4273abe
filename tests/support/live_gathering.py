"""A gathering that goes on, on a node that runs: for tests of its page in a browser.

Everything is the real thing but the loom behind the rooms, which is a small one
(`paper_loom`): words of six letters or more that two reports share are motifs.
`Going.tells` tells as anybody would; `Going.says` says acts that nobody asked for,
as a host's or a loom's would come.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from node_in_browser import Node, Phone
from paper_loom import PaperLoom

from dreamweave.app import circles, gathering_words, gatherings, telling
from dreamweave.app.gatherings import About
from dreamweave.app.rooms import Rooms
from dreamweave.app.telling import Telling
from dreamweave.model.acts import Picture, folded
from dreamweave.model.gathering_facts import gathering_stream

TITLE = "The Night the Sea Came Up the Street"
# Told in this order by people who take turns. Made up for this; nobody's.
LINES: tuple[tuple[str, str | None, int | None], ...] = (
    ("The house is made of paper and it breathes.", "calm", 2),
    ("Every door in our house opens onto the same small room. I knock all the same.", "fear", 2),
    ("The sea comes up the street politely. It is in the kitchen and nobody minds.", "wonder", 3),
    ("Somebody has sewn a door into the hem of my coat.", "tenderness", 2),
    ("I ride the night train with a bread under each arm.", "joy", 2),
    ("The stairs are counting me.", None, None),
    ("My teeth are a row of bells. I ring them at the sea.", "fear", 3),
    ("The train stops where there is only forest.", "longing", 2),
    ("I shout and the mirror takes minutes of the meeting.", "anger", 3),
    ("A bird has my grandmother's way of clearing its throat.", "tenderness", 3),
    ("The moon asks for its bowl back.", "wonder", 1),
    ("We carry the stairs down to the sea to wash them.", "calm", 1),
    ("In the forest it is snowing upward.", "wonder", 2),
    ("There is a bird folded in the letter. It is not for me.", "sorrow", 2),
    ("I look in the mirror and the house looks back.", "longing", 3),
    ("The moon is a bowl and it is our turn to carry it.", "wonder", 3),
)


@dataclass
class Going:
    """A gathering: its node, its host and who else is in it."""

    node: Node
    g: str
    host: Any
    host_token: str
    people: list[tuple[Any, str]] = field(default_factory=list)

    @property
    def ground(self) -> Any:
        return self.node.house.ground

    def tells(self, who: Any, text: str, **more: Any) -> int:
        said = Telling(text=text, lang=more.pop("lang", "en"), **more)
        return telling.tell(self.ground, who, self.g, said, once=self.ground.new_id()).r

    def told(self) -> list[dict[str, Any]]:
        """What is told and lent now, as screens are shown it."""
        beside: dict[str, Any] = gathering_words.beside(self.ground, self.host, self.g)
        return list(beside["reports"])

    def picture(self) -> Picture:
        return folded(self.node.house.rooms.picture(self.g)[1])

    def says(self, *acts: list[Any]) -> None:
        self.ground.hearing.say_acts(gathering_stream(self.g), acts)

    def tell_all(self, lines: Any = LINES) -> None:
        everybody = [self.host, *(who for who, _ in self.people)]
        for k, (text, feeling, intensity) in enumerate(lines):
            who = everybody[k % len(everybody)]
            self.tells(who, text, feeling=feeling, intensity=intensity)
        while len(self.picture().told) < len(self.told()):
            time.sleep(0.02)


def going(node: Node, *, n_people: int = 2, begun: bool = True, **how: Any) -> Going:
    """A gathering on a node that does not listen yet."""
    ground = node.house.ground
    node.house.rooms.close()
    node.house.rooms = Rooms(ground, PaperLoom())
    host, token = node.somebody()
    circle = circles.make(ground, host, "A street", "", "en", once="once-circle-1")
    settings = {"n_expected": 24, "n_open": 4, "begins_ms": ground.now_ms() + 60_000, **how}
    about = settings.pop("about", About(TITLE, missing="The people who clean this building."))
    g = gatherings.make(ground, host, circle, about, once="once-gathering-1", **settings)
    held = Going(node, g, host, token)
    code = gatherings.code_of(ground, host, g)
    people = node.house.people
    for k in range(n_people):
        came, _ = gatherings.enter_as_guest(people, code, agreed=True, once=f"once-enter-{k:04d}")
        held.people.append((people.sessions.actor_of_token(came.token), came.token))
    if begun:
        gatherings.begin_phase(ground, host, g, "telling", once="once-begin-1")
    node.start()
    return held


# ------------------------------------------------------------------ a fixture, taken by tests of its pages


@pytest.fixture
def live(chromium: Any) -> Any:
    """A gathering that goes on, and pages of it: `held, page = live(lines, **how)`, `page(token, path)`.

    `before` is run in each page before its own script.
    """
    made: list[tuple[Going, list[Phone]]] = []

    def begin(lines: Any = LINES[:6], **how: Any) -> Any:
        held = going(Node(), **how)
        made.append((held, []))
        if how.get("begun", True):
            held.tell_all(lines)

        def page(
            token: str | None = None,
            path: str = "",
            *,
            picture: bool = False,
            before: str = "",
            **phone: Any,
        ) -> Any:
            phone = {"service_workers": "block", **phone}
            one = Phone(chromium, held.node, token or held.host_token, **phone)
            made[-1][1].append(one)
            if not picture:  # drawn by a processor, it takes longer than all else together
                one.context.route("**/live-picture-*.js", lambda route: route.abort())
            if before:
                one.context.add_init_script(before)
            return one.tab(f"/gatherings/{held.g}{path}")

        return held, page

    yield begin
    complaints = [c for _, phones in made for phone in phones for c in phone.complaints]
    for held, phones in made:
        for phone in phones:
            phone.leave()
        held.node.stop()
        held.node.house.rooms.close()
    assert complaints == []
