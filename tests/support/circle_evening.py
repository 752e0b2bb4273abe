"""An evening on a node that is killed again and again: who is in it, what they wish, and what must be there.

The account is what was acknowledged, as plain lists. Compared with it is all
that can be asked for over HTTP: each report once under its number, nothing woven
moved, every screen's picture the one that is read afresh, and nothing of what
was taken back, from wherever one rejoins. Killing is `circle_lives`'.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from circle_under_fire import Person, Screen, Where, Wish, asked
from running_node import PATIENCE_S, Ear

from dreamweave.model.acts import Picture, folded

N_PEOPLE = 4
N_SCREENS = 3
# A gathering of so many lives; then another one: nobody tells without end in one evening.
LIVES_A_GATHERING = 8
REST_S = 0.7  # nothing was said for so long: all is said
WAIT_S = 90.0
SAME_S = 5.0  # screens that show something else for so long will go on doing so
SAID = (
    "the staircase goes down to the harbour and the harbour is awake",
    "a lantern asks the window for its name",
    "my grandmother carries the harbour home in a basket",
    "the window opens onto the staircase of another house",
    "there is a garden under the kitchen, and the lantern knows",
    "everybody in the garden wears my grandmother's coat",
)
FEELINGS = ("wonder", "fear", "joy", "calm", None)


@dataclass
class Came:
    n_lives: int = 0
    n_looms_killed: int = 0
    n_acknowledged: int = 0
    n_told: int = 0
    n_taken_back: int = 0
    n_repeated: int = 0
    n_frames: int = 0
    n_resyncs: int = 0
    n_rejoined: int = 0
    n_frozen: int = 0  # passages whose lanes were compared from life to life
    n_closed: int = 0  # gatherings whose closing was cut short, and which were woven after that
    n_lost: int = 0
    n_doubled: int = 0
    n_moved: int = 0
    n_left: int = 0  # words of what was taken back, still to be had
    n_strange: int = 0
    what: list[str] = field(default_factory=list)

    def odd(self, what: str) -> None:
        self.n_strange += 1
        self.what.append(what)

    @property
    def harm(self) -> int:
        return self.n_lost + self.n_doubled + self.n_moved + self.n_left + self.n_strange


class Evening:
    """A gathering that goes through several lives of its node."""

    def __init__(self, came: Came, rng: random.Random) -> None:
        self.came, self.rng = came, rng
        self.where = Where()
        self.g = self.code = ""
        self.host: Person
        self.people: list[Person] = []
        self.screens: list[Screen] = []
        self.tokens = iter(f"zq{rng.randrange(1 << 40):010x}x" for _ in range(10**9))
        self.frozen: list[tuple[int, ...]] = []
        self.laid: dict[int, tuple[int, int]] = {}
        self.n_in = 1
        self.is_closing = False

    # ------------------------------------------------------------ beginning

    def call(self, keeper: str, n: int) -> None:
        """Its host calls it, people come, screens open."""

        def key(what: str) -> dict[str, str]:
            return {"idempotency-key": f"{what}-{n:04d}-once"}

        made = asked(self.where, keeper, "POST", "/api/circles", json={"title": "A tide"},
                     headers=key("circle")).json()  # fmt: skip
        call = {"title": "A night", "begins_ms": int(time.time() * 1000), "n_expected": 24,
                "n_open": 2}  # fmt: skip
        called = asked(self.where, keeper, "POST", f"/api/circles/{made['id']}/gatherings",
                       json=call, headers=key("call")).json()  # fmt: skip
        assert "id" in called, called
        self.g, self.code = called["id"], called["code"]
        asked(self.where, keeper, "POST", f"/api/gatherings/{self.g}/phase",
              json={"phase": "telling"}, headers=key("begin"))  # fmt: skip
        self.host = Person(self.where, f"host{n:03d}", self.g, keeper, n)
        self.host.start()
        self.people = [self.host]
        for _ in range(N_PEOPLE):
            self.somebody_comes()
        for one in self.people[:N_SCREENS]:
            screen = Screen(self.where, self.g, one.token)
            screen.start()
            self.screens.append(screen)

    def somebody_comes(self) -> None:
        """A guest, in one request, which is sent until it is answered."""
        name = f"{self.host.name}guest{len(self.people):03d}"
        body = {"code": self.code, "agreed": True}
        head = {"idempotency-key": name}
        answers = [
            asked(self.where, "", "POST", "/api/gatherings/guests", json=body, headers=head)
            for _ in range(self.rng.choice((1, 1, 2)))
        ]
        if len({one.json().get("dreamer") for one in answers}) != 1:
            self.came.odd("one guest came twice")
        token = answers[-1].cookies.get("dreamweave") or ""
        person = Person(self.where, name, self.g, token, len(self.people))
        person.start()
        self.people.append(person)
        self.n_in += 1

    # ------------------------------------------------------------ doing

    def wishes(self, n: int) -> None:
        """So many things are wished for, by anybody."""
        for _ in range(n):
            here = [one for one in self.people if one.is_here]
            who = self.rng.choice(here)
            shown = sorted(self._lent())
            mine = [r for r in shown if self._teller(r) is who and self._lent()[r] in who.done]
            others = [r for r in shown if self._teller(r) is not who]
            match self.rng.choice(
                ("tell",) * 4 + ("answer", "carry", "feel", "back", "back", "go")
            ):
                case "carry" if others:
                    r, says = self.rng.choice(others), self.rng.choice((1, 1, -1, 0))
                    who.wishes("carry", "PUT", f"/reports/{r}/carries", {"says": says}, r=r)
                case "feel" if mine:
                    r, feeling = self.rng.choice(mine), self.rng.choice(FEELINGS)
                    who.wishes("feel", "PUT", f"/reports/{r}/feeling", {"feeling": feeling}, r=r)
                case "back" if mine:
                    r = self.rng.choice(mine)
                    if not any(w.what == "back" and w.more["r"] == r for w in who.queue):
                        who.wishes("back", "DELETE", f"/reports/{r}", {}, r=r)
                case "go" if who is not self.host and len(here) > N_PEOPLE:
                    if not any(s.token == who.token for s in self.screens):
                        who.is_here = False
                        who.wishes("go", "POST", "/depart", {})
                case wish:
                    to = self.rng.choice(others) if wish == "answer" and others else None
                    self.tells(who, to)

    def tells(self, who: Person, to: int | None = None) -> None:
        token = next(self.tokens)
        body = {
            "text": f"{token}: {self.rng.choice(SAID)}.",
            "lang": "en",
            "feeling": self.rng.choice(FEELINGS),
            "answers": to,
        }
        who.wishes("tell", "POST", "/reports", body, token=token)

    def closes(self) -> None:
        """Its host closes the telling: the whole is woven, and then people reflect."""
        head = {"idempotency-key": f"{self.host.name}-closes"}
        body = {"phase": "reflecting"}
        path = f"/api/gatherings/{self.g}/phase"
        asked(self.where, self.host.token, "POST", path, json=body, headers=head)
        self.is_closing = True

    def n_answered(self) -> int:
        return sum(len(one.done) for one in self.people)

    # ------------------------------------------------------------ the account

    def _done(self) -> Iterator[tuple[Person, Wish]]:
        for who in self.people:
            for wish in list(who.done):
                yield who, wish

    def _lent(self) -> dict[int, Wish]:
        """Report -> its telling, for those that were acknowledged and not taken back."""
        gone = {w.more["r"] for _, w in self._done() if w.what == "back" and w.status == 200}
        return {
            w.answer["r"]: w
            for _, w in self._done()
            if w.what == "tell" and w.status == 201 and w.answer and w.answer["r"] not in gone
        }

    def _teller(self, r: int) -> Person | None:
        for who, wish in self._done():
            if wish.what == "tell" and wish.status == 201 and (wish.answer or {}).get("r") == r:
                return who
        return None

    def _felt(self, r: int, wish: Wish) -> str | None:
        felt = wish.body["feeling"]
        for _, one in self._done():
            if one.what == "feel" and one.more["r"] == r and one.status == 200:
                felt = one.body["feeling"]
        return felt

    def _carried(self, r: int) -> int:
        says: dict[str, int] = {}
        for who, one in self._done():
            if one.what == "carry" and one.more["r"] == r and one.status == 200:
                says[who.name] = one.body["says"]
        return sum(n > 0 for n in says.values())

    # ------------------------------------------------------------ comparing

    def settle(self) -> tuple[str, Picture]:
        """Every queue is at its end and everything was said; the picture by then."""
        end = time.monotonic() + WAIT_S
        since, before = time.monotonic(), ""
        while True:
            for one in (*self.people, *self.screens):
                if one.trouble is not None:
                    raise one.trouble
            drawn = asked(self.where, self.host.token, "GET", f"/api/gatherings/{self.g}/picture")
            at, picture = drawn.json()["at"], folded(drawn.json()["acts"])
            is_idle = all(one.is_idle for one in self.people)
            if at != before or not is_idle or picture.told.keys() != self._lent().keys():
                since, before = time.monotonic(), at
            if time.monotonic() - since > REST_S and all(s.shown.at == at for s in self.screens):
                return at, picture
            if time.monotonic() > end:
                told, lent = set(picture.told), set(self._lent())
                self.came.odd(
                    f"never at rest: idle {is_idle}, lacks {lent - told}, too many {told - lent},"
                    f" at {at}, screens {[s.shown.at for s in self.screens]}"
                )
                return at, picture
            time.sleep(0.05)

    def compare(self) -> None:
        """Everything that can be asked for is what was acknowledged."""
        if self.is_closing:
            self._is_woven()
        at, picture = self.settle()
        self._compare_reports(picture)
        self._compare_picture(picture)
        self._compare_screens()
        self._look_for_what_is_gone(at)

    def _is_woven(self) -> None:
        """A closing that was cut short is gone through again, by itself."""
        path, end = f"/api/gatherings/{self.g}", time.monotonic() + WAIT_S
        while time.monotonic() < end:
            seen = asked(self.where, self.host.token, "GET", path).json()
            if seen["phase"] == "reflecting" and seen["settled"]:
                self.came.n_closed += 1
                return
            time.sleep(0.2)
        self.came.odd("the whole was never woven")

    def _compare_reports(self, picture: Picture) -> None:
        came = self.came
        tells = [w for _, w in self._done() if w.what == "tell" and w.status == 201]
        numbers = [(w.answer or {})["r"] for w in tells]
        came.n_doubled += len(numbers) - len(set(numbers))
        came.n_lost += len(set(range(len(numbers))) - set(numbers))
        words = self._words()
        beside = {one["r"]: one for one in words["reports"]}
        lent = self._lent()
        came.n_lost += len(lent.keys() - beside.keys())
        came.n_strange += len(beside.keys() - lent.keys())
        for r, wish in lent.items():
            if r not in beside:
                continue
            held = beside[r]
            want = (wish.body["text"], self._felt(r, wish), wish.body["answers"])
            if (held["text"], held["feeling"], held["answers"]) != want:
                came.odd(f"report {r} stands otherwise than it was told")
        for who in self.people:
            mine = asked(self.where, who.token, "GET", f"/api/gatherings/{self.g}/mine").json()
            own = {r for r in lent if self._teller(r) is who}
            if "mine" in mine and {one["r"] for one in mine["mine"]} != own:
                came.odd("somebody's own reports are not theirs")
        came.n_strange += sum(bool(w.strange) for _, w in self._done())
        came.what += [w.strange for _, w in self._done() if w.strange]
        gone = {r for r in numbers if r not in lent}
        if set(picture.gone) != gone:
            came.odd("what is gone is not what was taken back")

    def _compare_picture(self, picture: Picture) -> None:
        came = self.came
        for t, lanes in enumerate(picture.lanes[:-1]):
            if t < len(self.frozen):
                came.n_moved += lanes != self.frozen[t]
                came.n_frozen += 1
            else:
                self.frozen.append(lanes)
        came.n_moved += len(picture.lanes) <= len(self.frozen) - 1
        for r, told in picture.told.items():
            came.n_moved += self.laid.setdefault(r, (told.warp, told.passage)) != (
                told.warp,
                told.passage,
            )
        for r in self._lent():
            if picture.carries.get(r, 0) != self._carried(r):
                came.odd(f"{r} carries {picture.carries.get(r, 0)} and not {self._carried(r)}")
        n_gone = sum(w.what == "go" and w.status == 200 for _, w in self._done())
        if picture.seats[0] != self.n_in - n_gone:
            came.odd(f"{picture.seats[0]} are here and not {self.n_in - n_gone}")

    def _compare_screens(self) -> None:
        end = time.monotonic() + SAME_S
        # What the loom kept between two looks is on its way; what stays another is another.
        while (other := self._other_screens()) and time.monotonic() < end:
            time.sleep(0.1)
        for odd in other:
            self.came.odd(odd)
        for screen in self.screens:
            with screen.lock:
                for odd in screen.shown.strange:
                    self.came.odd(odd)
                screen.shown.strange.clear()

    def _other_screens(self) -> list[str]:
        path = f"/api/gatherings/{self.g}/picture"
        whole = folded(asked(self.where, self.host.token, "GET", path).json()["acts"]).as_acts()
        words = self._words()
        reports = {one["r"]: one for one in words["reports"]}
        motifs = {one["m"]: one["name"] for one in words["motifs"]}
        other = []
        for screen in self.screens:
            with screen.lock:
                shown = screen.shown
                for what, mine, afresh in (
                    ("acts", shown.picture.as_acts(), whole),
                    ("words", shown.reports, reports),
                    ("names", shown.motifs, motifs),
                ):
                    if mine != afresh:
                        other.append(f"a screen shows other {what} than are read afresh")
        return other

    def _look_for_what_is_gone(self, at: str) -> None:
        """Rejoin from every kind of earlier place; ask for the words; nothing is left."""
        lent = self._lent()
        gone = [
            w.more["token"]
            for _, w in self._done()
            if w.what == "tell" and w.status == 201 and (w.answer or {})["r"] not in lent
        ]
        boot, _, n = at.partition("-")
        starts = [f"{boot}-{self.rng.randrange(int(n) + 1)}" for _ in range(3)] + [f"{boot}-0"]
        starts += [f"{int(boot, 16) ^ 1:08x}-7"]  # of another run of the node
        seen = ""
        for last in starts:
            ear = Ear(self.where.port(), self.host.token, f"/api/gatherings/{self.g}/stream",
                      last=last)  # fmt: skip
            for event in ear.events():
                seen += str(event["data"])
                if event["id"] == at:
                    break
            ear.close()
            self.came.n_rejoined += 1
        for path in ("words", "picture", "mine"):
            path = f"/api/gatherings/{self.g}/{path}"
            seen += asked(self.where, self.host.token, "GET", path).text
        self.came.n_left += sum(token in seen for token in gone)

    def _words(self) -> dict[str, Any]:
        path = f"/api/gatherings/{self.g}/words"
        held: dict[str, Any] = asked(self.where, self.host.token, "GET", path).json()
        return held

    # ------------------------------------------------------------ the end

    def end(self) -> None:
        self.where.stop()
        for screen in self.screens:
            if screen.ear is not None:
                with suppress(OSError):
                    screen.ear.socket.shutdown(2)
        for one in (*self.people, *self.screens):
            one.join(PATIENCE_S)
        came = self.came
        came.n_acknowledged += sum(w.status in (200, 201) for _, w in self._done())
        came.n_told += sum(w.what == "tell" and w.status == 201 for _, w in self._done())
        came.n_taken_back += sum(w.what == "back" and w.status == 200 for _, w in self._done())
        came.n_repeated += sum(one.n_repeated for one in self.people)
        came.n_frames += sum(len(screen.shown.ids) for screen in self.screens)
        came.n_resyncs += sum(screen.shown.n_afresh for screen in self.screens)
