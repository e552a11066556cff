"""Sign-ins: who signs, what is kept and for how long, and what a person is told when it does not work."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import httpx2
import pytest

from fakes.connector_desk import Buckets, Desk
from fakes.microsoft_hands import app_user
from sendoff.connectors.azure.client import AUDIENCE as ARM
from sendoff.connectors.azure.client import AzureDoors
from sendoff.connectors.azure.connector import AzureConnector
from sendoff.connectors.azure.subscriptions import subscriptions
from sendoff.connectors.entra.client import AUDIENCE as GRAPH
from sendoff.connectors.entra.client import EntraDoors
from sendoff.connectors.entra.connector import EntraConnector
from sendoff.connectors.wire.client import Sign
from sendoff.connectors.wire.login.cli_client import AzureCli, Ran, run
from sendoff.connectors.wire.login.client import Token, Tokens, claims
from sendoff.connectors.wire.login.device_client import DeviceCode
from sendoff.connectors.wire.login.refresh_client import RefreshTokens
from sendoff.model.errors import BadInput, Confusing, Denied
from sendoff.model.inventory import Kind
from sendoff.model.key import Key
from sendoff.model.secret import Secret
from sendoff.sandbox.entra_device import approve

LOGIN = "https://login.microsoftonline.com"
SCOPE = "https://api.partnercenter.microsoft.com/user_impersonation"
Answers = list[tuple[int, dict[str, object]]]


class Vendor(httpx2.BaseTransport):
    """A sign-in host that gives these answers in turn, and remembers what was asked."""

    def __init__(self, answers: Answers) -> None:
        self.answers, self.forms, self.paths = answers, list[dict[str, str]](), list[str]()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.paths.append(request.url.path)
        self.forms.append(dict(httpx2.QueryParams(request.read().decode()).items()))
        status, body = self.answers.pop(0)
        return httpx2.Response(status, json=body, request=request)

    def client(self) -> httpx2.Client:
        return httpx2.Client(transport=self)


def grant(access: str = "access-1", refresh: str = "refresh-2", seconds: int = 3600) -> tuple[int, dict[str, object]]:
    return 200, {"access_token": access, "refresh_token": refresh, "expires_in": seconds, "token_type": "Bearer"}


def no(error: str) -> tuple[int, dict[str, object]]:
    return 400, {"error": error, "error_codes": [70000], "error_description": "secret words"}


STARTED: tuple[int, dict[str, object]] = (
    200,
    {
        "device_code": "device-1",
        "user_code": "ABC123",
        "verification_uri": "https://microsoft.com/devicelogin",
        "expires_in": 60,
        "interval": 5,
    },
)


class Person:
    """What was said to a person, and how long was waited for them."""

    def __init__(self, answers: Answers) -> None:
        self.vendor = Vendor(answers)
        client = self.vendor.client()
        self.said, self.waited = list[tuple[str, str]](), list[float]()
        self.signs_in = DeviceCode(
            say=lambda code, where: self.said.append((code, where)),
            clients=lambda: client,
            limits=Buckets(),
            wait=self.waited.append,
        )


def refreshing(vendor: Vendor) -> RefreshTokens:
    client = vendor.client()
    return RefreshTokens(
        system="partner-center",
        who=app_user(Desk()),
        scope=SCOPE,
        login_url=LOGIN,
        clients=lambda: client,
        limits=Buckets(),
        bucket="login",
    )


def test_a_rotated_refresh_token_takes_the_place_of_the_old_one() -> None:
    vendor = Vendor([grant("a", "rotated-1"), grant("b", ""), grant("c", "rotated-2")])
    tokens = refreshing(vendor)
    for _ in range(3):
        tokens.fresh()
    first = app_user(Desk()).refresh_token.reveal()
    assert [one["refresh_token"] for one in vendor.forms] == [first, "rotated-1", "rotated-1"]
    assert {one["grant_type"] for one in vendor.forms} == {"refresh_token"} and vendor.forms[0]["scope"] == SCOPE
    assert "rotated" not in repr(vars(tokens))


def test_a_token_is_kept_until_shortly_before_its_end() -> None:
    vendor = Vendor([grant("a"), grant("b", seconds=1), grant("c")])
    tokens = refreshing(vendor)
    assert tokens.sign().headers == tokens.sign().headers == {"Authorization": "Bearer a"}
    tokens.fresh()
    assert tokens.sign().headers == {"Authorization": "Bearer c"}


def test_a_refresh_token_that_ended_tells_who_signs_in_again() -> None:
    with pytest.raises(Denied, match=r"signs in again.*invalid_grant AADSTS70000") as caught:
        refreshing(Vendor([no("invalid_grant")])).fresh()
    assert "secret words" not in str(caught.value)


def test_a_person_is_told_what_to_type_and_waited_for() -> None:
    pending = no("authorization_pending")
    person = Person([STARTED, pending, no("slow_down"), pending, grant(), grant("for-arm", "refresh-3")])
    source = person.signs_in.tokens(ARM)
    assert person.vendor.forms == []
    assert source.sign().headers == {"Authorization": "Bearer for-arm"}
    assert person.said == [("ABC123", "https://microsoft.com/devicelogin")]
    assert person.waited == [5.0, 5.0, 10.0, 10.0]


def test_one_sign_in_gives_tokens_for_other_audiences_and_tenants() -> None:
    person = Person([STARTED, grant(), grant("arm", "r3"), grant("graph", "r4")])
    person.signs_in.tokens(ARM).sign()
    person.signs_in.tokens(GRAPH, "their-tenant").sign()
    assert len(person.said) == 1
    last = person.vendor.forms[-1]
    assert last["refresh_token"] == "r3" and last["scope"].startswith(f"{GRAPH}/.default")
    assert person.vendor.paths[-1] == "/their-tenant/oauth2/v2.0/token"
    assert not [one for one in ("refresh-2", "r3", "r4") if one in repr(vars(person.signs_in))]


@pytest.mark.parametrize("error", ["expired_token", "authorization_declined", "bad_verification_code", "odd"])
def test_a_sign_in_that_ends_otherwise_is_denied(error: str) -> None:
    with pytest.raises(Denied, match=error):
        Person([STARTED, no(error)]).signs_in.tokens(ARM).sign()


def test_a_code_that_nobody_types_expires_on_our_side_too() -> None:
    person = Person([STARTED, *[no("authorization_pending")] * 12])
    with pytest.raises(Denied, match="in time"):
        person.signs_in.tokens(ARM).sign()
    assert sum(person.waited) == 60.0


def cli(code: int, out: str, asked: list[Sequence[str]]) -> AzureCli:
    def ran(command: Sequence[str]) -> Ran:
        asked.append(command)
        return Ran(code=code, out=Secret(out))

    return AzureCli(run=ran, now=lambda: 1_000_000.0)


def test_the_azure_cli_is_asked_with_a_list_of_arguments() -> None:
    asked: list[Sequence[str]] = []
    out = json.dumps({"accessToken": "from-az", "expires_on": 1_003_600, "tenant": "t"})
    source = cli(0, out, asked).tokens(GRAPH, "their-tenant")
    assert source.sign().headers == source.sign().headers == {"Authorization": "Bearer from-az"}
    command = ["az", "account", "get-access-token", "--resource", GRAPH, "--tenant", "their-tenant", "--output", "json"]
    assert asked == [command]


def test_an_azure_cli_that_nobody_signed_in_to_says_which_command_to_run() -> None:
    with pytest.raises(Denied, match="az login --tenant their-tenant"):
        cli(1, "Please run az login", []).tokens(ARM, "their-tenant").sign()
    with pytest.raises(Confusing):
        cli(0, "{}", []).tokens(ARM).sign()


def test_an_azure_cli_that_is_not_here_is_bad_input() -> None:
    with pytest.raises(BadInput, match="not here"):
        run(["az-that-is-not-here"])


def jwt(told: dict[str, object]) -> str:
    middle = base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")
    return f"e30.{middle}.sig"


class Fixed:
    """A source with one token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def sign(self) -> Sign:
        return Sign(headers={"Authorization": f"Bearer {self._token}"})

    def fresh(self) -> None:
        return None


