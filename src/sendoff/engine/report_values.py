"""What the pages of a case say, as plain values: pure functions over what was read. Names of people, never logins."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sendoff.engine.earliest import earliest
from sendoff.engine.timeline import Ahead, Names, Told, timeline
from sendoff.model.case import Case, Standing
from sendoff.model.certificate import Line, Predicate
from sendoff.model.digest import Json, plain
from sendoff.model.facts import Facts
from sendoff.model.gate import Gate
from sendoff.model.inventory import Verb
from sendoff.model.people import PersonId
from sendoff.model.plan import Action, Deed, LeftAlone, Plan
from sendoff.model.state import SETTLED, StepId
from sendoff.model.verdict import Judgement, Verdict
from sendoff.rules.certifying import GRADES, handed, lines
from sendoff.rules.protections import Protection

Values = dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One plan of a step with what came of it. A step that was planned anew has several; the last one stands."""

    step: StepId
    plan: Plan
    proposer: PersonId
    at: datetime
    approver: PersonId | None
    deeds: tuple[Deed, ...]
    judgements: tuple[Judgement, ...]
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Everything that the pages of one case rest on."""

    case: Case
    now: datetime
    rehearsal: bool
    names: Names
    rows: tuple[Told, ...]
    rounds: tuple[Round, ...]
    gates: Mapping[StepId, tuple[Gate, ...]]
    predicate: Predicate | None
    fingerprint: str = ""
    aloud: tuple[str, ...] = ()
    """What people must hear now."""
    protections: tuple[Protection, ...] = ()
    """What the look of day 0 saw that protects the customer and ends with us."""

    def name(self, person: PersonId | None) -> str:
        """The name behind an id; an id nobody knows is shown as it is."""
        return self.names.get(person, person) if person else ""


def head(read: Read, title: str, sentence: str, page: str) -> Values:
    """What every page of a case begins and ends with."""
    case = read.case
    return {
        "title": title,
        "sentence": sentence,
        "case": case.id,
        "customer": case.facts.customer.name,
        "tier": str(case.tier),
        "zone": case.facts.zone,
        "at": case.at.isoformat(),
        "events": case.seq,
        "rehearsal": read.rehearsal,
        "halted": case.halted,
        "nav": _nav(read, page),
    }


def _nav(read: Read, page: str) -> list[Json]:
    there = {"exit-plan": "Exit plan", "why-each-object": "Why each object", "report": "The case, line by line"}
    if read.predicate is not None:
        there["certificate"] = "Certificate"
    return [{"href": f"{name}.html", "label": label, "here": name == page} for name, label in there.items()]


def named(case: Case) -> Case:
    """The case with names in its lines, where the checklist has placeholders for them."""
    steps = {step: replace(one, text=filled(one.text, case.facts)) for step, one in case.steps.items()}
    others = tuple(replace(one, text=filled(one.text, case.facts)) for one in case.others)
    return replace(case, steps=steps, others=others)


def filled(text: str, facts: Facts) -> str:
    """A line with the names that its placeholders stand for."""
    return text.replace("%provider%", facts.provider.name).replace("%customer%", facts.customer.name)


def summary(read: Read) -> str:
    """The plain sentence: of the certificate when there is one, else how many lines are settled and how."""
    if read.predicate is not None:
        return read.predicate.sentence
    grades = Counter(GRADES.get(one.state, "open") for one in read.case.steps.values())
    total = sum(grades.values())
    parts = [f"{grades[name]} {name}" for name in (*GRADES.values(),) if grades[name]]
    known = f" ({', '.join(parts)})" if parts else ""
    waits = "one is open" if grades["open"] == 1 else f"{grades['open']} are open"
    return f"{total - grades['open']} of {total} lines are settled{known}; {waits}."


# ---- why each object ---------------------------------------------------------------------------------------------


def why_values(read: Read) -> Values:
    """Every object of every plan: what is done, why it is ours, and what came of it; and what is left alone."""
    many = sum(len(one.plan.actions) for one in read.rounds if one.last)
    said = f"{many} actions on objects in {len(read.rounds)} plans. Nothing else is touched until another plan is made."
    return {
        **head(read, "Why each object", said if read.rounds else "", "why-each-object"),
        "counts": _counts(read),
        "plans": [_round(read, one) for one in read.rounds],
    }


def _counts(read: Read) -> list[Json]:
    verbs: dict[tuple[str, str], str] = {}
    left: set[str] = set()
    gone: set[str] = set()
    for one in read.rounds:
        verbs |= {(action.ref, str(action.verb)): str(action.verb) for action in one.plan.actions}
        left |= {each.item.ref for each in one.plan.left}
        gone |= {each.ref for each in one.judgements if each.verdict is Verdict.GONE}
    touched = {ref for ref, _ in verbs}
    counts = [("objects touched", len(touched)), *sorted(Counter(verbs.values()).items())]
    counts += [("seen gone by a look", len(gone)), ("left alone", len(left - touched))]
    return [{"label": label, "value": count} for label, count in counts]


def _round(read: Read, one: Round) -> Json:
    standing = read.case.steps[one.step]
    deeds = {(deed.ref, deed.verb): deed for deed in one.deeds}
    seen = {each.ref: each for each in one.judgements}
    idle = "not begun" if one.last and standing.state not in SETTLED else "not done"
    return {
        "step": one.step,
        "text": standing.text,
        "role": str(standing.role),
        "digest": one.plan.digest,
        "proposer": read.name(one.proposer),
        "approver": read.name(one.approver),
        "at": one.at.isoformat(),
        "earlier": not one.last,
        "actions": [
            _action(each, deeds.get((each.ref, each.verb)), seen.get(each.ref), idle) for each in one.plan.actions
        ],
        "left": [_left(each) for each in one.plan.left],
        "seen": [{"kind": kind, "count": count} for kind, count in one.plan.seen],
    }


def _action(one: Action, deed: Deed | None, seen: Judgement | None, idle: str) -> Json:
    outcome = idle
    if deed is not None:
        outcome = str(deed.receipt.outcome) + (f" ({deed.receipt.code})" if deed.receipt.code else "")
    verdict = f"then {seen.verdict}: {seen.why or seen.how}" if seen and one.verb is not Verb.DISABLE else ""
    return {
        "name": one.name,
        "kind": str(one.kind),
        "system": str(one.system),
        "id": one.target,
        "verb": str(one.verb),
        "why": one.why,
        "key": str(one.key),
        "before": one.before,
        "outcome": outcome,
        "verdict": verdict,
    }


def _left(one: LeftAlone) -> Json:
    return {
        "name": one.item.name,
        "kind": str(one.item.kind),
        "system": str(one.item.system),
        "id": one.item.id,
        "why": one.why,
        "disposition": str(one.disposition) if one.disposition else "",
    }


# ---- the case, line by line --------------------------------------------------------------------------------------


def report_values(read: Read) -> Values:
    """The case as the practice lead defends it."""
    case, end = read.case, read.predicate
    rows = [_line(read, row, case.steps[StepId(row.step)]) for row in lines(case, read.names)]
    coverage = plain(end.coverage) if end else []
    return {
        **head(read, f"The leaving of {case.facts.customer.name}", summary(read), "report"),
        "runbook": case.runbook,
        "version": case.version,
        "numbers": _numbers(case),
        "exceptions": list(end.exceptions) if end else [],
        "lines": [values for one, values in zip(case.steps.values(), rows, strict=True) if one.line or not one.added],
        "added": [values for one, values in zip(case.steps.values(), rows, strict=True) if one.added and not one.line],
        "others": [plain(one) for one in case.others],
        "timeline": timeline(case, read.rows, read.names, _moments(read)),
        "decisions": [
            {"ref": one.ref, "whose": str(one.whose), "reason": one.reason, "by": read.name(PersonId(one.by))}
            for one in case.decisions.values()
        ],
        "proofs": [{**table(plain(one)), "by": read.name(one.by)} for one in case.proofs],
        "looks": [{**table(plain(look)), "purpose": purpose} for purpose, look in case.looks.items()],
        "parcel": plain(handed(case)),
        "coverage": coverage,
    }


def _moments(read: Read) -> Ahead:
    """What the dates that are known today hold back."""
    plans = {one.step: one.plan for one in read.rounds if one.last}
    return Ahead(now=read.now, moments=earliest(read.case, plans, read.now) if read.predicate is None else {})


def table(value: Json) -> Values:
    """A noun in plain form, as the table that it is."""
    return value if isinstance(value, dict) else {}


def _numbers(case: Case) -> list[Json]:
    grades = Counter(GRADES.get(one.state, "open") for one in case.steps.values())
    return [{"label": name, "value": grades[name]} for name in (*GRADES.values(), "open")]


def _line(read: Read, row: Line, standing: Standing) -> Values:
    """A line of the checklist; on an open one nobody has done anything yet."""
    by = row.by
    if row.grade == "open":
        by = ""
    elif row.grade == "not applicable" and not by:
        by = "the facts of the case"
    return {
        **table(plain(replace(row, by=by))),
        "removed": standing.removed,
        "by_hand": standing.by_hand,
    }
