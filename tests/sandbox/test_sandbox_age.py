"""The age reader of the sandbox opens what pyrage sealed, and nothing that was touched."""

import io
import stat
import zipfile
from pathlib import Path

import pyrage
import pytest
from sandbox_callers import estate

from sendoff.sandbox import age
from sendoff.sandbox.serve import keep
from sendoff.sandbox.wire import text

FILES = {"manifest.json": b'{"records": 2}', "secrets/café ☕.csv": b"\x00" * 200_000}


def zipped(files: dict[str, bytes]) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as box:
        for name, data in files.items():
            box.writestr(name, data)
    return into.getvalue()


def sealed(data: bytes, *people: str) -> bytes:
    made: bytes = pyrage.encrypt(data, [pyrage.x25519.Recipient.from_str(one) for one in people])
    return made


def test_it_opens_a_zip_that_another_program_sealed_for_several_people() -> None:
    mine, other = age.pair(b"\x01" * 32), age.pair(b"\x02" * 32)
    parcel = sealed(zipped(FILES), other[0], mine[0])
    assert age.opened(parcel, mine[1]) == FILES
    assert age.opened(parcel, other[1]) == FILES


@pytest.mark.parametrize("size", [0, 1, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 3 * 64 * 1024])
def test_every_length_around_a_chunk_is_read_as_it_was_written(size: int) -> None:
    public, secret = age.pair(b"\x03" * 32)
    data = bytes(at % 251 for at in range(size))
    assert age.decrypted(sealed(data, public), secret) == data


def test_its_keys_are_keys_to_another_program() -> None:
    public, secret = age.pair(bytes(range(32)))
    identity = pyrage.x25519.Identity.from_str(secret)
    assert str(identity.to_public()) == public


def test_a_flipped_bit_anywhere_is_noticed() -> None:
    public, secret = age.pair(b"\x04" * 32)
    parcel = sealed(zipped({"manifest.json": b"{}"}), public)
    for at in range(len(parcel)):
        touched = parcel[:at] + bytes([parcel[at] ^ 1]) + parcel[at + 1 :]
        with pytest.raises(age.NotOpened):
            age.opened(touched, secret)


def test_a_cut_end_another_key_and_a_mistyped_key_are_refused() -> None:
    public, secret = age.pair(b"\x05" * 32)
    parcel = sealed(b"x" * 70_000, public)
    head = parcel.index(b"\n", parcel.index(b"\n--- ") + 1) + 1
    wrong = [(parcel[:-1], secret), (parcel[: head + 16], secret), (parcel[: head + 16 + 64 * 1024 + 16], secret)]
    wrong += [(parcel, age.pair(b"\x06" * 32)[1]), (parcel, secret[:-1] + "Q"), (parcel, public), (b"no age", secret)]
    for data, identity in wrong:
        with pytest.raises(age.NotOpened):
            age.decrypted(data, identity)


def test_what_is_no_zip_is_refused_after_it_was_opened() -> None:
    public, secret = age.pair(b"\x07" * 32)
    with pytest.raises(age.NotOpened, match="no zip"):
        age.opened(sealed(b"just text", public), secret)


def test_the_world_knows_the_public_half_and_the_cast_the_secret_one() -> None:
    world = estate()
    public, secret = text(world.customer(), "age_key"), world.sandbox.world.customer_age_key
    assert age.decrypted(sealed(b"hello", public), secret) == b"hello"
    assert secret not in str(world.known)
    assert text(estate(seed=8).customer(), "age_key") != public == text(estate().customer(), "age_key")


def test_the_secret_half_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "customer-age-key.txt"
    keep(file, "AGE-SECRET-KEY-1X")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text(encoding="utf-8") == "AGE-SECRET-KEY-1X\n"
