"""Setting again what `settings.py` put back, when a termination is withdrawn: as the before-image has it.

Pages: those of `settings.py`. Only where the setting is still as we left it: what somebody set meanwhile is theirs.
"""

import json
from collections.abc import Callable, Mapping

from sendoff.connectors.azure.client import RESOURCES, Arm
from sendoff.connectors.azure.settings import CONTACTS, PRICINGS, READS, TAGS, addresses, before_of, is_ours, meant
from sendoff.connectors.wire.body import Object, dig, pairs, text
from sendoff.model.errors import Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Kind, Verb
from sendoff.model.plan import AGAIN, Action, Again, Outcome, Receipt

CHANGED = Receipt(outcome=Outcome.CHANGED, code="not as we left it")


def possible(action: Action) -> bool:
    """True for a deed of this file: a withdrawal says that something is to be there again, and a leaving does not."""
    return action.verb is Verb.PUT_BACK and action.kind in READS and bool(action.said(AGAIN))


def made(arm: Arm, action: Action, facts: Facts, kept: bytes) -> Receipt | Again:
    """Set it as its before-image has it. Refused when the image is of another thing; CHANGED when the setting, or what
    it hangs on, is not as we left it."""
    image = json.loads(kept)
    if not isinstance(image, dict) or text(image, "id").lower() != action.target.lower():
        raise Refused(f"put back {action.name}: its before-image is of another thing; nothing was done")
    row = arm.read(f"{action.target}{TAGS}" if action.kind is Kind.TAG else action.target, READS[action.kind][1])
    return _WRITES[action.kind](arm, row, image, facts) if row is not None else CHANGED


def _plan(arm: Arm, row: Object, image: Object, facts: Facts) -> Receipt | Again:
    ident, tier = text(image, "id"), text(image, "properties", "pricingTier")
    left = before_of(facts, Kind.DEFENDER_PLAN, ident)
    if not tier or text(row, "properties", "pricingTier").lower() != left.lower():
        return CHANGED
    plan = text(image, "properties", "subPlan")
    properties: Object = {"pricingTier": tier, "subPlan": plan} if plan else {"pricingTier": tier}
    return meant(arm.put(ident, PRICINGS, {"properties": properties}, "raise a Defender plan again"))


def _tag(arm: Arm, row: Object, image: Object, facts: Facts) -> Receipt | Again:
    name, _, value = text(image, "tag").partition("=")
    if name.lower() in {key.lower() for key, _ in pairs(row, "properties", "tags")}:
        return CHANGED
    body: Object = {"operation": "Merge", "properties": {"tags": {name: value}}}
    return meant(arm.patch(text(image, "id") + TAGS, RESOURCES, body, "set our tag again"))


def _contact(arm: Arm, row: Object, image: Object, facts: Facts) -> Receipt | Again:
    wanted, now = (addresses(text(one, "properties", "emails")) for one in (image, row))
    if [one for one in wanted if not is_ours(one, facts)] != now:
        return CHANGED
    kept = dig(row, "properties")
    properties: Object = {**kept, "emails": text(image, "properties", "emails")} if isinstance(kept, dict) else {}
    return meant(arm.put(text(image, "id"), CONTACTS, {"properties": properties}, "let Defender warn us again"))


_WRITES: Mapping[Kind, Callable[[Arm, Object, Object, Facts], Receipt | Again]] = {
    Kind.DEFENDER_PLAN: _plan,
    Kind.TAG: _tag,
    Kind.SECURITY_CONTACT: _contact,
}
