"""A small disk that can be filled to the last byte and freed again: a tmpfs, which only root can mount."""

import errno
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

BALLAST = "ballast"


@dataclass(frozen=True, slots=True)
class Disk:
    """A folder that is a disk of its own, of so many megabytes."""

    folder: Path
    megabytes: int

    def mount(self) -> bool:
        """False when nobody here may."""
        self.folder.mkdir(parents=True, exist_ok=True)
        told = ["mount", "-t", "tmpfs", "-o", f"size={self.megabytes}m,mode=0755", "tmpfs", str(self.folder)]
        return os.geteuid() == 0 and subprocess.run(told, check=False, capture_output=True).returncode == 0

    def unmount(self) -> None:
        """The disk goes, with all that is on it."""
        told = ["umount", "-l", str(self.folder)]
        subprocess.run(told, check=False, capture_output=True)

    def fill(self) -> None:
        """Not a byte is left."""
        with (self.folder / BALLAST).open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError as full:
                    if full.errno != errno.ENOSPC:
                        raise

    def free(self) -> None:
        """There is room again."""
        (self.folder / BALLAST).unlink(missing_ok=True)
