"""The second look finds what the first one's list lost, by another list and other code; and a lag accuses nobody."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from fakes.connector_desk import SLUG, Desk
from sendoff.connectors.azure import lists, second
from sendoff.connectors.azure.client import AzureDoors
from sendoff.connectors.azure.connector import AzureConnector
from sendoff.connectors.wire.body import rows, text
from sendoff.engine.look import scan
from sendoff.engine.secondlook import completed, remembered, told
from sendoff.model.digest import digest
from sendoff.model.inventory import Inventory, Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action
from sendoff.model.state import StepId
from sendoff.ports import Connector, SecondList
from sendoff.rules.judging import Reread
from sendoff.sandbox.arm_ids import ASSIGNMENT, EXEMPTION, ROLE
from sendoff.sandbox.seed_build import CUSTOMERS, Build
from sendoff.sandbox.seed_resource import group, resource
from sendoff.sandbox.wire import Obj

AUTH = "providers/Microsoft.Authorization"
NAME = "zz-lost"
LISTS: Mapping[Kind, str] = {
    Kind.POLICY_ASSIGNMENT: "/policyAssignments",
    Kind.POLICY_EXEMPTION: "/policyExemptions",
    Kind.ROLE_ASSIGNMENT: "/roleAssignments",
    Kind.GROUP: "/resourcegroups",
    Kind.RESOURCE: "/resources",
}
"""The list of the remover for each kind; that of resources is united with the index, so both lose it."""


def planted(desk: Desk, kind: Kind) -> str:
    """One thing of ours of this kind; its id."""
    sub = desk.facts.leaving[0].id
    plan = next(one for one in CUSTOMERS if one.slug == SLUG)
    build = Build(desk.sandbox.world, plan, desk.sandbox.world.customers[SLUG].tenant)
    scope = f"/subscriptions/{sub}"
    inner: Obj = {"displayName": NAME, "scope": scope, "principalId": "p", "principalType": "User"}
    match kind:
        case Kind.GROUP:
            return group(build, sub, NAME)
        case Kind.RESOURCE:
            return resource(build, sub, "rg-web", "microsoft.insights/metricalerts", NAME, ours=True)
        case _:
            made = {
                Kind.POLICY_ASSIGNMENT: (ASSIGNMENT, "policyAssignments"),
                Kind.POLICY_EXEMPTION: (EXEMPTION, "policyExemptions"),
                Kind.ROLE_ASSIGNMENT: (ROLE, "roleAssignments"),
            }[kind]
            return build.arm(made[0], f"{scope}/{AUTH}/{made[1]}/{NAME}", {"properties": inner}, sub).id


def forgetful(desk: Desk, kind: Kind, ident: str) -> None:
    """From now on the lists of the remover do not show it; direct reads and other lists do."""

    def lost(request: httpx2.Request, body: bytes) -> bytes:
        asked = json.loads(request.read()) if "ResourceGraph" in request.url.path else {}
        index = "ResourceGraph" in request.url.path and str(asked.get("query", "")).startswith("resources")
        plain = request.url.path.endswith(LISTS[kind]) and "/resourcegroups/" not in request.url.path.lower()
        if not (plain or (index and kind is Kind.RESOURCE)):
            return body
        page = json.loads(body)
        name = "data" if index else "value"
        kept = [row for row in rows(page, name) if text(row, "id").lower() != ident.lower()]
        less = len(rows(page, name)) - len(kept)
        counts = {"count": len(kept), "totalRecords": int(page["totalRecords"]) - less} if index else {}
        return json.dumps({**page, **counts, name: kept}).encode()

    desk.wire.edit = lost


def looked(desk: Desk, kind: Kind) -> tuple[Inventory, Inventory]:
    """The first look, and the same after the second way."""
    doors = AzureDoors(app=desk.app())
    hand: Connector = AzureConnector(desk.facts, doors, clients=desk.clients, limits=desk.limits)
    assert isinstance(hand, SecondList)
    hands = {System.AZURE: hand}
    first = scan(hands, desk.tray, frozenset({kind}))  # type: ignore[arg-type]
    return first, completed(hands, desk.tray, first, frozenset({kind}))[0]  # type: ignore[arg-type]


def shows(seen: Inventory, ident: str) -> bool:
    return ident.lower() in {item.id.lower() for item in seen.items}


@pytest.mark.parametrize("kind", LISTS)
def test_what_the_removers_list_lost_is_found_by_another_way(kind: Kind) -> None:
    desk = Desk()
    ident = planted(desk, kind)
    assert all(shows(seen, ident) for seen in looked(desk, kind)), "while nothing is lost both see it"
    forgetful(desk, kind, ident)

    first, whole = looked(desk, kind)

    assert first.whole and not shows(first, ident), "the first list is sure that it read everything"
    assert whole.whole and shows(whole, ident)


def test_what_the_index_still_shows_and_a_direct_read_does_not_is_no_find() -> None:
    desk = Desk()
    ident = planted(desk, Kind.POLICY_ASSIGNMENT)
    thing = desk.sandbox.world.get("arm", ASSIGNMENT, ident)
    assert thing is not None
    desk.control("POST", "/habits", {"lag": 9})
    assert shows(looked(desk, Kind.POLICY_ASSIGNMENT)[1], ident)
    desk.sandbox.world.remove(thing)

    first, whole = looked(desk, Kind.POLICY_ASSIGNMENT)

    assert not shows(whole, ident) and whole == first


def test_what_only_the_second_list_shows_and_cannot_be_read_makes_the_look_blind() -> None:
    desk = Desk()
    ident = planted(desk, Kind.POLICY_ASSIGNMENT)
    forgetful(desk, Kind.POLICY_ASSIGNMENT, ident)
    desk.trouble(do="forbid", vendor="arm", method="GET", path=f"{NAME}$")

    first, whole = looked(desk, Kind.POLICY_ASSIGNMENT)

    assert first.whole and not whole.whole and NAME in whole.blind[0].reason


def test_a_second_list_that_fails_hides_nothing_that_the_first_one_saw() -> None:
    desk = Desk()
    ident = planted(desk, Kind.POLICY_ASSIGNMENT)
    desk.trouble(do="forbid", vendor="arm", path="ResourceGraph")

    first, whole = looked(desk, Kind.POLICY_ASSIGNMENT)

    assert shows(first, ident) and whole == first


def test_the_two_ways_share_no_code_of_lists() -> None:
    """The second way neither imports the first one's lists nor calls the wire's own pages."""
    names = set(vars(second)) & {name for name in vars(lists) if not name.startswith("__")}

    assert names <= {"Arm", "Kind", "Object", "RESOURCES", "text"}
    used = {name for one in vars(second).values() if hasattr(one, "__code__") for name in one.__code__.co_names}
    assert "call" in used and not used & {"pages", "listed", "graph", "_graph_page", "brief", "estate"}


def removal(desk: Desk, ident: str) -> Action:
    """The removal of one assignment that was planted."""
    return Action(
        step=StepId("remove-policies"),
        system=System.AZURE,
        verb=Verb.REMOVE,
        kind=Kind.POLICY_ASSIGNMENT,
        target=ident,
        name=NAME,
        scope=desk.facts.leaving[0].id,
        key=Key.APP,
        why="ours",
        before=digest(ident),
    )


def how(desk: Desk, action: Action, found: Reread) -> str:
    """What the second look says of it, with the log since a moment ago."""
    now, doors = desk.sandbox.world.now, AzureDoors(app=desk.app())
    hand = AzureConnector(desk.facts, doors, clients=desk.clients, limits=desk.limits, now=lambda: now)
    return told(found, action, {}, remembered({System.AZURE: hand}, [(action.at,)], now - timedelta(hours=1))).how


def test_the_vendors_log_tells_of_a_delete_and_only_of_that_one() -> None:
    desk = Desk()
    ident = planted(desk, Kind.POLICY_ASSIGNMENT)
    thing, gone = desk.sandbox.world.get("arm", ASSIGNMENT, ident), Reread(item=None, how="direct read by app")
    action = removal(desk, ident)
    assert thing is not None and how(desk, action, gone) == "direct read by app", (
        "a log that does not tell says nothing"
    )

    desk.sandbox.world.remove(thing)

    assert how(desk, action, gone) == "direct read by app; the vendor's log tells of its delete"
    assert "log" not in how(desk, replace(action, target=f"{ident}-2"), gone)


def test_a_log_that_may_not_be_read_is_said() -> None:
    desk = Desk()
    action = removal(desk, planted(desk, Kind.POLICY_ASSIGNMENT))
    desk.trouble(do="forbid", vendor="arm", path="eventtypes/management")

    assert "no log: " in how(desk, action, Reread(item=None, how="direct read by app"))
