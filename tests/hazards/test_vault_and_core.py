"""H6, H7, H16, H17, F20, F23 in whole cases: a vault that changes, what no key sees, and a core that others use too."""

import re
from collections.abc import Callable
from pathlib import Path

from fakes.houses import LEAVER, Stage, stage
from fakes.leavings import (
    Told,
    after_contract,
    approved,
    at_gate,
    certificate,
    digests,
    effects,
    plan,
    planned,
    run,
    standing,
    verdicts,
)
from sendoff.model.case import Case
from sendoff.model.inventory import Kind, Verb
from sendoff.model.key import Key
from sendoff.model.proof import ProofKind
from sendoff.model.state import State
from sendoff.model.template import Tier
from sendoff.model.verdict import Verdict
from sendoff.sandbox.wire import Json, Obj, arr, obj, text
from sendoff.sandbox.world import Thing
from sendoff.store.sealing import opened

EXPORT, GIVE, ERASE, PRTG, PROBE = (
    "export-secrets",
    "hand-over-secrets",
    "erase-secrets",
    "remove-from-prtg",
    "remove-prtg-probe",
)


def record(one: Stage, ident: str, **more: Json) -> Thing:
    """A record of our vault, changed by somebody."""
    found = one.sandbox.world.get("vault", "password", ident)
    assert found is not None
    one.sandbox.world.change(found, {**more})
    return found


def sent(one: Stage) -> list[Obj]:
    """Everything our mailbox sent out, as it lies in the mailboxes."""
    ours = one.facts().provider.mailbox
    found = one.sandbox.world.all("graph", "message")
    return [thing.raw for thing in found if ours in str(thing.raw.get("from"))]


def parcels(one: Stage) -> list[Obj]:
    """The mails with a sealed file that ever came to the customer."""
    found = [thing for thing in one.sandbox.world.all("graph", "message") if "@vandermeer.example" in thing.place]
    return [thing.raw for thing in found if [file for file in arr(thing.raw.get("attachments")) if ".age" in str(file)]]


def sealed(tmp_path: Path, change: Callable[[Stage], object] | None = None) -> tuple[Stage, Case]:
    """The parcel is sealed, its handover planned and approved."""
    one = stage(tmp_path, tier=Tier.PREMIUM)
    if change is not None:
        change(one)
    return one, one.until(one.opened(), GIVE, "approved")


def again(one: Stage, case: Case, step: str) -> State:
    """Planned anew, approved and run."""
    planned(one, case, step)
    approved(one, case, step)
    run(one, case)
    return standing(one, case, step).state


# ---- H7: what changed is named, exported again, and only then handed over -----------------------------------------


def test_h7_what_changed_after_the_export_is_named_exported_again_and_then_handed_over(tmp_path: Path) -> None:
    one, case = sealed(tmp_path)
    first = one.desk.case(case.id).parcel
    name = record(one, "1002", Password="rotated since").raw["Title"]
    run(one, case)
    assert standing(one, case, GIVE).state is State.LEFT
    export = standing(one, case, EXPORT)
    assert export.state is State.LEFT and f"since it was sealed: {name}" in export.reason
    planned(one, case, GIVE)
    approved(one, case, GIVE)
    run(one, case)
    gate = at_gate(one, case, GIVE, "order")
    assert gate is not None and gate.reason == "first: export-secrets"
    old = plan(one, case, GIVE)
    assert again(one, case, EXPORT) is State.DONE
    second = one.desk.case(case.id).parcel
    assert first is not None and second is not None and first.digest != second.digest
    gate = at_gate(one, case, GIVE, "recipient")
    assert gate is not None and "not the one that is sealed now" in gate.reason, "an approved plan with the old parcel"
    assert str(first.digest) in str(old) and not parcels(one)
    assert again(one, case, GIVE) is State.HELD
    data = one.desk.ports.store.get(case.id, second.digest)
    inside = opened(data, one.sandbox.world.customer_age_key)["secrets.json"].decode()
    assert "rotated since" in inside
    assert len(parcels(one)) == 1


