"""Fuzzing a node by its own OpenAPI document: cases that fit it and cases that do not, over real HTTP.

Every second case is pointed at things that are there, because random ids find
nothing. What an answer is held to: no server error, only statuses, kinds and
shapes that the document names, and no success for what does not fit it.
"""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.failures import FailureGroup


@schemathesis.serializer(
    "audio/webm", "audio/ogg", "audio/mp4", "audio/mpeg", "audio/wav", "audio/flac",
    "image/jpeg", "image/png", "image/webp", "application/zip", "text/csv",
    "application/octet-stream",
)  # fmt: skip
def _bytes(_: Any, value: Any) -> bytes:
    """Bytes go out as they are; whatever else was drawn for them goes out as text."""
    value = getattr(value, "value", value)
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@dataclass
class Fuzzed:
    """What came of it: cases a door, statuses, and what was wrong (door, what) with an example."""

    n_cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    of_mode: Counter[tuple[str, int]] = field(default_factory=Counter)
    wrong: dict[tuple[str, str], str] = field(default_factory=dict)
    n_of_door: Counter[str] = field(default_factory=Counter)


def fuzz(
    document: dict[str, Any],
    base_url: str,
    *,
    n_a_door: int,
    token: Callable[[], str],
    known: Callable[[], dict[str, str]],
    seed: int = 0,
    skip: Callable[[str], bool] = lambda door: False,
) -> Fuzzed:
    """Ask every door of `document` about `n_a_door` times in each mode.

    Args:
        token: a bearer token that holds now; asked before each case.
        known: what is there now, by the name of a parameter or a field.
    """
    schema = schemathesis.openapi.from_dict(_without_security(document))
    found = Fuzzed()
    with requests.Session() as http:
        for result in schema.get_all_operations():
            operation = result.ok()
            door = operation.label
            if skip(door):
                continue
            for mode in MODES:
                _door(operation, door, mode, found, http, base_url, n_a_door, token, known, seed)
    return found


def _door(
    operation: Any,
    door: str,
    mode: GenerationMode,
    found: Fuzzed,
    http: requests.Session,
    base_url: str,
    n: int,
    token: Callable[[], str],
    known: Callable[[], dict[str, str]],
    seed: int,
) -> None:
    turns = count()
    strategy = operation.as_strategy(generation_mode=mode)

    @settings(
        max_examples=n,
        deadline=None,
        database=None,
        derandomize=seed == 0,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(case=strategy)
    def ask(case: Any) -> None:
        if next(turns) % 2:
            _point(case, known(), with_body=mode is GenerationMode.POSITIVE)
        headers = {"Authorization": f"Bearer {token()}"}
        http.cookies.clear()  # a case that signs in is not who asks next
        found.n_cases += 1
        found.n_of_door[door] += 1
        try:
            answer = case.call(base_url=base_url, session=http, headers=headers, timeout=30)
        except requests.exceptions.InvalidHeader:
            return  # what no client can send
        found.statuses[answer.status_code] += 1
        found.of_mode[mode.value, answer.status_code] += 1
        # A body past what a door bears is turned away before anybody reads it, whatever is in it.
        checks = CHECKS[:-1] if answer.status_code == 413 else CHECKS
        try:
            case.validate_response(answer, checks=checks)
        except FailureGroup as failures:
            for one in failures.exceptions:
                found.wrong.setdefault(
                    (door, type(one).__name__),
                    f"{answer.status_code} {one} {case.as_curl_command()}"[:1500],
                )

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ask()
        except Unsatisfiable:  # a door that takes nothing cannot be given the wrong thing
            if mode is GenerationMode.POSITIVE:
                raise


def _without_security(document: dict[str, Any]) -> dict[str, Any]:
    """One credential is sent; a made-up second one would have every case refused for having two."""
    made: dict[str, Any] = json.loads(json.dumps(document))
    made.get("components", {}).pop("securitySchemes", None)
    for doors in made["paths"].values():
        for said in doors.values():
            said.pop("security", None)
    return made


def _point(case: Any, there: dict[str, str], *, with_body: bool) -> None:
    """Let a case be about things that are there."""
    for name in list(case.path_parameters or {}):
        if name in there:
            case.path_parameters[name] = there[name]
    if with_body and isinstance(case.body, dict):
        for name in case.body:
            if f"body.{name}" in there:
                case.body[name] = there[f"body.{name}"]
