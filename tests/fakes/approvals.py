"""An oracle of approvals that reads the chain alone: what was done without a second person's yes to exactly that."""

from collections.abc import Iterable
from dataclasses import dataclass

from sendoff.model.digest import Digest
from sendoff.model.event import Approved, Body, FactsChanged, Planned, StepMoved, Tried
from sendoff.model.people import ROBOT, PersonId
from sendoff.model.state import Move, StepId

VOIDING = frozenset({Move.REFUSE, Move.EXPIRE, Move.STOP, Move.RESUME})


@dataclass
class _Paper:
    """The plan that lies there, who proposed it, and who said yes."""

    plan: Digest
    proposer: PersonId
    yes: PersonId | None = None


def unapproved(chain: Iterable[tuple[PersonId, Body]]) -> list[str]:
    """Every yes of the wrong person or to another plan, and every deed without a yes that still held."""
    papers: dict[StepId, _Paper] = {}
    found = []
    for actor, body in chain:
        match body:
            case Planned():
                papers[body.step] = _Paper(body.plan, actor)
            case FactsChanged() if body.frozen_changed:
                papers.clear()
            case StepMoved() if body.move in VOIDING:
                papers.pop(body.step, None)
            case Approved():
                found += _wrong_yes(body, actor, papers.get(body.step))
                if body.step in papers:
                    papers[body.step].yes = actor
            case Tried():
                paper = papers.get(body.step)
                if paper is None or paper.yes is None:
                    found.append(f"{body.step} was begun without a yes")
            case _:
                continue
    return found


def _wrong_yes(body: Approved, actor: PersonId, paper: _Paper | None) -> list[str]:
    if paper is None:
        return [f"{body.step}: a yes to no plan"]
    if paper.plan != body.plan:
        return [f"{body.step}: a yes to another plan"]
    if actor in (paper.proposer, ROBOT):
        return [f"{body.step}: {actor} said yes to their own plan"]
    return [f"{body.step}: a second yes to the same plan"] if paper.yes else []
