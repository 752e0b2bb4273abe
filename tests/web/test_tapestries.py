"""Tapestries at the doors and on pages: whole without a script, and gone with what is taken back."""

from __future__ import annotations

import io
import json
import secrets
import xml.etree.ElementTree as ElementTree

import pytest
from finished_gatherings import ARABIC, CANARY, TEXTS, Finished, loom
from makers_ground import a_dreamer
from makers_web import Browser, SmallHouse, app_of
from reading_pages import read

from dreamweave.app import lending, publishing, reflecting, telling
from dreamweave.app.weave_worker import send
from dreamweave.model.tapestry_facts import tapestry_stream

KEYED = {"idempotency-key": "a-key-of-a-test"}
FILES = (
    "weave.json",
    "text.md",
    "certificate.public.json",
    "landscape.svg",
    "landscape.svg?sheet=phone",
    "social.png",
    "poster.pdf",
    "dreamscape",
    "crescent.svg",
)
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg"><title>t</title><text data-order="0">%s</text></svg>'
)


def with_pictures(asked):
    """What the worker weaves, with pictures beside it that hold every word there is."""
    from dreamweave.app.weave_worker import received

    files = dict(received(loom(asked)))
    words = "".join(one["text"] for one in json.loads(asked)["reports"]).encode()
    for what in ("landscape", "landscape_phone"):
        files[what] = SVG % words
    files["social"], files["poster"] = b"\x89PNG" + words, b"%PDF" + words
    out = io.BytesIO()
    send(out, files)
    return out.getvalue()


class Node:
    """A finished gathering behind the doors, and everybody's browser."""

    def __init__(self, **how):
        self.over = Finished(**how)
        self.over.closing._weaver = with_pictures
        self.house = SmallHouse(ground=self.over.ground)
        self.app = app_of(self.house)
        self.app.state.limiter.kinds = {}
        self.g = self.over.g
        self.stranger = a_dreamer(self.over.ground)

    def browser(self, who):
        return Browser(self.app, token=self.house.sign_in(who))

    def get(self, who, path, **how):
        return self.browser(who).get(path.format(g=self.g), **how)

    def post(self, who, path, **form):
        return self.browser(who).post(
            path.format(g=self.g), data={"once": secrets.token_hex(8), **form}
        )

    def publish(self, **how):
        for r, who in enumerate(self.over.tellers):
            publishing.lend_line(self.over.ground, who, self.g, r, licence="quote", **how)
        publishing.publish(self.over.ground, self.over.host, self.g, weaver=with_pictures)


@pytest.fixture
def node(monkeypatch):
    monkeypatch.setattr(
        "dreamweave.app.weaving_lent.run_worker", lambda asked, **_: with_pictures(asked)
    )
    monkeypatch.setattr("finished_gatherings.loom", with_pictures)
    return Node()


# ------------------------------------------------------------------ the page


def test_the_page_is_the_text_for_whoever_was_there_and_needs_no_script(node):
    answer = node.get(node.over.ann, "/tapestries/{g}")
    page = read(answer.text)

    assert answer.status_code == 200
    assert page.faults == []
    assert (page.h1, page.unlabelled) == (1, [])
    assert all(text in answer.text for text in TEXTS)
    assert "6 people spoke · 1 listened, and chose not to speak · 1 seat kept open" in answer.text
    assert "Whoever works nights." in answer.text
    assert "No group large enough to have a claim was overlooked." in answer.text
    assert "Each of 6 people holds one voice." in answer.text
    assert answer.headers["cache-control"] == "no-store"
    # The text stands before any picture of it.
    assert answer.text.index(TEXTS[0]) < answer.text.index("<figure")
    assert 'lang="en"' in answer.text
    assert '<svg class="mark wonder"' in answer.text


