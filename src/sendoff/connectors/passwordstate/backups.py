"""What is erased is not destroyed: backups of the vault keep it as long as they are kept."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sendoff.model.plan import Outcome, Receipt


def erased(days: int | None, now: Callable[[], datetime] | None, outcome: Outcome, code: str) -> Receipt:
    """The receipt of a record that is gone, with how long backups may hold it."""
    known = days is not None and now is not None
    until = f"{now().date() + timedelta(days=days):%Y-%m-%d}" if known and now and days is not None else ""
    said = f"may hold it until {until}" if until else "may hold it for as long as they are kept"
    return Receipt(outcome=outcome, code=code, said=(("backups", said),))
