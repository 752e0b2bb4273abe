"""One's own lendings as they stand: what others see, and what waits for company."""

from __future__ import annotations

from makers_ground import a_dreamer, a_report, make_ground

from dreamweave.app.ground import Limits
from dreamweave.app.journals import keep_report
from dreamweave.app.lending import Offer, lend, take_back
from dreamweave.app.lent import own_lendings
from dreamweave.model.facts import COMMONS


def test_own_lendings_stand_newest_first_with_the_words_that_others_see():
    on = make_ground(limits=Limits(crowd_min=2))
    ines, noor = a_dreamer(on), a_dreamer(on)
    held = a_report(on, "The stairs. The sea.")
    keep_report(on, ines, held)
    gone = lend(on, ines, Offer(held.id, 1, COMMONS, "named", name="Ines"))
    named = lend(on, ines, Offer(held.id, 1, COMMONS, "named", span=(0, 11), name="Ines"))
    waits = lend(on, ines, Offer(held.id, 1, COMMONS, "unnamed"))
    take_back(on, ines, gone.lending)

    mine = own_lendings(on, ines)

    assert [(one.lent.lending, one.waits, one.words.text) for one in mine] == [
        (waits.lending, True, "The stairs. The sea."),
        (named.lending, False, "The stairs."),
    ]
    assert own_lendings(on, noor) == []
