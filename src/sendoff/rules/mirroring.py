"""Case -> the issue that mirrors it. Roles, times and digests; never an object, a tenant or a person."""

import re
from collections.abc import Callable, Mapping, Sequence

from sendoff.model.case import Case, Standing
from sendoff.model.errors import Refused
from sendoff.model.facts import Facts
from sendoff.model.issue import IssueLine, IssueStyle
from sendoff.model.runbook import OpenedStep
from sendoff.model.state import State
from sendoff.model.template import Box

TICKED = frozenset({State.DONE, State.ATTESTED})
SAID = TICKED | {State.NOT_APPLICABLE, State.WAIVED, State.PASSED_ON, State.LEFT}
_TASK = re.compile(r"^(?P<head>\s*[-*+]\s+\[)[ xX](?P<tail>\]\s+)(?P<text>.*?)\s*$")
_FRONT = re.compile(r"\A---\r?\n.*?\r?\n---\r?\n", re.S)
_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|AGE-SECRET-KEY-1|gh[pousr]_\w{20}|github_pat_\w{20}|AKIA[0-9A-Z]{16}"
    r"|(?i:password|wachtwoord|secret|token)\s*[:=]\s*\S{6,}"
)


def marker(case: Case) -> str:
    """What the issue of this case is known by."""
    return f"{case.facts.customer.mark}.{case.id}"


def title(case: Case, style: IssueStyle) -> str:
    """The checklist's own title, with the number of the case in place of the customer where that is set."""
    return case.title if style.name_customer else case.title.replace(case.facts.customer.name, case.id)


def body(case: Case, text: bytes, style: IssueStyle, boxes: Sequence[Box] = ()) -> str:
    """The checklist as it was given: the lines of this case marked, its questions answered from the facts, the others
    struck through with their reasons."""
    rows = _FRONT.sub("", text.decode("utf-8")).replace("\r\n", "\n").split("\n")
    skipped = len(text.decode("utf-8").replace("\r\n", "\n").split("\n")) - len(rows)
    mine = {one.line: one for one in case.steps.values() if one.line}
    others = {one.line: one for one in case.others if one.line}
    asks = {box.line: _ANSWERS[box.fact](case.facts) for box in boxes if box.fact in _ANSWERS}
    made = [
        _answered(row, asks[number]) if asks.get(number) else _row(row, mine.get(number), others.get(number))
        for number, row in enumerate(rows, start=skipped + 1)
    ]
    name = case.facts.customer.name if style.name_customer else case.id
    whole = "\n".join(made).replace("%customer%", name).replace("%provider%", case.facts.provider.name)
    return f"{whole.strip()}\n\n<!-- sendoff case:{marker(case)} -->\n"


def _supplier(facts: Facts) -> str:
    return facts.supplier.name if facts.supplier else "nobody"


_ANSWERS: Mapping[str, Callable[[Facts], str]] = {
    "contract-end": lambda facts: facts.contract_end.isoformat(),
    "ending-tier": lambda facts: str(facts.ending),
    "new-supplier": _supplier,
}
"""What stage 0 asks, and the fact that answers it."""
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”')


def _answered(row: str, answer: str) -> str:
    """The line ticked, with the answer where it leaves room for one."""
    found = _TASK.match(row)
    if found is None:
        return row
    text = _QUOTED.sub(lambda blank: f'"{answer}"', found["text"], count=1)
    return f"{found['head']}x{found['tail']}{text if text != found['text'] else found['text'] + ' ' + answer}"


def _row(row: str, mine: Standing | None, other: OpenedStep | None) -> str:
    found = _TASK.match(row)
    if found is None or (mine is None and other is None):
        return row
    if mine is not None and mine.state is not State.NOT_APPLICABLE:
        return f"{found['head']} {found['tail']}{found['text']} <!-- sendoff step:{mine.step} -->"
    reason = mine.reason if mine is not None else other.reason if other is not None else ""
    mark = f" <!-- sendoff step:{mine.step} -->" if mine is not None else ""
    return f"{found['head']} {found['tail']}~~{found['text']}~~ (not applicable: {reason}){mark}"


def lines(case: Case) -> tuple[IssueLine, ...]:
    """Every line of the checklist as it should stand on the issue; what a look adds is not on it."""
    return tuple(
        IssueLine(step=one.step, ticked=one.state in TICKED, comment=_comment(one))
        for one in case.steps.values()
        if one.line
    )


def _comment(one: Standing) -> str:
    """Role, state, time and digest; no name of anybody or anything."""
    if one.state not in SAID or (one.state is State.NOT_APPLICABLE and one.by is None):
        return ""
    evidence = one.judgements if one.state is State.DONE else next(iter(reversed(one.evidence)), None)
    when = f", {one.settled_at:%Y-%m-%d %H:%M} UTC" if one.settled_at else ""
    proof = f", evidence {evidence}" if evidence else ""
    return f"{one.role}: {_WORDS[one.state]}{when}{proof}"


_WORDS: Mapping[State, str] = {
    State.DONE: "verified by a second look",
    State.ATTESTED: "said by a person, with evidence",
    State.NOT_APPLICABLE: "not applicable, decided and recorded",
    State.WAIVED: "waived by two persons until a date",
    State.PASSED_ON: "goes on in a tail case, by two persons",
    State.LEFT: "something is left; it is open again",
}


def safe(texts: Sequence[str], facts: Facts, style: IssueStyle) -> None:
    """Refused when a text holds what must not leave the house (H40): ids, addresses, persons, or what looks like a
    secret; the customer's name too, where the issue goes by the number of the case."""
    never = {
        "the customer's tenant": {facts.customer.tenant},
        "our tenant": {facts.provider.tenant},
        "a subscription or object": {row.id for row in facts.scope},
        "a mail domain of the customer": set(facts.customer.domains),
        "a person": {contact.name for contact in facts.customer.contacts},
        "the customer": set() if style.name_customer else {facts.customer.name},
    }
    for text in texts:
        for what, values in never.items():
            if any(value and value.lower() in text.lower() for value in values):
                raise Refused(f"the issue would name {what}; take it out of the checklist's text")
        if _SECRET.search(text):
            raise Refused("the issue's text holds what looks like a secret; take it out of the checklist's text")
