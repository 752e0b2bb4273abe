"""Forms without a script: what is sent twice is kept once, and what was typed is never lost."""

from __future__ import annotations

import html
import re

import pytest
from makers_ground import a_report
from makers_pages import PASSPHRASE, full_house
from makers_web import Browser, app_of

from dreamweave.app.journals import keep_report, reports
from dreamweave.app.lending import Offer, lend
from dreamweave.model.refusals import Refusal
from dreamweave.web.pages.uploading import parts_of


@pytest.fixture(scope="module")
def full():
    return full_house()


@pytest.fixture(scope="module")
def app(full):
    made = app_of(full.house)
    made.state.limiter.kinds = {}
    return made


@pytest.fixture
def dreamer(full, app):
    return Browser(app, token=full.tokens["newcomer"])


def kept(full):
    return reports(full.house.ground, full.actors["newcomer"])


def fields(page):
    """The hidden fields of a page's main form, as a browser would send them back."""
    form = page.text.partition('<form id="tell"')[2]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found}


def test_telling_twice_by_a_double_tap_keeps_one(full, dreamer):
    sent = {**fields(dreamer.get("/tell")), "text": "Snow, upward.", "kind": "dream"}
    before = len(kept(full))

    first = dreamer.post("/tell", data=sent)
    again = dreamer.post("/tell", data=sent)

    assert first.status_code == again.status_code == 303
    assert first.headers["location"] == again.headers["location"]
    assert len(kept(full)) == before + 1


def test_everything_of_a_report_comes_from_the_form(full, dreamer):
    sent = {
        **fields(dreamer.get("/tell")),
        "text": "A train made of bread.",
        "title": "  Bread ",
        "kind": "memory",
        "feeling": "joy",
        "intensity": "3",
        "tags": "train, bread،سفر ,, train",
        "kept_out": "a night shift",
        "night": "2026-11-02",
        "zone": "Asia/Kolkata",
        "lang": "ar",
    }
    where = dreamer.post("/tell", data=sent).headers["location"]

    told = next(r for r in kept(full) if r.text == "A train made of bread.")
    assert where == f"/reports/{told.id}?said=kept"
    assert (told.kind, told.feeling, told.intensity, told.title) == ("memory", "joy", 3, "Bread")
    assert (told.tags, told.kept_out) == (("train", "bread", "سفر"), "a night shift")
    assert (told.night, told.zone, told.lang) == ("2026-11-02", "Asia/Kolkata", "ar")


def test_nothing_this_morning_is_one_tap_and_a_real_entry(full, dreamer):
    sent = [(n, v) for n, v in fields(dreamer.get("/tell")).items()]
    sent += [("kind", "dream"), ("text", ""), ("kind", "none")]
    body = "&".join(f"{n}={v.replace(':', '%3A').replace('+', '%2B')}" for n, v in sent)

    answer = dreamer.post(
        "/tell",
        content=body,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )

    assert answer.headers["location"] == "/journal?said=nothing"
    assert any(r.kind == "none" and not r.text for r in kept(full))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": "  "}, "There is nothing to keep yet"),
        ({"night": "yesterday"}, "The night is a date"),
        ({"tags": ",".join(f"t{i}" for i in range(30))}, "There may be 24 tags"),
        ({"title": "x" * 300}, "A title holds up to 200"),
        ({"drawing": "<script>"}, "A drawing is SVG path data"),
    ],
)
def test_a_refusal_brings_the_page_back_with_every_word_in_it(full, dreamer, wrong, said):
    text = "</textarea><script>1</script> & “words”"
    sent = {**fields(dreamer.get("/tell")), "text": text, "kind": "dream", **wrong}
    before = len(kept(full))

    answer = dreamer.post("/tell", data=sent)

    assert answer.status_code == 422
    assert said in html.unescape(answer.text)
    if "text" not in wrong:
        assert html.escape(text, quote=False).replace("“", "“") in answer.text.replace("&#34;", '"')
    assert "<script>1" not in answer.text
    assert len(kept(full)) == before


def test_a_change_over_somebody_elses_change_is_told_and_overwrites_nothing(full, dreamer):
    sent = {**fields(dreamer.get("/tell")), "text": "First words.", "kind": "dream"}
    where = dreamer.post("/tell", data=sent).headers["location"].split("?")[0]
    old = fields(dreamer.get(f"{where}/edit"))
    dreamer.post(f"{where}/edit", data={**old, "text": "Second words.", "kind": "dream"})

    answer = dreamer.post(
        f"{where}/edit",
        data={**old, "once": "another-one-0001", "text": "Third words.", "kind": "dream"},
    )

    assert answer.status_code == 409
    assert "changed on another device" in answer.text
    assert "Third words." in answer.text
    assert "Second words." in dreamer.get(where).text


