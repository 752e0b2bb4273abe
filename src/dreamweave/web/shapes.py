"""Shapes: what comes in and goes out of the JSON doors, so that the OpenAPI document is whole.

Incoming shapes refuse a field that nobody asked for. What a report may hold is
checked by the model itself, once, and these only say which fields there are.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

# Whole numbers that every reader of JSON keeps exactly.
WHOLE_MAX = 9_007_199_254_740_991
Id = Annotated[str, Field(min_length=26, max_length=26, pattern="^[0-9A-HJKMNP-TV-Z]{26}$")]
Whole = Annotated[int, Field(ge=0, le=WHOLE_MAX)]


class Asked(BaseModel):
    """Something that comes in: strict, and nothing beside what is named."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class Told(BaseModel):
    """Something that goes out."""

    model_config = ConfigDict(frozen=True)


class RefusalTold(Told):
    """A no: a stable code, and a sentence for the person who asked."""

    code: str
    sentence: str


def refused(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of a door, for its OpenAPI entry; 4XX stands for the usual ones."""
    names: list[int | str] = ["4XX", 503, *statuses]
    return {name: {"model": RefusalTold} for name in names}
