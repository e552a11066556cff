"""What a case says aloud about its transfer: louder as the day comes near, and never when nobody waits for one."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from fakes.papers_case import facts
from sendoff.model.case import Case, Standing
from sendoff.model.digest import Digest
from sendoff.model.facts import Facts
from sendoff.model.inventory import Item, Kind, System
from sendoff.model.key import Key
from sendoff.model.people import PersonId, Role
from sendoff.model.state import SETTLED, State, StepId
from sendoff.rules.moving import LINES, left_behind, moving
from sendoff.rules.reminding import Seen, needed, reminders

DAY = date(2026, 12, 31)
NOON = datetime(2026, 12, 31, 12, tzinfo=UTC)
ACCEPT = StepId("accept-transfer")
NONE = Digest("sha256:" + "0" * 64)


def case(told: Facts | None = None, state: State = State.READY) -> Case:
    """A case of which only the transfer is open."""
    standing = Standing(step=ACCEPT, line=1, section="", text="", role=Role.PRACTICE_LEAD, major=2, state=state)
    return Case(
        id="L1",
        world="w",
        facts=told or replace(facts(), transfer_on=DAY),
        template=NONE,
        runbook="",
        version="",
        title="",
        tier=facts().ending,
        opened_at=NOON,
        opened_by=PersonId("p"),
        steps={ACCEPT: standing},
        head=NONE,
        at=NOON,
    )


def item(kind: Kind, ident: str, told: Mapping[str, str]) -> Item:
    return Item(
        system=System.PARTNER_CENTER,
        kind=kind,
        id=ident,
        name=ident,
        scope="customer",
        key=Key.PARTNER_CENTER,
        image=NONE,
        detail=tuple(told.items()),
    )


def transfer(status: str, **told: str) -> Item:
    return item(Kind.TRANSFER, "t-1", {"status": status, **told})


def aloud(days: int, *items: Item, of: Case | None = None) -> str:
    """What is said so many days before the transfer is needed, by a look of that moment."""
    now = NOON - timedelta(days=days)
    return " | ".join(reminders(of or case(), Seen(at=now, items=items), now))


@pytest.mark.parametrize(("days", "level"), [(30, 30), (15, 30), (14, 14), (8, 14), (7, 7), (1, 7)])
def test_a_missing_request_is_said_at_thirty_fourteen_and_seven_days(days: int, level: int) -> None:
    said = aloud(days)
    assert f"needed in {days} days, on 2026-12-31 (T-{level})" in said
    assert ("sendoff case tail" in said) is (level == 7)


def test_earlier_nothing_is_said_and_later_that_its_day_has_passed() -> None:
    assert aloud(31) == ""
    assert "it was needed on 2026-12-31" in aloud(0) and "it was needed on 2026-12-31" in aloud(-40)


@pytest.mark.parametrize("status", ["pending", "in progress", "complete"])
def test_with_a_request_that_waits_runs_or_is_over_nothing_is_missing(status: str) -> None:
    assert aloud(5, transfer(status)) == ""


@pytest.mark.parametrize("state", sorted(SETTLED))
def test_nothing_is_said_when_nobody_waits_for_a_transfer_here(state: State) -> None:
    assert aloud(5, of=case(state=state)) == ""


def test_a_request_that_lapsed_is_said_also_long_before_with_when_a_new_one_would_lapse() -> None:
    said = aloud(60, transfer("expired", expires="2026-10-30T08:00:00Z"))
    assert "t-1 lapsed on 2026-10-30" in said and "one made on 2026-12-01 lapses on 2026-12-31" in said
    late = transfer("expired", expires="2026-12-20T08:00:00Z")
    assert "one made on 2026-12-26 lapses on 2027-01-25" in aloud(5, late)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(10, ""), (20, "tries by itself for three days"), (3 * 24 * 60 + 1, "open a service request in Partner Center")],
)
def test_an_accepted_transfer_that_stands_still_is_waited_for_then_asked_after(minutes: int, said: str) -> None:
    since = (NOON - timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")
    found = aloud(0, transfer("in progress", changed=since))
    assert said in found if said else not found


def test_that_nobody_could_look_is_said_and_is_not_no_request() -> None:
    now = NOON - timedelta(days=5)
    assert reminders(case(), None, now) == ("nobody could look for a transfer request, and it is needed in 5 days",)
    assert reminders(case(), None, NOON - timedelta(days=31)) == ()


def test_the_day_is_the_agreed_one_else_the_contracts_last_and_in_a_tail_its_own() -> None:
    plain = facts()
    assert needed(replace(plain, transfer_on=date(2026, 12, 1))) == date(2026, 12, 1)
    assert needed(plain) == plain.contract_end
    assert needed(replace(plain, tail_of="L0", access_until=date(2027, 6, 30))) == date(2027, 6, 30)


# ---- what moves ---------------------------------------------------------------------------------------------------


def bought(ident: str, product: str) -> Item:
    return item(Kind.COMMITMENT, ident, {"status": "active", "product": product})


def test_twenty_five_lines_go_azure_first_and_the_rest_is_named() -> None:
    told = facts()
    azure = [bought(row.id, "azure-plan") for row in told.leaving if row.system is System.AZURE]
    many = [bought(f"licence-{at:02}", "licence") for at in range(LINES)]
    request = transfer("pending", products="AzureSubscription,OnlineServicesNCE")
    gone = moving([*many, *azure], request, told)
    assert len(gone) == LINES and set(azure) <= set(gone)
    left = left_behind([*many, *azure], request, told)
    assert len(left) == len(azure) and all("25 lines of one transfer are full" in row.why for row in left)


@pytest.mark.parametrize("product", ["reservation", "savings-plan", "software"])
def test_what_a_request_does_not_ask_for_stays_and_goes_when_it_is_asked_for(product: str) -> None:
    told, one = facts(), bought("x", product)
    plain = transfer("pending", products="AzureSubscription,OnlineServicesNCE")
    assert moving([one], plain, told) == () and len(left_behind([one], plain, told)) == 1
    assert moving([one], transfer("pending", products=""), told) == (), "what names no kinds asks for the plain ones"
    asks = transfer("pending", products="AzureReservation,AzureSavingsPlan,SaaS")
    assert moving([one], asks, told) == (one,) and left_behind([one], asks, told) == ()
