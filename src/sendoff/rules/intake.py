"""Facts as given -> what is wrong with them, and whether the notice may be believed."""

from sendoff.model.facts import WATCH_DAYS, Destination, Facts, LeavesCsp
from sendoff.model.hold import LegalHold
from sendoff.model.inventory import System
from sendoff.model.template import Tier
from sendoff.rules.deadlines import zone

LONGEST_WATCH = 90
DAY = 24 * 60
"""Minutes that a meeting takes at most."""


def unusable(facts: Facts) -> tuple[str, ...]:
    """Everything that makes these facts no base for a case, each in words that say what to do."""
    zone(facts.zone)
    wrong = []
    if facts.access_until < facts.contract_end:
        wrong.append("access_until lies before the contract's end: then the work could never be done")
    if facts.supplier is None and not facts.no_supplier_because:
        wrong.append("name the new supplier, or say in no_supplier_because why there is none (in-house, wound down)")
    if facts.leaves_csp is LeavesCsp.NO and facts.remaining is None:
        wrong.append("the customer stays in our CSP: say which tier remains (remaining = csp)")
    if facts.remaining is facts.ending and facts.remaining is not None:
        wrong.append("the tier that ends and the tier that remains are the same")
    if facts.ending is Tier.CSP and facts.leaves_csp is LeavesCsp.NO:
        wrong.append("the CSP tier ends, yet the customer stays in our CSP")
    if not 1 <= facts.watch_days <= LONGEST_WATCH:
        wrong.append(f"watch_days is {facts.watch_days}: a watch lasts from 1 to {LONGEST_WATCH} days")
    if facts.watch_days != WATCH_DAYS and not facts.watch_because.strip():
        wrong.append(f"watch_days is not {WATCH_DAYS}: say in watch_because why")
    if facts.meeting is not None and not (1 <= facts.meeting.minutes <= DAY and facts.meeting.sequence >= 0):
        wrong.append("the meeting takes from 1 to 1440 minutes, and its sequence is 0 or more")
    wrong += [
        f"the new owner of {row.name} takes over on {row.cutover}, after our last access day: move access_until"
        for row in facts.leaving
        if row.cutover is not None and row.cutover > facts.access_until
    ]
    wrong += [
        f"the legal hold on {one.on!r} names nobody or nothing: on, by and reason"
        for one in facts.holds
        if not _full(one)
    ]
    return (*wrong, *_scope(facts), *_two_systems(facts))


def _full(hold: LegalHold) -> bool:
    return all(word.strip() for word in (hold.on, hold.by, hold.reason))


def _scope(facts: Facts) -> list[str]:
    wrong = []
    ids = [(row.system, row.id.lower()) for row in facts.scope]
    if len(set(ids)) != len(ids):
        wrong.append("the scope table names one thing twice")
    if not any(row.destination is Destination.LEAVES for row in facts.scope):
        wrong.append("the scope table has no row that leaves")
    if facts.customer.tenant.lower() == facts.provider.tenant.lower():
        wrong.append("the customer's tenant is our own tenant")
    if {one.lower() for one in facts.customer.domains} & {one.lower() for one in facts.provider.domains}:
        wrong.append("the customer's domains and ours overlap")
    return wrong


def _two_systems(facts: Facts) -> list[str]:
    """Law 8: a scope names one customer by ids that agree in at least two systems."""
    places = facts.places
    named = {row.system for row in facts.scope} | {System.ENTRA}
    named |= {System.PRTG} if places.prtg_groups or places.prtg_probe or places.prtg_objects else set()
    named |= {System.PASSWORDSTATE} if places.vault_folder else set()
    return [] if len(named) > 1 else ["the customer is named in one system only; give its ids in a second one"]


def authenticated(facts: Facts) -> tuple[str, ...]:
    """Why the notice is not to be believed yet; empty when it is (H42).

    The sender must be a signatory known before, and somebody must have called back on a number known before.
    """
    notice = facts.notice
    wrong = []
    signatories = facts.customer.signatories
    if notice.sender.lower() not in {contact.mail.lower() for contact in signatories}:
        wrong.append(
            f"{notice.sender} is not among the signatories known before: {', '.join(c.mail for c in signatories)}"
        )
    numbers = {contact.phone for contact in signatories if contact.phone}
    if not notice.called_back:
        wrong.append("nobody called back")
    elif notice.called_back not in numbers:
        wrong.append(f"{notice.called_back} is not a number known before the notice")
    return tuple(wrong)
