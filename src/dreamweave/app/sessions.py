"""Sessions: who is behind a token, as of now.

A token is 256 random bits and is kept as its SHA-256, so a stolen database
opens nothing. What somebody may do is read from the node's state at each
request: taking a role away, closing a door and leaving count at once. A session
ends after 14 days away and after 90 in any case. Proving who one is, is
`signing_in`'s; cookies are `web`'s; what a device is called lies in the account.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from threading import RLock
from typing import Any, cast

from dreamweave.app.actors import Actor, owner_of
from dreamweave.app.ground import Ground
from dreamweave.app.paging import rows_of
from dreamweave.app.road import Granting
from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.keeping import Row, StoreBroken, StoreFull
from dreamweave.model.refusals import Refusal

TOKEN_BYTES = 32
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
IDLE_MS = 14 * DAY_MS
WHOLE_MS = 90 * DAY_MS
STEP_UP_MS = 5 * 60_000
# That somebody was here is written this often at most: it is nobody's diary.
SEEN_EVERY_MS = HOUR_MS
# Devices of one person. With one more, the one that was away longest is signed out.
N_SESSIONS_MAX = 50


@dataclass(frozen=True, slots=True)
class Session:
    """One device that is signed in. `row` is the hash of its token; `id` stays when that changes."""

    row: str = field(repr=False)
    id: str
    dreamer: str
    begun_ms: int
    seen_ms: int
    proved_ms: int  # when they last proved who they are

    def holds_at(self, now_ms: int) -> bool:
        return now_ms < min(self.seen_ms + IDLE_MS, self.begun_ms + WHOLE_MS)

    def to_row(self) -> Row:
        said = {
            "id": self.id,
            "begun": self.begun_ms,
            "seen": self.seen_ms,
            "proved": self.proved_ms,
        }
        return Row("sessions", self.row, owner_of(self.dreamer), canonical(said))


@dataclass(frozen=True, slots=True)
class Begun:
    """A session and its token, which nobody can read again later."""

    token: str = field(repr=False)
    session: Session


class Sessions:
    """The sessions of a node. Safe from any thread.

    `changing` is held while a session is read and written anew, so that
    signing out cannot be undone by somebody who was just noted as seen.
    """

    def __init__(self, ground: Ground, changing: RLock | None = None) -> None:
        self._ground = ground
        self._changing = changing or RLock()

    # -------------------------------------------------------------- looking

    def actor_of_token(self, token: str) -> Actor | None:
        """Who comes with this token, with the roles they have at this moment; None for nobody."""
        now_ms = self._ground.now_ms()
        session = self._session(row_of(token))
        if session is None or not session.holds_at(now_ms):
            return None
        member = self._ground.road.membership().members.get(session.dreamer)
        if member is None:
            return None
        if now_ms - session.seen_ms >= SEEN_EVERY_MS:
            self._seen(session, now_ms)
        return Actor(
            session.dreamer,
            member.guest,
            member.roles,
            session.row,
            stepped_up=now_ms < session.proved_ms + STEP_UP_MS,
            suspended=member.suspended,
        )

    def of(self, dreamer: str) -> list[Session]:
        """Somebody's sessions that hold, the one seen last first."""
        now_ms = self._ground.now_ms()
        held = [s for s in self._all(owner_of(dreamer)) if s.holds_at(now_ms)]
        return sorted(held, key=lambda s: (-s.seen_ms, s.id))

    def over(self) -> list[Session]:
        """Everybody's sessions whose time is over."""
        now_ms = self._ground.now_ms()
        return [s for s in self._all(None) if not s.holds_at(now_ms)]

    def current(self, who: Actor) -> Session:
        """The session somebody came with; refuses where it ended meanwhile."""
        session = self._session(who.session) if who.session else None
        if session is None or session.dreamer != who.dreamer:
            raise Refusal("actor.none", "This session has ended. Sign in again.")
        return session

    # -------------------------------------------------------------- within a grant

    def begun(self, dreamer: str) -> Begun:
        """A new session for somebody who just proved who they are. Kept by `put`."""
        now_ms, token = self._ground.now_ms(), self._token()
        id = self._ground.new_id()
        return Begun(token, Session(row_of(token), id, dreamer, now_ms, now_ms, now_ms))

    def renewed(self, session: Session) -> Begun:
        """The same session under another token, because its holder proved more than before."""
        now_ms, token = self._ground.now_ms(), self._token()
        return Begun(token, replace(session, row=row_of(token), seen_ms=now_ms, proved_ms=now_ms))

    def put(self, granting: Granting, begun: Begun, *, alone: bool = False) -> None:
        """Keep a begun or renewed session. What it stands for under another token goes.

        `alone`: every other session of theirs goes too.
        """
        mine = begun.session
        others = [s for s in self.of(mine.dreamer) if s.id != mine.id]
        stays = set() if alone else {s.row for s in others[: N_SESSIONS_MAX - 1]}
        granting.drops += (
            ("sessions", s.row) for s in self._all(owner_of(mine.dreamer)) if s.row not in stays
        )
        granting.puts.append(mine.to_row())

    # -------------------------------------------------------------- within

    def _token(self) -> str:
        return urlsafe_b64encode(self._ground.fresh(TOKEN_BYTES)).rstrip(b"=").decode("ascii")

    def _seen(self, session: Session, now_ms: int) -> None:
        """Note that somebody was here, where that can be done: no request waits or fails for it."""
        if not self._changing.acquire(blocking=False):
            return
        try:

            def decide(granting: Granting) -> None:
                members = self._ground.road.membership(granting).members
                held = self._session(session.row)
                if held is not None and session.dreamer in members:
                    granting.puts.append(replace(held, seen_ms=now_ms).to_row())

            self._ground.road.grant(decide)
        except (StoreFull, StoreBroken, Refusal):
            pass
        finally:
            self._changing.release()

    def _session(self, row_id: str) -> Session | None:
        row = self._ground.store.row("sessions", row_id)
        return _of_row(row) if row is not None else None

    def _all(self, owner: str | None) -> Iterator[Session]:
        return map(_of_row, rows_of(self._ground.store, "sessions", owner))


def row_of(token: str) -> str:
    """What a token is kept as."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def _of_row(row: Row) -> Session:
    said = cast(dict[str, Any], parsed(row.body, "a session"))
    dreamer = row.owner.removeprefix("dreamer/")
    return Session(row.id, said["id"], dreamer, said["begun"], said["seen"], said["proved"])
