"""The pages of gatherings by plain forms: called, entered, told in, hosted, and put on paper."""

from __future__ import annotations

import html
import re

import pytest
from gathering_at_doors import AGREED, Evening
from makers_ground import DAY_MS
from reading_pages import read

from dreamweave.app import gatherings
from dreamweave.app.gathering_tonight import tonight
from dreamweave.app.gatherings import About
from dreamweave.app.me import change_own
from dreamweave.web.pages.gatherings_rhythm import STEPS, rhythm

HOUR_MS = 3_600_000


@pytest.fixture
def evening():
    return Evening()


def once_in(page: str) -> str:
    return re.search(r'name="once" value="([^"]+)"', page)[1]


def press(evening, do: str, value: str = "", **more):
    return evening.hosting.post(
        f"/gatherings/{evening.g}/host", data={"do": do, "value": value, **more}
    )


# ------------------------------------------------------------------ a whole evening, without a script


def test_an_evening_goes_by_with_forms_alone_and_no_address_carries_a_word(evening):
    host, went = evening.hosting, []

    def post(browser, path, **form):
        said = browser.post(path, data={"once": f"form-{len(went):012d}", **form})
        assert said.status_code == 303, (path, said.text)
        went.append(said.headers["location"])
        evening.house.rooms.turn()
        return said.headers["location"]

    form = host.get(f"/circles/{evening.circle}/gather")
    assert form.status_code == 200
    asked = {"title": "The night after", "begins": "2026-11-20T19:30", "zone": "Europe/Madrid"}
    asked |= {"n_expected": "12", "n_places": "0", "n_open": "1", "missing": "The night drivers."}
    at = post(host, f"/circles/{evening.circle}/gather", **asked)
    g = re.match(r"/gatherings/(\w+)/host", at)[1]
    assert post(host, f"/gatherings/{g}/host", do="phase", value="telling").endswith("said=changed")
    code = gatherings.code_of(evening.ground, evening.host, g)

    guest = type(host)(evening.app)
    assert post(guest, "/g", code=code.lower()) == f"/g/{code}"
    assert "The night drivers." in guest.get(f"/g/{code}").text
    asked = {"as": "tell", "agreed": "yes"}
    assert post(guest, f"/g/{code}/guest", **asked) == f"/gatherings/{g}?write=1#tell"
    assert guest.get(f"/gatherings/{g}").status_code == 200

    told = post(guest, f"/gatherings/{g}/tell", text="Pumpernickel on the stairs.", feeling="joy")
    assert told == f"/gatherings/{g}?said=told-here#r0"
    assert "Pumpernickel" in host.get(f"/gatherings/{g}").text
    post(host, f"/gatherings/{g}/carry", r="0", says="1")
    post(host, f"/gatherings/{g}/tell", text="The stairs again, with umbrellas.", answers="0")
    post(guest, f"/gatherings/{g}/feel", r="0", feeling="calm", intensity="2")
    post(guest, f"/gatherings/{g}/flag", r="1", why="Pumpernickel is mine.")
    assert "Pumpernickel is mine." in host.get(f"/gatherings/{g}/host").text
    post(guest, f"/gatherings/{g}/listen", listening="yes")
    post(host, f"/gatherings/{g}/open-seats", n="1")
    post(guest, f"/gatherings/{g}/take-back", r="0")
    assert "Pumpernickel on" not in host.get(f"/gatherings/{g}").text
    assert post(guest, f"/gatherings/{g}/depart") == "/gatherings?said=went-out"

    assert not any(re.search("umpernickel|umbrella|drivers", one) for one in went)


