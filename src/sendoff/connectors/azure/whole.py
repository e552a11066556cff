"""Every resource of a subscription, read directly, and the proof that none is missing.

Two lists vote on what there is: Resource Graph and ARM's own. Each id of either is read by itself with the api-version
of its type. What both lists show and its own address does not is unread; what only one of them shows and its address
answers 404 for is gone. Then Resource Graph is asked for its own count by type, which must be explained whole.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sendoff.connectors.azure.client import Arm
from sendoff.connectors.azure.ids import type_of
from sendoff.connectors.azure.lists import brief
from sendoff.connectors.wire.body import Object, text
from sendoff.connectors.wire.spread import spread

ROUNDS = 3
"""How often counts that differ are asked for anew: an index lags, and a resource may come or go meanwhile."""
PAUSE = 5.0
"""Seconds between two rounds."""
NO_VERSION = "NoApiVersionKnown"
Read = tuple[Object | None, str]
"""The resource, or the vendor's code for why it could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What was read, what was not, and the counts side by side; ids in lower case where they are keys."""

    graph: list[Object]
    """Resource Graph's rows."""
    rows: list[Object]
    """The answer of each resource's own address."""
    unread: tuple[tuple[str, str], ...]
    """Ids that could not be read, each with the vendor's code."""
    gone: tuple[str, ...]
    """Ids that one list still shows and that are not there."""
    beyond: tuple[str, ...]
    """Ids that ARM's list shows and Resource Graph does not."""
    read_by_type: Mapping[str, int]
    graph_by_type: Mapping[str, int]
    versions: Mapping[str, str]
    """The api-version that each type was read with."""
    missing: tuple[str, ...]
    """Every difference in words; empty when the export is whole."""
    may_settle: bool
    """Whether a pause could mend it: an index that lags, a thing on its way, but no refusal."""


def whole(arm: Arm, wait: Callable[[float], None]) -> Whole:
    """Read everything; look again, up to three rounds, while the counts differ and a pause could mend that."""
    read: dict[str, Read] = {}
    found = _round(arm, read)
    for _ in range(ROUNDS - 1):
        if not found.may_settle:
            break
        wait(PAUSE)
        read = {ident: one for ident, one in read.items() if one[0] is not None}
        found = _round(arm, read)
    return found


def _round(arm: Arm, read: dict[str, Read]) -> Whole:
    """One round of lists and counts; what was read before is not read again."""
    graph = {text(one, "id").lower(): one for one in arm.graph()}
    plain = {text(one, "id").lower(): one for one in brief(arm)}
    ids = sorted(graph.keys() | plain.keys())
    new = [ident for ident in ids if ident not in read]
    spelled = [text(graph.get(ident) or plain[ident], "id") for ident in new]
    read.update(zip(new, spread(lambda ident: _one(arm, ident), spelled), strict=True))
    lost = {ident: read[ident][1] for ident in ids if read[ident][0] is None}
    gone = [ident for ident, code in lost.items() if _not_there(code) and (ident in graph) != (ident in plain)]
    kinds = {ident: text(graph.get(ident) or plain[ident], "type").lower() or type_of(ident) for ident in ids}
    counts = arm.by_type()
    named = Counter(kinds[ident] for ident in graph if ident not in lost or ident in gone)
    refused = Counter(kinds[ident] for ident, code in lost.items() if ident in graph and not _not_there(code))
    return Whole(
        graph=[graph[ident] for ident in sorted(graph)],
        rows=[row for ident in ids if (row := read[ident][0]) is not None],
        unread=tuple((ident, code) for ident, code in lost.items() if ident not in gone),
        gone=tuple(gone),
        beyond=tuple(ident for ident in ids if ident not in graph and ident not in lost),
        read_by_type=Counter(kinds[ident] for ident in ids if ident not in lost),
        graph_by_type=counts,
        versions={kinds[ident]: arm.known_version(ident) for ident in ids},
        missing=(
            *_differences(counts, named),
            *(f"{ident} could not be read ({code})" for ident, code in lost.items() if ident not in gone),
        ),
        may_settle=bool(_differences(counts, named + refused)),
    )


def _one(arm: Arm, ident: str) -> Read:
    version = arm.known_version(ident)
    if not version:
        return None, NO_VERSION
    answer = arm.asked(ident, version, "read a resource")
    return (answer.object(), "") if answer.status == 200 else (None, answer.code)


def _not_there(code: str) -> bool:
    return code in ("ResourceNotFound", "ResourceGroupNotFound", "NotFound", "404")


def _differences(counts: Mapping[str, int], read: Mapping[str, int]) -> list[str]:
    """Where Resource Graph's own count is not that of what was read of its rows, or is named as gone."""
    return [
        f"{kind}: Resource Graph counts {counts.get(kind, 0)}, {read.get(kind, 0)} were read"
        for kind in sorted(counts.keys() | read.keys())
        if counts.get(kind, 0) != read.get(kind, 0)
    ]
