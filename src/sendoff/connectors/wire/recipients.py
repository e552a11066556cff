"""Who may be written to in a case, whatever carries the letter; nobody outside it."""

from sendoff.model.errors import Refused
from sendoff.model.facts import Facts
from sendoff.model.plan import Action


def said(action: Action, name: str, default: str = "") -> str:
    """One value of the approved content."""
    return next((value for key, value in action.content if key == name), default)


def recipients(action: Action, facts: Facts) -> list[str]:
    """Everybody the approved letter goes to; Refused for somebody who has no part in this leaving."""
    found = [one.strip() for key, value in action.content if key == "to" for one in value.split(",") if one.strip()]
    if not found:
        raise Refused(f"{action.name}: it has no recipient")
    if strangers := [one for one in found if not _belongs(one, facts)]:
        raise Refused(f"{action.name}: {len(strangers)} of its recipients have no part in this leaving; not sent")
    return found


def _belongs(mail: str, facts: Facts) -> bool:
    new = facts.supplier
    people = [*facts.customer.contacts, *(new.contacts if new else ())]
    known = {one.mail.lower() for one in people} | ({facts.recipient.mail.lower()} if facts.recipient else set())
    domains = {*facts.customer.domains, *facts.provider.domains, *(new.domains if new else ())}
    return mail.lower() in known or mail.lower().rpartition("@")[2] in {one.lower() for one in domains}
