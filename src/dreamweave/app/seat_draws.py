"""A lottery for places: applications, the list with everybody's chance, the draw, and its record.

Tags are random and made for one draw. Which is whose, the stratum somebody put
themselves in and the nonce they leave to the node lie sealed under their own
key; in the list and the record there are tags alone. Until there is a ledger, a
checkpoint is the list's hash with the day it was published, in plain lines; how
much that shows, and what not, says `governance.seeds`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dreamweave.app.actors import Actor, owner_of, require_open, scoped
from dreamweave.app.gathering_rows import opened
from dreamweave.app.gathering_seeing import may_come, state_of
from dreamweave.app.ground import Ground
from dreamweave.app.road import Granting
from dreamweave.app.seat_rows import (
    DAY_MS,
    applications,
    applied,
    applied_place,
    body_at,
    checkpoint_of,
    list_made,
    list_place,
    listing_in,
    listing_of,
    record_place,
    secret_place,
)
from dreamweave.deciding import seat_decisions as decisions
from dreamweave.deciding.gathering_decisions import unknown
from dreamweave.deciding.gatherings import Gathering
from dreamweave.deciding.seat_draws import SeatDraw
from dreamweave.governance import listings, records
from dreamweave.governance.seats import NEVER_SEATED, STRATA_DEFAULT
from dreamweave.governance.seeds import HEX_32, sealed_nonce, sealed_secret
from dreamweave.model.canonical import canonical
from dreamweave.model.facts import circle_stream
from dreamweave.model.gathering_facts import gathering_stream
from dreamweave.model.refusals import Refusal
from dreamweave.model.seat_facts import Drawn, SeatsDrawn

# What somebody may say of themselves, if they like; never-seated is the draw's own to say.
STRATA = tuple(one.name for one in STRATA_DEFAULT if one.name != NEVER_SEATED)

_TAG = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class OwnApplication:
    """One's own application: by which tag one finds oneself in the list, and what one said."""

    tag: str
    stratum: str
    has_nonce: bool
    confirmed: bool


def open_applications(
    ground: Ground, who: Actor, g: str, closes_ms: int, *, once: str = ""
) -> None:
    """Have the free places drawn: people apply until then. The node is bound to a secret first."""
    draw, secret = ground.new_id(), ground.fresh(32).hex()

    def decide(granting: Granting) -> None:
        require_open(who)
        stream = gathering_stream(g)
        facts = decisions.open_applications(
            state_of(ground, g, granting),
            who.dreamer,
            draw,
            closes_ms=closes_ms,
            sealed_secret=sealed_secret(draw, secret),
            now_ms=ground.now_ms(),
        )
        granting.say(stream, facts)
        body = canonical({"secret": secret})
        granting.puts += ground.vault.seal(stream, secret_place(g), body).rows

    ground.road.grant(decide, once=scoped(who, once), asked=("open a draw", g, str(closes_ms)))


def apply_for(
    ground: Ground,
    who: Actor,
    g: str,
    *,
    stratum: str = "",
    tag: str = "",
    sealed: str = "",
    once: str = "",
) -> OwnApplication:
    """Put one's name down. Whoever wants to keep their own nonce brings a tag and the commitment."""
    if stratum and stratum not in STRATA:
        raise Refusal("draw.stratum", f"A reserved share is one of {', '.join(STRATA)}, or none.")
    own = bool(tag or sealed)
    if own and not (_TAG.fullmatch(tag) and HEX_32.fullmatch(sealed)):
        raise Refusal(
            "draw.commitment",
            "Bring both: a random tag of 16 to 64 letters and digits, and the commitment to your"
            " nonce as 64 hex digits. Or neither, and the node keeps a nonce for you.",
        )
    tag = tag or ground.new_id()
    nonce = "" if own else ground.fresh(32).hex()

    def decide(granting: Granting) -> None:
        require_open(who)
        state = _seen_by(ground, who, g, granting)
        facts = decisions.apply_for(state, who.dreamer, ground.now_ms())
        if not facts:
            return  # there already, and under the tag of the first time
        draw = decisions.a_draw(state)
        body = canonical(
            {
                "tag": tag,
                "stratum": stratum,
                "nonce": nonce,
                "sealed": sealed or sealed_nonce(draw.draw, tag, nonce),
            }
        )
        granting.say(gathering_stream(g), facts)
        place = applied_place(g, who.dreamer)
        granting.puts += ground.vault.seal(owner_of(who.dreamer), place, body).rows

    # Keyed: what somebody needs is not to be guessed from a hash.
    said = ground.vault.mac("asked", canonical([g, stratum, tag if own else "", sealed]))
    ground.road.grant(decide, once=scoped(who, once), asked=("apply", said))
    return _own(ground, who, g, decisions.an_application(state_of(ground, g), who.dreamer))


def withdraw(ground: Ground, who: Actor, g: str, *, once: str = "") -> None:
    """Take one's name off again; what was sealed of it is unreadable then. A closed door holds nobody."""

    def decide(granting: Granting) -> None:
        facts = decisions.withdraw(state_of(ground, g, granting), who.dreamer)
        granting.say(gathering_stream(g), facts)
        granting.things.append((owner_of(who.dreamer), applied_place(g, who.dreamer)))

    ground.road.grant(decide, once=scoped(who, once), asked=("withdraw", g), freeing=True)


