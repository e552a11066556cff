"""H5, H8, H9 and those who stay: nothing goes to the wrong hands, and nothing of the customer's is touched."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fakes.houses import LEAVER, Stage, stage
from fakes.leavings import (
    Told,
    after_contract,
    approved,
    at_gate,
    digests,
    effects,
    objects,
    plan,
    planned,
    run,
    standing,
    there,
)
from sendoff.model.case import Case
from sendoff.model.errors import BadInput, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Kind, Verb, Whose
from sendoff.model.proof import ProofKind
from sendoff.model.state import State
from sendoff.model.template import Tier
from sendoff.sandbox.sandbox import Sandbox
from sendoff.sandbox.wire import Obj, obj

SECRETS, RESOURCES = "export-secrets", "remove-resources"


def sealed_to(mail: str) -> Callable[[Facts], Facts]:
    """The facts with another recipient of the secrets."""

    def change(facts: Facts) -> Facts:
        assert facts.recipient is not None
        return replace(facts, recipient=replace(facts.recipient, mail=mail))

    return change


WRONG = {
    "jan@noordzee-cloud.example": "is at the new supplier: secrets never go to the new CSP",
    "jan@mail.noordzee-cloud.example": "is at the new supplier",
    "carla@intercept.example": "is at our own domain",
    "carla@post.intercept.example": "is at our own domain",
    "anna@vandermeer.example.evil.example": "is not at a domain of",
}


def supplier_domain(folder: Path) -> str:
    """The domain of the new supplier in this world."""
    found = stage(folder, tier=Tier.PREMIUM).facts().supplier
    assert found is not None
    return found.domains[0]


@pytest.mark.parametrize("mail", WRONG)
def test_h5_secrets_are_disclosed_to_nobody_but_the_customer(tmp_path: Path, mail: str) -> None:
    why, mail = WRONG[mail], mail.replace("noordzee-cloud.example", supplier_domain(tmp_path / "asked"))
    one = stage(tmp_path / "told", tier=Tier.PREMIUM)
    case = one.until(one.opened(sealed_to(mail)), SECRETS, "approved")
    after = run(one, case)
    gate = at_gate(one, case, SECRETS, "recipient")
    assert gate is not None and gate.reason.startswith(mail) and why in gate.reason
    assert after.steps[standing(one, case, SECRETS).step].state is State.APPROVED
    assert effects(one, "disclosed") == [] and after.parcel is None


def test_h5_a_person_of_the_new_supplier_with_a_mailbox_at_the_customer_gets_none(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)

    def moved_in(facts: Facts) -> Facts:
        assert facts.supplier is not None
        (first, *others) = facts.supplier.contacts
        there = replace(first, mail="Jan.Visser@vandermeer.example")
        return replace(
            sealed_to("jan.visser@vandermeer.example")(facts),
            supplier=replace(facts.supplier, contacts=(there, *others)),
        )

    case = one.until(one.opened(moved_in), SECRETS, "approved")
    after = run(one, case)
    gate = at_gate(one, case, SECRETS, "recipient")
    assert gate is not None and "is a person of the new supplier" in gate.reason
    assert effects(one, "disclosed") == [] and after.parcel is None


def test_h5_no_two_persons_and_no_word_of_anybody_open_it_to_the_new_supplier(tmp_path: Path) -> None:
    domain = supplier_domain(tmp_path / "asked")
    one = stage(tmp_path / "told", tier=Tier.PREMIUM)
    case = one.until(one.opened(), SECRETS, "approved")
    wrong = sealed_to(f"jan@{domain}")(case.facts)
    for person in ("carla", "paul"):
        one.desk.change_facts(one.who(person), case.id, wrong, reason="they are in a hurry")
    planned(one, case, SECRETS)
    approved(one, case, SECRETS)
    for word in (ProofKind.PERMISSION, ProofKind.SHARED_ROTATED):
        one.desk.attest(one.who("carla"), case.id, word, [b"their letter"], note="the customer permits it")
    with pytest.raises(Refused, match="a machine does and verifies this"):
        one.desk.attest(one.who("erik"), case.id, SECRETS, [b"a receipt"], note="handed over by me")
    after = run(one, case)
    gate = at_gate(one, case, SECRETS, "recipient")
    assert gate is not None and "secrets never go to the new CSP" in gate.reason
    assert effects(one, "disclosed") == [] and after.parcel is None


def test_h5_the_same_path_does_disclose_to_the_customer(full: Told) -> None:
    assert len(effects(full.stage, "disclosed")) >= 24
    assert full.case.parcel is not None and full.case.parcel.recipient.endswith("@vandermeer.example")


def test_h5_a_domain_cannot_be_theirs_and_ours(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    with pytest.raises(BadInput, match="domains and ours overlap"):
        one.opened(
            lambda facts: replace(
                facts, customer=replace(facts.customer, domains=(*facts.customer.domains, "intercept.example"))
            )
        )


def approved_without_a_word(folder: Path) -> tuple[Stage, Case]:
    """The export was delivered, the customer says nothing, our resources are planned and approved."""
    one = stage(folder, tier=Tier.FULL_STACK)
    one.control("POST", "/cast/switch", deed="accept-export", on=False)
    case = one.until(one.opened(), RESOURCES, "approved")
    after_contract(one, case)
    run(one, case)
    return one, one.desk.case(case.id)


def test_h8_nothing_with_the_customers_data_goes_before_they_accepted_the_export(tmp_path: Path) -> None:
    one, case = approved_without_a_word(tmp_path)
    acts = plan(one, case, RESOURCES).actions
    assert any("law-intercept" in act.target for act in acts), "a workspace with the customer's logs is in the plan"
    gate = at_gate(one, case, RESOURCES, "export")
    assert gate is not None and gate.reason == "the customer has not accepted the delivered export"
    assert all(there(one, act) for act in acts)
    one.desk.attest(one.who("carla"), case.id, ProofKind.EXPORT_ACCEPTED, [b"accepted"], note="their mail of today")
    assert at_gate(one, case, RESOURCES, "export") is None
    damaged(one, case)
    run(one, case)
    gate = at_gate(one, case, RESOURCES, "export")
    assert gate is not None and gate.reason == "the export in the evidence store is not what was accepted"
    assert all(there(one, act) for act in acts)


def damaged(one: Stage, case: Case) -> None:
    """One byte more in the kept export."""
    proof = one.desk.case(case.id).proven(ProofKind.EXPORTED)
    assert proof is not None
    name = proof.evidence.partition(":")[2]
    file = next(path for path in one.folder.rglob(name) if path.is_file())
    file.write_bytes(file.read_bytes() + b" ")


NOT_OURS = (
    "intercept-lookalike-exports",
    "disk-vdm-copied-tags",
    "ag-intercept-oncall",
    "vdm-portal-slow",
)


@pytest.mark.parametrize("name", NOT_OURS)
def test_h9_what_only_looks_like_ours_or_is_used_by_the_customer_is_untouched(full: Told, name: str) -> None:
    now = objects(full.stage)
    before = {key: value for key, value in full.mine.items() if key.lower().endswith(f"/{name}")}
    assert before and before.items() <= now.items()
    targets = {act.target.lower() for one in full.stage.desk.plans(full.case.id) for act in one.actions}
    assert not any(target.endswith(f"/{name}") for target in targets)


TAGGED = ("vm-vdm-web-02", "app-vdm-portal", "rg-data")


@pytest.mark.parametrize("name", TAGGED)
def test_h9_what_onboarding_only_put_a_tag_on_loses_the_tag_and_nothing_else(full: Told, name: str) -> None:
    leaving = tuple(row.id.lower() for row in full.case.facts.leaving)
    recorded = [row for row in full.case.facts.record if row.kind is Kind.TAG and row.id.lower().endswith(f"/{name}")]
    assert len(recorded) == len(leaving) == 2
    plans = full.stage.desk.plans(full.case.id)
    for row in recorded:
        acts = [act for one in plans for act in one.actions if act.target.lower() == row.id.lower()]
        found = {(act.verb, act.kind) for act in acts}
        assert found - {(Verb.REMOVE, Kind.PROBE_SERVICE)} == {(Verb.REMOVE, Kind.TAG)}
        before, now = thing(Sandbox(1, "full-stack"), row.id), thing(full.stage.sandbox, row.id)
        assert obj(before["tags"]).pop("managedBy") == "intercept"
        assert now == before


def thing(sandbox: Sandbox, ident: str) -> Obj:
    """A thing in Azure with all its properties."""
    kinds = ("microsoft.compute/virtualmachines", "microsoft.web/sites", "microsoft.resources/resourcegroups")
    found = next(one for one in (sandbox.world.get("arm", kind, ident) for kind in kinds) if one is not None)
    return found.raw


def test_h9_an_account_with_our_name_that_is_the_customers_stays(full: Told) -> None:
    plans = full.stage.desk.plans(full.case.id)
    alone = [left.item for one in plans for left in one.left if left.item.kind is Kind.USER]
    assert {item.name for item in alone} == {"Intercept Reception"}, "in both plans, and nothing else is"
    key = f"graph:user:{alone[0].id}"
    assert full.mine[key] == objects(full.stage)[key]
    gone = [act for one in plans for act in one.actions if act.kind is Kind.USER]
    assert gone and not any(f"graph:user:{act.target}" in objects(full.stage) for act in gone)


def test_h9_an_unknown_thing_is_in_no_plan_until_a_named_person_decided(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    one.control("POST", "/plant", system="arm", kind="resource", name="intercept-doubt")
    case = one.opened()
    one.desk.preflight(one.who("erik"), case.id)
    seen = {owned.item.name: owned for owned in one.desk.seen(case.id, "preflight")}
    doubt = seen["intercept-doubt"]
    assert doubt.provenance.whose is Whose.UNKNOWN

    def targets() -> set[str]:
        return {act.target for made in one.desk.forecast(case.id).drawn for act in made.plan.actions}

    assert doubt.item.id not in targets()
    reason = "made by our own team, never recorded"
    one.desk.decide(one.who("emma"), case.id, doubt.item.ref, Whose.OURS, name=doubt.item.name, reason=reason)
    assert doubt.item.id in targets()
    shared = seen["ag-intercept-oncall"]
    one.desk.decide(one.who("emma"), case.id, shared.item.ref, Whose.OURS, name=shared.item.name, reason=reason)
    assert shared.item.id not in targets(), "no word makes a shared thing ours"


def stayers(one: Stage) -> dict[str, str]:
    """The digests of those who stay."""
    return {slug: value for slug, value in digests(one).items() if slug != LEAVER}


def test_customers_who_stay_are_the_same_before_and_after(full: Told) -> None:
    before = {slug: value for slug, value in full.digests.items() if slug != LEAVER}
    assert set(before) == {"vandermeer-advocaten", "meerzicht"}
    assert stayers(full.stage) == before
    assert digests(full.stage)[LEAVER] != full.digests[LEAVER]


@pytest.mark.parametrize("slug", ["vandermeer-advocaten", "meerzicht"])
def test_customers_who_stay_show_one_careless_change(tmp_path: Path, slug: str) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    before = stayers(one)
    one.control("POST", "/stray", customer=slug)
    after = stayers(one)
    assert [name for name in before if before[name] != after[name]] == [slug]
