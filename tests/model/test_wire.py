"""A weave and its file are the same thing, and what is no weave is refused where it goes wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import makers_weaves
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from makers_certificates import bundle

from dreamweave.model.canonical import canonical
from dreamweave.model.refusals import Refusal
from dreamweave.model.wire import from_json, to_json

SCHEMA = json.loads(
    (files("dreamweave.model") / "schema" / "weave-1.schema.json").read_text(encoding="utf-8")
)
WEAVES = {
    "like the sample": makers_weaves.sample_like,
    "undyed": makers_weaves.undyed,
    "three, named": makers_weaves.trio,
    "drawn": lambda: bundle(5).weave,
    "drawn and named": lambda: bundle(6, named=True).weave,
}


@pytest.mark.parametrize("name", WEAVES)
def test_a_weave_comes_back_exactly(name):
    weave = WEAVES[name]()

    data = to_json(weave)

    assert from_json(data) == weave
    assert to_json(from_json(data)) == data


@pytest.mark.parametrize("name", WEAVES)
def test_the_file_is_canonical_and_follows_its_schema(name):
    data = to_json(WEAVES[name]())

    assert data == canonical(json.loads(data))
    jsonschema.validate(json.loads(data), SCHEMA)


@given(st.text(min_size=1).filter(str.strip))
@settings(max_examples=50, deadline=None)
def test_any_words_a_file_can_hold_come_back(words):
    weave = makers_weaves.trio()
    fragment = weave.fragments[0]
    told = replace(fragment, text=words, end=fragment.start + len(words))
    weave = replace(weave, title=words, fragments=(told, *weave.fragments[1:]))
    if any("\ud800" <= c <= "\udfff" for c in words):
        with pytest.raises(Refusal, match="half a character"):
            to_json(weave)
        return

    assert from_json(to_json(weave)) == weave


WRONG = {
    "threads[1].kind": lambda w: w["threads"][1].update(kind="nightmare"),
    "fragments[0].start": lambda w: w["fragments"][0].update(start="0"),
    "fragments[2].text": lambda w: w["fragments"][2].pop("text"),
    "lines[0].paid": lambda w: w["lines"][0].update(paid=True),
    "named": lambda w: w.update(named=1),
    "vectors": lambda w: w.update(vectors="?"),
    "title": lambda w: w.update(title=None),
    "fairness": lambda w: w.update(fairness=[]),
    "fragments[0].motif_i": lambda w: w["fragments"][0].update(motif_i=None),
    "k": lambda w: w.update(k=-1),
}


@pytest.mark.parametrize("where", WRONG)
def test_a_wrong_value_is_refused_with_its_place(where):
    value = json.loads(to_json(makers_weaves.trio()))
    WRONG[where](value)

    with pytest.raises(Refusal) as no:
        from_json(canonical(value))

    assert no.value.code == "weave.shape"
    assert no.value.sentence.startswith(f"weave.json: {where} should be ")
    if where != "vectors":  # a schema cannot see whether base64 is clean
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(value, SCHEMA)


UNFIT = {
    "radii": lambda w: w.update(radii=w["radii"][::-1]),
    "n_paying": lambda w: w.update(n_paying=99),
    "vectors": lambda w: w.update(dims=w["dims"] + 1),
    "ids": lambda w: w["fragments"][0].update(id=w["fragments"][1]["id"]),
    "names": lambda w: w.update(named=False),
    "thread": lambda w: w["fragments"][0].update(thread_i=10**6),
    "fragment": lambda w: w["lines"][0].update(fragment_i=10**6),
    "motif": lambda w: w["knots"][0].update(motif_i=10**6),
    "passage": lambda w: w["lines"][0].update(passage_i=10**6),
    "span": lambda w: w["fragments"][0].update(end=w["fragments"][0]["start"]),
    "strong": lambda w: w["fragments"][0].update(intensity=4),
    "one line": lambda w: w["lines"][0].update(fragment_i=w["lines"][1]["fragment_i"]),
    "carries": lambda w: w["lines"][0].update(n_carried=10**6),
    "one passage": lambda w: w["passages"][0]["lines"].append(0),
    "each radius": lambda w: w["fairness"]["overlooked"].pop(),
    "teller": lambda w: w.update(n_tellers=0),
    "words": lambda w: w["words"].append("lamp"),
}


@pytest.mark.parametrize("what", UNFIT)
def test_parts_that_do_not_fit_each_other_are_refused(what):
    value = json.loads(to_json(makers_weaves.trio()))
    UNFIT[what](value)

    with pytest.raises(Refusal) as no:
        from_json(canonical(value))

    assert no.value.code == "weave.fits"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\xfe", "json.encoding"),
        (b"{", "json.syntax"),
        (b'{"a":1,"a":1}', "json.strict"),
        (b'{"a":0.5}', "json.strict"),
        (b'{"a":NaN}', "json.strict"),
        (b"[" * 100_000, "json.depth"),
        (b'"\\ud800"', "text.surrogate"),
        (b"[]", "weave.schema"),
        (b"{}", "weave.schema"),
        (b'{"schema":"dreamweave/weave/9"}', "weave.schema"),
        (b"1" * 5000, "json.syntax"),
    ],
)
def test_what_is_no_weave_at_all_is_refused_with_a_sentence(data, code):
    with pytest.raises(Refusal) as no:
        from_json(data)

    assert no.value.code == code
    assert no.value.sentence.endswith(".")


def test_what_json_has_no_exact_form_for_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="no exact JSON for object"):
        canonical({"a": object()})
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"a": float("nan")})
