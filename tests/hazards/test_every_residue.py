"""Every planted kind of residue is found by the look, and a look that has lost one scanner is noticed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from fakes.houses import LEAVER, Stage, stage
from sendoff.engine.look import LOOKED_AT, connectors, scan, sight
from sendoff.engine.tray import Tray
from sendoff.model.case import Case
from sendoff.model.inventory import Cell, Kind, System, Whose
from sendoff.model.situation import Owned
from sendoff.model.template import Tier
from sendoff.ports import Connector


@dataclass(frozen=True, slots=True, kw_only=True)
class Residue:
    """One kind of residue as it was planted: `mark` stands in its id, its name or its facts."""

    what: str
    system: System
    kind: Kind
    mark: str = ""


def _of(system: System, rows: Mapping[str, tuple[Kind, str]]) -> tuple[Residue, ...]:
    return tuple(Residue(what=what, system=system, kind=kind, mark=mark) for what, (kind, mark) in rows.items())


PLANTED = (
    *_of(
        System.AZURE,
        {
            "an action group of ours": (Kind.RESOURCE, "ag-intercept-oncall"),
            "an alert rule of ours": (Kind.RESOURCE, "ma-intercept-"),
            "an alert rule of ours in a group of theirs": (Kind.RESOURCE, "intercept-vm-cpu"),
            "a log alert that nobody recorded": (Kind.RESOURCE, "sqr-intercept-heartbeat"),
            "an activity log alert of ours": (Kind.RESOURCE, "ala-intercept-health"),
            "a workspace of ours": (Kind.RESOURCE, "workspaces/law-intercept"),
            "a data collection rule of ours": (Kind.RESOURCE, "dcr-intercept-vm"),
            "an automation account of ours": (Kind.RESOURCE, "automationaccounts/aa-intercept"),
            "a runbook of ours": (Kind.RESOURCE, "rb-patching"),
            "a recovery vault of ours": (Kind.RESOURCE, "rsv-intercept"),
            "a resource group of ours": (Kind.GROUP, "rg-intercept-mgmt"),
            "a policy assignment on a subscription": (Kind.POLICY_ASSIGNMENT, "intercept-trace-sub"),
            "a policy assignment on a group": (Kind.POLICY_ASSIGNMENT, "intercept-trace-group"),
            "a policy assignment on a resource": (Kind.POLICY_ASSIGNMENT, "intercept-trace-resource"),
            "a policy exemption on a subscription": (Kind.POLICY_EXEMPTION, "intercept-trace-sub"),
            "a policy exemption on a group": (Kind.POLICY_EXEMPTION, "intercept-trace-group"),
            "a policy exemption on a resource": (Kind.POLICY_EXEMPTION, "intercept-trace-resource"),
            "a policy set of ours": (Kind.POLICY_SET, "int-baseline"),
            "a policy definition of ours": (Kind.POLICY_DEFINITION, "int-audit-backup"),
            "a foreign group's role on a subscription": (Kind.ROLE_ASSIGNMENT, "foreigngroup"),
            "a foreign group's role on a group": (
                Kind.ROLE_ASSIGNMENT,
                "resourcegroups/rg-web/providers/microsoft.auth",
            ),
            "a foreign group's role on a resource": (Kind.ROLE_ASSIGNMENT, "app-vdm-portal/providers/microsoft.auth"),
            "a diagnostic setting to our workspace": (Kind.DIAGNOSTIC_SETTING, "diagnosticsettings/to-intercept"),
            "the subscription's log to our workspace": (Kind.DIAGNOSTIC_SETTING, "activity-to-intercept"),
            "a budget of ours": (Kind.BUDGET, "intercept-monthly"),
            "a lock that is called like ours": (Kind.LOCK, "intercept-lock"),
            "a delegation": (Kind.DELEGATION, "registrationassignments"),
            "the definition of a delegation": (Kind.DELEGATION_DEFINITION, "registrationdefinitions"),
            "a Defender plan that we raised": (Kind.DEFENDER_PLAN, "pricings/keyvaults"),
            "our tag on a machine": (Kind.TAG, "vm-vdm-web-02"),
            "our tag on a group": (Kind.TAG, "resourcegroups/rg-data"),
            "our address as security contact": (Kind.SECURITY_CONTACT, "securitycontacts"),
            "a deleted key vault of ours": (Kind.DELETED_RESOURCE, "kv-intercept-oud"),
            "a deleted workspace of ours": (Kind.DELETED_RESOURCE, "law-intercept-oud"),
            "a deleted backup in a vault of ours": (Kind.DELETED_RESOURCE, "protecteditems/vm-vdm-web-01"),
            "our address in an action group of theirs": (Kind.RECEIVER, "ag-beheer"),
            "our address in a budget of theirs": (Kind.RECEIVER, "jaarbudget"),
            "the link to our partner id": (Kind.PARTNER_LINK, "managementpartner"),
            "the probe on a machine": (Kind.PROBE_SERVICE, "vm-vdm-web-02"),
        },
    ),
    *_of(
        System.ENTRA,
        {
            "an account of ours": (Kind.USER, "erik jansen"),
            "a generic account of ours": (Kind.USER, "intercept administrator"),
            "a guest of ours": (Kind.GUEST, "emma"),
            "an app of ours": (Kind.SERVICE_PRINCIPAL, "intercept portal"),
            "the app this program works by": (Kind.SERVICE_PRINCIPAL, "intercept onboarding"),
            "a group of ours": (Kind.DIRECTORY_GROUP, "intercept operators"),
            "a directory role of ours": (Kind.DIRECTORY_ROLE, "global administrator of erik"),
            "a role that ours may take": (Kind.DIRECTORY_ROLE, "global reader of emma"),
            "our number on an account of theirs": (Kind.SIGN_IN_METHOD, "phone on account"),
            "our address on an account of theirs": (Kind.SIGN_IN_METHOD, "email on account"),
            "a key called like ours on an account of theirs": (Kind.SIGN_IN_METHOD, "fido2 on account"),
            "an app registration of ours": (Kind.APP_REGISTRATION, "maandrapport"),
            "a credential that trusts our GitHub": (Kind.TRUST, "repo:intercept/"),
            "a credential that trusts our DevOps": (Kind.TRUST, "sc://intercept/"),
            "a consent for everybody to an app of ours": (Kind.CONSENT, "portal: user.read.all"),
            "a right of an app of ours": (Kind.CONSENT, "portal: microsoft graph"),
            "a policy that names our group": (Kind.ACCESS_POLICY, "mfa behalve beheer"),
            "a policy that names our tenant": (Kind.ACCESS_POLICY, "toegang beheerpartij"),
            "a named location with our addresses": (Kind.NAMED_LOCATION, "beheer"),
            "our address for technical notices": (Kind.NOTICE_CONTACT, "technicalnotificationmails"),
            "our address for security notices": (Kind.NOTICE_CONTACT, "securitycompliancenotificationmails"),
            "a deleted account of ours": (Kind.DELETED_ITEM, "oude beheerder"),
            "a deleted app of ours": (Kind.DELETED_ITEM, "oude koppeling"),
        },
    ),
    *_of(
        System.PARTNER_CENTER,
        {
            "the GDAP relationship": (Kind.GDAP, "intercept vdm"),
            "the reseller relationship": (Kind.RELATIONSHIP, "reseller of"),
            "a licence through us": (Kind.COMMITMENT, "power bi"),
        },
    ),
    *_of(System.PRTG, {"groups in PRTG": (Kind.PRTG_GROUP, "netwerk"), "a probe in PRTG": (Kind.PRTG_PROBE, "probe")}),
    *_of(System.TOPDESK, {"the branch": (Kind.BRANCH, "van der meer"), "the contract": (Kind.CONTRACT, "support")}),
    *_of(System.REASSURE, {"an article": (Kind.ARTICLE, "monitoring"), "a portal user": (Kind.PORTAL_USER, "person")}),
    *_of(System.PASSWORDSTATE, {"a list of secrets": (Kind.SECRET_LIST, "servers")}),
)
THEIRS = ("ag-eigen", "kv-vdm-oud", "own-budget", "own-audit", "payroll", "hoofdkantoor", "all staff", "vnet-vdm")
"""The customer's own, beside ours: in no answer are they ours."""


