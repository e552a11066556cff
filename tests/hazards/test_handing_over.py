"""H4, H6, H7: what is told waits for the customer's permission, and what is sealed is what lies in the vault."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fakes.houses import Stage, stage
from fakes.leavings import (
    Told,
    after_contract,
    approved,
    at_gate,
    certificate,
    effects,
    move,
    plan,
    planned,
    plant,
    run,
    standing,
)
from sendoff.model.case import Case
from sendoff.model.errors import Refused
from sendoff.model.facts import Facts, Invited
from sendoff.model.inventory import Verb
from sendoff.model.proof import ProofKind
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier
from sendoff.rules.deadlines import end_of
from sendoff.sandbox.wire import Obj, arr, obj, text

DETAILS, NEW, GIVE, ERASE = "migration-details", "create-administrator", "hand-over-secrets", "erase-secrets"


def inbox(one: Stage, domain: str) -> list[Obj]:
    """What our mailbox sent to a domain, as it lies there."""
    ours = one.facts().provider.mailbox
    return [
        thing.raw
        for thing in one.sandbox.world.all("graph", "message")
        if thing.place.endswith(f"@{domain}") and ours in str(thing.raw.get("from"))
    ]


def attached(mails: Sequence[Obj]) -> set[str]:
    """The names of the files that came with them."""
    return {text(obj(file), "name") for mail in mails for file in arr(mail.get("attachments"))}


def supplier_domain(facts: Facts) -> str:
    """The new supplier's."""
    assert facts.supplier is not None
    return facts.supplier.domains[0]


def transfer_day(one: Stage, case: Case) -> None:
    """Move civil time to the first moment of the agreed day."""
    on = case.facts.transfer_on
    assert on is not None
    move(one, end_of(on - timedelta(days=1), case.facts.zone))


# ---- H4: nothing before the customer permits it -------------------------------------------------------------------


