"""`sendoff case ...`: look at the vendors, plan, and do what is approved."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sendoff.cli.caller import As, AsJson, SettingsFile, SignIn, called, house
from sendoff.cli.case import draw_plan, row_of, write_files
from sendoff.cli.drawing import as_json, out, say, table
from sendoff.model.errors import BadInput
from sendoff.model.state import SETTLED, StepId

if TYPE_CHECKING:
    from sendoff.model.case import Case
    from sendoff.model.order import Solved
    from sendoff.model.outlook import Outlook

Letter = Annotated[Path | None, Parameter(name="--letter", help="Write the letter to the customer to this new file.")]


def forecast(case: str, /, *, settings: SettingsFile = None, json: AsJson = False) -> int:
    """Say what every machine step would plan today, and why the steps come in this order. It only reads, keeps nothing
    and cannot be approved.

    **Example**

    ```
    sendoff case forecast L3F8K2MPA
    ```
    """
    desk = house(settings).desk
    made = desk.forecast(case)
    if json:
        waits = [{"step": step, "why": why} for step, why in made.not_yet]
        as_json({"plans": [one.plan for one in made.drawn], "not_yet": waits, "order": made.solved})
        return 0
    for one in made.drawn:
        out(f"\n{one.plan.step}: {_many(len(one.plan.actions))}, {len(one.plan.left)} left alone")
        draw_plan(one.plan, desk.because(one.plan))
        for spot in one.seen.inventory.blind:
            out(f"  not read: {spot.cell.name}: {spot.reason}")
    table("Cannot be planned today", ("step", "why"), [(step, why) for step, why in made.not_yet])
    _tell_order(made.solved)
    return 0


def _many(count: int) -> str:
    return f"{count:,} action{'' if count == 1 else 's'}"


def _tell_order(found: "Solved") -> None:
    """Every open step in its order, each with the steps before it for which there is a reason beyond the list."""
    rows = []
    for step in found.order:
        why = [f"{edge.first}: {edge.because}" for edge in found.edges if edge.then == step and not edge.declared]
        rows.append((step, "; ".join(why)))
    table("In this order", ("step", "after"), rows)


def preflight(
    case: str,
    /,
    *,
    letter: Letter = None,
    settings: SettingsFile = None,
    as_: As = None,
    sign_in: SignIn = False,
    json: AsJson = False,
) -> int:
    """Try every key, look at everything once, and add the steps that the checklist forgot.

    Then each step that is open: who does it as things stand, with which keys, and what is in its way. With `--letter`
    a letter to the customer is written about what only they can do, in their language. Exit 1 when something needs a
    person.

    **Example**

    ```
    sendoff case preflight L3F8K2MPA
    sendoff case preflight L3F8K2MPA --sign-in --letter to-the-customer.txt
    ```
    """
    if letter is not None and letter.exists():
        raise BadInput("there is something already; name a file that is not there yet", where=f"--letter {letter}")
    found, who = called(settings, as_, sign_in=sign_in)
    day_0 = found.desk.preflight(who, case)
    if json:
        as_json(day_0)
    else:
        rows = [("good" if one.good else "needs a person", one.subject, one.said) for one in day_0.findings]
        table("Preflight", ("", "what", "finding"), rows)
        table("Step by step", ("step", "who does it", "keys", "in the way"), [_of_step(one) for one in day_0.steps])
        _tell_letter(day_0.letter is not None, letter)
    if letter is not None and day_0.letter is not None:
        write_files(letter.parent, {letter.name: "\n\n".join(day_0.letter).encode()})
    return 0 if all(one.good for one in day_0.findings) else 1


def _of_step(one: "Outlook") -> tuple[str, str, str, str]:
    keys = ", ".join(f"{tried.key}{' (no)' if tried.fault else ''}" for tried in one.keys)
    return one.step, one.hand, keys, "; ".join(one.in_the_way)


def _tell_letter(there: bool, letter: Path | None) -> None:
    if there:
        out(f"A letter to the customer about what only they can do: {letter or 'ask for it with --letter FILE'}")
    elif letter is not None:
        out("Nothing is left to the customer alone: no letter was written.")


def look(
    case: str, /, *, purpose: str = "by hand", settings: SettingsFile = None, as_: As = None, sign_in: SignIn = False
) -> int:
    """Look at everything again. With `--purpose final` this is the last look, before the last key goes.

    What is unknown is listed with the name that `case decide` takes. Exit 1 when something could not be read.

    **Example**

    ```
    sendoff case look L3F8K2MPA --purpose final
    ```
    """
    found, who = called(settings, as_, sign_in=sign_in)
    seen = found.desk.look(who, case, purpose).looks[purpose]
    out(f"{seen.cells} cells, {seen.items} things, {seen.ours} ours")
    for spot in seen.blind:
        out(f"not read: {spot}")
    unknown = [one for one in found.desk.seen(case, purpose) if one.provenance.whose == "unknown"]
    rows = [(one.item.ref, one.item.name, "; ".join(one.provenance.reasons)) for one in unknown]
    if rows:
        table("Whose is unknown: a named person decides", ("ref", "name", "why"), rows)
    return 1 if seen.blind else 0


def plan(
    case: str,
    step: str,
    /,
    *,
    settings: SettingsFile = None,
    as_: As = None,
    sign_in: SignIn = False,
    json: AsJson = False,
) -> int:
    """Look, and lay a plan ready for a second person. Nothing is changed.

    **Example**

    ```
    sendoff case plan L3F8K2MPA remove-policies
    ```
    """
    found, who = called(settings, as_, sign_in=sign_in)
    after = found.desk.plan(who, case, StepId(step))
    made = found.desk.plan_of(case, StepId(step))
    if json:
        as_json(made)
    elif made is None:
        out(f"{step}: {after.steps[StepId(step)].state}. {after.steps[StepId(step)].reason}")
    else:
        draw_plan(made, found.desk.because(made))
        belt = after.steps[StepId(step)].belt
        out(f"Over the size belt: {belt}." if belt else "Within the size belt.")
        out(f"A second person: sendoff case approve {case} {step} --plan {made.digest}")
    return 0


def run(
    case: str, /, *, settings: SettingsFile = None, as_: As = None, sign_in: SignIn = False, json: AsJson = False
) -> int:
    """Do what is approved and whose gates are open, look again, and say what waits.

    Exit 1 when something is left that needs a new plan or a person.

    **Example**

    ```
    sendoff case run L3F8K2MPA
    ```
    """
    found, who = called(settings, as_, sign_in=sign_in)
    after = found.desk.run(who, case, say, threads=found.settings.threads)
    while found.desk.busy(case):
        left = found.desk.busy(case)
        say(f"another worker holds a piece of {case}, or died with it; its lease runs out in {left:.0f} s")
        time.sleep(min(5.0, left + 0.1))
        after = found.desk.run(who, case, say, threads=found.settings.threads)
    if json:
        as_json(row_of(next(found.desk.cards([case]))))
    else:
        for line in _waits(after):
            out(line)
    return 1 if any(one.state == "left" for one in after.steps.values()) else 0


def _waits(case: "Case") -> Iterator[str]:
    for one in case.steps.values():
        if one.state not in SETTLED and one.state != "waiting":
            yield f"{one.step}: {one.state}, {one.role}. {one.reason}"
