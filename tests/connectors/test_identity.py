"""Identities without a secret, signed in by Microsoft's own library at the sandbox's sign-in host, over TLS."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from fakes.connector_desk import Buckets, Desk
from fakes.ports import serving
from sendoff.connectors.azure.client import AUDIENCE as ARM
from sendoff.connectors.azure.client import AzureDoors
from sendoff.connectors.azure.connector import AzureConnector
from sendoff.connectors.wire.login.client import claims
from sendoff.connectors.wire.login.identity_client import Identity, IdentityTokens, Way
from sendoff.model.errors import BadInput, Denied, Unreachable
from sendoff.model.inventory import Kind
from sendoff.model.secret import Secret
from sendoff.sandbox.proofs import Trusted
from sendoff.sandbox.serve import Port, context

PASSWORD = "planted-password-5c1e"
ISSUER, SUBJECT = "https://cluster.msp.example", "system:serviceaccount:exit:sendoff"


@dataclass
class Host:
    """The sandbox's sign-in host on a port of its own, and our Lighthouse principal, who may sign in there."""

    desk: Desk
    url: str
    folder: Path

    @property
    def client(self) -> str:
        return self.desk.ours("lighthouse").client_id

    def who(self, way: Way, **more: object) -> Identity:
        tenant = self.desk.facts.provider.tenant
        return Identity(tenant=tenant, client_id=self.client, way=way, **more)  # type: ignore[arg-type]

    def tokens(self, who: Identity, limits: Buckets | None = None) -> IdentityTokens:
        return IdentityTokens(
            system="azure", who=who, audience=ARM, login_url=self.url, limits=limits or Buckets(), bucket="login|x"
        )


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    desk = Desk()
    with serving(Port(desk.sandbox, "login", context(tmp_path))) as port:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
        yield Host(desk=desk, url=port.base, folder=tmp_path)


def certificate(folder: Path, password: str = "") -> tuple[Path, rsa.RSAPublicKey]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name, today = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sendoff")]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    shut: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        shut = serialization.BestAvailableEncryption(password.encode())
    pem, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file = folder / "app.pem"
    file.write_bytes(key.private_bytes(pem, kind, shut) + made.public_bytes(pem))
    return file, key.public_key()


@pytest.mark.parametrize("password", ["", PASSWORD])
def test_a_certificate_signs_in_and_one_that_is_not_registered_does_not(host: Host, password: str) -> None:
    file, public = certificate(host.folder, password)
    limits = Buckets()
    tokens = host.tokens(
        host.who(Way.CERTIFICATE, certificate=file, password=Secret(password) if password else None), limits
    )

    with pytest.raises(Denied, match="it is not taken there") as refused:
        tokens.sign()
    host.desk.sandbox.world.proofs.keys[host.client].append(Trusted(key=public))

    assert refused.value.code == "AADSTS700027"
    assert claims(tokens).app == host.client
    assert limits.taken == ["login|x|tokens"] * 2, "kept until shortly before its end"


def test_azure_is_read_with_a_certificate(host: Host) -> None:
    file, public = certificate(host.folder)
    host.desk.sandbox.world.proofs.keys[host.client].append(Trusted(key=public))
    doors = AzureDoors(lighthouse=host.who(Way.CERTIFICATE, certificate=file), login_url=host.url)
    hand = AzureConnector(host.desk.facts, doors, clients=host.desk.clients, limits=host.desk.limits)

    cell = next(one for one in hand.cells() if one.kind is Kind.GROUP)
    assert list(hand.look(cell, host.desk.tray))


def test_a_certificate_that_cannot_be_used_says_what_to_do_and_shows_no_password(host: Host) -> None:
    file, _ = certificate(host.folder, PASSWORD)
    wrong = [
        host.who(Way.CERTIFICATE, certificate=file, password=Secret("another")),
        host.who(Way.CERTIFICATE, certificate=host.folder / "nowhere.pem"),
        host.who(Way.CERTIFICATE, certificate=host.folder / "ca.pem", password=Secret(PASSWORD)),
    ]
    for who in wrong:
        with pytest.raises(BadInput, match="no PEM or PFX with a private key") as said:
            host.tokens(who).sign()
        assert PASSWORD not in str(said.value) and PASSWORD not in repr(said.value.__cause__)


def test_a_workload_signs_in_by_what_its_cluster_wrote(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    ends = datetime.now(UTC) + timedelta(minutes=5)
    said = {"iss": ISSUER, "sub": SUBJECT, "aud": "api://AzureADTokenExchange", "exp": ends}
    file = host.folder / "token"
    file.write_text(jwt.encode(said, key, algorithm="RS256"), encoding="utf-8")
    trusted = host.desk.sandbox.world.proofs.keys[host.client]

    with pytest.raises(BadInput, match="AZURE_FEDERATED_TOKEN_FILE"):
        host.tokens(host.who(Way.WORKLOAD)).sign()
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", str(file))
    trusted.append(Trusted(key=key.public_key(), issuer=ISSUER, subject="somebody else"))
    with pytest.raises(Denied, match="not taken") as refused:
        host.tokens(host.who(Way.WORKLOAD)).sign()
    trusted[:] = [Trusted(key=key.public_key(), issuer=ISSUER, subject=SUBJECT)]

    assert refused.value.code == "AADSTS70021"
    assert claims(host.tokens(host.who(Way.WORKLOAD))).app == host.client


def test_the_machine_signs_in_where_it_has_an_identity(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{host.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "the-machines-own")

    with pytest.raises(Denied):
        host.tokens(host.who(Way.MANAGED)).sign()
    host.desk.sandbox.world.proofs.machine = ("the-machines-own", host.client, host.desk.facts.provider.tenant)

    assert claims(host.tokens(host.who(Way.MANAGED))).app == host.client


def test_a_sign_in_host_that_is_away_is_no_refusal(host: Host) -> None:
    file, _ = certificate(host.folder)
    tokens = IdentityTokens(
        system="azure",
        who=host.who(Way.CERTIFICATE, certificate=file),
        audience=ARM,
        login_url="https://127.0.0.1:9",
        limits=Buckets(),
        bucket="login",
    )
    with pytest.raises(Unreachable):
        tokens.sign()


def test_without_the_extra_it_says_what_to_install(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "azure.identity", None)
    with pytest.raises(BadInput, match=r"pip install 'sendoff\[azure\]'"):
        host.tokens(host.who(Way.MANAGED)).sign()


def test_no_secret_of_a_sign_in_is_in_the_record_of_the_sandbox(host: Host) -> None:
    file, public = certificate(host.folder, PASSWORD)
    host.desk.sandbox.world.proofs.keys[host.client].append(Trusted(key=public))
    host.tokens(host.who(Way.CERTIFICATE, certificate=file, password=Secret(PASSWORD))).sign()

    rows = json.dumps(host.desk.sandbox.world.record.rows)
    assert "/oauth2/v2.0/token" in rows and PASSWORD not in rows
