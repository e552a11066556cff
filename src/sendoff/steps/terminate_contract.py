"""CSM >> Terminate the contract in TOPdesk.

TOPdesk has no API that writes a contract: an operator does it from a call with all data filled in, and it counts only
when the service desk itself says that nothing is under contract on the day after. Contracts kept as assets are archived
by machine.
"""

from sendoff.model.errors import Refused
from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.plan import Action
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.contracts import ended
from sendoff.rules.planning import deed, going

_ID = StepId("terminate-contract")
_STANDING = {
    Kind.CALL: ("call", "calls"),
    Kind.CHANGE: ("change", "changes"),
    Kind.ACTIVITY: ("activity", "activities"),
}
"""What may be open for a customer, and how it is called."""


def plan(now: Situation) -> Proposal:
    """All cards are exported; then the contract, assets and persons, and last the branch: an archived card cannot be
    edited."""
    _nothing_open(now)
    contracts, left = ended(now, _ID)
    assets, kept_assets = going(now, Kind.ASSET)
    persons, kept_persons = going(now, Kind.CONTACT_PERSON)
    branches, kept_branches = going(now, Kind.BRANCH)
    archived = (
        *(deed(_ID, one, Verb.END, rank=2) for one in assets if one.item.fact("ended") != "yes"),
        *(deed(_ID, one, Verb.END, rank=2) for one in persons if one.item.fact("ended") != "yes"),
        *(deed(_ID, one, Verb.END, rank=3) for one in branches if one.item.fact("ended") != "yes"),
    )
    history = (_history(now),) if archived else ()
    return Proposal(
        actions=(*history, *contracts, *archived), left=(*left, *kept_assets, *kept_persons, *kept_branches)
    )


def _nothing_open(now: Situation) -> None:
    """H27: what is open is closed or handed over first, or nobody will read it again."""
    for kind, (one, many) in _STANDING.items():
        found = [item.name for item in now.inventory.items if item.kind is kind and item.fact("closed") != "yes"]
        if found:
            count = f"1 {one} is" if len(found) == 1 else f"{len(found)} {many} are"
            raise Refused(f"{count} open ({', '.join(sorted(found)[:3])}): close what is open first")


def _history(now: Situation) -> Action:
    branch = now.facts.places.topdesk_branch
    return Action(
        step=_ID,
        system=System.TOPDESK,
        verb=Verb.EXPORT,
        kind=Kind.CALL,
        target=branch,
        name="the customer's calls",
        scope=branch,
        key=Key.TOPDESK,
        why="the customer's history goes with them",
    )


TERMINATE_CONTRACT = Step(
    id=_ID,
    line="Terminate the contract in TOPdesk",
    role=Role.CSM,
    aliases=("Terminate contract in TOPdesk",),
    systems=frozenset({System.TOPDESK}),
    covers=frozenset({Kind.CONTRACT, Kind.ASSET, Kind.CONTACT_PERSON, Kind.BRANCH}),
    looks_at=frozenset({Kind.CALL, Kind.CHANGE, Kind.ACTIVITY}),
    after=frozenset(
        {
            StepId("notice"),
            StepId("confirm-termination"),
            StepId("meet"),
            StepId("disable-reassure"),
            StepId("remove-articles"),
        }
    ),
    letters=("end-contract",),
    plan=plan,
    major=2,
)
