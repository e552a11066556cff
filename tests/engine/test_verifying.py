"""Checking a certificate offline: intact as it was made, and broken by any byte, line or key that is another."""

import base64
import functools
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fakes.told import told
from sendoff.engine.verifying import journal_file, read_journal, verify
from sendoff.model.certificate import PREDICATE, REHEARSAL, Trust, Verification
from sendoff.model.digest import Json, canonical
from sendoff.model.envelope import Entry
from sendoff.model.errors import BadInput, Broken
from sendoff.model.event import Halted
from sendoff.model.people import PersonId
from sendoff.rules.chaining import chained
from sendoff.store.signing import PAYLOAD_TYPE, fingerprint, pae, public_pem, sign, signed_by, strict_base64
from sendoff.wiring.checking import check_files
from sendoff.wiring.signers import never_trusted, rehearsal

FILES = ("certificate.json", "journal.jsonl", "certificate.pub.pem")


@functools.cache
def written() -> dict[str, bytes]:
    """The files of a closed case's folder that a check reads."""
    report = told().house.desk.report(told().case.id)
    assert set(FILES) <= set(report), sorted(report)
    return {name: report[name] for name in FILES}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in written().items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def check(folder: Path, trust: Sequence[str] = ()) -> Verification:
    return check_files(folder / "certificate.json", None, None, list(trust))


def checked(signature: bytes, payload: bytes) -> str:
    """As the files are checked, with the rehearsal's key."""
    public = Ed25519PrivateKey.from_private_bytes(_seed()).public_key()
    if not signed_by(public, signature, payload, PAYLOAD_TYPE):
        raise Broken("not the key's")
    return fingerprint(public)


def _seed() -> bytes:
    return hashlib.sha256(b"sendoff: this key signs rehearsals and is trusted by nobody").digest()


def quick(envelope: bytes, journal: bytes | None) -> Verification:
    """The same check without files, for many changes in a row."""
    none: frozenset[str] = frozenset()
    return verify(envelope, journal, checked=checked, decoded=strict_base64, trusted=none, never=never_trusted())


def broken(envelope: bytes, journal: bytes | None) -> bool:
    return quick(envelope, journal).trust is Trust.BROKEN


# ---- as it was made -------------------------------------------------------------------------------------------------


def test_a_certificate_as_it_was_made_is_intact_and_says_that_it_is_a_rehearsal(folder: Path) -> None:
    found = check(folder)

    assert (found.trust, found.faults) == (Trust.INTACT, ())
    assert found.rehearsal
    assert found.sentence.startswith("REHEARSAL, nothing real was touched")
    assert any("REHEARSAL" in note for note in found.notes)
    assert quick(written()["certificate.json"], written()["journal.jsonl"]).trust is Trust.INTACT


def test_the_key_of_rehearsals_is_trusted_by_nobody_even_when_asked(folder: Path) -> None:
    found = check(folder, [fingerprint_of(folder)])

    assert found.trust is Trust.BROKEN
    assert any("rehearsals only" in note for note in found.notes)


def fingerprint_of(folder: Path) -> str:
    return check(folder).fingerprint


def test_trust_in_another_key_does_not_make_this_one_trusted(folder: Path) -> None:
    other = fingerprint(Ed25519PrivateKey.generate().public_key())

    found = check(folder, [other])

    assert found.trust is Trust.BROKEN
    assert any("not a trusted key" in fault for fault in found.faults)


def test_a_pinned_key_of_somebody_else_leaves_the_signer_unchecked_and_breaks_nothing() -> None:
    files, strangers = written(), frozenset({"SHA256:" + "0" * 64})
    signer = quick(files["certificate.json"], files["journal.jsonl"]).fingerprint

    def seen(pinned: frozenset[str], trusted: frozenset[str] = frozenset()) -> Trust:
        return verify(
            files["certificate.json"],
            files["journal.jsonl"],
            checked=checked,
            decoded=strict_base64,
            trusted=trusted,
            never=frozenset(),
            pinned=pinned,
        ).trust

    assert seen(strangers) is Trust.INTACT
    assert seen(frozenset({signer})) is Trust.VERIFIED
    assert seen(frozenset({signer}), trusted=strangers) is Trust.BROKEN, "what is asked for goes before what is pinned"


