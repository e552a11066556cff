"""What ships with the program: the checklist and a settings file to fill in."""

from importlib.resources import files
from pathlib import Path

from sendoff.model.errors import BadInput, Refused


def checklist() -> bytes:
    """Our own checklist, `templates/offboarding.md`."""
    return files("sendoff").joinpath("templates", "offboarding.md").read_bytes()


def settings_file() -> bytes:
    """The commented settings, `templates/settings.toml`."""
    return files("sendoff").joinpath("templates", "settings.toml").read_bytes()


def write_settings(out: Path) -> None:
    """Write the commented settings where nothing is yet. Refused when something is, BadInput when it cannot be."""
    try:
        with out.open("xb") as opened:
            opened.write(settings_file())
    except FileExistsError:
        said = f"{out} is there already and is not overwritten: give another --out, or move that one away"
        raise Refused(said) from None
    except OSError as wrong:
        raise BadInput(f"cannot be written: {wrong.strerror or wrong}", where=str(out)) from wrong
