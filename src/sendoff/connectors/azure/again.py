"""Making a thing again under its own id from its before-image, when a termination is withdrawn.

Pages: learn.microsoft.com/rest/api/policy for create-or-update of definitions, set definitions, assignments and
exemptions, /rest/api/consumption/budgets/create-or-update, /rest/api/monitor/diagnostic-settings/create-or-update,
/rest/api/resources/management-locks/create-or-update-by-scope (a delegation may not: our app does).
"""

import json
from collections.abc import Mapping

from sendoff.connectors.azure.client import Arm
from sendoff.connectors.wire.body import Object, count_removed, text
from sendoff.model.errors import Refused
from sendoff.model.inventory import Kind, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Outcome, Receipt
from sendoff.ports import Ability, Repeat

MADE_AGAIN = (
    Kind.POLICY_DEFINITION,
    Kind.POLICY_SET,
    Kind.POLICY_ASSIGNMENT,
    Kind.POLICY_EXEMPTION,
    Kind.DIAGNOSTIC_SETTING,
    Kind.BUDGET,
    Kind.LOCK,
)
READ_ONLY = frozenset({"id", "name", "type", "systemdata"})
"""Members of an object that a PUT does not take."""
OF_IDENTITY = frozenset({"principalid", "tenantid", "clientid"})
SPENT = frozenset({"currentspend", "forecastspend"})
"""What the vendor says of a budget."""


def abilities(usual: Key) -> Mapping[tuple[Kind, Verb], Ability]:
    """Each kind by the usual key, and a lock by our app: a delegation may not make one."""
    keys = {kind: Key.APP if kind is Kind.LOCK else usual for kind in MADE_AGAIN}
    return {
        (kind, Verb.PUT_BACK): Ability(key=key, repeat=Repeat.NATURAL, reversible=True) for kind, key in keys.items()
    }


def made(arm: Arm, action: Action, kept: bytes, version: str) -> Receipt:
    """PUT the object as its before-image has it. Refused when the image is of another thing, or when a secret was left
    out of it: what stands in its place is never written into a customer's environment."""
    row = json.loads(kept)
    if not isinstance(row, dict) or text(row, "id").lower() != action.target.lower():
        raise Refused(f"put back {action.name}: its before-image is of another thing; nothing was done")
    if count_removed(row):
        raise Refused(f"put back {action.name}: a secret is left out of its before-image; make it again by hand")
    answer = arm.put(action.target, version, _body(row), "make a thing again")
    if answer.status >= 400:
        return Receipt(outcome=Outcome.REFUSED, code=answer.code)
    return Receipt(outcome=Outcome.DONE, code=str(answer.status))


def _body(row: Object) -> Object:
    body: Object = {key: value for key, value in row.items() if key.lower() not in READ_ONLY}
    for name, dropped in (("identity", OF_IDENTITY), ("properties", SPENT)):
        inner = body.get(name)
        if isinstance(inner, dict):
            body[name] = {key: value for key, value in inner.items() if key.lower() not in dropped}
    return body


def possible(action: Action) -> bool:
    """True for a deed of this file."""
    return action.verb is Verb.PUT_BACK and action.kind in MADE_AGAIN