def test_without_its_journal_the_certificate_alone_is_checked_and_that_is_said(folder: Path) -> None:
    (folder / "journal.jsonl").unlink()

    found = check(folder)

    assert found.trust is Trust.INTACT
    assert any("only the certificate itself" in note for note in found.notes)


def test_a_file_that_is_not_there_is_bad_input(folder: Path) -> None:
    with pytest.raises(BadInput):
        check_files(folder / "no-such-file.json", None, None, [])
    with pytest.raises(BadInput):
        check_files(folder / "certificate.json", folder / "no-such-journal", None, [])


@pytest.mark.parametrize("text", ["", "SHA256:", "SHA256:zz", "sha256:" + "0" * 63, "--"])
def test_what_is_no_fingerprint_cannot_be_trusted(folder: Path, text: str) -> None:
    with pytest.raises(BadInput):
        check(folder, [text])


# ---- changed --------------------------------------------------------------------------------------------------------


def places(data: bytes, step: int) -> Iterator[int]:
    """Every so many places, and the edges one by one."""
    edge = 200
    return iter(sorted({*range(0, len(data), step), *range(min(edge, len(data))), *range(len(data) - edge, len(data))}))


def flipped(data: bytes, place: int, mask: int = 1) -> bytes:
    return data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :]


def test_a_flipped_byte_anywhere_in_the_certificate_is_broken() -> None:
    envelope, journal = written()["certificate.json"], written()["journal.jsonl"]

    taken = [place for place in places(envelope, 7) if not broken(flipped(envelope, place), None)]

    assert taken == []
    assert not broken(envelope, journal)


