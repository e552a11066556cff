"""`sendoff case approve`, `refuse`, `attest`, `decide` and the like: a person's word."""

from datetime import date
from pathlib import Path
from typing import Literal

from sendoff.cli.caller import As, Reason, SettingsFile, called
from sendoff.cli.drawing import out
from sendoff.model.digest import Digest
from sendoff.model.inventory import Whose
from sendoff.model.state import StepId


def approve(
    case: str,
    step: str,
    /,
    *,
    plan: str,
    over_belt: bool = False,
    settings: SettingsFile = None,
    as_: As = None,
) -> int:
    """Say yes, as a second person, to exactly one plan. Against real systems it is signed with your SSH key.

    **Example**

    ```
    sendoff case approve L3F8K2MPA remove-policies --plan sha256:...
    ```

    Parameters
    ----------
    plan
        The digest of the plan, as `case show` prints it.
    over_belt
        Say yes although the plan is over the size belt.
    """
    found, who = called(settings, as_)
    after = found.desk.approve(who, case, StepId(step), Digest(plan), over_belt=over_belt)
    approval = after.steps[StepId(step)].approval
    out(f"{step}: approved until {approval.until:%Y-%m-%d %H:%M} UTC" if approval else f"{step}: not approved")
    return 0


def refuse(case: str, step: str, /, *, reason: Reason, settings: SettingsFile = None, as_: As = None) -> int:
    """Say no to a plan, with the reason; the step needs a new one.

    **Example**

    ```
    sendoff case refuse L3F8K2MPA remove-resources --reason "the shared action group first"
    ```
    """
    found, who = called(settings, as_)
    found.desk.refuse(who, case, StepId(step), reason=reason)
    out(f"{step}: refused")
    return 0


def attest(
    case: str,
    what: str,
    /,
    *,
    evidence: tuple[Path, ...],
    note: str = "",
    settings: SettingsFile = None,
    as_: As = None,
) -> int:
    """Give your word, with evidence, that a line was done by hand, or that something is so.

    Besides steps: `export-accepted`, `break-glass-confirmed`, `customer-permission`, `blind-spots-accepted`,
    `costs-kept`, `probe-uninstalled`, `lost-protections-accepted`, `shared-secrets-rotated`, `private-lists-asked`,
    `one-time-codes-enrolled` and `words-checked`. It is printed as attested, never as verified.

    **Example**

    ```
    sendoff case attest L3F8K2MPA terminate-contract --evidence topdesk.pdf --note "contract 4711 ended"
    sendoff case attest L3F8K2MPA export-accepted --evidence reply.eml
    ```

    Parameters
    ----------
    what
        A step of the case, or one of the facts above.
    evidence
        A file; may be given several times.
    note
        What you did, in a few words.
    """
    from sendoff.wiring.factsfile import read_file

    found, who = called(settings, as_)
    files = [read_file(path, "the evidence") for path in evidence]
    found.desk.attest(who, case, what, files, note=note or "done by hand")
    out(f"{what}: attested by {who.name}")
    return 0


def decide(
    case: str,
    ref: str,
    whose: Literal["ours", "customers"],
    /,
    *,
    reason: Reason,
    name: str = "",
    settings: SettingsFile = None,
    as_: As = None,
) -> int:
    """Decide whose an unknown thing is. The plan that follows still needs a second person.

    **Example**

    ```
    sendoff case decide L3F8K2MPA "azure|resource|/subscriptions/..." customers --reason "made by their own team"
    ```

    Parameters
    ----------
    ref
        The thing, as `case show` and the report name it.
    whose
        `ours` or `customers`.
    """
    found, who = called(settings, as_)
    answer = Whose.OURS if whose == "ours" else Whose.CUSTOMERS
    found.desk.decide(who, case, ref, answer, name=name or ref, reason=reason)
    out(f"{ref}: {answer}")
    return 0


def not_applicable(case: str, step: str, /, *, reason: Reason, settings: SettingsFile = None, as_: As = None) -> int:
    """Record that a line does not apply, and why. Lines that remove, grant or hand over are waived instead.

    **Example**

    ```
    sendoff case not-applicable L3F8K2MPA meet --reason "the customer asked for letters only"
    ```
    """
    found, who = called(settings, as_)
    found.desk.not_applicable(who, case, StepId(step), reason=reason)
    out(f"{step}: not applicable")
    return 0


def waive(
    case: str, step: str, /, *, until: date, reason: Reason, settings: SettingsFile = None, as_: As = None
) -> int:
    """Ask to leave a line undone until a date; a second person who gives the same date agrees.

    **Example**

    ```
    sendoff case waive L3F8K2MPA remove-prtg-probe --until 2027-03-01 --reason "host is offline until then"
    ```
    """
    found, who = called(settings, as_)
    after = found.desk.waive(who, case, StepId(step), reason=reason, until=until)
    standing = after.steps[StepId(step)]
    out(f"{step}: {standing.state}" + ("" if standing.second else ", asked; now a second person agrees"))
    return 0


def stop(case: str, step: str, /, *, reason: Reason, settings: SettingsFile = None, as_: As = None) -> int:
    """Stop one step; a running batch ends after the action it is at.

    **Example**

    ```
    sendoff case stop L3F8K2MPA remove-resources --reason "the customer called"
    ```
    """
    found, who = called(settings, as_)
    found.desk.stop(who, case, StepId(step), reason=reason)
    out(f"{step}: stopped")
    return 0


def resume(case: str, step: str, /, *, reason: Reason, settings: SettingsFile = None, as_: As = None) -> int:
    """Let a stopped, skipped or waived step go on; it needs a new plan.

    **Example**

    ```
    sendoff case resume L3F8K2MPA remove-resources --reason "cleared with the customer"
    ```
    """
    found, who = called(settings, as_)
    found.desk.resume(who, case, StepId(step), reason=reason)
    out(f"{step}: ready again")
    return 0
