"""Documents that hang on the customer's folders: no list has them, so one list carries them all into the parcel."""

from collections.abc import Sequence

from sendoff.connectors.passwordstate.client import FOLDER_PAPERS, Vault
from sendoff.connectors.passwordstate.items import segments

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
