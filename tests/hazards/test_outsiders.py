"""Whoever does not do their part keeps exactly their own step open, what waits for it, and nothing else; and a customer
who never answers ends in a LIMITED certificate that lists what is missing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from fakes.houses import Stage, card, stage
from fakes.in_process import InProcess
from fakes.leavings import at_gate, certificate, move, removed, standing
from sendoff.model.case import Case
from sendoff.model.certificate import Result
from sendoff.model.errors import Refused
from sendoff.model.state import SETTLED, State, StepId
from sendoff.model.template import Tier
from sendoff.rules.deadlines import end_of, watch_of
from sendoff.wiring.control import Control


@dataclass(frozen=True, kw_only=True)
class Idle:
    """One deed that is not done, where it is seen, and what the case says then."""

    tier: Tier
    open: Mapping[str, str]
    """The steps that stay open by themselves, each with whom or what its reason names."""
    gate: str = ""
    """The gate that is shut, where one is."""


OUTSIDE: Mapping[str, Idle] = {
    "permit": Idle(
        tier=Tier.PREMIUM,
        gate="permission",
        open=dict.fromkeys(("meet", "migration-details", "create-administrator"), "the customer"),
    ),
    "acknowledge-parcel": Idle(tier=Tier.PREMIUM, open={"hand-over-secrets": "the recipient opens the parcel"}),
    "request-transfer": Idle(tier=Tier.CSP, open={"accept-transfer": "ask Noordzee Cloud to make one"}),
    "redeem": Idle(tier=Tier.PREMIUM, open={"create-administrator": "they sign in themselves, with MFA"}),
    "accept-export": Idle(tier=Tier.FULL_STACK, gate="export", open={"remove-resources": "the customer"}),
    "accept-protections": Idle(tier=Tier.PREMIUM, gate="protections", open={"remove-policies": "the customer"}),
    "sign-in": Idle(tier=Tier.CSP, gate="administrators", open={"remove-accounts": "the customer"}),
}
"""What somebody outside does not do."""
AT_HOME: Mapping[str, Idle] = {
    "partner-center.accept-transfer": Idle(tier=Tier.CSP, open={"accept-transfer": "Billing transfers > review"}),
    "topdesk.end-contract": Idle(
        tier=Tier.CSP,
        open={"stop-renewals": "TOPdesk > Contract Management", "terminate-contract": "TOPdesk > Contract Management"},
    ),
    "arm.remove-foreign-groups": Idle(tier=Tier.CSP, open={"remove-role-assignments": "Access control (IAM)"}),
    "graph.end-gdap": Idle(tier=Tier.CSP, open={"end-relationships": "Admin relationships > End relationship"}),
    "passwordstate.delete-empty-lists": Idle(
        tier=Tier.PREMIUM, open={"erase-secrets": "Passwordstate > the list > List Administrator Actions > Delete"}
    ),
}
"""What somebody of ours, or of the customer, does not do in a vendor's page."""


