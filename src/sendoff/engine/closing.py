"""The end of a case: the last look, every door tried, and the certificate."""

import base64
import json
from collections.abc import Mapping, Sequence

from sendoff.engine.doors import doors
from sendoff.engine.look import sight
from sendoff.engine.planning import approved_plans, stored_plan
from sendoff.engine.undoing import done
from sendoff.engine.wholelook import not_configured, whole_look
from sendoff.model.case import Case, LastLook, Standing
from sendoff.model.certificate import Predicate, Result
from sendoff.model.digest import Json, canonical
from sendoff.model.errors import Refused
from sendoff.model.event import Certified
from sendoff.model.inventory import Inventory, Kind, System
from sendoff.model.key import Key
from sendoff.model.people import Person
from sendoff.model.plan import Plan
from sendoff.model.proof import ProofKind
from sendoff.model.shape import shaped
from sendoff.model.state import State, StepId
from sendoff.model.verdict import Judgement, Verdict
from sendoff.ports import Ports
from sendoff.rules.certifying import (
    addresses,
    agreed,
    coverage,
    elsewhere,
    handed,
    inside_machines,
    lines,
    not_settled,
    other_lines,
    restorable,
    result,
    sentence,
    statement,
    unreached,
    with_us,
)
from sendoff.rules.checking import unchecked
from sendoff.rules.holding import kept_by_hold
from sendoff.rules.judging import LASTING, kept_on_purpose
from sendoff.rules.withdrawing import PUTS_BACK, reckoned
from sendoff.steps import by_id

PAYLOAD_TYPE = "application/vnd.in-toto+json"


def not_closable(case: Case) -> tuple[str, ...]:
    """What keeps a case open: unsettled steps, or work done after the final look."""
    waiting = [*not_settled(case), *unchecked_words(case)]
    final = case.looks.get("final")
    if final is not None:
        late = [one.step for one in case.steps.values() if one.settled_seq > final.seq and _can_leave(one)]
        waiting += _blind(case, final)
        waiting += [f"{step} was done after the final look; look again" for step in late]
    return tuple(waiting)


def unchecked_words(case: Case) -> tuple[str, ...]:
    """What to say of each word on such a line at which nobody else looked (H36)."""
    return unchecked(case, by_word(case))


def by_word(case: Case) -> frozenset[StepId]:
    """The lines for which a second person looks at the evidence when a word settled them: those that remove, grant or
    hand over. What the last one took away is tried from outside, so no word is believed there."""
    known = [by_id(one.step) for one in case.steps.values() if not one.by_hand]
    return frozenset(step.id for step in known if step.grave and not step.last)


def _can_leave(standing: Standing) -> bool:
    """True for steps that make an end to things a look can find; the one that takes the last key comes after it."""
    step = by_id(standing.step) if not standing.by_hand else None
    return step is not None and bool(step.covers) and not step.last


def _blind(case: Case, final: LastLook) -> list[str]:
    """Law 1: what no key could read is closed only by a named person's word, with a reason, after that look."""
    word = case.proven(ProofKind.BLIND_SPOTS)
    if not final.blind or (word is not None and word.seq > final.seq):
        return []
    return [
        f"{len(final.blind)} cells could not be read ({final.blind[0]}): look again, or attest blind-spots-accepted"
    ]


def close(ports: Ports, case: Case, who: Person) -> Case:
    """Certify. The certificate names the head of the journal before its own event."""
    if "final" not in case.looks:
        used = frozenset(key for keys in _used_keys(ports, case).values() for key in keys)
        bodies = whole_look(ports, case, "final", avoid=used)
        case = ports.journal.append(case.id, case.seq, bodies, actor=who.id, at=ports.clock.now())
        waiting = not_closable(case)
        if waiting:
            raise Refused("the final look found something: " + "; ".join(waiting))
    predicate = _predicate(ports, case, case.looks["final"])
    payload = canonical(statement(predicate))
    signature, fingerprint = ports.signer.sign(payload)
    envelope = canonical(_envelope(payload, signature, fingerprint))
    certified = Certified(
        certificate=ports.store.put(case.id, envelope), outcome=str(predicate.outcome), head=case.head
    )
    return ports.journal.append(case.id, case.seq, (certified,), actor=who.id, at=ports.clock.now())


def _envelope(payload: bytes, signature: bytes, fingerprint: str) -> Json:
    """A DSSE envelope."""
    return {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": fingerprint, "sig": base64.b64encode(signature).decode()}],
    }


