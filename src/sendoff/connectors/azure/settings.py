"""Settings that onboarding changed and a leaving puts back: Defender plans, our tag, and who Defender warns.

Pages: learn.microsoft.com/rest/api/defenderforcloud/pricings, /rest/api/defenderforcloud/security-contacts and
/rest/api/resources/tags. Only what stands in the record of onboarding is looked at, and only while it still is as we
made it: what the customer changed since is theirs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sendoff.connectors.azure.client import RESOURCES, SYSTEM, Arm
from sendoff.connectors.azure.deletes import SOON, address
from sendoff.connectors.azure.ids import bare, inside, subscription_of
from sendoff.connectors.wire.body import Object, dig, pairs, text
from sendoff.connectors.wire.client import Answer
from sendoff.model.errors import Confusing, Refused
from sendoff.model.facts import Facts, Recorded
from sendoff.model.inventory import Kind, Sign, SignKind, System, Verb
from sendoff.model.plan import Action, Again, Outcome, Receipt

PRICINGS = "2024-01-01"
CONTACTS = "2023-12-01-preview"
"""There is no stable version of security contacts that knows `notificationsSources` [K]."""
CONTACT = "/providers/Microsoft.Security/securityContacts/default"
TAGS = "/providers/Microsoft.Resources/tags/default"
TIERS = ("Free", "Standard")
BETWEEN = ";"
"""What stands between two addresses of a security contact [K]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One setting that is as onboarding made it: what it hangs on, the vendor's row, and what people see of it."""

    id: str
    name: str
    row: Object
    detail: tuple[tuple[str, str], ...]
    signs: tuple[Sign, ...] = ()


def places(arm: Arm, kind: Kind, facts: Facts) -> tuple[str, ...]:
    """The ids to look at: those of the record; the one contact of a subscription is always looked at."""
    if kind is Kind.SECURITY_CONTACT:
        return (arm.root + CONTACT,)
    return tuple(one.id for one in _recorded(facts, kind) if subscription_of(one.id) == bare(arm.root))


def changed(arm: Arm, kind: Kind, ident: str, facts: Facts) -> Changed | None:
    """One setting; None when it is not there, or not as onboarding made it any more. A control read has worked then."""
    inside(ident, {bare(arm.root)})
    read, version = READS[kind]
    row = arm.read(f"{ident}{TAGS}" if kind is Kind.TAG else ident, version)
    if row is None:
        arm.subscription()
        return None
    return read(ident, row, facts)


def put_back(arm: Arm, action: Action, facts: Facts) -> Receipt | Again:
    """Set it as it was before us; FOUND when it is not as we made it any more."""
    one = changed(arm, action.kind, action.target, facts)
    if one is None:
        return Receipt(outcome=Outcome.FOUND, code="not as we made it")
    return WRITES[action.kind](arm, one, action, facts)


def _plan(ident: str, row: Object, facts: Facts) -> Changed | None:
    before, tier = before_of(facts, Kind.DEFENDER_PLAN, ident), text(row, "properties", "pricingTier")
    if not tier:
        raise Confusing("read a Defender plan: it says no tier", system=SYSTEM)
    if before not in TIERS or tier.lower() == before.lower():
        return None
    return Changed(id=ident, name=text(row, "name") or ident, row=row, detail=(("tier", tier), ("before", before)))


def _tag(ident: str, row: Object, facts: Facts) -> Changed | None:
    name, _, value = facts.provider.tag.partition("=")
    tags = pairs(row, "properties", "tags")
    ours = [(key, inner) for key, inner in tags if (key.lower(), inner) == (name.lower(), value)]
    if not ours or before_of(facts, Kind.TAG, ident, none="-") == "-":
        return None
    detail = (("tag", facts.provider.tag), ("on", ident.rsplit("/", 1)[-1]))
    kept: Object = {"id": ident, "tag": f"{ours[0][0]}={ours[0][1]}"}
    signs = (Sign(kind=SignKind.TAG, value=facts.provider.tag),)
    return Changed(id=ident, name=f"{ours[0][0]} on {ident.rsplit('/', 1)[-1]}", row=kept, detail=detail, signs=signs)


