"""After a restore, journals and audiences know what was forgotten since, and show no place for it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from makers_backups import Drawer
from makers_ground import a_dreamer, a_report, make_ground

from dreamweave.app import journals, lending
from dreamweave.app.ground import ground
from dreamweave.app.lending import Offer
from dreamweave.app.replaying import replay
from dreamweave.model.facts import COMMONS
from dreamweave.model.refusals import Refusal


@pytest.fixture
def node(tmp_path):
    """Two people, each with two reports, one of them lent to the commons by name."""
    (tmp_path / "data").mkdir()
    on = make_ground(real_vault_in=tmp_path)
    people, kept, lent = [], [], []
    for name in ("Ann", "Bo"):
        who = a_dreamer(on)
        people.append(who)
        for i in (0, 1):
            kept.append(a_report(on, text=f"{name} dreamt {i}."))
            journals.keep_report(on, who, kept[-1])
        offer = Offer(kept[-1].id, 1, COMMONS, "named", name=name)
        lent.append(lending.lend(on, who, offer))
    place = SimpleNamespace(store=on.store, vault=on.vault, data=tmp_path / "data")
    yield SimpleNamespace(
        on=on, people=people, kept=kept, lent=lent, drawer=Drawer(tmp_path / "drawer", place)
    )
    on.vault.close()


def restored(node, data, folder):
    """The node as it comes back: the ground, and how much was replayed."""
    node.drawer.refresh()
    made, restoring = node.drawer.restored(data, folder)
    on = ground(made.store, made.vault, now_ms=node.on.now_ms, rng=node.on.rng)
    things = {thing for one in restoring.news for thing in one.things}
    owners = {owner for one in restoring.news for owner in one.owners}
    return on, replay(on, things, owners)


def texts(on, who):
    return sorted(r.text for r in journals.reports(on, who))


def shown(on, who):
    return sorted(words.text for words in lending.shown_to(on, who, COMMONS))


def test_nothing_forgotten_is_nothing_replayed(node, tmp_path):
    ann, bo = node.people
    data = node.drawer.back_up()

    on, n = restored(node, data, tmp_path / "again")

    assert n == 0
    assert texts(on, ann) == ["Ann dreamt 0.", "Ann dreamt 1."]
    assert shown(on, bo) == ["Ann dreamt 1.", "Bo dreamt 1."]
    assert on.store.n_facts() == node.on.store.n_facts()
    on.vault.close()


def test_a_forgotten_report_and_its_lendings_are_gone_from_the_states_as_well(node, tmp_path):
    ann, bo = node.people
    data = node.drawer.back_up()
    journals.forget_report(node.on, ann, node.kept[1].id)

    on, n = restored(node, data, tmp_path / "again")

    assert n == 2  # the report and its lending
    assert texts(on, ann) == ["Ann dreamt 0."]
    assert shown(on, bo) == ["Bo dreamt 1."]
    state = on.road.journal(ann.dreamer)
    assert (dict(state.lendings), state.forgotten) == ({}, {node.kept[1].id})
    assert node.lent[0].tag not in on.road.audience(COMMONS).shown
    with pytest.raises(Refusal):
        journals.report(on, ann, node.kept[1].id)
    on.vault.close()


def test_a_taken_back_lending_ends_and_its_report_stays(node, tmp_path):
    ann, bo = node.people
    data = node.drawer.back_up()
    lending.take_back(node.on, ann, node.lent[0].lending)

    on, n = restored(node, data, tmp_path / "again")

    assert n == 1
    assert texts(on, ann) == ["Ann dreamt 0.", "Ann dreamt 1."]
    assert shown(on, bo) == ["Bo dreamt 1."]
    on.vault.close()


def test_whoever_left_is_not_here_any_more(node, tmp_path):
    ann, bo = node.people
    data = node.drawer.back_up()
    owner = f"dreamer/{ann.dreamer}"
    from dreamweave.model.keeping import Writing

    node.on.vault.forget(Writing(9, freeing=True), owners=[owner])

    on, n = restored(node, data, tmp_path / "again")

    assert n == 1
    assert set(on.road.membership().members) == {bo.dreamer}
    assert shown(on, replace(bo)) == ["Bo dreamt 1."]
    assert [row for row in on.store.rows("words", limit=1_000) if row.owner == owner] == []
    on.vault.close()


def test_without_replaying_the_states_would_still_show_a_place(node, tmp_path):
    """The alarm rings: the words are gone by their keys, but the journal would not know."""
    ann, _ = node.people
    data = node.drawer.back_up()
    journals.forget_report(node.on, ann, node.kept[1].id)
    node.drawer.refresh()
    made, _ = node.drawer.restored(data, tmp_path / "again")

    on = ground(made.store, made.vault, now_ms=node.on.now_ms, rng=node.on.rng)

    assert node.kept[1].id in on.road.journal(ann.dreamer).reports
    assert texts(on, ann) == ["Ann dreamt 0."]
    on.vault.close()
