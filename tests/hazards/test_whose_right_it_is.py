"""Whose an account or a right is, where it looks like ours: by where mail goes, and by a managed identity."""

import random

import pytest

from fakes.connector_desk import Desk
from hazards.test_random_estates import Estate, cleaned, noted_policy, said, wrongly_ours
from sendoff.model.inventory import Provenance, Whose


@pytest.fixture(scope="module")
def desk() -> Desk:
    return cleaned()


def test_an_account_of_theirs_whose_mail_goes_to_us_is_not_called_ours(desk: Desk) -> None:
    one = Estate(desk, random.Random(1), 1_000)
    ident = one.account(False, "bram.two@vandermeer.example")
    one.right(False, ident, "User")
    right = next(known for known in one.truth if known != ident)
    assert said(one)[right].whose is Whose.CUSTOMERS, "with a mail address of their own"
    found = desk.sandbox.world.get("graph", "user", ident)
    assert found is not None
    found.raw["mail"] = "noc@intercept.example"
    after, wrong = said(one), wrongly_ours(one)
    one.cleared()
    assert wrong == ([], 0)
    for row in (after[ident], after[right]):
        assert row.whose is Whose.UNKNOWN
        assert "its mail goes to intercept.example, and its sign-in name is not there" in row.reasons


def test_the_mail_of_a_guest_is_that_of_its_home_and_decides(desk: Desk) -> None:
    one = Estate(desk, random.Random(1), 1_001)
    ident = one.account(True, "old.name@elsewhere.example", guest=True)
    one.right(True, ident, "User")
    found = desk.sandbox.world.get("graph", "user", ident)
    assert found is not None
    found.raw["mail"] = "old.name@intercept.example"
    after = said(one)
    one.cleared()
    assert {after[ident].whose, *(after[known].whose for known in one.truth)} == {Whose.OURS}


def right_of(one: Estate, identity: str) -> Provenance:
    """Whose a role assignment for this principal is."""
    before = {*one.truth}
    one.right(False, identity, "ServicePrincipal")
    (right,) = (known for known in one.truth if known not in before)
    return said(one)[right]


def test_the_rights_of_a_managed_identity_are_whose_its_thing_is(desk: Desk) -> None:
    one = Estate(desk, random.Random(2), 1_002)
    mine, plain, half = noted_policy(one), one.alert(False), one.alert(False, tag=True)
    ours_, theirs_, asked = (right_of(one, one.identity(thing)) for thing in (mine, plain, half))
    away = right_of(one, one.identity(f"{plain}-elsewhere"))
    one.cleared()
    assert (ours_.whose, theirs_.whose) == (Whose.OURS, Whose.CUSTOMERS)
    assert ours_.reasons[0] == f"it gives rights to the managed identity of {mine}, which is ours"
    assert ours_.reasons[1] == "onboarding recorded it"
    assert asked.whose is away.whose is Whose.UNKNOWN and "which no look shows" in away.reasons[0]


def test_a_thing_that_was_made_anew_has_another_identity_and_the_old_rights_are_nobodys(desk: Desk) -> None:
    one = Estate(desk, random.Random(2), 1_003)
    mine = noted_policy(one)
    identity = one.identity(mine)
    thing = next(row for row in desk.sandbox.world.each("arm") if row.id == mine)
    thing.raw["identity"] = {"type": "SystemAssigned", "principalId": identity}
    same = right_of(one, identity)
    thing.raw["identity"] = {"type": "SystemAssigned", "principalId": one.guid("another")}
    after = right_of(one, identity)
    one.cleared()
    assert (same.whose, after.whose) == (Whose.OURS, Whose.UNKNOWN) and "another identity" in after.reasons[0]


def test_alternative_names_that_an_app_gave_itself_say_nothing(desk: Desk) -> None:
    one = Estate(desk, random.Random(2), 1_004)
    mine = noted_policy(one)
    forged = right_of(one, one.identity(mine, kind="Application"))
    one.cleared()
    assert forged.whose is Whose.CUSTOMERS
