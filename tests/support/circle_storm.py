"""What a hall goes through: a storm of pages that come and go, and words that are taken back under all their eyes.

Everything goes over sockets to a node that runs (`circle_hall`); what came of it
is counted there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from circle_hall import (
    N_OFFLINE,
    WAIT_S,
    Came,
    Hall,
    Page,
    Somebody,
    begun,
    compared,
    events,
)

DAY_MS, HOUR_MS = 86_400_000, 3_600_000
# As long as a long dream: what is not read fills what lies between.
LONG = " The stairs go down to the harbour, and the harbour goes down to the sea." * 40


async def storm(hall: Hall, came: Came, *, n_offline: int, n_stalled: int, n_rounds: int) -> None:
    """Some go offline, some stall, some vanish and some storm back, while others tell and the clock is set."""
    people = hall.people
    came.n_pages = len(people)
    offline, stalled = people[:n_offline], people[n_offline : n_offline + n_stalled]
    pages = [Page(hall, one) for one in people if one not in stalled]
    for page in pages:
        page.opens()
    stalling = [await begun(hall, one.token, "", room_bytes=4096) for one in stalled]
    for _, writer in stalling:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
    await until(lambda: hall.node.streams.n == len(people), "every stream")
    away = [page for page in pages if page.who in offline]
    here = pages[len(away) :]
    vanishing, storming, steady = here[: len(here) // 8], here[len(here) // 8 : len(here) // 2], []
    steady = here[len(here) // 2 :]

    for page in away:
        await page.goes(rudely=True)
    await asyncio.gather(
        *(_tells_some(hall, page.who, came, 2) for page in steady[:30]),
        _storms(storming, came, n_rounds),
        _vanish(vanishing, came),
        _sets_the_clock(hall),
    )
    for page in away:
        page.opens()
    await asyncio.gather(*(_sends_its_queue(hall, page.who, came) for page in away))

    listening = [*away, *storming, *steady]
    await compared(hall, listening, came)
    came.n_stalled = n_stalled
    await until(lambda: hall.node.streams.n == len(listening), "whoever takes nothing is let go")
    came.n_let_go = n_stalled
    for _, writer in stalling:
        writer.transport.abort()  # type: ignore[attr-defined]
    for page in listening:
        await page.goes()


async def _tells_some(hall: Hall, who: Somebody, came: Came, n: int) -> None:
    for i in range(n):
        text = f"{who.token[:6]} tells the {i}.{LONG}"
        await hall.tells(who, text, f"some-{who.token[:10]}-{i}", came)
        await asyncio.sleep(0.1)


async def _sends_its_queue(hall: Hall, who: Somebody, came: Came) -> None:
    """What was kept while there was no line, in its order; each is sent until it is acknowledged."""
    for i in range(N_OFFLINE):
        text = f"{who.token[:6]} kept the {i} lantern for later."
        await hall.tells(who, text, f"queue-{who.token[:10]}-{i:02d}", came, lossy=True)


async def _storms(pages: Sequence[Page], came: Came, n_rounds: int) -> None:
    """All of them lose the line at once and are back at once, again and again."""
    for i in range(n_rounds):
        for n, page in enumerate(pages):
            await page.goes(rudely=(n + i) % 2 == 0)
        for page in pages:
            page.opens()
        came.n_storms += 1
        await asyncio.sleep(0.4)


async def _vanish(pages: Sequence[Page], came: Came) -> None:
    for page in pages:
        await page.goes(rudely=True)
        came.n_vanished += 1
        await asyncio.sleep(0.02)


async def _sets_the_clock(hall: Hall) -> None:
    await asyncio.sleep(0.4)
    hall.clock.ahead_ms += DAY_MS
    await asyncio.sleep(0.8)
    hall.clock.ahead_ms -= HOUR_MS


# ---------------------------------------------------------------- taking back


async def taken_back(hall: Hall, came: Came, *, n_tellers: int, n_rejoining: int) -> None:
    """Everybody has heard; then half of it is taken back, and everybody looks for it everywhere."""
    people = hall.people
    came.n_pages = len(people)
    pages = [Page(hall, one) for one in people]
    for page in pages:
        page.opens()
    await until(lambda: hall.node.streams.n == len(pages), "every stream")
    tellers = people[:n_tellers]
    first = (await hall.picture(hall.host_token))[0]
    await asyncio.gather(*(_tells_canaries(hall, one, came) for one in tellers))
    await compared(hall, pages, came)

    back = [(one, r, text) for one in tellers for r, text in one.told[::2]]
    for one, r, text in back:
        key = f"back-{one.token[:10]}-{r}"
        await hall.sends(one.token, "DELETE", f"/reports/{r}", None, key, came, lossy=False)
        came.n_taken_back += 1
        # Acknowledged: from here on nobody is sent it any more, wherever they rejoin.
        await _rejoins(hall, people[-1 - r % len(people)], first, text.split()[0], came)
    await compared(hall, pages, came)

    canaries = [text.split()[0] for _, _, text in back]
    gone = {r for _, r, _ in back}
    for page in pages:
        came.n_left += sum(
            one["text"].split()[0] in canaries for one in page.shown.reports.values()
        )
        came.n_strange += not gone <= page.shown.picture.gone
    boot, _, n = (await hall.picture(hall.host_token))[0].partition("-")
    places = [f"{boot}-{int(n) * i // n_rejoining}" for i in range(n_rejoining)]
    for i, last in enumerate(places):
        for canary in canaries:
            await _rejoins(hall, people[i % len(people)], last, canary, came, n_rejoined=0)
        came.n_rejoined += 1
    for path in ("/picture", "/words", "/words?r=" + ",".join(map(str, sorted(gone)))):
        _, said = await hall.ask(hall.host_token, "GET", path)
        came.n_left += sum(canary.encode() in said for canary in canaries)
    acts = (await hall.picture(hall.host_token))[1]
    came.n_left += sum(act[0] in ("told", "woven", "carries") and act[1] in gone for act in acts)
    for page in pages:
        await page.goes()


async def _tells_canaries(hall: Hall, who: Somebody, came: Came) -> None:
    for i in range(2):
        text = f"zq{who.token[:8]}n{i}x walks by the harbour."
        await hall.tells(who, text, f"canary-{who.token[:10]}-{i}", came, lossy=True)


async def _rejoins(
    hall: Hall, who: Somebody, last: str, canary: str, came: Came, *, n_rejoined: int = 1
) -> None:
    """Rejoin from `last`, hear all there is, and look for a word."""
    now = (await hall.picture(who.token))[0]
    heard = Page(hall, who)
    reader, writer = await begun(hall, who.token, last)
    try:
        async for event in events(reader, heard):
            if event["event"] == "resync" or _n(event["id"]) >= _n(now):
                break
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    came.n_left += canary.encode() in heard.heard
    came.n_rejoined += n_rejoined


def _n(id: str) -> int:
    return int(id.partition("-")[2])


async def until(holds: Any, what: str) -> None:
    end = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end, f"waited in vain: {what}"
        await asyncio.sleep(0.02)
