"""Which leaving is rehearsed, and its facts and notice as a CSM would file them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sendoff.model.template import Tier
from sendoff.wiring.cards import LEAVER, STAFF, Table, rows, table, texts

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
    "machineinside": "inside-a-machine",
    "tag": "tag",
    "folder": "secret-list",
    "password": "secret",
    "list": "secret-list",
}
SYSTEMS = {"arm": "azure", "graph": "entra", "prtg": "prtg", "passwordstate": "passwordstate"}


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
        "prtg_objects": texts(prtg["objects"]),
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
