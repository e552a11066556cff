"""Event -> the evidence it names: what must lie in the evidence store for as long as the event is there."""

import re

from sendoff.model.digest import Digest, Json
from sendoff.model.event import (
    Acted,
    Body,
    Certified,
    Judged,
    Looked,
    Opened,
    Planned,
    Preflighted,
    Proven,
    Sealed,
    StepMoved,
    Tried,
)

_DIGEST = re.compile("sha256:[0-9a-f]{64}")
_IMAGES = frozenset({"image", "before"})
"""In inventories and plans: the canonical bytes of a thing, as they were read."""


def named(body: Body) -> tuple[Digest, ...]:
    """The evidence that an event names. Other digests in events are roots, heads, plans and facts, which are no
    files."""
    match body:
        case Opened():
            return body.template, body.facts.notice.evidence
        case StepMoved():
            return body.evidence
        case Planned():
            return tuple(one.was for one in body.reworded)
        case Preflighted():
            return (body.findings,)
        case Proven():
            return (body.evidence,)
        case Judged():
            return (body.judgements,)
        case Tried():
            return (body.deeds,)
        case Acted():
            return (body.deeds,)
        case Sealed():
            return body.parcel, body.manifest
        case Certified():
            return (body.certificate,)
    return ()


def lists(body: Body) -> tuple[Digest, ...]:
    """Evidence that an event names and that names other evidence itself: inventories, plans, lists of files."""
    match body:
        case Looked():
            return (body.inventory,)
        case Planned():
            return (body.blob,)
        case Acted():
            return (body.files,) if body.files else ()
    return ()


def inside(data: Json) -> tuple[Digest, ...]:
    """The evidence that such a list names: the images in an inventory or a plan, and the files of an export."""
    if isinstance(data, dict) and data and all(_is_digest(value) for value in data.values()):
        return tuple(Digest(str(value)) for value in data.values())
    return tuple(dict.fromkeys(_images(data)))


def _images(data: Json) -> list[Digest]:
    if isinstance(data, list):
        return [found for one in data for found in _images(one)]
    if not isinstance(data, dict):
        return []
    mine = [Digest(str(value)) for name, value in data.items() if name in _IMAGES and _is_digest(value)]
    return mine + [found for value in data.values() for found in _images(value)]


def _is_digest(value: Json) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None
