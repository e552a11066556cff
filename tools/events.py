"""docs/reference/events.md from the bodies of events."""

from sendoff.model.envelope import Event, EventKind
from sendoff.model.event import BODIES
from tools.markdown import NOTE, code, table
from tools.nouns import Noun, noun

HEAD = """# Events

A case is the fold of its events and of nothing else.
Each case has one chain; the chain `house` is the register of all cases.
Events are appended and never changed.

The envelope below is what the chain binds together.
The body and its salt stand beside it, encrypted under the case's own key.
They can be erased later: the envelope keeps `body_hash`, so the chain still holds.
The file `journal.jsonl` in a case's folder has one canonical JSON object a line: `event`, `salt` and `body`.
"""


def page() -> str:
    """The whole page."""
    parts = [NOTE, HEAD, "## The envelope", _fields(noun(Event))]
    for kind in EventKind:
        told = noun(BODIES[kind])
        parts.append(f"## {kind}\n\n{told.words}\n\n{_fields(told)}")
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _fields(told: Noun) -> str:
    rows = [(code(one.name), code(one.type), code(one.default), one.words) for one in told.fields]
    return table(("field", "type", "default", ""), rows)
