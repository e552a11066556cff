"""Gates on facts of the world outside: permission, recipient, probe, costs, transfer and handover."""

from collections.abc import Sequence

from sendoff.model.case import Case
from sendoff.model.facts import Facts
from sendoff.model.gate import Gate, Open, Shut
from sendoff.model.inventory import Kind, Verb
from sendoff.model.people import Role
from sendoff.model.plan import Action
from sendoff.model.proof import ProofKind
from sendoff.model.state import SETTLED, StepId
from sendoff.rules.asking import Question


def _permission(ask: Question) -> Gate:
    """H4: the new supplier hears nothing, gets nobody made and nothing switched before the customer permits it."""
    told = [action for action in ask.plan.actions if _needs_permission(action, ask.case.facts)] if ask.plan else []
    if not told:
        return Open(gate="permission", reason="nothing here needs the customer's written permission")
    if ask.case.proven(ProofKind.PERMISSION) is None:
        reason = f"the customer's written permission is not on the case: {told[0].name}"
        return Shut(gate="permission", reason=reason, who="the customer")
    return Open(gate="permission", reason="the customer's written permission is on the case")


def _needs_permission(action: Action, facts: Facts) -> bool:
    if action.kind in (Kind.NEW_ADMINISTRATOR, Kind.COMMITMENT) and action.verb in (
        Verb.CREATE,
        Verb.DISCLOSE,
        Verb.END,
    ):
        return True
    supplier = {one.lower() for one in facts.supplier.domains} if facts.supplier else set()
    to = (value.rpartition("@")[2].lower() for key, value in action.content if key == "to")
    return action.verb in (Verb.SEND, Verb.CREATE) and any(_within(domain, supplier) for domain in to)


def _recipient(ask: Question) -> Gate:
    """H5: secrets go to the customer, never to the new CSP and never to us."""
    parcels = [action for action in ask.plan.actions if has_parcel(action)] if ask.plan else []
    if not ask.does(Verb.DISCLOSE) and not parcels:
        return Open(gate="recipient", reason="no secret is disclosed")
    why = refused_recipient(ask.case.facts) or _misdirected(parcels, ask.case.facts) or _outdated(parcels, ask.case)
    if why:
        return Shut(gate="recipient", reason=why, who="the customer")
    return Open(gate="recipient", reason="the customer enrolled the key")


def has_parcel(action: Action) -> bool:
    """True when a sealed package goes with it."""
    return any(name.endswith(".age") for _, name in action.attached)


def _misdirected(parcels: Sequence[Action], facts: Facts) -> str:
    mine = facts.recipient.mail.lower() if facts.recipient else ""
    others = [value for one in parcels for key, value in one.content if key == "to" and value.lower() != mine]
    return f"the parcel would also go to {others[0]}: it goes to the enrolled recipient alone" if others else ""


def _outdated(parcels: Sequence[Action], case: Case) -> str:
    """H7: a plan that was made for an earlier parcel does not send it when another was sealed since."""
    known = {str(one.digest) for one in case.parcels.values()}
    kept = [str(file) for one in parcels for file, name in one.attached if name.endswith(".age")]
    old = [one for one in kept if not one.startswith("parcel:") and one not in known]
    return "the parcel in this plan is not the one that is sealed now: plan anew" if old else ""


def refused_recipient(facts: Facts) -> str:
    """Why the enrolled recipient may not receive secrets; empty when they may."""
    recipient = facts.recipient
    if recipient is None:
        return "the customer has not enrolled a key to seal to"
    if recipient.mail.lower() in _of_the_supplier(facts):
        return f"{recipient.mail} is a person of the new supplier: secrets never go to the new CSP"
    domain = recipient.mail.rpartition("@")[2].lower()
    supplier = {one.lower() for one in facts.supplier.domains} if facts.supplier else set()
    if _within(domain, supplier):
        return f"{recipient.mail} is at the new supplier: secrets never go to the new CSP"
    if _within(domain, {one.lower() for one in facts.provider.domains}):
        return f"{recipient.mail} is at our own domain"
    if domain not in {one.lower() for one in facts.customer.domains}:
        return f"{recipient.mail} is not at a domain of {facts.customer.name}"
    return ""


