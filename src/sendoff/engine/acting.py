"""ACT: one batch of a plan. Intent is written before the deed, outcome after it; after a crash we find first."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sendoff.engine.look import connectors
from sendoff.engine.tray import Tray
from sendoff.model.case import Case
from sendoff.model.digest import Digest, canonical, merkle_root
from sendoff.model.errors import Conflict, ConnectorError, Denied, Refused, Throttled
from sendoff.model.event import Acted, Body, Sealed, Tried
from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.people import ROBOT
from sendoff.model.plan import NEEDS_BEFORE_IMAGE, SURPRISES, Action, Again, Deed, Outcome, Plan, Receipt, once
from sendoff.model.state import State
from sendoff.model.step import Step
from sendoff.ports import LEASE, Ability, Connector, Ports, Repeat, Work
from sendoff.rules.judging import outcomes
from sendoff.rules.outside import refused_recipient

ROW_OF_SURPRISES = 3
"""So many in a row stop the step within the batch."""
PATIENCE = 600.0
"""Seconds a batch waits for the operations it started before it calls them unknown."""


@dataclass(slots=True)
class Fence:
    """A worker does not call once its own lease may have run out; it renews while it is still safe to. `now` is
    monotonic, in seconds: lease time is never civil time."""

    ports: Ports
    work: Work
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    held_until: float = 0.0

    def begin(self) -> None:
        """Renew before anything is done: who knows how long ago the work was taken. Refused when it is lost."""
        if not self._renewed(self.now()):
            raise self._lost()

    def check(self) -> None:
        """Renew when half the lease is gone; Refused when it is lost."""
        now = self.now()
        if now > self.held_until or (self.held_until - now < LEASE.total_seconds() / 2 and not self._renewed(now)):
            raise self._lost()

    def beat(self) -> bool:
        """Keep the lease while one call takes long; False when it is lost."""
        return self._renewed(self.now())

    def wait(self, seconds: float) -> None:
        """Sleep, and keep the lease meanwhile."""
        left = seconds
        while left > 0:
            part = min(left, LEASE.total_seconds() / 4)
            self.sleep(part)
            self.check()
            left -= part

    def called_off(self) -> bool:
        """True when somebody stopped the step or halted the case: the batch ends after the action it is at."""
        case = self.ports.journal.load(self.work.case)
        return bool(case.halted) or case.steps[self.work.step].state is State.STOPPED

    def _renewed(self, now: float) -> bool:
        kept = self.ports.dispatch.renew(self.work)
        if kept:
            self.held_until = now + LEASE.total_seconds()
        return kept

    def _lost(self) -> Refused:
        return Refused(f"{self.work.case} {self.work.step}: the lease is lost; another worker goes on")


def batches(plan: Plan, hands: Mapping[System, Connector]) -> tuple[tuple[int, tuple[Action, ...]], ...]:
    """The plan in batches of one rank, system and key each, in order: the number of a batch is its place here."""
    made: list[tuple[int, tuple[Action, ...]]] = []
    group: list[Action] = []
    for action in plan.actions:
        if group and (_share(group[0]) != _share(action) or len(group) >= _size(group[0], hands)):
            made.append((group[0].rank, tuple(group)))
            group = []
        group.append(action)
    if group:
        made.append((group[0].rank, tuple(group)))
    return tuple(made)


def _share(action: Action) -> tuple[int, str, str, str]:
    return action.rank, action.system, action.key, action.verb


def _size(action: Action, hands: Mapping[System, Connector]) -> int:
    hand = hands.get(action.system)
    ability = hand.able.get((action.kind, action.verb)) if hand else None
    return ability.batch if ability else 50


def act(ports: Ports, case: Case, step: Step, plan: Plan, work: Work, *, fence: Fence | None = None) -> None:
    """Do one batch from intent to outcome."""
    fence = fence or Fence(ports, work)
    fence.begin()
    hands = connectors(ports, case, step.systems)
    actions = batches(plan, hands)[work.batch][1]
    again = work.batch in dict(case.steps[step.id].tried)
    _write_intent(ports, case, step, actions, work)
    if any(action.verb is Verb.DISCLOSE for action in actions):
        extra = _sealed_batch(ports, case, plan, actions, hands, fence)
    elif any(action.verb is Verb.EXPORT and action.kind is Kind.SECRET for action in actions):
        extra = _compared_batch(ports, case, actions, hands, fence)
    else:
        extra = _plain_batch(ports, case, actions, hands, fence, again)
    ports.journal.append(case.id, None, extra, actor=ROBOT, at=ports.clock.now(), work=work)


def _write_intent(ports: Ports, case: Case, step: Step, actions: Sequence[Action], work: Work) -> None:
    blob, root = _kept(ports, case, actions)
    tried = Tried(step=step.id, batch=work.batch, attempt=work.attempt, deeds=blob, count=len(actions), root=root)
    ports.journal.append(case.id, None, (tried,), actor=ROBOT, at=ports.clock.now(), work=work)


def _kept(ports: Ports, case: Case, rows: Sequence[Action] | Sequence[Deed]) -> tuple[Digest, Digest]:
    return ports.store.put(case.id, canonical(rows)), merkle_root(canonical(row) for row in rows)


def _acted(ports: Ports, case: Case, fence: Fence, deeds: Sequence[Deed], tray: Tray) -> Acted:
    blob, root = _kept(ports, case, deeds)
    return Acted(
        step=fence.work.step,
        batch=fence.work.batch,
        deeds=blob,
        count=len(deeds),
        root=root,
        outcomes=outcomes(deeds),
        files=ports.store.put(case.id, canonical(tray.files)) if tray.files else None,
    )


def _plain_batch(
    ports: Ports,
    case: Case,
    actions: Sequence[Action],
    hands: Mapping[System, Connector],
    fence: Fence,
    again: bool,
) -> tuple[Body, ...]:
    sealed = {f"parcel:{step}": parcel.digest for step, parcel in case.parcels.items()}
    tray = Tray(ports.store, case.id, sealed=sealed)
    deeds = _deeds(case, actions, hands, tray, fence, again)
    return (_acted(ports, case, fence, deeds, tray),)


def _deeds(
    case: Case,
    actions: Sequence[Action],
    hands: Mapping[System, Connector],
    tray: Tray,
    fence: Fence,
    again: bool,
) -> list[Deed]:
    """Start every action, then wait for the long ones together; a pending operation holds no place."""
    receipts: dict[str, Receipt] = {}
    pending: dict[str, tuple[Action, Again]] = {}
    row = 0
    for action in actions:
        name = once(case.id, action)
        fence.check()
        if fence.called_off():
            break
        answer = one_deed(hands[action.system], action, name, tray, again)
        if isinstance(answer, Again):
            pending[name] = (action, answer)
            continue
        receipts[name] = answer
        row = row + 1 if answer.outcome in SURPRISES else 0
        if row >= ROW_OF_SURPRISES:
            break
    receipts |= _waited_for(pending, hands, fence)
    done = [(action, once(case.id, action)) for action in actions]
    return [
        Deed(once=name, ref=action.ref, verb=action.verb, name=action.name, receipt=receipts[name])
        for action, name in done
        if name in receipts
    ]


def one_deed(hand: Connector, action: Action, name: Digest, tray: Tray, again: bool) -> Receipt | Again:
    """One action: find it when an earlier life may have done it, look whether it still is what was approved, do it."""
    if action.by_person:
        return _asked(hand, action, name)
    ability = hand.able.get((action.kind, action.verb))
    if ability is None:
        return Receipt(outcome=Outcome.REFUSED, code="NotAble")
    try:
        if _looks_first(action, ability, again):
            found = hand.find(action, once=name)
            if found is not None:
                return found
            if again and ability.repeat is Repeat.NONE:
                return Receipt(outcome=Outcome.IN_DOUBT)
        if action.verb in NEEDS_BEFORE_IMAGE:
            now = hand.read(action.at, tray)
            if now is None:
                return Receipt(outcome=Outcome.FOUND, code="absent")
            if now.image != action.before:
                return Receipt(outcome=Outcome.CHANGED)
        return hand.apply(action, once=name, out=tray)
    except ConnectorError as failed:
        return _receipt_of(failed)


def _asked(hand: Connector, action: Action, name: Digest) -> Receipt:
    """A person does it in the vendor's page: we only look whether they have."""
    try:
        return hand.find(action, once=name) or Receipt(outcome=Outcome.ASKED)
    except ConnectorError as failed:
        return Receipt(outcome=Outcome.ASKED, code=failed.code or type(failed).__name__)


