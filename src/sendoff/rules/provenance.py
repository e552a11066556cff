"""Whose is it: ours, the customer's, shared or unknown, with the signs that say so. The last two are never removed.

A name never decides, and a tag alone does not either: people copy both. What decides is what onboarding recorded, the
tenant or mail domain a thing belongs to, or a tag together with a place that is ours or a creator who is.
"""

from collections.abc import Mapping, Sequence

from sendoff.model.facts import Facts
from sendoff.model.inventory import Decision, Item, Kind, Provenance, Sign, SignKind, System, Whose
from sendoff.model.situation import Owned
from sendoff.rules.hosts import resolved

Record = Mapping[str, frozenset[Kind]]
_LIKE: Mapping[Kind, frozenset[Kind]] = {
    Kind.USER: frozenset({Kind.USER, Kind.GUEST}),
    Kind.GUEST: frozenset({Kind.USER, Kind.GUEST}),
    Kind.APP_REGISTRATION: frozenset({Kind.APP_REGISTRATION, Kind.SERVICE_PRINCIPAL}),
    Kind.DELETED_RESOURCE: frozenset({Kind.DELETED_RESOURCE, Kind.RESOURCE}),
}
"""Kinds that a record does not tell apart; any other row counts for exactly its own kind: a tag that we put on a thing
does not make the thing ours."""
_PLACES = frozenset({Kind.GROUP, Kind.SECRET_LIST, Kind.PRTG_GROUP, Kind.PRTG_PROBE})
"""Kinds that hold other things."""
_OUR_TOOLS: Mapping[Kind, str] = {
    Kind.PRTG_GROUP: "it lives in our own monitoring",
    Kind.PRTG_DEVICE: "it lives in our own monitoring",
    Kind.PRTG_SENSOR: "it lives in our own monitoring",
    Kind.PRTG_PROBE: "it lives in our own monitoring",
    Kind.PRTG_OBJECT: "it lives in our own monitoring",
    Kind.PROBE_SERVICE: "it is the probe of our own monitoring",
    Kind.RELATIONSHIP: "it makes us the customer's reseller",
    Kind.GDAP: "it gives rights to our own tenant",
    Kind.COMMITMENT: "it was bought through us",
    Kind.TAG: "onboarding recorded that it put our tag there",
    Kind.SECURITY_CONTACT: "it names an address of ours",
    Kind.BRANCH: "it lives in our own service desk",
    Kind.CONTACT_PERSON: "it lives in our own service desk",
    Kind.ASSET: "it is in our own register",
    Kind.CONTRACT: "it is our contract with the customer",
    Kind.PORTAL_USER: "it lives in our own portal",
    Kind.ARTICLE: "it is what we bill",
}
"""Kinds that are ours by what they are; the connector shows only those of this customer."""
_MONITORED = frozenset({Kind.PRTG_GROUP, Kind.PRTG_DEVICE, Kind.PRTG_SENSOR, Kind.PRTG_PROBE, Kind.PRTG_OBJECT})
_HELD_TOGETHER = frozenset({Kind.DIRECTORY_GROUP, Kind.DIRECTORY_ROLE, Kind.ASSET})
"""Kinds that say themselves, in the detail `stays`, when the customer, or another one, has a part in them."""
_DOUBT = "doubt"
"""The detail in which a connector says why the vendor does not confirm that a thing is this customer's."""
_BY_ROW = frozenset({Kind.ARTICLE, Kind.CONTRACT, Kind.PROBE_SERVICE, *_MONITORED})
"""Kinds that belong to rows of the scope in a way no system records: while a row stays, a person says which end."""
_KNOWN = "in the directory"
"""What the detail `principal` of a role assignment says when the customer's directory knows whom it is for. Any other
principal may be of ours and gone, or of another company: that is nobody's to guess (F10)."""
_IDENTITY_OF = "identity-of"
"""The detail of a role assignment that names the resource whose managed identity it is for."""
_WORKS_OFF = "policyAssignmentId"
"""The detail of a remediation that names its assignment."""
_FOLLOW = frozenset({Kind.ROLE_ASSIGNMENT, Kind.POLICY_REMEDIATION})
_HAVE_IDENTITIES = frozenset({Kind.RESOURCE, Kind.POLICY_ASSIGNMENT})
_POLICIES = frozenset({Kind.POLICY_ASSIGNMENT, Kind.POLICY_EXEMPTION, Kind.POLICY_SET, Kind.POLICY_DEFINITION})
_UNCONFIRMED = "no record, tenant or address confirms it"
_ALONE: Mapping[Kind, frozenset[Kind]] = {kind: frozenset({kind}) for kind in Kind}
"""A row of the record names one kind, and most ids have one row."""


