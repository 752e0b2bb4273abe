"""A screen with nothing on it but the picture of a gathering, in a Chromium that has WebGL2.

Serves the very files that a node serves, by their names in the manifest, and says how many
frames were asked for. Nothing here is a test.
"""

from __future__ import annotations

import base64
import io
import json
from importlib import resources
from typing import Any

from PIL import Image

AT = "http://picture.test/"
# WebGL2 without a graphics card, the same on every machine.
GL_ARGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--use-gl=angle",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--font-render-hinting=none",
    "--disable-lcd-text",
    "--force-color-profile=srgb",
]
NO_GL_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-3d-apis", *GL_ARGS[-3:]]

_FACES = (
    ("Fraunces", "italic", "fraunces-italic"),
    ("Fraunces", "normal", "fraunces"),
    ("Atkinson Hyperlegible Next", "normal", "atkinson"),
)
_PAGE = """<!doctype html><meta charset="utf-8"><style>%s
html,body{margin:0;height:100%%}#host{position:fixed;inset:0}</style><div id="host"></div>
<script>
  window.frames_asked = 0;
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (f) => { window.frames_asked++; return ask(f); };
</script>
<script type="module">
  import { LivePicture } from "./%s";
  window.begin = (options) => {
    window.picture = new LivePicture(document.getElementById("host"), {
      look: "night", projector: false, still: false, texture: false, steady: true, ...options });
  };
  const faces = ["italic 500 20px Fraunces", '14px "Atkinson Hyperlegible Next"'];
  await Promise.all(faces.map((face) => document.fonts.load(face)));
  window.there = true;
</script>"""


def _served() -> dict[str, tuple[str, bytes]]:
    static = resources.files("dreamweave.web").joinpath("static")
    manifest = json.loads(static.joinpath("manifest.json").read_text(encoding="utf-8"))
    fonts = resources.files("dreamweave.dreamscape").joinpath("static")
    faces = "".join(
        f"@font-face{{font-family:'{family}';font-style:{style};font-weight:100 900;"
        f"src:url(data:font/woff2;base64,"
        f"{base64.b64encode(fonts.joinpath(f'{name}.woff2').read_bytes()).decode()})}}"
        for family, style, name in _FACES
    )
    page = _PAGE % (faces, manifest["live-picture.js"])
    out = {"": ("text/html", page.encode())}
    for name in ("live-picture.js", "live-flat.js"):
        out[manifest[name]] = ("text/javascript", static.joinpath(manifest[name]).read_bytes())
    return out


class Screen:
    """One page with one picture. `settle()` waits until nothing moves."""

    def __init__(self, browser: Any, size: tuple[int, int], **how: Any) -> None:
        served = _served()
        options = how.pop("options", {})
        viewport = {"width": size[0], "height": size[1]}
        self.context = browser.new_context(viewport=viewport, **how)
        self.complaints: list[str] = []
        self.context.on("weberror", lambda e: self.complaints.append(str(e.error)))

        def answer(route: Any) -> None:
            found = served.get(route.request.url.removeprefix(AT))
            if found is None:
                route.fulfill(status=404, body="")
            else:
                route.fulfill(content_type=found[0], body=found[1])

        self.context.route(f"{AT}**", answer)
        self.tab = self.context.new_page()
        self.tab.goto(AT)
        self.tab.wait_for_function("() => window.there")
        self.tab.evaluate("options => begin(options)", options)

    def call(self, method: str, *words: Any) -> Any:
        return self.tab.evaluate(
            "([method, words]) => window.picture[method](...words)", [method, list(words)]
        )

    def mine(self, reports: list[int]) -> None:
        self.tab.evaluate("reports => window.picture.mine(new Set(reports))", reports)

    def show(self, evening: Any, n_events: int | None = None) -> None:
        """The picture after so many events, read at once."""
        self.call("reset", evening.acts(n_events), evening.beside(n_events))
        self.settle()

    def hear(self, evening: Any, first: int, after: int | None = None) -> None:
        """Events as they are heard live: the acts of each, and then the words beside them."""
        ks = range(first, first + 1 if after is None else after)
        heard = [[evening.events[k], evening.beside(k + 1)] for k in ks]
        self.tab.evaluate(
            """heard => {
              for (const [acts, words] of heard) {
                window.picture.hear(acts);
                window.picture.beside(words);
              }
            }""",
            heard,
        )

    def settle(self) -> None:
        """Wait until nothing waits, nothing moves and nothing fades."""
        self.tab.wait_for_function(
            """() => !window.picture.busy
              && document.getAnimations().every((one) => one.playState !== "running")""",
            timeout=90_000,
        )
        self.tab.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
        )

    def n_frames(self, ms: int) -> int:
        """How many frames are asked for in so many milliseconds."""
        return self.tab.evaluate(
            """async (ms) => {
              const before = window.frames_asked;
              await new Promise((done) => setTimeout(done, ms));
              return window.frames_asked - before;
            }""",
            ms,
        )

    def taken(self, clip: tuple[int, int, int, int] | None = None) -> Image.Image:
        how = (
            {}
            if clip is None
            else {"clip": dict(zip(("x", "y", "width", "height"), clip, strict=True))}
        )
        return Image.open(io.BytesIO(self.tab.screenshot(**how))).convert("RGB")

    def leave(self) -> None:
        self.context.close()
