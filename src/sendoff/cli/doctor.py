"""`sendoff doctor` and `sendoff halt`."""

from typing import Annotated

from cyclopts import Parameter

from sendoff.cli.caller import As, AsJson, Reason, SettingsFile, called, house
from sendoff.cli.drawing import as_json, out, table

NoProbe = Annotated[bool, Parameter(name="--no-probe", negative=(), help="Read the settings only; ask no vendor.")]


def doctor(*, settings: SettingsFile = None, no_probe: NoProbe = False, json: AsJson = False) -> int:
    """Say what is configured, who is who, what is missing, and which keys work. Exit 1 when something is not good.

    Every configured system is asked one harmless question, and so is each customer's app. Nothing is changed.

    **Example**

    ```
    sendoff doctor
    sendoff doctor --no-probe
    ```
    """
    from sendoff.wiring.health import examined

    findings = examined(house(settings), probe=not no_probe)
    if json:
        as_json(findings)
    else:
        table("Doctor", ("", "what", "finding"), [(one.state, one.subject, one.said) for one in findings])
    return 0 if all(one.good for one in findings) else 1


def halt(
    case: str | None = None, /, *, reason: Reason, off: bool = False, settings: SettingsFile = None, as_: As = None
) -> int:
    """Halt one case, or all of them; with --off let them go on.

    **Example**

    ```
    sendoff halt --reason "wrong tenant reported"
    sendoff halt L3F8K2MPA --off --reason "cleared"
    ```

    Parameters
    ----------
    case
        One case; all open ones when left out.
    off
        Let it go on again.
    """
    found, who = called(settings, as_)
    cases = [case] if case else [one.id for one in found.desk.cases() if one.certificate is None]
    for one in cases:
        found.desk.halt(who, one, on=not off, reason=reason)
        out(f"{one}: {'goes on' if off else 'halted'}")
    return 0
