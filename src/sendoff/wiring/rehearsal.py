"""A rehearsal: a sandbox in its own process, with settings and facts that reach it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import tomli_w

from sendoff.model.digest import Json
from sendoff.model.errors import Unreachable
from sendoff.model.template import Tier
from sendoff.wiring.control import read_card

LEAVER = "vandermeer"
KINDS = {
    "microsoft.managedservices/registrationassignments": "delegation",
    "microsoft.managedservices/registrationdefinitions": "delegation-definition",
    "microsoft.authorization/roleassignments": "role-assignment",
    "microsoft.authorization/policyassignments": "policy-assignment",
    "microsoft.authorization/policydefinitions": "policy-definition",
    "microsoft.authorization/policysetdefinitions": "policy-set-definition",
    "microsoft.authorization/policyexemptions": "policy-exemption",
    "microsoft.insights/diagnosticsettings": "diagnostic-setting",
    "microsoft.consumption/budgets": "budget",
    "microsoft.resources/resourcegroups": "resource-group",
    "user": "user",
    "serviceprincipal": "service-principal",
    "application": "service-principal",
    "roleassignment": "directory-role",
    "group": "directory-group",
    "delegatedadminrelationship": "gdap-relationship",
    "microsoft.security/pricings": "defender-plan",
    "microsoft.security/securitycontacts": "security-contact",
    "tag": "tag",
    "folder": "secret-list",
    "password": "secret",
    "list": "secret-list",
}
SYSTEMS = {"arm": "azure", "graph": "entra", "prtg": "prtg", "passwordstate": "passwordstate"}
Table = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """Which leaving is rehearsed: the tier that ends, and what is different from the plain one."""

    tier: Tier = Tier.FULL_STACK
    keeps_csp: bool = False
    """The customer stays in our CSP."""
    no_supplier: bool = False
    """The customer goes on by themselves."""
    stays: bool = False
    """One subscription stays with us."""
    silent: bool = False
    """The customer never answers."""


@dataclass(slots=True)
class Running:
    """A sandbox process and its folder."""

    folder: Path
    process: "subprocess.Popen[str]"

    def wait(self) -> None:
        """Until it ends."""
        self.process.wait()

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(timeout=10)
        if self.process.stdout:
            self.process.stdout.close()


def started(folder: Path, seed: int, leaving: Leaving) -> Running:
    """Start a sandbox and write `sendoff.toml` and `facts.toml` beside its card."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "sendoff.sandbox", "--folder", str(folder.resolve()), "--seed", str(seed)]
    command += ["--tier", str(leaving.tier), "--parent-pid", str(os.getpid())]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise Unreachable("it did not start; see the lines above", system="sandbox")
    card = read_card(folder)
    today = datetime.fromisoformat(str(CLOCK_STARTS)).date()
    (folder / "sendoff.toml").write_text(tomli_w.dumps(settings_table(card, folder)), encoding="utf-8")
    facts = facts_table(card, leaving, today)
    (folder / "facts.toml").write_text(tomli_w.dumps(facts), encoding="utf-8")
    (folder / "notice.eml").write_text(notice_text(card, today), encoding="utf-8")
    return Running(folder=folder, process=process)


CLOCK_STARTS = "2026-11-23T09:00:00+01:00"
"""Where the sandbox's civil time begins."""


def table(value: Json) -> Table:
    """A JSON object, or an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: Json) -> list[Table]:
    """The objects of a JSON list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def texts(value: Json) -> list[str]:
    """The members of a JSON list as text."""
    return [str(one) for one in value] if isinstance(value, list) else []


