"""Telling aloud: on the device while one speaks, on the node when one keeps it, nothing else done to it.

The microphone is Chromium's made-up one (a beep); everything behind it is real.
"""

from __future__ import annotations

import pytest
from fastapi import APIRouter
from node_in_browser import crash, try_now, wait_until
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dreamweave.app.journals import piece
from dreamweave.web.asking import actor_of
from dreamweave.web.declaring import door

pytestmark = pytest.mark.browser

HERE = "Kept on this device."
THERE = "Kept on the node."
LATER = "Kept on this device. The node cannot be reached; it goes there as soon as it can."
KEEP = ".keep-bar [data-keep]"
TEXT = "#f-text"
BIG = ".recorder .big"
DONE = ".recorder button:has-text('Done')"
PLAYER = "[data-voice] audio:not([hidden])"

LENGTH = """async base64 => {
  const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
  return (await new OfflineAudioContext(1, 1, 48000).decodeAudioData(bytes.buffer)).duration;
}"""
PIECES = """() => new Promise(done => {
  const ask = indexedDB.open("dreamweave", 1);
  ask.onsuccess = () => {
    const get = ask.result.transaction("pieces").objectStore("pieces").getAll();
    get.onsuccess = () => { ask.result.close();
      done(get.result.map(p => [p.what, p.i, p.box.data.byteLength > 0])); };
  };
})"""


def seconds(tab, node, actor, report) -> float:
    """How long the voice that the node has plays, as the browser decodes it."""
    import base64

    media, data = piece(node.house.ground, actor, report.id, "voice")
    assert media == "audio/webm"
    return tab.evaluate(LENGTH, base64.b64encode(data).decode())


def record(tab, ms):
    tab.click(BIG)
    tab.wait_for_selector(f"{BIG}.on")
    tab.wait_for_timeout(ms)


def test_a_voice_is_on_the_device_while_it_is_recorded_and_then_on_the_node(phones, node, dreamer):
    actor, token = dreamer
    tab = phones(token).tab()
    record(tab, 1_600)
    during = tab.evaluate(PIECES)
    pressed = tab.get_attribute(BIG, "aria-pressed")
    tab.click(DONE)
    tab.wait_for_selector(PLAYER)
    said = tab.text_content("[data-voice] .said")
    tab.click(KEEP)
    wait_until(tab, THERE)
    (kept,) = node.kept(actor)

    assert len(during) >= 2
    assert during == [["voice", i, True] for i in range(len(during))]
    assert pressed == "true"
    assert said == "Recorded. Listen to it, or keep it."
    assert (kept.text, kept.voice) == ("", "audio/webm")
    assert seconds(tab, node, actor, kept) > 1.3
    assert tab.evaluate(PIECES) == []  # the node has it: this device lets go of it


def test_a_crash_in_the_middle_of_a_recording_loses_only_its_end(phones, node, dreamer):
    actor, token = dreamer
    phone = phones(token)
    tab = phone.tab()
    record(tab, 2_600)
    crash(tab)
    again = phone.tab()
    again.wait_for_selector(PLAYER)
    again.click(KEEP)
    wait_until(again, THERE)
    (kept,) = node.kept(actor)

    assert seconds(again, node, actor, kept) > 1.3


def test_pausing_leaves_the_pause_out(phones, node, dreamer):
    actor, token = dreamer
    tab = phones(token).tab()
    record(tab, 800)
    tab.click(BIG)
    paused = tab.text_content(BIG)
    tab.wait_for_timeout(2_000)
    tab.click(BIG)
    tab.wait_for_timeout(600)
    tab.click(DONE)
    tab.wait_for_selector(PLAYER)
    tab.click(KEEP)
    wait_until(tab, THERE)
    (kept,) = node.kept(actor)

    assert paused == "Go on"
    assert seconds(tab, node, actor, kept) < 2.8


def test_keep_while_one_still_speaks_ends_the_recording_and_keeps_all_of_it(phones, node, dreamer):
    actor, token = dreamer
    tab = phones(token).tab()
    record(tab, 1_500)
    tab.click(KEEP)
    wait_until(tab, THERE)
    (kept,) = node.kept(actor)

    assert seconds(tab, node, actor, kept) > 1.2
    assert tab.text_content(BIG) == "Record"


def test_a_recording_can_be_discarded_and_then_nothing_of_it_is_left(phones, node, dreamer):
    actor, token = dreamer
    tab = phones(token).tab()
    tab.fill(TEXT, "Only words.")
    record(tab, 700)
    tab.click(DONE)
    tab.wait_for_selector(PLAYER)
    tab.click("button:has-text('Discard the recording')")
    tab.wait_for_function("() => !document.querySelector('[data-voice] audio:not([hidden])')")
    left = tab.evaluate(PIECES)
    tab.click(KEEP)
    wait_until(tab, THERE)

    assert left == []
    assert [(r.text, r.voice) for r in node.kept(actor)] == [("Only words.", None)]


