"""Uploading: a form with files, taken apart strictly and within limits.

Only the page that brings a journal in reads such a form; everywhere else files
are raw bodies. The gate has read the body and held it to its size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dreamweave.model.refusals import Refusal

N_PARTS_MAX = 64
HEAD_BYTES_MAX = 2_048

_BOUNDARY = re.compile(r'boundary="?([A-Za-z0-9\'()+_,./:=? -]{1,70})"?', re.ASCII)
_NAME = re.compile(r'\bname="([^"\r\n]{1,64})"')
_FILENAME = re.compile(r'\bfilename="([^"\r\n]{0,255})"')


@dataclass(frozen=True, slots=True)
class Upload:
    """One part: a field, or a file where there is a `filename`."""

    name: str
    filename: str = field(repr=False)
    data: bytes = field(repr=False)

    def text(self) -> str:
        try:
            return self.data.decode("utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError:
            raise Refusal("form.encoding", "This form is not UTF-8 text.") from None


def parts_of(content_type: str, body: bytes) -> list[Upload]:
    """The parts of a multipart body, in order."""
    said = _BOUNDARY.search(content_type)
    if said is None:
        raise _broken()
    mark = b"--" + said[1].encode("ascii")
    pieces = body.split(b"\r\n" + mark) if body.startswith(mark) else []
    if len(pieces) < 2 or len(pieces) > N_PARTS_MAX or not pieces[-1].startswith(b"--"):
        raise _broken()
    pieces[0] = pieces[0].removeprefix(mark)
    return [_part(piece) for piece in pieces[:-1]]


def _part(piece: bytes) -> Upload:
    head, gap, data = piece.partition(b"\r\n\r\n")
    if not gap or len(head) > HEAD_BYTES_MAX:
        raise _broken()
    try:
        lines = head.decode("utf-8").split("\r\n")
    except UnicodeDecodeError:
        raise _broken() from None
    for line in lines:
        if line.lower().startswith("content-disposition:"):
            name, filename = _NAME.search(line), _FILENAME.search(line)
            if name is None:
                break
            return Upload(name[1], filename[1] if filename else "", data)
    raise _broken()


def _broken() -> Refusal:
    return Refusal("form.broken", "This form did not arrive whole. Send it again.")
