"""`sendoff case tail`: the CSP part goes on in a case of its own."""

from datetime import date

from sendoff.cli.caller import As, Reason, SettingsFile, called
from sendoff.cli.drawing import out


def tail(case: str, /, *, until: date, reason: Reason, settings: SettingsFile = None, as_: As = None) -> int:
    """Let the CSP part go on in a case of its own, so that this one can end on time; a second person agrees.

    The transfer and what hangs on it go on there until the day you give. Nothing is suspended.

    **Example**

    ```
    sendoff case tail L3F8K2MPA --until 2027-06-30 --reason "the new supplier has made no request yet"
    ```

    Parameters
    ----------
    until
        The last day on which the CSP part goes on, as agreed with the customer. The second person gives the same.
    """
    found, who = called(settings, as_)
    after = found.desk.tail(who, case, until=until, reason=reason)
    if after.facts.tail:
        out(f"{case}: the CSP part goes on in case {after.facts.tail} until {after.tail_until}")
    else:
        out(f"{case}: asked; now a second person agrees, with the same day")
    return 0
