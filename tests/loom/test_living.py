"""A living gathering: every moment exact, nothing kept of what is taken back, and all of it resumable."""

from __future__ import annotations

import gc
import itertools
import pickle
import random
from types import FunctionType, ModuleType

import naive_living as naive
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_living import Lent
from reader_of_words import PLAIN, WordReader

from dreamweave.loom.live_motifs import LiveMotifs
from dreamweave.loom.living import Forgot, Heard, Living, Meet, ToldAgain
from dreamweave.loom.reading import default_reader
from dreamweave.loom.shares import SPENDABLE
from dreamweave.loom.weaving import default_lines

READER = WordReader()
SAYINGS = [
    "the {a} came up the {b} and nobody looked at it",
    "I held a {a} and the {b} was warm in there",
    "nobody remembers",
    "my {a} stood where the {b} should have been",
]


def a_report(dice):
    said = [
        dice.choice(SAYINGS).format(a=dice.choice(PLAIN), b=dice.choice(PLAIN))
        for _ in range(dice.randint(1, 3))
    ]
    return ". ".join(said).capitalize() + "."


def an_evening(seed, n_events=40, n_people=7):
    """Events: ("tell", r, teller, text, answers), ("say", r, teller, carries), ("forget", r)."""
    dice = random.Random(seed)
    here: list[int] = []
    n = 0
    events = []
    for _ in range(n_events):
        what = dice.random()
        if here and what < 0.2:
            events.append(("forget", here.pop(dice.randrange(len(here)))))
        elif here and what < 0.4:
            who = dice.randrange(n_people)
            events.append(("say", dice.choice(here), who, dice.choice([True, False, None])))
        else:
            answers = dice.choice(here) if here and dice.random() < 0.3 else None
            events.append(("tell", n, dice.randrange(n_people), a_report(dice), answers))
            here.append(n)
            n += 1
    return events


def happen(living, event):
    match event:
        case ("tell", r, teller, text, answers):
            return living.tell(r, teller, text, "en", answers=answers)
        case ("say", r, teller, carries):
            return living.say(r, teller, carries)
        case ("forget", r):
            return living.forget(r)


class Folded:
    """What a screen knows: tellings and answers, folded."""

    def __init__(self):
        self.lent: dict[int, Lent] = {}
        self.said: dict[tuple[int, int], bool] = {}
        self.woven: set[tuple[int, int]] = set()
        self.motifs: dict[int, str] = {}

    def fold(self, event, answer):
        match event:
            case ("tell", r, teller, text, answers):
                self.lent[r] = Lent(teller, text, answers)
            case ("say", r, teller, carries):
                self.said.pop((r, teller), None)
                if carries is not None:
                    self.said[r, teller] = carries
            case ("forget", r):
                del self.lent[r]
                self.said = {pair: yes for pair, yes in self.said.items() if pair[0] != r}
                self.woven = {pair for pair in self.woven if pair[0] != r}
        self.woven |= set(answer.woven)
        for m, name, _ in answer.motifs:
            self.motifs[m] = name
            if not name:
                del self.motifs[m]

    def told_again(self):
        return [
            ToldAgain(r, one.teller, one.text, "en", one.answers) for r, one in self.lent.items()
        ]


def evening_of(seed, **more):
    living, folded = Living(seed=str(seed), n_expected=5, reader=READER), Folded()
    for event in an_evening(seed, **more):
        folded.fold(event, happen(living, event))
    return living, folded


def accounts_close(living):
    """Whoever told has brought what they hold and what they paid, and no more than a voice."""
    bank = living._bank
    for who in bank.tellers:
        paid = sum(bank.account(who).values())
        assert bank.balance(who) >= 0
        assert bank.balance(who) + paid == bank.brought(who) <= SPENDABLE


def carried_now(living):
    """words -> {teller: level}, as the bank has it."""
    teller = {number: who for who, number in living._number.items()}
    rows = living._bank.balances.carries
    return {
        words: {
            teller[number]: level
            for number, level in zip(rows[c].numbers.tolist(), rows[c].levels.tolist(), strict=True)
        }
        for words, c in living._candidate.items()
    }


# ------------------------------------------------------------------ every moment


