"""A case that nobody opened: what the rules need to know to judge a look that comes before any leaving."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sendoff.connectors.azure.subscriptions import SeenSubscription
from sendoff.engine.checklist import make_runbook, read_checklist
from sendoff.model.case import Case
from sendoff.model.digest import digest, digest_bytes
from sendoff.model.envelope import GENESIS, Event, EventKind
from sendoff.model.event import Opened
from sendoff.model.facts import Customer, Facts, LeavesCsp, Notice, Provider, ScopeRow
from sendoff.model.inventory import System
from sendoff.model.people import PersonId
from sendoff.model.template import Tier
from sendoff.rules.choosing import chosen
from sendoff.rules.folding import after
from sendoff.steps import EVERY
from sendoff.wiring.shipped import checklist

NOBODY = PersonId("nobody")
LOOK_ONLY = "look-only"


def facts_for_looking(provider: Provider, tenant: str, rows: Sequence[SeenSubscription], tier: Tier) -> Facts:
    """Facts in which everything that is seen leaves today and no notice was given. They serve a look and nothing else:
    without contacts, recipient and notice no gate of them ever opens."""
    today = datetime.now(UTC).date()
    return Facts(
        customer=Customer(slug="the-customer", name=f"tenant {tenant}", tenant=tenant, domains=()),
        provider=provider,
        contract_end=today,
        access_until=today,
        ending=tier,
        leaves_csp=LeavesCsp.YES,
        notice=Notice(reached=today, evidence=digest_bytes(b""), sender="", called_back="", recorded_by=NOBODY),
        scope=tuple(ScopeRow(system=System.AZURE, id=row.id, name=row.name) for row in rows),
    )


def case_for_looking(facts: Facts) -> Case:
    """A case of our own checklist that is written down nowhere."""
    template = read_checklist(checklist(), "templates/offboarding.md")
    runbook = make_runbook(template, {})
    steps, others = chosen(runbook, facts, EVERY)
    opened = Opened(
        world=LOOK_ONLY,
        facts=facts,
        template=runbook.template,
        runbook=runbook.name,
        version=runbook.version,
        title=LOOK_ONLY,
        tier=facts.ending,
        steps=steps,
        others=others,
    )
    event = Event(
        case=LOOK_ONLY,
        seq=0,
        at=datetime.now(UTC),
        actor=NOBODY,
        kind=EventKind.OPENED,
        prev=GENESIS,
        body_hash=digest(opened),
    )
    return after(None, event, opened)
