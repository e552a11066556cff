"""One deed: found when it happened already, left alone when the thing changed, and done once."""

from dataclasses import replace

from sendoff.engine.tray import Tray
from sendoff.model.digest import Digest
from sendoff.model.errors import Conflict, ConnectorError, Denied, LeaseLost, Refused, Throttled
from sendoff.model.inventory import Item, Target, Verb
from sendoff.model.plan import AGAIN, NEEDS_BEFORE_IMAGE, Action, Again, Outcome, Receipt
from sendoff.ports import Ability, Connector, Repeat
from sendoff.rules.watching import spoiled_since
from sendoff.rules.withdrawing import ENABLED


def one_deed(hand: Connector, action: Action, name: Digest, tray: Tray, again: bool) -> Receipt | Again:
    """One action: find it when an earlier life may have done it, look whether it still is what was approved, do it."""
    if action.by_person:
        return seen_done(hand, action, name, tray) or Receipt(outcome=Outcome.ASKED)
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
        if action.said(AGAIN):
            found = _again(hand.read(action.at, tray), action)
            return found or hand.apply(action, once=name, out=tray)
        if action.verb in NEEDS_BEFORE_IMAGE:
            now = hand.read(action.at, tray)
            if now is None:
                return Receipt(outcome=Outcome.FOUND, code="absent")
            spoiled = spoiled_since(action, now)
            if now.image != action.before or spoiled:
                return Receipt(outcome=Outcome.CHANGED, said=(("why", spoiled),) if spoiled else ())
        return hand.apply(action, once=name, out=tray)
    except Throttled as busy:
        return Again(seconds=busy.after, begun=False)
    except ConnectorError as failed:
        return receipt_of(failed)
    except LeaseLost:
        raise
    except Refused as ours:
        return Receipt(outcome=Outcome.REFUSED, code="ByUs", said=(("why", str(ours)),))


def _again(now: Item | None, action: Action) -> Receipt | None:
    """Why a thing is not put back: it is so already, or it is not what we left behind."""
    if action.said(AGAIN) == ENABLED:
        if now is None or now.image != action.before:
            return Receipt(outcome=Outcome.CHANGED)
        return Receipt(outcome=Outcome.FOUND, code="enabled") if now.fact("enabled") != "no" else None
    return Receipt(outcome=Outcome.FOUND, code="there") if now is not None else None


def seen_done(hand: Connector, action: Action, name: Digest, tray: Tray) -> Receipt | None:
    """Whether a person has done it in the vendor's page: what should end is read, anything else is looked for. When
    nobody can look, nobody has seen it."""
    if action.verb not in NEEDS_BEFORE_IMAGE:
        try:
            return hand.find(action, once=name)
        except LeaseLost:
            raise
        except (ConnectorError, Refused):
            return None
    for target in _readable(hand, action.at):
        try:
            item = hand.read(target, tray)
        except ConnectorError:
            continue
        ended = item is None or item.fact("ended") == "yes"
        return Receipt(outcome=Outcome.FOUND, code="absent" if item is None else "ended") if ended else None
    return None


def _readable(hand: Connector, target: Target) -> tuple[Target, ...]:
    """The same place by each key that can read it: a person's own key opens nothing for us, and what a person ended may
    have been one of the others."""
    keys = [cell.key for cell in hand.cells() if cell.kind is target.kind and cell.scope == target.scope]
    return tuple(replace(target, key=key) for key in dict.fromkeys(keys)) or (target,)


def _looks_first(action: Action, ability: Ability, again: bool) -> bool:
    """After a crash, and always for what would be there twice: an earlier plan may have sent the same letter and not
    have heard the answer. To disable can take several calls, of which half looks done, so it is done again whole."""
    if ability.repeat in (Repeat.MARKER, Repeat.OWN_KEY):
        return True
    return again and not (action.verb is Verb.DISABLE and ability.repeat is Repeat.NATURAL)


def receipt_of(failed: ConnectorError) -> Receipt:
    """A clear no is refused; anything else says nothing about the world, and a look must tell."""
    clear = isinstance(failed, (Denied, Conflict)) and not isinstance(failed, Throttled)
    said = (STILL_USED,) if isinstance(failed, Conflict) else ()
    code = failed.code or type(failed).__name__
    return Receipt(outcome=Outcome.REFUSED if clear else Outcome.UNKNOWN, code=code, said=said)


STILL_USED = ("again", "when nothing uses it")
"""What a receipt says of a thing that was busy, locked or in use: another pass may find it free."""


def in_use(receipt: Receipt | None) -> bool:
    """True for what was refused because of something else."""
    return receipt is not None and receipt.outcome is Outcome.REFUSED and STILL_USED in receipt.said
