"""Signatures: DSSE envelopes by Ed25519 or ECDSA P-256, key fingerprints, and a person's SSH signature over a decision.

DSSE: the pre-authentication encoding `DSSEv1 <len> <type> <len> <body>`, secure-systems-lab/dsse protocol v1.0.
SSHSIG: OpenSSH PROTOCOL.sshsig.
"""

import base64
import binascii
import hashlib
import os
import struct
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sendoff.model.errors import BadInput, Broken

PAYLOAD_TYPE = "application/vnd.in-toto+json"
SSH_NAMESPACE = "sendoff-decision"
PublicKey = Ed25519PublicKey | EllipticCurvePublicKey


def house_signer(path: Path) -> Ed25519PrivateKey:
    """The key that signs certificates, made on first use, readable by the owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(pem)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput("it holds another kind of key than Ed25519", where=str(path))
    return key


def private_name(pem: bytes, where: str) -> str:
    """The fingerprint of the public half of an Ed25519 key in PEM form."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        raise BadInput("this is not a private key in PEM form", where=where) from wrong
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput("it holds another kind of key than Ed25519", where=where)
    return fingerprint(key.public_key())


def public_pem(key: PublicKey) -> bytes:
    """The public half as PEM."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def read_public(pem: bytes, where: str) -> PublicKey:
    """A public key from PEM, Ed25519 or P-256; BadInput for anything else."""
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as wrong:
        raise BadInput("this is not a public key in PEM form", where=where) from wrong
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key
    if isinstance(key, Ed25519PublicKey):
        return key
    raise BadInput("only Ed25519 and ECDSA P-256 keys are taken", where=where)


def fingerprint(key: PublicKey) -> str:
    """`SHA256:` and the hex of the key's SubjectPublicKeyInfo, to be compared over another channel."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return "SHA256:" + hashlib.sha256(der).hexdigest()


def pae(payload_type: str, payload: bytes) -> bytes:
    """What DSSE signs."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def sign(key: Ed25519PrivateKey, payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """The raw signature of a payload."""
    return key.sign(pae(payload_type, payload))


def signed_by(key: PublicKey, signature: bytes, payload: bytes, payload_type: str) -> bool:
    """True when the signature is this key's over this payload."""
    message = pae(payload_type, payload)
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
        else:
            key.verify(signature, message, ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def strict_base64(text: str, where: str) -> bytes:
    """Standard base64 that encodes back to the same text; anything else is Broken."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise Broken(f"{where}: not base64") from wrong
    if base64.b64encode(data).decode() != text:
        raise Broken(f"{where}: base64 with stray bits")
    return data


def ssh_signed(public_line: str, message: bytes, armored: str) -> bool:
    """True when `armored` (made by `ssh-keygen -Y sign -n sendoff-decision`) is that Ed25519 key's over the message."""
    parts = public_line.split()
    if len(parts) < 2 or parts[0] != "ssh-ed25519":
        return False
    try:
        key_blob = base64.b64decode(parts[1], validate=True)
        public, namespace, hash_name, signature = _sshsig(armored)
        if public != key_blob or namespace != SSH_NAMESPACE.encode() or hash_name not in (b"sha512", b"sha256"):
            return False
        return _ssh_verifies(key_blob, hash_name, signature, message)
    except (ValueError, binascii.Error, struct.error):
        return False


def _ssh_verifies(key_blob: bytes, hash_name: bytes, signature: bytes, message: bytes) -> bool:
    hashed = hashlib.new(hash_name.decode(), message).digest()
    signed = b"SSHSIG" + b"".join(map(_string, (SSH_NAMESPACE.encode(), b"", hash_name, hashed)))
    kind, rest = _take(signature)
    raw, _ = _take(rest)
    _, key_rest = _take(key_blob)
    key, _ = _take(key_rest)
    if kind != b"ssh-ed25519" or len(key) != 32:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(raw, signed)
    except InvalidSignature:
        return False
    return True


def _sshsig(armored: str) -> tuple[bytes, bytes, bytes, bytes]:
    """Public key blob, namespace, hash name and signature of an armored SSHSIG; ValueError when it is none."""
    lines = [line.strip() for line in armored.strip().splitlines()]
    if len(lines) < 3 or "BEGIN SSH SIGNATURE" not in lines[0] or "END SSH SIGNATURE" not in lines[-1]:
        raise ValueError("not an SSH signature")
    data = base64.b64decode("".join(lines[1:-1]), validate=True)
    if data[:6] != b"SSHSIG" or struct.unpack(">I", data[6:10])[0] != 1:
        raise ValueError("not an SSH signature of version 1")
    public, rest = _take(data[10:])
    namespace, rest = _take(rest)
    _, rest = _take(rest)
    hash_name, rest = _take(rest)
    signature, rest = _take(rest)
    if rest:
        raise ValueError("something follows the signature")
    return public, namespace, hash_name, signature


def _take(data: bytes) -> tuple[bytes, bytes]:
    (length,) = struct.unpack(">I", data[:4])
    if length > len(data) - 4:
        raise ValueError("cut short")
    return data[4 : 4 + length], data[4 + length :]


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data
