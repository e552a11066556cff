"""`sendoff inventory import-manifest`: what onboarding wrote down becomes the record of a customer."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sendoff.cli.caller import As, AsJson, SettingsFile, called
from sendoff.cli.drawing import as_json, out, table
from sendoff.model.errors import BadInput

if TYPE_CHECKING:
    from sendoff.model.facts import Recorded

InCase = Annotated[
    str | None, Parameter(name="--case", help="Into the facts of this open case, as `case change` does.")
]
InFile = Annotated[Path | None, Parameter(name="--facts", help="Into this TOML file of facts.")]
Why = Annotated[str, Parameter(name="--reason", help="Why, in a few words; needed with --case, and written down.")]


def import_manifest(
    file: Path,
    /,
    *,
    case: InCase = None,
    facts: InFile = None,
    reason: Why = "",
    settings: SettingsFile = None,
    as_: As = None,
    json: AsJson = False,
) -> int:
    """Put what onboarding made or set at a customer into the record, which is what decides most whose a thing is.

    The file is CSV (with `,`, `;` or tabs) or JSON. Its columns: `tenant`, `kind` and `id`, and as far as they are
    known `system`, `before` (what stood there, for what was set rather than made), `on` (2024-03-31) and `by`. With a
    single row that cannot be used, or that is another customer's, nothing is written. What the record holds already
    is never overwritten. In a case every approval is void then, as after any change of facts.

    **Example**

    ```
    sendoff inventory import-manifest onboarding.csv --facts vandermeer.toml
    sendoff inventory import-manifest onboarding.json --case L3F8K2MPA --reason "found in the onboarding folder"
    ```

    Parameters
    ----------
    file
        The manifest (docs/how-to/import-the-onboarding-manifest.md).
    """
    from sendoff.wiring.manifestfile import import_into

    if (case is None) == (facts is None):
        raise BadInput("give --case or --facts, one of the two: where do the rows go?", where="import-manifest")
    if facts is not None:
        new, rows = import_into(facts, file)
    else:
        new, rows = _into_case(file, str(case), reason, settings, as_)
    if json:
        as_json({"into": str(facts or case), "recorded": new, "stood_already": rows - len(new)})
    else:
        _draw(str(facts or case), new, rows, case is not None)
    return 0


def _draw(where: str, new: "tuple[Recorded, ...]", rows: int, in_case: bool) -> None:
    table("Recorded", ("system", "kind", "id", "before"), [(one.system, one.kind, one.id, one.before) for one in new])
    out(f"{where}: {len(new)} rows recorded, {rows - len(new)} stood there already")
    if new and in_case:
        out("facts changed, approvals are void")


def _into_case(
    file: Path, case: str, reason: str, settings: Path | None, as_: str | None
) -> "tuple[tuple[Recorded, ...], int]":
    """The record is no frozen fact: one person changes it, and a second one still approves every plan."""
    from dataclasses import replace

    from sendoff.wiring.manifestfile import read_manifest

    found, who = called(settings, as_)
    facts = found.desk.case(case).facts
    new, rows = read_manifest(file, facts.customer.tenant, facts.scope, facts.record)
    if new:
        found.desk.change_facts(who, case, replace(facts, record=(*facts.record, *new)), reason=reason)
    return new, rows