def owned(items: Sequence[Item], facts: Facts, decisions: Mapping[str, Decision]) -> tuple[Owned, ...]:
    """Every item with whose it is, over the whole inventory, since sharing shows only there."""
    record = recorded(facts)
    # A person's word comes first: what it calls ours may still be shared, and then nobody's word removes it.
    # Many things are ours for the very same reasons: each answer is held once.
    held: dict[Provenance, Provenance] = {}
    alone = []
    for item in resolved(items):
        said = _decided(item, whose(item, facts, record), decisions)
        alone.append((item, held.setdefault(said, said)))
    joined = _joined(alone, decisions)
    used = _used_by_others(joined)
    return tuple(Owned(item=item, provenance=_shared(item, said, used)) for item, said in joined)


def recorded(facts: Facts) -> Record:
    """The onboarding record by id in lower case: which kinds of thing it says we made or changed there."""
    found: dict[str, frozenset[Kind]] = {}
    for row in facts.record:
        before = found.setdefault(row.id.lower(), _ALONE[row.kind])
        if row.kind not in before:
            found[row.id.lower()] = before | {row.kind}
    return found


def _joined(
    alone: Sequence[tuple[Item, Provenance]], decisions: Mapping[str, Decision]
) -> Sequence[tuple[Item, Provenance]]:
    """Rights of a managed identity follow the thing whose identity it is, unless they are known by themselves; and so
    does a remediation the assignment that it works off."""
    if not any(item.kind in _FOLLOW for item, _ in alone):
        return alone
    things = {item.id.lower(): (item, said) for item, said in alone if item.kind in _HAVE_IDENTITIES}
    holders = {item.fact("identity").lower(): (item, said) for item, said in things.values() if item.fact("identity")}
    found = []
    for item, said in alone:
        if item.kind in _FOLLOW and said.whose is not Whose.OURS:
            said = _decided(item, _following(item, said, things, holders), decisions)
        found.append((item, said))
    return found


_Known = Mapping[str, tuple[Item, Provenance]]


def _following(item: Item, said: Provenance, things: _Known, holders: _Known) -> Provenance:
    """Whose a right or a remediation is by what it is for; as it was when that tells nothing."""
    of = item.fact(_IDENTITY_OF).lower()
    if of:
        return _by_identity(item, things.get(of))
    rights = item.kind is Kind.ROLE_ASSIGNMENT
    known = holders.get(item.fact("principalId").lower()) if rights else things.get(item.fact(_WORKS_OFF).lower())
    if known is None or known[1].whose is not Whose.OURS:
        return said
    why = f"it gives rights to the identity of {known[0].name}" if rights else f"it works off {known[0].name}"
    return Provenance(whose=Whose.OURS, reasons=(f"{why}, which is ours",))


def _by_identity(item: Item, thing: tuple[Item, Provenance] | None) -> Provenance:
    """What the look says of the thing itself. Of one that was not seen, or that has another identity by now, nobody
    knows whose the right is."""
    start = f"it gives rights to the managed identity of {item.fact(_IDENTITY_OF)}"
    if thing is None:
        return Provenance(whose=Whose.UNKNOWN, reasons=(f"{start}, which no look shows",))
    there, said = thing
    if there.fact("identity") and there.fact("identity").lower() != item.fact("principalId").lower():
        return Provenance(whose=Whose.UNKNOWN, reasons=(f"{start}, which has another identity by now",))
    return Provenance(whose=said.whose, reasons=(f"{start}, which is {said.whose}", *said.reasons))


def _used_by_others(alone: Sequence[tuple[Item, Provenance]]) -> Mapping[str, str]:
    """Ids, in lower case, that something not ours needs, with the name of one such thing."""
    return {used: item.name for item, said in alone if said.whose is not Whose.OURS for used in item.uses}


