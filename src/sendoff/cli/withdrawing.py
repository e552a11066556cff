"""`sendoff case withdraw`: the customer takes the termination back."""

from sendoff.cli.caller import As, SettingsFile, called
from sendoff.cli.drawing import out, table


def withdraw(case: str, /, *, reason: str = "", settings: SettingsFile = None, as_: As = None) -> int:
    """Say what could be put back if the termination were withdrawn now; with a reason, withdraw it.

    One person asks, and a second one agrees with the same command. Then all open work ends, and the step
    `put-back-withdrawn` puts back what was done, by a plan that is approved like any other. Past the point of no return
    it is refused, with the reasons.

    **Example**

    ```
    sendoff case withdraw L3F8K2MPA
    sendoff case withdraw L3F8K2MPA --reason "the customer signed for another year"
    ```

    Parameters
    ----------
    reason
        Why; without it nothing is decided.
    """
    found, who = called(settings, as_)
    told = found.desk.withdrawal(case)
    table("Can be put back", ("what", "how"), told.back, empty="nothing was done that must be put back")
    table("Cannot be put back by us", ("what", "why"), told.lost, empty="nothing")
    for why in told.no_return:
        out(f"Too late: {why}")
    if reason:
        after = found.desk.withdraw(who, case, reason=reason)
        out(f"{case}: withdrawn" if after.withdrawn else f"{case}: asked; now a second person agrees")
    return 0
