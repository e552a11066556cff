"""Does the house hold together? Every chain, the register, the evidence, the certificates, the rows for screens."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from sendoff.engine.verifying import journal_file, verify
from sendoff.model.case import Case
from sendoff.model.digest import Digest
from sendoff.model.envelope import HOUSE, Entry, Registered
from sendoff.model.errors import Broken, SendoffError
from sendoff.model.event import Body, Certified
from sendoff.rules.chaining import faults
from sendoff.rules.filing import inside, lists, named
from sendoff.rules.folding import body_of, fold
from sendoff.store.casekeys import CaseKeys
from sendoff.store.chains import Kept, chains, kept, projected, strays
from sendoff.store.evidence import BlobStore
from sendoff.store.projections import rows_of
from sendoff.store.schema import VERSION
from sendoff.store.signing import PAYLOAD_TYPE, PublicKey, fingerprint, signed_by, strict_base64
from sendoff.store.versions import revision, stamp, versions
from sendoff.wiring.signers import never_trusted

Say = Callable[[str], None]
SHOWN = 5
"""Faults of one chain that are named; a dropped event alone makes every later one a fault."""
EVERY = 25
"""Cases between two lines of progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that does not hold: where, and what is wrong."""

    where: str
    what: str


@dataclass(slots=True, kw_only=True)
class Soundness:
    """What was looked at, and every fault."""

    cases: int = 0
    erased: int = 0
    events: int = 0
    evidence: int = 0
    certificates: int = 0
    faults: list[Fault] = field(default_factory=list)

    def wrong(self, where: str, *what: str) -> None:
        """Write faults down; of many, the first."""
        self.faults += [Fault(where=where, what=one) for one in what[:SHOWN]]
        if len(what) > SHOWN:
            self.faults.append(Fault(where=where, what=f"and {len(what) - SHOWN} more"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """What a case's events say must lie in the evidence store."""

    case: str
    evidence: tuple[Digest, ...]
    lists: tuple[Digest, ...]
    certified: tuple[Certified, ...]


@dataclass(slots=True, kw_only=True)
class _Heads:
    """Of each case what the register is compared with."""

    digests: dict[str, tuple[Digest, ...]] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)


def journal_held(connection: Connection, keys: CaseKeys, found: Soundness, say: Say) -> Iterator[Filed]:
    """Check the tables, in one view of them: versions, chains, folds, projections, and the register at the end. Gives
    what each case has filed, to be checked meanwhile or later."""
    _tables(connection, found)
    heads, every = _Heads(), chains(connection)
    for place, chain in enumerate(every):
        if place % EVERY == 0:
            say(f"chain {place + 1} of {len(every)}: {chain}")
        mine = kept(connection, keys, chain)
        filed = _case(connection, mine, heads, found)
        if filed is not None:
            yield filed
    for stray in sorted(set(strays(connection))):
        found.wrong(stray, "projection: there are rows of it for screens, and no event")
    _register(kept(connection, keys, HOUSE), heads, found)


def _tables(connection: Connection, found: Soundness) -> None:
    version = (versions(connection) or (0, 0))[0]
    if version == VERSION and stamp(connection) != revision(version):
        found.wrong(
            "tables", f"they are of version {version}, and Alembic's mark says {stamp(connection) or 'nothing'}"
        )


def _case(connection: Connection, mine: Kept, heads: _Heads, found: Soundness) -> Filed | None:
    found.cases += 1
    found.events += len(mine.entries)
    found.wrong(mine.chain, *mine.faults)
    if not mine.entries:
        if not mine.faults:
            found.wrong(mine.chain, "it has a key or bodies, and no event")
        return None
    broken = faults(mine.entries)
    found.wrong(mine.chain, *(f"chain: {one}" for one in broken))
    heads.digests[mine.chain] = tuple(entry.event.digest for entry in mine.entries)
    if mine.erased:
        found.erased += 1
        heads.erased.add(mine.chain)
        _projected(connection, mine.chain, None, found)
        return None
    if mine.faults or broken:
        return None
    return _folded(connection, mine, heads, found)


def _folded(connection: Connection, mine: Kept, heads: _Heads, found: Soundness) -> Filed | None:
    try:
        case = fold(mine.entries)
        bodies = tuple(body_of(entry) for entry in mine.entries)
    except SendoffError as wrong:
        found.wrong(mine.chain, f"chain: it does not fold to a case: {wrong}")
        return None
    _projected(connection, mine.chain, case, found)
    if case.certificate is not None:
        heads.closed.add(mine.chain)
    return Filed(
        case=mine.chain,
        evidence=_every(bodies, named),
        lists=_every(bodies, lists),
        certified=tuple(one for one in bodies if isinstance(one, Certified)),
    )


