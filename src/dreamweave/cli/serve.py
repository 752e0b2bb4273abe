"""dreamweave serve: open a house and its doors on this machine, until it is told to stop.

Makes what a first run needs, says where the node is and how to set it up, and
ends within three seconds with every stream told. Secrets are printed here and
nowhere else, and never as part of an address. What is served is `web`'s.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from types import FrameType
from typing import Any

from dreamweave.cli.saying import Parser, say, warn
from dreamweave.house import House, open_house
from dreamweave.model.refusals import Refusal
from dreamweave.settings import Settings, read_settings

DONE, BROKEN = 0, 1
GRACE_S = 2
EVERYWHERE = ("0.0.0.0", "::")


def parser() -> Parser:
    made = Parser(
        prog="dreamweave serve",
        description="Serve a node: journals, lendings and Circles, for this machine or for everybody"
        " on its network. The first run makes what it needs. Every setting may also stand in the"
        " environment or in dreamweave.toml (docs/reference/settings.md).",
    )
    made.add_argument("--data", dest="data_dir", metavar="DIR", help="the folder of what is kept")
    made.add_argument(
        "--keys",
        dest="keys_dir",
        metavar="DIR",
        help="the folder of the keys, not inside the other",
    )
    made.add_argument("--store", metavar="URL", help="a PostgreSQL database to keep in instead")
    made.add_argument("--host", metavar="ADDRESS", help="where to listen (default: 127.0.0.1)")
    made.add_argument("--port", metavar="N", help="the port (default: 8282; 0 takes a free one)")
    made.add_argument(
        "--address", metavar="URL", help="what people type, like https://dreams.example"
    )
    made.add_argument("--open", action="store_true", help="open the first page in a browser")
    made.add_argument("--quiet", action="store_true", help="say only the address")
    return made


def run(argv: Sequence[str]) -> int:
    """Serve until stopped; returns the exit code."""
    asked = vars(parser().parse_args(list(argv)))
    opens, quiet = asked.pop("open"), asked.pop("quiet")
    settings = read_settings(asked)
    # The port first: a node that cannot be reached should make no folders.
    bound = bind(settings)
    with contextlib.closing(bound):
        port = bound.getsockname()[1]
        house = open_house(with_names(replace(settings, port=port)))
        try:
            server = Server(house, bound)
            server.on_ready = lambda: tell(house, opens=opens, quiet=quiet)
            server.serve_until_stopped()
        finally:
            house.close()
    if house.broken:
        warn(
            "The disk or the database failed, so this node stopped. What was acknowledged is kept."
            " See to the disk, then start it again; dreamweave doctor looks at it."
        )
        return BROKEN
    if not quiet:
        say("Stopped. Everything that was acknowledged is kept.")
    return DONE


# ------------------------------------------------------------------ the server


class Server:
    """uvicorn over the doors of a house, in this thread."""

    def __init__(self, house: House, bound: socket.socket) -> None:
        import uvicorn

        from dreamweave.cli.connections import Connection, connections_max
        from dreamweave.web import noting
        from dreamweave.web.app import make_app

        self.house = house
        self.on_ready: Callable[[], None] = lambda: None
        self._bound = bound
        self.app = app = make_app(house)
        level = getattr(logging, house.settings.log_level.upper())
        self._undo = noting.to_stream(sys.stderr, level)
        house.on_trouble = lambda trouble: noting.note_mistake("0000", trouble)
        outer = self

        class Quiet(uvicorn.Server):
            """uvicorn, with our way to be stopped: no signal is raised again when all is done."""

            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                if self.started:
                    outer.on_ready()

            def handle_exit(self, sig: int, frame: FrameType | None) -> None:
                outer.stop()

            @contextlib.contextmanager
            def capture_signals(self) -> Iterator[None]:
                # Signals come to the main thread only; in another one `stop` is called.
                main = threading.current_thread() is threading.main_thread()
                wanted = [signal.SIGINT, signal.SIGTERM] if main else []
                before = [(s, signal.signal(s, self.handle_exit)) for s in wanted]
                try:
                    yield
                finally:
                    for which, handler in before:
                        signal.signal(which, handler)

        class Held(Connection):
            n_max = connections_max()

        self._server = Quiet(
            uvicorn.Config(
                app,
                http=Held,
                log_config=None,  # noting's: no access lines, no addresses, no words
                access_log=False,
                server_header=False,
                proxy_headers=False,  # the gate reads them, from proxies that the keeper named
                lifespan="off",
                ws="none",
                backlog=4096,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=GRACE_S,
            )
        )

    def stop(self) -> None:
        """End every stream and the server. From any thread, and from a signal."""
        self._server.should_exit = True
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self.app.state.streams.end_all)

    def serve_until_stopped(self) -> None:
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(self._serve())
        finally:
            self._undo()

    async def _serve(self) -> None:
        from anyio.to_thread import current_default_thread_limiter

        self._loop = asyncio.get_running_loop()
        current_default_thread_limiter().total_tokens = self.house.settings.n_threads
        self.house.on_broken = self.stop
        self.house.start_sweeping()
        await self._server.serve([self._bound])


def _loop_factory() -> Any:
    if find_spec("uvloop") is None:
        return None
    import uvloop

    return uvloop.new_event_loop


# ------------------------------------------------------------------ where it listens


def bind(settings: Settings) -> socket.socket:
    """A socket at the address and port of the settings; refuses in a sentence."""
    where = f"{settings.host} port {settings.port}"
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, proto)
    except (socket.gaierror, UnicodeError):
        raise Refusal(
            "serve.host", f"There is no address {settings.host} to listen at. Try --host 127.0.0.1."
        ) from None
    try:
        if sys.platform != "win32":  # there it would share the port with whoever has it
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(1)  # taken now, not when the first page is asked for
    except OSError as no:
        bound.close()
        raise Refusal("serve.port", _why_not(no.errno, where)) from None
    return bound


def _why_not(number: int | None, where: str) -> str:
    if number == errno.EADDRINUSE:
        return f"Another program listens at {where} already. Stop it, or name another --port."
    if number in (errno.EACCES, errno.EPERM):
        return f"This user may not listen at {where}. Name a --port from 1,024 on."
    if number == errno.EADDRNOTAVAIL:
        return f"This machine does not have the address of {where}. Try --host 0.0.0.0."
    return f"This machine cannot listen at {where}. Name another --host or --port."


def with_names(settings: Settings) -> Settings:
    """The settings with the names that this machine has on the network it listens to."""
    if settings.host in ("127.0.0.1", "::1", "localhost"):
        return settings
    names = {*settings.hosts}
    if settings.host in EVERYWHERE:
        mine = socket.gethostname().lower()
        names |= {*lan_addresses(), mine, f"{mine.partition('.')[0]}.local"}
    else:
        names.add(settings.host.lower())
    return replace(settings, hosts=tuple(sorted(names - {""})))


def lan_addresses() -> list[str]:
    """The address of this machine on its network, as far as it has one. Sends nothing."""
    found = []
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        # A datagram's socket that is connected says which way it would go, and goes nowhere.
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far, 9))
            found.append(str(probe.getsockname()[0]))
    return [a for a in found if not a.startswith(("127.", "::1", "fe80"))]


# ------------------------------------------------------------------ what it says


def tell(house: House, *, opens: bool, quiet: bool) -> None:
    """Say where the node is, and how it gets a keeper."""
    _tell(house, opens=opens, quiet=quiet)
    # Into a file or a service's journal Python holds lines back until there are many.
    sys.stdout.flush()


def _tell(house: House, *, opens: bool, quiet: bool) -> None:
    settings = house.settings
    here = f"http://localhost:{settings.port}"
    everybody = settings.address or next(iter(on_the_network(settings)), "")
    say(f"This node is at {everybody or here}")
    if quiet:
        return
    if everybody:
        say(f"On this machine: {here}")
        show_qr(everybody)
    if everybody.startswith("http://"):
        say(
            "Over plain http, browsers keep the microphone, passkeys and working offline to"
            " themselves: docs/how-to/https.md says how to get https."
        )
    if not house.ground.road.membership().holders("keeper"):
        tell_setup(house)
    say(f"Data: {(settings.store and 'a PostgreSQL database') or settings.data_dir}")
    say(f"Keys: {settings.keys_dir} (keep a copy of them elsewhere: dreamweave backup)")
    say("Stop it with Ctrl-C.")
    if opens:
        open_browser(here)


def on_the_network(settings: Settings) -> list[str]:
    """The addresses that others on the network type."""
    if settings.host in ("127.0.0.1", "::1", "localhost"):
        return []
    names = lan_addresses() if settings.host in EVERYWHERE else [settings.host]
    return [f"http://{f'[{n}]' if ':' in n else n}:{settings.port}" for n in names]


def tell_setup(house: House) -> None:
    """The code with which the first person becomes the keeper. Never part of an address."""
    if find_spec("dreamweave.app.setup") is None:
        return
    code = import_module("dreamweave.app.setup").setup_code(house.ground)
    say()
    say("It has no keeper yet. Open it, choose to join, and give this code, which works once:")
    say()
    say(f"    {code}")
    say()


def show_qr(address: str) -> None:
    """The address as a picture for a telephone, where the terminal can draw one."""
    if not sys.stdout.isatty() or (sys.stdout.encoding or "").lower() not in ("utf-8", "utf8"):
        return
    import segno

    segno.make(address, micro=False).terminal(out=sys.stdout, compact=True)


def open_browser(address: str) -> None:
    from dreamweave.cli.demo_still import has_screen

    if not has_screen():
        say("No browser could be opened from here: open the address yourself.")
        return
    import webbrowser

    # Some browsers hold on to whoever starts them; the server does not wait for one.
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
