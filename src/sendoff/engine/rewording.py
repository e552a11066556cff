"""REWORD: the plan that lies ready, with other words in one of its letters; which makes it another plan."""

from dataclasses import dataclass, replace

from sendoff.engine.drafts import BODIES
from sendoff.engine.letters import invitation
from sendoff.engine.planning import stored_plan
from sendoff.model.case import Case, Standing
from sendoff.model.digest import Digest, canonical_parts
from sendoff.model.errors import BadInput, Refused
from sendoff.model.event import Planned
from sendoff.model.inventory import Verb
from sendoff.model.people import PersonId
from sendoff.model.plan import Action, Plan
from sendoff.model.reworded import Reworded
from sendoff.model.step import Step
from sendoff.ports import Ports
from sendoff.rules.rewording import in_the_way

_SUBJECTS = ("subject", "brief")
BRIEF = 80
"""Characters of the subject that a service desk takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a letter should say, and who says so."""

    subject: str
    body: str
    by: PersonId


def reworded(ports: Ports, case: Case, step: Step, letter: str, words: Words) -> Planned:
    """The event of the new plan. BadInput when the words leave out what people act on, or change nothing."""
    plan = stored_plan(ports, case, step)
    act = next((one for one in plan.actions if one.target == letter and body_of(one)), None) if plan else None
    if plan is None or act is None:
        raise Refused(f"{step.id}: there is no such letter in the plan that lies ready")
    was, body = ports.store.get(case.id, Digest(body_of(act))).decode(), _ended(words.body)
    subject = words.subject.strip()
    wrong = in_the_way(was, subject, body, case=case.id)
    if wrong:
        raise BadInput("; ".join(wrong), where="letter")
    if (body, subject) == (was, subject_of(act)):
        raise BadInput("not one word of it is another", where="letter")
    new = _with(ports, case, act, subject, body)
    change = Reworded(
        letter=letter,
        by=words.by,
        at=ports.clock.now(),
        was=Digest(body_of(act)),
        now=Digest(body_of(new)),
        subject_was=subject_of(act),
    )
    made = replace(plan, actions=tuple(new if one is act else one for one in plan.actions))
    return _planned(ports, case.steps[step.id], made, change)


def body_of(action: Action) -> str:
    """The digest of the text that goes out with an action; empty when none does."""
    return next((value for name, value in action.content if name in BODIES), "")


def subject_of(action: Action) -> str:
    """Its subject."""
    return next((value for name, value in action.content if name in _SUBJECTS), action.name)


def _ended(text: str) -> str:
    """As a browser or an editor gives it, with the ends of lines that a letter has."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip() + "\n"


def _with(ports: Ports, case: Case, action: Action, subject: str, body: str) -> Action:
    """The same action with these words. A calendar file is made anew, since it says the same."""
    put = {
        "letter": ports.store.put(case.id, body.encode()),
        "request": ports.store.put(case.id, body.encode()),
        "subject": subject,
        "brief": subject[:BRIEF],
    }
    if action.said("invite"):
        off = action.verb is not Verb.CREATE
        made = invitation(ports.papers, case, subject, body.encode(), action.said("starts"), off=off)
        put["invite"] = ports.store.put(case.id, made)
    content = tuple((name, put.get(name, value)) for name, value in action.content)
    return replace(action, name=subject, content=content)


def _planned(ports: Ports, standing: Standing, plan: Plan, change: Reworded) -> Planned:
    if standing.looked_at is None:
        raise Refused(f"{standing.step}: nobody looked yet")
    return Planned(
        step=plan.step,
        plan=plan.digest,
        blob=ports.store.put_parts(plan.case, lambda: canonical_parts(plan)),
        actions=standing.planned,
        irreversible=standing.irreversible,
        left=len(plan.left),
        belt=standing.belt,
        looked_at=standing.looked_at,
        batch=standing.batch,
        reworded=(*standing.reworded, change),
        laid_by=standing.laid_by or standing.proposer,
    )
