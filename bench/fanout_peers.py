"""The servers that live fan-out is compared with, each as its own page says to write it.

    PEERS_PYTHON bench/fanout_peers.py starlette|socketio PORT A_SECOND BYTES

Starlette's StreamingResponse with a queue for each listener, and python-socketio
over its ASGI application: the same frame, so often a second, to everybody who
listens, from the first POST /begin on. Nothing of ours is imported.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any


def frame(size: int) -> str:
    """A frame of about `size` bytes with the moment it was sent."""
    pad = [1000 - i for i in range((size - 40) // 4)]
    return json.dumps({"t": time.monotonic_ns(), "acts": [["passage", 3, pad]]})[: size - 3] + "]]}"


def starlette(every_s: float, size: int) -> Any:
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse, StreamingResponse
    from starlette.routing import Route

    queues: set[asyncio.Queue[str]] = set()
    begun: list[Any] = []

    async def stream(request: Any) -> Any:
        queue: asyncio.Queue[str] = asyncio.Queue()
        queues.add(queue)

        async def told() -> Any:
            try:
                while True:
                    yield f"data: {await queue.get()}\n\n"
            finally:
                queues.discard(queue)

        return StreamingResponse(told(), media_type="text/event-stream")

    async def say() -> None:
        while True:
            said = frame(size)
            for queue in queues:
                queue.put_nowait(said)
            await asyncio.sleep(every_s)

    async def begin(request: Any) -> Any:
        begun.append(asyncio.create_task(say()))
        return PlainTextResponse("begun")

    return Starlette(routes=[Route("/stream", stream), Route("/begin", begin, methods=["POST"])])


def socketio(every_s: float, size: int) -> Any:
    import socketio as sio_of

    sio = sio_of.AsyncServer(async_mode="asgi", ping_interval=300, cors_allowed_origins="*")
    begun: list[Any] = []

    async def say() -> None:
        while True:
            await sio.emit("acts", frame(size))
            await asyncio.sleep(every_s)

    inner = sio_of.ASGIApp(sio)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == "/begin":
            begun.append(asyncio.create_task(say()))
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"begun"})
        else:
            await inner(scope, receive, send)

    return app


def run() -> None:
    import uvicorn

    which, port, a_second, size = sys.argv[1:5]
    app = {"starlette": starlette, "socketio": socketio}[which](1 / float(a_second), int(size))
    uvicorn.run(app, port=int(port), log_level="error", access_log=False, backlog=4096)


if __name__ == "__main__":
    run()
