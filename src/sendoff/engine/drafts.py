"""DRAFTS: what the plan that lies ready would send, read from the evidence, so that somebody can read it first."""

from sendoff.model.case import Case
from sendoff.model.digest import Digest
from sendoff.model.draft import Draft
from sendoff.model.plan import Action, Plan
from sendoff.ports import Ports

BODIES = ("letter", "request")
"""Where an action names the text that goes out with it."""


def drafts(ports: Ports, case: Case, plan: Plan) -> tuple[Draft, ...]:
    """Every text of a plan, in the order in which they go."""
    found = [(action, _said(action, *BODIES)) for action in plan.actions]
    return tuple(_draft(ports, case, action, Digest(body[0])) for action, body in found if body)


def _draft(ports: Ports, case: Case, action: Action, body: Digest) -> Draft:
    return Draft(
        target=action.target,
        subject=next(iter(_said(action, "subject", "brief")), action.name),
        to=_said(action, "to"),
        body=ports.store.get(case.id, body).decode(),
        digest=body,
        starts=next(iter(_said(action, "starts")), ""),
        attached=tuple(one.partition(" ")[2] for one in _said(action, "attach")),
    )


def _said(action: Action, *names: str) -> tuple[str, ...]:
    return tuple(value for key, value in action.content if key in names)
