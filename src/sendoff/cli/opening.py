"""`sendoff case open` and `change`: from a checklist and facts to a running case."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sendoff.cli.caller import As, AsJson, Reason, SettingsFile, called
from sendoff.cli.drawing import as_json, out, table
from sendoff.model.facts import LeavesCsp
from sendoff.model.state import State
from sendoff.model.template import Tier

if TYPE_CHECKING:
    from sendoff.model.case import Case


def open_case(
    *,
    template: Path,
    facts: Path,
    notice: Path,
    accept_line: tuple[int, ...] = (),
    contract_end: date | None = None,
    access_until: date | None = None,
    tier: Tier | None = None,
    remaining: Tier | None = None,
    leaves_csp: LeavesCsp | None = None,
    settings: SettingsFile = None,
    as_: As = None,
    json: AsJson = False,
) -> int:
    """Open a case from a checklist, the facts and the notice as it came in.

    **Example**

    ```
    sendoff case open --template offboarding.md --facts vandermeer.toml --notice notice.eml
    ```

    Parameters
    ----------
    template
        The checklist, a GitHub issue template.
    facts
        A TOML file: customer, dates, scope table, new supplier, ids in each system (docs/reference/facts.md).
    notice
        The notice of termination as it reached us; it is filed as evidence.
    accept_line
        The number of a line no step knows, accepted by you as done by hand.
    contract_end
        The last day of the contract; it counts whole.
    access_until
        The last day on which we may use our access.
    tier
        The tier that ends.
    remaining
        The tier that remains, if one does.
    leaves_csp
        Whether the customer leaves our CSP.
    """
    from sendoff.engine.desk import read_checklist
    from sendoff.wiring.factsfile import read_facts, read_file, with_flags

    found, who = called(settings, as_)
    letter = read_file(notice, "the notice")
    told = with_flags(
        read_facts(facts, found.provider, who.id, letter),
        contract_end=contract_end,
        access_until=access_until,
        tier=tier,
        remaining=remaining,
        leaves_csp=leaves_csp,
    )
    text = read_checklist(read_file(template, "the checklist"), str(template))
    by_hand = dict.fromkeys(accept_line, who.id)
    case = found.desk.open_case(who, text, told, by_hand=by_hand, notice=letter)
    if json:
        as_json(case)
        return 0
    _draw(case)
    return 0


def _draw(case: "Case") -> None:
    out(f"Opened {case.id}: {case.title}")
    chosen = [one for one in case.steps.values() if one.state is not State.NOT_APPLICABLE]
    table("Lines that apply", ("line", "role", "text", "why"), [(o.line, o.role, o.text, o.reason) for o in chosen])
    rest = [(one.line, one.text, one.reason) for one in case.steps.values() if one.state is State.NOT_APPLICABLE]
    rest += [(one.line, one.text, one.reason) for one in case.others]
    table("Lines that do not", ("line", "text", "why"), rest)


def change(case: str, /, *, facts: Path, reason: Reason, settings: SettingsFile = None, as_: As = None) -> int:
    """Change the facts of a case. For recipient, supplier, domains and scope two persons bring the same file.

    **Example**

    ```
    sendoff case change L3F8K2MPA --facts new.toml --reason "end date moved by the customer"
    ```

    Parameters
    ----------
    facts
        The whole facts, as for `case open`.
    """
    from dataclasses import replace

    from sendoff.wiring.factsfile import read_facts

    found, who = called(settings, as_)
    before = found.desk.case(case).facts
    told = read_facts(facts, found.provider, who.id, b"")
    told = replace(told, notice=before.notice, tail=before.tail, tail_of=before.tail_of)
    after = found.desk.change_facts(who, case, told, reason=reason)
    changed = "facts changed, approvals are void" if after.facts == told else "asked; a second person brings the same"
    out(
        f"{case}: facts changed, approvals are void"
        if changed
        else f"{case}: asked; now a second person brings the same"
    )
    return 0
