"""Our vault by a Windows account: it sees what it may see, and what it may not see is never nothing."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from ssl import create_default_context

import httpx2
import pytest
from connector_hands import VAULT_URL, cells, vault
from pydantic import ValidationError

from fakes.connector_desk import ONCE, Buckets, Desk, deed
from fakes.ports import serving
from sendoff.connectors.passwordstate.client import Vault, VaultDoor
from sendoff.connectors.passwordstate.connector import PasswordstateConnector
from sendoff.connectors.passwordstate.windows_client import REFUSED, WindowsAccount
from sendoff.model.errors import Denied, Unreachable
from sendoff.model.inventory import Item, Kind, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Outcome, Receipt
from sendoff.model.secret import Secret
from sendoff.sandbox.serve import Port, context
from sendoff.sandbox.wire import Obj, arr, dig, obj, text
from sendoff.settings import PasswordstateSettings


def told(desk: Desk) -> Obj:
    return obj(dig(desk.known, "msp", "passwordstate", "windows"))


def account(desk: Desk, *, password: str = "", now: float | None = None) -> WindowsAccount:
    secret = Secret(password or text(told(desk), "password"))
    if now is None:
        return WindowsAccount(text(told(desk), "account"), secret)
    return WindowsAccount(text(told(desk), "account"), secret, now=lambda: now)


def by_account(desk: Desk, who: WindowsAccount | None = None) -> PasswordstateConnector:
    door = VaultDoor(url=VAULT_URL, account=who or account(desk))
    return PasswordstateConnector(desk.facts, door, clients=desk.clients, limits=desk.limits)


def read(desk: Desk, hand: PasswordstateConnector, kind: Kind) -> list[Item]:
    """What a look at the lists on file shows."""
    known = desk.facts.places.vault_lists
    return [one for cell in cells(hand, kind) if cell.scope in known for one in hand.look(cell, desk.tray)]


def unseen(desk: Desk, ident: str) -> None:
    """The account loses its permission on a list."""
    held = desk.sandbox.world.get("vault", "list", ident)
    assert held is not None
    held.raw["Permissions"] = [one for one in arr(held.raw["Permissions"]) if not text(one, "UserID")]


# ---- what it sees --------------------------------------------------------------------------------------------------


def test_the_lists_on_file_are_read_like_by_keys_and_no_key_goes_along() -> None:
    desk = Desk()
    hand = by_account(desk)
    hand.probe(Key.VAULT)
    by_keys = [one for cell in cells(vault(desk), Kind.SECRET) for one in vault(desk).look(cell, desk.tray)]
    desk.wire.seen.clear()
    found = read(desk, hand, Kind.SECRET)
    assert [(one.id, one.image) for one in found] == [(one.id, one.image) for one in by_keys]
    assert {one.id for one in read(desk, hand, Kind.SECRET_LIST)} == {"101", "102", "103"}
    assert desk.wire.seen and all(one.url.path.startswith("/winapi/") for one in desk.wire.seen)
    assert not [one for one in desk.wire.seen if "apikey" in one.headers]
    assert all("vandermeer" in one.headers["reason"] for one in desk.wire.seen)


def test_the_folder_is_never_read_whole_and_what_shows_there_besides_is_named() -> None:
    desk = Desk()
    hand = by_account(desk)
    folders = [cell for cell in hand.cells() if cell.scope == desk.facts.places.vault_folder]
    assert {cell.kind for cell in folders} == {Kind.SECRET, Kind.SECRET_LIST}
    for cell in folders:
        with pytest.raises(Denied, match="whether more lie in the folder nobody tells"):
            list(hand.look(cell, desk.tray))
    desk.facts = replace(desk.facts, places=replace(desk.facts.places, vault_lists=("101", "102")))
    with pytest.raises(Denied, match=r"are not on file: .*Network"):
        list(by_account(desk).look(folders[0], desk.tray))


def test_a_list_that_the_account_may_not_see_is_blind_and_never_empty_or_gone() -> None:
    desk = Desk()
    hand = by_account(desk)
    item = next(one for one in read(desk, hand, Kind.SECRET) if one.scope == "102")
    unseen(desk, "102")
    cell = next(one for one in cells(hand, Kind.SECRET) if one.scope == "102")
    for ask in (
        lambda: list(hand.look(cell, desk.tray)),
        lambda: hand.read(item.target, desk.tray),
        lambda: hand.find(deed(item, Verb.REMOVE), once=ONCE),
        lambda: hand.probe(Key.VAULT),
    ):
        with pytest.raises(Denied):
            ask()


def test_a_record_is_disclosed_and_erased_as_by_keys() -> None:
    desk = Desk()
    hand = by_account(desk)
    item = next(one for one in read(desk, hand, Kind.SECRET) if one.id == "1003")
    before = desk.others()
    assert isinstance(hand.apply(deed(item, Verb.DISCLOSE), once=ONCE, out=desk.tray), Receipt)
    assert "Document certificate.pem (base64)" in desk.tray.secrets[0][1]
    receipt = hand.apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
    assert hand.read(item.target, desk.tray) is None and desk.sandbox.world.get("vault", "password", "1003") is None
    assert desk.others() == before


def test_a_report_that_names_no_other_list_proves_nothing_to_an_account() -> None:
    desk = Desk()
    linked = desk.sandbox.world.get("vault", "password", "1002")
    assert linked is not None
    said = {one.id: (one.fact("shared"), one.fact("sharing")) for one in read(desk, by_account(desk), Kind.SECRET)}
    assert said["1002"] == ("", "no report says whether it lies in other lists too")
    linked.raw["Links"] = ["301"]
    said = {one.id: (one.fact("shared"), one.fact("sharing")) for one in read(desk, by_account(desk), Kind.SECRET)}
    assert "list 301" in said["1002"][0]


def test_documents_of_a_folder_that_the_account_does_not_see_are_not_none() -> None:
    desk = Desk()
    folder = next(one for one in desk.sandbox.world.all("vault", "folder") if one.owner == "vandermeer")
    folder.raw["Documents"] = [{"DocumentID": 77, "DocumentName": "plan.pdf", "Content": "AAECAw=="}]
    lists = {one.id: one.fact("documents") for one in read(desk, by_account(desk), Kind.SECRET_LIST)}
    assert lists == {"101": "1", "102": "0", "103": "0"}
    folder.raw["Permissions"] = []
    lists = {one.id: one.fact("documents") for one in read(desk, by_account(desk), Kind.SECRET_LIST)}
    assert lists == {"101": "not read", "102": "0", "103": "0"}


# ---- the handshake ---------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_tried_once_however_many_ask() -> None:
    desk = Desk()
    who = account(desk, password="not it")
    hand = by_account(desk, who)
    said: list[str] = []

    def ask() -> None:
        with pytest.raises(Denied) as no:
            hand.probe(Key.VAULT)
        said.append(f"{no.value.code} {no.value}")

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(said) == 8 and all(REFUSED in one and "svc-sendoff" in one for one in said)
    assert not [one for one in said if "not it" in one]
    assert desk.sandbox.world.lines.wrong == 1, "a domain locks an account after a few"


def test_after_a_quarter_of_an_hour_it_is_tried_again() -> None:
    desk = Desk()
    at = [0.0]
    who = WindowsAccount(text(told(desk), "account"), Secret("not it"), now=lambda: at[0])
    for moment, wrong in ((0.0, 1), (899.0, 1), (901.0, 2)):
        at[0] = moment
        with pytest.raises(Denied):
            by_account(desk, who).probe(Key.VAULT)
        assert desk.sandbox.world.lines.wrong == wrong


def test_a_no_of_the_vault_itself_is_no_refusal_of_the_account() -> None:
    desk = Desk()
    who = account(desk)
    door = VaultDoor(url=VAULT_URL, account=who)
    silent = Vault(door=door, key=who, reason="", clients=desk.clients, limits=desk.limits, bucket="b")
    with pytest.raises(Denied) as no:
        silent.record("1020")
    assert no.value.code == "No Authorization", "that list wants a reason"
    assert desk.wire.answered[-1][1].headers["www-authenticate"] == "NTLM", "as IIS puts it on every 401"
    by_account(desk, who).probe(Key.VAULT)


@pytest.mark.parametrize("scheme", ["NTLM", "Negotiate"])
def test_what_the_server_offers_is_what_is_used(scheme: str) -> None:
    desk = Desk()
    told(desk)["scheme"] = scheme
    by_account(desk).probe(Key.VAULT)
    used = {one.headers["authorization"].partition(" ")[0] for one in desk.wire.seen if "authorization" in one.headers}
    assert used <= {scheme}


@pytest.mark.parametrize(
    "challenge", ["", "AAAA", "TlRMTVNTUAACAAAA", "TlRMTVNTUAABAAAAl4II4gAAAAAAAAAAAAAAAAAAAAA=", "é"]
)
def test_a_challenge_that_is_none_is_no_answer_and_no_refusal(challenge: str) -> None:
    desk, said = Desk(), iter([b"NTLM", f"NTLM {challenge}".encode("latin-1")] * 9)
    wire = httpx2.MockTransport(lambda _: httpx2.Response(401, headers=[(b"WWW-Authenticate", next(said))]))
    who = account(desk)
    with httpx2.Client(transport=wire) as client:
        door = VaultDoor(url=VAULT_URL, account=who)
        vault = Vault(door=door, key=who, reason="r", clients=lambda: client, limits=Buckets(), bucket="b")
        with pytest.raises(Unreachable):
            vault.lists()
    by_account(desk, who).probe(Key.VAULT)


def test_the_password_is_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    who = account(desk)
    with caplog.at_level(logging.DEBUG):
        by_account(desk, who).probe(Key.VAULT)
    assert text(told(desk), "password") not in caplog.text + repr(who) + repr(VaultDoor(url=VAULT_URL, account=who))
    assert "NTLM" not in caplog.text


# ---- over a real connection ------------------------------------------------------------------------------------------


@dataclass
class Served:
    port: Port
    client: httpx2.Client
    desk: Desk

    def vault(self, who: WindowsAccount | None = None) -> Vault:
        who = who or account(self.desk)
        door = VaultDoor(url=self.port.base, account=who)
        return Vault(door=door, key=who, reason="r", clients=lambda: self.client, limits=Buckets(), bucket="b")

    def statuses(self) -> list[int]:
        return [int(str(row["status"])) for row in self.port.sandbox.world.record.rows if row["type"] == "call"]


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    desk = Desk()
    with (
        serving(Port(desk.sandbox, "passwordstate", context(folder))) as made,
        httpx2.Client(verify=create_default_context(cafile=str(folder / "ca.pem"))) as client,
    ):
        yield Served(made, client, desk)


def test_one_handshake_serves_a_connection_and_names_the_certificate_that_was_shown(tmp_path: Path) -> None:
    with served(tmp_path) as there:
        told(there.desk)["bound"] = True
        vault = there.vault()
        assert len(vault.lists()) > 3 and len(vault.records("101")) == 11
        assert there.statuses() == [401, 401, 200, 200, 200]


def test_a_server_that_signs_in_each_call_alone_is_served_too(tmp_path: Path) -> None:
    with served(tmp_path) as there:
        vault = there.vault()
        for _ in range(2):
            assert vault.one_list("101").PasswordList
            there.port.sandbox.world.lines.signed_in.clear()
        assert there.statuses() == [401, 401, 200] * 2


def test_a_connection_that_closes_during_sign_in_is_no_refusal(tmp_path: Path) -> None:
    with served(tmp_path) as there:
        told(there.desk)["hangs_up"] = True
        who = account(there.desk)
        with pytest.raises(Unreachable):
            there.vault(who).one_list("101")
        told(there.desk)["hangs_up"] = False
        assert there.vault(who).one_list("101").PasswordList, "and it is not left alone for it"


# ---- the settings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"mode": "windows"}, "needs account and password"),
        ({"mode": "windows", "account": "D\\u"}, "needs account and password"),
        ({"mode": "windows", "account": "D\\u", "password": {"env": "X"}, "url": "http://v.example"}, "https://"),
    ],
)
def test_half_a_way_in_is_refused(more: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        PasswordstateSettings.model_validate({"url": "https://vault.msp.example", **more})
