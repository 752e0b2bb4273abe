"""The JSON doors: one noun a file, each with its `router`. Each reads, asks the house, answers."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path

from fastapi import APIRouter


def routers() -> list[APIRouter]:
    """The routers of every door, in the order of their names.

    Nothing has to be listed: the gate refuses a route that does not say for
    whom it is, so a file too many opens nothing.
    """
    return routers_in(__name__, str(Path(__file__).parent))


def routers_in(package: str, folder: str) -> list[APIRouter]:
    """Every module's `router` in a package."""
    found = []
    for module in sorted(info.name for info in pkgutil.iter_modules([folder])):
        router = getattr(import_module(f"{package}.{module}"), "router", None)
        if isinstance(router, APIRouter):
            found.append(router)
    return found
