"""Contracts that still run on the day after the end -> what ends them, by machine or by an operator's task."""

from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, LeftAlone
from sendoff.model.situation import Letter, Situation
from sendoff.model.state import StepId
from sendoff.rules.planning import deed, going

_WHERE = "TOPdesk > Contract Management > the contract: set its end date and switch its renewal off, as the call says"


def ended(
    now: Situation, step: StepId, *, by_person_only: bool = False
) -> tuple[tuple[Action, ...], tuple[LeftAlone, ...]]:
    """The ends of the contracts, and one call to the operator when a person must set them. An end by machine is at
    once: with `by_person_only` it is left to the line that comes at the end."""
    contracts, left = going(now, Kind.CONTRACT)
    todo = [one for one in contracts if one.item.fact("ended") != "yes"]
    by_machine = [one for one in todo if one.item.fact("mode") == "asset"]
    by_person = [one for one in todo if one not in by_machine]
    if by_person_only:
        left += tuple(LeftAlone(item=one.item, why="it is archived when the contract is over") for one in by_machine)
        by_machine = []
    actions = [deed(step, one, Verb.END, rank=1) for one in by_machine]
    actions += [deed(step, one, Verb.END, rank=1, key=Key.PERSON, why=_WHERE) for one in by_person]
    letter = next(iter(now.letters), None)
    if by_person and letter is not None:
        actions.append(_task(now, step, letter))
    return tuple(actions), left


def _task(now: Situation, step: StepId, letter: Letter) -> Action:
    """The operator's task with all data filled in; its text is approved with the plan."""
    return Action(
        step=step,
        system=System.TOPDESK,
        verb=Verb.CREATE,
        kind=Kind.TASK,
        target=f"{now.case}/end-contract",
        name=letter.subject,
        scope=now.facts.places.topdesk_branch,
        key=Key.TOPDESK,
        why="an operator ends a contract in the vendor's page: its API cannot",
        content=(
            ("brief", letter.subject[:80]),
            ("request", str(letter.body)),
            ("due", now.facts.contract_end.isoformat()),
        ),
    )
