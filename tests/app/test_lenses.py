"""Lenses: the Circle's own words, chosen by oneself, two shares in steps, and nobody alone behind one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from makers_gatherings import make_gathering
from makers_ground import a_dreamer

from dreamweave.app import telling
from dreamweave.app.lenses import choose, lenses, offer
from dreamweave.model.refusals import Refusal

NIGHTS, NEW = "I work nights", "I came last year"


@pytest.fixture
def here():
    return make_gathering()


def no(do, *args, **how):
    with pytest.raises(Refusal) as refusal:
        do(*args, **how)
    return refusal.value.code


def ids(here, who):
    return {one.words: one.id for one in lenses(here.ground, who, here.g)}


def behind(here, n, n_others, chars=(10, 10)):
    """`n` tellers behind the first lens and `n_others` who are not; the host told nothing."""
    offer(here.ground, here.host, here.g, [NIGHTS])
    lens = ids(here, here.host)[NIGHTS]
    people = []
    for i in range(n + n_others):
        who = here.comes()
        people.append(who)
        here.tells(who, "a" * chars[i >= n])
        if i < n:
            choose(here.ground, who, here.g, [lens])
    return people


def shares(here, who=None):
    (one,) = lenses(here.ground, who or here.host, here.g)
    return one.of_people, one.of_words


def test_shares_are_shown_with_five_people_on_either_side(here):
    people = behind(here, 5, 5, chars=(30, 10))

    assert shares(here) == (50, 75)
    telling.take_back(here.ground, people[0], here.g, 0)

    assert shares(here) == (None, None)


@pytest.mark.parametrize(("n", "n_others"), [(4, 6), (6, 4), (0, 10), (10, 0)])
def test_with_fewer_on_one_side_nothing_is_shown(here, n, n_others):
    behind(here, n, n_others)

    assert shares(here) == (None, None)


def test_shares_come_in_steps_so_that_one_person_does_not_show(here):
    behind(here, 5, 8)

    people, words = shares(here)

    assert (people % 5, words % 5) == (0, 0)
    assert people == 40  # 38.5 %


def test_a_lens_is_chosen_by_oneself_and_known_to_nobody_else(here):
    offer(here.ground, here.host, here.g, [NIGHTS, NEW])
    ann, bo = here.comes(), here.comes()

    choose(here.ground, ann, here.g, [ids(here, ann)[NEW]])

    assert [one.mine for one in lenses(here.ground, ann, here.g)] == [False, True]
    assert [one.mine for one in lenses(here.ground, bo, here.g)] == [False, False]
    choose(here.ground, ann, here.g, [])
    assert [one.mine for one in lenses(here.ground, ann, here.g)] == [False, False]
    facts = here.ground.store.facts(stream=None, after=0, limit=10_000)
    assert not any(b"nights" in kept.body for kept in facts)


def test_a_lens_that_stays_keeps_whoever_is_behind_it(here):
    offer(here.ground, here.host, here.g, [NIGHTS])
    ann = here.comes()
    choose(here.ground, ann, here.g, [ids(here, ann)[NIGHTS]])

    offer(here.ground, here.host, here.g, [NEW, f"  {NIGHTS} "])

    assert [(one.words, one.mine) for one in lenses(here.ground, ann, here.g)] == [
        (NEW, False),
        (NIGHTS, True),
    ]


def test_who_only_listens_is_not_counted_and_names_and_order_are_not_there(here):
    behind(here, 5, 5)
    for _ in range(4):
        who = here.comes(listening=True)
        choose(here.ground, who, here.g, [ids(here, who)[NIGHTS]])

    assert shares(here) == (50, 50)


def test_only_the_host_writes_lenses_and_only_people_there_look(here):
    ann = here.comes()
    stranger = a_dreamer(here.ground)
    assert no(offer, here.ground, ann, here.g, [NIGHTS]) == "gathering.host"
    assert no(offer, here.ground, here.host, here.g, [""]) == "lens.words"
    assert no(offer, here.ground, here.host, here.g, ["a" * 121]) == "lens.words"
    assert no(offer, here.ground, here.host, here.g, [NIGHTS, NIGHTS]) == "lens.twice"
    assert no(offer, here.ground, here.host, here.g, map(str, range(13))) == "lens.words"
    assert no(lenses, here.ground, stranger, here.g) == "gathering.unknown"
    assert no(lenses, here.ground, replace(ann, suspended=True), here.g) == "gathering.unknown"
    assert no(choose, here.ground, stranger, here.g, []) == "gathering.unknown"
    assert no(choose, here.ground, ann, here.g, ["nothing"]) == "lens.unknown"
    assert lenses(here.ground, ann, here.g) == []
