"""What two tellings of one leaving are compared by: what the certificate claims, and what the sandbox saw us do."""

import base64
import json
from collections import Counter
from collections.abc import Iterable, Mapping

from sendoff.model.case import Case
from sendoff.model.certificate import Predicate
from sendoff.model.digest import Json
from sendoff.model.shape import shaped
from sendoff.ports import EvidenceStore

PERSONS = ("cast", "control", "person", "vendor", "nobody")
"""Callers of the record who are not this program; in Partner Center it acts for a person of ours."""
FOR_A_PERSON = "person:paul@intercept.example"
SWITCHES = {"graph.user", "graph.servicePrincipal", "prtg.group", "prtg.probe", "prtg.device", "prtg.sensor"}
"""What may be switched off once more: it is still off."""
VIEW = {"github.issue", "github.comment"}
"""The issue shows the case as it stands when somebody looks: how many comments that takes is a matter of time. That
none of them is there twice is asked apart."""

Deeds = Counter[tuple[str, str, str]]
"""How often each deed was done: verb, kind, and id where it was known before."""


def certified(store: EvidenceStore, case: Case) -> Predicate:
    """What the certificate of a closed case says."""
    assert case.certificate is not None
    envelope = json.loads(store.get(case.id, case.certificate))
    statement = json.loads(base64.b64decode(envelope["payload"]))
    return shaped(Predicate, statement["predicate"])


def claims(told: Predicate) -> Mapping[str, object]:
    """What a certificate claims, without its dates and digests."""
    handed = told.handed_over
    return {
        "outcome": told.outcome,
        "exceptions": told.exceptions,
        "lines": [(one.step, one.state, one.grade, one.how if one.state == "done" else "") for one in told.lines],
        "other lines": told.other_lines,
        "removed": sorted(told.removed),
        "kept": sorted(told.kept),
        "coverage": told.coverage,
        "doors": [(one.key, one.outcome) for one in told.doors],
        "handed over": (handed.vault, handed.inside, handed.withheld) if handed else None,
    }


def ours(record: Iterable[Mapping[str, Json]]) -> list[Mapping[str, Json]]:
    """What this program did, by the sandbox's own record. The log that PRTG keeps of it is not a deed."""
    return [row for row in record if row["type"] == "effect" and is_ours(row) and row["kind"] != "prtg.log"]


def is_ours(row: Mapping[str, Json]) -> bool:
    """True when this program called, with a key of ours."""
    caller = str(row["caller"])
    return caller == FOR_A_PERSON or caller.partition(":")[0] not in PERSONS


def deeds(record: Iterable[Mapping[str, Json]]) -> Deeds:
    """How often each deed was done. What the vendor makes carries the vendor's own new id, and is counted by kind."""
    return Counter((str(row["verb"]), str(row["kind"]), _known(row)) for row in ours(record))


def _known(row: Mapping[str, Json]) -> str:
    kind, ident = str(row["kind"]), str(row["id"])
    made = row["verb"] == "created" and not kind.startswith("graph.deleted.")
    return "" if made or kind in ("graph.message", "graph.event", "reassure.draft") else ident


def once_only(found: Deeds) -> Deeds:
    """Deeds that may happen once. A secret is read again until its parcel is sealed, and a switch that is off may be
    set to off again: both are judged apart."""
    return Counter({deed: count for deed, count in found.items() if deed[0] not in ("disclosed", "changed")})


def twice(expected: Deeds, found: Deeds) -> Deeds:
    """Deeds done more often than in the undisturbed leaving, switches and sealed readings apart, and by how much."""
    again = Counter(
        {
            deed: count - expected[deed]
            for deed, count in found.items()
            if deed[0] == "changed" and count > expected[deed] and deed[1] not in SWITCHES | VIEW
        }
    )
    return _seen((once_only(found) - once_only(expected)) + again)


def missing(expected: Deeds, found: Deeds) -> Deeds:
    """Deeds of the undisturbed leaving that were not done."""
    never = Counter({deed: count for deed, count in expected.items() if deed not in found})
    return _seen((once_only(expected) - once_only(found)) | never)


def _seen(found: Deeds) -> Deeds:
    return Counter({deed: count for deed, count in found.items() if deed[1] not in VIEW})


def copies(texts: Iterable[str]) -> int:
    """Of comments that carry their own mark: how many are there once more than they should be."""
    return sum(count - 1 for count in Counter(texts).values())
