"""Check a certificate and its journal offline: a flipped byte, and an event dropped, added or moved, is found."""

import json
import re
from collections.abc import Callable, Sequence

from sendoff.model.certificate import PREDICATE, REHEARSAL, STATEMENT, Predicate, Trust, Verification
from sendoff.model.digest import canonical
from sendoff.model.envelope import Entry, Event
from sendoff.model.errors import BadInput, Broken, SendoffError
from sendoff.model.shape import shaped
from sendoff.rules.chaining import faults
from sendoff.rules.doors import told

_SALT = re.compile("[0-9a-f]{64}")
PAYLOAD_TYPE = "application/vnd.in-toto+json"
Checked = Callable[[bytes, bytes], str]
"""Signature and payload -> the fingerprint of the key that made it, or Broken."""
Decoded = Callable[[str, str], bytes]


def verify(
    envelope: bytes,
    journal: bytes | None,
    *,
    checked: Checked,
    decoded: Decoded,
    trusted: frozenset[str],
    never: frozenset[str],
    pinned: frozenset[str] = frozenset(),
) -> Verification:
    """The whole check. With `trusted` the signer must be one of these; a signer in `pinned` is trusted too, but another
    one is only not checked. Those in `never` sign rehearsals: nobody trusts them."""
    try:
        payload, fingerprint = _opened(envelope, checked, decoded)
        predicate, rehearsal = _read(payload)
    except SendoffError as wrong:
        return Verification(trust=Trust.BROKEN, fingerprint="", rehearsal=False, sentence="", faults=(str(wrong),))
    found, notes = _journal(journal, predicate)
    notes += told(predicate.doors)
    if rehearsal:
        notes.append("REHEARSAL: it was made in the sandbox and says nothing about a real customer")
    if fingerprint in never and trusted:
        notes.append("the key that signed it signs rehearsals only, and is trusted by nobody")
    if found:
        trust = Trust.BROKEN
    elif fingerprint in (trusted or pinned) - never:
        trust = Trust.VERIFIED
    else:
        trust = Trust.INTACT
    if trusted and trust is Trust.INTACT:
        found.append(f"signed by {fingerprint}, which is not a trusted key")
        trust = Trust.BROKEN
    return Verification(
        trust=trust,
        fingerprint=fingerprint,
        rehearsal=rehearsal,
        sentence=predicate.sentence,
        faults=tuple(found),
        notes=tuple(notes),
    )


def _opened(envelope: bytes, checked: Checked, decoded: Decoded) -> tuple[bytes, str]:
    """Payload and signer of a DSSE envelope that is exactly canonical."""
    data = _parsed(envelope, "certificate")
    if not isinstance(data, dict):
        raise Broken("certificate: it is not a JSON object")
    signatures = data.get("signatures")
    if set(data) != {"payload", "payloadType", "signatures"} or data["payloadType"] != PAYLOAD_TYPE:
        raise Broken("certificate: it is not a DSSE envelope of an in-toto statement")
    if not isinstance(signatures, list) or len(signatures) != 1 or not isinstance(signatures[0], dict):
        raise Broken("certificate: exactly one signature is expected")
    one = signatures[0]
    if set(one) != {"keyid", "sig"}:
        raise Broken("certificate: the signature has other fields than keyid and sig")
    payload = decoded(str(data["payload"]), "certificate payload")
    fingerprint = checked(decoded(str(one["sig"]), "certificate signature"), payload)
    if one["keyid"] != fingerprint:
        raise Broken("certificate: it names another key than the one that signed it")
    return payload, fingerprint


def _parsed(data: bytes, what: str) -> object:
    """The value of bytes that are exactly the canonical form of it: no other file has the same meaning."""
    try:
        value = json.loads(data.decode("utf-8", "surrogatepass"))
        same = canonical(value) == data
    except (ValueError, TypeError, RecursionError) as wrong:
        raise Broken(f"{what}: not JSON of ours: {wrong}") from wrong
    if not same:
        raise Broken(f"{what}: its bytes are not the canonical form; something was changed or reformatted")
    return value


def _read(payload: bytes) -> tuple[Predicate, bool]:
    data = _parsed(payload, "statement")
    if not isinstance(data, dict) or data.get("_type") != STATEMENT:
        raise Broken("statement: not an in-toto Statement v1")
    kind = data.get("predicateType")
    if kind not in (PREDICATE, REHEARSAL):
        raise Broken(f"statement: predicate type {kind!r} is not known here")
    predicate = shaped(Predicate, data.get("predicate"), where="predicate")
    if predicate.rehearsal is not (kind == REHEARSAL):
        raise Broken("statement: its type and its word on being a rehearsal disagree")
    return predicate, predicate.rehearsal


def read_journal(data: bytes) -> tuple[Entry, ...]:
    """The entries of a journal file, one canonical JSON a line; Broken names the line."""
    if not data.endswith(b"\n"):
        raise Broken("journal: the last line is cut short")
    entries = []
    for number, line in enumerate(data[:-1].split(b"\n"), start=1):
        try:
            entry = _entry(_parsed(line, f"journal line {number}"), number)
        except BadInput as wrong:
            raise Broken(f"journal line {number}: {wrong}") from wrong
        if canonical(entry) != line:
            raise Broken(f"journal line {number}: it does not read back to the same bytes")
        entries.append(entry)
    return tuple(entries)


def _entry(parsed: object, number: int) -> Entry:
    if not isinstance(parsed, dict) or set(parsed) != {"event", "salt", "body"}:
        raise BadInput("it is not an entry")
    event, salt = shaped(Event, parsed["event"], where=f"journal line {number}"), parsed["salt"]
    if salt is not None and not (isinstance(salt, str) and _SALT.fullmatch(salt)):
        raise BadInput("its salt is not 64 hexadecimal digits")
    return Entry(event=event, salt=salt, body=parsed["body"])


def _journal(data: bytes | None, predicate: Predicate) -> tuple[list[str], list[str]]:
    """Faults and notes of the journal beside the certificate."""
    if data is None:
        return [], ["no journal lies beside it: only the certificate itself was checked"]
    try:
        entries = read_journal(data)
    except SendoffError as wrong:
        return [str(wrong)], []
    found = [f"journal: {one}" for one in faults(entries)]
    found += _head(entries, predicate)
    notes = []
    erased = sum(entry.body is None for entry in entries)
    if erased:
        notes.append(f"{erased} event bodies were erased; the chain holds without them")
    if len(entries) > predicate.events:
        notes.append(f"{len(entries) - predicate.events} events follow the certificate's head: a valid continuation")
    return found, notes


def _head(entries: Sequence[Entry], predicate: Predicate) -> list[str]:
    if not 0 < predicate.events <= len(entries):
        return [f"journal: it has {len(entries)} events, the certificate rests on {predicate.events}"]
    if entries[predicate.events - 1].event.digest != predicate.head:
        return [f"journal: event {predicate.events} is not the head that the certificate names"]
    if entries[0].event.case != predicate.case:
        return ["journal: it is the journal of another case"]
    return []


def journal_file(entries: Sequence[Entry]) -> bytes:
    """A chain as a file: one canonical JSON a line."""
    return b"".join(canonical(entry) + b"\n" for entry in entries)