def _decided(item: Item, said: Provenance, decisions: Mapping[str, Decision]) -> Provenance:
    decision = decisions.get(item.ref)
    if said.whose is Whose.UNKNOWN and decision is not None:
        reason = f"decided by {decision.by}: {decision.reason}"
        return Provenance(whose=decision.whose, reasons=(reason, *said.reasons))
    return said


def _shared(item: Item, said: Provenance, used: Mapping[str, str]) -> Provenance:
    if said.whose is Whose.OURS and item.kind in _HELD_TOGETHER and item.fact("stays"):
        return Provenance(whose=Whose.SHARED, reasons=(item.fact("stays"), *said.reasons))
    if said.whose is Whose.OURS and item.id.lower() in used:
        reason = f"used by {used[item.id.lower()]}, which is not ours"
        return Provenance(whose=Whose.SHARED, reasons=(reason, *said.reasons))
    return said


def whose(item: Item, facts: Facts, record: Record) -> Provenance:
    """Whose one item is by its own signs."""
    if item.kind is Kind.HOUSE_THING:
        return Provenance(whose=Whose.SHARED, reasons=(f"it lies with us, and {item.fact('because')}",))
    if item.kind is Kind.POLICY_DEPLOYMENT:
        made = f"; it made {item.fact('made')}" if item.fact("made") else ""
        return Provenance(whose=Whose.SHARED, reasons=(f"a policy deployed it, and what it made stays{made}",))
    ours = _ours(item, facts, record)
    weak = _weak(item, facts)
    if item.kind in _MONITORED and item.fact("stays"):
        return Provenance(whose=Whose.SHARED, reasons=(item.fact("stays"),))
    if item.kind in _BY_ROW and not facts.all_leave:
        return Provenance(whose=Whose.UNKNOWN, reasons=("a subscription stays with us: does this go on for it?",))
    if item.kind is Kind.SECRET and item.fact("shared") and not ours:
        return Provenance(whose=Whose.SHARED, reasons=(f"{item.fact('shared')}: rotate it",))
    if item.kind is Kind.SECRET_ACCESS and not ours:
        return Provenance(whose=Whose.UNKNOWN, reasons=("nobody in the settings is called so: whose is it?",))
    if item.fact(_DOUBT):
        return Provenance(whose=Whose.UNKNOWN, reasons=(item.fact(_DOUBT),))
    if ours:
        return Provenance(whose=Whose.OURS, reasons=tuple(ours + weak))
    creators = _creators(item, facts, record)
    if creators and _tagged(item, facts):
        return Provenance(whose=Whose.OURS, reasons=(*creators, *weak))
    made_by_others = not creators and any(sign.kind is SignKind.CREATOR for sign in item.signs)
    if _place_is_ours(item, facts, record) and not made_by_others:
        return Provenance(whose=Whose.OURS, reasons=(*weak, "it lies in a place that onboarding recorded as ours"))
    if weak or creators:
        return Provenance(whose=Whose.UNKNOWN, reasons=(*weak, *(creators or _others(item)), _UNCONFIRMED))
    if item.kind is Kind.ROLE_ASSIGNMENT and item.fact("principal") != _KNOWN:
        why = item.fact("principal") or "the directory was not asked who its principal is"
        return Provenance(whose=Whose.UNKNOWN, reasons=(why,))
    return Provenance(whose=Whose.CUSTOMERS, reasons=("nothing says that it is ours",))


def _ours(item: Item, facts: Facts, record: Record) -> list[str]:
    provider, domains = facts.provider, {one.lower() for one in facts.provider.domains}
    found = []
    if record.get(item.id.lower(), frozenset()) & _LIKE.get(item.kind, {item.kind}):
        found.append("onboarding recorded it")
    if item.kind in _OUR_TOOLS:
        found.append(_OUR_TOOLS[item.kind])
    for sign in item.signs:
        value = sign.value.lower()
        given = item.kind is Kind.ROLE_ASSIGNMENT
        if sign.kind is SignKind.OWNER_TENANT and value == provider.tenant.lower():
            found.append("it gives rights to an app of our tenant" if given else "it belongs to our tenant")
        if sign.kind is SignKind.MAIL_DOMAIN and value in domains:
            found.append(f"it gives rights to an account at {value}" if given else f"its address is at {value}")
        if _gives_rights(item, sign) and _principal(value[10:], facts, record):
            found.append("it gives rights to a principal of ours")
        if sign.kind is SignKind.SETTING and sign.value in provider.marks.all:
            found.append(f"it holds {sign.value}, which is ours")
        if sign.kind is SignKind.METADATA and item.system is System.PASSWORDSTATE and _says_ours(value, provider.name):
            found.append("the record says that it is ours")
    if item.kind is Kind.SECRET_ACCESS and item.fact("staff"):
        found.append(f"{item.fact('staff')} in the settings names who it is for")
    if item.kind is Kind.DIAGNOSTIC_SETTING and any(Kind.RESOURCE in record.get(used, ()) for used in item.uses):
        found.append("it sends to a workspace that is ours")
    if item.kind is Kind.DELETED_RESOURCE and any(Kind.RESOURCE in record.get(used, ()) for used in item.uses):
        found.append("it lies in a vault that is ours")
    return found


