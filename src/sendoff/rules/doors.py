"""Trials of a door and what the journal knows -> is it shut? A denial alone proves nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sendoff.model.certificate import Door
from sendoff.model.key import Key
from sendoff.model.trial import Condition, Met, Trial

LINGERS: Mapping[Key, timedelta] = {Key.LIGHTHOUSE: timedelta(minutes=15), Key.APP: timedelta(minutes=90)}
"""For how long a token from before may still read: 15 minutes after a delegation ended [D]; for an app as long as its
last token lives, an hour to an hour and a half [K]."""
UNHELD = "we hold no such key here, so nobody could try it"


def read_before(look: str) -> Condition:
    """The same key read the place while it was open; `look` says in which look, or is empty."""
    said = look or "no look of this case ever read it by this key"
    return Condition(name="read before", met=Met.YES if look else Met.NO, said=said)


def removed(how: str) -> Condition:
    """Somebody made an end to it, and that was accepted or seen; `how` is empty when the journal knows of nobody."""
    said = how or "nobody is on record as having made an end to it"
    return Condition(name="removal accepted", met=Met.YES if how else Met.NO, said=said)


def door(key: Key, trials: Sequence[Trial], names: Mapping[str, str]) -> Door:
    """What is said of one door. `names` are the places as people call them; a trial's conditions are complete."""
    if not trials:
        return Door(key=str(key), outcome="not tried", said=UNHELD)
    many = len(trials) > 1
    rows = tuple(
        replace(row, name=f"{names.get(one.scope, one.scope)}: {row.name}") if many else row
        for one in trials
        for row in one.conditions
    )
    outcome, said = _outcome(trials, rows)
    return Door(key=str(key), outcome=outcome, said=said, conditions=rows)


def _outcome(trials: Sequence[Trial], rows: Sequence[Condition]) -> tuple[str, str]:
    if any(one.opens for one in trials):
        return "open", "it still signs in and reads"
    if any(one.lingers for one in trials):
        return "open", "a token from before still reads, though a fresh sign-in is refused"
    faults = [one.fault or "there was no clear no" for one in trials if not one.denied]
    if faults:
        return "unknown", faults[0]
    codes = ", ".join(sorted({one.denied for one in trials}))
    weak = [row for row in rows if fails(row)]
    if weak:
        return "unknown", f"refused ({codes}), which proves nothing yet; {weak[0].name}: {weak[0].said}"
    return "shut", f"a fresh sign-in is refused ({codes}), and all that this rests on holds"


def fails(row: Condition) -> bool:
    """Whether a denial proves nothing because of this."""
    return row.met is Met.NO or (row.needed and row.met is Met.UNREADABLE)


def too_soon(trials: Sequence[Trial], since: datetime | None, now: datetime) -> datetime | None:
    """When to try again, while a token from before may still be let in; None when it is time to say what it means."""
    if since is None or not any(one.lingers for one in trials):
        return None
    over = since + max(LINGERS.get(one.key, timedelta()) for one in trials)
    return over if now < over else None


def told(doors: Sequence[Door]) -> tuple[str, ...]:
    """Each tried door in one line, for a reader who has only the certificate."""
    return tuple(
        f"door {one.key}, {one.outcome}: " + "; ".join(f"{row.name} {row.met} ({row.said})" for row in one.conditions)
        for one in doors
        if one.conditions
    )
