"""Engineer >> Remove the PRTG probe from the customer's environment."""

from dataclasses import replace
from datetime import timedelta

from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.plan import Action, LeftAlone
from sendoff.model.situation import Owned, Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.planning import deed, measurements, removals

_ID = StepId("remove-prtg-probe")
_STILL_CALLS = (
    "the core's log alone tells of it: its service calls and is not let in. Uninstall it on its host, and plan again "
    "when it was silent for a day"
)
_RANKS = {Verb.DISABLE: 0, Verb.EXPORT: 1, Verb.REMOVE: 3}


def plan(now: Situation) -> Proposal:
    """Pause, export, uninstall on its host while a key opens it, and only then deny its id and remove its node: a probe
    that still runs comes back (H16). Afterwards it must stay silent for a day."""
    calls = {one.item.ref: one.item for one in now.owned if one.item.kind is Kind.PRTG_PROBE and _only_calls(one)}
    all_of_it = removals(now, _ID, {Kind.PRTG_PROBE: 1, Kind.PROBE_SERVICE: 0}, disable=True)
    base = replace(all_of_it, actions=tuple(one for one in all_of_it.actions if one.ref not in calls))
    acts = tuple(_ranked(one) for one in base.actions if one.kind is Kind.PRTG_PROBE or one.verb is Verb.REMOVE)
    probes = {action.ref for action in acts if action.kind is Kind.PRTG_PROBE}
    found = [one for one in now.owned if one.item.ref in probes]
    kept = tuple(deed(_ID, one, Verb.EXPORT, rank=1) for one in found)
    measured = tuple(action for one in found for action in measurements(_ID, one, rank=1))
    vain = tuple(LeftAlone(item=item, why=_STILL_CALLS) for item in calls.values())
    return Proposal(actions=(*acts, *kept, *measured), left=(*base.left, *vain))


def _only_calls(one: Owned) -> bool:
    """True for what has no node in the core any more: there is nothing there that could be removed."""
    return one.item.fact("type") == "log"


def _ranked(action: Action) -> Action:
    return replace(action, rank=2 if action.kind is Kind.PROBE_SERVICE else _RANKS[action.verb])


REMOVE_PRTG_PROBE = Step(
    id=_ID,
    line="Remove the PRTG probe from the customer's environment",
    role=Role.ENGINEER,
    aliases=(
        "Remove PRTG Probe from there enviroment",
        "Remove PRTG Probe from their environment",
        "Remove the PRTG probe from their environment",
    ),
    systems=frozenset({System.PRTG, System.AZURE}),
    covers=frozenset({Kind.PRTG_PROBE, Kind.PROBE_SERVICE}),
    needs=frozenset({Key.LIGHTHOUSE}),
    after=frozenset(
        {
            StepId("notice"),
            StepId("confirm-termination"),
            StepId("export-resources"),
            StepId("export-secrets"),
            StepId("remove-from-prtg"),
        }
    ),
    watch=timedelta(hours=24),
    plan=plan,
    major=2,
)
