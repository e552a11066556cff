"""Is this the transfer that was agreed? The licences that went with one that is over are no fault of it."""

from dataclasses import replace

import pytest

from fakes.papers_case import SUBSCRIPTION, facts
from sendoff.model.digest import Digest
from sendoff.model.errors import Refused
from sendoff.model.facts import Destination, Facts, ScopeRow, Supplier
from sendoff.model.inventory import Item, Kind, System
from sendoff.model.key import Key
from sendoff.rules.transfers import agreed

LICENCE, STAYS = "licence-1", "99999999-0000-4000-8000-000000000001"


@pytest.fixture
def told() -> Facts:
    """One subscription leaves, one stays."""
    plain = facts()
    stays = ScopeRow(system=System.AZURE, id=STAYS, name="stays", destination=Destination.STAYS)
    supplier = Supplier(name="Northwind Cloud", domains=("northwind.example",), tenant="t-new")
    return replace(plain, scope=(*plain.scope, stays), supplier=supplier)


def transfer(status: str, *lines: str) -> Item:
    return Item(
        system=System.PARTNER_CENTER,
        kind=Kind.TRANSFER,
        id="t-1",
        name="transfer",
        scope="customer",
        key=Key.PARTNER_CENTER,
        image=Digest("sha256:" + "0" * 64),
        detail=(("status", status), ("source", "t-us"), ("target", "t-new"), ("subscriptions", ",".join(lines))),
    )


def test_one_that_is_over_is_the_agreed_one_also_when_licences_went_with_it(told: Facts) -> None:
    assert agreed([transfer("complete", SUBSCRIPTION, LICENCE)], told) is None


def test_one_that_is_over_and_took_what_stays_is_not(told: Facts) -> None:
    with pytest.raises(Refused, match="no transfer request is open"):
        agreed([transfer("complete", SUBSCRIPTION, STAYS)], told)


def test_an_open_one_that_names_something_else_is_not_accepted(told: Facts) -> None:
    with pytest.raises(Refused, match="which does not leave"):
        agreed([transfer("pending", SUBSCRIPTION, LICENCE)], told)