def test_coming_in_is_one_press_for_a_guest_and_for_whoever_is_signed_in(evening):
    guest = type(evening.hosting)(evening.app)
    page = guest.get(f"/g/{evening.code}").text
    form = re.search(r'<form class="into".*?</form>', page, re.DOTALL)[0]

    # Everything that the form sends stands in it already; three buttons, and no field.
    assert re.findall(r'<button[^>]* value="(\w+)"', form) == ["tell", "other", "listen"]
    assert set(re.findall(r'<input[^>]* type="(\w+)"', form)) <= {"hidden"}
    assert AGREED in form
    sent = dict(re.findall(r'name="(once|agreed|zone)" value="([^"]*)"', form))
    said = guest.post(f"/g/{evening.code}/guest", data={**sent, "as": "listen"})

    assert said.headers["location"] == f"/gatherings/{evening.g}"
    assert guest.get(f"/api/gatherings/{evening.g}").json()["listening"]
    again = guest.get(f"/g/{evening.code}").text
    assert f'href="/gatherings/{evening.g}"' in again
    assert 'class="into"' not in again


def test_a_press_on_a_page_from_before_signing_in_comes_in_as_whom_one_is_signed_in(evening):
    before = evening.hosting.get(f"/api/gatherings/{evening.g}").json()["n_here"]

    said = evening.hosting.post(
        f"/g/{evening.code}/guest", data={"as": "listen", "agreed": "yes", "once": "a" * 12}
    )

    assert said.status_code == 303
    assert "set-cookie" not in said.headers
    assert evening.hosting.get(f"/api/gatherings/{evening.g}").json()["n_here"] == before


def test_a_call_that_is_refused_says_why_and_keeps_its_doors(evening):
    press(evening, "door", "yes")
    guest = type(evening.hosting)(evening.app)

    said = guest.post(f"/g/{evening.code}/guest", data={"as": "tell", "agreed": "yes"})

    assert said.status_code == 422
    assert "The door is shut for now" in said.text
    assert 'class="into"' in said.text


def test_a_code_that_opens_nothing_stands_in_the_field_again_and_in_no_address(evening):
    guest = type(evening.hosting)(evening.app)

    said = guest.post("/g", data={"code": "AAA-AAA"})

    assert (said.status_code, "location" in said.headers) == (422, False)
    assert 'value="AAA-AAA"' in said.text
    assert guest.get("/g/AAA-AAA").status_code == 422


# ------------------------------------------------------------------ what a call shows


def test_a_call_says_when_in_the_reader_s_own_zone(evening):
    begins = evening.ground.now_ms() + 3 * DAY_MS
    g = gatherings.make(
        evening.ground,
        evening.host,
        evening.circle,
        About("Later", zone="Europe/Madrid"),
        begins_ms=begins,
    )
    code = gatherings.code_of(evening.ground, evening.host, g)
    stranger = type(evening.hosting)(evening.app)

    theirs = stranger.get(f"/g/{code}").text
    change_own(evening.people, evening.host, {"zone": "Asia/Tokyo"})
    mine = evening.hosting.get(f"/g/{code}").text

    assert (f'data-ms="{begins}"', "Europe/Madrid" in theirs) == (f'data-ms="{begins}"', True)
    assert f'data-ms="{begins}"' in theirs
    assert "Asia/Tokyo" in mine
    times = [re.search(r"<time[^>]*>([^<]+)", one)[1] for one in (theirs, mine)]
    assert times[0] != times[1]


def test_the_paper_has_the_code_in_large_letters_and_as_a_picture(evening):
    page = evening.hosting.get(f"/g/{evening.code}?paper").text

    assert f'<p class="code-large"><span class="code">{evening.code}</span></p>' in page
    qr = re.search(r'<div class="qr"[^>]*>(<svg.*?</svg>)', page, re.DOTALL)[1]
    assert "viewBox" in qr
    assert "width=" not in re.match("<svg[^>]*>", qr)[0]  # it fills its place
    assert f"/g/{evening.code}" in html.unescape(page)
    assert read(page).h1 == 1


def test_a_call_is_read_in_the_language_one_presses(evening):
    guest = type(evening.hosting)(evening.app)
    path = f"/g/{evening.code}"
    page = guest.get(path).text
    assert page.count(f'name="back" value="{path}"') >= 2

    guest.post("/language", data={"lang": "ar", "back": path})

    said = read(guest.get(path).text)
    assert (said.lang, said.dir) == ("ar", "rtl")


