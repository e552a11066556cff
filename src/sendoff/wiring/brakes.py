"""The halt of everything: a file in the data folder, which every worker on this machine sees before its next action."""

import os
from pathlib import Path

from sendoff.settings import read_settings


class FileBrake:
    """Answers the port Brake. It needs no database, no settings but the folder, and no program that runs."""

    def __init__(self, data: Path) -> None:
        self.file = data / "HALTED"

    def on(self) -> str:
        """Why everything is halted; empty when it is not. A file that cannot be read halts as well."""
        try:
            return self.file.read_text(encoding="utf-8", errors="replace").strip() or "no reason was given"
        except FileNotFoundError:
            return ""
        except OSError as wrong:
            return f"{self.file} cannot be read: {wrong.strerror}"

    def pull(self, reason: str) -> None:
        """Halt everything."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        new = self.file.with_suffix(f".{os.getpid()}")
        new.write_text(f"{reason}\n", encoding="utf-8")
        new.replace(self.file)

    def release(self) -> None:
        """Let everything go on."""
        self.file.unlink(missing_ok=True)


def brake_of(settings: Path | None) -> FileBrake:
    """The brake of a settings file, without a database."""
    return FileBrake(read_settings(settings).data)
