"""A browser, and pages to open in it: for the tests of the page as people meet it."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import makers_weaves as makers
import pytest
from live_gathering import live  # noqa: F401 (a fixture)
from node_in_browser import chromium, dreamer, node, phones  # noqa: F401 (fixtures)
from one_playwright import playing

from dreamweave.dreamscape.cloth import cloths_svg
from dreamweave.dreamscape.page import page
from dreamweave.dreamscape.scene import scene
from dreamweave.model.keys import key_of, seal_all
from dreamweave.model.weaves import VOICE

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"wide": {"width": 1600, "height": 1000}, "phone": {"width": 390, "height": 844}}
TITLES = {
    "long": "The Night the Tide Came Up the Stairs of the Old Court and Asked Every One of Us "
    "Whether We Had Kept the Key to the House",
    "arabic": "الليلة التي صعد فيها البحر درج المحكمة القديمة وسأل كل واحد منا عن مفتاح البيت الذي لم يعد "
    "لنا ولا لأحد غيرنا",
    "japanese": "海が古い裁判所の階段をのぼってきて私たち一人ひとりに家の鍵をまだ持っているかとたずねた夜のこと",
}
SECRET = b"sixteen bytes or"


def found_browser() -> str | None:
    spec = importlib.util.spec_from_file_location("get_browser", ROOT / "tools/get_browser.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.found()


def accounts(weave):
    """Everybody's account as the host would seal it: own lines, and what is left in the chorus."""
    payloads = []
    for i in range(len(weave.threads)):
        rows = [
            [w, line.paid, line.level]
            for w, line in enumerate(weave.lines)
            if weave.fragments[line.fragment_i].thread_i == i
        ]
        rows += [
            [-1 - c, sung.voice, 0]
            for c, sung in enumerate(weave.chorus)
            if weave.fragments[sung.fragment_i].thread_i == i
        ]
        told = json.dumps({"threads": [i], "account": rows}).encode()
        payloads.append((key_of(SECRET, weave.threads[i].tag), told))
    return payloads


def written(weave) -> str:
    return page(
        weave,
        scene(weave),
        boxes=seal_all(accounts(weave)),
        cloths=cloths_svg(weave),
        root="c0ffee" * 8,
    )


@pytest.fixture(scope="session")
def browser():
    where = found_browser()
    if where is None:
        pytest.skip("No Chromium on this machine: run tools/get_browser.py to get one.")
    running = playing().chromium.launch(
        executable_path=where,
        # Letters are set by their outlines alone and grey, as on any other machine.
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--font-render-hinting=none",
            "--disable-lcd-text",
            "--force-color-profile=srgb",
        ],
    )
    yield running
    running.close()


@pytest.fixture(scope="session")
def sample():
    return makers.sample_like()


@pytest.fixture(scope="session")
def pages(tmp_path_factory, sample):
    """Files on a stick: the sample, with longer titles, without feelings or names; three people."""
    folder = tmp_path_factory.mktemp("stick")
    out = {}
    titled = [(name, replace(sample, title=title)) for name, title in TITLES.items()]
    made = [("sample", sample), ("undyed", makers.undyed()), ("trio", makers.trio()), *titled]
    for name, weave in made:
        path = folder / f"{name}.html"
        path.write_text(written(weave), encoding="utf-8")
        out[name] = path.as_uri()
    return out


@pytest.fixture
def opened(browser, pages):
    """Open a page: `opened("sample", "wide")`. Whatever it complains of fails the test."""
    contexts = []
    complaints: list[str] = []

    def open_page(which="sample", size="wide", *, motion="reduce", scale=1, script=True, path=""):
        viewport = SIZES[size] if isinstance(size, str) else size
        context = browser.new_context(
            viewport=viewport,
            device_scale_factor=scale,
            reduced_motion=motion,
            java_script_enabled=script,
        )
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        tab.on("pageerror", lambda e: complaints.append(str(e)))
        tab.on(
            "request",
            lambda r: (
                None
                if r.url.startswith(("file:", "data:"))
                else complaints.append(f"asked for {r.url}")
            ),
        )
        tab.goto(pages[which] + path)
        if script:
            tab.wait_for_selector("html[data-ready]")
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def secret_key(sample):
    return key_of(SECRET, sample.threads[5].tag)


@pytest.fixture(scope="session")
def whole_voice():
    return VOICE