def test_a_flipped_byte_anywhere_in_the_journal_is_broken() -> None:
    envelope, journal = written()["certificate.json"], written()["journal.jsonl"]

    taken = [
        (place, mask)
        for place in range(0, len(journal), max(1, len(journal) // 200))
        for mask in (1, 0x20)
        if not broken(envelope, flipped(journal, place, mask))
    ]

    assert taken == []


def test_a_line_dropped_doubled_or_swapped_is_broken() -> None:
    envelope = written()["certificate.json"]
    lines = written()["journal.jsonl"].splitlines(keepends=True)
    events = told().case.seq

    taken = []
    for place in range(len(lines)):
        dropped = lines[:place] + lines[place + 1 :]
        doubled = lines[: place + 1] + lines[place:]
        # The certificate's own event lies after the head that it names: without it the rest is still whole.
        if place < events - 1 and not broken(envelope, b"".join(dropped)):
            taken.append(("dropped", place))
        if not broken(envelope, b"".join(doubled)):
            taken.append(("doubled", place))
        if place + 1 < len(lines):
            swapped = [*lines[:place], lines[place + 1], lines[place], *lines[place + 2 :]]
            if not broken(envelope, b"".join(swapped)):
                taken.append(("swapped", place))

    assert len(lines) == events
    assert taken == []


@pytest.mark.parametrize(
    "change",
    [
        lambda journal: b"",
        lambda journal: journal[:-1],
        lambda journal: journal[:-2],
        lambda journal: journal + b"\n",
        lambda journal: b"\n" + journal,
        lambda journal: journal.replace(b"\n", b"\r\n"),
        lambda journal: b"\xef\xbb\xbf" + journal,
        lambda journal: journal + b"{}\n",
        lambda journal: journal + b"[" * 100_000 + b"\n",
        lambda journal: journal + b"null\n",
        lambda journal: journal + b'{"body":null,"event":null,"salt":null}\n',
        lambda journal: journal.replace(b'"salt":"', b'"salt":"zz', 1),
    ],
)
def test_a_journal_in_another_form_is_broken_and_never_a_traceback(change: Callable[[bytes], bytes]) -> None:
    assert broken(written()["certificate.json"], change(written()["journal.jsonl"]))


def rewritten(change: Callable[[dict[str, Json]], None], place: int = 3) -> bytes:
    """The journal with one entry changed and written canonically."""
    lines = written()["journal.jsonl"].splitlines()
    row = json.loads(lines[place])
    change(row)
    lines[place] = canonical(row)
    return b"".join(line + b"\n" for line in lines)


@pytest.mark.parametrize(
    ("name", "value"),
    [("salt", None), ("salt", 7), ("salt", "xyz"), ("salt", ""), ("body", {}), ("body", 1), ("body", [])],
)
def test_an_entry_with_another_salt_or_body_is_broken(name: str, value: Json) -> None:
    journal = rewritten(lambda row: row.__setitem__(name, value))

    assert broken(written()["certificate.json"], journal)


def test_a_body_erased_by_law_leaves_the_chain_whole_and_is_said() -> None:
    def erased(row: dict[str, Json]) -> None:
        row["body"] = row["salt"] = None

    found = quick(written()["certificate.json"], rewritten(erased))

    assert found.trust is Trust.INTACT
    assert any("1 event bodies were erased" in note for note in found.notes)


def test_a_valid_continuation_after_the_head_is_a_note_and_no_fault() -> None:
    entries = read_journal(written()["journal.jsonl"])

    found = quick(written()["certificate.json"], journal_file((*entries, following(entries))))

    assert found.trust is Trust.INTACT
    assert any("2 events follow the certificate's head" in note for note in found.notes)


def following(entries: Sequence[Entry]) -> Entry:
    last = entries[-1].event
    body = Halted(on=True, reason="somebody went on")
    return chained(
        body, case=last.case, seq=last.seq + 1, prev=last.digest, at=last.at, actor=PersonId("paul"), salt="00" * 32
    )


def test_a_name_with_half_a_character_is_written_and_read_back() -> None:
    entries = read_journal(written()["journal.jsonl"])[:1]
    odd = chained(
        Halted(on=True, reason="half \ud800"),
        case=entries[0].event.case,
        seq=2,
        prev=entries[0].event.digest,
        at=entries[0].event.at,
        actor=PersonId("paul"),
        salt="00" * 32,
    )

    assert read_journal(journal_file((*entries, odd))) == (*entries, odd)


def test_a_false_continuation_is_broken() -> None:
    entries = read_journal(written()["journal.jsonl"])
    strange = chained(
        Halted(on=True, reason="x"),
        case=entries[0].event.case,
        seq=len(entries) + 1,
        prev=entries[-2].event.digest,
        at=entries[-1].event.at,
        actor=PersonId("paul"),
        salt="00" * 32,
    )

    assert broken(written()["certificate.json"], journal_file((*entries, strange)))


def test_the_whole_journal_of_another_case_is_broken() -> None:
    entries = read_journal(written()["journal.jsonl"])
    other: list[Entry] = []
    for entry in entries:
        prev = other[-1].event.digest if other else entry.event.prev
        other.append(replace(entry, event=replace(entry.event, case="L99999999", prev=prev)))

    found = quick(written()["certificate.json"], journal_file(other))

    assert found.trust is Trust.BROKEN


# ---- other keys and forms -------------------------------------------------------------------------------------------


def envelope_of(statement: object, signature: Callable[[bytes], bytes], keyid: str) -> bytes:
    payload = canonical(statement)
    return canonical(
        {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": keyid, "sig": base64.b64encode(signature(payload)).decode()}],
        }
    )


def statement_now() -> dict[str, Json]:
    found: dict[str, Json] = json.loads(base64.b64decode(json.loads(written()["certificate.json"])["payload"]))
    return found


def real_statement() -> dict[str, Json]:
    """The same certificate as if it were of the real world."""
    told_now = statement_now()
    predicate = told_now["predicate"]
    assert isinstance(predicate, dict)
    return {**told_now, "predicateType": PREDICATE, "predicate": {**predicate, "rehearsal": False}}


def test_a_certificate_signed_by_p256_verifies_and_can_be_trusted(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = fingerprint(key.public_key())
    made = envelope_of(
        real_statement(), lambda data: key.sign(pae(PAYLOAD_TYPE, data), ec.ECDSA(hashes.SHA256())), name
    )
    (folder / "certificate.json").write_bytes(made)
    (folder / "certificate.pub.pem").write_bytes(public_pem(key.public_key()))

    unknown, trusted = check(folder), check(folder, [name.lower()])

    assert unknown.trust is Trust.INTACT
    assert trusted.trust is Trust.VERIFIED
    assert not trusted.rehearsal


def test_a_key_file_of_another_key_is_broken(folder: Path) -> None:
    (folder / "certificate.pub.pem").write_bytes(public_pem(Ed25519PrivateKey.generate().public_key()))

    assert check(folder).trust is Trust.BROKEN


def test_a_key_file_that_is_no_key_is_bad_input(folder: Path) -> None:
    for data in (b"", b"no key", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", b"\xff\xfe"):
        (folder / "certificate.pub.pem").write_bytes(data)
        with pytest.raises(BadInput):
            check(folder)


def test_a_certificate_that_names_another_key_than_its_signer_is_broken() -> None:
    key = Ed25519PrivateKey.from_private_bytes(_seed())

    made = envelope_of(statement_now(), lambda data: sign(key, data), "SHA256:" + "0" * 64)

    assert broken(made, None)


@pytest.mark.parametrize(
    "more",
    [
        {"predicateType": PREDICATE},
        {"predicateType": "https://example.com/other"},
        {"_type": "https://in-toto.io/Statement/v0.1"},
        {"predicate": None},
        {"predicate": {}},
        {"predicate": {"rehearsal": True}},
    ],
)
def test_a_well_signed_statement_that_says_something_odd_is_broken(more: dict[str, Json]) -> None:
    key = Ed25519PrivateKey.from_private_bytes(_seed())
    name = fingerprint(key.public_key())

    made = envelope_of({**statement_now(), **more}, lambda data: sign(key, data), name)

    assert not broken(envelope_of(statement_now(), lambda data: sign(key, data), name), None)
    assert broken(made, None)


@pytest.mark.parametrize("events", [0, -1, 10**9])
def test_a_certificate_that_counts_its_events_wrong_is_broken(events: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(_seed())
    told_now = statement_now()
    predicate = told_now["predicate"]
    assert isinstance(predicate, dict)
    odd = {**told_now, "predicate": {**predicate, "events": events}}

    made = envelope_of(odd, lambda data: sign(key, data), fingerprint(key.public_key()))

    assert broken(made, written()["journal.jsonl"])


ODD_FILES: tuple[bytes, ...] = (
    b"",
    b" ",
    b"{}",
    b"[]",
    b"null",
    b"1",
    b"NaN",
    b"1.5",
    b'{"a":1e999}',
    b'"text"',
    b"\xff\xfe\x00",
    b"{" * 200_000,
    b"[" * 200_000 + b"]" * 200_000,
    b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    b"[" * 450 + b"]" * 450,
    b"[" * 900 + b"]" * 900,
    b"9" * 10_000,
    b'{"payload":1,"payloadType":"application/vnd.in-toto+json","signatures":[]}',
    b'{"payload":"","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":1,"sig":2}]}',
    b'{"payload":"","payloadType":"application/vnd.in-toto+json","signatures":[1]}',
    b'{"payload":"","payload":"","payloadType":"x","signatures":[]}',
    b'{"a":"\\ud800"}',
)


@pytest.mark.parametrize("data", ODD_FILES, ids=range(len(ODD_FILES)))
def test_what_is_no_certificate_is_broken_and_never_a_traceback(folder: Path, data: bytes) -> None:
    (folder / "certificate.json").write_bytes(data)

    assert check(folder).trust is Trust.BROKEN


@pytest.mark.parametrize("data", ODD_FILES, ids=range(len(ODD_FILES)))
def test_what_is_no_journal_is_broken_and_never_a_traceback(folder: Path, data: bytes) -> None:
    (folder / "journal.jsonl").write_bytes(data + b"\n")

    assert check(folder).trust is Trust.BROKEN


def test_the_type_of_a_rehearsal_is_another_one() -> None:
    assert statement_now()["predicateType"] == REHEARSAL
    assert rehearsal().sign(b"")[1] in never_trusted()
