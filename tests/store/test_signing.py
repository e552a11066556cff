"""Signatures: what `ssh-keygen -Y sign` makes is taken from its own key over its own message, and nothing else is."""

import base64
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from sendoff.model.errors import BadInput, Broken
from sendoff.store.signing import (
    PAYLOAD_TYPE,
    fingerprint,
    house_signer,
    pae,
    public_pem,
    read_public,
    sign,
    signed_by,
    ssh_signed,
    strict_base64,
)

NAMESPACE = "sendoff-decision"
MESSAGE = b'{"decision":"approve","plan":"sha256:00"}'
needs_ssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")


@dataclass(frozen=True)
class Pen:
    """An OpenSSH key of a person."""

    key: Path

    @property
    def public(self) -> str:
        """The line as in authorized_keys."""
        return self.key.with_suffix(".pub").read_text(encoding="utf-8").strip()

    def signs(self, message: bytes, namespace: str = NAMESPACE, *more: str) -> str:
        """What ssh-keygen writes."""
        command = ["ssh-keygen", "-Y", "sign", "-f", str(self.key), "-n", namespace, *more]
        return subprocess.run(command, input=message, capture_output=True, check=True).stdout.decode()


@pytest.fixture
def pen(tmp_path: Path) -> Callable[[str], Pen]:
    def made(name: str, kind: str = "ed25519") -> Pen:
        key = tmp_path / name
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(key)], check=True, capture_output=True)
        return Pen(key)

    return made


@needs_ssh
@pytest.mark.parametrize("more", [(), ("-O", "hashalg=sha256"), ("-O", "hashalg=sha512")])
def test_a_signature_of_ssh_keygen_is_taken(pen: Callable[[str], Pen], more: tuple[str, ...]) -> None:
    erik = pen("erik")

    signature = erik.signs(MESSAGE, NAMESPACE, *more)

    assert ssh_signed(erik.public, MESSAGE, signature)
    assert ssh_signed(erik.public, MESSAGE, signature.replace("\n", "\r\n") + "\n\n")


@needs_ssh
def test_another_key_another_namespace_and_another_message_are_refused(pen: Callable[[str], Pen]) -> None:
    erik, emma = pen("erik"), pen("emma")

    signature = erik.signs(MESSAGE)

    assert not ssh_signed(emma.public, MESSAGE, signature)
    assert not ssh_signed(erik.public, MESSAGE + b" ", signature)
    assert not ssh_signed(erik.public, MESSAGE, erik.signs(MESSAGE, "git"))
    assert not ssh_signed(erik.public, MESSAGE, erik.signs(MESSAGE, "sendoff-decisions"))


@needs_ssh
def test_keys_of_another_kind_decide_nothing(pen: Callable[..., Pen]) -> None:
    erik = pen("erik-rsa", "rsa")

    assert not ssh_signed(erik.public, MESSAGE, erik.signs(MESSAGE))


@needs_ssh
def test_a_flipped_byte_anywhere_in_the_signature_is_refused(pen: Callable[[str], Pen]) -> None:
    erik = pen("erik")
    lines = erik.signs(MESSAGE).strip().splitlines()
    data = base64.b64decode("".join(lines[1:-1]))

    taken = []
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        body = base64.b64encode(bytes(changed)).decode()
        if ssh_signed(erik.public, MESSAGE, f"{lines[0]}\n{body}\n{lines[-1]}"):
            taken.append(place)

    assert taken == []


@pytest.mark.parametrize(
    "armored",
    [
        "",
        "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----",
        "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----",
        "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----",
        "-----BEGIN SSH SIGNATURE-----\n€€€€\n-----END SSH SIGNATURE-----",
        "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAf////8=\n-----END SSH SIGNATURE-----",
    ],
)
def test_what_is_no_signature_is_refused_without_a_fault(armored: str) -> None:
    assert not ssh_signed("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== erik", MESSAGE, armored)


@given(public=st.text(max_size=80), body=st.binary(max_size=200))
def test_no_text_at_all_makes_the_check_stumble(public: str, body: bytes) -> None:
    armored = "\n".join(
        ("-----BEGIN SSH SIGNATURE-----", base64.b64encode(b"SSHSIG\0\0\0\1" + body).decode(), "END SSH SIGNATURE")
    )

    assert not ssh_signed(public, MESSAGE, armored)
    assert not ssh_signed("ssh-ed25519 " + base64.b64encode(body).decode(), MESSAGE, armored)


@needs_ssh
def test_a_damaged_public_line_is_refused_without_a_fault(pen: Callable[[str], Pen]) -> None:
    erik = pen("erik")
    signature = erik.signs(MESSAGE)
    kind, blob = erik.public.split()[:2]
    raw = base64.b64decode(blob)

    for cut in range(len(raw)):
        assert not ssh_signed(f"{kind} {base64.b64encode(raw[:cut]).decode()}", MESSAGE, signature)


# ---- certificates ---------------------------------------------------------------------------------------------------


def test_the_envelope_encoding_is_the_one_of_dsse() -> None:
    assert (
        pae("http://example.com/HelloWorld", b"hello world")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_ed25519_and_p256_signatures_verify_and_others_do_not() -> None:
    ed, p256 = Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())
    payload = b"{}"
    by_ed, by_p256 = sign(ed, payload), p256.sign(pae(PAYLOAD_TYPE, payload), ec.ECDSA(hashes.SHA256()))

    assert signed_by(ed.public_key(), by_ed, payload, PAYLOAD_TYPE)
    assert signed_by(p256.public_key(), by_p256, payload, PAYLOAD_TYPE)
    assert not signed_by(ed.public_key(), by_p256, payload, PAYLOAD_TYPE)
    assert not signed_by(p256.public_key(), by_ed, payload, PAYLOAD_TYPE)
    assert not signed_by(ed.public_key(), by_ed, payload, "text/plain")
    assert not signed_by(ed.public_key(), by_ed, payload + b" ", PAYLOAD_TYPE)
    assert not signed_by(ed.public_key(), b"", payload, PAYLOAD_TYPE)


def test_only_two_kinds_of_public_keys_are_taken() -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    other = ec.generate_private_key(ec.SECP384R1()).public_key()
    shape = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo

    for pem in (weak.public_bytes(*shape), other.public_bytes(*shape), b"", b"-----BEGIN PUBLIC KEY-----\n", b"\xff"):
        with pytest.raises(BadInput):
            read_public(pem, "key.pem")


def test_a_house_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "certificate-key.pem"

    first, second = house_signer(file), house_signer(file)

    assert fingerprint(first.public_key()) == fingerprint(second.public_key())
    assert file.stat().st_mode & 0o077 == 0
    assert fingerprint(read_public(public_pem(first.public_key()), "key.pem")) == fingerprint(first.public_key())


@pytest.mark.parametrize("text", ["A", "AB==", "QUI", "QUI=\n", " QUI=", "QUJ=", "QU-=", "é"])
def test_base64_with_anything_loose_is_broken(text: str) -> None:
    with pytest.raises(Broken):
        strict_base64(text, "certificate")


@given(st.binary(max_size=64))
def test_base64_of_any_bytes_comes_back(data: bytes) -> None:
    assert strict_base64(base64.b64encode(data).decode(), "x") == data
