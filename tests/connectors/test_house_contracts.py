"""Every request to our portal and to GitHub fits the page it was written from, and plain mail is taken by a server that
nobody here wrote for it."""

import json
import os
import ssl
import threading
from pathlib import Path

import httpx2
import pytest
import yaml
from house_hands import act, approved, disabling, found, github, issue, reassure
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest

from fakes.connector_desk import ONCE, Desk
from sendoff.connectors.smtp.client import SmtpDoor
from sendoff.connectors.smtp.connector import SmtpConnector
from sendoff.model.inventory import Kind, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Outcome, Receipt
from sendoff.model.secret import Secret
from sendoff.ports import Connector
from sendoff.sandbox.serve import context
from sendoff.sandbox.smtp import Post
from sendoff.sandbox.wire import text

PROFILE = Path(__file__).parents[2] / "docs" / "reassure.openapi.yaml"
SHARED = Path(os.environ.get("SENDOFF_SHARED", Path(__file__).parents[3] / "shared"))
ISSUES = SHARED / "contracts" / "github" / "issues-subset.openapi.json"
needed = pytest.mark.skipif(
    not ISSUES.is_file() and os.environ.get("CI") != "true", reason="the vendor's contract is not here"
)


def mock(request: httpx2.Request) -> MockRequest:
    """A request as the contract reads it."""
    return MockRequest(
        f"{request.url.scheme}://{request.url.host}",
        request.method.lower(),
        request.url.path,
        args=dict(request.url.params),
        headers=dict(request.headers),
        data=request.read() or None,
        content_type="application/json",
    )


def everything(desk: Desk, connector: Connector) -> None:
    for cell in connector.cells():
        for item in connector.look(cell, desk.tray):
            connector.read(item.target, desk.tray)


def test_every_request_to_the_portal_fits_its_profile() -> None:
    desk = Desk()
    connector = reassure(desk)
    connector.probe(Key.REASSURE)
    connector.apply(disabling(desk, connector), once=ONCE, out=desk.tray)
    article = found(connector, desk, Kind.ARTICLE)[0]
    scope = article.scope
    for action in (
        act(connector, Kind.ARTICLE, Verb.END, article.id, scope, ("end", "2026-12-31"), before=article.image),
        act(connector, Kind.INVOICE_DRAFT, Verb.CREATE, "final", scope, ("until", "2026-12-31")),
        act(connector, Kind.REPORT, Verb.EXPORT, scope, scope),
    ):
        connector.apply(action, once=ONCE, out=desk.tray)
    everything(desk, connector)
    spec = OpenAPI.from_dict(yaml.safe_load(PROFILE.read_text(encoding="utf-8")))
    for one in desk.wire.seen:
        spec.validate_request(mock(one))
    assert len(desk.wire.seen) > 40


@needed
def test_every_request_to_github_fits_the_contract() -> None:
    desk = Desk()
    connector = github(desk)
    making = issue(desk, connector)
    connector.apply(making, once=ONCE, out=desk.tray)
    line = f"{making.target}/remove-lighthouse"
    content = (("box", "x"), ("comment", approved(desk, b"Removed.")))
    connector.apply(act(connector, Kind.ISSUE_LINE, Verb.SEND, line, making.scope, *content), once=ONCE, out=desk.tray)
    everything(desk, connector)
    spec = OpenAPI.from_dict(json.loads(ISSUES.read_text(encoding="utf-8")))
    asked = [one for one in desk.wire.seen if one.url.path != "/repos/intercept/offboarding"]
    for one in asked:
        spec.validate_request(mock(one))
    assert {one.method for one in asked} == {"GET", "POST", "PATCH"}


def test_a_letter_over_plain_mail_arrives_in_the_sandbox(tmp_path: Path) -> None:
    desk = Desk()
    post = Post(desk.sandbox, context(tmp_path))
    turn = threading.Thread(target=post.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    turn.start()
    door = SmtpDoor(
        url=f"smtps://127.0.0.1:{post.server_address[1]}",
        login=text(desk.known, "msp", "smtp", "login"),
        password=Secret(text(desk.known, "msp", "smtp", "password")),
    )
    trusts = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    connector = SmtpConnector(desk.facts, door, limits=desk.limits, context=trusts)
    body, to = approved(desk, "Tot ziens, café.".encode()), desk.facts.customer.contacts[0].mail
    content = (("letter", body), ("subject", "Tot ziens"), ("to", to))
    action = act(connector, Kind.MAIL, Verb.SEND, "case-1/bye", desk.facts.provider.mailbox, *content)
    try:
        connector.probe(Key.HOUSE)
        receipt = connector.apply(action, once=ONCE, out=desk.tray)
    finally:
        post.shutdown()
        post.server_close()
        turn.join()
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE and dict(receipt.said)["queue"]
