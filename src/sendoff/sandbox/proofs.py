"""What apps are believed by, besides a secret: certificates, issuers, and the machine that we run on."""

from collections import defaultdict
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """A public key that an app is believed by: its certificate's, or that of an issuer for one subject."""

    key: RSAPublicKey
    issuer: str = ""
    subject: str = ""


@dataclass(slots=True)
class Proofs:
    """What apps are believed by, besides a secret."""

    keys: dict[str, list[Trusted]] = field(default_factory=lambda: defaultdict(list))
    """By client id."""
    watchers: set[str] = field(default_factory=set)
    """Principals that hold Monitoring Reader at the root of their own tenant."""
    machine: tuple[str, str, str] | None = None
    """The header of the machine that we run on, and the client id and tenant of its identity."""
