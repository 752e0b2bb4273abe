"""Events: how what is heard is written on a stream, as server-sent events.

Three kinds of frames: of ids (an audience's, unnamed events as ever), of acts and
of words (a gathering's). Each carries the number from which to go on, in the name
of this run of the node. Who is sent what is `listening`'s and `stream`'s.
"""

from __future__ import annotations

from dreamweave.app.hearing import Frame

RETRY = b"retry: 3000\n"
# Says nothing, and keeps a line open that proxies would close.
BEAT = b":\n\n"


def told(frame: Frame, boot: str) -> bytes:
    """A frame."""
    name = b"" if frame.kind == "ids" else b"event: %s\n" % frame.kind.encode()
    return b"%sid: %s-%d\ndata: %s\n\n" % (name, boot.encode(), frame.n, frame.data)


def event(what: str, boot: str, n: int) -> bytes:
    """Something about the stream itself: "here", "resync", "try"."""
    return f"event: {what}\nid: {boot}-{n}\ndata: {{}}\n\n".encode()


def number(id: str, boot: str) -> int | None:
    """The frame's number in an event's id, if this run of the node gave it."""
    said, _, n = id.partition("-")
    return int(n) if said == boot and n.isascii() and n.isdecimal() and len(n) < 16 else None