@pytest.mark.parametrize(
    ("hours", "step"),
    [(48, 0), (40, 0), (23, 0), (22, 1), (16, 1), (15, 2), (1, 2), (-1, 2)],
)
def test_the_rhythm_before_a_gathering_follows_the_clock_of_its_place(hours, step):
    begins = 1_795_028_400_000  # eight in the evening in Madrid
    steps = rhythm(0, begins, "Europe/Madrid", begins - hours * HOUR_MS)

    assert [one.is_now for one in steps].index(True) == step
    assert [one.is_over for one in steps] == [i < step for i in range(6)]


def test_the_rhythm_follows_the_phases():
    now = [
        next(one.name for one in rhythm(phase, 0, "UTC", 0) if one.is_now) for phase in range(1, 5)
    ]

    assert now == [STEPS[3], STEPS[4], STEPS[4], STEPS[5]]


# ------------------------------------------------------------------ the host's page


def test_a_live_page_shows_the_rhythm_and_leads_wherever_one_may_go(evening):
    at = f"/gatherings/{evening.g}"
    guest = evening.guest()
    pages = {"guest": guest.get(at).text, "host": evening.hosting.get(at).text}

    for page in pages.values():
        now = re.findall(r'<li aria-current="step"><span>([^<]+)</span>', page)
        assert (now, page.count('<li class="over">')) == (["gathering"], 3)
        assert f'href="{at}/scribe"' in page
        assert f'href="{at}/draw"' not in page
    # Whoever has an account comes back with their passphrase.
    assert "Make a return key" in pages["guest"]
    assert "Make a return key" not in pages["host"]
    press(evening, "phase", "closed")
    assert f'href="{at}/scribe"' not in guest.get(at).text

    out = re.search(rf'<form method="post" action="{at}/depart".*?</form>', pages["guest"], re.S)[0]
    went = guest.post(f"{at}/depart", data={"once": once_in(out)})
    assert went.headers["location"].endswith("said=went-out")
    assert guest.get(at).headers["location"] == f"{at}/enter"


def test_where_places_are_few_a_live_page_leads_to_the_lottery():
    evening = Evening(n_places=5)
    listening = evening.guest(listening=True)

    page = listening.get(f"/gatherings/{evening.g}").text

    assert f'href="/gatherings/{evening.g}/draw"' in page


def test_the_host_s_page_shows_what_waits_what_was_flagged_and_what_to_do_about_harm(evening):
    guest = evening.guest()
    evening.tells(guest, "It is shown.")
    guest.post(f"{evening.at}/reports/0/flag", json={"why": "It names her."})
    press(evening, "approval", "yes")
    guest.post(f"{evening.at}/reports", json={"text": "It waits."}, headers=evening.once())

    page = evening.hosting.get(f"/gatherings/{evening.g}/host").text

    for said in ("It waits.", "It names her.", "It is shown.", evening.code, 'href="tel:112"'):
        assert said in page
    assert "When somebody tells of harm" in page
    for path in ("scribe", "?view=projector"):
        assert path in page
    assert f"/g/{evening.code}/kiosk" in page
    assert press(evening, "release", r="1").headers["location"].endswith("#waiting")
    evening.house.rooms.turn()
    assert evening.words(guest) == {0: "It is shown.", 1: "It waits."}


@pytest.mark.parametrize("do", ["mute", "remove", "drop"])
def test_what_somebody_is_told_the_reason_of_is_not_done_without_one(evening, do):
    guest = evening.guest()
    evening.tells(guest, "It is shown.")

    said = press(evening, do, seat="1", r="0", why="  ")

    assert said.status_code == 422
    assert "Say why" in said.text
    assert not guest.get(evening.at).json()["muted"]
    assert evening.words(guest) == {0: "It is shown."}
    assert press(evening, do, seat="1", r="0", why="Leave her out.").status_code == 303


