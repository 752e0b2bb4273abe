"""Messengers' exports: dates of many countries, what the program wrote, and whose words are whose."""

from __future__ import annotations

import json

import pytest
from intake_reading import intake_of, left_out, told

from dreamweave.model.refusals import Refusal

NN = "\u202f"

# How WhatsApp writes the moment and the name before a message, by phone and country.
HEADS = [
    "12/24/23, 9:15 PM - {}: ",
    f"12/24/23, 9:15{NN}PM - {{}}: ",
    "24/12/2023, 21:15 - {}: ",
    "24.12.23, 21:15 - {}: ",
    "24.12.2023 21:15 - {}: ",
    "2023-12-24 21:15 - {}: ",
    "24-12-2023 21:15 - {}: ",
    "24/12/23, 9:15 p. m. - {}: ",
    f"24/12/23, 9:15 p.{NN}m. - {{}}: ",
    "24/12/2023 à 21:15 - {}: ",
    "[24.12.23, 21:15:02] {}: ",
    "[24/12/2023, 21:15:02] {}: ",
    "[12/24/23, 9:15:02 PM] {}: ",
    f"[12/24/23, 9:15:02{NN}PM] {{}}: ",
    "[24.12.2023 klo 21.15.02] {}: ",
    "[2023/12/24 21:15:02] {}: ",
    "[2023/12/24 下午9:15:02] {}: ",
    "[2023. 12. 24. 오후 9:15:02] {}: ",
    "\u200e[24.12.23, 21:15:02] {}: ",
    "٢٤/١٢/٢٠٢٣، ٩:١٥ م - {}: ",
    # signal-export's Markdown
    "[2023-12-24, 21:15] {}: ",
    "[2023-12-24 21:15:02] {}: ",
]


@pytest.mark.parametrize("head", HEADS)
def test_the_heads_of_many_countries(head):
    chat = (
        head.format("Ann Lee")
        + "The tide came up the stairs\nand stayed: warm.\n\nThen it left.\n"
        + head.format("+49 170 1234567")
        + "I climbed.\n"
    )

    intake = intake_of("WhatsApp Chat.txt", chat)

    assert [(r.teller, r.text) for r in intake.told.reports] == [
        ("Ann Lee", "The tide came up the stairs\nand stayed: warm.\n\nThen it left."),
        ("+49 170 1234567", "I climbed."),
    ]


def test_what_the_program_wrote_is_left_out_and_counted():
    lines = [
        "24/12/2023, 21:00 - Messages and calls are end-to-end encrypted. Nobody outside: not even us.",
        '24/12/2023, 21:01 - Ann created group "Dreams: Sunday"',
        "24/12/2023, 21:01 - Ann hat den Gruppennamen zu „Träume: Sonntag“ geändert",
        "24/12/2023, 21:02 - Bo joined using this group's invite link",
        "24/12/2023, 21:03 - Ann: <Media omitted>",
        "24/12/2023, 21:04 - Ann: IMG-20231224-WA0001.jpg (file attached)",
        "24/12/2023, 21:05 - Ann: This message was deleted",
        "24/12/2023, 21:06 - Ann: Missed voice call",
        "24/12/2023, 21:07 - Ann: POLL:\nWho dreamt?\nOPTION: I (2 votes)",
        "24/12/2023, 21:08 - Ann: null",
        "24/12/2023, 21:09 - Ann: I swam home. <This message was edited>",
        "24/12/2023, 21:10 - Bo: STK-1.webp (file attached)\nA tram with no driver.",
    ]

    intake = intake_of("chat.txt", "\n".join(lines))

    assert [(r.teller, r.text) for r in intake.told.reports] == [
        ("Ann", "I swam home."),
        ("Bo", "A tram with no driver."),
    ]
    assert left_out(intake) == (
        "Left out (10): 10 that were written by the program"
        " (joined, left, deleted, calls, files without words)."
    )


def test_what_ios_marks_as_its_own_is_left_out_in_any_language():
    lines = [
        "[24.12.23, 21:00:00] Träume: \u200eNachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt.",
        "\u200e[24.12.23, 21:01:00] Ann: \u200eBild weggelassen",
        "\u200e[24.12.23, 21:02:00] Ann: \u200e<Anhang: 00000012-PHOTO.jpg>",
        "[24.12.23, 21:03:00] ~\u202fAnn: Das Meer kam \u2068herein\u2069.",
        "[24.12.23, 21:04:00] Bo: Diese Nachricht wurde gelöscht.",
    ]

    intake = intake_of("_chat.txt", "\r\n".join(lines))

    assert [(r.teller, r.text) for r in intake.told.reports] == [("Ann", "Das Meer kam herein.")]
    assert left_out(intake).startswith("Left out (4): 4 that were written by the program")


