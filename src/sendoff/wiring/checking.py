"""Check certificate files on disk: the certificate, the journal and key beside it, and the keys that are trusted."""

import json
from collections.abc import Sequence
from pathlib import Path

from sendoff.engine.verifying import verify
from sendoff.model.certificate import Predicate, Trust, Verification
from sendoff.model.errors import BadInput, Broken
from sendoff.model.shape import shaped
from sendoff.store.signing import PAYLOAD_TYPE, fingerprint, read_public, signed_by, strict_base64
from sendoff.wiring.factsfile import read_file
from sendoff.wiring.signers import never_trusted

PINNED = Path.home() / ".config" / "sendoff" / "trusted-keys"


def check_files(certificate: Path, journal: Path | None, key: Path | None, trust: list[str]) -> Verification:
    """The verification of a certificate file. Journal and key default to `journal.jsonl` and `certificate.pub.pem`
    in the same folder. A key in a file checks the signature; whether it is trusted, `trust` and the pinned ones say."""
    beside = certificate.parent
    pem_file = key or beside / "certificate.pub.pem"
    journal_file = journal or beside / "journal.jsonl"
    pem = read_file(pem_file, "the public key")
    return check_case(
        read_file(certificate, "the certificate"),
        read_file(journal_file, "the journal") if journal or journal_file.exists() else None,
        pem,
        trust=trust,
        where=str(pem_file),
    )


def check_case(
    certificate: bytes, journal: bytes | None, pem: bytes, *, trust: Sequence[str] = (), where: str = "the public key"
) -> Verification:
    """The verification of a certificate with its journal and public key, as bytes."""
    public = read_public(pem, where)
    name = fingerprint(public)

    def checked(signature: bytes, payload: bytes) -> str:
        if not signed_by(public, signature, payload, PAYLOAD_TYPE):
            raise Broken("certificate: the signature is not the key's; certificate or key was changed")
        return name

    return verify(
        certificate,
        journal,
        checked=checked,
        decoded=strict_base64,
        trusted=frozenset(_fingerprint(one) for one in trust),
        pinned=frozenset(_fingerprint(one) for one in pinned()),
        never=never_trusted(),
    )


def predicate_of(certificate: Path) -> Predicate:
    """What a certificate says, when it is intact; Broken otherwise."""
    found = check_files(certificate, None, None, [])
    if found.trust is Trust.BROKEN and found.faults:
        raise Broken("; ".join(found.faults))
    envelope = json.loads(read_file(certificate, "the certificate"))
    statement = json.loads(strict_base64(envelope["payload"], "certificate payload"))
    return shaped(Predicate, statement["predicate"], where="predicate")


def _fingerprint(text: str) -> str:
    """A fingerprint as `SHA256:` and 64 hex digits, whatever case and blanks it was copied with."""
    bare = text.replace(" ", "").replace("sha256:", "SHA256:", 1)
    digits = bare.removeprefix("SHA256:").lower()
    if len(digits) != 64 or not set(digits) <= set("0123456789abcdef"):
        raise BadInput(f"{text!r} is not a fingerprint like SHA256:4f0c...", where="--trust")
    return f"SHA256:{digits}"


def pinned() -> tuple[str, ...]:
    """The fingerprints this user pinned."""
    if not PINNED.exists():
        return ()
    lines = PINNED.read_text(encoding="utf-8").splitlines()
    return tuple(line.split("#")[0].strip() for line in lines if line.split("#")[0].strip())


def pin(what: str) -> str:
    """Pin a fingerprint, or the key in a PEM file, for this user; BadInput for the key of rehearsals."""
    path = Path(what)
    name = fingerprint(read_public(read_file(path, "the key"), what)) if path.exists() else _fingerprint(what)
    if name in never_trusted():
        raise BadInput("this key signs rehearsals; everybody has it, and nobody may trust it", where=what)
    if name not in pinned():
        PINNED.parent.mkdir(parents=True, exist_ok=True)
        with PINNED.open("a", encoding="utf-8") as out:
            out.write(name + "\n")
    return name
