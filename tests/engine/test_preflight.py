"""Day 0: for each step the keys it needs, whose step it becomes, and the letter about what only the customer can do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from fakes.houses import LEAVER, Stage, stage
from sendoff.engine.desk import Desk
from sendoff.engine.preflight import Prepared, last_preflight
from sendoff.model.facts import Facts
from sendoff.model.key import Key
from sendoff.model.outlook import Hand, Outlook
from sendoff.model.template import Tier
from sendoff.rules.administrators import own_administrators
from sendoff.sandbox.wire import Obj
from sendoff.sandbox.world import Thing


def day_0(one: Stage, change: Callable[[Facts], Facts] | None = None) -> Prepared:
    return one.desk.preflight(one.who("erik"), one.opened(change).id)


def step(told: Prepared, name: str) -> Outlook:
    return next(one for one in told.steps if one.step == name)


def english(facts: Facts) -> Facts:
    return replace(facts, language="en")


@pytest.fixture
def one(tmp_path: Path) -> Stage:
    return stage(tmp_path)


def test_with_every_key_each_step_of_a_machine_names_the_keys_it_goes_through(one: Stage) -> None:
    told = day_0(one)

    machine = {str(row.step): row for row in told.steps if row.hand is Hand.MACHINE}
    assert {"remove-policies", "remove-accounts", "remove-lighthouse", "export-secrets"} <= set(machine)
    assert {key.key for key in machine["remove-policies"].keys} == {Key.LIGHTHOUSE}
    assert {key.key for key in machine["remove-accounts"].keys} == {Key.APP}
    assert not [key for row in told.steps for key in row.keys if key.fault]
    assert [row.step for row in told.steps if row.hand is Hand.CUSTOMER] == []


def test_a_step_whose_door_is_shut_becomes_the_customers_and_the_letter_asks_for_it(one: Stage) -> None:
    client = one.house.settings.customers[LEAVER].app
    assert client is not None
    one.sandbox.world.secrets[client.client_id] = "another"

    told = day_0(one, english)

    row = step(told, "remove-accounts")
    assert row.hand is Hand.CUSTOMER and "app in entra" in "; ".join(row.in_the_way)
    assert step(told, "remove-policies").hand is Hand.MACHINE, "Lighthouse still opens this one"
    assert told.letter is not None and "- Remove our accounts\n" in told.letter[1]


def test_a_delegation_without_the_delete_role_is_the_customers_and_each_is_named_in_their_language(one: Stage) -> None:
    one.control("POST", "/hands", do="arm.drop-delete-role", customer=LEAVER)

    told = day_0(one)

    row = step(told, "remove-lighthouse")
    assert row.hand is Hand.CUSTOMER and len(row.things) == 2
    assert told.letter is not None
    subject, body = told.letter
    assert "zelf te doen" in subject and all(thing.id in body for thing in row.things)


def test_a_lock_of_the_customer_over_ours_is_told_with_what_lies_under_it_until_it_is_lifted(one: Stage) -> None:
    told = day_0(one)
    row = step(told, "remove-resources")
    under = [said for said in row.in_the_way if "lies under the lock do-not-delete: /subscriptions/" in said]
    assert len(under) == len(row.in_the_way) == 4
    assert row.hand is Hand.MACHINE, "the rest of it is ours to do"
    assert told.letter is not None
    many = told.letter[1].count("staat onder uw vergrendeling do-not-delete: /sub")
    assert many == 5, "the four, and a policy's exemption there"

    for lock in list(one.sandbox.world.all("arm", "microsoft.authorization/locks")):
        one.sandbox.world.remove(lock)
    after = one.desk.preflight(one.who("erik"), one.desk.cases()[0].id)

    assert step(after, "remove-resources").in_the_way == () and after.letter is None


def test_a_system_that_is_not_configured_makes_its_steps_a_persons_of_ours(tmp_path: Path) -> None:
    one = stage(tmp_path, without=("topdesk",))

    told = day_0(one)

    row = step(told, "terminate-contract")
    assert row.hand is Hand.PERSON and "topdesk is not configured" in row.in_the_way
    assert row.text not in (told.letter or ("", ""))[1]


def asked_for(one: Stage) -> None:
    """The new supplier asked for the transfer on the day the case opened; a request lives thirty days."""
    ident, facts = "5b3c7d0e-0f4b-4d2e-9a43-3c8f2f7d1e11", one.facts()
    assert facts.supplier is not None
    raw: Obj = {
        "id": ident,
        "status": "Active",
        "transferType": "5",
        "createdTime": "2026-11-23T08:00:00Z",
        "expirationTime": "2026-12-23T08:00:00+00:00",
        "customerTenantId": facts.customer.tenant,
        "sourcePartnerTenantId": facts.provider.tenant,
        "targetPartnerTenantId": facts.supplier.tenant,
        "targetPartnerName": facts.supplier.name,
        "lineItems": [],
    }
    one.sandbox.world.add(Thing("partner-center", "transfer", ident, LEAVER, raw, facts.customer.tenant))


def test_a_transfer_request_that_lapses_before_it_may_be_accepted_is_told(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    asked_for(one)

    def agreed(day: date) -> list[str]:
        told = day_0(one, lambda facts: replace(facts, transfer_on=day))
        return [row.said for row in told.findings if "lapses on" in row.said]

    assert agreed(date(2026, 12, 20)) == []
    assert agreed(date(2027, 1, 31))[0].endswith("ask for it later, or agree on an earlier day")


def test_fewer_than_two_administrators_of_their_own_is_told_with_the_number(one: Stage) -> None:
    assert not [row for row in day_0(one).findings if "administrators of their own" in row.said]
    case = one.desk.cases()[0]
    for admin in own_administrators([row.item for row in one.desk.seen(case.id, "preflight")])[1:]:
        user = one.sandbox.world.get("graph", "user", admin.id)
        assert user is not None
        one.sandbox.world.change(user, {"accountEnabled": False})

    told = one.desk.preflight(one.who("erik"), case.id)

    assert [row for row in told.findings if row.subject == "make-administrators" and "and needs 2" in row.said]


class PowerOut(BaseException):
    """The process dies."""


class Dying:
    """A journal whose process dies right after its first append was committed."""

    def __init__(self, journal: object) -> None:
        self._journal = journal

    def __getattr__(self, name: str) -> object:
        found = getattr(self._journal, name)
        return self._dies(found) if name == "append" else found

    def _dies(self, append: Callable[..., object]) -> Callable[..., object]:
        def dies(*given: object, **named: object) -> object:
            append(*given, **named)
            raise PowerOut

        return dies


def test_whenever_the_power_goes_out_there_is_no_look_of_day_0_without_what_it_found(one: Stage) -> None:
    case = one.opened()
    ports = one.desk.ports
    dying = Desk(ports=replace(ports, journal=Dying(ports.journal)))  # type: ignore[arg-type]

    with pytest.raises(PowerOut):
        dying.preflight(one.who("erik"), case.id)

    after = one.desk.case(case.id)
    found = last_preflight(ports, after)
    assert "preflight" in after.looks and found is not None
    assert {row.step for row in found.steps} >= {step for step, row in after.steps.items() if row.added}, (
        "also of the steps that the same look added"
    )
    again = one.desk.preflight(one.who("erik"), case.id)
    assert [(row.subject, row.said) for row in again.findings] == [(row.subject, row.said) for row in found.findings]
