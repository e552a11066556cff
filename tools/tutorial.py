"""Walks the tutorial: `python -m tools.tutorial` runs every block of shell in it, in order, and stops at a failure."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.markdown import ROOT

PAGE = ROOT / "docs" / "tutorial.md"


def script(text: str) -> str:
    """The blocks of shell of a page as one script. The sandbox ends with it, however it ends."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return "set -e\ntrap 'kill $SANDBOX 2> /dev/null || true' EXIT\n" + "\n".join(blocks)


def walked(folder: Path) -> int:
    """The exit code of the walk, in an empty folder."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    command = ["bash", "-c", script(PAGE.read_text(encoding="utf-8"))]
    return subprocess.run(command, cwd=folder, env={**os.environ, "PATH": path}, check=False).returncode


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        sys.exit(walked(Path(made)))
