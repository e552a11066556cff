"""Records and lists of the vault as items; no secret field is in any of them."""

from sendoff.connectors.passwordstate.client import Folder, Record
from sendoff.connectors.wire.body import image
from sendoff.model.digest import Json
from sendoff.model.errors import Refused
from sendoff.model.inventory import Item, Kind, Rebuildable, Sign, SignKind, System, Target
from sendoff.model.key import Key
from sendoff.ports import Sink

SHARED = "shared="
"""How an open generic field of a record says that others use it too, such as `shared=meerzicht`."""


def record_item(record: Record, folder: Folder, at: Target, out: Sink, *, shared: str | None, one_time: bool) -> Item:
    """One record without its secrets. `shared` says in which other customer's list it lies as well; None when no report
    told."""
    fields = record.fields
    kept: dict[str, Json] = {**fields, **record.generic, "TreePath": folder.TreePath}
    kept.pop("Description")
    signs = [Sign(kind=SignKind.METADATA, value=f"{name}={value}") for name, value in record.generic.items()]
    says = [value for value in record.generic.values() if value.lower().startswith(SHARED)]
    known = shared or (f"the record says {says[0]}" if says else "")
    asked = "no report says whether it lies in other lists too" if shared is None else ""
    more = (("shared", known), ("sharing", asked), ("one-time-code", "yes" if one_time else ""))
    return Item(
        system=System.PASSWORDSTATE,
        kind=Kind.SECRET,
        id=record.id,
        name=fields["Title"],
        scope=at.scope,
        key=at.key,
        image=out.image(image(kept)),
        signs=(*signs, Sign(kind=SignKind.PLACE, value=f"{folder.TreePath}\\{folder.PasswordList}")),
        detail=(
            ("username", fields["UserName"]),
            ("url", fields["URL"]),
            ("list", folder.PasswordList),
            *((name, value) for name, value in more if value),
        ),
        holds_data=True,
        rebuildable=Rebuildable.PARTLY,
    )


def list_item(folder: Folder, at: Target, out: Sink, *, documents: int | None) -> Item:
    """One list; `documents` is how many hang on the list itself, None when no report told."""
    kept: dict[str, Json] = {
        "PasswordListID": folder.PasswordListID,
        "PasswordList": folder.PasswordList,
        "TreePath": folder.TreePath,
    }
    return Item(
        system=System.PASSWORDSTATE,
        kind=Kind.SECRET_LIST,
        id=at.id,
        name=folder.PasswordList,
        scope=at.scope,
        key=at.key,
        image=out.image(image(kept)),
        signs=(Sign(kind=SignKind.PLACE, value=folder.TreePath),),
        detail=(
            ("records", str(folder.TotalPasswords)),
            ("reason-needed", "yes" if folder.ProvideAccessReason else "no"),
            ("export-allowed", "no" if folder.AllowExport is False else "yes"),
            ("documents", "not read" if documents is None else str(documents)),
        ),
        holds_data=True,
        rebuildable=Rebuildable.NOT,
    )


def segments(path: str) -> list[str]:
    """A path of the vault, to be compared part by part: a name that only begins the same is another customer's."""
    return [one.strip().lower() for one in path.split("\\") if one.strip()]


def makes_codes(record: Record, folder: Folder) -> bool:
    """True for what also makes one-time codes, whose seed never comes out of the vault."""
    return record.one_time or folder.OneTimePasswords is True


def number(ident: str) -> str:
    """An id of the vault, which is a number; Refused for anything else."""
    if not ident.isdecimal():
        raise Refused(f"{ident!r} is not an id of the vault; nothing was done")
    return ident


def record_target(record: Record, ident: str, key: Key) -> Target:
    """Where a record lies, in the list of that id."""
    return Target(system=System.PASSWORDSTATE, kind=Kind.SECRET, id=record.id, scope=ident, key=key)
