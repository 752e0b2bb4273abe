"""Dyes, for the small pictures that a server draws: one colour a feeling, on either ground.

The table is `dreamscape.dyes`; this is the view of it that pages may use.
"""

from __future__ import annotations

from dreamweave.dreamscape.dyes import DYES, GroundName

__all__ = ["COLOURS", "GroundName"]

COLOURS: dict[GroundName, dict[str, str]] = {
    "night": {dye.feeling: dye.night for dye in DYES},
    "day": {dye.feeling: dye.day for dye in DYES},
}