def _every(bodies: Sequence[Body], of: Callable[[Body], tuple[Digest, ...]]) -> tuple[Digest, ...]:
    return tuple(dict.fromkeys(digest for body in bodies for digest in of(body)))


def _projected(connection: Connection, chain: str, case: Case | None, found: Soundness) -> None:
    wanted, there = rows_of(case) if case else (), projected(connection, chain)
    if wanted != there:
        odd = [row for row in (*there, *wanted) if row not in wanted or row not in there]
        what = odd[0].get("step") or "the case itself"
        found.wrong(
            chain, f"projection: the rows for screens are not what the events tell ({what})", *_beyond(case, there)
        )


def _beyond(case: Case | None, there: Sequence[Mapping[str, object]]) -> list[str]:
    """Screens that know more events than there are: the last ones were dropped, and the rest still holds."""
    known = there[0].get("seq") if case and there else 0
    if case is None or not isinstance(known, int) or known <= case.seq:
        return []
    return [f"chain: it ends at event {case.seq}, and event {known} was there: the last ones were dropped"]


# ---- the house register -------------------------------------------------------------------------------------------


def _register(house: Kept, heads: _Heads, found: Soundness) -> None:
    where = "house register"
    found.wrong(where, *house.faults, *(f"chain: {one}" for one in faults(house.entries)))
    if not house.entries and heads.digests:
        found.wrong(where, "it is gone, and there are cases")
    said: dict[str, set[str]] = {"opened": set(), "closed": set(), "erased": set()}
    for entry in house.entries:
        try:
            line = body_of(entry)
        except SendoffError as wrong:
            found.wrong(where, f"line {entry.event.seq}: {wrong}")
            continue
        if isinstance(line, Registered):
            said.setdefault(line.what, set()).add(line.case)
            found.wrong(where, *_line(entry.event.seq, line, heads))
    cases = set(heads.digests)
    pairs = (("opened", cases), ("closed", heads.closed), ("erased", heads.erased))
    for what, there in pairs:
        found.wrong(where, *(f"{case} was {what}, and no line says so" for case in sorted(there - said[what])))
    kept_on = sorted((said["erased"] & cases) - heads.erased)
    found.wrong(where, *(f"{case} was erased, and its key is there again" for case in kept_on))


def _line(seq: int, line: Registered, heads: _Heads) -> list[str]:
    chain = heads.digests.get(line.case)
    if chain is None:
        return [f"line {seq}: {line.case} was {line.what}, and there is no such case"]
    if not 0 < line.seq <= len(chain) or chain[line.seq - 1] != line.head:
        return [f"line {seq}: {line.case} was {line.what} at event {line.seq}, and that is not in its chain"]
    return []


# ---- evidence and certificates ------------------------------------------------------------------------------------


def evidence_held(
    store: BlobStore, filed: Filed, signer: PublicKey | None, chain: Callable[[str], Sequence[Entry]], found: Soundness
) -> None:
    """Check that everything a case has filed is there and whole, and that its certificates are ours. `chain` reads the
    chain of a closed case again."""
    seen: set[Digest] = set()

    def whole(digest: Digest) -> bytes:
        if digest in seen:
            return b""
        seen.add(digest)
        found.evidence += 1
        try:
            return store.get(filed.case, digest)
        except SendoffError as wrong:
            found.wrong(filed.case, str(wrong))
            return b""

    for digest in filed.lists:
        data = whole(digest)
        for other in inside(json.loads(data)) if data else ():
            whole(other)
    for digest in filed.evidence:
        whole(digest)
    for one in filed.certified:
        found.certificates += 1
        if store.has(filed.case, one.certificate):
            envelope = store.get(filed.case, one.certificate)
            found.wrong(filed.case, *_certificate(envelope, journal_file(chain(filed.case)), signer))


def _certificate(envelope: bytes, journal: bytes, signer: PublicKey | None) -> tuple[str, ...]:
    if signer is None:
        return ("certificate: keys/certificate-key.pem is missing, so that nobody can say who signed it",)

    def checked(signature: bytes, payload: bytes) -> str:
        if not signed_by(signer, signature, payload, PAYLOAD_TYPE):
            raise Broken("certificate: it was not signed by the key of this house")
        return fingerprint(signer)

    answer = verify(
        envelope,
        journal,
        checked=checked,
        decoded=strict_base64,
        trusted=frozenset(),
        never=never_trusted(),
    )
    return answer.faults
