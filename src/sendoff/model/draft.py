"""A letter, an invitation or a task as it will go out, before it goes."""

from dataclasses import dataclass

from sendoff.model.digest import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a plan would send. `digest` names the bytes of `body` in the evidence; `attached` are file names."""

    target: str
    subject: str
    to: tuple[str, ...]
    body: str
    digest: Digest
    starts: str = ""
    """The local start of a meeting; empty for a letter or a task."""
    attached: tuple[str, ...] = ()
