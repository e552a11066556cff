"""What a vendor is known to do and does only now and then: switched on at the control port, off when it starts."""

from dataclasses import asdict, dataclass, fields

from sendoff.sandbox.wire import Obj, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """Each is off at its first value; civil minutes are those of the world's clock."""

    rows: int = 10
    """Most rows of a page, at ARM and Graph."""
    lingering: int = 0
    """Minutes in which a token from before still has the rights of a delegation that ended, or of an app that is gone:
    the vendor says 15 for the first."""
    lag: int = 0
    """Queries of Resource Graph after a change that still show what was there before it."""
    unsettled: int = 0
    """Calls at a new directory object that answer 404 before it is there."""
    ending: int = 0
    """Minutes that a GDAP relationship spends in each state on its way to terminated."""
    deleting: int = 0
    """Milliseconds that every delete of a resource goes on after it was accepted; 0: as its type is known to."""
    batches: int = 0
    """1: a template of at most 200 chosen ids is made in a group of more; nobody has seen whether Azure does so."""

    def shown(self) -> Obj:
        """The habits as the control port shows them."""
        return {**asdict(self)}


def habits(before: Habits, asked: Obj) -> Habits | None:
    """`before` with what is asked for; None when that is no habit, or no whole number from zero."""
    names = {one.name for one in fields(Habits)}
    if not asked or any(key not in names or whole(value, -1) < 0 for key, value in asked.items()):
        return None
    return Habits(**{**asdict(before), **{key: whole(value) for key, value in asked.items()}})