def _looks_first(action: Action, ability: Ability, again: bool) -> bool:
    """After a crash, and always for what would be there twice: an earlier plan may have sent the same letter and not
    have heard the answer. To disable can take several calls, of which half looks done, so it is done again whole."""
    if ability.repeat in (Repeat.MARKER, Repeat.OWN_KEY):
        return True
    return again and not (action.verb is Verb.DISABLE and ability.repeat is Repeat.NATURAL)


def _receipt_of(failed: ConnectorError) -> Receipt:
    """A clear no is refused; anything else says nothing about the world, and a look must tell."""
    clear = isinstance(failed, (Denied, Conflict)) and not isinstance(failed, Throttled)
    return Receipt(outcome=Outcome.REFUSED if clear else Outcome.UNKNOWN, code=failed.code or type(failed).__name__)


def _waited_for(
    pending: Mapping[str, tuple[Action, Again]], hands: Mapping[System, Connector], fence: Fence
) -> dict[str, Receipt]:
    """What became of operations that the vendor went on with by itself."""
    receipts: dict[str, Receipt] = {}
    waiting = dict(pending)
    give_up = fence.now() + PATIENCE
    while waiting:
        fence.wait(min(again.seconds for _, again in waiting.values()))
        for name, (action, again) in list(waiting.items()):
            fence.check()
            answer = _followed(hands[action.system], action, again, late=fence.now() > give_up)
            if isinstance(answer, Again):
                waiting[name] = (action, answer)
            else:
                receipts[name] = answer
                del waiting[name]
    return receipts


