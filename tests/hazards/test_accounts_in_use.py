"""A generic account of ours that somebody or a script still uses is flagged with what depends on it, and never removed
unnoticed; where the vendor does not tell whether it is used, that is said."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from fakes.houses import LEAVER, Stage, stage
from sendoff.model.case import Case
from sendoff.model.inventory import Verb
from sendoff.model.template import Tier
from sendoff.sandbox.wire import Obj, obj, text
from sendoff.sandbox.world import Thing

ADMIN = "admin.intercept@vandermeer.example"
NAME = "Intercept Administrator"
ACCOUNTS = "remove-accounts"


@dataclass
class Seen:
    """A case with its plan of the accounts, and what day 0 said of accounts."""

    one: Stage
    case: Case
    day: str = ""

    def day_0(self) -> list[str]:
        told = self.one.desk.preflight(self.one.who("erik"), self.case.id)
        return [row.said for row in told.findings if row.subject == ACCOUNTS and "generic" in row.said]

    def told(self) -> str:
        """What the lines of the one generic account say in the two plans that were approved."""
        self.case = self.one.until(self.case, ACCOUNTS, "ready")
        self.day = self.use()
        self.case = self.one.until(self.case, ACCOUNTS, "done")
        plans = self.one.desk.plans(self.case.id)
        acts = [act for one in plans for act in one.actions if act.name == NAME and act.step == ACCOUNTS]
        assert [act.verb for act in acts] == [Verb.DISABLE, Verb.REMOVE]
        return " | ".join(act.why for act in acts)

    def use(self) -> str:
        """A script signs in; the day on which it did."""
        self.one.control("POST", "/hands", **{**USED, "customer": LEAVER})
        return self.one.sandbox.world.now.date().isoformat()

    def report(self) -> str:
        return self.one.desk.report(self.case.id)["why-each-object.html"].decode()


def case_with(tmp_path: Path, *hands: Obj) -> Seen:
    one = stage(tmp_path, tier=Tier.FULL_STACK)
    for deed in hands:
        one.control("POST", "/hands", **{"customer": LEAVER, **deed})
    return Seen(one, one.opened())


USED: Obj = {"do": "graph.use-account", "user": ADMIN, "script": True}
ROLE = "in 1 directory role: Global Administrator"
GROUPS = "in 3 groups: Intercept on-premises, Intercept operators, Intercept servicedesk"


def give_rights(one: Stage) -> str:
    """The account gets a role in Azure, a role it may take, an app of its own and a place in another; its id."""
    world = one.sandbox.world
    users = [thing for thing in world.all("graph", "user") if text(thing.raw, "userPrincipalName") == ADMIN]
    (account,) = users
    old = next(thing for thing in world.all("arm", "microsoft.authorization/roleassignments") if thing.owner == LEAVER)
    ident = f"{old.id.rpartition('/')[0]}/{world.guid('in use', 'role')}"
    inner: Obj = {**obj(old.raw.get("properties")), "principalId": account.id, "principalType": "User"}
    raw: Obj = {**old.raw, "id": ident, "name": ident.rpartition("/")[2], "properties": inner}
    world.add(Thing("arm", old.kind, ident, LEAVER, raw, old.place))
    apps = [one for one in world.all("graph", "application") if text(one.raw, "displayName").endswith("intranet")]
    app = next(one for one in apps if one.owner == LEAVER)
    mine: Obj = {"groupId": app.id, "memberId": account.id, "rel": "owners"}
    world.add(Thing("graph", "membership", f"{app.id}.own", LEAVER, mine, account.place))
    held: Obj = {"id": "assigned", "principalId": account.id, "resourceDisplayName": "Payroll Online"}
    world.add(Thing("graph", "appRoleAssignment", "assigned", LEAVER, held, account.place))
    return account.id


def test_a_generic_account_in_use_is_flagged_on_day_0_in_the_plan_and_in_the_report(tmp_path: Path) -> None:
    seen = case_with(tmp_path)
    assert seen.day_0() == [], "nobody used it: there is nothing to flag"
    day = seen.use()
    give_rights(seen.one)
    (told,) = seen.day_0()
    assert told.startswith(f"{NAME}: a generic account in use: it signed in on {day}; depends on it: {ROLE}; {GROUPS}")
    assert "owner of 1 app: " in told and "assigned in 1 app: Payroll Online" in told
    assert "; 1 role in Azure: on /subscriptions/" in told
    why = seen.told()
    told_once = f"a generic account in use: it signed in on {seen.day}; depends on it: {ROLE}; {GROUPS}"
    assert why.count(told_once) == 2, "before it is disabled, and before it is deleted"
    assert "1 role in Azure" in why, "who approves reads it on the line itself"
    assert f"it signed in on {seen.day}" in seen.report()


def test_a_named_person_of_ours_is_not_flagged(tmp_path: Path) -> None:
    seen = case_with(tmp_path, {**USED, "user": "erik.jansen@vandermeer.example"})
    assert seen.day_0() == []
    seen.use()
    assert len(seen.day_0()) == 1


@pytest.mark.parametrize(("days", "flagged"), [(29, True), (31, False)])
def test_thirty_days_without_a_sign_in_are_long_enough(tmp_path: Path, days: int, flagged: bool) -> None:
    seen = case_with(tmp_path)
    at = seen.one.sandbox.world.now - timedelta(days=days)
    seen.one.control("POST", "/hands", **{**USED, "customer": LEAVER, "at": at.strftime("%Y-%m-%dT%H:%M:%SZ")})
    assert len(seen.day_0()) == int(flagged)


@pytest.mark.parametrize(
    ("hand", "because"),
    [
        ("graph.without-premium", "the tenant has no Entra ID P1"),
        ("graph.without-audit-read", "our key lacks AuditLog.Read.All"),
    ],
)
def test_where_the_vendor_does_not_tell_it_was_not_looked_at_and_is_never_called_unused(
    tmp_path: Path, hand: str, because: str
) -> None:
    seen = case_with(tmp_path, {"do": hand})
    (told,) = seen.day_0()
    assert told.startswith(f"{NAME}: a generic account; whether it is in use was not looked at: {because}; depends on")
    assert ROLE in told and GROUPS in told and "unused" not in told
    told = seen.told()
    assert told.count(f"whether it is in use was not looked at: {because}") == 2
    assert f"whether anything tried to sign in could not be read: {because}" in told, "and not that nothing did"


def test_roles_in_azure_that_could_not_be_read_are_said_to_be_unread(tmp_path: Path) -> None:
    seen = case_with(tmp_path, USED)
    assert "in Azure" not in seen.day_0()[0]
    control = seen.one.house.control
    assert control is not None
    control.ask("POST", "/trouble", {"do": "forbid", "vendor": "arm", "path": "roleAssignments", "times": 0})
    assert seen.day_0()[0].endswith("; roles in Azure were not looked at")
