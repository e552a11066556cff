"""H46: no password in an export, and nothing in the new MSP's cut that the table does not let in."""

import io
import json
import zipfile
from collections.abc import Iterator

import pytest
from azure_export import MINE, WEB, export, plant, read
from hypothesis import given
from hypothesis import strategies as st

from fakes.connector_desk import Desk
from sendoff.connectors.azure.cut import COMMON, OTHERS, RESOURCES, WITHHELD, cut
from sendoff.connectors.azure.scrubbing import Remover, looks_secret
from sendoff.connectors.wire.body import REMOVED, Object
from sendoff.model.digest import Json
from sendoff.sandbox.arm_ids import CONTENT, DEPLOYMENT, SEARCH, VARIABLE
from sendoff.sandbox.wire import arr, dig, obj, text

PLANTED = {
    "deployment parameter": "Winter-In-Delft-2024",
    "deployment parameter without a telling name": "harlingen aan zee",
    "deployment output": "uitvoer-van-de-sleutel",
    "extension setting": "net use geheim aan boord",
    "environment variable": "zomer in terneuzen",
    "app setting": "blauwe-tulp-bij-nacht",
    "app setting as an object": "rode-tulp-bij-dag",
    "connection string": "Server=x;Password=Vijf-Ganzen-9",
    "tag with a telling name": "vier-eenden",
    "tag without one": "Vlieland#2025x",
    "runbook variable": "Texel&Ameland1",
    "runbook literal": "Rottumeroog!77",
    "runbook key": "Griend%55abc",
    "automation variable": "schiermonnikoog",
    "saved search": "Noorderhaaks?8",
    "custom data": "Y2xvdWQtY29uZmlnIHBhc3N3b3Jk",
}
"""Where a password hides, and one for each."""


def planted(desk: Desk) -> Desk:
    """Every hiding place filled."""
    secret = PLANTED
    machine = f"{WEB}/providers/Microsoft.Compute/virtualMachines/vm-vdm-web-01"
    aa = f"{MINE}/providers/Microsoft.Automation/automationAccounts/aa-intercept"
    law = f"{MINE}/providers/Microsoft.OperationalInsights/workspaces/law-intercept"
    plant(desk, DEPLOYMENT, f"{WEB}/providers/Microsoft.Resources/deployments/first", type=DEPLOYMENT, properties={
        "mode": "Incremental",
        "parameters": {"adminPassword": {"type": "String", "value": secret["deployment parameter"]},
                       "greeting": {"type": "String", "value": secret["deployment parameter without a telling name"]}},
        "outputs": {"made": {"type": "String", "value": secret["deployment output"]}},
    })  # fmt: skip
    extension = "microsoft.compute/virtualmachines/extensions"
    plant(desk, extension, f"{machine}/extensions/setup", location="westeurope", properties={
        "publisher": "Microsoft.Compute", "settings": {"fileUris": [], "arguments": secret["extension setting"]},
    })  # fmt: skip
    plant(desk, "microsoft.web/sites", f"{WEB}/providers/Microsoft.Web/sites/app-with-settings", location="westeurope",
          tags={"dbPassword": secret["tag with a telling name"], "remark": secret["tag without one"], "owner": "vdm"},
          properties={"siteConfig": {
              "appSettings": [{"name": "GREETING", "value": secret["app setting"]}],
              "connectionStrings": [{"name": "main", "connectionString": secret["connection string"]}],
              "metadata": {"appSettings": {"OTHER": secret["app setting as an object"]}}}})  # fmt: skip
    env: list[Json] = [{"name": "COLOUR", "value": secret["environment variable"]}]
    box: Json = {"name": "worker", "properties": {"environmentVariables": env}}
    other = f"{WEB}/providers/Microsoft.Compute/virtualMachines/vm-with-data"
    inside: Json = {"osProfile": {"customData": secret["custom data"]}, "containers": [box]}
    plant(desk, "microsoft.compute/virtualmachines", other, location="westeurope", properties=inside)
    plant(desk, VARIABLE, f"{aa}/variables/window", properties={"value": secret["automation variable"]})
    plant(
        desk, SEARCH, f"{law}/savedSearches/late", properties={"query": f"T | where key == '{secret['saved search']}'"}
    )
    script = (
        f"$password = '{secret['runbook variable']}'\nnet use x: \\\\srv\\s /user:vdm {secret['runbook literal']}\n"
        f"Set-It -Key {secret['runbook key']}\nWrite-Output 'Patching ring 2'\n"
        f"# the same as in the app: {secret['app setting']}\n"
    )
    plant(desk, CONTENT, f"{aa}/runbooks/rb-patching/content", text=script)
    return desk


def opened(data: bytes) -> Iterator[bytes]:
    """The bytes of a file, and of everything in it when it is an archive."""
    yield data
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as inner:
            for name in inner.namelist():
                yield from opened(inner.read(name))


def leaks(files: dict[str, bytes]) -> dict[str, list[str]]:
    """The planted secrets that can be found, by where they hid, with the files."""
    found: dict[str, list[str]] = {}
    for name, data in files.items():
        for part in opened(data):
            for where, value in PLANTED.items():
                escaped = json.dumps(value, ensure_ascii=False)[1:-1].encode(), value.replace("&", "&amp;").encode()
                if value.encode() in part or any(one in part for one in escaped):
                    found.setdefault(where, []).append(name)
    return found


def test_h46_no_planted_secret_is_in_any_byte_of_the_export() -> None:
    receipt, files = export(planted(Desk()))
    assert leaks(files) == {}
    assert int(dict(receipt.said)["secret-fields-removed"]) >= len(PLANTED)
    assert dig(read(files, "manifest.json"), "complete") is True


