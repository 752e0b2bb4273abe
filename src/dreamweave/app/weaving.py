"""Weaving what was told: from reports to a folder.

Gives every report a tag and every teller a key that exist in this weave alone,
so that neither a name nor an id of the input reaches anything that is shared
(docs/decisions/0002-seeds-and-secrets.md). Reads and writes no file.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from hashlib import sha256

from dreamweave.app.folder import Folder, Progress, folder_of
from dreamweave.app.keys_csv import Person
from dreamweave.dreamscape.charts import concepts
from dreamweave.loom.weaving import weave
from dreamweave.model.keys import key_of, tag_of
from dreamweave.model.refusals import Refusal
from dreamweave.model.reports import Told


def weave_told(
    told: Told,
    *,
    title: str,
    seed: str,
    lines: int | None = None,
    names: bool = False,
    invented: bool = False,
    png: bool = False,
    poster: bool = False,
    live: Sequence[Sequence[int]] = (),
    progress: Progress | None = None,
) -> Folder:
    """Weave everything that one gathering told.

    Args:
        told: reports in the order they were told, and the other seats.
        title: what stands over the weave.
        seed: the master seed. What is public of it is a hash; what is secret needs
            the reports as well.
        lines: places for lines, or None for the rule.
        names: let threads be dreamers and bear the names of the input.
        live: (report, fragment) of what was a line already while people told, and stays one.

    Raises:
        Refusal: nothing was told, or there is a print that cannot be made here.
    """
    reports = told.reports
    if not reports:
        raise Refusal(
            "told.nothing",
            "Nobody told anything here, so there is nothing to weave. One report is enough.",
        )
    secret = secret_of(seed, told)
    place = {report.id: i for i, report in enumerate(reports)}
    tellers = [report.teller for report in reports]
    woven = weave(
        [report.text for report in reports],
        tellers,
        lines=lines,
        seed=public_seed(seed),
        title=title,
        langs=[report.lang for report in reports],
        kinds=[report.kind for report in reports],
        feelings=[report.feeling for report in reports],
        intensities=[report.intensity for report in reports],
        answers=[place.get(report.answers) if report.answers else None for report in reports],
        drawings=[report.drawing for report in reports],
        tags=[tag_of(secret, f"thread/{i}") for i in range(len(reports))],
        names={teller: teller for teller in tellers} if names else None,
        n_listening=sum(seat.state == "listening" for seat in told.seats),
        n_open=sum(seat.state == "open" for seat in told.seats),
        invented=invented,
        charts=concepts(),
        live=live,
        progress=progress,
    )
    people = []
    for i, who in enumerate(woven.tellers):
        tag = tag_of(secret, f"teller/{i}")
        people.append(Person(str(who), tag, key_of(secret, tag)))
    return folder_of(woven, people, secret, png=png, poster=poster, progress=progress)


def public_seed(seed: str) -> str:
    """What may be known of the master seed: it settles ties and lots, and opens nothing."""
    return sha256(b"dreamweave/seed/1/public\x00" + seed.encode()).hexdigest()[:32]


def secret_of(seed: str, told: Told) -> bytes:
    """What makes tags, keys and salts: the master seed over everything that was told."""
    said = [
        [r.id, r.teller, r.text, r.kind, r.lang, r.feeling, r.intensity, r.answers, r.drawing]
        for r in told.reports
    ] + [[seat.teller, seat.state] for seat in told.seats]
    whole = json.dumps(said, ensure_ascii=True, separators=(",", ":")).encode()
    return hmac.digest(b"dreamweave/seed/1/secret\x00" + seed.encode(), whole, sha256)
