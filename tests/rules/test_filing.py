"""Which digests in events are evidence: every field is known to be, or known not to be."""

import dataclasses
import json
import re

from fakes.told import told
from sendoff.model.digest import Digest
from sendoff.model.event import BODIES
from sendoff.rules.filing import inside, lists, named
from sendoff.rules.folding import body_of

NO_FILES = {
    "approved.plan",
    "planned.plan",
    "tried.root",
    "acted.root",
    "facts-asked.facts",
    "mirrored.lines",
    "certified.head",
    "registered.head",
}
"""Digests of values that lie nowhere as bytes: plans, roots, heads, facts, lines of an issue."""
FILES = {
    "opened.template",
    "step-moved.evidence",
    "looked.inventory",
    "planned.blob",
    "tried.deeds",
    "acted.deeds",
    "acted.files",
    "judged.judgements",
    "preflighted.findings",
    "proven.evidence",
    "sealed.parcel",
    "sealed.manifest",
    "certified.certificate",
}
A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def digests() -> set[str]:
    """Every field of an event that holds digests."""
    return {
        f"{kind}.{field.name}"
        for kind, noun in BODIES.items()
        for field in dataclasses.fields(noun)
        if "Digest" in str(field.type)
    }


def test_every_digest_in_an_event_is_known_to_be_evidence_or_known_not_to_be() -> None:
    assert digests() == NO_FILES | FILES


def test_what_is_evidence_is_named_and_nothing_else_is() -> None:
    """By a whole leaving: what is named lies in the store, what is known to be no file does not."""
    found = told()
    store, met, files = found.house.desk.ports.store, set[str](), set[str]()
    for entry in found.entries:
        body = body_of(entry)
        given = {*named(body), *lists(body)}
        assert all(store.has(found.case.id, digest) for digest in given)
        assert isinstance(entry.body, dict)
        for name, value in entry.body.items():
            place = f"{entry.event.kind}.{name}"
            for digest in re.findall("sha256:[0-9a-f]{64}", json.dumps(value)) if place in NO_FILES | FILES else ():
                met.add(place)
                assert (digest in given) is (place in FILES), place
                assert store.has(found.case.id, Digest(digest)) is (place in FILES), place
        files |= given
    assert met >= FILES - {"sealed.parcel", "sealed.manifest"}
    assert len(files) > 100


def test_images_and_files_inside_a_list_are_found_and_other_digests_are_not() -> None:
    assert inside({"a/b.json": A, "c.json": B}) == (A, B)
    assert inside({"items": [{"image": A, "detail": [["x", B]]}], "scope": B}) == (A,)
    assert inside({"actions": [{"before": A, "inputs": [B]}, {"before": None}], "left": [{"item": {"image": B}}]}) == (
        A,
        B,
    )
    assert inside({}) == inside([]) == ()