class NobodyDoes(httpx2.BaseTransport):
    """The control port, at which one deed by hand is done by nobody; `asked` counts how often it was wished for."""

    def __init__(self, inner: InProcess, deed: str) -> None:
        self.inner, self.deed, self.asked = inner, deed, 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Everything but that deed."""
        if request.url.path == "/hands" and json.loads(request.read())["do"] == self.deed:
            self.asked += 1
            return httpx2.Response(200, json={"touched": []}, request=request)
        return self.inner.handle_request(request)


def told(one: Stage) -> Case:
    """The story until nobody can do anything any more, or twelve days after the watch; whoever waits looks
    again every second day and not, as the story does, ever more rarely from a quarter of an hour on."""
    case = one.opened()
    one.desk.preflight(one.who("erik"), case.id)
    story = one.story(case)
    story.decide("preflight")
    late = end_of(case.facts.contract_end, case.facts.zone) + watch_of(case.facts) + timedelta(days=12)
    while (before := one.house.clock.now()) < late:
        if story.turn():
            continue
        if not story.move_clock():
            break
        move(one, max(one.house.clock.now(), before + timedelta(days=2)))
    return one.desk.case(case.id)


def open_steps(case: Case) -> set[str]:
    """Every step that is not settled."""
    return {one.step for one in case.steps.values() if one.state not in SETTLED}


def waiting_for(case: Case, roots: set[str]) -> set[str]:
    """These steps and all that come after them, by what each step says it comes after."""
    found = set(roots)
    while more := {one.step for one in case.steps.values() if set(one.after) & found} - found:
        found |= more
    return found


def why(one: Stage, case: Case, step: str, gate: str) -> str:
    """In whose hands a step is, by its gate, its own reason or the answer to a new plan."""
    now = standing(one, case, step)
    if gate:
        shut = at_gate(one, case, step, gate)
        assert shut is not None, f"{step}: {gate} is open"
        return str(shut.who)
    if now.state is not State.READY:
        return now.reason
    with pytest.raises(Refused) as no:
        one.desk.plan(one.who("erik"), case.id, StepId(step))
    return str(no.value)


def stays_open(one: Stage, case: Case, idle: Idle) -> None:
    """Exactly these steps and what waits for them; the case cannot be closed, and our way in still stands."""
    assert open_steps(case) == waiting_for(case, set(idle.open))
    for step, whom in idle.open.items():
        assert standing(one, case, step).state not in (State.WAITING, *SETTLED)
        assert whom in why(one, case, step, idle.gate)
    for waiting in open_steps(case) - set(idle.open):
        assert standing(one, case, waiting).state is State.WAITING
    with pytest.raises(Refused, match=next(iter(idle.open))):
        one.desk.close(one.who("paul"), case.id)
    app = one.facts().provider.executor.lower()
    assert not any(app in gone for gone in removed(one))


@pytest.mark.parametrize("deed", OUTSIDE)
def test_an_outsider_who_does_nothing_keeps_their_own_step_open(tmp_path: Path, deed: str) -> None:
    idle = OUTSIDE[deed]
    one = stage(tmp_path, tier=idle.tier)
    one.control("POST", "/cast/switch", deed=deed, on=False)
    case = told(one)
    stays_open(one, case, idle)


@pytest.mark.parametrize("deed", AT_HOME)
def test_a_hand_of_ours_that_nobody_lifts_keeps_its_step_open(tmp_path: Path, deed: str) -> None:
    idle = AT_HOME[deed]
    plain = stage(tmp_path, tier=idle.tier)
    nobody = NobodyDoes(InProcess(plain.sandbox), deed)
    one = replace(plain, house=replace(plain.house, control=Control(card(plain.sandbox), nobody)))
    case = told(one)
    assert nobody.asked > 1, "the story did ask for it"
    stays_open(one, case, idle)


def test_a_customer_who_never_answers_ends_limited_with_every_loss_listed(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP, silent=True)
    one.control("POST", "/cast/switch", who="customer", on=False)
    ended = one.story(one.opened()).tell()
    said = certificate(one, ended)
    waived = [row for row in ended.steps.values() if row.state is State.WAIVED]
    assert {row.step for row in waived} >= {"migration-details", "remove-accounts"}
    assert all(row.by and row.second and row.by != row.second and row.until for row in waived)
    assert said.outcome is Result.LIMITED and ended.outcome == Result.LIMITED and "LIMITED" in said.sentence
    assert {f"waived until {row.until}: {row.text}" for row in waived} <= set(said.exceptions)
    left = {row.split(": ")[1].split(" in ")[0] for row in said.exceptions if "of ours left" in row}
    assert left == {"guest", "commitment", "reseller-relationship"}, "what stayed of ours is said"
    assert [door.outcome for door in said.doors if door.key == "partner-center"] == ["open"]


def test_with_everybody_doing_their_part_the_same_story_leaves_nothing_open(tmp_path: Path) -> None:
    case = told(stage(tmp_path, tier=Tier.CSP))
    assert open_steps(case) == set()
