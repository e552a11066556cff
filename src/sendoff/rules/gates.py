"""Gates: pure yes or no with a reason. They hang on facts of the world and on verbs, not on lines of the checklist."""

from collections.abc import Callable
from datetime import timedelta

from sendoff.model.case import Case
from sendoff.model.gate import Gate, Open, Shut
from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import PersonId, Role
from sendoff.model.proof import Grade, ProofKind
from sendoff.model.state import SETTLED
from sendoff.rules.administrators import may_lock_out
from sendoff.rules.admitting import lets_others_in
from sendoff.rules.asking import Question
from sendoff.rules.deadlines import cut_over, no_later, not_before
from sendoff.rules.holding import legal_hold
from sendoff.rules.outside import OF_THE_WORLD
from sendoff.rules.vault import OF_THE_VAULT
from sendoff.rules.watching import watched_long_enough
from sendoff.rules.withdrawing import PUTS_BACK, only_putting_back

IRREVERSIBLE = frozenset({Verb.REMOVE, Verb.DISCLOSE, Verb.SEND, Verb.CREATE, Verb.ACCEPT, Verb.END})
"""Granting, disclosing and accepting cannot be taken back any more than removing."""
NEEDS_YES = IRREVERSIBLE | {Verb.DISABLE, Verb.PUT_BACK}
"""Verbs that need a second person's yes; an export only reads."""
OWN_KEYS = frozenset(
    {
        Kind.USER,
        Kind.GUEST,
        Kind.SERVICE_PRINCIPAL,
        Kind.DELEGATION,
        Kind.ROLE_ASSIGNMENT,
        Kind.DIRECTORY_GROUP,
        Kind.DIRECTORY_ROLE,
        Kind.SIGN_IN_METHOD,
        Kind.APP_REGISTRATION,
        Kind.TRUST,
        Kind.ACCESS_POLICY,
        Kind.NAMED_LOCATION,
        Kind.NOTICE_CONTACT,
        Kind.RECEIVER,
        Kind.INSIDE_MACHINE,
        Kind.GDAP,
        Kind.RELATIONSHIP,
    }
)
"""What may still be removed after the last access day: our own ways in."""
AT_HOME = frozenset(
    {
        System.PRTG,
        System.PASSWORDSTATE,
        System.TOPDESK,
        System.REASSURE,
        System.OFFICE,
        System.PARTNER_CENTER,
    }
)
"""Our own systems, and our own side of the vendor's: no access to the customer is used there."""
SIGN_IN_AGE = timedelta(days=7)
ADMINISTRATORS = 2


def _not_halted(ask: Question) -> Gate:
    if ask.case.halted:
        return Shut(gate="halt", reason=f"the case is halted: {ask.case.halted}", who="the one who halted it")
    return Open(gate="halt", reason="nobody halted the case")


def _stage_zero(ask: Question) -> Gate:
    """H42: a forged notice. Believed only from a signatory known before, after a call to a number known before."""
    if ask.standing.step in ("notice", "confirm-termination"):
        return Open(gate="stage 0", reason="this step belongs to stage 0")
    notice = ask.case.proven(ProofKind.NOTICE)
    if notice is None:
        return Shut(gate="stage 0", reason="the notice is not authenticated", who=Role.CSM)
    return Open(gate="stage 0", reason=f"the notice was authenticated on {notice.at:%Y-%m-%d}")


def _steps_before(ask: Question) -> Gate:
    waiting = [one for one in ask.standing.after if not _settled(ask.case, one)]
    if waiting:
        return Shut(gate="order", reason="first: " + ", ".join(waiting))
    return Open(gate="order", reason="every step before it is settled")


def _settled(case: Case, step: str) -> bool:
    return all(one.state in SETTLED for one in case.steps.values() if one.step == step)


def _one_customer(ask: Question) -> Gate:
    """H31: wrong customer. The plan must be of this case, this world and exactly this scope."""
    if ask.plan is None:
        return Open(gate="scope", reason="there is nothing to do by machine")
    mine = (ask.case.id, ask.case.world, ask.case.facts.scope_digest, ask.case.facts.frozen_digest)
    if (ask.plan.case, ask.plan.world, ask.plan.scope, ask.plan.facts) != mine:
        reason = "the plan was made for another case, world, scope or recipient"
        return Shut(gate="scope", reason=reason, who="a new plan")
    return Open(gate="scope", reason=f"it touches only {ask.case.facts.customer.name}")


def _approved(ask: Question) -> Gate:
    if ask.plan is None:
        said = "a person does it, and gives their word with evidence" if ask.by_hand else "no plan lies there yet"
        return Open(gate="approval", reason=said)
    if not ask.verbs & NEEDS_YES:
        return Open(gate="approval", reason="it only reads")
    approval, plan = ask.standing.approval, ask.plan
    if approval is None or approval.plan != plan.digest:
        return Shut(gate="approval", reason="no second person has approved exactly this plan", who="a second person")
    if approval.by in ask.standing.proposers:
        return Shut(gate="approval", reason="proposer and approver are one person", who="a second person")
    if ask.now >= approval.until:
        expired = f"the approval expired on {approval.until:%Y-%m-%d %H:%M}"
        return Shut(gate="approval", reason=expired, who="a second person")
    if ask.standing.belt and not approval.over_belt:
        return Shut(gate="approval", reason=f"over the size belt: {ask.standing.belt}", who="a second person")
    return Open(gate="approval", reason=f"approved by {_name(ask, approval.by)}")


