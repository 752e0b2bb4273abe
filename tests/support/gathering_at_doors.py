"""A gathering that goes on, and browsers of whoever comes to its doors: for tests of doors and pages."""

from __future__ import annotations

from makers_web import Browser, SmallHouse, app_of

from dreamweave.app import circles, gatherings
from dreamweave.app.coming_in import join
from dreamweave.app.gatherings import About
from dreamweave.app.roles import give_role
from dreamweave.app.setup import setup_code

AGREED = "What is told here stays here."


class Evening:
    """A node with a gathering that goes on, and browsers of whoever comes."""

    def __init__(self, **how) -> None:
        self.house = SmallHouse()
        self.ground, self.people = self.house.ground, self.house.people
        self.house.sessions = self.people.sessions
        came = join(
            self.people,
            name="Kestrel",
            passphrase="seven stairs down",
            code=setup_code(self.ground),
        )
        self.host = self.people.sessions.actor_of_token(came.token)
        give_role(self.people, self.host, came.dreamer, "host")
        self.host = self.people.sessions.actor_of_token(came.token)
        self.circle = circles.make(self.ground, self.host, "The harbour")
        self.app = app_of(self.house)
        self.hosting = Browser(self.app, token=came.token)
        begins = {"begins_ms": self.ground.now_ms()}
        about = About("A night", agreement=AGREED)
        self.g = gatherings.make(self.ground, self.host, self.circle, about, **{**begins, **how})
        self.at = f"/api/gatherings/{self.g}"
        gatherings.begin_phase(self.ground, self.host, self.g, "telling")
        self.code = gatherings.code_of(self.ground, self.host, self.g)
        self.n_asked = 0

    def once(self) -> dict[str, str]:
        self.n_asked += 1
        return {"idempotency-key": f"a-key-of-a-test-{self.n_asked:06d}"}

    def guest(self, **more) -> Browser:
        browser = Browser(self.app)
        body = {"code": self.code, "agreed": True, **more}
        said = browser.post("/api/gatherings/guests", json=body, headers=self.once())
        assert said.status_code == 201, said.text
        return browser

    def tells(self, browser: Browser, text: str, **more) -> int:
        said = browser.post(f"{self.at}/reports", json={"text": text, **more}, headers=self.once())
        assert said.status_code == 201, said.text
        self.house.rooms.turn()
        return said.json()["r"]

    def words(self, browser: Browser, query: str = "") -> dict[int, str]:
        told = browser.get(f"{self.at}/words{query}").json()
        return {one["r"]: one["text"] for one in told["reports"]}
