"""Shapes and digests: what is written down reads back to the same value, and to the same bytes."""

import json
import pickle
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.told import told
from sendoff.model.digest import Digest, canonical, digest, digest_bytes, merkle_root, plain, salted
from sendoff.model.envelope import Event
from sendoff.model.errors import BadInput, Refused
from sendoff.model.event import (
    BODIES,
    Body,
    ClockMoved,
    FactsAsked,
    FactsChanged,
    Halted,
    Mirrored,
    Opened,
    Sealed,
    WaiverAsked,
)
from sendoff.model.facts import Facts
from sendoff.model.inventory import Inventory, Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import PersonId
from sendoff.model.plan import Action, Plan, once
from sendoff.model.secret import Secret
from sendoff.model.shape import shaped
from sendoff.model.state import StepId
from sendoff.model.tail import TailAsked, TailOpened
from sendoff.model.withdrawal import WithdrawalAsked, Withdrawn
from sendoff.rules.folding import body_of

NOW = datetime(2026, 11, 23, 9, 0, 30, tzinfo=UTC)
BLOB = Digest("sha256:" + "b" * 64)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def bodies() -> list[Body]:
    """Every body of a told story and of the house register, and one of each kind that no story has."""
    found = told()
    written = [body_of(entry) for entry in (*found.entries, *found.house.house.journal.register())]
    return [
        *written,
        FactsChanged(facts=found.case.facts, reason="a new date", frozen_changed=True, asked_by=PersonId("emma")),
        WaiverAsked(step=StepId("notice"), reason="not needed", until=date(2027, 1, 31)),
        FactsAsked(facts=BLOB, reason="a new date"),
        WithdrawalAsked(reason="they stay"),
        Withdrawn(reason="they stay", asked_by=PersonId("carla")),
        TailAsked(until=date(2027, 6, 30), reason="no request has come"),
        TailOpened(tail="L2", until=date(2027, 6, 30), reason="no request has come", asked_by=PersonId("carla")),
        Sealed(
            step=StepId("export-secrets"),
            parcel=BLOB,
            manifest=BLOB,
            recipient="it@x.example",
            vault=3,
            inside=2,
            withheld=1,
        ),
        Halted(on=True, reason='é € 😀 " \\ \n'),
        ClockMoved(before=NOW, after=NOW + timedelta(days=1), reason="a day"),
        Mirrored(lines=((StepId("meet"), BLOB), (StepId("issue"), BLOB))),
    ]


def test_every_body_reads_back_to_the_same_value_and_bytes() -> None:
    seen: set[type[object]] = set()
    for body in bodies():
        written = json.loads(canonical(body))

        again = shaped(type(body), written)

        assert again == body
        assert canonical(again) == canonical(body)
        seen.add(type(body))
    assert {kind for kind, noun in BODIES.items() if noun not in seen} == set()


def test_every_envelope_and_the_facts_read_back() -> None:
    for entry in told().entries:
        assert shaped(Event, json.loads(canonical(entry.event))) == entry.event
    facts = told().case.facts
    assert shaped(Facts, json.loads(canonical(facts))) == facts


def test_plans_and_inventories_read_back_with_the_same_digest() -> None:
    found = told()
    store = found.house.desk.ports.store
    plans = [one.plan_blob for one in found.case.steps.values() if one.plan_blob]
    for blob in plans:
        plan = shaped(Plan, json.loads(store.get(found.case.id, blob)))
        assert digest(plan) == blob
    for look in found.case.looks.values():
        inventory = shaped(Inventory, json.loads(store.get(found.case.id, look.inventory)))
        assert digest(inventory) == look.inventory
    assert plans


@given(JSON)
def test_the_canonical_form_is_stable_and_has_one_reading(value: object) -> None:
    first = canonical(value)

    assert canonical(json.loads(first)) == first


@given(st.dictionaries(st.text(max_size=5), st.integers(), min_size=2, max_size=6))
def test_the_order_of_fields_does_not_matter(row: dict[str, int]) -> None:
    assert canonical(row) == canonical(dict(reversed(row.items())))


@given(st.frozensets(st.text(max_size=5)))
def test_sets_are_written_sorted(values: frozenset[str]) -> None:
    assert canonical(values) == canonical(frozenset(sorted(values, reverse=True)))


@pytest.mark.parametrize("value", [1.5, float("nan"), b"bytes", object(), Secret("x")])
def test_what_has_no_canonical_form_is_never_written(value: object) -> None:
    with pytest.raises(TypeError, match="no canonical form"):
        canonical({"a": [value]})


def test_the_same_moment_in_another_zone_is_another_text() -> None:
    other = NOW.astimezone(timezone(timedelta(hours=1)))

    assert plain(NOW) != plain(other)
    assert shaped(datetime, plain(other)) == NOW


