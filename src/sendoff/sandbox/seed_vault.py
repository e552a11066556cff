"""The seed of Passwordstate: folders, lists and secrets; one list asks for a reason, one record is the MSP's own."""

import base64

from sendoff.sandbox.seed_build import Build
from sendoff.sandbox.vault_reach import ADMIN, MODIFY, PERMISSIONS, VIEW
from sendoff.sandbox.wire import Json, Obj, text
from sendoff.sandbox.world import Thing

BASE = {"vandermeer": 100, "vandermeer-advocaten": 200, "meerzicht": 300}
LISTS = (("Servers", 10), ("Cloud accounts", 8), ("Network (reason needed)", 6))
CROWD = 100_000
ACCOUNT = "INTERCEPT\\svc-sendoff"
"""The account by which a program of ours may sign in with Windows."""
TITLES = (
    "sa-backup",
    "domain admin",
    "Wi‑Fi gäste ☕",
    "Robert'); DROP TABLE passwords;--",
    "<b>router</b> & switch",
    'vault "quoted" name',
    "=cmd|'/c calc'!A1",
    "línea de órdenes",
    "数据库",
    "printer #12/3?x=1&y=2",
)


def vault(build: Build) -> None:
    """The customer's folder, three lists and their records; nothing at tier csp."""
    if build.plan.tier == "csp":
        return
    base = BASE[build.plan.slug]
    short = build.plan.name.removesuffix(" B.V.")
    path = f"\\Customers\\{short}"
    _add(
        build,
        "folder",
        base,
        "",
        {
            "FolderID": base,
            "FolderName": short,
            "Description": "",
            "TreePath": path,
            "SiteID": 0,
            "SiteLocation": "Internal",
            PERMISSIONS: _allowed(),
        },
    )
    build.note("passwordstate", "folder", str(base))
    number = base * 10
    for at, (name, count) in enumerate(LISTS):
        ident = base + at + 1
        _list(build, ident, f"{short} - {name}", path, count, reason=at == 2)
        for _ in range(count):
            _record(build, ident, number, f"{short} - {name}")
            number += 1
    _ours(build, base + 1, number, f"{short} - {LISTS[0][0]}")


def kept(build: Build, many: int) -> None:
    """So many records more, each with a document of 16 KiB: five hundred to a list."""
    short = build.plan.name.removesuffix(" B.V.")
    for number in range(many):
        ident = CROWD + number // 500
        name = f"{short} - list {ident}"
        if number % 500 == 0:
            _list(build, ident, name, f"\\Customers\\{short}", min(500, many - number), reason=False)
        record = _record(build, ident, 10 * CROWD + number, name)
        data = build.guid("document", number).encode() * 455
        paper: Json = {"DocumentID": number + 1, "DocumentName": "a.bin", "Content": base64.b64encode(data).decode()}
        record.raw["Documents"] = [paper]


def _add(build: Build, kind: str, ident: int, place: str, raw: Obj) -> Thing:
    return build.world.add(Thing("vault", kind, str(ident), build.plan.slug, raw, place))


def _list(build: Build, ident: int, name: str, path: str, count: int, *, reason: bool) -> None:
    _add(
        build,
        "list",
        ident,
        "",
        {
            "PasswordListID": ident,
            "PasswordList": name,
            "Description": "",
            "ImageFileName": "",
            "Guide": "",
            "AllowExport": not reason,
            "PrivatePasswordList": False,
            "TimeBasedAccessRequired": False,
            "NoApprovers": "1",
            "DisableNotifications": False,
            "PasswordStrengthPolicyID": 1,
            "PasswordGeneratorID": 0,
            "CodePage": "Using Passwordstate Default Code Page",
            "PreventPasswordReuse": 5,
            "AuthenticationType": "None Required",
            "ProvideAccessReason": reason,
            "TreePath": path,
            "TotalPasswords": count,
            "HidePasswords": "False:False:False",
            "SiteID": 0,
            "SiteLocation": "Internal",
            "OneTimePasswords": False,
            "DisableInheritance": False,
            "PasswordResetEnabled": False,
            "GeneratorName": "Default",
            "PolicyName": "Default Policy",
            PERMISSIONS: _allowed(),
        },
    )
    build.note("passwordstate", "list", str(ident))


def _allowed() -> list[Json]:
    """Who may what: our engineers administer, our service desk looks, and the account of a program changes."""
    return [
        {"SecurityGroupName": "Intercept engineers", "Permission": ADMIN},
        {"SecurityGroupName": "Intercept service desk", "Permission": VIEW},
        {"UserID": ACCOUNT, "Permission": MODIFY},
    ]


def _record(build: Build, ident: int, number: int, held: str) -> Thing:
    title = TITLES[number % len(TITLES)] if number % 2 else f"account {number}"
    generic: Obj = {f"GenericField{n}": "" for n in range(1, 11)}
    papers: list[Json] = []
    if number % 10 == 3:
        papers.append(
            {
                "DocumentID": number * 10,
                "DocumentName": "certificate.pem",
                "Content": base64.b64encode(f"certificate of {number}".encode()).decode(),
            }
        )
    raw: Obj = {
        "PasswordListID": str(ident),
        "PasswordList": held,
        "PasswordID": number,
        "Title": title,
        "Domain": "",
        "HostName": f"host{number}.{build.plan.domain}",
        "UserName": f"user{number}",
        "Description": "",
        **generic,
        "GenericFieldInfo": [
            {"GenericFieldID": "GenericField1", "DisplayName": "Label", "GenericFieldType": "Text Field", "Value": ""}
        ],
        "AccountTypeID": 0,
        "AccountType": "",
        "Notes": "<p>kept by Intercept</p>" if number % 4 == 0 else "",
        "URL": f"https://host{number}.{build.plan.domain}/",
        "Password": f"{build.guid('secret', number)}é",
        "ExpiryDate": "",
        "AllowExport": True,
        "AccountFieldID": 0,
        "OTP": None,
        "History": [{}],
        "Documents": papers,
    }
    return _add(build, "password", number, str(ident), raw)


def _ours(build: Build, ident: int, number: int, held: str) -> None:
    one = _record(build, ident, number, held)
    one.raw.update({"Title": "RMM agent key", "GenericField1": "owner=intercept", "Notes": "tool of Intercept"})
    build.note("passwordstate", "password", text(one.raw, "PasswordID"))
    kept = build.world.get("vault", "list", str(ident))
    if kept is not None:
        kept.raw["TotalPasswords"] = LISTS[0][1] + 1