def test_the_claims_of_a_token_are_read_for_people() -> None:
    told: dict[str, object] = {"tid": "theirs", "upn": "emma@msp.example", "oid": "o", "appid": "a", "exp": 12}
    found = claims(Fixed(jwt({**told, "idp": "https://sts.windows.net/ours/"})))
    assert (found.tenant, found.home, found.name, found.expires) == ("theirs", "ours", "emma@msp.example", 12)
    assert claims(Fixed(jwt(told))).home == "theirs"
    for odd in ("not-a-jwt", "a.b.c", "a.!!!.c"):
        with pytest.raises(Confusing):
            claims(Fixed(odd))


def lighthouse(desk: Desk) -> Tokens:
    """Stands in for a person of ours who sees what our Lighthouse principal sees."""
    return Tokens(
        system="azure",
        who=desk.ours("lighthouse"),
        audience=ARM,
        login_url=LOGIN,
        clients=desk.clients,
        limits=desk.limits,
        bucket="login",
    )


def test_who_signed_in_sees_subscriptions_with_their_tenants_and_managers() -> None:
    desk = Desk()
    found = subscriptions(lighthouse(desk), clients=desk.clients, limits=desk.limits)
    mine = [one for one in found if one.tenant == desk.facts.customer.tenant]
    assert {one.id for one in mine} >= {row.id for row in desk.facts.leaving}
    assert all(desk.facts.provider.tenant in one.managed_by and one.state and one.name for one in mine)
    assert len({one.tenant for one in found}) > 1


