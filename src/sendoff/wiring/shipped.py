"""What ships with the program: the checklist."""

from importlib.resources import files


def checklist() -> bytes:
    """Our own checklist, `templates/offboarding.md`."""
    return files("sendoff").joinpath("templates", "offboarding.md").read_bytes()