@pytest.fixture(scope="module")
def full_of_residue(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stage, Case]:
    """A case at a customer where everything above was planted; no test changes it."""
    one = stage(tmp_path_factory.mktemp("residue"), tier=Tier.FULL_STACK)
    for deed in ("arm.plant-leftovers", "graph.plant-traces"):
        one.control("POST", "/hands", do=deed, customer=LEAVER)
    return one, one.opened()


def seen(one: Stage, case: Case, systems: Sequence[System], without: Kind | None = None) -> tuple[Owned, ...]:
    """What a look at these systems finds, by connectors from which one kind's scanner was taken out."""
    hands = {system: Blinkered(hand, without) for system, hand in connectors(one.desk.ports, case, systems).items()}
    return sight(case, scan(hands, Tray(one.desk.ports.store, case.id))).owned


class Blinkered:
    """A connector that does not know of one kind."""

    def __init__(self, hand: Connector, without: Kind | None) -> None:
        self.system, self.able, self._hand, self._without = hand.system, hand.able, hand, without
        self.probe, self.look, self.read = hand.probe, hand.look, hand.read
        self.find, self.apply, self.follow = hand.find, hand.apply, hand.follow

    def cells(self) -> tuple[Cell, ...]:
        """Its cells without those of the kind."""
        return tuple(cell for cell in self._hand.cells() if cell.kind is not self._without)