def test_one_finds_ones_own_line_its_key_and_a_way_to_take_it_back(node):
    mine = node.get(node.over.cleo, "/tapestries/{g}").text
    others = node.get(node.over.listener, "/tapestries/{g}").text

    at = mine.index("<b>yours</b>")
    assert CANARY in mine[mine.rindex("<li", 0, at) : at]
    assert f"/tapestries/{node.g}/lines/2/take-back" in mine
    assert f"/tapestries/{node.g}/lines/0/take-back" not in mine
    assert "yours" not in others
    assert "take-back" not in others
    key = node.get(node.over.cleo, "/api/gatherings/{g}/weave").json()["key"]
    assert key in mine
    assert key not in others


def test_a_note_stands_before_what_it_warns_of(monkeypatch):
    monkeypatch.setattr("finished_gatherings.loom", with_pictures)
    node = Node(notes={0: "deep water"})

    page = node.get(node.over.ann, "/tapestries/{g}").text

    at = page.index(TEXTS[0])
    assert '<details class="noted">' in page[at - 300 : at]
    assert "deep water" in page[at - 300 : at]
    assert "<details><summary>The Landscape. Words are in it before which a note stands." in page
    other = Node()
    assert "noted" not in other.get(other.over.ann, "/tapestries/{g}").text


def test_it_is_not_there_for_anybody_else_before_it_is_published(node):
    paths = ["/tapestries/{g}", "/tapestries/{g}?face=published", "/api/tapestries/{g}",
             "/api/tapestries/{g}/terms", "/gatherings/{g}/landscape", "/gatherings/{g}/scene",
             "/api/gatherings/{g}/weave", *(f"/tapestries/{{g}}/{name}" for name in FILES)]  # fmt: skip
    for path in paths:
        assert node.get(node.stranger, path).status_code == 404, path
    page = node.get(node.stranger, "/tapestries").text
    assert "The night of the stairs" not in page
    assert "No gathering has left a tapestry yet" in page
    assert "The night" not in node.get(node.stranger, "/tapestries.atom").text


def test_a_page_in_arabic_keeps_its_direction_line_by_line(monkeypatch):
    monkeypatch.setattr("finished_gatherings.loom", with_pictures)
    node = Node(texts=(ARABIC, *TEXTS[:3]))

    page = node.get(node.over.ann, "/tapestries/{g}").text

    assert f'<blockquote dir="auto" lang="ar">{ARABIC}</blockquote>' in page


# ------------------------------------------------------------------ what the live page fetches


def test_the_reveal_is_handed_an_svg_and_the_picture_its_scene(node):
    for sheet in ("wide", "phone"):
        drawn = node.get(node.over.ann, f"/gatherings/{{g}}/landscape?sheet={sheet}")
        assert drawn.headers["content-type"] == "image/svg+xml"
        assert drawn.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in drawn.headers["content-security-policy"]
        assert ElementTree.fromstring(drawn.content).tag.endswith("svg")
    assert node.get(node.over.ann, "/gatherings/{g}/landscape?sheet=wall").status_code in (404, 422)
    scene = node.get(node.over.ann, "/gatherings/{g}/scene").json()
    assert scene["n"] >= 6
    assert {"xy", "dye", "knots", "labels"} <= scene.keys()
    assert sorted(scene["reports"]) == [0, 1, 2, 3, 4, 5]
    weave = node.get(node.over.ann, "/api/gatherings/{g}/weave").json()
    assert (weave["state"], weave["n_pieces"]) == ("made", 6)
    assert f"--root {weave['root']}" in node.get(node.over.ann, "/tapestries/{g}").text


def test_the_dreamscape_comes_in_a_sandbox(node):
    answer = node.get(node.over.ann, "/tapestries/{g}/dreamscape")

    assert "sandbox allow-scripts" in answer.headers["content-security-policy"]
    assert "'unsafe-inline'" not in answer.headers["content-security-policy"].split("style-src")[0]


# ------------------------------------------------------------------ taking back


