"""Checks: what `dreamweave doctor` looks at, one function each, and what to do where it is not well.

A check says ok, warn or fail in a sentence, and what to do. It changes nothing,
makes no folder, and reads nobody's words. How findings are shown is `doctor`'s.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import ssl
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from dreamweave.app.standing import ROOM_BYTES_LOW, ROOM_BYTES_URGENT
from dreamweave.model.refusals import Refusal
from dreamweave.settings import Settings

State = Literal["ok", "warn", "fail"]
# A year before this software was, and one by which somebody will have written another.
YEARS = (2026, 2100)
# Between two looks, a clock that jumps is set by somebody at that moment.
DRIFT_S = 0.1
# A proxy that passes events on at once lets five of them come over more than a second.
SPREAD_S = 0.6
ANSWER_S = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. `do` is what to do, "" where all is well."""

    check: str
    state: State
    sentence: str
    do: str = ""


# ------------------------------------------------------------------ this machine


def sqlite() -> Iterator[Finding]:
    """Whether SQLite is one that does not damage databases by itself."""
    import apsw

    from dreamweave.store.engine import check_version

    version = apsw.sqlite_lib_version()
    try:
        check_version(version)
    except Refusal as no:
        yield Finding("sqlite", "fail", no.sentence, "pip install --upgrade apsw")
        return
    yield Finding("sqlite", "ok", f"SQLite {version}, which has no known way to damage its data.")


def clock(
    wall_s: Callable[[], float] = time.time,
    steady_s: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,
) -> Iterator[Finding]:
    """Whether the clock is in our time and goes as fast as time does."""
    set_it = "Let the network set it: timedatectl set-ntp true"
    before = wall_s() - steady_s()
    wait(0.2)
    now_s = wall_s()
    drift_s = abs(now_s - steady_s() - before)
    year = time.gmtime(now_s).tm_year
    if not YEARS[0] <= year <= YEARS[1]:
        yield Finding("clock", "fail", f"This machine's clock says it is {year}.", set_it)
    elif drift_s > DRIFT_S:
        yield Finding(
            "clock", "warn", f"The clock jumped by {drift_s:.1f} s while it was looked at.", set_it
        )
    else:
        yield Finding(
            "clock",
            "ok",
            f"The clock says {time.strftime('%Y-%m-%d %H:%M', time.gmtime(now_s))} UTC.",
        )


def files(settings: Settings) -> Iterator[Finding]:
    """Whether as many connections may be open as streams are allowed."""
    try:
        import resource
    except ImportError:  # Windows has no such bound
        return
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = settings.n_streams_max + 256
    if soft != resource.RLIM_INFINITY and soft < needed:
        yield Finding(
            "files",
            "warn",
            f"This user may hold {soft:,} files and connections open, and up to {needed:,} are needed.",
            f"Start the node with LimitNOFILE={needed} (systemd) or ulimit -n {needed}, or allow"
            " fewer streams (n_streams_max).",
        )
    else:
        yield Finding("files", "ok", "Enough connections may be open at once.")


def extras(settings: Settings) -> Iterator[Finding]:
    """Whether what the settings ask for is installed."""
    if settings.store and find_spec("psycopg") is None:
        yield Finding(
            "extras",
            "fail",
            "PostgreSQL is asked for and its driver is not installed.",
            "pip install 'dreamweave[postgres]'",
        )


# ------------------------------------------------------------------ folders


def folders(settings: Settings) -> Iterator[Finding]:
    """Whether both folders are there, apart, writable, and their owner's alone."""
    from dreamweave.store.folder import DATABASE
    from dreamweave.vault.disk import lies_in

    data, keys = settings.data_dir, settings.keys_dir
    if not settings.store:
        if not (data / DATABASE).is_file():
            yield Finding(
                "data", "warn", f"There is no node in {data} yet.", "dreamweave serve makes one."
            )
        else:
            yield from _folder("data", data)
            yield from _room(data)
    if not keys.is_dir():
        yield Finding(
            "keys", "warn", f"There are no keys in {keys} yet.", "dreamweave serve makes them."
        )
        return
    if not settings.store and (lies_in(keys, data) or lies_in(data, keys)):
        yield Finding(
            "keys",
            "fail",
            "The keys lie with the data: whoever copies one has both.",
            "Move the keys folder elsewhere and name it with --keys.",
        )
    yield from _folder("keys", keys)


def _folder(what: str, path: Path) -> Iterator[Finding]:
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(
            what,
            "fail",
            f"This user cannot write in {path}.",
            "Look with the user that serves the node, or give it the folder (chown).",
        )
        return
    open_to_others = [
        name for name in ("", *sorted(p.name for p in path.iterdir())) if _is_open(path / name)
    ]
    if os.name == "posix" and open_to_others:
        one = path / open_to_others[0]
        yield Finding(
            what,
            "fail" if what == "keys" else "warn",
            f"Others on this machine may look at {one}.",
            f"chmod -R go= {path}",
        )
        return
    yield Finding(what, "ok", f"{path} is its owner's alone.")


