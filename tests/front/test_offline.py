"""Without a network: the page opens, what is told waits, and it is on the node once afterwards.

The node is really gone: its socket is closed. On an address that browsers do
not trust there is no worker and no sealing, and the page says both.
"""

from __future__ import annotations

import base64
import json
import re

import pytest
from node_in_browser import crash, try_now, wait_until

pytestmark = pytest.mark.browser

HERE = "Kept on this device."
THERE = "Kept on the node."
LATER = "Kept on this device. The node cannot be reached; it goes there as soon as it can."
OUT = "Kept on this device. Sign in to bring it to the node."
KEEP = ".keep-bar [data-keep]"
TEXT = "#f-text"
CANARY = "The heron ate the minute hand."

# Every cached answer of this origin: [address, status, text].
CACHED = """async () => {
  const all = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const asked of await cache.keys()) {
      const held = await cache.match(asked);
      all.push([new URL(asked.url).pathname, await held.text()]);
    }
  }
  return all;
}"""

# Everything in the device's own store as one text: bytes as base64, keys by what they let out.
DEVICE = """() => new Promise((done, fail) => {
  const ask = indexedDB.open("dreamweave", 1);
  ask.onerror = () => fail(ask.error);
  ask.onsuccess = () => {
    const all = ask.result.transaction(["reports", "pieces", "device"]);
    const out = [];
    for (const name of ["reports", "pieces", "device"]) {
      const get = all.objectStore(name).getAll();
      get.onsuccess = () => out.push(...get.result);
    }
    all.oncomplete = () => { ask.result.close(); done(JSON.stringify(out, (_, v) =>
      v instanceof ArrayBuffer ? btoa(String.fromCharCode(...new Uint8Array(v)))
      : v?.extractable !== undefined ? { extractable: v.extractable, usages: v.usages } : v)); };
  };
})"""


def kept_for_offline(tab):
    """Wait until the worker has the page and all that it names."""
    tab.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    tab.wait_for_function("() => navigator.serviceWorker.controller !== null")
    until(tab, "async () => !!(await caches.match('/tell/shell'))")


def until(tab, holds):
    """Wait until something that has to be waited for itself holds (the usual way takes a promise
    for a yes)."""
    for _ in range(400):
        if tab.evaluate(holds):
            return
        tab.wait_for_timeout(25)
    raise AssertionError(f"waited in vain for {holds}")


def told(kept) -> list[tuple]:
    return sorted((r.kind, r.text, r.version) for r in kept)


def test_written_offline_closed_reopened_and_online_again_it_is_kept_once(phones, node, dreamer):
    actor, token = dreamer
    phone = phones(token)
    first = phone.tab()
    kept_for_offline(first)
    first.close()
    node.stop()

    offline = phone.tab()  # the page opens although there is no node
    offline.fill(TEXT, "It was dark, ")
    wait_until(offline, HERE)
    crash(offline)
    again = phone.tab()
    again.wait_for_function("() => document.querySelector('#f-text').value !== ''")
    again.focus(TEXT)
    again.keyboard.press("Control+End")
    again.keyboard.type("and the sea was up.")
    again.click(KEEP)
    wait_until(again, LATER)
    again.close()
    node.start()
    online = phone.tab()

    assert told(node.wait_for(actor, 1)) == [("dream", "It was dark, and the sea was up.", 1)]
    online.wait_for_timeout(300)
    assert len({h.once for h in node.faults.puts()}) == 1


def test_without_the_worker_the_page_does_not_open_offline(phones, node, dreamer):
    """Positive control."""
    from playwright.sync_api import Error

    phone = phones(dreamer[1], service_workers="block")
    phone.tab()
    node.stop()

    with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
        phone.tab()