def test_a_person_looks_at_azure_with_one_key_and_can_do_nothing() -> None:
    desk = Desk()
    doors = AzureDoors(person=lighthouse(desk))
    connector = AzureConnector(desk.facts, doors, clients=desk.clients, limits=desk.limits)
    cells = connector.cells()
    assert {one.key for one in cells} == {Key.LIGHTHOUSE} and not connector.able
    assert {Kind.ROLE_ASSIGNMENT, Kind.DELEGATION_DEFINITION} < {one.kind for one in cells}
    assert Kind.PROBE_SERVICE not in {one.kind for one in cells}
    resources = next(one for one in cells if one.kind is Kind.RESOURCE)
    assert list(connector.look(resources, desk.tray))
    assert {one.method for one in desk.wire.seen if one.url.host == "management.azure.com"} == {"GET", "POST"}
    assert all(
        "ResourceGraph" in one.url.path
        for one in desk.wire.seen
        if one.method == "POST" and "management" in one.url.host
    )
    with pytest.raises(Denied):
        connector.probe(Key.APP)


def test_a_person_looks_at_the_directory_and_can_do_nothing() -> None:
    desk = Desk()
    source = Tokens(
        system="entra",
        who=desk.app(),
        audience=GRAPH,
        login_url=LOGIN,
        clients=desk.clients,
        limits=desk.limits,
        bucket="login",
    )
    connector = EntraConnector(desk.facts, EntraDoors(person=source), clients=desk.clients, limits=desk.limits)
    assert not connector.able and {one.key for one in connector.cells()} == {Key.APP}
    assert list(connector.look(connector.cells()[0], desk.tray))


def test_an_app_that_is_gone_is_denied_by_every_way_in() -> None:
    desk = Desk()
    gone: Callable[[], object] = Tokens(
        system="azure",
        who=replace(desk.ours("house"), client_id="11111111-2222-4333-8444-555555555555"),
        audience=ARM,
        login_url=LOGIN,
        clients=desk.clients,
        limits=desk.limits,
        bucket="login",
    ).fresh
    with pytest.raises(Denied):
        gone()


def test_the_token_of_a_source_shows_itself_nowhere() -> None:
    assert "shown" not in repr(Token(value=Secret("shown"), seconds=1))
    assert "shown" not in repr(Fixed("x").sign()) and "shown" not in repr(Sign(headers={"Authorization": "shown"}))


def at_the_browser(desk: Desk, mail: str = "") -> DeviceCode:
    """A sign-in in the customer's tenant; the person of that mail types the code at once, nobody when it is empty."""

    def say(code: str, where: str) -> None:
        assert where.startswith("https://")
        refused = approve(desk.sandbox.world, code, mail) if mail else None
        assert refused is None

    tenant = desk.facts.customer.tenant
    return DeviceCode(say=say, clients=desk.clients, limits=desk.limits, tenant=tenant, wait=lambda _: None)


def test_a_person_of_the_customer_signs_in_at_the_browser() -> None:
    desk = Desk()
    mail = desk.facts.customer.contacts[0].mail
    person = at_the_browser(desk, mail)
    found = claims(person.tokens(GRAPH))
    assert (found.tenant, found.name) == (desk.facts.customer.tenant, mail)
    assert person.tokens(ARM).sign().headers


def test_a_person_who_never_comes_to_the_browser_does_not_sign_in() -> None:
    with pytest.raises(Denied, match="in time"):
        at_the_browser(Desk()).tokens(ARM).sign()
