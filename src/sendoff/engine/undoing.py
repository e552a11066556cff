"""What this program has done in a case, from its own journal: the ground of a withdrawal."""

import json
from collections.abc import Iterator

from sendoff.engine.planning import understood
from sendoff.model.case import Case
from sendoff.model.digest import Digest
from sendoff.model.event import Acted, Planned
from sendoff.model.inventory import Verb
from sendoff.model.plan import Action, Deed, Outcome
from sendoff.model.shape import shaped
from sendoff.model.state import StepId
from sendoff.ports import Ports
from sendoff.rules.folding import body_of
from sendoff.rules.withdrawing import same_again


def done(ports: Ports, case: Case) -> tuple[Action, ...]:
    """Every action of an approved plan that was done by a key of ours, oldest first. What was found done may be
    somebody else's deed, and is not ours to take back."""
    return tuple(_done(ports, case))


def _done(ports: Ports, case: Case) -> Iterator[Action]:
    plans: dict[StepId, Digest] = {}
    for entry in ports.journal.entries(case.id):
        body = body_of(entry)
        if isinstance(body, Planned):
            plans[body.step] = body.blob
        elif isinstance(body, Acted) and body.step in plans:
            plan = understood(ports, case, plans[body.step], body.step)
            known = {(act.ref, act.verb): act for act in plan.actions}
            yield from (known[place] for place in _good(ports, case, body) if place in known)


def _good(ports: Ports, case: Case, body: Acted) -> Iterator[tuple[str, Verb]]:
    for row in json.loads(ports.store.get(case.id, body.deeds)):
        deed = shaped(Deed, row, where=f"deeds of {body.step}")
        if deed.receipt.outcome in (Outcome.DONE, Outcome.PARTLY):
            yield deed.ref, deed.verb


def as_before(ports: Ports, case: Case, before: Digest, now: Digest) -> bool:
    """Whether two images tell of the same thing, but for what the vendor sets when it is made."""
    return before == now or same_again(ports.store.get(case.id, before), ports.store.get(case.id, now))