def test_h7_nothing_that_was_handed_over_is_sealed_again(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.until(one.opened(), ERASE, "ready")
    record(one, "1002", Password="rotated since")
    after_contract(one, case)
    assert again(one, case, ERASE) is State.LEFT
    assert standing(one, case, EXPORT).state is State.DONE


# ---- what no key of ours sees ---------------------------------------------------------------------------------------


def test_h6_nothing_is_erased_before_who_has_private_lists_was_asked(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.until(one.opened(), ERASE, "approved")
    assert at_gate(one, case, ERASE, "private lists") is None
    proofs = tuple(row for row in one.desk.case(case.id).proofs if row.kind is not ProofKind.PRIVATE_LISTS)
    assert len(proofs) < len(one.desk.case(case.id).proofs), "in the story they are asked"


def test_h6_a_record_that_makes_one_time_codes_stays_until_the_customer_enrolled_anew(tmp_path: Path) -> None:
    def codes(one: Stage) -> None:
        held = one.sandbox.world.get("vault", "list", "103")
        assert held is not None
        held.raw["OneTimePasswords"] = True

    one = stage(tmp_path, tier=Tier.PREMIUM)
    codes(one)
    case = one.until(one.opened(), ERASE, "approved")
    after_contract(one, case)
    run(one, case)
    gate = at_gate(one, case, ERASE, "one-time codes")
    assert gate is not None and gate.who == "the customer" and "6 records" in gate.reason
    assert effects(one, "removed") == [row for row in effects(one, "removed") if row["kind"] != "vault.password"]
    one.desk.attest(one.who("carla"), case.id, ProofKind.CODES_ENROLLED, [b"their mail"], note="their mail of today")
    run(one, case)
    assert [row for row in effects(one, "removed") if row["kind"] == "vault.password"]


def test_a_secret_that_another_customer_uses_too_is_rotated_before_the_exit_goes_on(tmp_path: Path) -> None:
    one, case = sealed(tmp_path, lambda one: record(one, "1002", Links=["301"]))
    parcel = one.desk.case(case.id).parcel
    assert parcel is not None and parcel.inside + parcel.withheld == parcel.vault
    assert "1002" not in {act.target for act in plan(one, case, EXPORT).actions}
    after_contract(one, case)
    run(one, case)
    planned(one, case, GIVE)
    approved(one, case, GIVE)
    run(one, case)
    gate = at_gate(one, case, GIVE, "shared secrets")
    assert gate is not None and "rotate each" in gate.reason
    one.desk.attest(one.who("erik"), case.id, ProofKind.SHARED_ROTATED, [b"a ticket"], note="rotated, ticket 4711")
    run(one, case)
    assert standing(one, case, GIVE).state is State.HELD, "the same path does hand over"


def test_the_certificate_says_that_backups_of_the_vault_may_still_hold_what_was_erased(full: Told) -> None:
    told = [
        row for row in certificate(full.stage, full.case).removed if "erased; backups may hold it until 2027-" in row
    ]
    erased = [row for row in effects(full.stage, "removed") if row["kind"] == "vault.password"]
    assert erased and len(told) == len(erased)


# ---- a core that serves others too ----


def shared_probe(one: Stage) -> None:
    """The customer's probe watches a device of somebody who stays."""
    blank: Obj = dict.fromkeys(("message", "lastvalue", "host", "location", "comments"), "")
    raw: Obj = {"objid": 2900, "name": "router Zorg", "tags": "customer-meerzicht", "parentid": "2000"}
    one.sandbox.world.add(Thing("prtg", "device", "2900", "meerzicht", {**blank, **raw, "pausedas": 0, "state": 3}))


def test_a_probe_that_serves_somebody_who_stays_is_left_and_only_this_customers_groups_go(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.opened()
    shared_probe(one)
    before = {slug: value for slug, value in digests(one).items() if slug != LEAVER}
    case = one.until(case, PRTG, "done")
    gone = {text(row, "id") for row in effects(one, "removed") if text(row, "kind").startswith("prtg.")}
    assert {"2001", "2100", "61"} <= gone and "2900" not in gone and "2000" not in gone
    planned(one, case, PROBE)
    ready = plan(one, case, PROBE)
    assert not [act for act in ready.actions if act.kind is Kind.PRTG_PROBE]
    (left,) = [row for row in ready.left if row.item.kind is Kind.PRTG_PROBE]
    assert "shared: it holds router Zorg" in left.why
    assert {slug: value for slug, value in digests(one).items() if slug != LEAVER} == before


def test_a_sensor_of_the_customer_on_a_shared_device_is_found_and_its_neighbour_stays(full: Told) -> None:
    world = full.stage.sandbox.world
    assert world.get("prtg", "sensor", "61") is None and world.get("prtg", "sensor", "62") is not None
    assert world.get("prtg", "device", "60") is not None
    assert "prtg:map:2510" in full.mine and world.get("prtg", "map", "2510") is None


def test_measurements_are_in_the_exit_package_before_their_sensors_go(full: Told) -> None:
    case = full.stage.desk.case(full.case.id)
    acts = [act for made in full.stage.desk.plans(case.id) for act in made.actions if act.verb is Verb.EXPORT]
    parts = {act.target for act in acts if act.kind is Kind.PRTG_MEASUREMENTS}
    assert {"2001/1 of 1", "2100/1 of 1", "61/1 of 1"} <= parts
    judged = verdicts(full.stage, case, PRTG, Verdict.THERE)
    assert {row.ref for row in judged} >= {f"prtg|prtg-measurements|{part}" for part in parts}


# ---- F20: a link decides nothing ----

LINK = re.compile(r"https?://[^\s\"'<>)]+", re.I)


def test_f20_no_letter_of_ours_holds_a_link_with_which_anybody_could_decide(full: Told) -> None:
    mails = sent(full.stage)
    assert len(mails) > 3
    planted = obj({"body": {"content": "https://desk.intercept.example/approve?token=1"}})
    assert LINK.findall(str(planted)), "the search does find one"
    ours = (full.case.facts.provider.domains[0], "sendoff")
    for mail in mails:
        assert not [link for link in LINK.findall(str(mail.get("body"))) if any(one in link.lower() for one in ours)]


def test_f20_a_word_that_only_came_by_mail_opens_no_gate_and_says_no_yes(tmp_path: Path) -> None:
    one, case = sealed(tmp_path)
    ours = case.facts.provider.mailbox
    waits = planned(one, case, PRTG)
    for sender in ("anna@vandermeer.example", "scanner@mailguard.example", "emma@intercept.example"):
        one.control("POST", "/hands", do="mail", customer=LEAVER, to=ours, subject=f"{case.id} approved", body="yes: " +
                    str(waits.plan), **{"from": sender})  # fmt: skip
    before = one.desk.case(case.id)
    run(one, case)
    after = standing(one, case, PRTG)
    assert after.state is State.PLANNED and after.approval is None
    assert one.desk.case(case.id).proofs == before.proofs
    assert approved(one, case, PRTG).approval is not None, "a person at the desk does say yes"


# ---- what our people may on the lists ----


def test_what_our_people_may_on_the_lists_goes_after_the_records_and_who_deletes_the_list_keeps_it(full: Told) -> None:
    case = full.stage.desk.case(full.case.id)
    (made,) = [row for row in full.stage.desk.plans(case.id) if row.step == ERASE][-1:]
    rights = [act for act in made.actions if act.kind is Kind.SECRET_ACCESS]
    by_key = {act.target for act in rights if act.key is Key.VAULT}
    assert "102/group/Intercept service desk" in by_key and "102/group/Intercept engineers" not in by_key
    assert {act.rank for act in rights if act.key is Key.VAULT} == {2}
    taken = [text(row, "id") for row in effects(full.stage, "removed") if text(row, "kind") == "vault.permission"]
    assert set(taken) == by_key, "each by the vault's own record"
    kept = [row.item for row in made.left if row.item.kind is Kind.SECRET_ACCESS]
    assert {item.fact("list") for item in kept} == {"101"}, "one record there is ours"
    gone = {row.ref for row in verdicts(full.stage, case, ERASE, Verdict.GONE)}
    assert {act.ref for act in rights} <= gone


def test_who_is_not_named_as_ours_keeps_what_they_may(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.opened()
    held = one.sandbox.world.get("vault", "list", "102")
    assert held is not None
    held.raw["Permissions"] = [*arr(held.raw["Permissions"]), {"UserID": "VDM\\anna", "Permission": "V"}]
    case = one.until(case, ERASE, "approved")
    made = plan(one, case, ERASE)
    assert not [act for act in made.actions if "anna" in act.target]
    (left,) = [row for row in made.left if "anna" in row.item.id]
    assert "nobody in the settings is called so" in left.why
