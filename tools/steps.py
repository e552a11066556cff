"""docs/reference/steps.md from the steps themselves."""

import inspect
import sys
from collections.abc import Iterable

from sendoff.model.step import Step
from sendoff.steps import CHECKLIST, EVERY, OPTIONAL
from tools.markdown import NOTE, code, table
from tools.nouns import one_line

HEAD = """# Steps

One file a line of the checklist, in `src/sendoff/steps/`.
A step with a plan is done by machine: look, plan, a second person's yes, act, look again, judge.
Where a vendor has no call for it, the plan asks a person to do it in the vendor's own page, and we look until then.
A step without a plan is a person's: they attest it, with evidence.
A machine's step becomes a person's when one of its systems is not configured.

`%provider%` and `%customer%` stand for the two names.
"""
BESIDE = """## Which tier has which

The order is that of the checklist as shipped. The order of work follows from `after` and from the gates."""


TOLD = frozenset(
    {
        "id",
        "line",
        "role",
        "aliases",
        "systems",
        "covers",
        "looks_at",
        "consults",
        "takes_along",
        "recalls",
        "undoes",
        "after",
        "plan",
        "needs",
        "verbs",
        "letters",
        "last",
        "on_checklist",
        "gives",
        "major",
        "watch",
    }
)
"""The fields of a step that this page tells; a test compares them with the noun."""


def page() -> str:
    """The whole page."""
    parts = [NOTE, HEAD, _overview(), BESIDE, _tiers()]
    parts += [_step(step) for step in EVERY]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _overview() -> str:
    rows = [(f"[`{step.id}`](#{step.id})", step.line, str(step.role), _doer(step), _beside(step)) for step in EVERY]
    return table(("step", "line", "role", "done by", ""), rows)


def _beside(step: Step) -> str:
    return "optional" if step in OPTIONAL else "" if step.on_checklist else "added"


def _doer(step: Step) -> str:
    return "machine" if step.plan else "a person"


def _tiers() -> str:
    titles = [str(tier) if tier else "stage 0" for tier in CHECKLIST]
    rows = [
        (code(step.id), *("yes" if step.id in lines else "" for lines in CHECKLIST.values()))
        for step in EVERY
        if step.on_checklist and step not in OPTIONAL
    ]
    return table(("step", *titles), rows)


def _step(step: Step) -> str:
    place = _file(step)
    rows = [
        ("line", step.line),
        ("also read as", "<br>".join(step.aliases)),
        ("role", str(step.role)),
        ("done by", _doer(step)),
        ("systems", _listed(step.systems)),
        ("makes an end to", _listed(step.covers)),
        ("also reads", _listed(step.looks_at)),
        ("asks before it plans", _listed(step.consults)),
        ("takes along", _listed(step.takes_along)),
        ("tells from the look of day 0", _listed(step.recalls)),
        ("plans from", "what this program did in the case" if step.undoes else ""),
        ("keys it needs", _listed(step.needs)),
        ("what a person does", _listed(step.verbs) if not step.plan else ""),
        ("letters", _listed(step.letters)),
        ("after", _listed(step.after)),
        ("gives the proof", code(step.gives)),
        ("must stay away", f"{step.watch.total_seconds() / 3600:.0f} hours" if step.watch else ""),
        ("comes after the final look", "yes" if step.last else ""),
        ("optional", "yes: a checklist may have it and need not" if step in OPTIONAL else ""),
        ("added by a look", "" if step.on_checklist else "yes: it is on nobody's checklist"),
        ("major", str(step.major)),
        ("file", f"[`{place}`](../../{place})"),
    ]
    told = f"{step.plan.__doc__}" if step.plan else ""
    said = f"\n\n{one_line(told)}" if told else ""
    return f"## {step.id}{said}\n\n{table(('', ''), [row for row in rows if row[1]])}"


def _listed(values: Iterable[str]) -> str:
    return ", ".join(code(str(one)) for one in sorted(values))


def _file(step: Step) -> str:
    """The path of the module that defines the step, inside the repository."""
    for name, module in sorted(sys.modules.items()):
        if name.startswith("sendoff.steps.") and any(value is step for value in vars(module).values()):
            return "src/" + (inspect.getsourcefile(module) or "").rpartition("/src/")[2]
    raise ValueError(f"no module of sendoff.steps holds {step.id}")