def settings_table(card: Table, folder: Path) -> dict[str, object]:
    """The settings that reach this sandbox. Its secrets are rehearsal secrets; they stand in files all the same."""
    urls, msp = table(card["urls"]), table(table(card["known"])["msp"])
    customers = table(table(card["known"])["customers"])
    safe = folder / "secrets"
    safe.mkdir(exist_ok=True)
    lighthouse, house = table(msp["lighthouse"]), table(msp["house"])
    vault = table(msp["passwordstate"])
    app = table(table(customers[LEAVER])["app"])
    return {
        "data": "data",
        "sandbox": ".",
        "provider": {
            "name": str(msp["name"]),
            "tenant": str(msp["tenant_id"]),
            "domains": texts(msp["domains"]),
            "mailbox": str(msp["mailbox"]),
            "principals": [str(msp["admin_group_id"]), str(msp["engineers_group_id"]), str(lighthouse["principal_id"])],
            "partner_id": str(msp["mpn_id"]),
        },
        "people": [
            {"id": ident, "name": name, "roles": [role], "logins": [login], "mail": f"{login}@intercept.example"}
            for ident, login, name, role in STAFF
        ],
        "login": {"url": str(urls["login"])},
        "azure": {"url": str(urls["arm"]), "lighthouse": _app(safe, "lighthouse", lighthouse)},
        "graph": {"url": str(urls["graph"]), "house": _app(safe, "house", house)},
        "prtg": {"url": str(urls["prtg"]), "token": _secret(safe, "prtg", str(table(msp["prtg"])["apitoken"]))},
        "passwordstate": {
            "url": str(urls["passwordstate"]),
            "api_key": _secret(safe, "vault", str(vault["api_key"])),
            "list_keys": {
                number: _secret(safe, f"list-{number}", str(key)) for number, key in table(vault["list_keys"]).items()
            },
        },
        **_house_systems(safe, urls, msp),
        "customers": {LEAVER: {"tenant": str(table(customers[LEAVER])["tenant_id"]), "app": _app(safe, "app", app)}},
    }


def _house_systems(safe: Path, urls: Table, msp: Table) -> dict[str, object]:
    """The systems in our own house that know the customer: Partner Center, service desk, portal and repository."""
    partner, desk = table(msp["partner_center"]), table(msp["topdesk"])
    refresh = _secret(safe, "partner-refresh", str(partner["refresh_token"]))
    github = table(msp["github"])
    return {
        "partner_center": {
            "url": str(urls["partner-center"]),
            "app_user": {**_app(safe, "partner", partner), "refresh_token": refresh},
        },
        "topdesk": {
            "url": str(urls["topdesk"]),
            "login": str(desk["login"]),
            "password": _secret(safe, "topdesk", str(desk["password"])),
            "archive_reason": "No longer a customer",
            "operator_group": "Contract administration",
        },
        "reassure": {
            "url": str(urls["reassure"]),
            "token": _secret(safe, "reassure", str(table(msp["reassure"])["token"])),
        },
        "github": {
            "url": str(urls["github"]),
            "token": _secret(safe, "github", str(github["token"])),
            "repository": str(github["repository"]),
        },
    }


STAFF = (
    ("p-58c1f0", "carla", "Carla de Vries", "CSM"),
    ("p-e2470b", "erik", "Erik Jansen", "Engineer"),
    ("p-91ad36", "emma", "Emma Bakker", "Engineer"),
    ("p-c7730e", "paul", "Paul Smit", "Practice Lead Managed Services"),
)
"""Id, login, name and role. The id is random: it stands in the journal for good, the name behind it does not."""


def _secret(safe: Path, name: str, value: str) -> dict[str, object]:
    file = safe / name
    file.write_text(value, encoding="utf-8")
    file.chmod(0o600)
    return {"file": str(file.resolve())}


def _app(safe: Path, name: str, known: Table) -> dict[str, object]:
    return {"client_id": str(known["client_id"]), "secret": _secret(safe, name, str(known["client_secret"]))}


def facts_table(card: Table, leaving: Leaving, today: date) -> dict[str, object]:
    """The facts of the leaving customer, as a CSM would fill them in from what is on file."""
    known = table(table(table(card["known"])["customers"])[LEAVER])
    end = today + timedelta(days=38)
    keeps = leaving.keeps_csp or (leaving.no_supplier and leaving.tier is not Tier.CSP)
    facts: dict[str, object] = {
        "executor": str(table(known["app"])["service_principal_id"]),
        "contract_end": end.isoformat(),
        "access_until": (end + timedelta(days=31)).isoformat(),
        "ending": str(leaving.tier),
        "leaves_csp": "no" if keeps else "yes",
        "language": "nl",
        **_parties(known, today),
        "places": _places(known),
        "scope": [_row(row, leaving) for row in rows(known["subscriptions"])],
        "record": [_recorded(row) for row in rows(known["onboarding"])],
    }
    if keeps:
        facts["remaining"] = "csp"
    else:
        facts["transfer_on"] = end.isoformat()
    if leaving.no_supplier:
        del facts["supplier"]
        facts["no_supplier_because"] = "the customer runs the environment themselves from now on"
    return facts


