"""A termination that is withdrawn: until when it can be, what of our deeds can be put back, and what not (H33)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sendoff.model.case import Case
from sendoff.model.digest import Json
from sendoff.model.gate import Gate, Open, Shut
from sendoff.model.inventory import Item, Kind, Verb
from sendoff.model.plan import AGAIN, Action
from sendoff.model.proof import ProofKind
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import State, StepId
from sendoff.rules.asking import Question

PUTS_BACK = StepId("put-back-withdrawn")
TELLS = StepId("move-meeting")
"""The step that takes the meeting about the leaving back."""
ENABLED, RESTORED, MADE = "enabled", "restored from the bin", "made from its before-image"
SET = "set as its before-image has it"
ACCOUNTS = frozenset({Kind.USER, Kind.GUEST, Kind.SERVICE_PRINCIPAL})
REMADE: Mapping[Kind, int] = {
    Kind.POLICY_DEFINITION: 0,
    Kind.POLICY_SET: 1,
    Kind.POLICY_ASSIGNMENT: 2,
    Kind.POLICY_EXEMPTION: 3,
    Kind.DIAGNOSTIC_SETTING: 0,
    Kind.BUDGET: 0,
    Kind.DEFENDER_PLAN: 3,
    Kind.SECURITY_CONTACT: 3,
    Kind.TAG: 3,
    Kind.LOCK: 9,
}
"""What is made anew under its own id from its before-image, lowest rank first: what others refer to goes before, and
a lock after all that it would stop."""
SET_AGAIN = frozenset({Kind.DEFENDER_PLAN, Kind.SECURITY_CONTACT, Kind.TAG})
"""Settings that onboarding made and a leaving took back: they are set again, where nobody set them meanwhile."""
_PARTS: Mapping[Kind, str] = {
    Kind.POLICY_ASSIGNMENT: "a managed identity of it is another one, without the roles of the old one",
    Kind.BUDGET: "what it has warned of is forgotten",
    Kind.USER: "groups and roles that the vendor does not bring back with it are given anew by a person",
    Kind.GUEST: "groups and roles that the vendor does not bring back with it are given anew by a person",
    Kind.SERVICE_PRINCIPAL: "consents and roles that the vendor does not bring back with it are given anew by a person",
}
_TAKES = frozenset({Verb.REMOVE, Verb.DISABLE, Verb.END, Verb.PUT_BACK, Verb.ACCEPT, Verb.DISCLOSE})
_NO_RETURN: Mapping[str, str] = {
    "accept-transfer": "the transfer was accepted: billing has moved",
    "end-relationships": "our relationships with the customer were ended: only they can make new ones",
    "remove-lighthouse": "the delegation was removed: only the customer can grant it again",
    "remove-app-registration": "our app registration was removed: we have no key to put anything back with",
    "erase-secrets": "our copy of the customer's secrets was erased for good",
}
_SET_BY_VENDOR = frozenset(
    {
        "systemdata",
        "createdon",
        "createdby",
        "createdat",
        "updatedon",
        "updatedby",
        "principalid",
        "clientid",
        "currentspend",
        "forecastspend",
        "enablementtime",
        "freetrialremainingtime",
    }
)
"""Fields of an object that the vendor sets when it is made, in lower case: they are others in one that is made anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """What a withdrawal would find: deeds that can be put back, with what is lost; and deeds that cannot."""

    back: tuple[tuple[str, str], ...]
    lost: tuple[tuple[str, str], ...]
    no_return: tuple[str, ...]
    """Why it is too late; empty when it is not."""


def no_return(case: Case) -> tuple[str, ...]:
    """Why a case is past the point of no return. A step that is on its way there counts."""
    going = (State.RUNNING, State.HELD, State.DONE, State.ATTESTED, State.LEFT)
    found = [
        why
        for step, why in _NO_RETURN.items()
        if (one := case.standing(StepId(step))) is not None and one.state in going and (one.acted or one.evidence)
    ]
    if case.proven(ProofKind.TRANSFERRED) is not None and _NO_RETURN["accept-transfer"] not in found:
        found.append(_NO_RETURN["accept-transfer"])
    return tuple(found)