def test_a_salt_changes_a_digest_and_hides_equal_bodies() -> None:
    assert salted("00" * 32, {"a": 1}) != salted("01" * 32, {"a": 1})
    assert digest_bytes(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


# ---- Merkle roots ---------------------------------------------------------------------------------------------------


def test_merkle_roots_are_those_of_the_certificate_transparency_tests() -> None:
    leaves = [bytes.fromhex(one) for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]

    assert merkle_root(leaves[:1]) == "sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert merkle_root(leaves[:2]) == "sha256:fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    assert merkle_root(leaves[:3]) == "sha256:aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
    assert merkle_root(leaves) == "sha256:ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=12), st.data())
def test_a_merkle_root_names_its_leaves_in_their_order(leaves: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:place], leaves[place] + b"!", *leaves[place + 1 :]]

    assert merkle_root(leaves) != merkle_root(changed)
    assert merkle_root(leaves) != merkle_root([*leaves, leaves[-1]])
    if leaves != leaves[::-1]:
        assert merkle_root(leaves) != merkle_root(leaves[::-1])


# ---- what does not fit ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({"on": "yes", "reason": "x"}, "Halted.on"),
        ({"on": 1, "reason": "x"}, "Halted.on"),
        ({"on": True, "reason": None}, "Halted.reason"),
        ({"on": True}, "reason"),
        ({"on": True, "reason": "x", "more": 1}, "more"),
        ([], "Halted"),
        (None, "Halted"),
        ("text", "Halted"),
    ],
)
def test_what_does_not_fit_is_bad_input_that_names_the_place(data: object, where: str) -> None:
    with pytest.raises(BadInput, match=where):
        shaped(Halted, data)


def test_the_place_is_named_through_lists_and_nouns() -> None:
    opened = next(plain_of(body) for body in bodies() if isinstance(body, Opened))
    steps = opened["steps"]
    assert isinstance(steps, list) and len(steps) > 2
    steps[2] = {**steps[2], "line": "seven"}

    with pytest.raises(BadInput, match=r"^log\.steps\[2\]\.line: expected int, found str 'seven'$"):
        shaped(Opened, opened, where="log")


@pytest.mark.parametrize("kind", list(BODIES.values()), ids=lambda kind: kind.__name__)
@given(data=JSON)
def test_no_json_at_all_makes_shaping_stumble(kind: type[object], data: object) -> None:
    try:
        shaped(kind, data)
    except BadInput:
        return


@pytest.mark.parametrize("row", [[], ["done"], ["done", 1, 2], [1, "done"], "done"])
def test_a_pair_of_another_length_or_kind_is_bad_input(row: object) -> None:
    acted = next(body for body in bodies() if "outcomes" in plain_of(body))
    data = {**plain_of(acted), "outcomes": [row]}

    with pytest.raises(BadInput):
        shaped(type(acted), data)


def plain_of(body: Body) -> dict[str, object]:
    found = plain(body)
    assert isinstance(found, dict)
    return dict(found)


# ---- plans and secrets ----------------------------------------------------------------------------------------------


def action(target: str = "/things/one", *, step: str = "remove-resources", why: str = "ours") -> Action:
    return Action(
        step=StepId(step),
        system=System.AZURE,
        verb=Verb.REMOVE,
        kind=Kind.RESOURCE,
        target=target,
        name="one",
        scope="s",
        key=Key.LIGHTHOUSE,
        why=why,
        before=Digest("sha256:" + "a" * 64),
    )


def plan(*actions: Action) -> Plan:
    none = Digest("sha256:" + "0" * 64)
    return Plan(case="L1", world="w", step=StepId("remove-resources"), scope=none, facts=none, actions=actions)


def test_a_plans_digest_does_not_tell_in_which_order_things_were_found() -> None:
    one, two = action("/things/one"), action("/things/two")

    assert plan(one, two).digest == plan(two, one).digest
    assert plan(one).digest != plan(one, two).digest
    assert plan(one, one).digest != plan(one).digest


def test_the_name_of_a_deed_is_the_same_in_every_plan_and_another_for_every_case_step_and_target() -> None:
    named = {once("L1", action()), once("L2", action()), once("L1", action("/x")), once("L1", action(step="other"))}

    assert once("L1", action(why="for another reason")) == once("L1", action("/THINGS/ONE")) == once("L1", action())
    assert len(named) == 4


@pytest.mark.parametrize("verb", [Verb.REMOVE, Verb.DISABLE, Verb.END])
def test_an_action_that_takes_away_cannot_be_made_without_a_before_image(verb: Verb) -> None:
    with pytest.raises(Refused, match="before-image"):
        Action(
            step=StepId("x"),
            system=System.AZURE,
            verb=verb,
            kind=Kind.RESOURCE,
            target="/x",
            name="x",
            scope="s",
            key=Key.APP,
            why="",
        )


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret("hunter2")

    assert "hunter2" not in f"{secret} {secret!r} {[secret]}"
    for use in (lambda: secret == secret, lambda: hash(secret), lambda: pickle.dumps(secret), lambda: {secret}):
        with pytest.raises(TypeError):
            use()
