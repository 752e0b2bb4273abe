"""The doors beside the journal: find, see, bring, take, hear, be warned, and look at what was lent."""

from __future__ import annotations

import io
import json
import shlex
import sys
import zipfile
from dataclasses import replace
from urllib.parse import quote

import pytest
import tones
from makers_ground import a_dreamer, a_report
from makers_web import Browser, app_of, make_house
from pictures import WITH_NOTES

from dreamweave.app.actors import Actor
from dreamweave.app.circles import join, make
from dreamweave.app.journals import keep_piece, keep_report
from dreamweave.app.lending import Offer, lend
from dreamweave.app.photos import stripped
from dreamweave.model.facts import COMMONS


class Here:
    """A house, somebody in it with a browser, and somebody else."""

    def __init__(self, house, app):
        self.house, self.ground, self.app = house, house.ground, app
        self.who, self.other = a_dreamer(self.ground), a_dreamer(self.ground)
        self.browser = self.signed_in(self.who)

    def signed_in(self, who):
        return Browser(self.app, token=self.house.sign_in(who))

    def keep(self, text="The sea came up the stairs.", who=None, **also):
        report = a_report(self.ground, text, **also)
        keep_report(self.ground, who or self.who, report)
        return report.id


@pytest.fixture(scope="module")
def node():
    """One node for all; everybody in it is new in every test."""
    house = make_house()
    a_dreamer(house.ground)  # the first one keeps it
    return house, app_of(house)


@pytest.fixture
def here(node):
    return Here(*node)