def confirm(ground: Ground, who: Actor, g: str, *, once: str = "") -> None:
    """Say, with one's chance in view, that one would come. Only then does waiting in vain count."""

    def decide(granting: Granting) -> None:
        require_open(who)
        facts = decisions.confirm(state_of(ground, g, granting), who.dreamer)
        granting.say(gathering_stream(g), facts)

    ground.road.grant(decide, once=scoped(who, once), asked=("confirm", g))


def reveal(ground: Ground, who: Actor, g: str, nonce: str, *, once: str = "") -> None:
    """Open the commitment one applied with. Kept sealed until the draw."""

    def decide(granting: Granting) -> None:
        require_open(who)
        state = state_of(ground, g, granting)
        decisions.reveal(state, who.dreamer)
        held = applied(ground, g, who.dreamer)
        draw = decisions.a_draw(state)
        if not HEX_32.fullmatch(nonce) or (
            sealed_nonce(draw.draw, held["tag"], nonce) != held["sealed"]
        ):
            raise Refusal(
                "draw.nonce", "That nonce is not the one this application was sealed with."
            )
        body, place = canonical({**held, "nonce": nonce}), applied_place(g, who.dreamer)
        granting.puts += ground.vault.seal(owner_of(who.dreamer), place, body).rows

    asked = ("reveal", g, ground.vault.mac("asked", nonce.encode()))
    ground.road.grant(decide, once=scoped(who, once), asked=asked)


def list_if_due(ground: Ground, g: str) -> bool:
    """Publish the list, if applications are over and there is none; whether it was."""
    if not decisions.is_to_be_listed(state_of(ground, g), ground.now_ms()):
        return False

    def decide(granting: Granting) -> None:
        state, now_ms = state_of(ground, g, granting), ground.now_ms()
        if not decisions.is_to_be_listed(state, now_ms):
            return
        assert state.draw is not None
        body = list_made(ground, state, state.draw, now_ms)
        sha256 = listings.listing_sha256(listing_in(body)) if body else ""
        granting.say(gathering_stream(g), decisions.publish(state, sha256, now_ms))
        if body:
            granting.puts += ground.vault.seal(gathering_stream(g), list_place(g), body).rows

    ground.road.grant(decide)
    return True


def draw(ground: Ground, who: Actor, g: str, *, once: str = "") -> None:
    """The host has it drawn. Whoever was drawn may come in; for whoever had confirmed and was not,
    it counts in the Circle's next draw."""

    def decide(granting: Granting) -> None:
        require_open(who)
        state = state_of(ground, g, granting)
        held = decisions.may_draw(state, who.dreamer, ground.now_ms())
        listing = listing_of(ground, g)
        if listing is None:
            raise Refusal("draw.unlisted", "First applications close, and the list is published.")
        dreamer_of, nonces = {}, {}
        for dreamer, said in applications(ground, g, held):
            dreamer_of[said["tag"]] = dreamer
            if said["nonce"]:
                nonces[said["tag"]] = said["nonce"]
        stream = gathering_stream(g)
        made = records.decided(
            listing,
            nonces=nonces,
            checkpoint=checkpoint_of(held),
            secret=opened(ground, stream, secret_place(g), "a secret")["secret"],
        )
        seated = sorted(dreamer_of[tag] for tag in made.seated if tag in dreamer_of)
        waiting = sorted(held.confirmed & set(dreamer_of.values()) - set(seated))
        granting.say(stream, (Drawn(tuple(seated)),))
        assert state.made is not None
        day = ground.now_ms() // DAY_MS
        granting.say(
            circle_stream(state.made.circle), (SeatsDrawn(g, day, tuple(seated), tuple(waiting)),)
        )
        body = records.to_json(made)
        granting.puts += ground.vault.seal(stream, record_place(g), body).rows

    ground.road.grant(decide, once=scoped(who, once), asked=("draw", g))


# ------------------------------------------------------------------ looking


def draw_of(ground: Ground, who: Actor, g: str) -> tuple[SeatDraw | None, OwnApplication | None]:
    """The draw, and one's own application; for whoever may come or did apply."""
    held = _seen_by(ground, who, g).draw
    if held is None or who.dreamer not in held.applied:
        return held, None
    return held, _own(ground, who, g, held)


def downloaded(ground: Ground, who: Actor, g: str) -> bytes:
    """The record for `dreamweave recount`; before the draw the list, whose hash is the published one."""
    _seen_by(ground, who, g)
    body = body_at(ground, g, record_place(g)) or body_at(ground, g, list_place(g))
    if not body:
        raise Refusal("draw.unlisted", "First applications close, and the list is published.")
    return body


# ------------------------------------------------------------------ within


def _seen_by(ground: Ground, who: Actor, g: str, granting: Granting | None = None) -> Gathering:
    """A gathering with its draw; refuses whoever may not come and did not apply."""
    state = state_of(ground, g, granting)
    has_applied = state.draw is not None and who.dreamer in state.draw.applied
    if who.suspended or not (has_applied or may_come(ground, who.dreamer, state)):
        raise unknown()
    return state


def _own(ground: Ground, who: Actor, g: str, held: SeatDraw) -> OwnApplication:
    said = applied(ground, g, who.dreamer)
    return OwnApplication(
        str(said.get("tag", "")),
        str(said.get("stratum", "")),
        bool(said.get("nonce")),
        who.dreamer in held.confirmed,
    )