@pytest.mark.parametrize("block", range(3))
def test_every_moment_is_as_the_slow_version_says(block):
    n_woven = 0
    for seed in range(8 * block, 8 * block + 8):
        living, folded = Living(seed=str(seed), n_expected=5, reader=READER), Folded()
        for event in an_evening(seed, n_events=30):
            folded.fold(event, happen(living, event))

            carried = naive.carried(folded.lent, folded.said, READER)
            assert carried_now(living) == carried, (seed, event)
            # What was folded of the answers is what is woven, and called, now.
            assert set(living.woven) == folded.woven, (seed, event)
            assert {m: name for m, name, _ in living.motifs} == folded.motifs, (seed, event)
            accounts_close(living)
            seen = living.fair()
            n = len({one.teller for one in folded.lent.values()})
            k = max(default_lines(n, max(1, len(carried))), len(folded.woven))
            lines = {living._words[c] for c in living._bank.lines}
            rho = naive.rho(carried, lines, n, k) * 1000 if n else 0
            assert (seen.n, seen.k) == (n, k)
            assert seen.rho_thousandths == (min(999, -(-rho // 1)) if rho < 1000 else -(-rho // 1))
            assert (seen.r == -1) == (seen.group == 0)
            if seen.r >= 0:
                assert seen.r in folded.lent
        n_woven += len(folded.woven)
    assert n_woven > 20


def test_the_same_tellings_give_the_same_answers():
    for seed in range(5):
        first, again = (
            [happen(living, event) for event in an_evening(seed)]
            for living in (Living(seed="s", n_expected=5, reader=READER) for _ in range(2))
        )
        assert first == again


def test_a_motif_is_shared_by_two_people_and_every_meeting_is_true():
    for seed in range(12):
        living = Living(seed=str(seed), n_expected=5, reader=READER)
        tellers: dict[int, int] = {}
        texts: dict[int, str] = {}
        for event in an_evening(seed, n_events=30):
            answer = happen(living, event)
            if event[0] == "forget":
                del tellers[event[1]], texts[event[1]]
            if event[0] != "tell":
                continue
            r = event[1]
            tellers[r], texts[r] = event[2], event[3]
            names = {m: name for m, name, _ in living.motifs}
            for meet in answer.meets:
                assert r not in meet.reports
                assert list(meet.reports) == sorted(meet.reports, reverse=True)
                assert len({tellers[o] for o in (r, *meet.reports)}) >= 2
                assert names[meet.motif]
            strengths = [len({tellers[o] for o in (r, *meet.reports)}) for meet in answer.meets]
            assert strengths == sorted(strengths, reverse=True)
            for name in names.values():
                assert any(name in text for text in texts.values())
                assert name.casefold() not in {"nobody", "the", "there", "up"}


# ------------------------------------------------------------------ one telling at a time


def told(living, *texts, lang="en"):
    return [living.tell(r, r, text, lang) for r, text in enumerate(texts)]


def a_living(n_expected=30, reader=READER, seed="s"):
    return Living(seed=seed, n_expected=n_expected, reader=reader)


def test_a_report_is_heard_as_its_fragments():
    (heard,) = told(a_living(), "The sea came up the stairs at night. A lamp burned all the while.")

    assert heard == Heard(cuts=((0, 36), (37, 65)), langs=("en", "en"))


def test_a_text_without_words_is_heard_and_nothing_comes_of_it():
    living = a_living()

    assert living.tell(0, 0, "  \n ", None) == Heard()
    assert (living.fair().n, living.woven) == (0, ())
    assert living.forget(0) == Forgot()


def test_two_people_who_say_the_same_pay_one_line_together():
    living = a_living(n_expected=20)

    first, second = told(living, "the tide came up the stairs", "The tide came up  the stairs")

    assert (first.woven, second.woven) == ((), ((0, 0),))
    assert living.fair().equal == (494, 494)


def test_words_of_two_stay_a_line_when_one_of_them_takes_them_back():
    living = a_living(n_expected=20)
    told(living, *["the tide came up the stairs"] * 2)
    living.tell(2, 0, "something else altogether happened then", "en")
    before = living.woven

    answer = living.forget(0)

    assert before == ((0, 0),)
    assert answer.woven[0] == (1, 0)
    assert (1, 0) in living.woven


def test_an_answer_is_carried_by_all_that_it_answers():
    living = a_living(n_expected=20)
    told(living, "A bird sat on the bridge at night. My coat was full of keys and sand.")

    heard = living.tell(1, 1, "nothing of the kind happened here", "en", answers=0)

    assert len(heard.woven) == 1
    assert heard.woven[0] in {(0, 0), (0, 1)}
    assert carried_now(living)["my coat was full of keys and sand."] == {0: 0, 1: 0}
    living.forget(1)
    assert carried_now(living)["my coat was full of keys and sand."] == {0: 0}


def test_saying_that_it_carries_weaves_and_unsaying_it_refunds():
    living = a_living(n_expected=20)
    told(living, "a bird sat on the bridge", "my coat was full of keys")

    assert living.say(0, 1, True).woven == ((0, 0),)
    assert living.fair().equal == (494, 494)
    assert living.say(0, 1, None) == Forgot()
    assert living.fair().equal == (0, 494)
    accounts_close(living)


def test_what_somebody_said_before_they_told_counts_once_they_tell():
    living = a_living(n_expected=20)
    told(living, "a bird sat on the bridge")

    assert living.say(0, 7, True) == Forgot()
    assert living.tell(1, 7, "my coat was full of keys", "en").woven == ((0, 0),)


def test_who_denies_what_they_answered_is_not_carried():
    living = a_living(n_expected=20)
    told(living, "a bird sat on the bridge")
    living.say(0, 1, False)

    living.tell(1, 1, "my coat was full of keys", "en", answers=0)

    assert carried_now(living)["a bird sat on the bridge"] == {0: 0}


def test_who_leaves_and_comes_back_brings_a_voice_and_what_they_said():
    living = a_living(n_expected=20)
    told(living, "a bird sat on the bridge", "my coat was full of keys")
    living.say(0, 1, True)

    living.forget(1)
    alone = living.fair()
    back = living.tell(2, 1, "a lamp burned under the water", "en")

    assert (alone.n, living.fair().n) == (1, 2)
    assert carried_now(living)["a bird sat on the bridge"] == {0: 0, 1: 0}
    assert back.woven in ((), ((0, 0),))
    accounts_close(living)


def test_a_number_is_given_once_and_what_is_not_here_is_gone_already():
    living = a_living()
    told(living, "a bird sat on the bridge")

    with pytest.raises(ValueError, match="told already"):
        living.tell(0, 1, "again", "en")
    with pytest.raises(ValueError, match="expects somebody"):
        Living(seed="s", n_expected=0, reader=READER)
    assert living.forget(9) == Forgot()
    assert living.say(9, 0, True) == Forgot()
    assert living.path(0, 9) == ()


# ------------------------------------------------------------------ motifs, read by meaning


def test_people_meet_in_an_image_across_languages_and_by_no_small_word():
    living = a_living(reader=default_reader())
    first = living.tell(0, 0, "There was a house that I had never seen before.", "en")
    second = living.tell(1, 1, "Wir standen lange vor dem Haus und sagten nichts.", "de")
    third = living.tell(2, 2, "It was there before, and then it was not there any more.", "en")

    assert first.meets == third.meets == ()
    assert second.meets == (Meet(0, (0,)),)
    assert second.motifs in (((0, "house", "en"),), ((0, "Haus", "de"),))
    assert third.motifs == ()


def test_a_motif_is_called_otherwise_when_its_word_is_taken_back_and_gone_with_its_last_pair():
    living = a_living(reader=default_reader())
    living.tell(0, 0, "There was a house that I had never seen before.", "en")
    living.tell(1, 1, "The house had no door that I could find.", "en")
    living.tell(2, 2, "Wir standen lange vor dem Haus und sagten nichts.", "de")
    living.tell(3, 3, "Mein Haus war voller Wasser, und es stieg.", "de")
    before = living.motifs

    answers = [living.forget(r).motifs for r in (0, 1, 2)]

    assert before == ((0, "house", "en"),)
    assert answers[0] == ()
    assert [name for _, name, _ in answers[1]] == ["Haus"]
    assert answers[2] == ((0, "", ""),)
    assert living.motifs == ()
    # What begins again is another motif.
    assert living.tell(4, 4, "A house again.", "en").motifs[0][0] == 1


def live_motifs(*texts):
    """Motifs of one fragment each, told by one person each; each lies near the one before it."""
    reader = default_reader()
    motifs = LiveMotifs(reader)
    named = [
        motifs.tell(r, r, [text], ["en"], reader.read([text], ["en"]), [[(r - 1, 0)] if r else []])
        for r, text in enumerate(texts)
    ]
    return motifs, named


def test_scenes_that_lie_close_meet_without_a_word():
    motifs, named = live_motifs(
        "I was late for the examination and ran through the building.",
        "We missed the test because nobody knew which lecture hall it was.",
        "They handed out the questions and I could not read a line.",
    )

    ((m, name, _),) = motifs.names
    assert named == [[], [(m, name, "en")], []]
    assert [list(one.reports) for _, one in motifs.met(2)] == [[0, 1, 2]]
    assert all(name for _, name, _ in motifs.forget(0))  # two are left, whatever it is called
    assert [number for number, _, _ in motifs.names] == [m]
    assert motifs.forget(1) == [(m, "", "")]
    assert motifs.met(2) == []


def test_that_nobody_remembers_more_is_no_scene():
    motifs, named = live_motifs(
        "That is all I can remember.", "I do not really remember any more of it."
    )

    assert named == [[], []]
    assert motifs.names == ()


def test_who_meets_nobody_by_a_word_joins_the_image_they_are_closest_to():
    motifs, _ = live_motifs(
        "The moon stood over the harbour.",
        "A moon hung there, enormous.",
        "It was so bright in the sky that I could see my shadow at midnight.",
    )

    assert motifs.names == ((0, "moon", "en"),)
    assert [m for m, _ in motifs.met(2)] == [0]
    # With the two who say the word gone but for one, closeness alone holds nobody.
    assert motifs.forget(0) == []
    assert motifs.forget(1)[-1] == (0, "", "")
    assert motifs.met(2) == []


def test_nobodys_name_becomes_a_motif():
    living = a_living(reader=default_reader())
    for r, text in enumerate(
        ["I went to see Margaret about it.", "Then Margaret said that we should go."]
    ):
        living.tell(r, r, text, "en")

    assert "margaret" not in {name.casefold() for _, name, _ in living.motifs}


# ------------------------------------------------------------------ taking back


def reachable(root):
    """Everything that an object leads to, but for modules, classes and functions."""
    # (What an array is a view of, the collector does not say.)
    seen, waiting = {}, [root]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, (ModuleType, type, FunctionType)):
            continue
        seen[id(one)] = one
        waiting += gc.get_referents(one)
        if isinstance(one, np.ndarray) and one.base is not None:
            waiting.append(one.base)
    return seen.values()


def test_nothing_of_what_was_taken_back_is_left():
    reader = default_reader()
    living = a_living(reader=reader)
    secret = "A zebra swam through the cathedral carrying velvet trombones."
    texts = [
        "There was a house by the sea, and I was late.",
        secret,
        "The sea came into the house and I was not afraid.",
        "A zebra stood in the cathedral and nobody minded.",
    ]
    for r, text in enumerate(texts):
        living.tell(r, r, text, "en", answers=0 if r == 1 else None)
    living.say(1, 0, True)
    living.say(0, 1, True)
    assert len(living.motifs) >= 2
    row = reader.read([secret], ["en"])[0].tobytes()
    words = {
        word: reader.read([word], ["en"])[0].tobytes() for word in ("trombones", "velvet", "swam")
    }
    held = pickle.dumps((living._carriers, living._motifs, living._candidate))
    assert row in held
    assert all(vector in held for vector in words.values())

    living.forget(1)

    assert not any("zebra" in name.casefold() for _, name, _ in living.motifs)
    texts_left = [one for one in reachable(living) if isinstance(one, str)]
    for word in ("trombone", "velvet", "swam"):
        assert not any(word in text.casefold() for text in texts_left)
    arrays = [one for one in reachable(living) if isinstance(one, np.ndarray)]
    for vector in (row, *words.values()):
        numbers = np.frombuffer(vector, dtype=np.int8)
        assert not any(vector in array.tobytes() for array in arrays)
        wide = numbers.astype(np.float32).tobytes()
        assert not any(wide in array.tobytes() for array in arrays)
        unit = (numbers / np.linalg.norm(numbers.astype(float))).astype(np.float32)
        assert not any(
            np.isclose(array[..., : len(unit)], unit, atol=1e-4).all(axis=-1).any()
            for array in arrays
            if array.dtype == np.float32 and array.ndim == 2
        )


def test_when_everything_is_taken_back_nothing_is_left():
    for seed in range(6):
        living, folded = evening_of(seed)
        for r in list(folded.lent):
            folded.fold(("forget", r), living.forget(r))

        assert (living.woven, living.motifs, folded.woven, folded.motifs) == ((), (), set(), {})
        assert living.fair().n == 0
        assert not living._held
        assert not living._candidate
        assert not living._motifs._words._words
        arrays = (
            living._carriers._vectors,
            living._carriers._units,
            living._motifs._words._heads._wide,
        )
        assert not any(array.any() for array in arrays)


# ------------------------------------------------------------------ beginning again


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000))
def test_resumed_every_line_that_is_lent_is_a_line_and_accounts_close(seed):
    living, folded = evening_of(seed)
    woven: dict[int, set[int]] = {}
    for r, i in living.woven:
        woven.setdefault(r, set()).add(i)

    again = Living.resume(
        seed=str(seed),
        n_expected=5,
        told=folded.told_again(),
        said=[(r, who, yes) for (r, who), yes in folded.said.items()],
        woven=woven,
        motifs=folded.motifs,
        reader=READER,
    )

    assert set(again.woven) >= set(living.woven)
    assert carried_now(again) == carried_now(living)
    accounts_close(again)
    # Motifs whose name arises again have their number, and no number is given twice.
    names = {m: name for m, name, _ in again.motifs}
    by_name = {name: m for m, name in folded.motifs.items()}
    assert all(m == by_name.get(name, m) for m, name in names.items())
    assert all(name in by_name or m not in folded.motifs for m, name in names.items())
    # It goes on.
    answer = again.tell(10_000, 3, "the lamp came up the stairs and nobody looked at it", "en")
    assert {m for m, _, _ in answer.motifs} & set(names) <= {m for m, n, _ in answer.motifs if n}
    accounts_close(again)