def test_every_press_of_the_host_s_page_is_a_thing_the_door_does(evening):
    guest = evening.guest()
    evening.tells(guest, "It is shown.")
    guest.post(f"{evening.at}/reports/0/flag", json={"why": "It names her."})
    seen = set()
    for do, value in (("", ""), ("approval", "yes"), ("hold", "yes"), ("door", "yes")):
        if do:
            press(evening, do, value)
        guest.post(f"{evening.at}/reports", json={"text": "Waits."}, headers=evening.once())
        page = evening.hosting.get(f"/gatherings/{evening.g}/host").text
        seen |= set(re.findall(r'name="do" value="([\w-]+)"', page))
    press(evening, "hold", "no")
    press(evening, "mute", seat="1", why="Listen.")
    page = evening.hosting.get(f"/gatherings/{evening.g}/host").text
    seen |= set(re.findall(r'name="do" value="([\w-]+)"', page))

    known = "approval door drop hold mute open-seat phase release remove rest slow unmute"
    assert seen == set(known.split())
    assert press(evening, "dance").status_code == 422


def test_a_form_that_was_refused_has_what_was_typed(evening):
    typed = {"title": "", "why": "Because of the flood.", "begins": "2026-11-20T19:30"}
    numbers = {"n_expected": "12", "n_places": "0", "n_open": "1", "zone": "Europe/Madrid"}
    path = f"/circles/{evening.circle}/gather"

    said = evening.hosting.post(path, data={**typed, **numbers})
    assert said.status_code == 422
    assert "Because of the flood." in said.text
    assert 'value="2026-11-20T19:30"' in said.text

    for field, value in (
        ("begins", "tomorrow"),
        ("begins", "2026-11-20T19:30+02:00"),
        ("zone", "Nowhere/Land"),
        ("n_open", "many"),
        ("n_expected", "-3"),
        ("method", "seance"),
        ("begins", "1999-01-01T00:00"),
    ):
        asked = {"title": "A night", **typed, **numbers, "title": "A night", field: value}  # noqa: F601
        said = evening.hosting.post(path, data=asked)
        assert said.status_code == 422, (field, value)
        assert 'role="alert"' in said.text


# ------------------------------------------------------------------ tonight, and the Circle's page


def test_what_goes_on_is_the_first_thing_on_the_first_page():
    closed, opened = Evening(), Evening(entry="open")
    for one, code in ((closed, ""), (opened, opened.code)):
        stranger = type(one.hosting)(one.app)
        page = stranger.get("/").text
        assert ('class="going"' in page) == bool(code)
        assert ("A night" in page) == bool(code)
        mine = one.hosting.get("/").text
        assert mine.index("A night") < mine.index("Crescent Circle</h1>")
        assert f'href="/gatherings/{one.g}"' in mine
    assert f'href="/g/{opened.code}"' in type(opened.hosting)(opened.app).get("/").text


def test_what_goes_on_comes_before_what_begins_soon_and_what_is_far_away_is_not_tonight(evening):
    ground, host = evening.ground, evening.host
    now = ground.now_ms()
    soon, far = (
        gatherings.make(ground, host, evening.circle, About(title), begins_ms=now + ms)
        for title, ms in (("Soon", 20 * HOUR_MS), ("Far", 9 * DAY_MS))
    )
    assert tonight(ground, host).id == evening.g
    gatherings.begin_phase(ground, host, evening.g, "closed")
    assert tonight(ground, host).id == soon
    gatherings.begin_phase(ground, host, soon, "closed")
    assert tonight(ground, host) is None
    ground.now_ms.pass_ms(8 * DAY_MS + HOUR_MS)
    assert tonight(ground, host).id == far
    assert tonight(ground, None) is None


def test_a_circle_s_page_lists_its_gatherings_and_lets_its_host_call_one(evening):
    page = evening.hosting.get(f"/circles/{evening.circle}").text

    assert f'href="/gatherings/{evening.g}"' in page
    assert f'href="/circles/{evening.circle}/gather"' in page
