"""Telling: the page for the moment of waking, and the same form for changing a report.

It is night, ready to type, and saves with one tap; feelings, tags and the rest
may wait. The door for the dreamless is the same page with other questions
first. Without a script a form is sent; with one it is kept on the device first
(`front/src/node/tell.ts`). What somebody typed is never lost to a refusal: the
page comes back with the words in it.
"""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app.journals import keep_report, report
from dreamweave.app.prompts import prompts
from dreamweave.model.ids import is_id
from dreamweave.model.journal import FELT, JournalReport
from dreamweave.model.refusals import Refusal
from dreamweave.model.reports import KINDS
from dreamweave.web.asking import Form, actor_of, form_body, ground_of, house_of, once_of
from dreamweave.web.declaring import REPORT_BYTES_MAX, door
from dreamweave.web.languages import LANGUAGES
from dreamweave.web.pages.asker import asker_of
from dreamweave.web.pages.echoing import answered_line
from dreamweave.web.pages.showing import onward, page
from dreamweave.web.readable import is_zone, local_iso

router = APIRouter()

N_PROMPTS = 6  # what somebody half awake will read

_BLANK = {
    "text": "",
    "title": "",
    "kind": "dream",
    "feeling": "",
    "intensity": "",
    "tags": "",
    "kept_out": "",
    "answers": "",
    "lang": "",
    "drawing": "",
}


@door(router, "GET", "/tell", scope="dreamer")
def tell(request: Request) -> Response:
    """The page where one tells. `kind=none` is the door of the dreamless."""
    zone = asker_of(request).zone
    now = local_iso(ground_of(request).now_ms(), zone)
    asked = request.query_params
    kind, answers = asked.get("kind", "dream"), asked.get("answers", "")
    held = {
        **_BLANK,
        "id": ground_of(request).new_id(),
        "kind": kind if kind in KINDS else "dream",
        "answers": answers if is_id(answers) else "",
        "night": now[:10],
        "told_at": now,
        "zone": zone,
    }
    return _form(request, held)


@door(router, "GET", "/tell/shell", scope="public")
def shell(request: Request, lang: str = "en") -> Response:
    """The page for nobody, which a worker keeps for when there is no network."""
    held = {**_BLANK, "id": "", "night": "", "told_at": "", "zone": "UTC"}
    return page(
        request,
        "tell.html",
        script="tell.js",
        live=True,
        held=held,
        amends=None,
        echo=None,
        shell=True,
        prompts=prompts("waking")[:N_PROMPTS],
        writes_down=bool(house_of(request).settings.transcriber),
        tongues=LANGUAGES.values(),
    )


@door(router, "POST", "/tell", scope="dreamer", body_max=REPORT_BYTES_MAX)
def keep(request: Request) -> Response:
    """Keep what was told, and go to where it lies."""
    form = form_body(request)
    try:
        told = told_in(form, request)
        keep_report(ground_of(request), actor_of(request), told, once=once_of(request))
    except Refusal as no:
        return _form(request, _typed(form, request), error=no)
    if told.kind == "none" and not told.text.strip():
        return onward("/journal", "nothing")
    return onward(f"/reports/{told.id}", "kept")


@door(router, "GET", "/reports/{report_id}/edit", scope="dreamer")
def edit(request: Request, report_id: str) -> Response:
    """The same form, with what was told in it."""
    return _form(request, _held(report(ground_of(request), actor_of(request), report_id)))


@door(router, "POST", "/reports/{report_id}/edit", scope="dreamer", body_max=REPORT_BYTES_MAX)
def amend(request: Request, report_id: str) -> Response:
    """Keep the next version of a report."""
    ground, who, form = ground_of(request), actor_of(request), form_body(request)
    before = report(ground, who, report_id)
    try:
        version = int(form.get("version", "0")) if form.get("version", "").isdecimal() else 0
        told = replace(
            told_in(form, request),
            id=before.id,
            told_at=before.told_at,
            version=version + 1,
            voice=before.voice,
            photo=before.photo,
        )
        keep_report(ground, who, told, once=once_of(request))
    except Refusal as no:
        return _form(request, {**_typed(form, request), "id": before.id}, error=no, amends=before)
    return onward(f"/reports/{before.id}", "amended")


def told_in(form: Form, request: Request) -> JournalReport:
    """What a form tells. What it leaves out is left out."""
    typed = _typed(form, request)
    intensity = typed["intensity"]
    return JournalReport(
        id=typed["id"],
        kind=typed["kind"],  # type: ignore[arg-type]
        night=typed["night"],
        told_at=typed["told_at"],
        zone=typed["zone"],
        text=typed["text"],
        title=typed["title"].strip(),
        lang=typed["lang"] or asker_of(request).language.code[:2],
        feeling=typed["feeling"] or None,  # type: ignore[arg-type]
        intensity=int(intensity) if intensity in ("1", "2", "3") else None,
        tags=tuple(dict.fromkeys(t.strip() for t in _parts(typed["tags"]) if t.strip())),
        drawing=typed["drawing"] or None,
        kept_out=typed["kept_out"],
        answers=typed["answers"] if is_id(typed["answers"]) else None,
    )


def _typed(form: Form, request: Request) -> dict[str, str]:
    """What stands in the form, with what a person need not type filled in."""
    ground = ground_of(request)
    zone = form.get("zone", "").strip()
    zone = zone if zone and is_zone(zone) else asker_of(request).zone
    now = local_iso(ground.now_ms(), zone)
    typed = {name: form.get(name, blank) for name, blank in _BLANK.items()}
    if typed["kind"] not in KINDS:
        typed["kind"] = "dream"
    if typed["feeling"] not in FELT:
        typed["feeling"] = ""
    # One tap: whoever presses "nothing this morning" has said so, whatever was chosen before.
    if "none" in form.all("kind"):
        typed["kind"] = "none"
    return {
        **typed,
        "id": form["id"] if is_id(form.get("id", "")) else ground.new_id(),
        "night": form.get("night", "").strip() or now[:10],
        "told_at": form.get("told_at", "").strip() or now,
        "zone": zone,
    }


def _held(told: JournalReport) -> dict[str, str]:
    """A report as its form shows it."""
    return {
        "id": told.id,
        "text": told.text,
        "title": told.title,
        "kind": told.kind,
        "feeling": told.feeling or "",
        "intensity": str(told.intensity or ""),
        "tags": ", ".join(told.tags),
        "kept_out": told.kept_out,
        "answers": told.answers or "",
        "lang": told.lang or "",
        "drawing": told.drawing or "",
        "night": told.night,
        "told_at": told.told_at,
        "zone": told.zone,
        "version": str(told.version),
    }


def _form(
    request: Request,
    held: dict[str, str],
    *,
    error: Refusal | None = None,
    amends: JournalReport | None = None,
) -> Response:
    if "version" in held and amends is None:
        amends = report(ground_of(request), actor_of(request), held["id"])
    return page(
        request,
        "tell.html",
        script="tell.js",
        live=True,
        error=error,
        held=held,
        amends=amends,
        echo=answered_line(request, held["answers"]) if held["answers"] else None,
        shell=False,
        prompts=prompts("waking")[:N_PROMPTS],
        writes_down=bool(house_of(request).settings.transcriber),
        tongues=LANGUAGES.values(),
    )


def _parts(tags: str) -> list[str]:
    """Tags as people part them: by commas, in any writing."""
    for comma in "،、，;؛\n":
        tags = tags.replace(comma, ",")
    return tags.split(",")
