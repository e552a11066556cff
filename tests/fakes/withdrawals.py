"""A leaving that is withdrawn before anything was done that nobody takes back."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from fakes.houses import Stage, stage
from fakes.leavings import after_contract, approved, planned, run, standing
from sendoff.model.case import Case
from sendoff.model.state import SETTLED, State, StepId
from sendoff.model.template import Tier
from sendoff.sandbox.wire import Json

POLICIES, RESOURCES, BACK = "remove-policies", "remove-resources", "put-back-withdrawn"
LATE = (
    "erase-secrets",
    "end-relationships",
    "remove-lighthouse",
    "accept-transfer",
    "remove-from-prtg",
    "remove-accounts",
)
STAYS = "they signed for another year"
BY_VENDOR = frozenset(
    {
        "systemData",
        "signInSessionsValidFromDateTime",
        "createdOn",
        "createdBy",
        "updatedOn",
        "updatedBy",
        "principalId",
        "eTag",
        "currentSpend",
        "forecastSpend",
    }
)


def withdrawn(one: Stage, case: Case) -> Case:
    """By Carla, and by Paul as the second person."""
    asked = one.desk.withdraw(one.who("carla"), case.id, reason=STAYS)
    assert asked.withdrawn == "" and asked.withdrawal_asked is not None
    return one.desk.withdraw(one.who("paul"), case.id, reason=STAYS)


def put_back(one: Stage, case: Case) -> None:
    planned(one, case, BACK)
    approved(one, case, BACK)
    run(one, case)
    assert standing(one, case, BACK).state is State.DONE, standing(one, case, BACK).reason


def rows(one: Stage) -> dict[str, Json]:
    """Everything at the customer that a withdrawal must bring back, without what the vendor sets."""
    world = one.sandbox.world
    found = {thing.key: plain(thing.raw) for kind in ("user", "servicePrincipal") for thing in world.all("graph", kind)}
    for thing in world.each("arm"):
        if any(word in thing.kind for word in ("policy", "budgets", "diagnosticsettings", "microsoft.security/")):
            found[thing.key] = plain(thing.raw)
        found[f"tags of {thing.id.lower()}"] = thing.raw.get("tags")
    return found


def plain(row: Json) -> Json:
    if isinstance(row, dict):
        return {key: plain(value) for key, value in row.items() if key not in BY_VENDOR}
    return [plain(one) for one in row] if isinstance(row, list) else row


def early(one: Stage, case: Case) -> None:
    """Nothing happens yet that nobody takes back."""
    for step in map(StepId, LATE):
        if step in case.steps and case.steps[step].state not in SETTLED:
            one.desk.stop(one.who("erik"), case.id, step, reason="not before the rest")


def until_removed(tmp_path: Path, *steps: str) -> tuple[Stage, Case, dict[str, Json]]:
    """The contract is over, these steps removed what is ours, and nothing was done that nobody takes back."""
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.opened(lambda facts: replace(facts, transfer_on=facts.contract_end + timedelta(days=10)))
    before = rows(one)
    case = one.until(case, steps[0], "approved")
    early(one, case)
    after_contract(one, case)
    run(one, case)
    for step in steps[1:]:
        planned(one, case, step)
        approved(one, case, step)
        run(one, case)
    assert standing(one, case, steps[-1]).acted and not one.desk.withdrawal(case.id).no_return
    return one, one.desk.case(case.id), before