def _name(ask: Question, person: PersonId) -> str:
    known = ask.people.get(person)
    return known.name if known else person


def _dates(ask: Question) -> Gate:
    if ask.case.withdrawn and ask.standing.step == PUTS_BACK:
        return Open(gate="not before", reason="the contract goes on: what was done is put back at once")
    cutover = cut_over(ask.plan, ask.case.facts) if ask.plan else None
    if cutover is not None and ask.now < cutover[0]:
        return Shut(gate="not before", reason=cutover[1], until=cutover[0])
    found = [not_before(verb, ask.case.facts, kind, by_person=person) for verb, kind, person in ask.deeds]
    late = [one for one in found if one is not None and ask.now < one[0]]
    if late:
        moment, reason = max(late)
        return Shut(gate="not before", reason=reason, until=moment)
    return Open(gate="not before", reason="no date holds it")


def _mandate(ask: Question) -> Gate:
    """H43: no work without a mandate. After the last access day we only remove our own ways in."""
    deeds = ask.plan.deeds if ask.plan else ()
    if ask.now < no_later(ask.case.facts) or all(kind in OWN_KEYS or system in AT_HOME for _, kind, system, _ in deeds):
        return Open(gate="access", reason=f"we may work until {ask.case.facts.access_until}")
    ended = f"our access ended on {ask.case.facts.access_until}"
    return Shut(gate="access", reason=ended, who="the customer, by a new date")


def _export_first(ask: Question) -> Gate:
    """H8: what holds the customer's data goes only after they accepted the delivered export, and it still is whole."""
    exported, accepted = ask.case.proven(ProofKind.EXPORTED), ask.case.proven(ProofKind.EXPORT_ACCEPTED)
    if not ask.does(Verb.REMOVE, Kind.RESOURCE, Kind.GROUP) or exported is None:
        return Open(gate="export", reason="nothing with the customer's data is removed")
    if accepted is None or accepted.seq < exported.seq:
        return Shut(gate="export", reason="the customer has not accepted the delivered export", who="the customer")
    if not ask.intact:
        return Shut(gate="export", reason="the export in the evidence store is not what was accepted", who="Engineer")
    return Open(gate="export", reason="the customer accepted the export, and it still hashes to its name")


def _administrators(ask: Question) -> Gate:
    """H2: never lock the customer out. Two of their own administrators signed in with MFA within seven days."""
    if not any(may_lock_out(action) for action in (ask.plan.actions if ask.plan else ())):
        return Open(gate="administrators", reason="no account and no administrator is removed")
    proof, glass = ask.case.proven(ProofKind.ADMINISTRATORS), ask.case.proven(ProofKind.BREAK_GLASS)
    if proof is None or proof.grade is not Grade.OBSERVED or proof.count < ADMINISTRATORS:
        return Shut(
            gate="administrators",
            reason=f"we did not see {ADMINISTRATORS} administrators of the customer sign in with MFA",
            who="the customer",
        )
    if ask.now - proof.at > SIGN_IN_AGE:
        return Shut(gate="administrators", reason="their sign-in is older than seven days", who="the customer")
    if glass is None:
        unsure = "the customer did not confirm a break-glass account"
        return Shut(gate="administrators", reason=unsure, who="the customer")
    return Open(gate="administrators", reason=f"{proof.count} of their administrators signed in with MFA")


def _last_key(ask: Question) -> Gate:
    """H1: the delegation goes only when no step needs it any more and what it opens was looked at whole."""
    if not ask.does(Verb.REMOVE, Kind.DELEGATION):
        return Open(gate="last key out", reason="no key is removed")
    needs = [
        one.step
        for one in ask.case.steps.values()
        if one.step != ask.standing.step and one.state not in SETTLED and Key.LIGHTHOUSE in ask.needs.get(one.step, ())
    ]
    if needs:
        return Shut(gate="last key out", reason="still needed by: " + ", ".join(needs))
    look = ask.case.looks.get("before-last-key")
    if look is None or look.blind:
        blind = ", ".join(look.blind[:3]) if look else "it was never made"
        return Shut(gate="last key out", reason=f"the last look through this key is not whole: {blind}", who="Engineer")
    return Open(gate="last key out", reason="no later step needs it, and the last look through it was whole")


_GATES: tuple[Callable[[Question], Gate], ...] = (
    _not_halted,
    _stage_zero,
    only_putting_back,
    _steps_before,
    _one_customer,
    _dates,
    _mandate,
    _export_first,
    _administrators,
    lets_others_in,
    *OF_THE_WORLD,
    *OF_THE_VAULT,
    watched_long_enough,
    legal_hold,
    _last_key,
    _approved,
)


def gates(ask: Question) -> tuple[Gate, ...]:
    """Every gate of a step with its answer, shut ones with who or what opens them."""
    return tuple(gate(ask) for gate in _GATES)


def still(ask: Question) -> tuple[Shut, ...]:
    """What stops a step that is already running: a halt, another scope or recipient, the end of our access, or a legal
    hold."""
    return shut((_not_halted(ask), _one_customer(ask), _mandate(ask), legal_hold(ask)))


def shut(answers: tuple[Gate, ...]) -> tuple[Shut, ...]:
    """Only the shut ones."""
    return tuple(answer for answer in answers if isinstance(answer, Shut))


def may_attest(ask: Question) -> tuple[Shut, ...]:
    """What stops a person's word on a step: halt, stage 0, the order, the dates of what it does, and a legal hold."""
    return shut((_not_halted(ask), _stage_zero(ask), _steps_before(ask), _dates(ask), legal_hold(ask)))
