"""The checklist: a text read with the steps of this house, and made a runbook."""

from collections.abc import Mapping
from dataclasses import replace

from sendoff.model.people import PersonId
from sendoff.model.runbook import Runbook
from sendoff.model.template import Template
from sendoff.rules.compiling import compile_runbook, findings
from sendoff.steps import CHECKLIST, READ


def read_checklist(text: bytes, source: str) -> Template:
    """What was understood of a text, with everything that a runbook of it would be refused for or have repaired."""
    from sendoff.rules.reading import read  # late: a worker that waits reads no Markdown

    template = read(text, source=source, steps=READ)
    said = findings(template, steps=READ, checklist=CHECKLIST, by_hand={})
    return replace(template, diagnostics=said)


def make_runbook(template: Template, by_hand: Mapping[int, PersonId]) -> Runbook:
    """The runbook, or Refused. `by_hand` names who accepts which unknown line, by line number, as done by hand."""
    return compile_runbook(template, steps=READ, checklist=CHECKLIST, by_hand=by_hand)
