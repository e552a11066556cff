"""A look before anything is configured: it finds ours, names the missing key, and writes nothing."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from fakes.houses import LEAVER, NoLimits, Stage, stage
from fakes.leavings import trouble
from sendoff.connectors.azure.client import AUDIENCE as ARM
from sendoff.connectors.entra.client import AUDIENCE as GRAPH
from sendoff.connectors.wire.login.cli_client import AzureCli
from sendoff.connectors.wire.login.device_client import DeviceCode
from sendoff.model.errors import BadInput
from sendoff.model.inventory import Kind
from sendoff.model.key import Key
from sendoff.sandbox.wire import Json, Obj, obj, text
from sendoff.settings import Settings
from sendoff.wiring.buckets import MemoryLimits
from sendoff.wiring.cards import table
from sendoff.wiring.control import Control, read_card
from sendoff.wiring.leaving import Leaving
from sendoff.wiring.readonly import ReadOnlyLook, look_read_only
from sendoff.wiring.rehearsal import Running, started
from sendoff.wiring.wayin import Asked, Wires, checked_tenant
from sendoff.wiring.whoweare import Told, domain_of

ERIK = "erik@intercept.example"
ASKS = re.compile(r"/oauth2/v2\.0/(token|devicecode)$|/providers/microsoft\.resourcegraph/resources$", re.I)
"""What is sent with POST and changes nothing: signing in, and asking Resource Graph."""


def known(one: Stage, *path: str) -> Json:
    """Something that the sandbox knows."""
    found: Json = json.loads(json.dumps(one.sandbox.known()))
    for name in path:
        found = table(found)[name]
    return found


def tenant(one: Stage) -> str:
    return str(known(one, "customers", LEAVER, "tenant_id"))


def administrator(one: Stage) -> str:
    """The mail of a Global Administrator of the customer."""
    found = known(one, "customers", LEAVER, "contacts")
    assert isinstance(found, list)
    return text(found[0], "mail")


def person(one: Stage, mail: str) -> DeviceCode:
    """Somebody who types the code in a browser at once."""
    client = httpx2.Client(transport=one.wire)

    def typed(code: str, where: str) -> None:
        assert where.startswith("https://")
        one.control("POST", "/cast/device", user_code=code, person=mail)

    return DeviceCode(say=typed, clients=lambda: client, limits=NoLimits(), wait=lambda _: None)


def looked(
    one: Stage, mail: str = ERIK, *, asked: Asked | None = None, settings: Settings | None = None
) -> ReadOnlyLook:
    """One look by that person, with nothing configured unless settings are given."""
    client = httpx2.Client(transport=one.wire)
    wires = Wires(person=person(one, mail), clients=lambda: client, limits=NoLimits())
    return look_read_only(asked or Asked(tenant=tenant(one)), settings or Settings(), wires)


def told(one: Stage) -> Told:
    """Who we are, as somebody of the customer would say it."""
    return Told(tenant=str(known(one, "msp", "tenant_id")), domains=("intercept.example",))


def writes(one: Stage, since: int) -> list[Obj]:
    """What changed since, by the sandbox's own record."""
    return written(one.sandbox.world.record.since(since))


def written(rows: list[Json]) -> list[Obj]:
    """Every effect of anybody, and every call that is no question. The line that a sign-in leaves in the vendor's own
    log of sign-ins is the vendor's."""
    found = [obj(row) for row in rows]
    return [row for row in found if row["vendor"] != "control" and (_effect(row) or _no_question(row))]


def _effect(row: Obj) -> bool:
    return row["type"] == "effect" and (row["verb"], row["kind"]) != ("created", "graph.signIn")


def _no_question(row: Obj) -> bool:
    return row["type"] == "call" and row["method"] != "GET" and not ASKS.search(text(row, "path"))


def seq(one: Stage) -> int:
    return len(one.sandbox.world.record.rows)