def test_nothing_personal_is_ever_cached(phones, node, dreamer):
    actor, token = dreamer
    phone = phones(token)
    tab = phone.tab()
    kept_for_offline(tab)
    tab.fill(TEXT, CANARY)
    tab.click(KEEP)
    wait_until(tab, THERE)
    (report,) = node.kept(actor)
    for path in ("/", "/journal", f"/reports/{report.id}", f"/reports/{report.id}/edit", "/tell"):
        tab.goto(phone.at + path)
    shown = CANARY in tab.goto(f"{phone.at}/reports/{report.id}").text()
    tab.evaluate(f"fetch('/api/reports/{report.id}').then(r => r.text())")
    tab.evaluate("navigator.serviceWorker.controller.postMessage({lang: 'es'})")
    tab.wait_for_timeout(300)
    cached = tab.evaluate(CACHED)

    assert shown
    assert sorted({path.rpartition("/")[0] for path, _ in cached}) == ["/static", "/tell"]
    assert [path for path, text in cached if CANARY in text or actor.dreamer in text] == []
    # Positive control: a page kept by hand is found by the same look.
    tab.evaluate(
        "a => caches.open('x').then(async c => c.put(a, await fetch(a)))", f"/reports/{report.id}"
    )
    assert [p for p, text in tab.evaluate(CACHED) if CANARY in text] == [f"/reports/{report.id}"]


def test_a_shell_that_knows_somebody_is_not_kept(phones, node, dreamer):
    """If a node ever wrote somebody into the page for nobody, the worker would rather have none."""
    phone = phones(dreamer[1])

    def personal(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("<body", '<body data-me="X"'))

    phone.context.route("**/tell/shell*", personal)
    tab = phone.tab()
    tab.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    tab.wait_for_timeout(500)

    assert [path for path, _ in tab.evaluate(CACHED) if path == "/tell/shell"] == []


def test_a_newer_page_takes_the_place_of_the_kept_one_with_all_that_it_names(phones, node, dreamer):
    """The node was updated: the next visit fetches the new page, and the one after it is offline."""
    phone = phones(dreamer[1])
    first = phone.tab()
    kept_for_offline(first)
    (script,) = first.evaluate(
        "[...document.scripts].map(s => s.src).filter(s => s.includes('tell-'))"
    )
    name = script.rpartition("/")[2]
    source = first.evaluate("a => fetch(a).then(r => r.text())", script)

    def newer(route):
        answer = route.fetch()  # with this phone's cookie, which the worker would not send
        page = re.sub(' data-me="[A-Z0-9]+"', "", answer.text())
        route.fulfill(response=answer, body=page.replace(name, "tell-NEWERONE.js"))

    phone.context.route("**/tell/shell*", newer)
    phone.context.route(
        "**/static/tell-NEWERONE.js",
        lambda route: route.fulfill(body=source, content_type="text/javascript"),
    )
    phone.tab()  # still the older page, at once; the newer one is kept behind it
    until(
        first, "async () => (await (await caches.match('/tell/shell')).text()).includes('NEWERONE')"
    )
    phone.context.unroute_all()
    node.stop()
    tab = phone.tab()
    used = tab.evaluate("[...document.scripts].map(s => s.src.split('/').pop()).filter(Boolean)")

    assert used == ["tell-NEWERONE.js"]
    assert f"/static/{name}" in [path for path, _ in tab.evaluate(CACHED)]  # of this build still


def test_the_page_is_answered_from_the_device_while_the_node_is_slow(phones, node, dreamer):
    phone = phones(dreamer[1])
    kept_for_offline(phone.tab())
    asked: list[str] = []
    phone.context.on(
        "request", lambda r: asked.append(r.url) if r.is_navigation_request() else None
    )
    tab = phone.tab()
    from_worker = tab.evaluate("performance.getEntriesByType('navigation')[0].workerStart > 0")

    assert from_worker
    assert tab.evaluate("document.body.dataset.me") is None  # the page for nobody
    tab.keyboard.type("Quick.")
    wait_until(tab, HERE)


def test_a_draft_is_gone_on_with_while_the_node_does_not_answer(phones, node, dreamer):
    phone = phones(dreamer[1])
    kept_for_offline(phone.tab())
    tab = phone.tab()
    tab.fill(TEXT, "Half a dream")
    wait_until(tab, HERE)
    tab.close()
    phone.context.route("**/api/**", lambda route: None)  # every door hangs
    again = phone.tab()
    again.wait_for_function("() => document.querySelector('#f-text').value !== ''")

    assert again.input_value(TEXT) == "Half a dream"


