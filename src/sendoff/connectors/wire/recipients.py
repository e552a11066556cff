"""Who may be written to in a case, whatever carries the letter; nobody outside it."""

import re

from sendoff.model.errors import BadInput, Refused
from sendoff.model.facts import Facts
from sendoff.model.plan import Action

PLAIN = re.compile(r"[^\s<>\"(),:;\\\[\]@]{1,64}@[A-Za-z0-9.-]{1,253}")
"""An address without quotes, comments or a second @, which a server could read in another way than we do."""


def said(action: Action, name: str, default: str = "") -> str:
    """One value of the approved content."""
    return next((value for key, value in action.content if key == name), default)


def recipients(action: Action, facts: Facts) -> list[str]:
    """Everybody the approved letter goes to; Refused for somebody who has no part in this leaving."""
    found = [one.strip() for key, value in action.content if key == "to" for one in value.split(",") if one.strip()]
    if not found:
        raise Refused(f"{action.name}: it has no recipient")
    if strangers := [one for one in found if not PLAIN.fullmatch(one) or not _belongs(one, facts)]:
        raise Refused(f"{action.name}: {len(strangers)} of its recipients have no part in this leaving; not sent")
    return found


def subject(action: Action) -> str:
    """The approved subject on one line; BadInput when it is not one, since a second line would be another header."""
    found = said(action, "subject") or action.name
    if not found.isprintable():
        raise BadInput(f"the subject {found!r} is not one plain line", where="subject")
    return found


def _belongs(mail: str, facts: Facts) -> bool:
    new = facts.supplier
    people = [*facts.customer.contacts, *(new.contacts if new else ())]
    known = {one.mail.lower() for one in people} | ({facts.recipient.mail.lower()} if facts.recipient else set())
    domains = {*facts.customer.domains, *facts.provider.domains, *(new.domains if new else ())}
    return mail.lower() in known or mail.lower().rpartition("@")[2] in {one.lower() for one in domains}