def removed_by_hand(one: Stage, ident: str) -> None:
    """Somebody of the customer removes one thing, with the same kind of sign-in as the look's."""
    client = httpx2.Client(transport=one.wire)
    sign = person(one, administrator(one)).tokens(ARM).sign()
    answer = client.delete(f"{ARM}{ident}", params={"api-version": "2024-08-01"}, headers=dict(sign.headers))
    assert answer.status_code in (200, 204)


def test_the_record_of_the_sandbox_shows_no_write(tmp_path: Path) -> None:
    one = stage(tmp_path)
    before = seq(one)
    budget = next(thing for thing in looked(one).unknown if thing.kind is Kind.BUDGET)
    middle = seq(one)
    removed_by_hand(one, budget.id)
    assert {"effect", "call"} == {row["type"] for row in writes(one, middle)}, "the same check sees a write"
    assert middle > before and writes(one, before)[: -len(writes(one, middle))] == []
    after = seq(one)
    looked(one)
    looked(one, administrator(one), asked=Asked(tenant=tenant(one), us=told(one)))
    assert seq(one) > after + 100 and writes(one, after) == []


def test_an_engineer_of_ours_finds_ours_with_reasons_and_without_any_settings(tmp_path: Path) -> None:
    one = stage(tmp_path)
    seen = looked(one)
    ours = {thing.kind: thing for thing in seen.ours}
    assert ours[Kind.DELEGATION].why[0] == "it belongs to our tenant"
    assert "it names an address of ours" in ours[Kind.SECURITY_CONTACT].why
    assert all(thing.why for thing in (*seen.ours, *seen.unknown))
    lookalike = next(thing for thing in seen.unknown if thing.name == "intercept-lookalike-exports")
    assert lookalike.why[-1] == "no record, tenant or address confirms it"
    assert (seen.we.name, seen.we.domains, seen.we.tag) == ("Intercept", ("intercept.example",), "managedBy=intercept")
    assert seen.we.source == f"the sign-in of {ERIK}" and seen.changed == "nothing was changed"
    assert {row.name for row in seen.subscriptions} == {"vdm-kantoor", "vdm-productie"}


def test_what_would_be_left_behind_is_told_with_the_steps_that_it_calls_for(tmp_path: Path) -> None:
    seen = looked(stage(tmp_path))
    left = {row.kind: row for row in seen.left}
    assert (left[Kind.DELEGATION].step, left[Kind.DELEGATION].added) == ("remove-lighthouse", False)
    assert (left[Kind.SECURITY_CONTACT].step, left[Kind.SECURITY_CONTACT].added) == ("put-back-settings", True)
    assert [row.step for row in seen.added] == ["put-back-settings"]


def test_a_tenant_that_the_person_is_no_member_of_is_a_missing_key_and_the_look_goes_on(tmp_path: Path) -> None:
    seen = looked(stage(tmp_path))
    keys = {row.keys: row for row in seen.missing}
    assert {one.partition(" ")[0] for one in keys[Key.APP, Key.GDAP].shut} >= {"user", "guest", "service-principal"}
    assert "directory" in keys[Key.APP, Key.GDAP].opens
    assert {one.partition(" ")[0] for one in keys[Key.APP, Key.AOBO].shut} == {"role-assignment"}
    assert len(seen.blind) == sum(len(row.shut) for row in seen.missing) and all(
        spot.denied and spot.reason for spot in seen.blind
    )
    assert any("AADSTS50020" in spot.reason for spot in seen.blind) and seen.ours


def test_an_administrator_of_the_customer_sees_everything(tmp_path: Path) -> None:
    one = stage(tmp_path)
    seen = looked(one, administrator(one), asked=Asked(tenant=tenant(one), us=told(one)))
    assert not seen.blind and not seen.missing and seen.way_in == "an account in their tenant"
    assert {thing.name for thing in seen.ours if thing.kind is Kind.GUEST} == {"Carla (Intercept)", "Emma (Intercept)"}
    rights = [thing for thing in seen.unknown if thing.kind is Kind.ROLE_ASSIGNMENT]
    foreign = [thing for thing in rights if "group of another tenant" in thing.why[0]]
    assert foreign and {thing.why for thing in rights} - {thing.why for thing in foreign} == {
        ("the directory does not know its principal",)
    }
    named = replace(told(one), principals=(str(known(one, "msp", "admin_group_id")),))
    wiser = looked(one, administrator(one), asked=Asked(tenant=tenant(one), us=named))
    assert {thing.id for thing in foreign} <= {thing.id for thing in wiser.ours}