def unfound(rows: Sequence[Owned]) -> set[str]:
    """What of the planted a look did not call ours, shared or unknown."""
    told: dict[Kind, list[str]] = {}
    for row in rows:
        if row.provenance.whose is not Whose.CUSTOMERS:
            facts = " ".join(value for _, value in row.item.detail)
            told.setdefault(row.item.kind, []).append(f"{row.item.id} {row.item.name} {facts}".lower())
    return {one.what for one in PLANTED if not any(one.mark in text for text in told.get(one.kind, ()))}


def test_every_planted_kind_of_residue_is_found(full_of_residue: tuple[Stage, Case]) -> None:
    one, case = full_of_residue
    assert len({row.what for row in PLANTED}) == len(PLANTED) >= 40
    assert unfound(seen(one, case, LOOKED_AT)) == set()


def test_of_the_customers_own_nothing_is_called_ours(full_of_residue: tuple[Stage, Case]) -> None:
    one, case = full_of_residue
    rows = seen(one, case, LOOKED_AT)
    ours = [f"{row.item.id} {row.item.name}".lower() for row in rows if row.provenance.whose is Whose.OURS]
    assert [name for name in THEIRS for told in ours if told.endswith(name)] == []
    every = [f"{row.item.id} {row.item.name}".lower() for row in rows]
    assert any("ag-eigen" in told for told in every), "and this would find it: they are seen"


@pytest.mark.parametrize("kind", sorted({row.kind for row in PLANTED}))
def test_a_look_without_one_scanner_is_noticed(full_of_residue: tuple[Stage, Case], kind: Kind) -> None:
    one, case = full_of_residue
    mine = [row for row in PLANTED if row.kind is kind]
    systems = {row.system for row in mine}
    lost = unfound(seen(one, case, sorted(systems), without=kind)) & {
        row.what for row in PLANTED if row.system in systems
    }
    assert lost == {row.what for row in mine}