def _of_the_supplier(facts: Facts) -> set[str]:
    """The addresses of their people, wherever these are: somebody of theirs may have a mailbox at the customer's."""
    if facts.supplier is None:
        return set()
    new = facts.supplier.administrator
    return {one.mail.lower() for one in facts.supplier.contacts} | ({new.mail.lower()} if new else set())


def _within(domain: str, domains: set[str]) -> bool:
    return any(domain == one or domain.endswith(f".{one}") for one in domains)


def _protections(ask: Question) -> Gate:
    """H12: a policy that deploys backups or logs protects what comes later, too; it goes when the customer knows."""
    if not ask.does(Verb.REMOVE, Kind.POLICY_ASSIGNMENT):
        return Open(gate="protections", reason="no policy that is in force is removed")
    word = ask.case.proven(ProofKind.PROTECTIONS_ACCEPTED)
    if word is None:
        reason = (
            "the customer has not accepted what ends with our policies: the list stands in the exit plan; attest "
            "lost-protections-accepted with their word"
        )
        return Shut(gate="protections", reason=reason, who="the customer")
    untold = [act.name for act in _policies_going(ask) if word.about is not None and act.ref not in word.about]
    if untold:
        reason = (
            f"{untold[0]} was not on the list that the customer accepted ({len(untold)} such): look anew with `sendoff "
            "case preflight`, show them the list, and attest lost-protections-accepted again"
        )
        return Shut(gate="protections", reason=reason, who="the customer")
    return Open(gate="protections", reason="the customer accepted what ends with our policies")


def _policies_going(ask: Question) -> list[Action]:
    acts = ask.plan.actions if ask.plan is not None else ()
    return [act for act in acts if (act.verb, act.kind) == (Verb.REMOVE, Kind.POLICY_ASSIGNMENT)]


def _probe(ask: Question) -> Gate:
    """H16: a probe comes back when its node is deleted before it is off its host."""
    if not ask.does(Verb.REMOVE, Kind.PRTG_PROBE):
        return Open(gate="probe", reason="no probe is removed")
    if ask.does(Verb.REMOVE, Kind.PROBE_SERVICE) or ask.case.proven(ProofKind.PROBE_UNINSTALLED) is not None:
        return Open(gate="probe", reason="it is uninstalled on its host first")
    reason = "nobody uninstalled it on its host: name the host in the facts, or attest probe-uninstalled with evidence"
    return Shut(gate="probe", reason=reason, who=Role.ENGINEER)


def _costs(ask: Question) -> Gate:
    """H24: billing evidence does not follow a transfer, so it is kept before one is accepted."""
    if not ask.does(Verb.ACCEPT, Kind.TRANSFER):
        return Open(gate="costs", reason="no transfer is accepted")
    if ask.case.proven(ProofKind.COSTS_KEPT) is None:
        reason = "what the subscriptions cost is not kept yet: migration-details does it, or attest costs-kept"
        return Shut(gate="costs", reason=reason, who=Role.ENGINEER)
    return Open(gate="costs", reason="what the subscriptions cost is kept")


def _transfer(ask: Question) -> Gate:
    """H22: our relationship ends only when everything the customer bought through us was taken over or has ended."""
    if not ask.does(Verb.REMOVE, Kind.RELATIONSHIP):
        return Open(gate="transfer", reason="the reseller relationship is not ended")
    standing = ask.case.standing(StepId("accept-transfer"))
    if standing is not None and standing.state not in SETTLED:
        return Shut(gate="transfer", reason="the transfer is not complete; nothing is suspended to get there")
    return Open(gate="transfer", reason="the transfer is settled")


def _handed_over(ask: Question) -> Gate:
    """H6: our copy of the secrets is erased only when the customer holds theirs."""
    if not ask.does(Verb.REMOVE, Kind.SECRET, Kind.SECRET_LIST):
        return Open(gate="handed over", reason="no secret of the customer is erased")
    if ask.case.proven(ProofKind.HANDED_OVER) is None:
        return Shut(gate="handed over", reason="the customer has not acknowledged the parcel", who="the customer")
    return Open(gate="handed over", reason="the customer acknowledged the parcel")


OF_THE_WORLD = (_permission, _recipient, _protections, _probe, _costs, _transfer, _handed_over)
"""All of them, in the order in which they are told."""
