"""Who signs certificates: the house key, or in the sandbox a key that everybody has and nobody trusts."""

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sendoff.store.signing import fingerprint, house_signer, public_pem, sign


class KeySigner:
    """Answers the port Signer with one Ed25519 key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def sign(self, payload: bytes) -> tuple[bytes, str]:
        """Signature and fingerprint."""
        return sign(self._key, payload), fingerprint(self._key.public_key())

    def public(self) -> bytes:
        """The public key as PEM."""
        return public_pem(self._key.public_key())


def house(folder: Path) -> KeySigner:
    """The house's own signer."""
    return KeySigner(house_signer(folder / "certificate-key.pem"))


def rehearsal() -> KeySigner:
    """The rehearsal signer. Its key follows from this very text, so that its signature can prove nothing."""
    seed = hashlib.sha256(b"sendoff: this key signs rehearsals and is trusted by nobody").digest()
    return KeySigner(Ed25519PrivateKey.from_private_bytes(seed))


def never_trusted() -> frozenset[str]:
    """Fingerprints that no trust may name."""
    return frozenset({rehearsal().sign(b"")[1]})
