"""A report's days are days: what a calendar cannot hold would break every page that counts nights."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from makers_ground import a_report, make_ground

from dreamweave.model.journal import is_day
from dreamweave.model.refusals import Refusal

NO_DAYS = ("2026-02-30", "2026-02-29", "1900-02-29", "2026-04-31", "0000-01-01", "0001-01-01")


@pytest.mark.parametrize("day", [*NO_DAYS, "9999-12-31"])
@pytest.mark.parametrize(("where", "rest"), [("night", ""), ("told_at", "T08:00:00Z")])
def test_a_day_that_there_is_not_is_refused(day, where, rest):
    with pytest.raises(Refusal) as no:
        a_report(make_ground(), "The sea.", **{where: day + rest})

    assert no.value.code == f"report.{where}"


def test_every_day_there_is_is_one_and_no_other():
    first = date(1999, 12, 1)
    real = {(first + timedelta(n)).isoformat() for n in range(2_000)}
    said = {
        f"{year}-{month:02d}-{day:02d}"
        for year in range(2000, 2005)
        for month in range(1, 13)
        for day in range(1, 32)
    }

    assert {day for day in said if is_day(day)} == {d for d in real if "2000" <= d[:4] < "2005"}
