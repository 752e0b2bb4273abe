"""A house full of people for tests of pages: everybody's roles, things kept, lent, and planted.

Every field that somebody may fill holds a canary that would run, break out of an
attribute or load something if it stood anywhere unescaped. All words are made up.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from makers_ground import DAY_MS, Clock, a_report, make_ground
from makers_web import SmallHouse

from dreamweave.app import circles, gatherings, invitations, telling
from dreamweave.app.actors import Actor
from dreamweave.app.coming_in import come_as_guest, join
from dreamweave.app.gatherings import About
from dreamweave.app.ground import Limits
from dreamweave.app.journals import keep_report
from dreamweave.app.lending import Offer, lend
from dreamweave.app.me import change_own
from dreamweave.app.roles import give_role
from dreamweave.app.setup import setup_code
from dreamweave.app.signing_in import sign_in
from dreamweave.app.telling import Telling
from dreamweave.model.facts import COMMONS

PASSPHRASE = "four words about nothing"
CANARY = "\"'><script>window.CANARY=1</script><img src=x onerror=window.CANARY=1>{{7*7}}</textarea>"

LINES = (
    ("The stairs went down into the sea and nobody minded.", "wonder", 3),
    ("A hare read my letters aloud to the whole tram.", "joy", 2),
    ("Grandmother was kneading the moon. It would not rise.", "tenderness", 2),
    ("I carried a door through the market.", "longing", 3),
    ("Someone had folded my street and put it in a drawer.", "fear", 2),
    ("The orchard spoke in the voice of my school bell.", "calm", 1),
    ("I shouted and only birds came out.", "anger", 3),
    ("The lake had been switched off for cleaning.", "sorrow", 2),
    ("We waited for a train made of bread.", None, None),
    ("حلمت أن البحر صعد الدرج.", "wonder", 1),
)


@dataclass
class FullHouse:
    """The house, a token for each role, and ids that stand in addresses."""

    house: SmallHouse
    tokens: dict[str, str] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)


def full_house(**settings: object) -> FullHouse:
    """A week in a house: a keeper who is also steward and host, dreamers, a guest, a newcomer."""
    clock = Clock(1_795_000_000_000 - 6 * DAY_MS)
    on = make_ground(clock=clock, limits=Limits(crowd_min=2))
    house = SmallHouse(ground=on)
    people = house.people
    house.sessions = people.sessions
    for name, value in settings.items():
        setattr(house.settings, name, value)
    full = FullHouse(house)

    came = join(
        people,
        name="Kestrel",
        passphrase=PASSPHRASE,
        code=setup_code(on),
        zone="Europe/Madrid",
    )
    keeper = people.sessions.actor_of_token(came.token)
    for role in ("steward", "host"):
        give_role(people, keeper, came.dreamer, role)
    keeper = people.sessions.actor_of_token(came.token)

    def member(name: str) -> Actor:
        code = invitations.invite(people, keeper, opens="member").code
        joined = join(people, name=name, passphrase=PASSPHRASE, code=code, zone="Europe/Madrid")
        return people.sessions.actor_of_token(joined.token)

    def guest() -> str:
        code = invitations.invite(people, keeper, opens="guest").code
        return come_as_guest(people, code=code).token

    tellers = [member(name) for name in ("Ines", "Noor", "Mateo", "Hana")]
    member("Newcomer")
    circle = circles.make(on, keeper, "The Harbour at Four", "What the water brings back.")
    canary = circles.make(on, keeper, CANARY[:110], CANARY)
    for which in (circle, canary):
        code = invitations.invite(people, keeper, opens="circle", circle=which, n_uses=9).code
        for who in tellers:
            invitations.enter_circle(people, who, code)

    chance = random.Random(5)
    for day in range(7):
        for k in range(4):
            text, felt, strong = LINES[chance.randrange(len(LINES))]
            who = tellers[k]
            night = f"2026-11-{12 + day:02d}"
            told = a_report(
                on,
                text,
                feeling=felt,
                intensity=strong,
                night=night,
                told_at=f"{night}T07:10:00+01:00",
                tags=("sea",) if k == 0 else (),
            )
            keep_report(on, who, told)
            stream = (COMMONS, f"circle/{circle}", "echo", COMMONS)[(day + k) % 4]
            named = "named" if (day + k) % 2 else "unnamed"
            offer = Offer(told.id, 1, stream, named, name="Ines" if named == "named" else "")
            lend(on, who, offer)
        if day < 6:
            clock.pass_ms(DAY_MS)

    ines = tellers[0]
    planted = a_report(
        on,
        CANARY + "\n" + CANARY,
        title=CANARY,
        tags=(CANARY[:40],),
        kept_out=CANARY,
        feeling="fear",
        intensity=3,
        drawing="M10 10L90 90Q20 30 40 50",
        night="2026-11-18",
        told_at="2026-11-18T06:30:00+01:00",
    )
    keep_report(on, ines, planted)
    lent = lend(on, ines, Offer(planted.id, 1, COMMONS, "pseudonym", name=CANARY[:80]))
    lend(on, ines, Offer(planted.id, 1, f"circle/{canary}", "named", name=CANARY[:80]))
    lend(on, ines, Offer(planted.id, 1, "research", "unnamed", until_ms=clock() + 30 * DAY_MS))
    keep_report(on, ines, a_report(on, "", kind="none", night="2026-11-17"))
    keep_report(on, ines, a_report(on, "", kind="white", night="2026-11-16", voice=None))
    own = {"shown_name": "Ines <b>", "evening_intention": CANARY, "echo": True}
    change_own(people, ines, own)
    ended = a_report(on, "A line that was lent and taken back.")
    keep_report(on, ines, ended)

    met, code = _gathered(full, keeper, circle, tellers)
    for role, name in (("keeper", "Kestrel"), ("dreamer", "Ines"), ("newcomer", "Newcomer")):
        device = CANARY[:50] if role == "dreamer" else "Firefox, Linux"
        full.tokens[role] = sign_in(people, name=name, passphrase=PASSPHRASE, device=device).token
    full.tokens["guest"] = guest()
    full.actors = {r: people.sessions.actor_of_token(t) for r, t in full.tokens.items()}
    full.ids = {
        "report": planted.id,
        "lending": lent.lending,
        "circle": circle,
        "canary": canary,
        "ended": ended.id,
        "gathering": met,
        "code": code,
    }
    return full


def _gathered(full: FullHouse, host: Actor, circle: str, tellers: list[Actor]) -> tuple[str, str]:
    """A gathering that goes on, with something planted in every field, and one that begins soon."""
    house, on = full.house, full.house.ground
    words = dict.fromkeys(("theme", "why", "whom", "invited", "missing", "agreement"), CANARY)
    about = About(CANARY[:110], **words, feelings={"fear": CANARY[:40]}, zone="Europe/Madrid")
    how = {"named": True, "entry": "open", "n_open": 2, "begins_ms": on.now_ms()}
    g = gatherings.make(on, host, circle, about, **how)
    gatherings.begin_phase(on, host, g, "telling")
    for who in tellers:
        gatherings.enter(house.people, who, g, agreed=True, name=CANARY[:60])
        r = telling.tell(on, who, g, Telling(CANARY, note=CANARY[:100], feeling="fear")).r
    telling.report_to_host(on, tellers[0], g, r, CANARY)
    gatherings.approve(on, host, g, yes=True)
    telling.tell(on, tellers[1], g, Telling("A line that waits. " + CANARY))
    gatherings.mute(on, host, g, 2, yes=True, why=CANARY)
    soon = on.now_ms() + 20 * 3_600_000
    gatherings.make(on, host, circle, About("Tomorrow night"), begins_ms=soon)
    house.rooms.turn()
    return g, gatherings.code_of(on, host, g)


# Every page, for whom: a = anybody, d = whoever is in, m = with an account, k = the keeper.
PAGES: tuple[tuple[str, str], ...] = (
    ("/", "adk"),
    ("/about", "ad"),
    ("/help", "ad"),
    ("/receipts", "ad"),
    ("/join", "a"),
    ("/guest", "a"),
    ("/sign-in", "a"),
    ("/return", "a"),
    ("/tell", "d"),
    ("/tell?kind=none", "d"),
    ("/tell/shell?lang=en", "a"),
    ("/journal", "d"),
    ("/reports/{report}", "d"),
    ("/reports/{report}/edit", "d"),
    ("/reports/{report}/forget", "d"),
    ("/reports/{report}/lend", "d"),
    ("/lendings", "d"),
    ("/lendings/{lending}", "d"),
    ("/search", "d"),
    ("/calendar", "d"),
    ("/calendar?year=2019", "d"),
    ("/patterns", "d"),
    ("/print", "d"),
    ("/import", "d"),
    ("/export", "d"),
    ("/evening", "d"),
    ("/commons", "d"),
    ("/circles", "dk"),
    ("/circles/{circle}", "dk"),
    ("/circles/{canary}", "d"),
    ("/circles/{circle}/gather", "k"),
    ("/gatherings", "dk"),
    ("/gatherings/{gathering}/enter", "d"),
    ("/gatherings/{gathering}/host", "k"),
    ("/gatherings/{gathering}/scribe", "d"),
    ("/gatherings/{gathering}/floor", "d"),
    ("/gatherings/{gathering}/draw", "dk"),
    ("/gatherings/{gathering}/lenses", "dk"),
    ("/gatherings/{gathering}/reflect", "d"),
    ("/g", "ad"),
    ("/g/{code}", "adk"),
    ("/g/{code}?paper", "ad"),
    ("/g/{code}/kiosk", "ad"),
    ("/tapestries", "dk"),
    ("/invitations", "dk"),
    ("/me", "d"),
    ("/leave", "d"),
    ("/members", "k"),
    ("/keeper", "k"),
    ("/no-such-page", "ad"),
    ("/reports/00000000000000000000000000", "d"),
)
# What a guest and a newcomer meet too: the pages without an id of somebody else's in them.
OPEN_TO_ALL = tuple(path for path, who in PAGES if "d" in who and "{" not in path)
