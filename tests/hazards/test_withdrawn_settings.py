"""H33: what onboarding set at the customer, and the leaving took back, is set again when it is withdrawn."""

from pathlib import Path

from fakes.houses import Stage
from fakes.leavings import approved, plan, planned, run, standing
from fakes.withdrawals import BACK, POLICIES, RESOURCES, rows, until_removed, withdrawn
from sendoff.model.case import Case
from sendoff.model.event import StepMoved
from sendoff.model.inventory import Kind
from sendoff.model.state import Move, State, StepId

SETTINGS = "put-back-settings"


def places(one: Stage, case: Case) -> dict[Kind, set[str]]:
    """The keys in `rows` of what this leaving put back at the customer, by kind."""
    found: dict[Kind, set[str]] = {}
    for act in plan(one, case, SETTINGS).actions:
        ident = act.target.lower()
        named = {key for key in rows(one) if key.lower().endswith(f":{ident}") or key == f"tags of {ident}"}
        wanted = {key for key in named if key.startswith("tags of") is (act.kind is Kind.TAG)}
        found.setdefault(act.kind, set()).update(wanted)
    return found


def test_h33_what_onboarding_set_and_the_leaving_took_back_is_set_again(tmp_path: Path) -> None:
    one, case, before = until_removed(tmp_path, POLICIES)
    skip = StepMoved(step=StepId(RESOURCES), move=Move.SKIP, reason="not tested")
    one.house.journal.append(case.id, None, [skip], actor=one.who("paul").id, at=one.house.clock.now())
    planned(one, case, SETTINGS)
    approved(one, case, SETTINGS)
    run(one, case)
    mine = places(one, case)
    assert set(mine) == {Kind.DEFENDER_PLAN, Kind.SECURITY_CONTACT, Kind.TAG} and all(mine.values())
    assert all(any(rows(one)[key] != before[key] for key in keys) for keys in mine.values())
    stays = sorted(mine[Kind.TAG])[0]
    changed_by_them(one, stays.removeprefix("tags of "))
    withdrawn(one, case)

    planned(one, case, BACK)
    approved(one, case, BACK)
    run(one, case)

    now = rows(one)
    other = {key for keys in mine.values() for key in keys if now[key] != before[key]}
    assert other == {stays}, "as it was, but where somebody set our tag to something else meanwhile"
    assert standing(one, case, BACK).state is State.LEFT and dict(standing(one, case, BACK).outcomes)["changed"] == 1


def changed_by_them(one: Stage, ident: str) -> None:
    """The customer gives the tag that we had there a value of their own."""
    thing = next(thing for thing in one.sandbox.world.each("arm") if thing.id.lower() == ident)
    name = one.facts().provider.tag.partition("=")[0]
    tags = thing.raw.get("tags")
    one.sandbox.world.change(thing, {"tags": {**(tags if isinstance(tags, dict) else {}), name: "theirs"}})
