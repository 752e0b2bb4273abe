"""The transcriber that comes with dreamweave: faster-whisper, where it is installed with a model.

    python -m dreamweave.app.transcribe_whisper [MODEL] < voice > lines

Speaks the protocol of `transcribing`. Downloads nothing, ever: MODEL is a folder
with a model, or the name of one that is on this machine already ("small").
Without either it says so by its code and lets the node say it in words.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

MODEL = "small"


def heard(audio: bytes, model: str, lang: str = "") -> Iterator[dict[str, Any]]:
    """What is said in `audio`, line by line, or why it cannot be told."""
    # Said before the library is loaded: it asks the network for a newer model otherwise.
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        from faster_whisper import WhisperModel  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        yield {"error": "missing"}
        return
    try:
        whisper = WhisperModel(model, device="cpu", compute_type="int8", local_files_only=True)
    except Exception:
        # The library's own errors differ from version to version; all mean: no model here.
        yield {"error": "model"}
        return
    try:
        segments, info = whisper.transcribe(io.BytesIO(audio), language=lang or None)
        for segment in segments:
            yield {
                "text": segment.text.strip(),
                "lang": info.language,
                "start_ms": int(segment.start * 1000),
                "end_ms": int(segment.end * 1000),
            }
    except Exception:
        yield {"error": "audio"}


def main(words: list[str]) -> int:
    lang = os.environ.get("DREAMWEAVE_LANG", "").partition("-")[0]
    for line in heard(sys.stdin.buffer.read(), words[0] if words else MODEL, lang):
        print(json.dumps(line, ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
