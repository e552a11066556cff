"""Where we have no app for Microsoft Graph, letters and invitations go out by SMTP, and outsiders find them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx2
import pytest
import tomli_w

from fakes.houses import TEMPLATE
from sendoff.connectors.entra.client import AUDIENCE as GRAPH
from sendoff.connectors.wire.login.device_client import DeviceCode
from sendoff.engine.desk import read_checklist
from sendoff.model.case import Case
from sendoff.model.inventory import System
from sendoff.model.meeting import Meeting
from sendoff.model.people import Contact
from sendoff.model.state import State, StepId
from sendoff.papers.invitations import uid_of
from sendoff.sandbox.wire import Json, Obj, arr, dig, obj, text
from sendoff.settings import read_settings
from sendoff.wiring import House, wired
from sendoff.wiring.buckets import MemoryLimits
from sendoff.wiring.cards import table
from sendoff.wiring.control import Control, read_card, trusting
from sendoff.wiring.factsfile import read_facts
from sendoff.wiring.leaving import Leaving
from sendoff.wiring.probing import State as Tried
from sendoff.wiring.probing import probed
from sendoff.wiring.rehearsal import Running, settings_table, started

ANNA = "anna@vandermeer.example"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    sandbox = started(tmp_path_factory.mktemp("mail") / "sandbox", 1, Leaving())
    yield sandbox
    sandbox.stop()


@pytest.fixture
def house(served: Running) -> Iterator[House]:
    """A house with a mail server and without a house app."""
    card = read_card(served.folder)
    host, _, port = str(table(card["urls"])["smtp"]).removeprefix("smtps://").partition(":")
    post = table(table(table(card["known"])["msp"])["smtp"])
    (served.folder / "secrets").mkdir(exist_ok=True)
    secret = served.folder / "secrets" / "smtp"
    secret.write_text(str(post["password"]), encoding="utf-8")
    told = settings_table(card, served.folder)
    told["graph"] = {"url": str(table(card["urls"])["graph"])}
    told["smtp"] = {"host": host, "port": int(port), "login": str(post["login"]), "password": {"file": str(secret)}}
    told["data"] = "mail-data"
    del told["github"]
    file = served.folder / "mail.toml"
    file.write_text(tomli_w.dumps(told), encoding="utf-8")
    client = httpx2.Client(verify=trusting(card))
    made = wired(settings=read_settings(file), clients=lambda: client)
    yield made
    client.close()
    if made.control is not None:
        made.control.close()


def opened(house: House, served: Running) -> Case:
    carla = house.register.person("carla")
    notice = (served.folder / "notice.eml").read_bytes()
    facts = read_facts(served.folder / "facts.toml", house.provider, carla.id, notice)
    template = read_checklist(TEMPLATE.read_bytes(), "offboarding.md")
    return house.desk.open_case(carla, template, facts, by_hand={}, notice=notice)


def sent(house: House, case: Case, step: StepId) -> None:
    """One step planned by Carla, approved by Paul, and run."""
    carla, paul = house.register.person("carla"), house.register.person("paul")
    now = house.desk.plan(carla, case.id, step).steps[step]
    assert now.plan is not None, now
    house.desk.approve(paul, case.id, step, now.plan, over_belt=bool(now.belt))
    house.desk.run(carla, case.id, lambda _: None, threads=1)


def read_by_anna(served: Running, path: str) -> list[Obj]:
    """Something in the mailbox of the customer's administrator, with a sign-in of her own."""
    card = read_card(served.folder)
    control = Control(card)
    trust = trusting(card)
    with httpx2.Client(verify=trust) as client:
        person = DeviceCode(
            say=lambda code, _: _typed(control, code),
            clients=lambda: client,
            limits=MemoryLimits(),
            login_url=str(table(card["urls"])["login"]),
            wait=lambda _: None,
        )
        head = dict(person.tokens(GRAPH).sign().headers)
        answer = client.get(f"{table(card['urls'])['graph']}/v1.0/users/{ANNA}/{path}", headers=head)
    control.close()
    assert answer.status_code == 200, answer.text
    value: Json = answer.json()
    return [obj(row) for row in arr(dig(value, "value"))]


def _typed(control: Control, code: str) -> None:
    control.ask("POST", "/cast/device", {"user_code": code, "person": ANNA})


