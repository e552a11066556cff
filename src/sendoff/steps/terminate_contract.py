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


def plan(now: Situation) -> Proposal:
    """Calls are exported; then the contract, the persons, and last the branch: an archived card cannot be edited."""
    _no_open_calls(now)
    contracts, left = ended(now, _ID)
    persons, kept_persons = going(now, Kind.CONTACT_PERSON)
    branches, kept_branches = going(now, Kind.BRANCH)
    archived = (
        *(deed(_ID, one, Verb.END, rank=2) for one in persons if one.item.fact("ended") != "yes"),
        *(deed(_ID, one, Verb.END, rank=3) for one in branches if one.item.fact("ended") != "yes"),
    )
    history = (_history(now),) if archived else ()
    return Proposal(actions=(*history, *contracts, *archived), left=(*left, *kept_persons, *kept_branches))


def _no_open_calls(now: Situation) -> None:
    """H27: what is open is closed or handed over first, or nobody will read it again."""
    calls = [item.name for item in now.inventory.items if item.kind is Kind.CALL and item.fact("closed") != "yes"]
    if calls:
        raise Refused(
            f"{len(calls)} calls are open ({', '.join(sorted(calls)[:3])}): close them or hand them over first"
        )


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
    covers=frozenset({Kind.CONTRACT, Kind.CONTACT_PERSON, Kind.BRANCH}),
    looks_at=frozenset({Kind.CALL}),
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
