"""Closing a gathering: when the telling is over the whole is woven, and then people reflect.

While it is woven nobody tells. What was woven live stays woven, lines are only
added. Where it fails the gathering waits as it is and its host has it tried
again; where words are taken back the whole falls, and is woven once more
without them, and so does a tapestry that was published of it. How words are
woven and kept is `weaving_lent`'s; what is published, `publishing`'s.
"""

from __future__ import annotations

from collections.abc import Callable

from dreamweave.app import publishing
from dreamweave.app.actors import Actor
from dreamweave.app.following import Following
from dreamweave.app.gathering_about import about_of
from dreamweave.app.gathering_rows import gathering_of
from dreamweave.app.gathering_seeing import state_of
from dreamweave.app.ground import Ground
from dreamweave.app.road import Granting
from dreamweave.app.rooms import Rooms
from dreamweave.app.weaving_lent import Gathered, Weaver, weave_lent
from dreamweave.deciding import gathering_decisions
from dreamweave.deciding.gatherings import CLOSING, REFLECTING, Gathering
from dreamweave.model.gathering_facts import gathering_stream
from dreamweave.model.refusals import Refusal
from dreamweave.model.tapestry_facts import tapestry_of, tapestry_stream

# What a closing depends on: while none of it changed since it was tried, it is not tried again.
_Tried = tuple[int, int, int]


class Closing:
    """Weaves whole gatherings, one at a time, in a thread of its own.

    Args:
        on_trouble: told what went wrong; its type is all that may be written down.
        threaded: without, nothing happens but in `turn`: for tests.
    """

    def __init__(
        self,
        ground: Ground,
        rooms: Rooms,
        *,
        weaver: Weaver | None = None,
        on_trouble: Callable[[BaseException], None] = lambda _: None,
        threaded: bool = True,
    ) -> None:
        self._ground = ground
        self._rooms = rooms
        self._weaver = weaver
        self._on_trouble = on_trouble
        self._tried: dict[str, _Tried] = {}
        self._tried_published: dict[str, frozenset[str]] = {}
        self._following = Following(
            ground, _gathering_of, self._look, name="closing gatherings", threaded=threaded
        )

    def begin(self) -> None:
        """Look for gatherings that were being woven when the node stopped, and begin."""
        self._following.begin()

    def turn(self) -> int:
        """Weave what is to be woven; how many gatherings were."""
        return sum(
            self._done(attempt, g)
            for g in self._following.news()
            for attempt in (self._closed, self._published)
            if not self._following.is_stopping
        )

    def close(self) -> None:
        """Stop. Twice is once. What is being woven is woven again when the node is back."""
        self._following.close()

    # -------------------------------------------------------------- within

    def _look(self) -> None:
        self.turn()

    def _done(self, attempt: Callable[[str], bool], g: str) -> bool:
        try:
            return attempt(g)
        except Refusal:
            return False  # as a host would be told: too long, too much at once; to be tried again
        except Exception as trouble:
            self._on_trouble(trouble)
            return False

    def _closed(self, g: str) -> bool:
        """Weave a gathering if it is to be woven; whether it was."""
        state = state_of(self._ground, g)
        if not _is_to_be_woven(state):
            return False
        tried = _depends_on(state)
        if self._tried.get(g) == tried:
            return False
        self._tried[g] = tried
        weave_whole(self._ground, self._rooms, g, weaver=self._weaver)
        return True

    def _published(self, g: str) -> bool:
        """Weave a published tapestry again if it fell; whether it was."""
        tried = frozenset(self._ground.road.audience(tapestry_stream(g)).shown)
        is_due = publishing.is_to_be_woven_again(self._ground, g)
        if not is_due or self._tried_published.get(g) == tried:
            return False
        self._tried_published[g] = tried
        publishing.weave_again(self._ground, g, weaver=self._weaver)
        return True


def weave_whole(ground: Ground, rooms: Rooms, g: str, *, weaver: Weaver | None = None) -> None:
    """Weave everything that is lent to a gathering; after the telling, the reflection begins with it.

    Raises:
        Refusal: it could not be woven now. Nothing is lost, and it can be tried again.
    """
    stream = gathering_stream(g)
    made = state_of(ground, g).made
    assert made is not None
    # Asked for by its host when they closed the telling; whoever takes words back asks for nothing.
    host = Actor(made.host, guest=False)

    def then(granting: Granting) -> None:
        granting.say(stream, gathering_decisions.reflect(state_of(ground, g, granting)))

    try:
        weave_lent(
            ground,
            host,
            stream,
            title=about_of(ground, g).title,
            weaver=weaver,
            gathered=lambda: _gathered(state_of(ground, g), rooms.woven(g)),
            then=then,
        )
    except Refusal as no:
        if no.code != "weave.nothing":
            raise
        ground.road.grant(then)  # everything was taken back: there is nothing to wait for


def _gathering_of(stream: str) -> str | None:
    """The gathering that something was kept of, or of its tapestry."""
    return gathering_of(stream) or tapestry_of(stream)


def _gathered(state: Gathering, woven: dict[int, set[int]]) -> Gathered:
    told = state.told
    return Gathered(
        answers={one.tag: told[one.answers].tag for one in told if one.answers >= 0},
        live={told[r].tag: sorted(fragments) for r, fragments in woven.items()},
        n_listening=state.n_listening,
        n_open=state.n_kept_open,
    )


def _is_to_be_woven(state: Gathering) -> bool:
    return state.phase == CLOSING or (
        state.phase >= REFLECTING and state.fallen and state.n_lent > 0
    )


def _depends_on(state: Gathering) -> _Tried:
    return state.n_closings, len(state.weaves), sum(one.gone for one in state.told)
