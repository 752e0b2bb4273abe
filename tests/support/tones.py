"""Tones: text as sound, and a small real transcriber that hears it again.

    python tones.py < voice.wav > lines

Every byte of a text is two tones, each one of sixteen pairs of frequencies as a
telephone's keys have them. `sounding` makes a WAV of a text; run as a program
this file is a transcriber of `dreamweave.app.transcribing`: it knows nothing but
the samples it is given and finds the frequencies in them (Goertzel's algorithm).
"""

from __future__ import annotations

import io
import json
import math
import struct
import sys
import wave

RATE = 8_000
LOW = (697.0, 770.0, 852.0, 941.0)
HIGH = (1209.0, 1336.0, 1477.0, 1633.0)
TONE, GAP = 240, 80  # samples: 30 ms of tone, 10 ms of silence


def sounding(text: str, *, noise: int = 0) -> bytes:
    """`text` as a WAV file, with so much noise (a fixed one) over it."""
    samples: list[int] = []
    state = 1
    for byte in text.encode():
        for nibble in (byte >> 4, byte & 15):
            low, high = LOW[nibble >> 2], HIGH[nibble & 3]
            for i in range(TONE + GAP):
                value = 0.0
                if i < TONE:
                    value = 9_000 * math.sin(2 * math.pi * low * i / RATE)
                    value += 9_000 * math.sin(2 * math.pi * high * i / RATE)
                state = (1_103_515_245 * state + 12_345) % (1 << 31)
                samples.append(int(value) + (noise * (state - (1 << 30)) >> 30))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return out.getvalue()


def heard(data: bytes) -> str:
    """The text that sounds in a WAV file. Raises ValueError where none does."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            raw = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as no:
        raise ValueError("no WAV file") from no
    samples = struct.unpack(f"<{len(raw) // 2}h", raw)
    nibbles = []
    for start in range(0, len(samples) - TONE + 1, TONE + GAP):
        part = samples[start : start + TONE]
        low, high = (max(range(4), key=lambda k, f=f: power(part, f[k])) for f in (LOW, HIGH))
        nibbles.append(low << 2 | high)
    pairs = zip(nibbles[::2], nibbles[1::2], strict=True)
    return bytes(a << 4 | b for a, b in pairs).decode()


def power(samples: tuple[int, ...], frequency: float) -> float:
    """How much of a frequency is in the samples (Goertzel)."""
    factor = 2 * math.cos(2 * math.pi * frequency / RATE)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + factor * last - before
    return before * before + last * last - factor * before * last


if __name__ == "__main__":
    try:
        for line in heard(sys.stdin.buffer.read()).split("\n"):
            print(json.dumps({"text": line, "lang": "en"}))
    except ValueError:
        print(json.dumps({"error": "audio"}))
