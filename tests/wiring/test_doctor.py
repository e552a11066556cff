"""Doctor tries every key once, says what to do about the one that fails, and changes nothing."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import tomli_w

from fakes.houses import LEAVER, Stage, card, stage
from fakes.leavings import effects, trouble
from sendoff.connectors.wire.circuit import Circuits
from sendoff.sandbox.wire import obj, text
from sendoff.settings import Settings, read_settings
from sendoff.wiring.health import examined
from sendoff.wiring.probing import Examined, State, probed
from sendoff.wiring.rehearsal import settings_table
from sendoff.wiring.worlds import SettingsWorld

HOUSE = ("azure", "graph", "prtg", "passwordstate", "partner_center", "topdesk", "reassure", "github")
STORED = "partner_center.app_user.refresh_token"


def by_subject(found: tuple[Examined, ...]) -> dict[str, Examined]:
    return {one.subject.removesuffix(": key"): one for one in found}


def changed(one: Stage, **tables: object) -> Stage:
    """The same stage with other tables in its settings."""
    told = {**settings_table(card(one.sandbox), one.folder), **tables}
    file = one.folder / "other.toml"
    file.write_text(tomli_w.dumps({name: value for name, value in told.items() if value is not None}), encoding="utf-8")
    settings: Settings = read_settings(file)
    old = one.house.world
    world = SettingsWorld(settings, old.limits, old.clients, name=old.id, sandbox=True)
    return replace(one, house=replace(one.house, settings=settings, world=world))


def test_every_configured_system_and_every_customers_app_is_tried(tmp_path: Path) -> None:
    one = changed(stage(tmp_path))
    found = by_subject(probed(one.house))
    assert set(found) == {*HOUSE, STORED, f"customers.{LEAVER}.app"}
    assert {name: row.said for name, row in found.items() if not row.good} == {}
    assert (
        "subscriptions in 3 tenants" in found["azure"].said
        and "reads the directory" in found[f"customers.{LEAVER}.app"].said
    )


def test_nothing_is_changed_by_it(tmp_path: Path) -> None:
    one = changed(stage(tmp_path))
    before = len(one.sandbox.world.record.rows)
    assert all(row.good for row in probed(one.house))
    assert len(one.sandbox.world.record.rows) > before and effects(one, since=before) == []


def test_without_probing_no_vendor_is_asked(tmp_path: Path) -> None:
    one = stage(tmp_path)
    before = len(one.sandbox.world.record.rows)
    found = examined(one.house, probe=False)
    assert found and len(one.sandbox.world.record.rows) == before
    assert not [row for row in found if row.subject.endswith(": key")]


@pytest.mark.parametrize(
    ("vendor", "table"),
    [
        ("arm", "azure"),
        ("graph", "graph"),
        ("prtg", "prtg"),
        ("passwordstate", "passwordstate"),
        ("partner-center", "partner_center"),
        ("topdesk", "topdesk"),
        ("reassure", "reassure"),
        ("github", "github"),
    ],
)
def test_a_vendor_that_says_no_and_one_that_is_down_are_failed_with_what_to_do(
    tmp_path: Path, vendor: str, table: str
) -> None:
    one = changed(stage(tmp_path))
    trouble(one, do="status", vendor=vendor, path=".", status=401, code="Nope", times=0)
    row = by_subject(probed(one.house))[table]
    assert row.state is State.FAILED and re.search(rf"check the .*\[{table}\]", row.said), row.said
    one.control("DELETE", "/trouble")
    trouble(one, do="drop", vendor=vendor, path=".", times=0)
    row = by_subject(probed(one.house))[table]
    assert row.state is State.FAILED and "check the address" in row.said


def test_a_vendor_that_is_left_alone_is_failed_with_until_when(tmp_path: Path) -> None:
    one = changed(stage(tmp_path, circuits=Circuits(now=lambda: 0.0)))
    trouble(one, do="drop", vendor="topdesk", path=".", times=0)
    assert "check the address" in by_subject(probed(one.house))["topdesk"].said

    row = by_subject(probed(one.house))["topdesk"]

    assert row.state is State.FAILED
    assert re.search(r"is left alone until \d\d:\d\d:\d\d UTC .*asked again by itself after that", row.said), row.said
    assert by_subject(probed(one.house))["reassure"].good


def test_a_secret_whose_source_is_empty_is_missing(tmp_path: Path) -> None:
    one = changed(stage(tmp_path), github={"token": {"env": "SENDOFF_TEST_NOT_SET"}, "repository": "a/b"})
    row = by_subject(probed(one.house))["github"]
    assert row.state is State.MISSING and "github.token" in row.said and "env" in row.said


def test_an_app_whose_tenant_nobody_named_is_missing_until_a_case_says_it(tmp_path: Path) -> None:
    one = stage(tmp_path)
    app = settings_table(card(one.sandbox), one.folder)["customers"]
    assert isinstance(app, dict)
    without = changed(one, customers={LEAVER: {"app": app[LEAVER]["app"]}})
    row = by_subject(probed(without.house))[f"customers.{LEAVER}.app"]
    assert row.state is State.MISSING and "tenant = ID" in row.said
    one.opened()
    assert by_subject(probed(without.house))[f"customers.{LEAVER}.app"].good


def test_an_app_is_tried_in_the_tenant_that_the_settings_name(tmp_path: Path) -> None:
    one = stage(tmp_path)
    app = settings_table(card(one.sandbox), one.folder)["customers"]
    assert isinstance(app, dict)
    wrong = changed(one, customers={LEAVER: {**app[LEAVER], "tenant": one.house.provider.tenant}})
    assert by_subject(probed(wrong.house))[f"customers.{LEAVER}.app"].state is State.FAILED


def test_what_is_not_configured_is_missing_and_is_not_asked(tmp_path: Path) -> None:
    one = changed(stage(tmp_path), topdesk=None, customers=None)
    assert set(by_subject(probed(one.house))) == {*HOUSE, STORED} - {"topdesk"}


def partner(one: Stage, **more: object) -> dict[str, object]:
    told = settings_table(card(one.sandbox), one.folder)["partner_center"]
    assert isinstance(told, dict)
    app = {name: value for name, value in told["app_user"].items() if name != "refresh_token"}
    return {**told, "app_user": {**app, **more}}


def test_a_stored_refresh_token_is_red_with_the_number_of_customers_that_it_opens(tmp_path: Path) -> None:
    one = changed(stage(tmp_path))
    theirs = [
        row for row in one.sandbox.world.all("partner-center", "customer") if row.place == one.house.provider.tenant
    ]
    assert len(theirs) > 2, "more than a page"
    assert by_subject(probed(one.house))[STORED].good, "in a rehearsal"

    row = by_subject(probed(replace(one.house, control=None)))[STORED]

    assert row.state is State.FAILED and f"opens {len(theirs)} customers" in row.said and "--sign-in" in row.said


def test_without_a_stored_refresh_token_it_says_who_signs_in(tmp_path: Path) -> None:
    one = stage(tmp_path)
    found = by_subject(probed(changed(one, partner_center=partner(one)).house))
    assert STORED not in found
    assert found["partner_center"].good and "Admin agents signs in for each run" in found["partner_center"].said


def test_an_account_of_the_vault_is_tried_and_named_and_no_key_is_missed(tmp_path: Path) -> None:
    one = stage(tmp_path)
    ours = obj(obj(one.sandbox.world.msp["passwordstate"])["windows"])
    for password, good in ((text(ours, "password"), True), ("not it", False)):
        file = tmp_path / "account"
        file.write_text(password, encoding="utf-8")
        one.sandbox.world.lines.signed_in.clear()
        vault = {"mode": "windows", "account": text(ours, "account"), "password": {"file": str(file)}}
        found = examined(changed(one, passwordstate={"url": "https://vault.intercept.example", **vault}).house)
        row = by_subject(found)["passwordstate"]
        assert row.state is (State.GOOD if good else State.FAILED), row.said
        assert "svc-sendoff" in row.said and password not in row.said
        assert not [one for one in found if one.subject == "passwordstate key"], (
            "there is no system-wide key to warn of"
        )