def _contact(ident: str, row: Object, facts: Facts) -> Changed | None:
    found = addresses(text(row, "properties", "emails"))
    ours = [one for one in found if is_ours(one, facts)]
    if not ours:
        return None
    rest = BETWEEN.join(one for one in found if one not in ours)
    before = before_of(facts, Kind.SECURITY_CONTACT, ident)
    detail = (("ours", str(len(ours))), ("rest", rest), ("before", before))
    signs = tuple(Sign(kind=SignKind.MAIL_DOMAIN, value=_domain(one)) for one in ours)
    return Changed(id=ident, name="security contact", row=row, detail=detail, signs=tuple(dict.fromkeys(signs)))


def _put_plan(arm: Arm, one: Changed, action: Action, facts: Facts) -> Receipt | Again:
    tier = _said(action, "tier")
    if tier != before_of(facts, Kind.DEFENDER_PLAN, action.target):
        raise Refused(f"put back {action.name}: the record does not say that {tier or 'nothing'} stood there before us")
    return meant(arm.put(one.id, PRICINGS, {"properties": {"pricingTier": tier}}, "put a Defender plan back"))


def _untag(arm: Arm, one: Changed, action: Action, facts: Facts) -> Receipt | Again:
    name, _, value = text(one.row, "tag").partition("=")
    body: Object = {"operation": "Delete", "properties": {"tags": {name: value}}}
    return meant(arm.patch(one.id + TAGS, RESOURCES, body, "remove our tag"))


def _put_contact(arm: Arm, one: Changed, action: Action, facts: Facts) -> Receipt | Again:
    wanted, detail = addresses(_said(action, "emails")), dict(one.detail)
    known = {one.lower() for one in addresses(detail["rest"]) + addresses(detail["before"])}
    if any(is_ours(address, facts) or address.lower() not in known for address in wanted):
        raise Refused(f"put back {action.name}: an address is ours, or stood there neither before us nor now")
    kept = dig(one.row, "properties")
    properties: Object = {**kept, "emails": BETWEEN.join(wanted)} if isinstance(kept, dict) else {}
    return meant(arm.put(one.id, CONTACTS, {"properties": properties}, "put the security contact back"))


def meant(answer: Answer) -> Receipt | Again:
    """What the vendor's answer to a write means."""
    if answer.status == 202:
        return Again(seconds=answer.seconds(SOON), operation=address(answer))
    if answer.status >= 400:
        return Receipt(outcome=Outcome.REFUSED, code=answer.code)
    return Receipt(outcome=Outcome.DONE, code=str(answer.status))


def before_of(facts: Facts, kind: Kind, ident: str, *, none: str = "") -> str:
    """What the record says stood there before onboarding; `none` when the thing is not in the record."""
    return next((one.before for one in _recorded(facts, kind) if one.id.lower() == ident.lower()), none)


def _recorded(facts: Facts, kind: Kind) -> Iterator[Recorded]:
    return (one for one in facts.record if one.system is System.AZURE and one.kind is kind)


def addresses(found: str) -> list[str]:
    """The addresses of a security contact, in their order."""
    return [one.strip() for one in found.replace(",", BETWEEN).split(BETWEEN) if one.strip()]


def is_ours(address: str, facts: Facts) -> bool:
    """True for an address in a domain of ours."""
    return _domain(address) in {one.lower() for one in facts.provider.domains}


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _said(action: Action, name: str) -> str:
    return next((value for key, value in action.content if key == name), "")


READS: dict[Kind, tuple[Callable[[str, Object, Facts], Changed | None], str]] = {
    Kind.DEFENDER_PLAN: (_plan, PRICINGS),
    Kind.TAG: (_tag, RESOURCES),
    Kind.SECURITY_CONTACT: (_contact, CONTACTS),
}
"""How each kind is read, and in which api-version."""
WRITES: dict[Kind, Callable[[Arm, Changed, Action, Facts], Receipt | Again]] = {
    Kind.DEFENDER_PLAN: _put_plan,
    Kind.TAG: _untag,
    Kind.SECURITY_CONTACT: _put_contact,
}
VERBS: dict[Kind, Verb] = {
    Kind.DEFENDER_PLAN: Verb.PUT_BACK,
    Kind.TAG: Verb.REMOVE,
    Kind.SECURITY_CONTACT: Verb.PUT_BACK,
}
"""What is done to each kind."""