def test_a_delegation_that_shows_an_empty_list_of_rights_has_not_shown_them(tmp_path: Path) -> None:
    one = stage(tmp_path)
    trouble(one, do="empty-list", vendor="arm", path="roleAssignments$", times=0)
    seen = looked(one, administrator(one), asked=Asked(tenant=tenant(one), us=told(one)))
    assert {spot.code for spot in seen.blind if spot.cell.kind is Kind.ROLE_ASSIGNMENT} == {"NoneShown"}


def test_what_failed_by_itself_is_not_seen_and_is_no_missing_key(tmp_path: Path) -> None:
    one = stage(tmp_path)
    trouble(one, do="status", vendor="arm", path="budgets", status=500, code="Oops", times=0)
    seen = looked(one, administrator(one), asked=Asked(tenant=tenant(one), us=told(one)))
    assert {spot.cell.kind for spot in seen.blind} == {Kind.BUDGET, Kind.RECEIVER} and not seen.missing


def test_who_we_are_comes_from_flags_before_settings_before_the_sign_in(tmp_path: Path) -> None:
    one = stage(tmp_path)
    configured = looked(one, settings=one.house.settings)
    assert configured.we.source == "[provider] of the settings"
    assert set(one.house.provider.principals) <= set(configured.we.principals)
    flagged = looked(one, asked=Asked(tenant=tenant(one), us=Told(name="Other", tag="owner=other")))
    assert (flagged.we.name, flagged.we.tag) == ("Other", "owner=other") and "flags" in flagged.we.source
    assert not [thing for thing in flagged.unknown if any("managedBy" in why for why in thing.why)]


def test_the_customers_own_sign_in_alone_does_not_make_the_customer_us(tmp_path: Path) -> None:
    one = stage(tmp_path)
    with pytest.raises(BadInput, match="--provider-tenant"):
        looked(one, administrator(one))
    with pytest.raises(BadInput, match="name=value"):
        looked(one, asked=Asked(tenant=tenant(one), us=Told(tag="managedBy")))


def test_a_subscription_that_is_not_shown_counts_as_not_seen(tmp_path: Path) -> None:
    one = stage(tmp_path)
    seen = looked(one, asked=Asked(tenant=tenant(one), only=("vdm-kantoor", "vdm-archief")))
    assert [row.name for row in seen.subscriptions] == ["vdm-kantoor"]
    assert [spot.cell.scope for spot in seen.blind if spot.code == "NotShown"] == ["vdm-archief"]
    nobody = looked(one, asked=Asked(tenant="11111111-2222-4333-8444-555555555555"))
    assert nobody.blind[0].code == "NotShown" and not nobody.ours


def az(one: Stage, folder: Path) -> None:
    """An az on the PATH that gives Erik's tokens, and none for the customer's tenant."""
    folder.mkdir()
    signs = person(one, ERIK)
    for name, audience in (("arm", ARM), ("graph", GRAPH)):
        token = signs.tokens(audience).sign().headers["Authorization"].removeprefix("Bearer ")
        (folder / name).write_text(json.dumps({"accessToken": token, "expires_on": 9_999_999_999}), encoding="utf-8")
    script = folder / "az"
    script.write_text(
        f'#!/bin/sh\ncase "$*" in\n*--tenant*) echo "ERROR: not in that tenant" >&2; exit 1;;\n'
        f'*{ARM}*) cat "{folder}/arm";;\n*) cat "{folder}/graph";;\nesac\n',
        encoding="utf-8",
    )
    script.chmod(0o700)


