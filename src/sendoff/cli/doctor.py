"""`sendoff doctor`."""

from typing import Annotated

from cyclopts import Parameter

from sendoff.cli.caller import AsJson, SettingsFile, house
from sendoff.cli.drawing import as_json, table

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
