"""The age file format, read with the customer's key: X25519 recipients, header MAC, ChaCha20-Poly1305 in chunks.

Written from the format's page (github.com/C2SP/C2SP/blob/main/age.md); the writer is not known here.
"""

import base64
import binascii
import hashlib
import hmac
import io
import zipfile

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
VERSION = b"age-encryption.org/v1"
CHUNK, TAG = 64 * 1024, 16


class NotOpened(ValueError):
    """The file is no age file, not for this key, or not as it was sealed."""


def pair(seed: bytes) -> tuple[str, str]:
    """(public, secret): the recipient age1... and the identity AGE-SECRET-KEY-1... of 32 bytes."""
    key = X25519PrivateKey.from_private_bytes(seed)
    return _bech32("age", _raw(key.public_key())), _bech32("age-secret-key-", seed).upper()


def opened(data: bytes, identity: str) -> dict[str, bytes]:
    """The files of a sealed zip, by name. Raises NotOpened, also when what was sealed is no zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(decrypted(data, identity))) as box:
            if box.testzip() is not None:
                raise NotOpened("a file in the zip is damaged")
            return {one.filename: box.read(one) for one in box.infolist() if not one.is_dir()}
    except zipfile.BadZipFile as no:
        raise NotOpened("what was sealed is no zip") from no


def decrypted(data: bytes, identity: str) -> bytes:
    """What was sealed for this identity. Raises NotOpened."""
    header, body = _split(data)
    secret = _secret(identity)
    file_key = next((key for one in _stanzas(header) if (key := _unwrapped(one, secret)) is not None), None)
    if file_key is None:
        raise NotOpened("not sealed for this key")
    signed, _, mac = header.rpartition(b"--- ")
    expected = hmac.digest(_derived(file_key, b"", b"header"), signed + b"---", "sha256")
    if not hmac.compare_digest(expected, _b64(mac.strip())):
        raise NotOpened("the header was changed")
    return _streamed(_derived(file_key, body[:16], b"payload"), body[16:])


def _split(data: bytes) -> tuple[bytes, bytes]:
    at = data.find(b"\n--- ")
    end = data.find(b"\n", at + 1)
    if not data.startswith(VERSION + b"\n") or at < 0 or end < 0:
        raise NotOpened("no age file")
    return data[: end + 1], data[end + 1 :]


def _stanzas(header: bytes) -> list[tuple[list[bytes], bytes]]:
    found: list[tuple[list[bytes], bytes]] = []
    for line in header.split(b"\n")[1:]:
        if line.startswith(b"-> "):
            found.append((line[3:].split(b" "), b""))
        elif found and not line.startswith(b"---"):
            found[-1] = (found[-1][0], found[-1][1] + line)
    return found


def _unwrapped(stanza: tuple[list[bytes], bytes], secret: X25519PrivateKey) -> bytes | None:
    words, body = stanza
    if words[0] != b"X25519" or len(words) != 2:
        return None
    share, sealed = _b64(words[1]), _b64(body)
    if len(share) != 32 or len(sealed) != 32:
        raise NotOpened("a stanza is malformed")
    shared = secret.exchange(X25519PublicKey.from_public_bytes(share))
    key = _derived(shared, share + _raw(secret.public_key()), VERSION + b"/X25519")
    try:
        return ChaCha20Poly1305(key).decrypt(bytes(12), sealed, None)
    except InvalidTag:
        return None


def _streamed(key: bytes, body: bytes) -> bytes:
    """The chunks: 11 bytes of counter and one that marks the last chunk make the nonce."""
    size = CHUNK + TAG
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    found = []
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        nonce = number.to_bytes(11, "big") + bytes([last])
        try:
            found.append(ChaCha20Poly1305(key).decrypt(nonce, part, None))
        except InvalidTag:
            raise NotOpened(f"chunk {number} was changed") from None
    if not parts or (len(parts) > 1 and not found[-1]):
        raise NotOpened("the end is missing")
    return b"".join(found)


def _derived(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(secret)


def _raw(key: X25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _b64(value: bytes) -> bytes:
    """Base64 without padding, in its one canonical spelling."""
    try:
        found = base64.b64decode(value + b"=" * (-len(value) % 4), validate=True)
    except binascii.Error:
        raise NotOpened("not base64") from None
    if base64.b64encode(found).rstrip(b"=") != value:
        raise NotOpened("not canonical base64")
    return found


def _secret(identity: str) -> X25519PrivateKey:
    name, found = _read(identity.strip())
    if name != "age-secret-key-" or len(found) != 32:
        raise NotOpened("no age identity")
    return X25519PrivateKey.from_private_bytes(found)


def _bech32(name: str, data: bytes) -> str:
    values = _regrouped(list(data), 8, 5)
    check = _polymod([*_expanded(name), *values, *[0] * 6]) ^ 1
    values += [(check >> 5 * (5 - at)) & 31 for at in range(6)]
    return f"{name}1" + "".join(ALPHABET[one] for one in values)


def _read(coded: str) -> tuple[str, bytes]:
    name, _, tail = coded.lower().rpartition("1")
    if not name or any(one not in ALPHABET for one in tail) or coded not in (coded.lower(), coded.upper()):
        raise NotOpened("no bech32")
    values = [ALPHABET.index(one) for one in tail]
    if _polymod([*_expanded(name), *values]) != 1:
        raise NotOpened("a mistyped key")
    return name, bytes(_regrouped(values[:-6], 5, 8, pad=False))


def _expanded(name: str) -> list[int]:
    return [ord(one) >> 5 for one in name] + [0] + [ord(one) & 31 for one in name]


def _polymod(values: list[int]) -> int:
    check = 1
    for one in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ one
        for bit, part in enumerate(GENERATOR):
            check ^= part if top >> bit & 1 else 0
    return check


def _regrouped(values: list[int], wide: int, narrow: int, *, pad: bool = True) -> list[int]:
    held, bits, found = 0, 0, []
    for one in values:
        held, bits = held << wide | one, bits + wide
        while bits >= narrow:
            bits -= narrow
            found.append(held >> bits & (1 << narrow) - 1)
    if pad and bits:
        found.append(held << narrow - bits & (1 << narrow) - 1)
    return found


def fingerprint(data: bytes) -> str:
    """sha256:<hex> of sealed bytes, as a receipt names a parcel."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