def test_the_azure_cli_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = stage(tmp_path / "house")
    az(one, tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    client = httpx2.Client(transport=one.wire)
    wires = Wires(person=AzureCli(), clients=lambda: client, limits=NoLimits())
    seen = look_read_only(Asked(tenant=tenant(one)), Settings(), wires)
    assert seen.signed_in == ERIK and Kind.DELEGATION in {thing.kind for thing in seen.ours}
    assert any("az login --tenant" in spot.reason for spot in seen.blind)


def test_whose_a_sign_in_name_is() -> None:
    names = ("Erik@Intercept.example", "erik_intercept.example#EXT#@theirs.example", "live.com#a@b.example", "erik")
    assert [domain_of(one) for one in names] == ["intercept.example", "intercept.example", "b.example", ""]
    with pytest.raises(BadInput, match="guid"):
        checked_tenant("vandermeer.example")


def test_buckets_in_memory_wait_when_they_are_empty_and_when_the_vendor_says_so() -> None:
    now, waited = [0.0], list[float]()

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        now[0] += seconds

    limits = MemoryLimits(now=lambda: now[0], sleep=sleep)
    for _ in range(3):
        limits.take("a", rate=2.0, burst=2)
    assert waited == [0.5]
    limits.blocked("a", 7.0)
    limits.take("b", rate=1.0, burst=1)
    limits.take("a", rate=2.0, burst=2)
    assert waited == [0.5, 7.0, 0.5]


# ---- by the command line, against a served sandbox ----------------------------------------------------------------


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    sandbox = started(tmp_path_factory.mktemp("served") / "sandbox", 1, Leaving())
    yield sandbox
    sandbox.stop()


def sendoff(served: Running, folder: Path, *words: str) -> "subprocess.Popen[str]":
    """The command line in an empty folder, told by the environment alone where the vendors are."""
    urls = table(read_card(served.folder)["urls"])
    told = {"SENDOFF_LOGIN__URL": "login", "SENDOFF_AZURE__URL": "arm", "SENDOFF_GRAPH__URL": "graph"}
    env = {**os.environ, **{name: str(urls[vendor]) for name, vendor in told.items()}}
    env["SENDOFF_SANDBOX"] = str(served.folder)
    return subprocess.Popen(
        [sys.executable, "-m", "sendoff", "look", *words],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_command_line_says_it_in_seconds_and_leaves_no_file(served: Running, tmp_path: Path) -> None:
    card = read_card(served.folder)
    control = Control(card)
    before = len(_rows(control, "/record"))
    theirs = str(table(table(table(card["known"])["customers"])[LEAVER])["tenant_id"])
    command = sendoff(served, tmp_path, "--read-only", "--tenant", theirs, "--device-code", "--json")
    assert command.stderr is not None
    line = command.stderr.readline()
    code = re.search(r"type (\w+)\.", line)
    assert code is not None, line
    control.ask("POST", "/cast/device", {"user_code": code.group(1), "person": ERIK})
    out, _ = command.communicate(timeout=120)
    seen = json.loads(out)
    assert command.returncode == 1 and seen["blind"] and seen["changed"] == "nothing was changed"
    assert {one["kind"] for one in seen["ours"]} >= {"delegation", "security-contact"}
    assert 0 < seen["milliseconds"] < 120_000
    assert list(tmp_path.iterdir()) == []
    rows = _rows(control, "/record")[before:]
    control.close()
    assert len(rows) > 50 and written(rows) == []


def _rows(control: Control, path: str) -> list[Json]:
    found = control.ask("GET", path)
    assert isinstance(found, list)
    return found


def test_it_is_only_done_when_it_is_asked_for_in_so_many_words(served: Running, tmp_path: Path) -> None:
    command = sendoff(served, tmp_path, "--tenant", "7a3c1f0e-0000-4000-8000-000000000001")
    _, said = command.communicate(timeout=60)
    assert command.returncode == 2 and "--read-only" in said and "Traceback" not in said
