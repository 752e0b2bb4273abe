"""Is this fair? The certificate as a person reads it.

Counts and sentences from `Weave.fairness`, the witness in their own words, two
cloths side by side, the honest limits, and how to check it all elsewhere. It
computes no fairness; it divides two counts where a share is read more easily.
"""

from __future__ import annotations

from dreamweave.dreamscape.page_html import count, esc, percent, words
from dreamweave.model.weaves import VOICE, Overlooked, Weave

LIMITS = (
    "“Carries” is worked out from how alike the words are, plus what people said of it themselves. "
    "Anybody may correct it for their own words.",
    "One voice an account is no defence against somebody holding several accounts.",
    "That no group is overlooked at every closeness at once is measured here, not promised.",
    "The steps that widen the choice and draw by lot follow no theorem; they are rules, and their "
    "results are what is shown above.",
    "A person who finds themselves in no line at all is still in the chorus: that much is true by "
    "construction, which is why the figures for the lines alone stand first.",
)


def fairness_part(weave: Weave, cloths: tuple[str, str], root: str) -> str:
    """The whole part."""
    return (
        '<section id="fair" class="part" aria-labelledby="fair-h" tabindex="-1">'
        '<h2 id="fair-h">Is this fair?</h2>'
        f"{_everybody(weave)}{_closest(weave)}{_every_closeness(weave)}{_two_cloths(weave, cloths)}"
        f"{_limits()}{_check(root)}</section>"
    )


def _everybody(weave: Weave) -> str:
    n, fair = weave.n_tellers, weave.fairness
    whole = max(1, n * VOICE)
    rows = (
        (
            percent(fair.voice_in_lines / whole),
            "of all voice is in the chosen lines, the rest in the chorus",
        ),
        (f"{n - fair.n_without_line:,} of {n:,}", "people are carried by a chosen line"),
        (f"{n:,} of {n:,}", "people are carried once the chorus is counted"),
    )
    figures = "".join(f"<div><dt>{a}</dt><dd>{b}</dd></div>" for a, b in rows)
    return (
        f"<p>Everybody who told something holds one voice of this weave, one part in {n:,}, no matter how "
        f"much they told. Voices are spent on the lines that carry them; what is left sings in the "
        f'chorus.</p><dl class="figures">{figures}</dl>'
    )


def _size(weave: Weave, lines: int) -> int:
    """How many like-minded people deserve that many lines: l * n / k, rounded up."""
    return max(1, -(-lines * weave.n_tellers // max(1, weave.k)))


def _rho(weave: Weave, call: Overlooked) -> float:
    return weave.k * call.count / max(1, weave.n_tellers * call.l)


def _closest(weave: Weave) -> str:
    if not weave.fairness.overlooked:
        return ""
    call = weave.fairness.overlooked[0]
    size = _size(weave, 1)
    holds = _rho(weave, call) < 1
    if not holds:
        verdict = "One group was left with too little, and we say so."
    elif size == 1:
        verdict = "No group that shares an image was left out, not even a group of one."
    else:
        verdict = f"No group of {size:,} or more people who share an image was left out."
    if call.fragment_i is None or call.count == 0:
        return f"<h3>The closest call</h3><p>{verdict} There was no closer call to show: every voice found its line.</p>"
    fragment = weave.fragments[call.fragment_i]
    return (
        f"<h3>The closest call</h3><p>{verdict} The group that came nearest is "
        f"{count(call.count, 'person', 'people')} around these words:</p>"
        f"{words(fragment.text.strip(), fragment.lang, 'blockquote')}"
        f"<p>{_they_hold(call)}; "
        f"it takes {count(_size(weave, call.l), 'person', 'people')} to deserve "
        f"{'one' if call.l == 1 else 'so many'}.</p>"
    )


def _they_hold(call: Overlooked) -> str:
    who = "That person is" if call.count == 1 else "Each of them is"
    if call.l == 1:
        return f"{who} carried by no line"
    return f"{who} carried by fewer than {call.l:,} lines"


def _every_closeness(weave: Weave) -> str:
    ours, theirs = weave.fairness.overlooked, weave.fairness.overlooked_popular
    wrong = [call.radius for call in ours if _rho(weave, call) >= 1]
    if not wrong:
        said = "It holds at every closeness shown."
    else:
        where = ", ".join(f"{r / 1000:.2f}" for r in wrong)
        said = f"It does not hold at {where}: there, some group is carried by fewer lines than its size deserves."
    rows = []
    for j, call in enumerate(ours):
        other = percent(_rho(weave, theirs[j])) if j < len(theirs) else "–"
        near = "closest" if j == 0 else "loosest" if j == len(ours) - 1 else ""
        rows.append(
            f'<tr><th scope="row">{call.radius / 1000:.2f}{f" ({near})" if near else ""}</th>'
            f"<td>{percent(_rho(weave, call))}</td><td>{other}</td></tr>"
        )
    capped = sum(weave.fairness.n_capped)
    cut = (
        f" {count(capped, 'list')} of whom a line carries had to be cut short for size, and the check"
        " knows only what is left of them."
        if capped
        else " No list of whom a line carries was cut short."
    )
    return (
        f"<h3>At every closeness</h3><p>How alike two sayings must be before one carries the other is a "
        f"choice, so the check is made at several. {said}{cut}</p>"
        '<div class="scroll" tabindex="0" role="region" aria-label="The check at every closeness">'
        "<table><caption>How near the closest call came to being a wrong (100 % or more is one), "
        "chosen lines alone</caption><thead><tr>"
        '<th scope="col">Closeness (cosine)</th><th scope="col">This weave</th>'
        '<th scope="col">Most popular lines</th>'
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        "<p>With the chorus counted, nobody is left out at any closeness.</p>"
    )


def _two_cloths(weave: Weave, cloths: tuple[str, str]) -> str:
    gone, of = len(weave.vanished), len(weave.threads)
    unheard = weave.fairness.n_without_line_popular
    if gone == 0:
        said = "Here the most popular lines would have kept a word of everybody too."
    else:
        said = (
            f"Had the {len(weave.popular):,} most popular lines been taken instead, "
            f"{gone:,} of {count(of, 'thread')} would have no word of their own in the text"
        )
        said += (
            f", and {count(unheard, 'person', 'people')} would not even find their image in somebody else’s."
            if unheard
            else "."
        )
    told = (
        "As it was woven: every voice has its place, in a line or in the chorus.",
        "As the most popular lines would have woven it. "
        + (
            "Nobody vanishes here."
            if gone == 0
            else f"{count(gone, 'column')} {'stands' if gone == 1 else 'stand'} bare."
        ),
    )
    figures = "".join(
        f"<figure>{svg[svg.index('<svg') :]}<figcaption>{caption}</figcaption></figure>"
        for svg, caption in zip(cloths, told, strict=True)
        if "<svg" in svg
    )
    return f'<h3>Two cloths</h3><p>{said}</p><div class="cloths">{figures}</div>'


def _limits() -> str:
    items = "".join(f"<li>{esc(limit)}</li>" for limit in LIMITS)
    return f'<h3>What this does not prove</h3><ul class="limits">{items}</ul>'


def _check(root: str) -> str:
    if not root:
        return ""
    return (
        "<h3>Check it yourself</h3><p>The folder this page came in holds the certificate and a checker "
        "that needs only Python and no network. In that folder:</p>"
        f"<p><code>python verify_weave.py . --root {esc(root)}</code></p>"
        "<p>The root is the certificate’s fingerprint. Compare it with the one that was printed when "
        "this was woven: whoever changes a word, a voice or a line cannot keep it.</p>"
    )