def test_taken_back_on_the_page_it_is_gone_from_every_file_of_both_at_once(node):
    node.publish()
    everywhere = [
        (who, f"/tapestries/{{g}}/{name}{'&' if '?' in name else '?'}face={face}")
        for who, face in ((node.over.ann, "inside"), (node.stranger, "published"))
        for name in FILES
    ]
    pages = [(node.over.ann, "/tapestries/{g}"), (node.stranger, "/tapestries/{g}")]
    held = [node.get(who, path) for who, path in everywhere]
    assert all(one.status_code == 200 for one in held)
    assert (
        sum(CANARY.encode() in one.content for one in held) == len(held) - 4
    )  # crescents, certificates
    assert all(CANARY in node.get(who, path).text for who, path in pages)

    gone = node.post(node.over.cleo, "/tapestries/{g}/lines/2/take-back")

    assert gone.headers["location"] == f"/tapestries/{node.g}?said=taken-back"
    for who, path in everywhere:
        answer = node.get(who, path)
        assert answer.status_code == 404, path
        assert "It is woven again" in answer.text, path
    for who, path in pages:
        said = node.get(who, path)
        assert said.status_code == 200
        assert "It is woven again without them, by itself." in said.text
        assert CANARY not in said.text
        assert not any(text in said.text for text in TEXTS[2:3])
    for path in ("/gatherings/{g}/landscape", "/gatherings/{g}/scene"):
        assert node.get(node.over.ann, path).status_code == 404
    assert node.get(node.over.ann, "/api/gatherings/{g}/weave").json()["state"] == "fell"
    assert "woven again by itself" in node.get(node.stranger, "/tapestries").text

    assert node.over.turn() == 2

    for who, path in [*everywhere, *pages]:
        answer = node.get(who, path)
        assert answer.status_code == 200, path
        assert CANARY.encode() not in answer.content, path


def test_nobody_takes_back_what_is_somebody_elses(node):
    assert node.post(node.over.ann, "/tapestries/{g}/lines/2/take-back").status_code == 404
    assert node.post(node.over.ann, "/tapestries/{g}/lines/2/take-out").status_code == 404
    assert node.post(node.stranger, "/tapestries/{g}/lines/2/lend").status_code == 404
    assert CANARY in node.get(node.over.ann, "/tapestries/{g}").text


# ------------------------------------------------------------------ publishing


def test_lines_are_lent_and_published_by_forms_alone(node):
    for r, who in enumerate(node.over.tellers[:3]):
        form = node.get(who, "/tapestries/{g}").text
        assert f'action="/tapestries/{node.g}/lines/{r}/lend"' in form
        sent = node.post(who, f"/tapestries/{{g}}/lines/{r}/lend", licence="quote")
        assert sent.headers["location"].startswith(f"/tapestries/{node.g}?said=")
    assert node.post(node.over.ann, "/tapestries/{g}/publish").status_code == 403
    assert "Publish it" not in node.get(node.over.ann, "/tapestries/{g}").text
    assert "Publish it" in node.get(node.over.host, "/tapestries/{g}").text

    assert node.post(node.over.host, "/tapestries/{g}/publish").status_code == 303

    page = node.get(node.stranger, "/tapestries/{g}").text
    assert all(text in page for text in TEXTS[:3])
    assert TEXTS[3] not in page
    assert "Read and quote here." in page
    assert "take-back" not in page
    assert "/reflect" not in page
    terms = node.get(node.stranger, "/api/tapestries/{g}/terms").json()
    assert terms == publishing.terms(node.g, "quote")
    assert "The night of the stairs" in node.get(node.stranger, "/tapestries").text
    assert node.post(node.over.host, "/tapestries/{g}/withdraw").status_code == 303
    assert node.get(node.stranger, "/tapestries/{g}").status_code == 404