def test_what_is_looked_for_travels_in_the_body_and_finds_ones_own(here):
    mine = here.keep(title="The Tide", tags=("sea",), feeling="fear")
    here.keep("The sea of somebody else.", who=here.other)

    answer = here.browser.post("/api/search", json={"text": "SEA feeling:fear"})

    assert answer.status_code == 200
    held = answer.json()
    assert (held["n"], held["hits"]) == (
        1,
        [
            {
                "report": mine,
                "night": "2026-11-25",
                "kind": "dream",
                "feeling": "fear",
                "title": "The Tide",
                "snippet": "The sea came up the stairs.",
                "marks": [{"start": 4, "end": 7}],
                "marks_title": [],
                "tags": ["sea"],
            }
        ],
    )
    assert "newest night first" in held["ranked"]
    assert here.browser.get("/api/search?text=sea").status_code in (404, 405)
    no = here.browser.post("/api/search", json={"text": "kind:cake"})
    assert (no.status_code // 100, no.json()["code"]) == (4, "search.kind")


def test_a_year_and_patterns_are_ones_own_and_said_in_ones_language(here):
    here.keep("A lantern.", night="2026-01-01", feeling="joy")
    here.keep("A lantern.", night="2026-01-02")
    here.keep("A lantern.", night="2026-01-03", who=here.other)

    year = here.browser.get("/api/calendar?year=2026").json()
    patterns = here.browser.get("/api/patterns", headers={"accept-language": "es"}).json()

    assert (year["n_reports"], [n["night"] for n in year["nights"]]) == (
        2,
        ["2026-01-01", "2026-01-02"],
    )
    assert year["said"][0] == "In 2026 something is kept of 2 nights."
    assert patterns["images"] == [
        {"what": "word", "word": "lantern", "n_nights": 2, "nights": ["2026-01-01", "2026-01-02"]}
    ]
    assert patterns["months"] == [
        {"month": "2026-01", "kinds": {"dream": 2}, "feelings": {"joy": 1}, "n_unsaid": 1}
    ]
    assert len(patterns["said"]) == 3


def test_a_journal_is_looked_at_then_brought_once(here):
    table = b"date,dream,name\n3/4/2021,The sea.,Ann\n3/5/2021,A lamp.,Bo\n"
    how = {"content": table, "headers": {"x-file-name": quote("dreams.csv")}}

    seen = here.browser.post("/api/imports/preview?zone=Europe/Madrid", **how).json()
    assert (seen["n_new"], seen["asks_teller"], seen["asks_month_first"]) == (2, True, True)
    assert seen["tellers"] == [{"name": "Ann", "n": 1}, {"name": "Bo", "n": 1}]

    how["headers"]["x-teller"] = "Ann"
    kept = here.browser.post("/api/imports?month_first=true&zone=Europe/Madrid", **how).json()
    again = here.browser.post("/api/imports?month_first=true&zone=Europe/Madrid", **how).json()

    assert (kept["n_kept"], again["n_kept"], again["n_here"]) == (1, 0, 1)
    (report,) = here.ground.opened.reports(here.ground, here.who)
    assert (report.night, report.text) == ("2021-03-04", "The sea.")


def test_a_bomb_is_refused_at_the_door(here):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"0" * (40 << 20))

    answer = here.browser.post("/api/imports/preview", content=out.getvalue())

    assert (answer.status_code // 100, answer.json()["code"]) == (4, "zip.large")


def test_everything_leaves_after_proving_again_who_one_is(here):
    here.keep()
    no = here.browser.post("/api/export")
    assert (no.status_code, no.json()["code"]) == (403, "step_up.needed")

    proved = here.signed_in(replace(here.who, stepped_up=True))
    answer = proved.post("/api/export")

    assert answer.headers["content-type"] == "application/zip"
    assert "dreamweave-" in answer.headers["content-disposition"]
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert len(json.loads(archive.read("journal.json"))["reports"]) == 1


def test_help_to_recall_comes_with_its_sources(here):
    waking = here.browser.get("/api/prompts").json()
    evening = here.browser.get("/api/prompts?when=evening").json()

    assert waking["prompts"][0]["id"] == "still"
    assert {p["grounds"] for p in waking["prompts"]} == {"practice", "mixed", "measured"}
    assert (waking["intentions"], len(evening["intentions"])) == ([], 3)


def test_a_voice_is_written_down_where_a_program_is_set_up():
    house = make_house(transcriber=shlex.join([sys.executable, tones.__file__]))
    here = Here(house, app_of(house))
    id = here.keep()
    keep_piece(
        here.ground, here.who, id, "voice", "audio/wav", tones.sounding("A lamp in the sea.")
    )

    answer = here.browser.post(f"/api/reports/{id}/transcript", json={})
    theirs = here.signed_in(here.other).post(f"/api/reports/{id}/transcript", json={})

    assert answer.json() == {"text": "A lamp in the sea.", "lang": "en"}
    assert (theirs.status_code, theirs.json()["code"]) == (404, "report.unknown")


def test_where_none_is_set_up_a_sentence_says_so(here):
    id = here.keep()
    keep_piece(here.ground, here.who, id, "voice", "audio/wav", tones.sounding("x"))

    answer = here.browser.post(f"/api/reports/{id}/transcript", json={})

    assert (answer.status_code // 100, answer.json()["code"]) == (4, "transcript.none")


def test_before_lending_one_is_told_whom_one_names_and_how_recognisable_it_is(here):
    id = here.keep("In the kitchen my sister Ana held a lamp.", lang="en")
    asked = {
        "report": id,
        "version": 1,
        "audience": "commons",
        "naming": "unnamed",
        "start": 15,
        "end": 40,
    }

    told = here.browser.post("/api/lendings/hints", json=asked).json()

    (hint,) = told["hints"]
    assert (hint["start"], hint["end"], hint["what"], hint["keep"]) == (
        0,
        13,
        "kin",
        {"start": 0, "end": 9},
    )
    assert (told["recognisable"], told["percent"], told["looked"]) == ("fragment", 38, True)
    assert "32 people" in told["source"]


def test_a_fifth_piece_under_one_pseudonym_is_told_as_what_was_measured(here):
    for i in range(4):
        id = here.keep(f"A lamp, {i}.")
        lend(here.ground, here.who, Offer(id, 1, COMMONS, "pseudonym", name="Owl"))
    id = here.keep("Another lamp.")
    asked = {"report": id, "version": 1, "audience": "commons", "naming": "pseudonym"}

    owl = here.browser.post("/api/lendings/hints", json={**asked, "name": "Owl"}).json()
    fox = here.browser.post("/api/lendings/hints", json={**asked, "name": "Fox"}).json()

    assert (owl["recognisable"], owl["percent"]) == ("five", 88)
    assert (fox["recognisable"], fox["percent"]) == ("fragment", 38)


def test_a_lent_photograph_is_served_to_whom_it_was_lent_and_acts_on_nothing(here):
    id = here.keep("My drawing.")
    keep_piece(here.ground, here.who, id, "photo", "image/jpeg", WITH_NOTES["jpeg"][1])
    host = next(iter(here.ground.road.membership().holders("host")))
    circle = make(here.ground, Actor(host, False, frozenset({"host"})), "The tide")
    join(here.ground, here.who, circle)
    asked = {"report": id, "version": 2, "naming": "named", "name": "Ann", "photo": True}
    tags = {}
    for audience in ("commons", f"circle/{circle}"):
        answer = here.browser.post(
            "/api/lendings",
            json={**asked, "audience": audience},
            headers={"idempotency-key": f"key-{audience[:8].replace('/', '-')}"},
        )
        tags[audience] = answer.json()["tag"]
    other = here.signed_in(here.other)

    seen = other.get(f"/api/commons/words/{tags['commons']}/photo")
    hidden = other.get(f"/api/circles/{circle}/words/{tags[f'circle/{circle}']}/photo")
    mine = here.browser.get(f"/api/circles/{circle}/words/{tags[f'circle/{circle}']}/photo")

    assert seen.content == mine.content == stripped("image/jpeg", WITH_NOTES["jpeg"][1])
    assert seen.headers["content-type"] == "image/jpeg"
    assert "sandbox" in seen.headers["content-security-policy"]
    assert hidden.status_code == 404
    assert other.get(f"/api/commons/words/{'0' * 26}/photo").status_code == 404
    words = other.get(f"/api/commons/words?tags={tags['commons']}").json()["words"]
    assert [(w["text"], w["photo"]) for w in words] == [("My drawing.", "image/jpeg")]


def test_no_knot_is_no_knot(here):
    assert here.browser.get("/api/first-knot").json() == {"knot": None}


def test_nobody_gets_in_without_a_session(here):
    nobody = Browser(here.app)
    for method, path in (
        ("POST", "/api/search"),
        ("GET", "/api/calendar?year=2026"),
        ("GET", "/api/patterns"),
        ("POST", "/api/imports"),
        ("POST", "/api/export"),
        ("GET", "/api/prompts"),
        ("POST", "/api/lendings/hints"),
        ("GET", "/api/first-knot"),
        ("GET", f"/api/echo/{'0' * 26}/photo"),
    ):
        assert nobody.ask(method, path).status_code == 401, path