def _is_open(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    return False


def _room(data: Path) -> Iterator[Finding]:
    from dreamweave.store.folder import BALLAST
    from dreamweave.store.sqlite import BALLAST_BYTES

    free = shutil.disk_usage(data).free
    said = f"{free >> 20:,} MB are free where the data lies."
    more = "Make room on that disk, or move the node to a larger one (docs/how-to)."
    if free < ROOM_BYTES_URGENT:
        yield Finding("room", "fail", f"Only {said} Soon nothing new can be kept.", more)
    elif free < ROOM_BYTES_LOW:
        yield Finding("room", "warn", f"Only {said}", more)
    else:
        yield Finding("room", "ok", said)
    ballast = data / BALLAST
    held = ballast.stat().st_size if ballast.is_file() else 0
    if held < BALLAST_BYTES:
        yield Finding(
            "ballast",
            "warn",
            f"Of the {BALLAST_BYTES >> 20} MB that are held back for taking back and forgetting,"
            f" {held >> 20} MB are there: the disk was full.",
            "Make room; the node fills them up again by itself.",
        )
    else:
        yield Finding(
            "ballast", "ok", "Room is held back, so that taking back works on a full disk."
        )


# ------------------------------------------------------------------ how the node stands


def node(settings: Settings) -> Iterator[Finding]:
    """What the node says of itself, whether it is serving or not: its keys, its warnings."""
    from dreamweave.store.folder import DATABASE

    if not settings.store and not (settings.data_dir / DATABASE).is_file():
        return  # said by `folders`
    try:
        standing, serves = _standing(settings)
    except Refusal as no:
        yield Finding("node", "fail", no.sentence, "Do that, then look again.")
        return
    if standing is None:
        yield Finding(
            "node",
            "warn",
            "A dreamweave has this node open and does not answer.",
            "Wait until it has ended (a copy, a back-up), or restart it.",
        )
        return
    how = "is serving" if serves else "is not serving just now, and opens"
    yield Finding(
        "node", "ok", f"The node {how}: its keys fit its data ({standing['n_facts']:,} facts)."
    )
    for sentence in standing["warnings"]:
        yield Finding("warning", "warn", sentence, "Do what it says, then look again.")


def _standing(settings: Settings) -> tuple[dict[str, Any] | None, bool]:
    from dreamweave.house import open_house
    from dreamweave.model.wire import plain

    try:
        house = open_house(settings)
    except Refusal as no:
        if no.code not in ("store.taken", "keys.busy"):
            raise
        return _asked(settings), True
    with contextlib.closing(house):
        return plain(house.standing()), False


def _asked(settings: Settings) -> dict[str, Any] | None:
    """How the node that is running stands; None where it does not answer."""
    from dreamweave.vault.asking import Desk

    desk = Desk(settings.keys_dir)
    name = desk.ask({"what": "standing"})
    end = time.monotonic() + ANSWER_S
    try:
        while time.monotonic() < end:
            if (answer := desk.answer_to(name)) is not None:
                held: dict[str, Any] | None = answer.get("standing")
                return held
            time.sleep(0.1)
    finally:
        desk.withdraw()
    return None


# ------------------------------------------------------------------ from outside


def https(settings: Settings) -> Iterator[Finding]:
    """Whether browsers will trust the address, and what people lack where they do not."""
    address = urlsplit(settings.address)
    here = settings.host in ("127.0.0.1", "::1", "localhost")
    if address.scheme == "https" and not settings.trusted_proxies:
        # The node speaks no https itself, so somebody in front of it must, and must be believed.
        yield Finding(
            "https",
            "warn",
            f"The public address is {settings.address}, and the proxy in front is not believed: cookies"
            " are not held to https, and all people share one limit.",
            'Name it: trusted_proxies = ["127.0.0.1"] (docs/how-to/https.md).',
        )
    elif address.scheme == "https":
        yield Finding("https", "ok", f"The public address is {settings.address}.")
    elif address.scheme == "http" and address.hostname not in ("localhost", "127.0.0.1", "::1"):
        yield Finding(
            "https", "warn", f"The address {settings.address} is plain http. {_WITHOUT}", _GET
        )
    elif not here:
        yield Finding(
            "https", "warn", f"The node is on the network over plain http. {_WITHOUT}", _GET
        )
    else:
        yield Finding("https", "ok", "The node is for this machine alone, where browsers trust it.")


_WITHOUT = (
    "Browsers then keep the microphone, passkeys and working offline to themselves, and everybody"
    " on the way can read along."
)
_GET = "docs/how-to/https.md says how a small machine gets https."


def outside(settings: Settings) -> Iterator[Finding]:
    """Whether the public address leads here, and passes events on as they come."""
    if not settings.address:
        return
    try:
        arrivals = stream_arrivals(settings.address)
    except (OSError, http.client.HTTPException, ValueError) as no:
        kind = "certificate" if isinstance(no, ssl.SSLError) else "way"
        yield Finding(
            "address",
            "fail",
            f"{settings.address} does not answer as this node ({type(no).__name__}).",
            f"Start the node, then see to the {kind} from that address to port {settings.port}.",
        )
        return
    yield Finding("address", "ok", f"{settings.address} leads to a node.")
    if len(arrivals) < 2 or arrivals[-1] - arrivals[0] < SPREAD_S:
        yield Finding(
            "streams",
            "fail",
            "A proxy on the way holds events back until the end, so nobody would see anything live.",
            "Switch buffering off for this node (nginx: proxy_buffering off; docs/how-to/https.md).",
        )
    else:
        yield Finding("streams", "ok", "Events come through as they happen.")


def stream_arrivals(address: str) -> list[float]:
    """When each event of the node's own test stream arrives, in seconds."""
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=ANSWER_S)
    with contextlib.closing(connection):
        connection.request("GET", "/api/node/stream", headers={"Accept": "text/event-stream"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise ValueError(f"answered {answer.status}")
        arrivals = []
        while line := answer.readline():
            if line.startswith(b"id: try-"):
                arrivals.append(time.monotonic())
    if not arrivals:
        raise ValueError("no events")
    return arrivals


def everything(settings: Settings) -> Iterator[Finding]:
    """Every check, the machine first."""
    yield from sqlite()
    yield from clock()
    yield from files(settings)
    yield from extras(settings)
    yield from folders(settings)
    yield from node(settings)
    yield from https(settings)
    yield from outside(settings)
