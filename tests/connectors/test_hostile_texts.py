"""Texts that try to be something else go through portal, mailbox and mail server, and come out as they were."""

import json
from dataclasses import replace

import httpx2
import pytest
from connector_hands import letter, office, seen
from house_hands import act, approved, found, reassure
from test_smtp_connector import Station, arrived, listening, smtp
from test_smtp_connector import letter as by_plain_mail

from fakes.connector_desk import ONCE, Desk
from sendoff.model.errors import ConnectorError
from sendoff.model.inventory import Kind, Verb
from sendoff.model.plan import Outcome, Receipt
from sendoff.sandbox.wire import obj, text

HOSTILE = {
    "a name with quotes": 'O\'Brien; Sons "(NL)" \\',
    "markup": "<script>alert(1)</script> & <b>bold</b> &amp;",
    "a formula": "=cmd()|' /C calc'!A0",
    "another header": "a\r\nBcc: thief@example.com\r\n\r\nPay here",
    "lone dots": "\n.\n..\nQUIT\n",
    "other scripts": "Überweisung 數據 😀 عربى עברית ไทย",
    "a template": "{{ 7 * 191 }} {% raw %} ${jndi:ldap://x} %s %n",
    "10,000 characters": "x" * 9_000 + "é" * 1_000,
    "an OData clause": "x' or 1 eq 1 or subject eq '",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_the_portal_shows_articles_and_reports_as_they_are(name: str) -> None:
    desk, said = Desk(), HOSTILE[name]
    for kind in ("article", "report", "user"):
        for one in desk.sandbox.world.all("reassure", kind):
            if one.owner == "vandermeer" or text(one.raw, "customer_id") == desk.facts.places.reassure_customer:
                one.raw |= {"name": said, "content": said, "project": said}
    connector = reassure(desk)
    articles = found(connector, desk, Kind.ARTICLE)
    assert articles and {(one.name, one.fact("project")) for one in articles} == {(said, said)}

    first = articles[0]
    end = act(connector, Kind.ARTICLE, Verb.END, first.id, first.scope, ("end", "2026-12-31"), before=first.image)
    receipt = connector.apply(end, once=ONCE, out=desk.tray)
    connector.apply(act(connector, Kind.REPORT, Verb.EXPORT, first.scope, first.scope), once=ONCE, out=desk.tray)

    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
    reports = json.loads(desk.tray.files["reassure/reports.json"])
    assert {one["content"] for one in reports} == {said}
    assert said not in repr(found(connector, desk, Kind.PORTAL_USER)), "of a person only the id is told"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_letter_arrives_in_the_mailbox_word_for_word(name: str) -> None:
    desk, said = Desk(), HOSTILE[name]
    desk.facts = replace(desk.facts, customer=replace(desk.facts.customer, slug="o'brien"))
    subject = "".join(one for one in said if one.isprintable())[:200]
    body = approved(desk, f"Geachte {said},\n\ntot ziens.".encode())
    plain = letter(desk, office(desk))
    kept = [one for one in plain.content if one[0] == "to"]
    action = replace(plain, target="case'1/letter", content=(("letter", body), ("subject", subject), *kept))

    office(desk).apply(action, once=ONCE, out=desk.tray)

    (item,) = seen(office(desk), desk, Kind.MAIL)
    assert item.name == subject
    assert office(desk).find(action, once=ONCE) is not None
    sent = [one.raw for one in desk.sandbox.world.all("graph", "message") if one.raw["parentFolderId"] == "inbox"]
    assert {text(obj(one["body"]), "content") for one in sent} == {f"Geachte {said},\n\ntot ziens."}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_letter_by_plain_mail_is_one_mail_with_one_recipient_and_the_same_words(name: str) -> None:
    desk, said = Desk(), HOSTILE[name]
    body = f"Geachte {said},\ntot ziens."

    with listening(Station()) as station:
        connector = smtp(desk, station)
        whole = by_plain_mail(desk, connector)
        kept = tuple(one for one in whole.content if one[0] != "letter")
        action = replace(whole, content=(("letter", approved(desk, body.encode())), *kept))
        connector.apply(action, once=ONCE, out=desk.tray)

    assert len(station.mails) == 1
    mail, to = arrived(station), dict(action.content)["to"]
    assert [one for one in station.commands if one.upper().startswith("RCPT")] == [f"rcpt TO:<{to}>"]
    assert mail["Bcc"] is None and mail["To"] == to
    part = mail.get_body(("plain",))
    assert part is not None
    assert part.get_content().replace("\r\n", "\n").rstrip("\n") == body.replace("\r\n", "\n")


@pytest.mark.parametrize("garbage", [b"", b"\xff\xfe\x00", b"[" * 100_000, b"null", b'"text"', b"{}", b"[1, null]"])
@pytest.mark.parametrize("house", ["reassure", "office"])
def test_an_answer_that_is_none_is_an_error_and_never_an_empty_list(house: str, garbage: bytes) -> None:
    desk = Desk()
    connector = reassure(desk) if house == "reassure" else office(desk)
    host = {"reassure": "reassure.", "office": "graph."}[house]
    inner = desk.wire.handle_request

    def handle(request: httpx2.Request) -> httpx2.Response:
        if request.url.host.startswith(host):
            return httpx2.Response(200, content=garbage, request=request)
        return inner(request)

    desk.client = httpx2.Client(transport=httpx2.MockTransport(handle))
    for cell in connector.cells():
        with pytest.raises(ConnectorError):
            list(connector.look(cell, desk.tray))