def _followed(hand: Connector, action: Action, again: Again, *, late: bool) -> Receipt | Again:
    if late:
        return Receipt(outcome=Outcome.UNKNOWN, code="StillRunning")
    try:
        return hand.follow(action, again.operation)
    except ConnectorError as failed:
        return _receipt_of(failed)


def _sealed_batch(
    ports: Ports,
    case: Case,
    plan: Plan,
    actions: Sequence[Action],
    hands: Mapping[System, Connector],
    fence: Fence,
) -> tuple[Body, ...]:
    """One pass: read, put into the parcel in memory, seal. A crash before the end reads again; nothing was given."""
    why, recipient = refused_recipient(case.facts), case.facts.recipient
    if why or recipient is None:
        raise Refused(why)
    with ports.sealer.open_parcel(recipient.age_key, case=case.id) as parcel:
        tray = Tray(ports.store, case.id, parcel=parcel)
        deeds = _deeds(case, actions, hands, tray, fence, False)
        for left in plan.left:
            parcel.withhold(left.item.name, left.why)
        sealed, manifest = parcel.seal()
    withheld = len(plan.left)
    complete = tray.disclosed == len(actions)
    found: list[Body] = [_acted(ports, case, fence, deeds, tray)]
    if complete:
        found.append(
            Sealed(
                step=fence.work.step,
                parcel=ports.store.put(case.id, sealed),
                manifest=ports.store.put(case.id, manifest),
                recipient=recipient.mail,
                vault=len(actions) + withheld,
                inside=tray.disclosed,
                withheld=withheld,
            )
        )
    return tuple(found)


def _compared_batch(
    ports: Ports, case: Case, actions: Sequence[Action], hands: Mapping[System, Connector], fence: Fence
) -> tuple[Body, ...]:
    """H7: every secret is read again and its mark compared with those in the sealed parcel; nothing of it is kept."""
    recipient, sealed = case.facts.recipient, case.parcel
    if recipient is None or sealed is None:
        raise Refused("there is no parcel to compare the vault with; export the secrets first")
    inside = frozenset(json.loads(ports.store.get(case.id, sealed.manifest))["records"])
    deeds = []
    with ports.sealer.open_parcel(recipient.age_key, case=case.id) as parcel:
        tray = Tray(ports.store, case.id, parcel=parcel)
        for action in actions:
            fence.check()
            read = replace(action, verb=Verb.DISCLOSE)
            answer = one_deed(hands[action.system], read, once(case.id, read), tray, False)
            same = isinstance(answer, Receipt) and answer.outcome is Outcome.DONE and parcel.marks()[-1] in inside
            receipt = Receipt(outcome=Outcome.DONE, code="same") if same else _another(answer)
            name = once(case.id, action)
            deeds.append(Deed(once=name, ref=action.ref, verb=action.verb, name=action.name, receipt=receipt))
    return (_acted(ports, case, fence, deeds, tray),)


def _another(answer: Receipt | Again) -> Receipt:
    if isinstance(answer, Receipt) and answer.outcome is not Outcome.DONE:
        return answer
    return Receipt(outcome=Outcome.CHANGED, code="NotAsSealed")
