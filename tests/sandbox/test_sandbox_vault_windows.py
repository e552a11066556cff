"""The vault behind Windows sign-in, driven by curl: who is let in, on which connection, and what an account may see."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.ports import serving
from sendoff.sandbox.md4 import md4
from sendoff.sandbox.sandbox import Sandbox
from sendoff.sandbox.serve import Port, context
from sendoff.sandbox.wire import Json, Obj, arr, loads, obj, text

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here")


@pytest.fixture
def port(tmp_path: Path) -> Iterator[Port]:
    with serving(Port(Sandbox(1, "full-stack"), "passwordstate", context(tmp_path))) as made:
        yield made


def ours(port: Port) -> Obj:
    """The account."""
    return obj(obj(port.sandbox.world.msp["passwordstate"])["windows"])


def curl(port: Port, folder: Path, path: str, *more: str, password: str = "") -> tuple[int, Json]:
    """The last status and body that curl was given."""
    who = f"{text(ours(port), 'account')}:{password or text(ours(port), 'password')}"
    command = ["curl", "--silent", "--cacert", str(folder / "ca.pem"), "--user", who, "--write-out", "\n%{http_code}"]
    ran = subprocess.run([*command, *more, port.base + path], capture_output=True, check=True, timeout=20)
    body, _, status = ran.stdout.rpartition(b"\n")
    return int(status), loads(body)


def test_md4_gives_what_rfc_1320_prints() -> None:
    assert md4(b"").hex() == "31d6cfe0d16ae931b73c59d7e0c089c0"
    assert md4(b"abc").hex() == "a448017aaf21d8525fc10ae87aa6729d"
    assert md4(b"1234567890" * 8).hex() == "e33b4ddc9c38f2199c3e7b164fcc0536"


def test_curl_signs_in_by_ntlm_and_sees_the_lists_that_the_account_may_see(port: Port, tmp_path: Path) -> None:
    hidden = port.sandbox.world.get("vault", "list", "102")
    assert hidden is not None
    status, everything = curl(port, tmp_path, "/winapi/passwordlists", "--ntlm")
    assert status == 200 and {text(one, "PasswordListID") for one in arr(everything)} >= {"101", "102", "103", "301"}
    assert not [one for one in arr(everything) if "Permissions" in obj(one)]
    hidden.raw["Permissions"] = [{"SecurityGroupName": "Others", "Permission": "A"}]
    status, fewer = curl(port, tmp_path, "/winapi/passwordlists", "--ntlm")
    assert status == 200 and "102" not in {text(one, "PasswordListID") for one in arr(fewer)}
    assert curl(port, tmp_path, "/winapi/passwordlists/102", "--ntlm")[0] == 404
    assert curl(port, tmp_path, "/winapi/passwords/102?QueryAll", "--ntlm")[0] == 404
    assert curl(port, tmp_path, "/winapi/passwords/1010", "--ntlm")[0] == 404, "a record of that list"


def test_a_wrong_password_basic_and_nobody_are_not_let_in(port: Port, tmp_path: Path) -> None:
    for more in (("--ntlm",), ("--basic",)):
        assert curl(port, tmp_path, "/winapi/passwordlists", *more, password="wrong")[0] == 401
    assert curl(port, tmp_path, "/winapi/passwordlists", "--basic")[0] == 401
    key = text(obj(port.sandbox.world.msp["passwordstate"]), "api_key")
    assert curl(port, tmp_path, "/winapi/passwordlists", "--header", f"APIKey: {key}", "--basic")[0] == 401


def test_after_five_wrong_passwords_the_domain_locks_the_account(port: Port, tmp_path: Path) -> None:
    for _ in range(5):
        curl(port, tmp_path, "/winapi/passwordlists", "--ntlm", password="wrong")
    assert curl(port, tmp_path, "/winapi/passwordlists", "--ntlm")[0] == 401


def test_who_is_signed_in_on_one_connection_is_a_stranger_on_another(port: Port, tmp_path: Path) -> None:
    two = [port.base + "/winapi/passwordlists", port.base + "/winapi/folders"]
    who = f"{text(ours(port), 'account')}:{text(ours(port), 'password')}"
    command = [
        "curl",
        "--silent",
        "--cacert",
        str(tmp_path / "ca.pem"),
        "--user",
        who,
        "--ntlm",
        "--output",
        "/dev/null",
    ]
    subprocess.run([*command, two[0], "--output", "/dev/null", two[1]], capture_output=True, check=True, timeout=20)
    calls = [row for row in port.sandbox.world.record.rows if row["type"] == "call"]
    assert [row["status"] for row in calls] == [401, 200, 200], "the second call needs no handshake"
    assert curl(port, tmp_path, "/winapi/passwordlists", "--anyauth", password="wrong")[0] == 401


def test_an_account_that_may_only_view_erases_nothing(port: Port, tmp_path: Path) -> None:
    held = port.sandbox.world.get("vault", "list", "101")
    assert held is not None
    rows = [{**obj(one), "Permission": "V"} for one in arr(held.raw["Permissions"])]
    before, held.raw["Permissions"] = held.raw["Permissions"], [*rows]
    erase = "/winapi/passwords/1001?MoveToRecycleBin=false"
    assert curl(port, tmp_path, erase, "--ntlm", "--request", "DELETE")[0] == 403
    held.raw["Permissions"] = before
    assert curl(port, tmp_path, erase, "--ntlm", "--request", "DELETE")[0] == 204