def test_a_lost_answer_keeps_one_voice_and_the_words_can_still_be_amended(phones, node, dreamer):
    """A voice makes a version of its own; the page goes on from the one the node says."""
    actor, token = dreamer
    phone = phones(token)
    tab = phone.tab()
    record(tab, 700)
    tab.click(DONE)
    tab.wait_for_selector(PLAYER)
    tab.fill(TEXT, "And words.")
    wait_until(tab, HERE)
    node.stop()
    tab.click(KEEP)
    wait_until(tab, LATER)
    node.start()
    node.faults.n_lost_answers = 2
    try_now(tab)
    tab.wait_for_timeout(300)
    try_now(tab)
    tab.wait_for_timeout(300)
    try_now(tab)
    wait_until(tab, THERE)
    (kept,) = node.kept(actor)
    edit = phone.tab(f"/reports/{kept.id}/edit")
    edit.fill(TEXT, "And better words.")
    edit.click(KEEP)
    edit.wait_for_url(f"**/reports/{kept.id}")
    (after,) = node.kept(actor)

    assert (after.text, after.voice, after.version) == ("And better words.", "audio/webm", 3)
    assert seconds(tab, node, actor, after) > 0.4


def test_plain_http_has_no_microphone_and_a_file_can_be_chosen_instead(
    phones, node, dreamer, tmp_path
):
    actor, token = dreamer
    file = tmp_path / "memo.ogg"
    file.write_bytes(b"OggS" + bytes(400))
    tab = phones(token, insecure=True).tab()
    label = tab.text_content("label[for=voice-file]")
    tab.set_input_files("#voice-file", file)
    tab.wait_for_selector(PLAYER)
    tab.click(KEEP)
    wait_until(tab, THERE)
    (kept,) = node.kept(actor)

    assert tab.locator(BIG).count() == 0
    assert label.startswith(
        "Add a recording. Browsers open the microphone only to secure addresses"
    )
    assert kept.voice == "audio/ogg"
    assert piece(node.house.ground, actor, kept.id, "voice")[1] == file.read_bytes()


def test_the_microphone_is_let_go_when_the_recording_is_done(phones, node, dreamer):
    phone = phones(dreamer[1])
    phone.context.add_init_script(
        """if (navigator.mediaDevices) { const get = navigator.mediaDevices.getUserMedia;
        navigator.mediaDevices.getUserMedia = async function (...how) {
          return (globalThis.heldStream = await get.apply(this, how)); }; }"""
    )
    tab = phone.tab()
    record(tab, 500)
    state = "() => heldStream.getTracks().map(t => t.readyState)"
    during = tab.evaluate(state)
    tab.click(DONE)
    tab.wait_for_selector(PLAYER)

    assert (during, tab.evaluate(state)) == (["live"], ["ended"])


# ------------------------------------------------------------------ writing it down

plugin = APIRouter()


@door(plugin, "POST", "/api/reports/{report_id}/transcript", scope="dreamer")
def _transcript(report_id: str, request: Request) -> Response:
    """A node's plug-in for writing voices down, as the page meets it."""
    actor_of(request)
    return JSONResponse({"text": "A staircase, I think, and water."})


def test_what_a_machine_wrote_down_is_a_suggestion_until_it_is_checked(phones, node, dreamer):
    actor, token = dreamer
    node.stop()
    node.start(plugin)
    phone = phones(token)
    phone.context.route("**/tell", lambda route: with_plugin(route))
    tab = phone.tab()
    tab.fill(TEXT, "My own words.")
    record(tab, 700)
    tab.click(DONE)
    tab.wait_for_selector(PLAYER)
    asked_unasked = [h.path for h in node.faults.heard if h.path.endswith("/transcript")]
    tab.evaluate("dispatchEvent(new Event('pagehide'))")  # it goes to the node when one leaves
    wait_until(tab, THERE)
    tab.click("button:has-text('Write down what I said')")
    tab.wait_for_selector(".suggested:not([hidden])")
    marked = tab.text_content("label[for=suggested]")
    before = tab.input_value(TEXT)
    tab.fill("#suggested", "A staircase, and water.")
    tab.click("button:has-text('Checked: add it to my words')")
    tab.click(KEEP)
    tab.wait_for_selector("[data-after]")

    assert asked_unasked == []
    assert marked == "Written down by a machine: a suggestion to check"
    assert before == "My own words."
    assert [r.text for r in node.kept(actor)] == ["My own words.\nA staircase, and water."]


def with_plugin(route):
    answer = route.fetch()
    route.fulfill(
        response=answer,
        body=answer.text().replace("<div data-voice>", "<div data-voice data-transcript>"),
    )
