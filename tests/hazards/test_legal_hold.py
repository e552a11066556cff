"""H35: a legal hold blocks removal everywhere, whoever would remove, and lets everything next to it go."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import httpx2
import pytest

from fakes.houses import Stage, stage
from fakes.leavings import after_contract, approved, certificate, hand, plan, planned, removed, run, standing
from sendoff.engine.run import question
from sendoff.model.case import Case
from sendoff.model.errors import BadInput, Refused
from sendoff.model.facts import Facts
from sendoff.model.gate import Gate, Open, Shut
from sendoff.model.hold import LegalHold
from sendoff.model.inventory import Item, Kind, System, Target, Verb, Whose
from sendoff.model.key import Key
from sendoff.model.plan import Disposition
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier
from sendoff.rules.holding import held, legal_hold

PRTG = "remove-from-prtg"
RESOURCES = "remove-resources"
COURT = "Rechtbank Amsterdam"


def on(what: str) -> LegalHold:
    """A hold on this."""
    return LegalHold(on=what, since=date(2026, 11, 1), by=COURT, reason="a claim against the customer")


def holding(*what: str) -> Callable[[Facts], Facts]:
    """The facts with holds on these."""
    return lambda facts: replace(facts, holds=tuple(on(one) for one in what))


def removable(one: Stage, case: Case) -> list[Item]:
    """Everything of ours, or of theirs with us, that the last whole look found."""
    return [row.item for row in one.desk.seen(case.id, "preflight") if row.provenance.whose is not Whose.UNKNOWN]


def ident(items: list[Item], system: System, kind: Kind, name: str) -> str:
    """The id of the first thing of that kind and name."""
    return next(one.id for one in items if (one.system, one.kind) == (system, kind) and name in one.name)


def change(one: Stage, case: Case, who: str, *what: str) -> Case:
    """Set these holds, and no others."""
    now = one.desk.case(case.id).facts
    return one.desk.change_facts(one.who(who), case.id, holding(*what)(now), reason="a letter of the court")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stage, Case, dict[str, str]]:
    """A customer with everything leaves, while one thing in every system that can remove is under a hold."""
    one = stage(tmp_path_factory.mktemp("held"))
    case = one.opened()
    one.desk.preflight(one.who("erik"), case.id)
    items = removable(one, case)
    things = {
        "azure": ident(items, System.AZURE, Kind.RESOURCE, "rb-patching"),
        "entra": ident(items, System.ENTRA, Kind.USER, "Erik Jansen"),
        "prtg": ident(items, System.PRTG, Kind.PRTG_GROUP, "Netwerk"),
        "passwordstate": ident(items, System.PASSWORDSTATE, Kind.SECRET, "account 1000"),
        "partner-center": "partner-center",
    }
    change(one, case, "carla", *things.values())
    return one, one.story(case).tell(), things


def test_h35_a_hold_in_every_system_that_removes_is_kept_and_what_lies_next_to_it_goes(
    story: tuple[Stage, Case, dict[str, str]],
) -> None:
    one, case, things = story
    facts = case.facts
    hands = {system: hand(one, facts, system) for system in System if one.desk.ports.world.connector(facts, system)}
    removing = {str(system) for system, found in hands.items() if any(verb is Verb.REMOVE for _, verb in found.able)}

    gone = removed(one)

    assert set(things) == removing, "the story has a hold in every system that can remove"
    assert [thing for thing in things.values() if thing.lower() in gone] == []
    account = things["azure"].lower().partition("/runbooks/")[0]
    assert account not in gone, "what a held thing lies in would take it along"
    assert any(thing.startswith(account.partition("/providers/")[0]) for thing in gone), "its neighbours go"
    assert "1001" in gone and any(thing.startswith("e08e83d9") for thing in gone)
    assert not [row for row in one.sandbox.world.record.rows if row.get("kind") == "partner-center.customer"]


def test_h35_the_certificate_lists_every_hold_and_is_not_clean(story: tuple[Stage, Case, dict[str, str]]) -> None:
    one, case, things = story

    told = certificate(one, case)

    assert told.outcome == "closed with exceptions"
    for thing in things.values():
        assert any(f"not removed: on {thing}, legal hold by {COURT}" in row for row in told.exceptions), thing
    assert any("legal hold by" in row for row in told.kept)


def test_h35_without_a_hold_the_same_things_go(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), PRTG, State.READY)
    planned(one, case, PRTG)
    free = {act.target for act in plan(one, case, PRTG).actions if act.verb is Verb.REMOVE}
    some = sorted(free)[0]

    change(one, case, "carla", some)
    planned(one, case, PRTG)
    now = plan(one, case, PRTG)

    assert some in free
    assert some not in {act.target for act in now.actions if act.verb in (Verb.REMOVE, Verb.DISABLE)}
    (left,) = [row for row in now.left if row.item.id == some]
    assert left.why == f"legal hold by {COURT} since 2026-11-01: a claim against the customer"
    assert left.disposition is Disposition.KEEP


def test_h35_a_hold_that_comes_after_the_yes_voids_it_and_only_the_hold_was_in_the_way(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), PRTG, State.APPROVED)
    thing = next(act for act in plan(one, case, PRTG).actions if act.verb is Verb.REMOVE)
    after_contract(one, case)

    change(one, case, "carla", thing.target)
    run(one, case)

    assert standing(one, case, PRTG).state is State.READY and standing(one, case, PRTG).approval is None
    assert thing.target not in removed(one)
    change(one, case, "carla")
    change(one, case, "paul")
    assert one.desk.case(case.id).facts.holds == ()
    planned(one, case, PRTG)
    approved(one, case, PRTG)
    assert run(one, case).steps[StepId(PRTG)].state is State.DONE
    assert thing.target in removed(one)


class HeldAfter:
    """Somebody sets a hold right after the first call with this in its path."""

    def __init__(self, one: Stage, case: Case, part: str, thing: str, *, method: str = "") -> None:
        self.one, self.case, self.part, self.thing, self.method, self.came = one, case, part, thing, method, False

    def __call__(self, request: httpx2.Request, answer: bytes) -> bytes:
        """After the vendor answered."""
        if not self.came and self.part in request.url.path and self.method in ("", request.method):
            self.came = True
            change(self.one, self.case, "carla", self.thing)
        return answer


@pytest.mark.parametrize("thing", ["all", "2001"])
def test_h35_a_hold_that_comes_between_two_ranks_stops_the_step(tmp_path: Path, thing: str) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), PRTG, State.APPROVED)
    targets = {act.target for act in plan(one, case, PRTG).actions if act.verb is Verb.REMOVE}
    after_contract(one, case)

    one.wire.edit = HeldAfter(one, case, "pause", thing)
    run(one, case)

    assert one.wire.edit.came, "it was paused, and then the hold came"
    assert standing(one, case, PRTG).state is State.STOPPED
    assert targets and not removed(one) & targets


def test_h35_a_hold_that_comes_within_a_batch_ends_it_after_the_action_it_is_at(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), RESOURCES, State.READY)
    planned(one, case, RESOURCES)
    approved(one, case, RESOURCES)
    acts = [act for act in plan(one, case, RESOURCES).actions if act.verb is Verb.REMOVE]
    assert len(acts) > 1 and acts[0].rank == acts[-1].rank

    one.wire.edit = HeldAfter(one, case, acts[0].target.rpartition("/")[2], acts[-1].target, method="DELETE")
    after_contract(one, case)
    run(one, case)

    assert one.wire.edit.came, standing(one, case, RESOURCES)
    assert standing(one, case, RESOURCES).state is State.STOPPED
    assert acts[0].target.lower() in removed(one) and acts[-1].target.lower() not in removed(one)


def asked(one: Stage, case: Case, step: str, *what: str) -> Gate:
    """The gate over the plan that lies there, were these holds in the facts."""
    now = one.desk.case(case.id)
    under = replace(now, facts=holding(*what)(now.facts))
    return legal_hold(question(one.desk.ports, under, now.steps[StepId(step)], plan(one, case, step)))


def test_h35_the_gate_is_shut_for_a_plan_that_would_remove_what_is_held(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), PRTG, State.APPROVED)

    shut, other = asked(one, case, PRTG, "2001"), asked(one, case, PRTG, "9999")

    assert isinstance(shut, Shut) and COURT in shut.reason
    assert isinstance(other, Open)


def test_h35_one_person_sets_a_hold_at_once_and_two_lift_it(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()

    assert change(one, case, "carla", "azure").facts.holds == (on("azure"),)
    assert change(one, case, "carla").facts.holds == (on("azure"),), "one person alone only asks"
    with pytest.raises(Refused, match="a second person confirms"):
        change(one, case, "carla")
    assert change(one, case, "paul").facts.holds == ()


def test_h35_under_a_hold_on_everything_nobody_says_that_they_removed_something_by_hand(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), "remove-app-registration", State.READY)
    change(one, case, "carla", "all")
    one.desk.look(one.who("erik"), case.id, "final")

    with pytest.raises(Refused, match=f"legal hold by {COURT}"):
        one.desk.attest(one.who("erik"), case.id, "remove-app-registration", [b"a photo"], note="it is gone")


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("all", True),
        ("azure", True),
        ("AZURE", True),
        ("entra", False),
        ("/subscriptions/s1", True),
        ("/subscriptions/s1/", True),
        ("/subscriptions/s", False),
        ("s1", True),
        ("/subscriptions/s1/resourceGroups/RG/providers/x/y/z", True),
        ("/subscriptions/s1/resourceGroups/rg/providers/x/y/zz", False),
        ("", False),
    ],
)
def test_h35_a_hold_is_on_a_thing_and_all_below_it_and_on_nothing_that_only_looks_alike(
    tmp_path: Path, what: str, expected: bool
) -> None:
    facts = holding(what)(stage(tmp_path, tier=Tier.CSP).facts())
    ident = "/subscriptions/s1/resourceGroups/rg/providers/x/y/z"
    target = Target(system=System.AZURE, kind=Kind.RESOURCE, id=ident, scope="s1", key=Key.LIGHTHOUSE)

    assert (held(facts, target) is not None) is expected


def test_h35_a_hold_without_a_name_or_a_reason_is_no_base_for_a_case(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)

    with pytest.raises(BadInput, match="names nobody or nothing"):
        one.opened(lambda facts: replace(facts, holds=(replace(on("azure"), by=" "),)))
