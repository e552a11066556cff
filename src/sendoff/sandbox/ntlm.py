"""NTLM as a Windows server takes it: NTLMv2 alone, from MS-NLMP 2.2.1 (messages), 3.3.2 (proof) and 3.1.5.1.2 (MIC)."""

import hashlib
import hmac
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from sendoff.sandbox.md4 import md4

MARK = b"NTLMSSP\0"
UNICODE, OEM, REQUEST_TARGET, SPEAKS_NTLM, ALWAYS_SIGN = 0x1, 0x2, 0x4, 0x200, 0x8000
DOMAIN, SESSION, TARGET_INFO, VERSION, BITS_128, BITS_56 = (
    0x10000,
    0x80000,
    0x800000,
    0x2000000,
    0x20000000,
    0x80000000,
)
OFFERED = (
    UNICODE | REQUEST_TARGET | SPEAKS_NTLM | ALWAYS_SIGN | DOMAIN | SESSION | TARGET_INFO | VERSION | BITS_128 | BITS_56
)
END, COMPUTER, NETBIOS, DNS_COMPUTER, DNS_DOMAIN, FLAGS, TIME, BINDINGS = 0, 1, 2, 3, 4, 6, 7, 10
HAS_MIC = 0x2
SERVER_2022 = struct.pack("<BBHBBBB", 10, 0, 20348, 0, 0, 0, 15)
MIC = slice(72, 88)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account of the domain."""

    domain: str
    user: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A handshake after its second message: what came, what was answered, and the number to be proven with."""

    negotiate: bytes
    challenge: bytes
    number: bytes


def kind_of(token: bytes) -> int:
    """1, 2 or 3; 0 for what is no message of NTLM."""
    return struct.unpack_from("<I", token, 8)[0] if token[:8] == MARK and len(token) >= 16 else 0


def challenged(negotiate: bytes, domain: str, at: int) -> Asked:
    """Type 2 upon type 1; `at` is FILETIME. Its time asks the client for a MIC."""
    number = secrets.token_bytes(8)
    (wanted,) = struct.unpack_from("<I", negotiate, 12)
    wide = bool(wanted & UNICODE)
    name = domain.encode("utf-16-le" if wide else "cp1252")
    host = "VAULT".encode("utf-16-le")
    pairs = [
        (NETBIOS, domain.encode("utf-16-le")),
        (COMPUTER, host),
        (DNS_DOMAIN, f"{domain.lower()}.example".encode("utf-16-le")),
        (DNS_COMPUTER, f"vault.{domain.lower()}.example".encode("utf-16-le")),
        (TIME, struct.pack("<Q", at)),
        (END, b""),
    ]
    info = b"".join(struct.pack("<HH", key, len(value)) + value for key, value in pairs)
    flags = (OFFERED & wanted) | REQUEST_TARGET | SPEAKS_NTLM | TARGET_INFO | DOMAIN | (0 if wide else OEM)
    head = MARK + struct.pack("<IHHIIQQHHI", 2, len(name), len(name), 56, flags, 0, 0, len(info), len(info),
                              56 + len(name))  # fmt: skip
    message = head[:24] + number + head[32:] + SERVER_2022 + name + info
    return Asked(negotiate=negotiate, challenge=message, number=number)


def proven(asked: Asked, token: bytes, account: Account, binding: bytes, *, bound: bool = False) -> bool:
    """Whether type 3 proves this account. Where it names a channel, that must be ours (`binding`, the hash of our
    certificate); `bound` demands that it names one, as extended protection does when it is required."""
    try:
        return _proven(asked, token, account, binding, bound=bound)
    except (struct.error, IndexError, UnicodeDecodeError):
        return False


def said_user(token: bytes) -> tuple[str, str]:
    """Domain and user as type 3 names them."""
    try:
        (flags,) = struct.unpack_from("<I", token, 60)
        spelled = "utf-16-le" if flags & UNICODE else "cp1252"
        return _field(token, 28).decode(spelled), _field(token, 36).decode(spelled)
    except (struct.error, UnicodeDecodeError):
        return "", ""


def _proven(asked: Asked, token: bytes, account: Account, binding: bytes, *, bound: bool) -> bool:
    answer = _field(token, 20)
    domain, user = said_user(token)
    if len(answer) <= 24:  # NTLMv1, which no domain of today takes
        return False
    if user.lower() != account.user.lower() or domain.lower() not in ("", account.domain.lower()):
        return False
    key = _md5(md4(account.password.encode("utf-16-le")), f"{user.upper()}{domain}".encode("utf-16-le"))
    proof, rest = answer[:16], answer[16:]
    pairs = _pairs(rest[28:])
    if not hmac.compare_digest(_md5(key, asked.number + rest), proof):
        return False
    return _whole(asked, token, pairs, _md5(key, proof)) and _ours(pairs.get(BINDINGS, b""), binding, bound=bound)


def _whole(asked: Asked, token: bytes, pairs: Mapping[int, bytes], session: bytes) -> bool:
    """The MIC, where the client says that it sent one: over all three messages, its own place zeroed."""
    if not struct.unpack("<I", pairs.get(FLAGS, bytes(4)))[0] & HAS_MIC:
        return True
    blank = token[: MIC.start] + bytes(16) + token[MIC.stop :]
    return hmac.compare_digest(_md5(session, asked.negotiate + asked.challenge + blank), token[MIC])


def _ours(named: bytes, binding: bytes, *, bound: bool) -> bool:
    if not any(named):
        return not bound
    data = b"tls-server-end-point:" + binding
    wanted = struct.pack("<IIIII", 0, 0, 0, 0, len(data)) + data
    return hmac.compare_digest(hashlib.md5(wanted, usedforsecurity=False).digest(), named)


def _pairs(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(data):
        key, size = struct.unpack_from("<HH", data, at)
        if key == END:
            break
        found[key] = data[at + 4 : at + 4 + size]
        at += 4 + size
    return found


def _field(token: bytes, at: int) -> bytes:
    size, _, start = struct.unpack_from("<HHI", token, at)
    return token[start : start + size]


def _md5(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, "md5").digest()
