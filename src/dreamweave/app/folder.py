"""The folder: everything that one weaving leaves behind, as bytes by file name.

Makes the certificates, the keys, the page and the prints of a weave, and says
which files are for sharing. Writing them to a disk is the caller's business.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources

from dreamweave.app.keys_csv import Person, keys_csv
from dreamweave.app.summary import summary_of
from dreamweave.dreamscape.cloth import cloths_svg
from dreamweave.dreamscape.page import page
from dreamweave.dreamscape.picture import cloth_png
from dreamweave.dreamscape.poster import poster_pdf
from dreamweave.dreamscape.scene import scene
from dreamweave.dreamscape.text import text_md
from dreamweave.loom.shares import RESERVE
from dreamweave.loom.woven import Woven
from dreamweave.model.canonical import canonical
from dreamweave.model.certificates import Certificates, TellerRecord, make_certificate
from dreamweave.model.keys import seal_all
from dreamweave.model.relations import relation_of
from dreamweave.model.wire import to_json

PRIVATE = frozenset({"keys.csv", "certificate.json"})

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Folder:
    """What to write, what to say, and which files stay with the host."""

    files: Mapping[str, bytes] = field(repr=False)
    summary: tuple[str, ...]
    root: str
    private: frozenset[str] = PRIVATE


def folder_of(
    woven: Woven,
    people: Sequence[Person],
    secret: bytes,
    *,
    png: bool = False,
    poster: bool = False,
    healed: bool = False,
    taken_back: Sequence[str] = (),
    progress: Progress | None = None,
) -> Folder:
    """Everything that goes into the folder.

    Args:
        woven: the weave and what its host keeps.
        people: one a teller, in the weave's numbering.
        secret: makes the salts of the certificate; 16 bytes or more.
        png, poster: also the prints; they need the `print` extra.
        healed: lines stayed from before words were taken back.
        taken_back: ids that must stand nowhere any more.

    Raises:
        Refusal: a print was asked for and its extra is not installed.
    """
    tell = progress or (lambda step, done, of: None)
    weave = woven.weave
    weave_json = to_json(weave)
    tell("prove", 0, 1)
    certificates = certificates_of(
        woven, people, secret, healed=healed, taken_back=taken_back, weave_json=weave_json
    )
    tell("draw", 0, 3)
    drawn = scene(weave)
    cloths = cloths_svg(weave)
    tell("draw", 1, 3)
    files = {
        "dreamscape.html": page(
            weave, drawn, boxes=_boxes(woven, people), cloths=cloths, root=certificates.root
        ).encode(),
        "weave.json": weave_json,
        "certificate.json": canonical(certificates.full),
        "certificate.public.json": canonical(certificates.public),
        "text.md": text_md(weave).encode(),
        "cloth.svg": cloths[0].encode(),
        "keys.csv": keys_csv(people, _tags_of(woven, people)),
        "verify_weave.py": verifier_source(),
    }
    tell("draw", 2, 3)
    if png:
        files["cloth.png"] = cloth_png(weave)
    if poster:
        files["poster.pdf"] = poster_pdf(weave)
    tell("draw", 3, 3)
    return Folder(files, summary_of(weave, certificates.root), certificates.root)


def certificates_of(
    woven: Woven,
    people: Sequence[Person],
    secret: bytes,
    *,
    healed: bool = False,
    taken_back: Sequence[str] = (),
    weave_json: bytes | None = None,
) -> Certificates:
    """Both certificates of a weave, and their root. Arguments as for `folder_of`."""
    weave = woven.weave
    return make_certificate(
        weave,
        tellers=_records(woven, people),
        candidate=woven.candidate.tolist(),
        relation=relation_of(
            woven.fragment_of,
            woven.carrying.start.tolist(),
            woven.carrying.teller.tobytes(),
            woven.carrying.level.tobytes(),
            len(weave.radii),
        ),
        payments=_payments(woven),
        chorus=[
            (int(who), place, int(units))
            for who, place, units in zip(
                woven.choice.chorus_teller,
                woven.chorus_of,
                woven.choice.chorus_units,
                strict=True,
            )
        ],
        secret=secret,
        reserve=RESERVE,
        healed=healed,
        cap=woven.cap,
        grain=woven.grain,
        taken_back=taken_back,
        weave_json=weave_json,
    )


def verifier_source() -> bytes:
    """The stand-alone verifier, as it is shipped beside every weave."""
    return resources.files("dreamweave.verifier").joinpath("verify_weave.py").read_bytes()


def _records(woven: Woven, people: Sequence[Person]) -> list[TellerRecord]:
    threads = _threads_of(woven, people)
    said: list[list[int]] = [[] for _ in people]
    denied: list[list[int]] = [[] for _ in people]
    for into, pairs in ((said, woven.said), (denied, woven.denied)):
        for candidate, who in sorted(pairs):
            into[who].append(candidate)
    return [
        TellerRecord(person.tag, tuple(threads[i]), tuple(said[i]), tuple(denied[i]))
        for i, person in enumerate(people)
    ]


def _threads_of(woven: Woven, people: Sequence[Person]) -> list[list[int]]:
    threads: list[list[int]] = [[] for _ in people]
    for t, who in enumerate(woven.teller_of_thread):
        threads[who].append(t)
    return threads


def _tags_of(woven: Woven, people: Sequence[Person]) -> list[list[str]]:
    """Everybody's thread tags, in the order in which they told."""
    return [
        [woven.weave.threads[t].tag for t in sorted(held, key=lambda t: woven.reports_of_thread[t])]
        for held in _threads_of(woven, people)
    ]


def _payments(woven: Woven) -> list[tuple[int, int, int, int, int]]:
    """(teller, line of the weave, units, level, units laid on top of the price)."""
    choice = woven.choice
    return [
        (who, woven.line_of[line], units, level, topped)
        for who, line, units, level, topped in zip(
            choice.pay_teller.tolist(),
            choice.pay_line.tolist(),
            choice.pay_units.tolist(),
            choice.pay_level.tolist(),
            choice.pay_topped.tolist(),
            strict=True,
        )
    ]


def _boxes(woven: Woven, people: Sequence[Person]) -> tuple[str, ...]:
    """Each person's threads and voice account, locked with their own key."""
    choice = woven.choice
    threads = _threads_of(woven, people)
    account: list[list[list[int]]] = [[] for _ in people]
    for who, line, units, level in zip(
        choice.pay_teller.tolist(),
        choice.pay_line.tolist(),
        choice.pay_units.tolist(),
        choice.pay_level.tolist(),
        strict=True,
    ):
        account[who].append([woven.line_of[line], units, level])
    for who, place, units in zip(
        choice.chorus_teller.tolist(), woven.chorus_of, choice.chorus_units.tolist(), strict=True
    ):
        account[who].append([-1 - place, units, 0])
    return seal_all(
        [
            (
                person.key,
                json.dumps(
                    {"threads": threads[i], "account": sorted(account[i], key=lambda row: -row[1])},
                    separators=(",", ":"),
                ).encode(),
            )
            for i, person in enumerate(people)
        ]
    )