def _predicate(ports: Ports, case: Case, final: LastLook) -> Predicate:
    inventory = shaped(Inventory, json.loads(ports.store.get(case.id, final.inventory)), where="final look")
    seen = sight(case, inventory)
    rows = coverage(case, inventory, seen.owned, _used_keys(ports, case))
    tried = doors(ports, case, rows)
    not_looked = (*(f"{system}: not configured" for system in not_configured(ports, case)), *unreached(case, inventory))
    staying = agreed(case, seen.owned)
    ended = result(case, rows, tried, not_looked, staying, kept_by_hold(case.facts, seen.owned))
    outcome, exceptions = (Result.WITHDRAWN, _not_back(ports, case)) if case.withdrawn else ended
    return Predicate(
        sentence=sentence(case, outcome, ports.world.sandbox),
        rehearsal=ports.world.sandbox,
        case=case.id,
        world=case.world,
        customer=case.facts.customer.name,
        tenant=case.facts.customer.tenant,
        provider=case.facts.provider.name,
        tier=str(case.tier),
        contract_end=case.facts.contract_end.isoformat(),
        closed_at=ports.clock.now().isoformat(),
        outcome=outcome,
        exceptions=tuple(exceptions),
        systems=addresses(ports.world.addresses, case),
        lines=lines(case, {person.id: person.name for person in ports.identity.people()}),
        other_lines=other_lines(case.others),
        removed=(*_removed(ports, case), *restorable(seen.owned)),
        kept=(*_kept_here(ports, case, staying), *with_us(seen.owned)),
        handed_over=handed(case),
        withheld=_withheld(ports, case),
        looked_at=final.at.isoformat(),
        coverage=rows,
        not_looked=(*not_looked, *_nobody_meant(case, inventory)),
        doors=tried,
        head=case.head,
        events=case.seq,
    )


def _nobody_meant(case: Case, inventory: Inventory) -> tuple[str, ...]:
    """Where no list of a vendor reaches: printed, and no exception. A tail case is about billing alone."""
    return () if case.facts.tail_of else (*inside_machines(case, inventory), *elsewhere(case))


def _kept_here(ports: Ports, case: Case, staying: Sequence[str]) -> tuple[str, ...]:
    """What of ours is still there: by agreement, by kind; and what a plan left on purpose, by name."""
    plans = [one for plan in _plans(ports, case) for one in kept_on_purpose(plan)]
    by_kind = (f"{one}: it stays by agreement" for one in staying)
    return (*by_kind, *(f"{one.item.name}: {one.why}" for one in plans))


def _withheld(ports: Ports, case: Case) -> tuple[str, ...]:
    left = [one for plan in _plans(ports, case) for one in plan.left if one.item.kind is Kind.SECRET]
    return tuple(f"{one.item.name}: {one.why}" for one in left)


def _plans(ports: Ports, case: Case) -> tuple[Plan, ...]:
    found = (stored_plan(ports, case, by_id(one.step)) for one in case.steps.values() if one.plan_blob)
    return tuple(plan for plan in found if plan is not None)


def _used_keys(ports: Ports, case: Case) -> Mapping[tuple[System, Kind], frozenset[Key]]:
    found: dict[tuple[System, Kind], frozenset[Key]] = {}
    for plan in approved_plans(ports, case):
        for action in plan.actions:
            if action.verb in LASTING:
                place = (action.system, action.kind)
                found[place] = found.get(place, frozenset()) | {action.key}
    return found


def _removed(ports: Ports, case: Case) -> tuple[str, ...]:
    """What was seen gone, and was not put back since."""
    gone = [row for one in case.steps for row in judgements_of(ports, case, one) if row.verdict is Verdict.GONE]
    back = _back(ports, case)
    return tuple(f"{row.name} ({row.how})" for row in gone if row.ref not in back)


def _back(ports: Ports, case: Case) -> frozenset[str]:
    """Refs of what was put back after a withdrawal, and seen."""
    rows = judgements_of(ports, case, PUTS_BACK) if PUTS_BACK in case.steps else ()
    return frozenset(row.ref for row in rows if row.verdict is Verdict.THERE)


def _not_back(ports: Ports, case: Case) -> list[str]:
    """What was done and not put back, and what is not wholly as it was."""
    told = reckoned(case, done(ports, case))
    partly = [f"{name}: {how}" for name, how in told.back if how.count(";")]
    waived = [one.text for one in case.steps.values() if one.state is State.WAIVED]
    return [
        *(f"not put back: {name}: {why}" for name, why in told.lost),
        *(f"put back, not wholly: {one}" for one in partly),
        *(f"waived: {one}" for one in waived),
    ]


def judgements_of(ports: Ports, case: Case, step: StepId) -> tuple[Judgement, ...]:
    """Every verdict of a step's last second look."""
    blob = case.steps[step].judgements
    rows = json.loads(ports.store.get(case.id, blob)) if blob else []
    return tuple(shaped(Judgement, row, where=f"judgements of {step}") for row in rows)