def test_signals_files_and_reactions_are_no_words():
    chat = (
        "[2023-12-24, 21:15] Ann: I swam home.\n(- Bo: 🌊, Cy: ❤️ -)\n\n"
        "[2023-12-24, 21:16] Bo: ![photo.jpg](./media/photo.jpg)\n"
        "[2023-12-24, 21:17] Bo: ![photo.jpg](media/photo.jpg)\nA tram with no driver.\n"
    )

    intake = intake_of("chat.md", chat)

    assert [(r.teller, r.text) for r in intake.told.reports] == [
        ("Ann", "I swam home."),
        ("Bo", "A tram with no driver."),
    ]


def telegram(*messages):
    return json.dumps(
        {"name": "Dreams", "type": "private_group", "id": 7, "messages": messages}, indent=1
    )


def test_telegrams_result():
    chat = telegram(
        {"id": 1, "type": "service", "actor": "Ann", "action": "create_group", "text": ""},
        {"id": 2, "type": "message", "from": "Ann", "from_id": "user1", "text": "I swam home"},
        {"id": 3, "type": "message", "from": "Ann", "from_id": "user1",
         "text": ["and it was ", {"type": "bold", "text": "warm"}, "."]},
        {"id": 4, "type": "message", "from": "Ann", "from_id": "user2", "text": "I climbed.",
         "reply_to_message_id": 3},
        {"id": 5, "type": "message", "from": "Bo", "from_id": "user3", "forwarded_from": "Zed",
         "text": "canary of somebody else"},
        {"id": 6, "type": "message", "from": "Bo", "from_id": "user3", "media_type": "sticker", "text": ""},
        {"id": 7, "type": "message", "from": None, "from_id": "user4", "text": "A closed account dreamt."},
        {"id": 8, "type": "message", "from": "Bo", "from_id": "user3", "text": "hello all"},
        "not a message",
    )  # fmt: skip

    intake = intake_of("result.json", chat)

    assert [(r.teller, r.text, r.answers) for r in intake.told.reports] == [
        ("Ann", "I swam home\nand it was warm.", None),
        ("Ann (2)", "I climbed.", "result.json:2"),
        ("somebody", "A closed account dreamt.", None),
    ]
    assert left_out(intake) == (
        "Left out (5): 2 that were written by the program (joined, left, deleted, calls, files without"
        " words); 1 that were forwarded, so not in their teller's own words; 1 that were no messages;"
        " 1 that were only a greeting, thanks, applause, yes or no."
    )


def test_a_whole_accounts_export_is_never_woven():
    whole = json.dumps({"about": "x", "chats": {"about": "y", "list": [{"messages": []}]}})

    with pytest.raises(Refusal) as no:
        told("result.json", whole)

    assert no.value.code == "telegram.account"


def test_discords_json():
    def message(n, who, text, **more):
        return {"id": str(n), "type": "Default", "content": text, "isPinned": False,
                "author": {"id": who, "name": who.lower(), "nickname": who, "isBot": False}, **more}  # fmt: skip

    channel = {
        "guild": {"id": "1", "name": "Circle"},
        "channel": {"id": "2", "type": "GuildTextChat", "name": "dreams"},
        "messages": [
            message(10, "Ann", "I swam home."),
            message(11, "Bo", "I climbed.", type="Reply", reference={"messageId": "10"}),
            message(12, "Bo", "Joined the server.", type="GuildMemberJoin"),
            message(13, "Bot", "canary", author={"id": "9", "name": "bot", "isBot": True}),
            message(14, "Cy", ""),
        ],
        "messageCount": 5,
    }

    for indent in (None, 2):
        intake = intake_of("dreams.json", json.dumps(channel, indent=indent))

        assert [(r.teller, r.text, r.answers) for r in intake.told.reports] == [
            ("Ann", "I swam home.", None),
            ("Bo", "I climbed.", "dreams.json:10"),
        ]
        assert left_out(intake).startswith("Left out (3): 2 that were written by the program")


def test_a_chat_with_nobody_in_it_says_what_was_left_out():
    with pytest.raises(Refusal) as no:
        told("result.json", telegram({"id": 1, "type": "service", "text": ""}))

    assert no.value.code == "intake.nothing"
    assert "written by the program" in no.value.sentence


def test_a_format_can_be_insisted_on():
    lines = "notes\n" * 100 + "24/12/2023, 21:15 - Ann: I swam.\n"

    assert told("t.txt", lines, format="whatsapp") == [("Ann", "I swam.")]
    for name, content in (("t.json", "[1]"), ("t.json", "{}")):
        with pytest.raises(Refusal):
            told(name, content, format="telegram")
    with pytest.raises(Refusal) as no:
        told("t.txt", "I swam.", format="morse")
    assert no.value.code == "intake.format"