def _gives_rights(item: Item, sign: Sign) -> bool:
    """True for whom a right is for, as its connector says. The metadata of a policy is anybody's free text."""
    named = sign.kind is SignKind.METADATA and sign.value.lower().startswith("principal=")
    return named and item.kind not in _POLICIES


def _principal(ident: str, facts: Facts, record: Record) -> bool:
    """True for an object id, in lower case, of ours: one that we know, or that onboarding recorded."""
    known = (one.lower() for one in (*facts.provider.principals, facts.provider.executor) if one)
    return ident in record or ident in known


def _says_ours(value: str, name: str) -> bool:
    return value.split("=", 1)[-1].removeprefix("owner=") == name.lower()


def _creators(item: Item, facts: Facts, record: Record) -> list[str]:
    """Who made it by the vendor's own log, when that is ours. Alone it decides nothing: we make things for the customer
    every day."""
    domains = {one.lower() for one in facts.provider.domains}
    return [
        f"{sign.value} made it, who is ours"
        for sign in item.signs
        if sign.kind is SignKind.CREATOR
        and (sign.value.rpartition("@")[2].lower() in domains or _principal(sign.value.lower(), facts, record))
    ]


def _others(item: Item) -> list[str]:
    """What the vendor's own log says of a creator who is not ours, or why it says nothing."""
    found = [f"somebody else made it: {one.value}" for one in item.signs if one.kind is SignKind.CREATOR]
    return [*found, *([item.fact("creator")] if item.fact("creator") else [])]


def _weak(item: Item, facts: Facts) -> list[str]:
    name = facts.provider.name.lower()
    found = []
    if _tagged(item, facts):
        found.append(f"it carries {facts.provider.tag}")
    if any(sign.kind is SignKind.NAME and name in sign.value.lower() for sign in item.signs):
        found.append("its name is in our style")
    domains = {one.lower() for one in facts.provider.domains}
    for sign in item.signs:
        if sign.kind is SignKind.MAIL_GOES and sign.value.lower() in domains:
            found.append(f"its mail goes to {sign.value}, and its sign-in name is not there")
    return [*found, *_metadata(item, facts)]


def _metadata(item: Item, facts: Facts) -> list[str]:
    """What the metadata of a policy says of who made or assigned it: free text, which people copy with the policy."""
    if item.kind not in _POLICIES:
        return []
    found = []
    for sign in item.signs:
        key, _, value = sign.value.lower().partition("=")
        principals = {one.lower() for one in (*facts.provider.principals, facts.provider.executor) if one}
        ours = facts.provider.name.lower() in value if key in ("assignedby", "source") else value in principals
        if sign.kind is SignKind.METADATA and key in ("assignedby", "source", "createdby") and ours:
            found.append(f"its metadata says {sign.value}")
    return found


def _tagged(item: Item, facts: Facts) -> bool:
    tag = facts.provider.tag.lower()
    return any(sign.kind in (SignKind.TAG, SignKind.METADATA) and sign.value.lower() == tag for sign in item.signs)


def _place_is_ours(item: Item, facts: Facts, record: Record) -> bool:
    """Our own tag, in a place that onboarding recorded; whatever other tag it carries says nothing about us."""
    return _tagged(item, facts) and any(
        sign.kind is SignKind.PLACE and record.get(sign.value.lower(), frozenset()) & _PLACES for sign in item.signs
    )
