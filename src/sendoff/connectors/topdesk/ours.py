"""Which branches of the service desk are this customer's, and whom of us nothing may archive."""

from dataclasses import dataclass

from sendoff.connectors.topdesk.client import SYSTEM, ServiceDesk, quoted
from sendoff.connectors.wire.body import Object, text
from sendoff.model.errors import Confusing, Refused
from sendoff.model.facts import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Branches:
    """The customer's branch, and the branches below it, archived ones included."""

    main: str
    reference: str
    active: tuple[str, ...]
    """Ids of those that are not archived, the ones below first."""
    gone: tuple[str, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.active, *self.gone)


def branches(desk: ServiceDesk, facts: Facts) -> Branches:
    """The branch of exactly that client reference number, active before archived, and those below it.

    Confusing when there is none: a filter on our operator hides branches without a word. Refused when there are two.
    """
    reference = facts.places.topdesk_branch
    if not reference:
        raise Refused(f"the facts name no branch of the service desk for {facts.customer.slug}; set it there")
    main = _found(desk, reference, "false")
    above = (main, "") if main else ("", _found(desk, reference, "true"))
    if not any(above):
        why = f"no branch with client reference number {reference}; does the branch filter of our operator hide it?"
        raise Confusing(why, system=SYSTEM)
    top = above[0] or above[1]
    below = [_below(desk, top, state) for state in ("false", "true")]
    active = (*below[0], *([top] if main else []))
    return Branches(main=top, reference=reference, active=active, gone=(*below[1], *([] if main else [top])))


def seen(desk: ServiceDesk, branch: str) -> None:
    """The control read: who we are, and that this branch is not hidden from us."""
    desk.me()
    if desk.branch(branch) is None:
        raise Confusing("the branch is not to be seen any more; nothing proves that it is empty", system=SYSTEM)


def _found(desk: ServiceDesk, reference: str, state: str) -> str:
    rows = desk.branches(f"clientReferenceNumber=={quoted(reference)};archived=={state}")
    found = [text(one, "id") for one in rows if text(one, "clientReferenceNumber") == reference]
    if len(found) > 1:
        raise Refused(f"{len(found)} branches carry the client reference number {reference}; make it unique first")
    return found[0] if found else ""


def _below(desk: ServiceDesk, top: str, state: str) -> list[str]:
    clause = f"headBranch.id=={quoted(top)};archived=={state}"
    return [ident for one in desk.branches(clause) if (ident := text(one, "id")) and ident != top]


def spare(me: Object, card: Object, login: str) -> None:
    """Refused for our own operator, the person behind it, and the branch it belongs to. Archiving a person archives
    the linked operator as well.

    [3] How a person card names its operator is not on the page, so every link that may stand there is compared.
    """
    ident, mine = text(card, "id"), text(me, "id")
    links = {ident, text(card, "linkedOperator", "id"), text(card, "operator", "id")}
    backs = {text(me, "linkedPerson", "id"), text(me, "person", "id"), text(me, "branch", "id")}
    logins = {one.lower() for one in (login, text(me, "loginName"), text(me, "tasLoginName")) if one}
    mails = {text(me, "email").lower()} - {""}
    named = text(card, "tasLoginName").lower() in logins or text(card, "networkLoginName").lower() in logins
    if mine in links or ident in backs or named or text(card, "email").lower() in mails:
        raise Refused(f"card {ident} belongs to our own operator; it is never archived by us")


def is_spared(me: Object, card: Object, login: str) -> bool:
    """True for a card that nothing of ours may archive."""
    try:
        spare(me, card, login)
    except Refused:
        return True
    return False
