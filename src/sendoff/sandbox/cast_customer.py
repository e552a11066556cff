"""What the customer's people do when a mail of ours asks for it."""

import hashlib
import re
from collections.abc import Callable

from sendoff.sandbox.cast_mail import Mail, Session
from sendoff.sandbox.wire import Json, Obj, arr, dig, loads, obj, text

Opened = Callable[[bytes], dict[str, bytes]]
SignIn = Callable[[str, str], bool]
MANIFEST = re.compile(r"manifest", re.I)
PROTECTIONS = re.compile(r"protections that end|beschermingen die .*vervallen", re.I)
PERMIT = re.compile(r"toestemming|permission", re.I)
SECOND = re.compile(r"second administrator|tweede beheerder", re.I)
END = re.compile(r"app[ -]?registration|app-?registratie", re.I)
GLOBAL_ADMIN = "Global Administrator"


def accept_export(at: Session, mail: Mail) -> list[Json]:
    """Answer "accepted" to a mail that speaks of a manifest; a sealed parcel is never taken for the export."""
    if mail.sealed or not MANIFEST.search(mail.words):
        return []
    at.answer(mail, "accepted")
    return [at.deed("accepted the export", text(mail.raw, "subject"))]


def accept_protections(at: Session, mail: Mail) -> list[Json]:
    """Answer "accepted" to a mail that lists the protections that end."""
    if not PROTECTIONS.search(mail.words):
        return []
    at.answer(mail, "accepted: we know what ends")
    return [at.deed("accepted the loss of protections", text(mail.raw, "subject"))]


def permit(at: Session, mail: Mail) -> list[Json]:
    """Answer "permitted" with the text that was permitted."""
    body = text(dig(mail.raw, "body"), "content")
    if not PERMIT.search(f"{text(mail.raw, 'subject')} {body}"):
        return []
    quoted = "\n".join(f"> {line}" for line in body.splitlines())
    at.answer(mail, f"permitted\n\n{quoted}")
    return [at.deed("permitted", text(mail.raw, "subject"))]


def acknowledge_parcel(at: Session, mail: Mail, opened: Opened) -> list[Json]:
    """Open every sealed file with the customer's own key, check what is in it, and say which bytes came."""
    deeds: list[Json] = []
    for name, sealed in mail.files.items():
        if not name.lower().endswith(".age"):
            continue
        count = _records(sealed, opened)
        if count is None:
            at.answer(mail, f"{name} could not be opened")
            deeds.append(at.deed("could not open a parcel", name))
            continue
        digest = hashlib.sha256(sealed).hexdigest()
        at.answer(mail, f"received and opened sha256:{digest}, {count} records")
        deeds.append(at.deed("received and opened a parcel", f"sha256:{digest}"))
    return deeds


def _records(sealed: bytes, opened: Opened) -> int | None:
    """How many records the parcel's manifest promises and its members keep; None when it is not sound."""
    try:
        members = opened(sealed)
    except ValueError:
        return None
    manifest = loads(members.get("manifest.json", b""))
    if manifest is None:
        return None
    rows = _rows(manifest)
    return None if any(not _kept(one, members) for one in rows) else _count(manifest, rows)


def _rows(manifest: Json) -> list[Json]:
    if isinstance(manifest, list):
        return manifest
    lists = [arr(one) for key, one in obj(manifest).items() if isinstance(one, list)]
    return max(lists, key=len, default=[])


def _count(manifest: Json, rows: list[Json]) -> int:
    """The number the manifest gives, under whatever name, else how many rows it lists."""
    numbers = {key: one for key, one in obj(manifest).items() if isinstance(one, int) and not isinstance(one, bool)}
    told = [numbers[key] for key in ("records", "count", "total") if key in numbers]
    return next(iter([*told, *numbers.values()]), len(rows))


def _kept(row: Json, members: dict[str, bytes]) -> bool:
    """Whether a row that names a member and its SHA-256 tells the truth; other rows promise nothing."""
    name = next((text(row, key) for key in ("name", "path", "file") if text(row, key)), "")
    told = text(row, "sha256").removeprefix("sha256:")
    return not told or (name in members and hashlib.sha256(members[name]).hexdigest() == told)


def make_administrator(at: Session, mail: Mail, sign_in: SignIn) -> list[Json]:
    """Make another of its own users Global Administrator, who then signs in with MFA."""
    if not SECOND.search(mail.words):
        return []
    role = at.graph(f"/roleManagement/directory/roleDefinitions?$filter=displayName eq '{GLOBAL_ADMIN}'")[0]
    held = at.graph(f"/roleManagement/directory/roleAssignments?$filter=roleDefinitionId eq '{text(role, 'id')}'")
    taken = {text(one, "principalId") for one in held}
    chosen = next((one for one in at.graph("/users?$select=jobTitle,userPrincipalName") if _own(one, taken)), None)
    if chosen is None:
        return [at.deed("found nobody to make an administrator", "")]
    body: Obj = {
        "principalId": text(chosen, "id"),
        "roleDefinitionId": text(role, "id"),
        "directoryScopeId": "/",
    }
    at.ask("graph", "POST", "/v1.0/roleManagement/directory/roleAssignments", body)
    name = text(chosen, "userPrincipalName")
    sign_in(name, at.person.tenant)
    return [at.deed("made a second administrator, who signed in with MFA", name)]


def _own(user: Obj, taken: set[str]) -> bool:
    return text(user, "jobTitle") == "employee" and text(user, "id") not in taken


def end_access(at: Session, mail: Mail) -> list[Json]:
    """Delete the supplier's app registration in the own tenant, as the mail asks."""
    if not END.search(mail.words):
        return []
    found = [one for one in at.graph("/applications") if text(one, "displayName").startswith("Intercept")]
    for one in found:
        at.ask("graph", "DELETE", f"/v1.0/applications/{text(one, 'id')}")
    return [at.deed("deleted the app registration", text(one, "displayName")) for one in found]
