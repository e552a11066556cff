"""The issue of a case on GitHub: made when the case opens, and brought up to date line by line. A view, never a truth:
when GitHub cannot be reached the case goes on, and the next time the issue is brought up to date again."""

from collections.abc import Sequence

from sendoff.engine.checklist import read_checklist
from sendoff.engine.deeds import one_deed
from sendoff.engine.tray import Tray
from sendoff.model.case import Case
from sendoff.model.digest import Digest, digest
from sendoff.model.errors import ConnectorError, Refused
from sendoff.model.event import Mirrored
from sendoff.model.facts import Facts
from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.issue import IssueLine, IssueStyle
from sendoff.model.key import Key
from sendoff.model.plan import Action, Outcome, Receipt, once
from sendoff.model.state import StepId
from sendoff.model.template import Template
from sendoff.ports import Connector, Ports
from sendoff.rules.mirroring import body, lines, marker, safe, title

ISSUE = StepId("issue")
"""Under this name the making of the issue itself is remembered."""
GOOD = (Outcome.DONE, Outcome.FOUND)


def may_be_mirrored(ports: Ports, facts: Facts, template: Template) -> None:
    """Refused, before a case opens, when its issue could be read by anybody or would say too much (H40)."""
    hand, style = ports.world.connector(facts, System.GITHUB), ports.world.issues
    if hand is not None and style is not None:
        hand.probe(Key.GITHUB)
        safe((template.text.decode("utf-8"), template.front.title), facts, style)


def mirrored(ports: Ports, case: Case) -> tuple[Mirrored, ...]:
    """Bring the issue up to date: what was changed there, as events. Raises ConnectorError when GitHub is away."""
    hand, style = ports.world.connector(case.facts, System.GITHUB), ports.world.issues
    if hand is None or style is None:
        return ()
    todo = [line for line in lines(case) if _stands(line) != case.mirrored.get(line.step, _EMPTY)]
    if not todo and ISSUE in case.mirrored:
        return ()
    tray = Tray(ports.store, case.id)
    done: list[tuple[StepId, Digest]] = []
    if ISSUE not in case.mirrored:
        if not _good(_do(hand, _issue(ports, case, style), case, tray)):
            return ()
        done.append((ISSUE, digest(marker(case))))
    return _told(hand, case, style, todo, tray, ports, done)


def _told(
    hand: Connector,
    case: Case,
    style: IssueStyle,
    todo: Sequence[IssueLine],
    tray: Tray,
    ports: Ports,
    done: list[tuple[StepId, Digest]],
) -> tuple[Mirrored, ...]:
    """One line after the other; what worked is remembered although a later one did not."""
    wrong = ""
    try:
        for line in todo:
            receipt = _do(hand, _line(ports, case, style, line), case, tray)
            if _good(receipt):
                done.append((line.step, _stands(line)))
            else:
                wrong = wrong or f"{line.step}: {receipt.outcome} {receipt.code}" if receipt else str(line.step)
    except ConnectorError:
        if not done:
            raise
    if wrong and not done:
        raise Refused(f"GitHub did not take it ({wrong}); is the mark of the case still in the issue?")
    return (Mirrored(lines=tuple(done)),) if done else ()


def _do(hand: Connector, action: Action, case: Case, tray: Tray) -> Receipt | None:
    answer = one_deed(hand, action, once(case.id, action), tray, True)
    return answer if isinstance(answer, Receipt) else None


def _good(receipt: Receipt | None) -> bool:
    return receipt is not None and receipt.outcome in GOOD


def _stands(line: IssueLine) -> Digest:
    return digest([line.ticked, line.comment])


_EMPTY = digest([False, ""])
"""How every line stands on a new issue."""


def _issue(ports: Ports, case: Case, style: IssueStyle) -> Action:
    given = ports.store.get(case.id, case.template)
    text = body(case, given, style, read_checklist(given, case.runbook).boxes)
    name = title(case, style)
    safe((name, text), case.facts, style)
    kept = ports.store.put(case.id, text.encode())
    labels = tuple(("label", label) for label in style.labels)
    content = (("title", name), ("body", str(kept)), *labels)
    return _action(Verb.CREATE, Kind.ISSUE, marker(case), name, style, content)


def _line(ports: Ports, case: Case, style: IssueStyle, line: IssueLine) -> Action:
    safe((line.comment,), case.facts, style)
    content: tuple[tuple[str, str], ...] = (("box", "x" if line.ticked else " "),)
    if line.comment:
        content += (("comment", str(ports.store.put(case.id, line.comment.encode()))),)
    return _action(Verb.SEND, Kind.ISSUE_LINE, f"{marker(case)}/{line.step}", str(line.step), style, content)


def _action(
    verb: Verb, kind: Kind, target: str, name: str, style: IssueStyle, content: tuple[tuple[str, str], ...]
) -> Action:
    return Action(
        step=ISSUE,
        system=System.GITHUB,
        verb=verb,
        kind=kind,
        target=target,
        name=name,
        scope=style.repository,
        key=Key.GITHUB,
        why="the issue mirrors the case",
        content=content,
    )