def test_h4_nothing_is_told_or_made_before_the_customers_written_permission(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    one.control("POST", "/cast/switch", deed="permit", on=False)
    case = one.until(one.opened(), DETAILS, "approved")
    domain = supplier_domain(case.facts)
    transfer_day(one, case)
    for step in (DETAILS, NEW):
        run(one, case)
        planned(one, case, step)
        approved(one, case, step)
    told, people = len(inbox(one, domain)), one.sandbox.world.all("graph", "user")
    run(one, case)
    for step in (DETAILS, NEW):
        gate = at_gate(one, case, step, "permission")
        assert gate is not None and gate.who == "the customer"
        assert standing(one, case, step).state is State.APPROVED
    assert len(inbox(one, domain)) == told and one.sandbox.world.all("graph", "user") == people
    assert "migration-details.json" not in attached(inbox(one, domain))
    one.desk.attest(one.who("carla"), case.id, ProofKind.PERMISSION, [b"their letter"], note="a letter of today")
    run(one, case)
    assert "migration-details.json" in attached(inbox(one, domain)), "the same path does tell them"
    assert len(one.sandbox.world.all("graph", "user")) == len(people) + 1


def as_account(facts: Facts) -> Facts:
    """The new administrator gets an account in the customer's tenant, and so a one-time pass."""
    assert facts.supplier is not None and facts.supplier.administrator is not None
    new = replace(facts.supplier.administrator, how=Invited.ACCOUNT)
    return replace(facts, supplier=replace(facts.supplier, administrator=new))


def test_h4_the_one_time_pass_goes_sealed_to_the_customer_and_never_to_the_new_supplier(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.until(one.opened(as_account), NEW, "approved")
    domain = supplier_domain(case.facts)
    assert case.facts.recipient is not None
    disclosing = [act for act in plan(one, case, NEW).actions if act.verb in (Verb.DISCLOSE, Verb.SEND)]
    assert {act.verb for act in disclosing} == {Verb.DISCLOSE, Verb.SEND}
    to = [value for act in disclosing for key, value in act.content if key == "to"]
    assert to == [case.facts.recipient.mail]
    transfer_day(one, case)
    run(one, case)
    planned(one, case, NEW)
    approved(one, case, NEW)
    run(one, case)
    assert "administrator.age" in attached(inbox(one, case.facts.recipient.mail.partition("@")[2]))
    assert not any(name.endswith(".age") for name in attached(inbox(one, domain)))
    held = one.desk.case(case.id).parcels[StepId(NEW)]
    assert held.recipient == case.facts.recipient.mail


def test_h4_a_pass_for_somebody_at_the_new_supplier_is_stopped_at_the_gate(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    domain = supplier_domain(one.facts())

    def wrong(facts: Facts) -> Facts:
        told = as_account(facts)
        assert told.recipient is not None
        return replace(told, recipient=replace(told.recipient, mail=f"info@{domain}"))

    case = one.until(one.opened(wrong), NEW, "approved")
    transfer_day(one, case)
    run(one, case)
    planned(one, case, NEW)
    approved(one, case, NEW)
    run(one, case)
    gate = at_gate(one, case, NEW, "recipient")
    assert gate is not None and "secrets never go to the new CSP" in gate.reason
    assert StepId(NEW) not in one.desk.case(case.id).parcels
    assert not any(name.endswith(".age") for name in attached(inbox(one, domain)))


# ---- H6: our copy goes last, and after the customer has theirs ------------------------------------------------------


def records(one: Stage) -> set[str]:
    """The ids of the leaving customer's records in our vault."""
    return {thing.id for thing in one.sandbox.world.all("vault", "password") if thing.owner == "vandermeer"}


def test_h6_our_copy_is_not_erased_before_the_customer_acknowledged_theirs(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    one.control("POST", "/cast/switch", deed="acknowledge-parcel", on=False)
    case = one.until(one.opened(), GIVE, "held")
    before = records(one)
    with pytest.raises(Refused, match="erase-secrets is waiting"):
        planned(one, case, ERASE)
    until = (one.house.clock.now() + timedelta(days=60)).date()
    for person in ("erik", "paul"):
        one.desk.waive(one.who(person), case.id, StepId(GIVE), reason="they do not answer", until=until)
    after_contract(one, case)
    planned(one, case, ERASE)
    approved(one, case, ERASE)
    run(one, case)
    gate = at_gate(one, case, ERASE, "handed over")
    assert gate is not None and gate.reason == "the customer has not acknowledged the parcel"
    assert before and records(one) == before, "no order of lines opens it, also not with the line waived"


def test_h6_after_the_acknowledgement_our_copy_is_gone_and_the_certificate_counts_what_was_handed_over(
    full: Told,
) -> None:
    said = certificate(full.stage, full.case).handed_over
    sealed = {text(row, "id") for row in effects(full.stage, "disclosed")}
    assert said is not None and sealed and said.inside == len(sealed)
    assert said.inside + said.withheld == said.vault
    assert said.rotate == said.erased == said.inside, "the customer changes each, and our copy of each is gone"
    assert not sealed & records(full.stage), "what was handed over is erased at our side"
    assert len(records(full.stage)) == said.withheld, "and what was withheld is ours, and stays"


# ---- H7: what is handed over is what lies in the vault --------------------------------------------------------------


@pytest.fixture
def sealed(tmp_path: Path) -> tuple[Stage, Case]:
    """The parcel is sealed, its handover planned and approved, and the agreed day is there."""
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.until(one.opened(), GIVE, "approved")
    return one, case


def parcels(one: Stage) -> list[str]:
    """The sealed files that ever left our mailbox."""
    return sorted(name for name in attached(inbox(one, "vandermeer.example")) if name.endswith(".age"))


def given(one: Stage, case: Case) -> Case:
    """The handover, planned anew on the agreed day and run."""
    transfer_day(one, case)
    run(one, case)
    planned(one, case, GIVE)
    approved(one, case, GIVE)
    return run(one, case)


def test_h7_a_password_rotated_in_the_vault_after_the_export_stops_the_handover(sealed: tuple[Stage, Case]) -> None:
    one, case = sealed
    act = plan(one, case, GIVE).actions[0]
    record = one.sandbox.world.get("vault", "password", act.target)
    assert record is not None
    one.sandbox.world.change(record, {"Password": "rotated since"})
    given(one, case)
    now = standing(one, case, GIVE)
    assert now.state is State.LEFT and act.name in now.reason and "NotAsSealed" in now.reason
    assert parcels(one) == [] and one.desk.case(case.id).proven(ProofKind.HANDED_OVER) is None


def test_h7_a_record_made_after_the_export_stops_the_handover(sealed: tuple[Stage, Case]) -> None:
    one, case = sealed
    listed = plan(one, case, GIVE).actions[0].scope
    plant(one, system="passwordstate", kind="password", name="the new firewall", list=listed)
    given(one, case)
    now = standing(one, case, GIVE)
    assert now.state is State.LEFT and "the new firewall" in now.reason
    assert parcels(one) == []


def test_h7_an_unchanged_vault_is_handed_over_by_the_same_path(sealed: tuple[Stage, Case]) -> None:
    one, case = sealed
    given(one, case)
    assert standing(one, case, GIVE).state is State.HELD and parcels(one) == ["secrets.age"]


def test_h7_a_record_made_after_the_handover_is_not_erased_unseen(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.until(one.opened(), ERASE, "ready")
    listed = case.facts.places.vault_lists[0]
    key = plant(one, system="passwordstate", kind="password", name="the new firewall", list=listed)
    late = key.rpartition(":")[2]
    after_contract(one, case)
    planned(one, case, ERASE)
    approved(one, case, ERASE)
    before = records(one)
    run(one, case)
    now = standing(one, case, ERASE)
    assert now.state is State.LEFT and "the new firewall: changed NotAsSealed" in now.reason
    assert late in before and records(one) == before, "the customer does not have it, so nothing is erased"
    record = one.sandbox.world.get("vault", "password", late)
    assert record is not None
    one.sandbox.world.remove(record)
    planned(one, case, ERASE)
    approved(one, case, ERASE)
    run(one, case)
    assert not records(one) & before - {withheld.item.id for withheld in plan(one, case, "export-secrets").left}
