"""What screens draw of one case: the values of its pages, its keys, its letters, and what came of each object."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sendoff.engine.closing import judgements_of
from sendoff.engine.end_values import certificate_values
from sendoff.engine.exit_plan import plan_values
from sendoff.engine.planning import stored_plan
from sendoff.engine.report_values import Values, named, report_values
from sendoff.engine.reporting import glance
from sendoff.engine.rewording import body_of, subject_of
from sendoff.model.case import Case, Standing
from sendoff.model.digest import Digest
from sendoff.model.errors import Refused
from sendoff.model.key import DOORS, Key
from sendoff.model.plan import Action, Deed, Outcome
from sendoff.model.reworded import Reworded
from sendoff.model.shape import shaped
from sendoff.model.state import SETTLED, State, StepId
from sendoff.model.step import Step
from sendoff.model.verdict import Judgement
from sendoff.ports import Ports
from sendoff.rules.keys import taken
from sendoff.steps import EVERY, by_id


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKey:
    """One of our doors into a customer, and how it stands."""

    key: Key
    held: bool
    said: str
    step: StepId | None = None
    """The step of this case that gives it up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A letter as it lies in a plan: exactly what is sent when the plan is approved and run."""

    step: StepId
    subject: str
    to: tuple[str, ...]
    body: str
    state: State
    sent: bool
    attached: tuple[str, ...] = ()
    starts: str = ""
    body_digest: Digest
    letter: str
    """The target of its action: what it is called when somebody changes its words."""
    reworded: tuple[Reworded, ...] = ()
    """Who changed its words since it was written, the oldest first."""
    was: str = ""
    """As it was written first; empty when nobody changed it."""
    task: bool = False
    """It goes to our own service desk and not to a mailbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What came of one object: the outcome of the last deed on it, and the verdict of the second look."""

    outcome: Outcome | None = None
    code: str = ""
    verdict: Judgement | None = None


def page_values(ports: Ports, case: Case) -> Values:
    """The exit plan and the report of a case together: dates, who waits for whom, every line, the timeline."""
    read = glance(ports, named(case))
    return {**plan_values(read), **report_values(read)}


def certificate_page(ports: Ports, case: Case) -> Values | None:
    """A reading of the signed certificate; None while there is none."""
    read = glance(ports, named(case))
    return certificate_values(read, read.predicate) if read.predicate is not None else None


def keys_of(case: Case) -> tuple[HeldKey, ...]:
    """Our doors into the customer, each with the step that gives it up."""
    shown = named(case)
    return tuple(_key(case, shown, key) for key in DOORS)


def _key(case: Case, shown: Case, key: Key) -> HeldKey:
    steps = [(one, case.steps[one.id]) for one in EVERY if key in taken(one) and one.id in case.steps]
    if not steps:
        return HeldKey(key=key, held=case.certificate is None, said="no step of this case gives it up by itself")
    open_ones = [(step, one) for step, one in steps if one.state not in SETTLED]
    if open_ones:
        step, one = open_ones[-1]
        return HeldKey(key=key, held=True, said=f"ours until: {shown.steps[step.id].text}", step=one.step)
    step, one = steps[-1]
    gone = all(standing.state in (State.DONE, State.ATTESTED) for _, standing in steps)
    words = {State.DONE: "given up, and seen gone", State.ATTESTED: "given up, by a person's word"}
    return HeldKey(key=key, held=not gone, said=words.get(one.state, f"its step is {one.state}"), step=step.id)


def fates(ports: Ports, case: Case, step: StepId) -> Mapping[str, Fate]:
    """By ref, what came of each object of a step."""
    standing = case.steps[step]
    deeds = {deed.ref: deed for blob in standing.deeds for deed in _deeds(ports, case, blob)}
    seen = {one.ref: one for one in judgements_of(ports, case, step)}
    return {
        ref: Fate(
            outcome=deeds[ref].receipt.outcome if ref in deeds else None,
            code=deeds[ref].receipt.code if ref in deeds else "",
            verdict=seen.get(ref),
        )
        for ref in dict.fromkeys((*deeds, *seen))
    }


def _deeds(ports: Ports, case: Case, blob: Digest) -> tuple[Deed, ...]:
    return tuple(shaped(Deed, row, where="deeds") for row in json.loads(ports.store.get(case.id, blob)))


def mails(ports: Ports, case: Case) -> tuple[Mail, ...]:
    """Every letter that lies in a plan of this case, in the order of the checklist."""
    return tuple(mail for one in case.steps.values() for mail in _mails(ports, case, one))


def _mails(ports: Ports, case: Case, one: Standing) -> tuple[Mail, ...]:
    step = _known(one)
    plan = stored_plan(ports, case, step) if step is not None and step.letters and one.plan_blob else None
    letters = [action for action in plan.actions if body_of(action)] if plan else []
    return tuple(_mail(ports, case, one, action) for action in letters)


def _known(one: Standing) -> Step | None:
    return None if one.by_hand else by_id(one.step)


def _mail(ports: Ports, case: Case, one: Standing, action: Action) -> Mail:
    body = Digest(body_of(action))
    changes = tuple(change for change in one.reworded if change.letter == action.target)
    return Mail(
        step=one.step,
        letter=action.target,
        reworded=changes,
        was=ports.store.get(case.id, changes[0].was).decode("utf-8", "replace") if changes else "",
        task=not action.said("letter"),
        subject=subject_of(action),
        to=tuple(value for name, value in action.content if name == "to"),
        body=ports.store.get(case.id, body).decode("utf-8", "replace"),
        state=one.state,
        sent=one.state is State.DONE,
        attached=tuple(name for _, name in action.attached),
        starts=action.said("starts"),
        body_digest=body,
    )


def evidence_of(ports: Ports, case: Case, digest: Digest) -> bytes:
    """A piece of evidence that somebody gave in this case; nothing else is handed out by its name alone."""
    given = {one for standing in case.steps.values() for one in standing.evidence}
    given |= {proof.evidence for proof in case.proofs} | {case.facts.notice.evidence}
    if digest not in given:
        raise Refused(f"{digest[:19]} is no evidence that a person gave in case {case.id}")
    return ports.store.get(case.id, digest)
