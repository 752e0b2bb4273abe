"""A call's chat: every form Zoom has saved since 2020, Meet's and Teams', and nothing private in it."""

from __future__ import annotations

import pytest
from intake_reading import intake_of, left_out, told

TOLD = [
    ("Ann Lee", "The tide came up the stairs\nand it was warm."),
    ("Bo to the Moon", "I climbed until there was only water."),
]

# The same evening as each version of Zoom would have saved it.
BELOW = """\
09:15:02 From Ann Lee to Everyone:
\tThe tide came up the stairs
\tand it was warm.
09:15:40 From Ann Lee to Host (Direct Message):
\tcanary: am I audible?
\tcanary, second line
09:16:10 From Bo to the Moon to Everyone:
\tI climbed until there was only water.
"""
BEHIND = """\
09:15:02\t From  Ann Lee  to  Everyone : The tide came up the stairs
and it was warm.
09:15:40\t From  Ann Lee  to  Host(Direct Message) : canary: am I audible?
canary, second line
09:16:10\t From  Bo to the Moon  to  Everyone : I climbed until there was only water.
"""
OLD = """\
09:15:02\t From Ann Lee : The tide came up the stairs
and it was warm.
09:15:40\t From Ann Lee to Host (Privately) : canary: am I audible?
canary, second line
09:16:10\t From Bo to the Moon to everyone : I climbed until there was only water.
"""
GERMAN = """\
09:15:02 Von Ann Lee an Alle:
\tThe tide came up the stairs
\tand it was warm.
09:15:40 Von Ann Lee an Host (Direktnachricht):
\tcanary
09:16:10 Von Bo to the Moon an Alle:
\tI climbed until there was only water.
"""


@pytest.mark.parametrize("chat", [BELOW, BEHIND, OLD, GERMAN], ids=["below", "behind", "old", "de"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_zooms_chat_is_read_in_all_its_forms_and_private_words_never(chat, end):
    intake = intake_of("meeting_saved_chat.txt", chat.replace("\n", end))

    assert [(r.teller, r.text) for r in intake.told.reports] == TOLD
    assert left_out(intake) == (
        "Left out (1): 1 that were private messages, which are never woven."
    )
    assert intake.sources[0].format == "Zoom chat"


def test_the_clouds_form_has_no_recipients():
    chat = "00:09:15\tAnn Lee:\tThe tide came up.\nand stayed.\n00:09:40\tBo:\tI climbed.\n"

    assert told("GMT20260318-152312.txt", chat) == [
        ("Ann Lee", "The tide came up.\nand stayed."),
        ("Bo", "I climbed."),
    ]


@pytest.mark.parametrize(
    "to", ["Bo", "Hosts and panelists", "Ann, Bo", "Waiting Room Participants"]
)
def test_what_was_not_for_everyone_is_private(to):
    chat = f"09:15:02 From Ann to {to}:\n\tcanary\n09:15:09 From Bo to Everyone:\n\tI climbed.\n"

    assert told("chat.txt", chat) == [("Bo", "I climbed.")]


def test_replies_lose_the_quotation_and_keep_the_link():
    chat = (
        "09:15:02 From Ann to Everyone:\n\tThe tide came up the stairs of my building.\n"
        '09:15:30 From Bo to Everyone:\n\tReplying to "The tide came up the..."\n\t\n\tIt was in my kitchen.\n'
        '09:15:31 From Cy to Everyone:\n\tReplying to "something long gone..."\n\t\n\tA lamp was left on.\n'
        '09:15:40 From Cy to Everyone:\n\tReacted to "The tide came up the..." with 🌊\n'
        '09:15:41 From Cy to Everyone:\n\tRemoved a 🌊 reaction from "The tide came up the..."\n'
    )

    intake = intake_of("chat.txt", chat)

    first, second, third = intake.told.reports
    assert [(r.teller, r.text) for r in (second, third)] == [
        ("Bo", "It was in my kitchen."),
        ("Cy", "A lamp was left on."),
    ]
    assert (second.answers, third.answers) == (first.id, None)
    assert left_out(intake) == "Left out (2): 2 that were reactions."


def test_chatter_is_left_out_by_rule_and_one_telling_is_one_report():
    chat = "".join(
        f"09:15:{n:02} From {who} to Everyone:\n\t{text}\n"
        for n, (who, text) in enumerate(
            [
                ("Ann", "Good morning everyone!"),
                ("Ann", "I was on a tram"),
                ("Bo", "👍"),
                ("Bo", "thaaank you so much"),
                ("Ann", "and it had no driver"),
                ("Bo", "https://example.org/poll"),
                ("Bo", "water"),
            ]
        )
    )

    intake = intake_of("chat.txt", chat)

    assert [(r.teller, r.text) for r in intake.told.reports] == [
        ("Ann", "I was on a tram\nand it had no driver"),
        ("Bo", "water"),
    ]
    assert left_out(intake) == (
        "Left out (4): 2 that were only a greeting, thanks, applause, yes or no;"
        " 1 that held only links; 1 that held only signs or emoji."
    )
    assert "3 messages became 2 reports" in " ".join(intake.understood)
    assert intake.understood[-1].startswith("Rule for chat:")


def test_the_chat_beside_a_meet_recording():
    chat = (
        "00:00:20.906,00:00:23.906\nAnn Lee: The tide came up.\n\n"
        "00:01:20.906,00:01:23.906\nBo: I climbed:\nhigher\n\nand higher\n\n"
        "00:01:30.000,00:01:33.000\nBo: thanks\n"
    )

    for name in ("chat.txt", "Evening (2026-03-18).sbv"):
        assert told(name, chat) == [
            ("Ann Lee", "The tide came up."),
            ("Bo", "I climbed:\nhigher\nand higher"),
        ]


def test_what_teams_copies():
    chat = "[10:15 AM] Lee, Ann\nThe tide came up.\n\n[10:16 AM] Bo\nI climbed.\nAnd fell.\n"

    assert told("copied.txt", chat) == [
        ("Lee, Ann", "The tide came up."),
        ("Bo", "I climbed.\nAnd fell."),
    ]
