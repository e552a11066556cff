"""Our groups and directory roles: what the step plans, whose they are, and the gate that asks before it runs."""

from dataclasses import replace

import pytest

from fakes.told import told
from sendoff.model.case import Case
from sendoff.model.digest import Digest
from sendoff.model.facts import Destination, Facts, Recorded
from sendoff.model.gate import Open, Shut
from sendoff.model.inventory import Inventory, Item, Kind, Sign, SignKind, System, Verb, Whose
from sendoff.model.key import Key
from sendoff.model.plan import Disposition, Plan
from sendoff.model.proof import ProofKind
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.template import Tier
from sendoff.rules.adding import added
from sendoff.rules.asking import Question
from sendoff.rules.choosing import stays
from sendoff.rules.gates import gates
from sendoff.rules.judging import is_residue
from sendoff.rules.provenance import owned
from sendoff.steps import EVERY, by_id

STEP = by_id(StepId("remove-directory-access"))
EXECUTOR = "11111111-0000-4000-8000-00000000000e"
COLLEAGUE = "11111111-0000-4000-8000-00000000000c"
GROUP = "11111111-0000-4000-8000-00000000000a"


def facts(**changes: object) -> Facts:
    found = told().case.facts
    provider = replace(found.provider, executor=EXECUTOR, principals=(COLLEAGUE,), domains=("intercept.example",))
    record = (Recorded(system=System.ENTRA, kind=Kind.DIRECTORY_GROUP, id=GROUP),)
    return replace(found, provider=provider, record=record, **changes)  # type: ignore[arg-type]


def item(kind: Kind, ident: str, *signs: Sign, **detail: str) -> Item:
    return Item(
        system=System.ENTRA,
        kind=kind,
        id=ident,
        name=ident,
        scope="tenant",
        key=Key.APP,
        image=Digest("sha256:" + "0" * 64),
        signs=signs,
        detail=tuple((name.replace("_", "-"), value) for name, value in detail.items()),
    )


def role(holder: str, *, kind: str = "user", administrators: str = "no", remains: str = "") -> Item:
    signs = (Sign(kind=SignKind.METADATA, value=f"principal={holder}"),)
    more = {"principalId": holder, "principalKind": kind, "administrators": administrators, "stays": remains}
    return item(Kind.DIRECTORY_ROLE, f"role-of-{holder[-1:]}", *signs, **more)


def group(ident: str = GROUP, *, administrators: str = "no", remains: str = "") -> Item:
    return item(Kind.DIRECTORY_GROUP, ident, administrators=administrators, stays=remains)


def case_of(its: Facts) -> Case:
    return replace(told().case, facts=its)


def planned(*things: Item, its: Facts | None = None) -> Proposal:
    known = its or facts()
    now = Situation(
        case="L1",
        facts=known,
        inventory=Inventory(read=(), blind=(), items=things),
        owned=owned(things, known, {}),
        at=told().case.at,
    )
    assert STEP.plan is not None
    return STEP.plan(now)


def test_roles_go_before_the_groups_that_held_them() -> None:
    found = planned(group(), role(COLLEAGUE))
    assert [(one.verb, one.kind, one.rank) for one in sorted(found.actions, key=lambda one: one.rank)] == [
        (Verb.REMOVE, Kind.DIRECTORY_ROLE, 0),
        (Verb.REMOVE, Kind.DIRECTORY_GROUP, 1),
    ]


@pytest.mark.parametrize("thing", [group(remains="2 are not ours"), role(COLLEAGUE, remains="not ours alone")])
def test_what_the_customer_has_a_part_in_is_left_to_them_with_the_reason(thing: Item) -> None:
    found = planned(thing)
    assert found.actions == ()
    assert [(one.disposition, thing.fact("stays") in one.why) for one in found.left] == [(Disposition.HAND_OVER, True)]
    shared = owned((thing,), facts(), {})[0]
    assert shared.provenance.whose is Whose.SHARED and not is_residue(case_of(facts()), shared)