def test_resumed_after_words_vanished_lines_that_are_gone_stay_gone():
    living = a_living(n_expected=20)
    told(living, *["the tide came up the stairs"] * 2, "a lamp burned under the water")

    again = Living.resume(
        seed="s",
        n_expected=20,
        told=[ToldAgain(1, 1, "the tide came up the stairs", "en")],
        woven={0: {0}, 1: {0}},
        motifs={4: "tide", 7: "lamp"},
        reader=READER,
    )

    # It could not be bought by one of two, and is paid with what that one has.
    assert again.woven == ((1, 0),)
    assert again.fair().equal == (495, 495)
    assert again.motifs == ()
    assert again.tell(2, 2, "the tide went out", "en").motifs[0][0] == 8


# ------------------------------------------------------------------ ways


def test_a_way_leads_from_one_report_to_another_through_what_is_lent():
    for seed in range(8):
        living, folded = evening_of(seed)
        n = {r: len(living._told[r].candidates) for r in folded.lent}
        for a, b in itertools.islice(itertools.permutations(folded.lent, 2), 20):
            way = living.path(a, b)

            rows = living._carriers.vectors.tolist()
            here, there = living._told[a].candidates, living._told[b].candidates
            width = naive.widest(rows, here, there)
            assert bool(way) == (width > 0)
            if way:
                assert (way[0][0], way[-1][0]) == (a, b)
                assert all(0 <= i < n[r] for r, i in way)
                places = [living._told[r].candidates[i] for r, i in way]
                steps = [naive.cosine(rows[x], rows[y]) for x, y in itertools.pairwise(places)]
                assert min(steps, default=1_000_000) >= min(width, 999_999)


def test_a_way_to_oneself_is_one_fragment():
    living = a_living()
    told(living, "a bird sat on the bridge", "A BIRD sat on the bridge")

    assert living.path(0, 0) == ((0, 0),)
    assert living.path(0, 1) == ((0, 0), (1, 0))


def test_a_motif_is_called_anew_in_the_language_that_most_speak_once_somebody_says_it_there():
    live = Living(seed="1", n_expected=8)
    for r, text in enumerate(("I opened the letter.", "The lamp was cold.", "We counted coins.")):
        live.tell(r, r, text, "en")
    live.tell(3, 3, "Der Hund schläft auf der Treppe.", "de")
    live.tell(4, 4, "El perro duerme en la escalera.", "es")
    foreign = {name for _, name, _ in live.motifs}
    live.tell(5, 5, "A dog sleeps on the stairs.", "en")

    assert foreign
    assert foreign.isdisjoint({"dog", "stairs"})
    assert {"dog", "stairs"} & {name for _, name, _ in live.motifs}
    # And back again: whoever said it there took it back.
    live.forget(5)
    assert {"dog", "stairs"}.isdisjoint({name for _, name, _ in live.motifs})
