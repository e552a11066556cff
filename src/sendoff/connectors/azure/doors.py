"""Our delegation tried from outside: what a fresh sign-in hears at a subscription, and what else it still reads.

Pages: learn.microsoft.com/azure/lighthouse/how-to/remove-delegation and .../monitor-delegation-changes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sendoff.connectors.azure.client import READS, SUBSCRIPTIONS, Arm
from sendoff.connectors.azure.creators import KEPT, LOG
from sendoff.connectors.azure.creators import VERSION as LOG_VERSION
from sendoff.connectors.azure.ids import root, subscription_of
from sendoff.connectors.wire.body import Object, parsed, text
from sendoff.connectors.wire.client import Answer, Call
from sendoff.model.errors import ConnectorError
from sendoff.model.facts import Facts
from sendoff.model.key import Key
from sendoff.model.trial import Condition, Met, Trial

CLEAR = frozenset({"AuthorizationFailed", "SubscriptionNotFound"})
"""Codes of a 403 or 404 that mean: this principal has nothing here. That a delegation which ended answers so is [K]."""
ENDED = "microsoft.resources/tenants/unregister/action"
"""How our own tenant's log calls the end of a delegation to it [D]."""
MINUTE = 60.0
"""Seconds between the no and the control read: later, something else may have changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """From where a door is tried: the case's facts, the subscriptions that leave, since when, and two clocks."""

    facts: Facts
    leaving: Sequence[str]
    since: datetime
    now: datetime
    clock: Callable[[], float]


def tried(arm: Arm, at: Lookout) -> Trial:
    """The door of one subscription, by a token from before and by a fresh one. Never raises for what a vendor says."""
    scope = arm.root.rpartition("/")[2]
    trial = Trial(key=Key.LIGHTHOUSE, scope=scope)
    old = _opens(arm)
    try:
        arm.fresh()
    except ConnectorError as no:
        said = f"the sign-in itself was refused, which says nothing of the door: {no}"
        return replace(trial, fault=said, lingers=old, conditions=(_fresh(Met.NO, str(no)),))
    return _fresh_token(arm, at, replace(trial, lingers=old))


def _opens(arm: Arm) -> bool:
    """By whatever token is held; a fault here says nothing, and the fresh one is asked the same."""
    try:
        return _subscription(arm, arm.root).status == 200
    except ConnectorError:
        return False


def _fresh_token(arm: Arm, at: Lookout, trial: Trial) -> Trial:
    listed = _listed(arm)
    began = at.clock()
    try:
        answer = _subscription(arm, arm.root)
    except ConnectorError as failed:
        return replace(trial, fault=str(failed))
    if answer.status == 200:
        return replace(trial, opens=True, lingers=False)
    control = _control(arm, at, listed if isinstance(listed, list) else [])
    late = at.clock() - began > MINUTE
    conditions = (
        _fresh(Met.YES, "a token of this moment"),
        replace(control, met=Met.NO, said="it came more than a minute after the no") if late else control,
        _whole_list(arm, listed),
        _log(arm, at),
    )
    clear = answer.code in CLEAR
    fault = "" if clear else f"the answer is no clear no: {answer.status} {answer.code}"
    return replace(trial, denied=answer.code if clear else "", fault=fault, conditions=conditions)


def _fresh(met: Met, said: str) -> Condition:
    return Condition(name="fresh sign-in", met=met, said=said)


def _subscription(arm: Arm, ident: str) -> Answer:
    query = (("api-version", SUBSCRIPTIONS),)
    fine = frozenset({200, 401, 403, 404})
    call = Call(method="GET", path=ident, what="try a subscription", pace=READS, query=query, fine=fine, repeat=True)
    return arm.http.call(call)


def _listed(arm: Arm) -> list[Object] | ConnectorError:
    """Every subscription that this token opens, all pages; or why not."""
    try:
        return arm.listed("/subscriptions", SUBSCRIPTIONS, "list subscriptions")
    except ConnectorError as failed:
        return failed


def _whole_list(arm: Arm, listed: list[Object] | ConnectorError) -> Condition:
    name = "list of subscriptions"
    if isinstance(listed, ConnectorError):
        return Condition(name=name, met=Met.NO, said=f"not read whole: {listed}")
    there = any(text(row, "id").lower() == arm.root for row in listed)
    met = Met.NO if there else Met.YES
    return Condition(name=name, met=met, said="it is still there" if there else "read whole, and it is not there")


def _control(arm: Arm, at: Lookout, listed: Sequence[Object]) -> Condition:
    """The same token reads a subscription that stays: ours before another's, whose name is told nobody."""
    name = "control read"
    said = "there is no other subscription to compare with: name one of our own under [provider] subscriptions"
    for ident, who in _others(at, listed):
        try:
            answer = _subscription(arm, ident)
        except ConnectorError as failed:
            said = f"{who} could not be read: {failed}"
            continue
        if answer.status == 200:
            return Condition(name=name, met=Met.YES, said=f"the same token reads {who}")
        said = f"{who} is refused as well ({answer.code})"
    return Condition(name=name, met=Met.NO, said=said)


def _others(at: Lookout, listed: Sequence[Object]) -> Iterator[tuple[str, str]]:
    """Those of our own that the settings name; when there is none, one that the list shows."""
    leaving = {root(one) for one in at.leaving}
    own = [root(one) for one in at.facts.provider.marks.subscriptions if root(one) not in leaving]
    yield from ((one, "a subscription of our own") for one in own)
    if not own:
        tenant = at.facts.customer.tenant.lower()
        stays = [row for row in listed if text(row, "tenantId").lower() != tenant]
        yield from ((text(row, "id"), "a subscription that stays with us") for row in stays[:1])


def _log(arm: Arm, at: Lookout) -> Condition:
    """What our own tenant's activity log says: it is read with Monitoring Reader at its root, and holds 90 days."""
    name, start = "our own activity log", max(at.since, at.now - KEPT)
    since = start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    query = (("$filter", f"eventTimestamp ge '{since}'"),)
    try:
        rows = list(arm.http.pages(_log_call(query), rows="value", following="nextLink"))
    except ConnectorError as no:
        return Condition(name=name, met=Met.UNREADABLE, said=str(no), needed=False)
    ends = [text(row, "eventTimestamp") for row in rows if _ended(row, arm.root)]
    if ends:
        return Condition(name=name, met=Met.YES, said=f"the end of the delegation, {max(ends)}", needed=False)
    if at.since < start:
        return Condition(name=name, met=Met.UNREADABLE, said="it may be older than the 90 days it holds", needed=False)
    return Condition(name=name, met=Met.NO, said="it does not show the end of the delegation", needed=False)


def _log_call(query: tuple[tuple[str, str], ...]) -> Call:
    asked = (("api-version", LOG_VERSION), *query)
    return Call(method="GET", path=LOG, what="read our own activity log", pace=READS, query=asked, repeat=True)


def _ended(row: Object, subscription: str) -> bool:
    """The end of a delegation of this subscription; the event says which in the JSON of its description."""
    if text(row, "operationName", "value").lower() != ENDED:
        return False
    told = parsed(text(row, "description").encode())
    named = text(told, "subscriptionId") or subscription_of(text(told, "delegationResourceId"))
    return root(named) == subscription
