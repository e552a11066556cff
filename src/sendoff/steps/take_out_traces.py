"""Engineer: have the traces of ours taken out of the customer's own settings; not on the checklist.

They are settings of the customer: our number on an account of theirs, our addresses in a named location, a pipeline of
ours that an app of theirs trusts. A person of the customer takes each out, and we look until we see it.
"""

from collections.abc import Mapping

from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.planning import deed, going

_ID = StepId("take-out-traces")
_WHERE: Mapping[Kind, str] = {
    Kind.SIGN_IN_METHOD: "Entra admin centre > Users > the account > Authentication methods: delete this method",
    Kind.TRUST: "Entra admin centre > App registrations > the app > Certificates & secrets > Federated credentials: "
    "let a pipeline of your own deploy first, then delete this one",
    Kind.APP_REGISTRATION: "Entra admin centre > App registrations: switch sign-in off, wait 14 days for what still "
    "uses it, then delete it (H14)",
    Kind.ACCESS_POLICY: "Entra admin centre > Conditional Access > the policy: take the names of the supplier out; "
    "read what it lets in then before you save (H30)",
    Kind.NAMED_LOCATION: "Entra admin centre > Conditional Access > Named locations: take these ranges out (H29)",
    Kind.NOTICE_CONTACT: "Entra admin centre > Properties, or Microsoft 365 admin centre > Org settings: put an "
    "address of your own in its place",
    Kind.RECEIVER: "Azure portal > Monitor, or Cost Management > Budgets: take the addresses of the supplier out, "
    "of webhooks and Logic Apps too (H28)",
    Kind.INSIDE_MACHINE: "on the machine itself: see what still uses it, then disable it, and delete it later (H48)",
}
"""What the customer does, and where."""


def plan(now: Situation) -> Proposal:
    """Each trace is the customer's to take out; nothing of it is changed by us."""
    parts = {kind: going(now, kind) for kind in _WHERE}
    return Proposal(
        actions=tuple(
            deed(_ID, one, Verb.REMOVE, key=Key.PERSON, why=_WHERE[kind])
            for kind, (go, _) in parts.items()
            for one in go
        ),
        left=tuple(one for _, left in parts.values() for one in left),
    )


TAKE_OUT_TRACES = Step(
    id=_ID,
    line="Have the traces of %provider% taken out of the customer's settings",
    role=Role.ENGINEER,
    systems=frozenset({System.ENTRA, System.AZURE}),
    covers=frozenset(_WHERE),
    needs=frozenset({Key.APP, Key.LIGHTHOUSE}),
    after=frozenset({StepId("confirm-termination"), StepId("remove-accounts")}),
    plan=plan,
    on_checklist=False,
)
