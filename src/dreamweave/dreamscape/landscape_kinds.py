"""Kinds: the families of strokes by name, where each likes to be, and which motif is drawn by which.

A motif's family comes from its chart, the one the cloth weaves for it, or from an
English word for it; whatever fits no family is a ring around its own word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from dreamweave.dreamscape.charts import chart_for_word
from dreamweave.dreamscape.landscape_figures import (
    Family,
)
from dreamweave.dreamscape.landscape_hung import crescent, ellipse, ring, swoop, wing
from dreamweave.dreamscape.landscape_nested import arcade, arch, flame, gable, shawl, small_shawl
from dreamweave.dreamscape.landscape_rows import line, waves
from dreamweave.dreamscape.landscape_stacks import steps, tree
from dreamweave.model.weaves import Motif

Band = Literal["sky", "far", "road", "near", "shore"]


# Room for a motif's word over its figure.
LABEL = 24.0


@dataclass(frozen=True, slots=True)
class Kind:
    """A family and its ways: where it likes to be, how wide it may grow, where in a band it stands."""

    name: str
    draw: Family
    bands: tuple[Band, ...]
    narrow: float
    wide: float
    place: int
    labelled: bool = True  # its word stands over it; a crescent and rings carry it inside


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("crescent", crescent, ("sky", "near"), 380, 520, 9, labelled=False),
            Kind("swoop", swoop, ("sky", "far"), 300, 900, 1),
            Kind("wing", wing, ("sky", "far"), 290, 1_000, 2),
            Kind("shawl", shawl, ("far", "near"), 330, 720, 4),
            Kind("small shawl", small_shawl, ("far", "near"), 190, 430, 6),
            Kind("tree", tree, ("far", "near"), 150, 760, 8),
            Kind("line of carriages", line, ("road", "shore"), 700, 1_560, 0),
            Kind("gable", gable, ("near", "far"), 170, 780, 1),
            Kind("arch", arch, ("near", "far"), 170, 560, 5),
            Kind("steps", steps, ("far", "near"), 390, 700, 2),
            Kind("flame", flame, ("near", "far"), 150, 440, 6),
            Kind("ellipse", ellipse, ("near", "far"), 240, 520, 8, labelled=False),
            Kind("row of arches", arcade, ("near", "far"), 216, 760, 3),
            Kind("wave", waves, ("shore",), 600, 1_560, 0),
            Kind("ring", ring, ("sky", "near"), 200, 330, 4, labelled=False),
        )
    }
)


# Families by chart; whatever is not here is a ring.
_CHARTS: Mapping[str, str] = MappingProxyType(
    {
        chart: family
        for family, charts in {
            "crescent": "moon boat cup umbrella",
            "swoop": "flying wind falling cloud ghost running music",
            "wing": "bird butterfly",
            "shawl": "grandmother woman man mother mountain bear",
            "small shawl": "child dog cat horse wolf",
            "tree": "tree forest flower garden",
            "line of carriages": "train car road river crowd snake suitcase thread",
            "gable": "house school city bed",
            "arch": "door cave window box labyrinth key",
            "steps": "stairs ladder book",
            "flame": "fire lamp heart lighthouse",
            "ellipse": "mirror eye mask screen camera",
            "row of arches": "bridge teeth money letter",
            "wave": "sea water rain snow fish swimming",
        }.items()
        for chart in charts.split()
    }
)


# English words that no chart lists and that are plainly one of these.
_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "boat": "crescent", "bowl": "crescent", "angel": "wing", "kite": "wing", "wings": "wing",
        "plant": "tree", "queue": "line of carriages", "line": "line of carriages",
        "roof": "gable", "room": "gable", "tent": "gable", "gate": "arch", "tunnel": "arch",
        "light": "flame", "lake": "ellipse", "graves": "row of arches", "stones": "row of arches",
        "animal": "small shawl", "step": "steps", "harbour": "wave", "harbor": "wave",
    }
)  # fmt: skip


def family_of(motif: Motif) -> str:
    """The family a motif is drawn by: its chart's, or that of an English word for it, or a ring."""
    if motif.chart is not None and motif.chart in _CHARTS:
        return _CHARTS[motif.chart]
    word = " ".join(motif.name.casefold().split())
    if word in _WORDS:
        return _WORDS[word]
    return _CHARTS.get(chart_for_word(word) or "", "ring")
