"""Every ARM and Graph request of ours fits the vendors' contracts; the folder is outside the project."""

import importlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import httpx2
import pytest
from connector_hands import HANDS, azure, entra, letter, office, seen

from fakes.connector_desk import ONCE, Desk, deed, elsewhere
from sendoff.model.inventory import Kind, Verb
from sendoff.ports import Connector

SHARED = Path(os.environ.get("SENDOFF_SHARED", Path(__file__).parents[3] / "shared"))
CONTRACTS = SHARED / "contracts" / "microsoft"
needed = pytest.mark.skipif(
    not CONTRACTS.is_dir() and os.environ.get("CI") != "true", reason="the vendors' contracts are not here"
)
ACTIONS = ("revokeSignInSessions",)
Check = Callable[..., list[str]]
NOT_IN_THE_SUBSET = (
    "/messages",
    "/mailFolders/",
    "/userRegistrationDetails",
    "/roleEligibilityScheduleInstances/",
    "/identity/conditionalAccess/",
)
"""Graph calls that Microsoft documents and the saved subset leaves out."""


def checker(*names: str) -> Check:
    """The saved contracts as one question: what is wrong with this request?"""
    sys.path.insert(0, str(CONTRACTS / "tools"))
    files = [str(CONTRACTS / name) for name in names]
    check: Check = importlib.import_module("check_request").Checker(*files).check
    return check


def body(request: httpx2.Request) -> object:
    return json.loads(request.read()) if request.headers.get("content-type") == "application/json" else None


def bound(path: str) -> str:
    """Bound actions as the contract spells them."""
    for name in ACTIONS:
        path = path.replace(f"/{name}", f"/microsoft.graph.{name}")
    return path


def everything(desk: Desk, connector: Connector) -> None:
    """Every call that a look, a reading and the deeds make."""
    for cell in connector.cells():
        for item in connector.look(cell, desk.tray):
            if item.fact("inherited") != "yes":
                connector.read(item.target, desk.tray)


@needed
def test_every_arm_request_fits_the_contracts() -> None:
    names = ("locks", "policy-ga-1.0.0", "policy-2026-01-01-preview", "managedservices-lighthouse", "resources",
             "authorization-rbac-pim-deny", "resourcegraph", "subscriptions", "consumption-budgets",
             "keyvault", "loganalytics", "monitor", "deployments", "automation-accounts", "policyinsights")  # fmt: skip
    arm = [f"arm-sdk-contract/{name}.json" for name in names]
    check = checker(*arm, "hand/diagnostic-settings.openapi.json")
    desk = Desk()
    connector = azure(desk)
    everything(desk, connector)
    item = seen(connector, desk, Kind.RESOURCE)[0]
    connector.apply(elsewhere(deed(item, Verb.EXPORT), target=item.scope), once=ONCE, out=desk.tray)
    for kind in (Kind.BUDGET, Kind.DIAGNOSTIC_SETTING, Kind.POLICY_EXEMPTION, Kind.POLICY_ASSIGNMENT, Kind.DELEGATION):
        found = [one for one in seen(connector, desk, kind) if one.fact("inherited") != "yes"]
        connector.apply(deed(found[0], Verb.REMOVE), once=ONCE, out=desk.tray)
    asked = [one for one in desk.wire.seen if one.url.host == "management.azure.com"]
    wrong = {
        f"{one.method} {one.url}: {problems}"
        for one in asked
        if "/operationresults/" not in one.url.path
        and "/Microsoft.ManagementPartner/" not in one.url.path  # no contract of it is saved
        and not one.url.path.endswith("/content")  # nor of a runbook's text
        and (problems := check(one.method, unquote(str(one.url)), body(one)))
    }
    assert len(asked) > 100 and not wrong
    assert any("/eventtypes/" in one.url.path for one in asked), "who made what carries only our tag was asked"
    directory = checker("graph/graph-v1.0-subset.openapi.json")
    graph = [one for one in desk.wire.seen if one.url.host == "graph.microsoft.com"]
    assert graph and not [problem for one in graph for problem in directory(one.method, unquote(str(one.url)), None)]


@needed
def test_every_graph_request_fits_the_contract() -> None:
    check = checker("graph/graph-v1.0-subset.openapi.json")
    desk = Desk()
    directory, mail = entra(desk), office(desk)
    everything(desk, directory)
    guest = seen(directory, desk, Kind.GUEST)[-1]
    for verb in (Verb.DISABLE, Verb.REMOVE):
        directory.apply(deed(guest, verb), once=ONCE, out=desk.tray)
    mail.apply(letter(desk, mail), once=ONCE, out=desk.tray)
    everything(desk, mail)
    asked = [one for one in desk.wire.seen if one.url.host == "graph.microsoft.com"]
    fitting = [one for one in asked if not any(part in one.url.path for part in NOT_IN_THE_SUBSET)]
    wrong = {
        f"{one.method} {one.url}: {problems}"
        for one in fitting
        if (problems := check(one.method, bound(unquote(str(one.url))), body(one)))
    }
    assert len(fitting) > 20 and not wrong


@needed
def test_the_sign_in_fits_the_contract() -> None:
    check = checker("hand/entra-token.openapi.json")
    desk = Desk()
    connector = HANDS[0].build(desk)
    connector.probe(connector.cells()[0].key)
    asked = [one for one in desk.wire.seen if one.url.host == "login.microsoftonline.com"]
    assert asked and all(one.method == "POST" for one in asked)
    assert not [problem for one in asked for problem in check(one.method, str(one.url))
                if "missing body" not in problem]  # fmt: skip
