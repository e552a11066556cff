"""Engineer >> Create an administrator account for the new supplier and share its details with the customer."""

from sendoff.model.errors import Refused
from sendoff.model.facts import Administrator, Invited
from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.plan import Action
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.admitting import must_admit, unread
from sendoff.rules.sending import sent

_ID = StepId("create-administrator")


def plan(now: Situation) -> Proposal:
    """Make them, tell the customer (a one-time pass goes sealed, to the customer alone), and see them sign in. Refused
    while Conditional Access would not let them."""
    new = now.facts.supplier.administrator if now.facts.supplier else None
    if new is None:
        raise Refused(
            "nobody is named: put the administrator and the role that the customer permitted into the facts "
            "(supplier.administrator), or say in no_administrator_because why there is none"
        )
    must_admit(_ID, now.inventory)
    verbs = [(Verb.CREATE, 0, Key.APP), (Verb.ACCEPT, 3, Key.PERSON)]
    if new.how is Invited.ACCOUNT:
        verbs.append((Verb.DISCLOSE, 1, Key.APP))
    made = tuple(_action(now, new, verb, rank, key) for verb, rank, key in verbs)
    letters = tuple(sent(now, _ID, letter, rank=2) for letter in now.letters)
    return Proposal(actions=(*made, *letters))


def _action(now: Situation, new: Administrator, verb: Verb, rank: int, key: Key) -> Action:
    content = (("name", new.name), ("role", new.role), ("how", str(new.how)))
    why = "the customer permitted it in writing"
    if verb is Verb.ACCEPT:
        why = "; ".join(filter(None, ("they sign in themselves, with MFA", unread(now.inventory))))
    return Action(
        step=_ID,
        system=System.ENTRA,
        verb=verb,
        kind=Kind.NEW_ADMINISTRATOR,
        target=new.mail,
        name=f"{new.name} as {new.role}",
        scope=now.facts.customer.tenant,
        key=key,
        why=why,
        rank=rank,
        content=content,
    )


CREATE_ADMINISTRATOR = Step(
    id=_ID,
    line="Create an administrator account for the new supplier and share its details with the customer",
    role=Role.ENGINEER,
    aliases=(
        "Create a admin account of new MSP and share details with customer",
        "Create an admin account for the new MSP and share the details with the customer",
    ),
    systems=frozenset({System.ENTRA, System.OFFICE}),
    looks_at=frozenset({Kind.NEW_ADMINISTRATOR}),
    verbs=frozenset({Verb.CREATE}),
    needs=frozenset({Key.APP}),
    after=frozenset({StepId("notice"), StepId("confirm-termination")}),
    letters=("administrator",),
    # It gives no proof: only a look at real sign-ins with MFA opens the gate (H2), never anybody's word.
    consults=frozenset({Kind.ACCESS_POLICY}),
    plan=plan,
    major=2,
)