def test_the_first_page_leads_to_telling_when_there_is_no_network(phones, node, dreamer):
    phone = phones(dreamer[1])
    kept_for_offline(phone.tab())
    node.stop()
    tab = phone.tab("/")

    assert tab.url == f"{phone.at}/tell"


def test_the_kept_page_speaks_the_language_that_was_chosen(phones, node, dreamer):
    phone = phones(dreamer[1], locale="ar")
    kept_for_offline(phone.tab())
    node.stop()
    tab = phone.tab()

    assert tab.evaluate("[document.documentElement.lang, document.documentElement.dir]") == [
        "ar",
        "rtl",
    ]


def test_drafts_lie_on_the_device_sealed_with_a_key_that_cannot_be_read(phones, node, dreamer):
    tab = phones(dreamer[1]).tab()
    tab.fill(TEXT, CANARY)
    tab.fill("[name=title]", CANARY) if tab.is_visible("[name=title]") else None
    wait_until(tab, HERE)
    device = tab.evaluate(DEVICE)
    keys = [row["key"] for row in json.loads(device) if row.get("name") == "key"]

    assert not holds(device, CANARY)
    assert keys == [{"extractable": False, "usages": ["encrypt", "decrypt"]}]


def test_on_an_untrusted_address_drafts_lie_as_they_are_and_the_page_says_so(phones, node, dreamer):
    """Also the positive control of the one before: the same look finds the words."""
    _actor, token = dreamer
    phone = phones(token, insecure=True)
    tab = phone.tab()
    tab.fill(TEXT, CANARY)
    wait_until(tab, HERE)

    assert holds(tab.evaluate(DEVICE), CANARY)
    assert tab.text_content("[data-insecure]") == (
        "This address is not secure (http), so this page does not open here without a network,"
        " and the microphone is closed to it."
        " What you write waits on this device as it is, not encrypted."
    )
    assert tab.evaluate("[isSecureContext, 'serviceWorker' in navigator]") == [False, False]


def holds(device: str, words: str) -> bool:
    """Whether the words lie in any of it, plainly or inside bytes."""

    def look(value) -> bool:
        if isinstance(value, dict):
            return any(map(look, value.values()))
        if isinstance(value, list):
            return any(map(look, value))
        if not isinstance(value, str):
            return False
        try:
            return words.encode() in base64.b64decode(value, validate=True)
        except ValueError:
            return words in value

    return look(json.loads(device))


def test_on_an_untrusted_address_a_draft_outlives_its_tab_and_is_sent_once(phones, node, dreamer):
    actor, token = dreamer
    phone = phones(token, insecure=True)
    tab = phone.tab()
    node.faults.n_lost_answers = 1
    tab.fill(TEXT, "In the hall, ")
    wait_until(tab, HERE)
    crash(tab)
    again = phone.tab()
    # The dead tab's lease ends by itself; until then its draft is only offered.
    again.wait_for_selector("[data-unfinished] .asks")
    again.wait_for_timeout(3_200)
    again.click("button:has-text('Go on writing it')")
    again.wait_for_function("() => document.querySelector('#f-text').value !== ''")
    again.click(KEEP)
    wait_until(again, LATER)
    try_now(again)
    wait_until(again, THERE)

    assert told(node.kept(actor)) == [("dream", "In the hall, ", 1)]
    assert len({h.once for h in node.faults.puts()}) == 1


def test_signed_out_meanwhile_the_kept_page_takes_words_and_keeps_them(phones, node, dreamer):
    actor, token = dreamer
    phone = phones(token)
    kept_for_offline(phone.tab())
    phone.context.clear_cookies()
    tab = phone.tab()
    tab.fill(TEXT, "The session had ended.")
    tab.click(KEEP)
    wait_until(tab, OUT)
    phone.sign_in(token)
    try_now(tab)

    assert told(node.wait_for(actor, 1)) == [("dream", "The session had ended.", 1)]
