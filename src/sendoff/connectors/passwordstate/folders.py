"""The customer's folder: what lies in it, and the documents that hang on it, which one list carries into the parcel."""

from collections.abc import Sequence

from sendoff.connectors.passwordstate.client import FOLDER_PAPERS, Folder, Vault
from sendoff.connectors.passwordstate.items import segments
from sendoff.model.errors import Refused
from sendoff.model.facts import Facts

Papers = tuple[tuple[str, str], ...]


def carrier(lists: Sequence[int]) -> int | None:
    """The list that carries them: the one with the lowest number, so that it is the same one each time."""
    return min(lists, default=None)


def papers_of_folders(vault: Vault | None, root: str, *, whole: bool) -> Papers | None:
    """Ids and names of the documents of the folder and of those below it; None when no key of ours may ask, or when no
    report says so. A folder that is not there has none, when every folder is told; else nobody knows."""
    told = vault.papers(FOLDER_PAPERS, "FolderID") if vault is not None else None
    if vault is None or told is None:
        return None
    wanted = segments(root)
    shown = vault.folders()
    if not whole and wanted not in [segments(path) for _, path in shown]:
        return None
    mine = [ident for ident, path in shown if wanted and segments(path)[: len(wanted)] == wanted]
    return tuple(paper for ident in mine for paper in told.get(ident, ()))


def in_folder(facts: Facts, folder: Folder) -> bool:
    """True for a list in the customer's folder, compared segment by segment."""
    root = segments(facts.places.vault_folder)
    return bool(root) and segments(folder.TreePath)[: len(root)] == root


def inside(facts: Facts, folder: Folder) -> Folder:
    """The list, when it lies in the customer's folder; else Refused."""
    if not in_folder(facts, folder):
        raise Refused(f"list {folder.PasswordListID} is not in {facts.customer.slug}'s folder")
    return folder


def whole_folder(facts: Facts, scope: str) -> None:
    """Refused for any other folder than the customer's."""
    if not scope or segments(scope) != segments(facts.places.vault_folder):
        raise Refused(f"{scope!r} is not the folder of {facts.customer.slug}; nothing was done")