def _parties(known: Table, today: date) -> dict[str, object]:
    """Customer, new supplier, the notice, and who receives the secrets."""
    supplier, contacts = table(known["new_supplier"]), rows(known["contacts"])
    administrator = table(supplier["administrator"])
    signatory, receiver = contacts[0], contacts[1]
    return {
        "customer": {
            "slug": LEAVER,
            "name": str(known["name"]),
            "tenant": str(known["tenant_id"]),
            "domains": texts(known["domains"]),
            "contacts": [dict(contact) for contact in contacts],
        },
        "supplier": {
            "name": str(supplier["name"]),
            "domains": [str(supplier["domain"])],
            "tenant": str(supplier["tenant_id"]),
            "contacts": [{"name": str(supplier["admin_name"]), "mail": str(supplier["admin_mail"])}],
            "administrator": {name: str(value) for name, value in administrator.items()},
        },
        "notice": {
            "reached": today.isoformat(),
            "sender": str(signatory["mail"]),
            "called_back": str(signatory["phone"]),
        },
        "recipient": {
            "name": str(receiver["name"]),
            "mail": str(receiver["mail"]),
            "age_key": str(known["age_key"]),
            "enrolled": datetime.combine(today, datetime.min.time(), tzinfo=UTC).isoformat(),
            "read_back_by": STAFF[0][0],
        },
    }


def _places(known: Table) -> dict[str, object]:
    prtg, vault = table(known["prtg"]), table(known["passwordstate"])
    return {
        "prtg_groups": texts(prtg["group_ids"]),
        "prtg_probe": str(prtg["probe_id"] or ""),
        "prtg_probe_gid": str(prtg["probe_gid"] or ""),
        "prtg_probe_host": str(prtg["probe_host"] or ""),
        "vault_folder": str(vault["folder"] or ""),
        "vault_lists": texts(vault["list_ids"]),
        "topdesk_branch": str(table(known["topdesk"])["branch"]),
        "reassure_customer": str(table(known["reassure"])["customer_id"]),
    }


def _row(row: Table, leaving: Leaving) -> dict[str, object]:
    """The third subscription never was under our care, or stays with us where that is what is rehearsed."""
    leaves = row["leaves"] is True
    rest = ("stays", "Intercept") if leaving.stays else ("outside", "the customer")
    destination, owner = ("leaves", "Noordzee Cloud") if leaves else rest
    return {
        "system": "azure",
        "id": str(row["id"]),
        "name": str(row["name"]),
        "destination": destination,
        "owner": owner,
    }


def _recorded(row: Table) -> dict[str, object]:
    kind = str(row["kind"]).lower()
    system = SYSTEMS[str(row["system"])]
    if system == "prtg":
        return {"system": system, "kind": "prtg-probe" if kind == "probe" else "prtg-group", "id": str(row["id"])}
    fallback = "resource"
    before = str(row.get("before") or "")
    return {"system": system, "kind": KINDS.get(kind, fallback), "id": str(row["id"]), "before": before}


def notice_text(card: Table, today: date) -> str:
    """The notice of termination, as a mail."""
    known = table(table(table(card["known"])["customers"])[LEAVER])
    signatory = rows(known["contacts"])[0]
    return (
        f"From: {signatory['name']} <{signatory['mail']}>\n"
        f"To: offboarding@intercept.example\n"
        f"Date: {today:%a, %d %b %Y} 08:12:00 +0100\n"
        f"Subject: Opzegging dienstverlening\n\n"
        f"Hierbij zeggen wij de dienstverlening op.\n\n{signatory['name']}\n{known['name']}\n"
    )


def evidence(what: str, found: Json) -> bytes:
    """Evidence of a deed in a rehearsal, which says that it is one."""
    return json.dumps({"rehearsal": True, "what": what, "found": found}, indent=1, ensure_ascii=False).encode()