def test_what_cannot_be_published_yet_is_said_on_the_page(node):
    answer = node.post(node.over.host, "/tapestries/{g}/publish")

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "Nothing is lent to this tapestry that can be shown yet" in answer.text
    again = node.post(node.over.ann, "/tapestries/{g}/lines/0/lend", licence="for ever")
    assert (again.status_code, "The terms are one of" in again.text) == (422, True)


def test_the_json_doors_do_the_same(node):
    for r, who in enumerate(node.over.tellers):
        lent = node.browser(who).post(
            f"/api/tapestries/{node.g}/lines/{r}", json={"licence": "read"}, headers=KEYED
        )
        assert (lent.status_code, lent.json()["lent"]) == (201, True)
    shown = node.browser(node.over.host).ask(
        "PUT", f"/api/tapestries/{node.g}/published", json={"published": True}, headers=KEYED
    )
    assert shown.json() == {"published": True, "n_pieces": 6}
    (one,) = node.get(node.stranger, "/api/tapestries").json()["tapestries"]
    assert (one["face"], one["title"], one["n_spoke"]) == (
        "published",
        "The night of the stairs",
        6,
    )
    assert one["motifs"]
    out = node.browser(node.over.ann).ask(
        "DELETE", f"/api/tapestries/{node.g}/lines/0", headers={"idempotency-key": "another-key"}
    )
    assert out.json() == {"r": 0, "lent": False, "waits": False}
    hidden = node.browser(node.over.host).ask(
        "PUT",
        f"/api/tapestries/{node.g}/published",
        json={"published": False},
        headers={"idempotency-key": "a-third-key"},
    )
    assert hidden.json()["published"] is False
    assert node.get(node.stranger, "/api/tapestries").json()["tapestries"] == []


def test_only_whoever_was_there_reads_what_people_say_it_means(node):
    node.publish()
    reflecting.reflect(node.over.ground, node.over.ann, node.g, 0, "We never say it aloud.")

    assert "We never say it aloud." in node.get(node.over.bo, "/tapestries/{g}").text
    for path in ("/tapestries/{g}?face=published", "/tapestries/{g}"):
        assert "We never say it aloud." not in node.get(node.stranger, path).text


# ------------------------------------------------------------------ the archive


def test_the_archive_is_looked_through_by_the_names_of_images(node):
    node.publish()
    (one,) = node.get(node.stranger, "/api/tapestries").json()["tapestries"]
    name = one["motifs"][0]["name"]

    for found in (
        node.post(node.stranger, "/tapestries", motif=name.upper()).text,
        node.get(node.stranger, f"/tapestries?motif={name}").text,
    ):
        assert "1 tapestry holds an image that is called so." in found
        assert "The night of the stairs" in found
    none = node.post(node.stranger, "/tapestries", motif="submarine").text
    assert "0 tapestries hold an image that is called so." in none
    assert "The night of the stairs" not in none
    page = read(node.get(node.stranger, "/tapestries").text)
    assert (page.faults, page.h1, page.unlabelled) == ([], 1, [])


def test_what_is_published_is_news_of_titles_and_no_words(node):
    node.publish()

    answer = node.get(node.stranger, "/tapestries.atom")

    assert answer.headers["content-type"].startswith("application/atom+xml")
    entries = ElementTree.fromstring(answer.content).findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == 1
    assert f"/tapestries/{node.g}" in answer.text
    assert not any(word in answer.text for word in (*TEXTS, CANARY))


def test_lending_to_everybody_stands_among_ones_lendings_with_its_receipt(node):
    node.publish()
    words = lending.shown_to(node.over.ground, node.stranger, tapestry_stream(node.g))

    assert sorted(one.text for one in words) == sorted(TEXTS)
    assert node.get(node.over.ann, "/lendings").status_code == 200
    telling.take_back(node.over.ground, node.over.ann, node.g, 0)
    assert TEXTS[0] not in node.get(node.stranger, "/tapestries/{g}").text
