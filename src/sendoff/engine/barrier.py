"""Between two ranks: what must be done before the next begins, by us or by a person in a vendor's page."""

from collections import Counter
from collections.abc import Sequence

from sendoff.engine.acting import NOT_AS_SEALED, batches
from sendoff.engine.deeds import seen_done
from sendoff.engine.judging import stored_deeds
from sendoff.engine.look import connectors
from sendoff.engine.tray import Tray
from sendoff.model.case import SECRETS, Case, Standing
from sendoff.model.digest import canonical
from sendoff.model.event import Judged, StepMoved
from sendoff.model.inventory import Verb
from sendoff.model.plan import Action, Outcome, Plan, Receipt, once
from sendoff.model.proof import ProofKind
from sendoff.model.state import Move, State
from sendoff.model.step import Step
from sendoff.model.verdict import Judgement, Verdict
from sendoff.ports import Ports
from sendoff.rules.deadlines import look_again
from sendoff.rules.judging import awaited

PREPARES = frozenset({Verb.EXPORT, Verb.CREATE, Verb.SEND, Verb.DISCLOSE, Verb.ACCEPT, Verb.DISABLE})
"""Verbs that what follows stands on: when one fails, the next rank does not begin. What could not be paused is
not removed (H17)."""


def barred(ports: Ports, case: Case, step: Step, plan: Plan) -> Judged | None:
    """Why the next rank cannot begin yet; None when it can, or when there is none."""
    standing = case.steps[step.id]
    rows = batches(plan, connectors(ports, case, step.systems), standing.batch)
    done = frozenset(standing.acted)
    todo = min((rank for number, (rank, _) in enumerate(rows) if number not in done), default=None)
    if todo is None or standing.tried:
        return None
    before = [action for rank, group in rows if rank < todo for action in group]
    failed = _failed(ports, case, step, before)
    waits = () if failed else _awaited(ports, case, step, before)
    if not failed and not waits:
        return _expired(ports, case, step, standing) if before else None
    found = failed or waits
    return _judged(ports, case, step, found, Move.LEAVE if failed else Move.HOLD)


def sealed_anew(ports: Ports, case: Case, step: Step) -> tuple[StepMoved, ...]:
    """H7: when something changed in the vault since it was sealed, the export is open again, and says what; until the
    parcel is handed over."""
    sealing = case.standing(SECRETS)
    if step.gives != ProofKind.HANDED_OVER or sealing is None or sealing.state is not State.DONE:
        return ()
    codes = (Outcome.CHANGED, NOT_AS_SEALED)
    deeds = stored_deeds(ports, case, step)
    another = [one.name for one in deeds if (one.receipt.outcome, one.receipt.code) == codes]
    if not another or case.proven(ProofKind.HANDED_OVER) is not None:
        return ()
    more = f" and {len(another) - 1} more" if len(another) > 1 else ""
    why = f"changed in the vault since it was sealed: {another[0]}{more}; export anew"
    return (StepMoved(step=SECRETS, move=Move.LEAVE, reason=why),)


def _failed(ports: Ports, case: Case, step: Step, actions: Sequence[Action]) -> tuple[Judgement, ...]:
    prepared = [action for action in actions if action.verb in PREPARES]
    if not prepared:
        return ()
    deeds = {(deed.ref, deed.verb): deed.receipt for deed in stored_deeds(ports, case, step)}
    good = (Outcome.DONE, Outcome.FOUND, Outcome.ASKED)
    found = []
    for action in prepared:
        receipt = deeds.get((action.ref, action.verb))
        if receipt is None or receipt.outcome not in good:
            said = _answer(receipt) if receipt else "nothing was done"
            why = f"{said}; what stands on it did not begin"
            found.append(
                Judgement(ref=action.ref, name=action.name, verdict=Verdict.UNKNOWN, how="its receipt", why=why)
            )
    return tuple(found)


def _answer(receipt: Receipt) -> str:
    """What became of it; of what was done in part also what is missing."""
    missing = [value for name, value in receipt.said if name == "missing"]
    more = f": {'; '.join(missing)}" if missing else ""
    return f"{receipt.outcome} {receipt.code}".strip() + more


def _awaited(ports: Ports, case: Case, step: Step, actions: Sequence[Action]) -> tuple[Judgement, ...]:
    hands, tray = connectors(ports, case, step.systems), Tray(ports.store, case.id, keep=False)
    return tuple(
        Judgement(ref=one.ref, name=one.name, verdict=Verdict.HELD, how="looked for", why=awaited(one))
        for one in actions
        if one.by_person and seen_done(hands[one.system], one, once(case.id, one), tray) is None
    )


def _expired(ports: Ports, case: Case, step: Step, standing: Standing) -> Judged | None:
    """What waited long for a person does not go on under an old yes."""
    approval = standing.approval
    if approval is None or ports.clock.now() < approval.until:
        return None
    why = "the approval expired while we waited for a person; the rest needs a new plan"
    row = Judgement(ref=str(step.id), name=str(step.id), verdict=Verdict.LEFT, how="its approval", why=why)
    return _judged(ports, case, step, (row,), Move.LEAVE)


def _judged(ports: Ports, case: Case, step: Step, found: Sequence[Judgement], move: Move) -> Judged:
    return Judged(
        step=step.id,
        judgements=ports.store.put(case.id, canonical(tuple(found))),
        verdicts=tuple(sorted(Counter(str(one.verdict) for one in found).items())),
        move=move,
        why=f"{found[0].name}: {found[0].why}",
        until=look_again(case.steps[step.id], ports.clock.now()) if move is Move.HOLD else None,
    )