def test_h46_with_the_remover_switched_off_the_same_search_finds_every_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Remover, "clean", lambda _, value: value)
    monkeypatch.setattr(Remover, "text", lambda _, value, free=True: value)
    receipt, files = export(planted(Desk()))
    found = leaks(files)
    assert set(found) == set(PLANTED)
    assert any(name.endswith(".xlsx") for name in found["tag without one"]), "workbooks are opened too"
    assert any(name.endswith(".bicep") for name in found["app setting"])
    assert not [name for names in found.values() for name in names if name.startswith("for-the-new-msp/")]
    assert dict(receipt.said)["secret-fields-removed"] == "0"


def test_what_is_no_secret_stays() -> None:
    _, files = export(planted(Desk()))
    site = next(one for one in arr(read(files, "resources.json")) if text(one, "name") == "app-with-settings")
    assert text(site, "tags", "owner") == "vdm"
    setting = arr(dig(site, "properties", "siteConfig", "appSettings"))[0]
    assert setting == {"name": "GREETING", "value": REMOVED}
    assert b"Write-Output 'Patching ring 2'" in files["runbooks/aa-intercept/rb-patching.txt"]
    assert b"'Microsoft.Web/sites@2025-03-01'" in files["templates/rg-web.bicep"]


@pytest.mark.parametrize(("value", "secret"), [
    ("P@ssw0rd1", True), ("Vlieland#2025x", True), ("Microsoft.Web/sites@2025-03-01", False), ("vm-vdm-web-01", False),
    ("Anna.De.Vries1@vandermeer.example", False), ("2024-05-01T10:00:00+02:00", False),
    ("/subscriptions/A1b2/resourceGroups/x!", False), ("Abc1+defghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ==", True),
])  # fmt: skip
def test_what_a_password_looks_like(value: str, secret: bool) -> None:
    assert looks_secret(value) is secret


def test_a_long_text_is_cleaned_in_a_time_that_grows_with_its_length() -> None:
    long = "a" * 400_000 + " -" + "b" * 400_000 + "://" + "c" * 400_000
    assert Remover().text(long) == long


# ---- the new MSP's cut -------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["id", "name", "type", "location", "sku", "properties", "tags", "state", "settings", "x y"])
TEXTS = st.text(max_size=12).map(lambda one: f"zz{one}zz")
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | TEXTS, inner, max_size=4),
    max_leaves=12,
)
KINDS = st.sampled_from([*RESOURCES, "contoso.unknown/things", "microsoft.compute/virtualmachines/extensions"])


def leaves(value: Json, way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Json]]:
    """Every leaf of a value with the way to it; what lies in a list has the way of the list."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*way, key))
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, way)
    else:
        yield way, value


def strangers(seen: Json, kind: str, table: str) -> list[tuple[tuple[str, ...], Json]]:
    """What stands in a row of the cut and is not let in by the table, neither by its way nor by its shape."""
    more = OTHERS.get(table) if table else RESOURCES.get(kind)
    ways = {one.path: one.shape for one in (*COMMON, *(more or ()))}
    return [
        (way, value)
        for way, value in leaves(seen)
        if value != WITHHELD
        and (more is None or way not in ways or not ways[way].fullmatch(text(value)))
        and not (isinstance(value, bool) and way in ways)
    ]


@given(kind=KINDS, body=st.dictionaries(NAMES | TEXTS, VALUES, max_size=6), table=st.sampled_from(["", *OTHERS, "odd"]))
def test_nothing_outside_of_the_table_ever_appears(kind: str, body: Object, table: str) -> None:
    space, _, rest = kind.partition("/")
    ident = f"/subscriptions/s/resourceGroups/g/providers/{space}/" + "/".join(f"{one}/n" for one in rest.split("/"))
    for row in cut([{**body, "id": ident}], table):
        assert strangers(row, kind, table) == []


def test_the_same_property_finds_a_stranger() -> None:
    row: Json = {"id": "/a", "tags": {"x": "y"}, "properties": {"settings": "geheim"}}
    kind = "microsoft.web/sites"
    assert [way for way, _ in strangers(row, kind, "")] == [("tags", "x"), ("properties", "settings")]
    assert strangers({"name": {"inner": 1}}, kind, "") and strangers({"name": "a\nb"}, kind, "")


def test_what_is_not_let_in_reads_withheld() -> None:
    _, files = export(planted(Desk()))
    rows = arr(read(files, "for-the-new-msp/resources.json"))
    site = next(obj(one) for one in rows if text(one, "name") == "app-with-settings")
    assert site["rest"] == WITHHELD and "tags" not in site and "siteConfig" not in obj(site.get("properties"))
    assert {"kind": WITHHELD} in rows, "an extension is of no listed type: it is counted, and no more"
    assert len(rows) == len(arr(read(files, "resources.json")))
    mine = {name.removeprefix("for-the-new-msp/") for name in files if name.startswith("for-the-new-msp/")}
    assert not {name for name in mine if name.startswith(("templates", "runbooks", "deployments", "automation"))}
    assert WITHHELD in files["for-the-new-msp/as-built.html"].decode().replace("&#39;", "'")


def test_every_line_of_the_table_has_a_reason() -> None:
    table = [*COMMON, *(one for rows in (*RESOURCES.values(), *OTHERS.values()) for one in rows)]
    assert len(table) > 40 and all(len(one.why) > 8 for one in table)
