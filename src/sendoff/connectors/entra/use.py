"""Accounts of ours that are no named person's: whether they were used lately, and what depends on them.

Page: learn.microsoft.com/graph/api/resources/signinactivity. Where the vendor does not tell, that is said, and never
that an account is not used.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sendoff.connectors.entra.client import Directory, User
from sendoff.connectors.entra.people import signed
from sendoff.connectors.wire.body import Object, text
from sendoff.model.errors import Confusing, Denied
from sendoff.model.facts import Facts

LATELY = timedelta(days=30)
SHOWN = 5
"""Names of one kind that are told; the others are counted."""
NOBODYS = frozenset({
    "account", "adm", "admin", "administrator", "admins", "api", "app", "automation", "automatisering", "backup",
    "beheer", "beheerder", "bot", "breakglass", "desk", "emergency", "engineers", "gedeeld", "helpdesk", "info",
    "monitor", "monitoring", "noc", "noodaccount", "onboarding", "operations", "operator", "operators", "robot", "root",
    "scan", "scanner", "service", "servicedesk", "shared", "soc", "support", "svc", "sync", "system", "systeem", "team",
    "test",
})  # fmt: skip
"""Words in names of accounts that are for a task and not for a person, in Dutch and English."""
WORDS = re.compile(r"[^\W\d_]+")
REFUSALS = {
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant": "the tenant has no Entra ID P1",
    "Authentication_MSGraphPermissionMissing": "our key lacks AuditLog.Read.All",
}
TYPES = {"group": "group", "directoryRole": "directory role", "application": "app", "servicePrincipal": "app"}


def generic(user: User, facts: Facts) -> bool:
    """True for an account that is not plainly one person's: named for a task, or after us and nobody else."""
    head = re.split(r"#EXT#|@", user.userPrincipalName or "")[0]
    shown = _words(user.displayName or "") - _words(facts.provider.name)
    return bool((shown | _words(head)) & NOBODYS) or not shown


def use_of(directory: Directory, user: User, facts: Facts, now: datetime) -> tuple[tuple[str, str], ...]:
    """What an item says of an account of ours: of a generic one `in-use` is yes, no, or not looked; of a disabled one
    `last-attempt` is when something last tried to sign in with it, or `attempts-because` why nobody could look."""
    shared, away = generic(user, facts), user.accountEnabled is False
    if not signed(user, facts) or not (shared or away):
        return ()
    try:
        last = directory.last_sign_in(user.id)
    except Denied as no:
        why = REFUSALS.get(no.code, str(no))
        unread = (("attempts-because", why),) if away else ()
        told = (("generic", "yes"), ("in-use", "not looked"), ("in-use-because", why), *_depends(directory, user.id))
        return (*unread, *(told if shared else ()))
    tried = (("last-attempt", _moment(last).isoformat() if last else ""),) if away else ()
    return (*tried, *(_used(directory, user, last, now) if shared else ()))


def _used(directory: Directory, user: User, last: str, now: datetime) -> tuple[tuple[str, str], ...]:
    if not last or _moment(last) < now - LATELY:
        return (("generic", "yes"), ("in-use", "no"), ("last-sign-in", last[:10]))
    return (("generic", "yes"), ("in-use", "yes"), ("last-sign-in", last[:10]), *_depends(directory, user.id))


def _words(shown: str) -> set[str]:
    return {one.lower() for one in WORDS.findall(shown)}


def _moment(told: str) -> datetime:
    try:
        found = datetime.fromisoformat(told)
    except ValueError:
        found = None
    if found is not None and found.tzinfo is not None:
        return found
    raise Confusing(f"a time of signing in is none: {told!r}", system="entra")


def _depends(directory: Directory, ident: str) -> Iterator[tuple[str, str]]:
    """One row for what depends on it in the directory; what it holds in Azure is another system's to say."""
    rows = directory.dependents(ident)
    told = [*_of_kind(rows["transitiveMemberOf"], "in"), *_of_kind(rows["ownedObjects"], "owner of")]
    told += _counted("assigned in", "app", [text(one, "resourceDisplayName") for one in rows["appRoleAssignments"]])
    yield "depends", "; ".join(told)


def _of_kind(rows: Sequence[Object], how: str) -> list[str]:
    found: dict[str, list[str]] = {}
    for one in rows:
        kind = text(one, "@odata.type").rpartition(".")[2]
        found.setdefault(TYPES.get(kind, kind), []).append(text(one, "displayName") or text(one, "id"))
    return [told for kind, names in sorted(found.items()) for told in _counted(how, kind, names)]


def _counted(how: str, kind: str, names: Sequence[str]) -> list[str]:
    """`in 2 groups: A, B`; nothing for none."""
    if not names:
        return []
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    plural = "" if len(names) == 1 else "s"
    return [f"{how} {len(names)} {kind}{plural}: {', '.join(sorted(names)[:SHOWN])}{more}"]
