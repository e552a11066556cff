"""`sendoff halt`."""

import sys
from pathlib import Path

from sendoff.cli.caller import As, Reason, SettingsFile, called
from sendoff.cli.drawing import out
from sendoff.model.errors import StoreDown


def halt(
    case: str | None = None, /, *, reason: Reason, off: bool = False, settings: SettingsFile = None, as_: As = None
) -> int:
    """Halt one case, or everything; with --off let it go on.

    Everything is halted by a file in the data folder before anything else is asked: every worker on this machine ends
    the action it is at, also when the database is away. Then each open case is halted in its journal, which reaches
    the workers on other machines too.

    **Example**

    ```
    sendoff halt --reason "wrong tenant reported"
    sendoff halt --off --reason "cleared"
    sendoff halt L3F8K2MPA --reason "the customer called"
    ```

    Parameters
    ----------
    case
        One case; everything when left out.
    off
        Let it go on again.
    """
    if case is None and not off:
        _everything(settings, reason)
    try:
        found, who = called(settings, as_)
        cases = [case] if case else [one.id for one in found.desk.cases() if one.certificate is None]
        for one in cases:
            found.desk.halt(who, one, on=not off, reason=reason)
            out(f"{one}: {'goes on' if off else 'halted'}")
    except StoreDown as down:
        print(f"sendoff: {down}; no journal says so yet", file=sys.stderr)
        return 1
    if case is None and off:
        found.release()
        out("everything goes on")
    return 0


def _everything(settings: Path | None, reason: str) -> None:
    from sendoff.wiring.brakes import brake_of

    brake = brake_of(settings)
    brake.pull(reason)
    out(f"everything on this machine is halted ({brake.file})")
