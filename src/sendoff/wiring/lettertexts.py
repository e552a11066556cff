"""The texts of letters for the screens: as shipped, and our own as checked."""

from pathlib import Path

from sendoff.papers.texts import Texts, own_texts, shipped


def shipped_texts() -> Texts:
    """Every shipped text by its file name."""
    return shipped()


def checked_texts(folder: Path) -> Texts:
    """Our own texts in a folder, by file name. BadInput for the first that cannot be used."""
    return own_texts(folder)
