"""The fields of a record: which are known to be open, and which travel hidden."""

from collections.abc import Mapping

from sendoff.connectors.wire.body import Object, rows, text
from sendoff.model.secret import Secret

GENERIC = tuple(f"GenericField{number}" for number in range(1, 11))
OPEN_FIELDS = (
    "PasswordID",
    "Title",
    "UserName",
    "HostName",
    "Domain",
    "URL",
    "Description",
    "AccountType",
    "ExpiryDate",
    "PasswordListID",
    "PasswordList",
)
STAFF = frozenset({"UserID", "FirstName", "Surname"})
"""Fields that name who of ours made a change."""


def open_generic(row: Object) -> frozenset[str]:
    """The generic fields whose type is given and is not a password; of any other we do not know."""
    return frozenset(
        text(one, "GenericFieldID")
        for one in rows(row, "GenericFieldInfo")
        if (kind := text(one, "GenericFieldType")) and "password" not in kind.lower()
    )


def meanings(row: Object) -> Mapping[str, str]:
    """What each generic field is called in its list: without this nobody knows what it is."""
    told = [(text(one, "GenericFieldID"), text(one, "DisplayName")) for one in rows(row, "GenericFieldInfo")]
    return {f"{name} is": called for name, called in told if name in GENERIC and called}


def hidden(row: Object) -> Mapping[str, Secret]:
    """The password and every other field that is not known to be open, whatever it is called; but not a one-time code,
    which is over in half a minute."""
    shown = {*open_generic(row), *OPEN_FIELDS, *STAFF, "Password", "OTP"}
    found = {name: text(row, name) for name in row if name not in shown and text(row, name)}
    return {"Password": Secret(text(row, "Password")), **{name: Secret(value) for name, value in found.items()}}


def past(at: int, row: Object) -> list[tuple[str, Secret]]:
    """One line of a history as fields of the record; only what a record may hold, so that no name of ours goes along
    under a heading that nobody foresaw."""
    fields = ("Title", "UserName", "HostName", "Domain", "URL", "Description", "Notes", "Password", *GENERIC)
    found = [("DateChanged", text(row, "DateChanged")), *((name, text(row, name)) for name in fields)]
    return [(f"History {at} {name}", Secret(value)) for name, value in found if value]