def test_a_confirmation_and_an_invitation_go_out_by_smtp_and_arrive(house: House, served: Running) -> None:
    case = opened(house, served)
    assert about(case, served) == [] and expected_uid(case) not in uids(served)
    for step in (StepId("confirm-termination"), StepId("meet")):
        sent(house, case, step)
        if step == "confirm-termination":
            carla = house.register.person("carla")
            house.desk.attest(carla, case.id, "customer-permission", [b"yes"], note="permitted by mail")
        assert dict(house.desk.case(case.id).steps[step].outcomes) == {"done": 1}
    letters = about(case, served)
    assert sum("Bevestiging van de opzegging" in text(one, "subject") for one in letters) == 1
    assert {text(one, "from", "emailAddress", "address") for one in letters} == {"offboarding@intercept.example"}
    event = next(one for one in read_by_anna(served, "events") if text(one, "iCalUId") == expected_uid(case))
    assert text(event, "start", "dateTime").startswith("2026-11-30T10:00")


def about(case: Case, served: Running) -> list[Obj]:
    """The letters of this case that Anna has; other tests write to her as well."""
    return [one for one in read_by_anna(served, "messages") if case.id in text(one, "subject")]


def uids(served: Running) -> set[str]:
    return {text(one, "iCalUId") for one in read_by_anna(served, "events")}


def expected_uid(case: Case) -> str:
    """The UID that every update of this case's meeting will have."""
    nobody = Contact(name="", mail="")
    meeting = Meeting(
        case=case.id, name="meeting", subject="", body="", organizer=nobody, attendees=(), starts=case.opened_at
    )
    return uid_of(meeting)


def test_doctor_tries_the_mail_server(house: House) -> None:
    found = {one.subject: one for one in probed(house)}
    assert found["smtp: key"].good and "graph: key" not in found
    assert house.world.addresses[System.OFFICE].startswith("smtps://127.0.0.1:")
    smtp = house.settings.smtp
    assert smtp is not None
    shut = house.settings.model_copy(update={"smtp": smtp.model_copy(update={"login": "somebody"})})
    failed = {one.subject: one for one in probed(replace(house, settings=shut))}["smtp: key"]
    assert failed.state is Tried.FAILED and "check the key that [smtp] names" in failed.said


@contextmanager
def with_returns(house: House, served: Running) -> Iterator[House]:
    """The same house, which also looks for what comes back."""
    smtp = house.settings.smtp
    assert smtp is not None
    url = str(table(read_card(served.folder)["urls"])["imap"])
    settings = house.settings.model_copy(update={"smtp": smtp.model_copy(update={"returns": f"{url}/INBOX"})})
    made = wired(settings=settings, clients=house.world.clients)
    yield made
    if made.control is not None:
        made.control.close()


def test_doctor_says_whether_anybody_looks_for_what_comes_back(house: House, served: Running) -> None:
    without = {one.subject: one for one in probed(house)}["smtp: key"]
    assert without.good and "letters that come back are not looked for: set returns" in without.said
    with with_returns(house, served) as there:
        looks = {one.subject: one for one in probed(there)}["smtp: key"]
    assert looks.good and "are looked for at imaps://127.0.0.1:" in looks.said


def test_f1_a_letter_by_plain_mail_that_comes_back_leaves_its_step_and_is_said_aloud(
    house: House, served: Running
) -> None:
    with with_returns(house, served) as there:
        carla = there.register.person("carla")
        notice = (served.folder / "notice.eml").read_bytes()
        facts = read_facts(served.folder / "facts.toml", there.provider, carla.id, notice)
        nobody = Contact(name="Nobody", mail="nobody@vandermeer.example", signatory=True)
        facts = replace(facts, customer=replace(facts.customer, contacts=(*facts.customer.contacts, nobody)))
        template = read_checklist(TEMPLATE.read_bytes(), "offboarding.md")
        case = there.desk.open_case(carla, template, facts, by_hand={}, notice=notice)
        sent(there, case, StepId("confirm-termination"))
        now = there.desk.case(case.id).steps[StepId("confirm-termination")]
        assert now.state is State.LEFT and "came back on 2026-11-23 from nobody@vandermeer.example" in now.reason
        said = {row.subject: row.said for row in there.desk.preflight(carla, case.id).findings}["office by house"]
        assert "works as plain mail; letters that come back are looked for" in said