def reckoned(case: Case, done: Sequence[Action]) -> Reckoning:
    """Our deeds, newest word of each thing, by whether they can be put back."""
    back, lost = [], []
    acts = newest(done)
    places = _lost_places(acts)
    for act in acts:
        how = way_back(act)
        if how and _lies_in(act, places):
            lost.append((act.name, f"{act.kind}: what it hung on is gone for good"))
        elif how:
            back.append((act.name, "; ".join(filter(None, (how, _PARTS.get(act.kind, "") if how != ENABLED else "")))))
        elif act.verb in _TAKES:
            lost.append((act.name, f"{act.verb} {act.kind}: no hand of ours puts it back"))
    return Reckoning(back=tuple(back), lost=tuple(lost), no_return=no_return(case))


def newest(done: Sequence[Action]) -> tuple[Action, ...]:
    """The last thing that we did to each thing, letters and exports left out."""
    found = {act.ref: act for act in done if act.verb in _TAKES and act.step != PUTS_BACK}
    return tuple(found.values())


def way_back(act: Action) -> str:
    """How a deed of ours is put back; empty when it cannot be by us."""
    if act.kind in ACCOUNTS and act.verb is Verb.DISABLE:
        return ENABLED
    if act.kind in ACCOUNTS and act.verb is Verb.REMOVE:
        return RESTORED
    if act.kind in SET_AGAIN:
        return SET
    return MADE if act.kind in REMADE and act.verb is Verb.REMOVE else ""


def _lost_places(acts: Sequence[Action]) -> frozenset[str]:
    return frozenset(act.target.lower() for act in acts if act.verb is Verb.REMOVE and not way_back(act))


def _lies_in(act: Action, places: frozenset[str]) -> bool:
    """True for what hung on a thing that nobody brings back, such as a setting of a machine."""
    place = act.target.lower()
    while "/" in place:
        place = place.rpartition("/")[0]
        if place in places:
            return True
    return False


def putting_back(now: Situation, step: StepId) -> Proposal:
    """Everything that can be put back: enabled where it is there, restored or made anew where it is gone."""
    there = {item.ref: item for item in now.inventory.items}
    acts = newest(now.undo)
    places = _lost_places(acts)
    able = [act for act in acts if way_back(act) and not _lies_in(act, places)]
    actions = [_back(act, there.get(act.ref), step) for act in able]
    return Proposal(actions=tuple(act for act in actions if act is not None))


def _back(act: Action, item: Item | None, step: StepId) -> Action | None:
    """None for what is as it was already."""
    how = way_back(act)
    if how == ENABLED and (item is None or item.fact("enabled") != "no"):
        return None
    if how != ENABLED and item is not None:
        return None
    return replace(
        act,
        step=step,
        verb=Verb.PUT_BACK,
        rank=REMADE.get(act.kind, 0),
        before=item.image if item is not None else act.before,
        why="; ".join(filter(None, ("the termination was withdrawn", _PARTS.get(act.kind) if item is None else ""))),
        content=((AGAIN, how),),
    )


def same_again(before: bytes, now: bytes) -> bool:
    """Whether a thing is as its before-image tells, but for what the vendor sets when a thing is made."""
    return _plain(json.loads(before)) == _plain(json.loads(now))


def _plain(row: Json) -> Json:
    if isinstance(row, dict):
        return {key: _plain(value) for key, value in row.items() if key.lower() not in _SET_BY_VENDOR}
    return [_plain(one) for one in row] if isinstance(row, list) else row


def only_putting_back(ask: Question) -> Gate:
    """H33: in a withdrawn case nothing is taken away any more."""
    if not ask.case.withdrawn or ask.standing.step in (PUTS_BACK, TELLS):
        return Open(gate="withdrawal", reason="nothing here was withdrawn, or it puts back")
    return Shut(gate="withdrawal", reason=f"the termination was withdrawn: {ask.case.withdrawn}", who="another case")