def test_a_group_that_is_only_called_like_ours_is_nobodys_to_remove() -> None:
    decoy = item(Kind.DIRECTORY_GROUP, "decoy", Sign(kind=SignKind.NAME, value="Intercept klanten"), stays="")
    found = planned(decoy)
    assert found.actions == () and "a named person must decide" in found.left[0].why


def test_the_role_this_program_works_by_is_ours_and_goes_last() -> None:
    own = role(EXECUTOR, kind="servicePrincipal")
    found = planned(own)
    assert found.actions == () and found.left[0].disposition is Disposition.HAND_OVER
    known = owned((own,), facts(), {})[0]
    assert known.provenance.whose is Whose.OURS and not is_residue(case_of(facts()), known)


def test_without_an_executor_nobody_is_it() -> None:
    its = replace(facts(), provider=replace(facts().provider, executor=""))
    assert owned((role(""),), its, {})[0].provenance.whose is Whose.CUSTOMERS


def test_what_a_look_finds_adds_the_step_once() -> None:
    its = facts()
    case = replace(case_of(its), steps={})
    found = added(case, owned((group(), role(COLLEAGUE), role(EXECUTOR)), its, {}), EVERY)
    assert [(one.step, len(one.refs)) for one in found] == [("remove-directory-access", 2)]


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({}, {"app": False, "user": False, "group": False}),
        ({"remaining": Tier.CSP}, {"app": True, "user": False, "group": True}),
        ({"stays": True}, {"app": True, "user": True, "group": True}),
    ],
    ids=["everything leaves", "the CSP stays", "a subscription stays"],
)
def test_what_stays_by_agreement_keeps_the_groups_and_roles_it_needs(
    changes: dict[str, object], kept: dict[str, bool]
) -> None:
    its = facts()
    if changes.pop("stays", False):
        rows = (replace(its.scope[0], destination=Destination.STAYS), *its.scope[1:])
        its = replace(its, scope=rows)
    its = replace(its, **changes)  # type: ignore[arg-type]
    things = {"app": role(COLLEAGUE, kind="servicePrincipal"), "user": role(COLLEAGUE), "group": group()}
    assert {name: stays(one, its) for name, one in things.items()} == kept


def gate_of(*things: Item, proven: bool) -> Open | Shut:
    its = facts()
    case = case_of(its)
    made = planned(*things)
    plan = Plan(
        case=case.id, world=case.world, step=STEP.id, scope=its.scope_digest, facts=its.frozen_digest,
        actions=made.actions,
    )  # fmt: skip
    proofs = case.proofs if proven else ()
    standing = next(iter(case.steps.values()))
    proof = case.proven(ProofKind.ADMINISTRATORS)
    assert proof is not None and case.proven(ProofKind.BREAK_GLASS) is not None
    ask = Question(case=replace(case, proofs=proofs), standing=standing, plan=plan, now=proof.at, people={})
    return next(one for one in gates(ask) if one.gate == "administrators")


@pytest.mark.parametrize("thing", [role(COLLEAGUE, administrators="yes"), group(administrators="yes"),
                                   role(COLLEAGUE, administrators="")])  # fmt: skip
def test_whoever_made_administrators_goes_only_after_the_customers_own_signed_in(thing: Item) -> None:
    assert isinstance(gate_of(thing, proven=False), Shut)
    assert isinstance(gate_of(thing, proven=True), Open)


@pytest.mark.parametrize("thing", [role(COLLEAGUE), group()])
def test_what_makes_no_administrator_waits_for_no_sign_in(thing: Item) -> None:
    assert isinstance(gate_of(thing, proven=False), Open)


def test_it_comes_after_the_accounts_and_before_our_own_key() -> None:
    assert STEP.after >= {StepId("remove-accounts"), StepId("make-administrators"), StepId("confirm-termination")}
    assert STEP.id in by_id(StepId("remove-app-registration")).after
    assert Key.APP in STEP.needs
