"""How fair a gathering is at this moment, in two sentences a person can read.

The figures are the loom's (the `fair` act); the group and the line around which
it stands are the closest call, not a fault: somebody who has just come is
rightly named there. The twin of `front/src/live/fair.ts`.
"""

from __future__ import annotations

from dreamweave.model.acts import Picture
from dreamweave.web.languages import Words
from dreamweave.web.pages.gathering_text import Text

# From here on a group large enough for a line of its own has none.
OVERLOOKED = 1000


def fair_said(picture: Picture, text: Text, spoken: Words) -> str:
    """What an equal voice is here now, and which group came closest to being left out; or ""."""
    if picture.fair is None or picture.fair[1] < 1:
        return ""
    rho, n, _, group, r, i = picture.fair
    equal = spoken.gettext("Everybody who told holds one voice of {n} in this weave.").format(n=n)
    around = fragment_of(text, r, i)
    if r < 0 or group < 1 or not around:
        return f"{equal} {spoken.gettext('So far nobody is left out.')}"
    if rho < OVERLOOKED:
        call = spoken.gettext(
            "So far no group that shares an image is left out. The closest call: a group of {group}"
            " around “{words}”."
        )
    else:
        call = spoken.gettext(
            "Right now a group of {group} around “{words}” holds too little of it. Whoever of them"
            " asks is next, and the closing adds what is still missing."
        )
    return f"{equal} {call.format(group=group, words=around)}"


def fragment_of(text: Text, r: int, i: int) -> str:
    """The words of one fragment; nothing where they are covered, or not lent any more."""
    for line in text.lines:
        if line.r == r and not line.note:
            return line.sentences[i] if i < len(line.sentences) else ""
    return ""