def test_what_is_looked_for_stands_in_no_address(full, dreamer):
    keep_report(
        full.house.ground, full.actors["newcomer"], a_report(full.house.ground, "Warm bread.")
    )

    answer = dreamer.post("/search", data={"text": "bread"})
    assert answer.status_code == 200
    assert "<mark>bread</mark>" in answer.text
    assert 'action="/search"' in answer.text
    assert 'method="post"' in answer.text.partition('action="/search"')[0][-40:]
    refused = dreamer.post("/search", data={"text": "kind:nonsense"})
    assert (refused.status_code, "A kind is one of" in refused.text) == (422, True)


def test_signing_in_says_the_same_to_a_wrong_name_and_a_wrong_passphrase(app):
    wrong = [
        Browser(app).post("/sign-in", data={"name": name, "passphrase": "not this one at all"})
        for name in ("Ines", "Nobody at all")
    ]
    assert [a.status_code for a in wrong] == [401, 401]
    said = [re.search(r'role="alert"[^>]*>([^<]*)', a.text)[1] for a in wrong]
    assert said[0] == said[1]
    assert "not this one" not in wrong[0].text


def test_grave_things_ask_for_the_passphrase_in_the_same_form(full, app):
    code = full.house.people
    from dreamweave.app import invitations
    from dreamweave.app.coming_in import join
    from dreamweave.app.signing_in import sign_in

    invited = invitations.invite(code, full.actors["keeper"], opens="member").code
    join(code, name="Leaver", passphrase=PASSPHRASE, code=invited)
    token = sign_in(code, name="Leaver", passphrase=PASSPHRASE).token
    browser = Browser(app, token=token)
    clock = full.house.ground.now_ms
    clock.pass_ms(6 * 60_000)  # the proof of signing in is over

    assert "Your passphrase once more" in browser.get("/leave").text
    wrong = browser.post("/leave", data={"sure": "yes", "passphrase": "wrong words here"})
    assert (wrong.status_code, "not your passphrase" in wrong.text) == (401, True)
    unsure = browser.post("/leave", data={"passphrase": PASSPHRASE})
    assert "Tick that you are sure" in unsure.text

    left = browser.post("/leave", data={"sure": "yes", "passphrase": PASSPHRASE})
    assert (left.status_code, left.headers["location"]) == (303, "/?said=left")
    assert Browser(app, token=token).get("/journal").status_code == 401


def test_a_receipt_is_checked_by_anybody(full, app, dreamer):
    mine = Browser(app, token=full.tokens["dreamer"])
    receipt = mine.get(f"/lendings/{full.ids['lending']}/receipt").text

    assert "It holds" in Browser(app).post("/receipts", data={"receipt": receipt}).text
    changed = receipt.replace('"sale":false', '"sale":true')
    assert changed != receipt
    assert "It does not hold" in Browser(app).post("/receipts", data={"receipt": changed}).text
    nonsense = Browser(app).post("/receipts", data={"receipt": "{}"})
    assert "not a receipt of lending" in nonsense.text


# ------------------------------------------------------------------ uploads


TYPE = "multipart/form-data; boundary=xyz"


def test_the_parts_of_an_upload_are_read_as_a_browser_sends_them():
    body = (
        b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="d.csv"\r\n'
        b"Content-Type: text/csv\r\n\r\na\r\nb\r\n--xyz\r\n"
        b'Content-Disposition: form-data; name="pasted"\r\n\r\nline\r\nline\r\n--xyz--\r\n'
    )
    file, pasted = parts_of(TYPE, body)
    assert (file.name, file.filename, file.data) == ("file", "d.csv", b"a\r\nb")
    assert (pasted.name, pasted.filename, pasted.text()) == ("pasted", "", "line\nline")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b""),
        (TYPE, b""),
        (TYPE, b"--xyz--"),
        (TYPE, b"--xyz\r\n\r\nno head\r\n--xyz--"),
        (TYPE, b"--xyz\r\nContent-Disposition: form-data\r\n\r\nx\r\n--xyz--"),
        (TYPE, b'--xyz\r\nContent-Disposition: form-data; name="a"\r\n\r\nnever ends'),
        (TYPE, b"--xyz\r\n" + b"x" * 5000 + b"\r\n\r\nx\r\n--xyz--"),
        (
            TYPE,
            b"--xyz"
            + b'\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--xyz' * 99
            + b"--",
        ),
    ],
)
def test_an_upload_that_is_none_is_refused(kind, body):
    with pytest.raises(Refusal) as no:
        parts_of(kind, body)
    assert no.value.code == "form.broken"


def test_a_circle_shows_feelings_under_its_own_names(full, app):
    ground, who = full.house.ground, full.actors["keeper"]
    begun = Browser(app, token=full.tokens["keeper"]).post(
        "/circles",
        data={"title": "The tide", "feeling-longing": "saudade", "once": "tide-begins-1"},
    )
    where = begun.headers["location"].partition("?")[0]
    report = a_report(ground, "The tide went out.", feeling="longing")
    keep_report(ground, who, report)
    lend(ground, who, Offer(report.id, 1, f"circle/{where[9:]}", "named", name="Ann"))

    shown = Browser(app, token=full.tokens["keeper"]).get(where).text

    assert "<span>saudade" in shown
    assert "<span>longing" not in shown
