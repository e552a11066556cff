"""`sendoff case`: look at cases, plan, run, report and close."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sendoff.cli.caller import As, AsJson, SettingsFile, called, house
from sendoff.cli.drawing import as_json, out, say, table
from sendoff.model.errors import BadInput
from sendoff.model.gate import Shut
from sendoff.model.plan import Plan
from sendoff.model.state import SETTLED, StepId

if TYPE_CHECKING:
    from sendoff.model.case import Case, Standing


def list_cases(*, settings: SettingsFile = None, json: AsJson = False) -> int:
    """List the cases: customer, last day of the contract, how far, and which roles it waits for.

    **Example**

    ```
    sendoff case list
    ```
    """
    cases = house(settings).desk.cases()
    rows = [_row(case) for case in cases]
    if json:
        as_json(rows)
    else:
        table("Cases", list(_row_names), [list(row.values()) for row in rows], empty="no case was opened yet")
    return 0


_row_names = ("case", "customer", "tier", "contract_end", "settled", "waits_for", "outcome")


def _row(case: "Case") -> dict[str, str]:
    counted = [one for one in case.steps.values() if one.state != "not applicable"]
    waits = sorted({str(one.role) for one in counted if one.state in ("ready", "planned", "left")})
    return {
        "case": case.id,
        "customer": case.facts.customer.name,
        "tier": str(case.tier),
        "contract_end": case.facts.contract_end.isoformat(),
        "settled": f"{sum(one.state in SETTLED for one in counted)}/{len(counted)}",
        "waits_for": ", ".join(waits),
        "outcome": case.outcome,
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
        as_json(found)
        return 0
    out(f"{found.title} ({found.id}, {found.tier}, contract through {found.facts.contract_end})")
    rows = [(one.line or "added", one.role, one.text, one.state, _why(found, one)) for one in found.steps.values()]
    table("Checklist", ("line", "role", "text", "state", "why"), rows)
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
        as_json({"standing": standing, "gates": gates, "plan": plan})
        return 0
    out(f"{standing.text}: {standing.state}. {standing.reason}")
    rows = [("shut" if isinstance(gate, Shut) else "open", gate.gate, gate.reason) for gate in gates]
    table("Gates", ("", "gate", "why"), rows)
    if plan is not None:
        _draw_plan(plan)
    return 0


def _draw_plan(plan: Plan) -> None:
    rows = [(act.rank, act.verb, act.kind, act.name, act.key, act.why) for act in plan.actions]
    table(f"Plan {plan.digest}", ("rank", "verb", "kind", "name", "key", "why"), rows, empty="nothing to do")
    left = [(one.item.name, one.disposition or "", one.why, one.item.ref) for one in plan.left]
    table("Left alone", ("name", "disposition", "why", "ref"), left)


def forecast(case: str, /, *, settings: SettingsFile = None, json: AsJson = False) -> int:
    """Say what every machine step would plan today. It only reads, keeps nothing and cannot be approved.

    **Example**

    ```
    sendoff case forecast L3F8K2MPA
    ```
    """
    made = house(settings).desk.forecast(case)
    if json:
        waits = [{"step": step, "why": why} for step, why in made.not_yet]
        as_json({"plans": [one.plan for one in made.drawn], "not_yet": waits})
        return 0
    for one in made.drawn:
        out(f"\n{one.plan.step}: {len(one.plan.actions)} actions, {len(one.plan.left)} left alone")
        _draw_plan(one.plan)
        for spot in one.seen.inventory.blind:
            out(f"  not read: {spot.cell.name}: {spot.reason}")
    table("Cannot be planned today", ("step", "why"), [(step, why) for step, why in made.not_yet])
    return 0


def preflight(case: str, /, *, settings: SettingsFile = None, as_: As = None, json: AsJson = False) -> int:
    """Try every key, look at everything once, and add the steps that the checklist forgot.

    Exit 1 when something needs a person.

    **Example**

    ```
    sendoff case preflight L3F8K2MPA
    ```
    """
    found, who = called(settings, as_)
    findings = found.desk.preflight(who, case)
    if json:
        as_json(findings)
    else:
        rows = [("good" if one.good else "needs a person", one.subject, one.said) for one in findings]
        table("Preflight", ("", "what", "finding"), rows)
    return 0 if all(one.good for one in findings) else 1


def look(case: str, /, *, purpose: str = "by hand", settings: SettingsFile = None, as_: As = None) -> int:
    """Look at everything again. With `--purpose final` this is the last look, before the last key goes.

    What is unknown is listed with the name that `case decide` takes. Exit 1 when something could not be read.

    **Example**

    ```
    sendoff case look L3F8K2MPA --purpose final
    ```
    """
    found, who = called(settings, as_)
    seen = found.desk.look(who, case, purpose).looks[purpose]
    out(f"{seen.cells} cells, {seen.items} things, {seen.ours} ours")
    for spot in seen.blind:
        out(f"not read: {spot}")
    unknown = [one for one in found.desk.seen(case, purpose) if one.provenance.whose == "unknown"]
    rows = [(one.item.ref, one.item.name, "; ".join(one.provenance.reasons)) for one in unknown]
    if rows:
        table("Whose is unknown: a named person decides", ("ref", "name", "why"), rows)
    return 1 if seen.blind else 0


def plan(case: str, step: str, /, *, settings: SettingsFile = None, as_: As = None, json: AsJson = False) -> int:
    """Look, and lay a plan ready for a second person. Nothing is changed.

    **Example**

    ```
    sendoff case plan L3F8K2MPA remove-policies
    ```
    """
    found, who = called(settings, as_)
    after = found.desk.plan(who, case, StepId(step))
    made = found.desk.plan_of(case, StepId(step))
    if json:
        as_json(made)
    elif made is None:
        out(f"{step}: {after.steps[StepId(step)].state}. {after.steps[StepId(step)].reason}")
    else:
        _draw_plan(made)
        belt = after.steps[StepId(step)].belt
        out(f"Over the size belt: {belt}." if belt else "Within the size belt.")
        out(f"A second person: sendoff case approve {case} {step} --plan {made.digest}")
    return 0


def run(case: str, /, *, settings: SettingsFile = None, as_: As = None, json: AsJson = False) -> int:
    """Do what is approved and whose gates are open, look again, and say what waits.

    Exit 1 when something is left that needs a new plan or a person.

    **Example**

    ```
    sendoff case run L3F8K2MPA
    ```
    """
    found, who = called(settings, as_)
    after = found.desk.run(who, case, say, threads=found.settings.threads)
    while found.desk.busy(case):
        left = found.desk.busy(case)
        say(f"another worker holds a piece of {case}, or died with it; its lease runs out in {left:.0f} s")
        time.sleep(min(5.0, left + 0.1))
        after = found.desk.run(who, case, say, threads=found.settings.threads)
    if json:
        as_json(_row(after))
    else:
        for line in _waits(after):
            out(line)
    return 1 if any(one.state == "left" for one in after.steps.values()) else 0


def _waits(case: "Case") -> Iterator[str]:
    for one in case.steps.values():
        if one.state not in SETTLED and one.state != "waiting":
            yield f"{one.step}: {one.state}, {one.role}. {one.reason}"


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
