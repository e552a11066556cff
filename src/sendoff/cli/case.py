"""`sendoff case`: look at cases, plan, run, report and close."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from sendoff.cli.caller import As, AsJson, SettingsFile, called, house
from sendoff.cli.drawing import as_json, out, table
from sendoff.model.errors import BadInput
from sendoff.model.gate import Shut
from sendoff.model.plan import Plan
from sendoff.model.state import SETTLED, StepId

if TYPE_CHECKING:
    from sendoff.model.card import Card
    from sendoff.model.case import Case, Standing


def list_cases(*, settings: SettingsFile = None, json: AsJson = False) -> int:
    """List the cases: customer, last day of the contract, how far, and which roles it waits for.

    **Example**

    ```
    sendoff case list
    ```
    """
    rows = [row_of(card) for card in house(settings).desk.every_card()]
    if json:
        as_json(rows)
    else:
        table("Cases", list(_row_names), [list(row.values()) for row in rows], empty="no case was opened yet")
    return 0


_row_names = ("case", "customer", "tier", "contract_end", "settled", "waits_for", "outcome")


def row_of(card: "Card") -> dict[str, str]:
    """A case in one line."""
    waits = sorted({str(one.role) for one in card.waits if one.state in ("ready", "planned", "left")})
    return {
        "case": card.case,
        "customer": card.customer,
        "tier": str(card.tier),
        "contract_end": card.contract_end.isoformat(),
        "settled": f"{card.settled}/{card.total}",
        "waits_for": ", ".join(waits),
        "outcome": card.outcome,
    }


def show(case: str, step: str | None = None, /, *, settings: SettingsFile = None, json: AsJson = False) -> int:
    """Show a case line by line, or one step with its gates and its plan.

    **Example**

    ```
    sendoff case show L3F8K2MPA
    sendoff case show L3F8K2MPA remove-policies
    ```
    """
    desk = house(settings).desk
    if step is not None:
        return _show_step(settings, case, StepId(step), json)
    found = desk.case(case)
    if json:
        whole = {field.name: getattr(found, field.name) for field in fields(found)}
        as_json({**whole, "reminders": desk.said_aloud(case)})
        return 0
    out(f"{found.title} ({found.id}, {found.tier}, contract through {found.facts.contract_end})")
    for said in desk.said_aloud(case):
        out(f"LOOK: {said}")
    rows = [(one.line or "added", one.role, one.text, one.state, _why(found, one)) for one in found.steps.values()]
    table("Checklist", ("line", "role", "text", "state", "why"), rows)
    if found.withdrawn:
        out(f"WITHDRAWN: {found.withdrawn}")
    if found.halted:
        out(f"HALTED: {found.halted}")
    return 0


def _why(case: "Case", one: "Standing") -> str:
    """What a step waits for, or why it stands as it does."""
    first = [step for step in one.after if step in case.steps and case.steps[step].state not in SETTLED]
    return "waits for " + ", ".join(first) if one.state == "waiting" and first else one.reason


def _show_step(settings: Path | None, case: str, step: StepId, json: bool) -> int:
    desk = house(settings).desk
    gates, plan = desk.gates_of(case, step), desk.plan_of(case, step)
    standing = desk.case(case).steps[step]
    if json:
        because = desk.because(plan) if plan is not None else ()
        as_json({"standing": standing, "gates": gates, "plan": plan, "because": because})
        return 0
    out(f"{standing.text}: {standing.state}. {standing.reason}")
    rows = [("shut" if isinstance(gate, Shut) else "open", gate.gate, gate.reason) for gate in gates]
    table("Gates", ("", "gate", "why"), rows)
    if plan is not None:
        draw_plan(plan, desk.because(plan))
    return 0


def draw_plan(plan: Plan, because: Sequence[str]) -> None:
    """The actions of a plan, why its ranks are as they are, and what it leaves alone."""
    rows = [(act.rank, act.verb, act.kind, act.name, act.key, act.why) for act in plan.actions]
    table(f"Plan {plan.digest}", ("rank", "verb", "kind", "name", "key", "why"), rows, empty="nothing to do")
    for line in because:
        out(f"  {line}")
    left = [(one.item.name, one.disposition or "", one.why, one.item.ref) for one in plan.left]
    table("Left alone", ("name", "disposition", "why", "ref"), left)


def close(case: str, /, *, settings: SettingsFile = None, as_: As = None) -> int:
    """End a case whose every line is settled, with a signed certificate.

    **Example**

    ```
    sendoff case close L3F8K2MPA
    ```
    """
    found, who = called(settings, as_)
    after = found.desk.close(who, case)
    out(f"{after.id}: {after.outcome}; certificate {after.certificate}")
    return 0


def history(case: str, /, *, settings: SettingsFile = None, json: AsJson = False) -> int:
    """Print the journal: every event with its time, actor and digest.

    **Example**

    ```
    sendoff case history L3F8K2MPA --json > journal.json
    ```
    """
    found = house(settings)
    entries = found.journal.entries(case)
    if not entries:
        raise BadInput(f"there is no case {case}; `sendoff case list` shows them")
    if json:
        as_json(entries)
        return 0
    rows = [(one.event.seq, one.event.at, one.event.actor, one.event.kind, one.event.digest[7:19]) for one in entries]
    table("Journal", ("seq", "at", "actor", "kind", "digest"), rows)
    return 0


def report(case: str, /, *, out_dir: Path | None = None, settings: SettingsFile = None) -> int:
    """Write the folder of a case: exit plan, report, why each object, journal, parcel, certificate.

    **Example**

    ```
    sendoff case report L3F8K2MPA --out-dir leaving-of-contoso
    ```
    """
    files = house(settings).desk.report(case)
    folder = out_dir or Path(case)
    written = write_files(folder, files)
    out(f"{written} files in {folder}")
    return 0


def write_files(folder: Path, files: Mapping[str, bytes]) -> int:
    """Write files under a folder; names never lead out of it."""
    for name, data in files.items():
        target = folder / name
        if not target.resolve().is_relative_to(folder.resolve()):
            raise BadInput(f"{name!r} leads out of the folder", where=str(folder))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return len(files)
