"""The generated pages of docs/reference: `python -m tools.reference` writes them, `--check` only compares."""

import sys

from tools import commands, events, facts, settings, steps
from tools.markdown import deliver


def pages() -> dict[str, str]:
    """Every generated page of the reference, by its path."""
    return {
        "docs/reference/cli.md": commands.page(),
        "docs/reference/settings.md": settings.page(),
        "docs/reference/steps.md": steps.page(),
        "docs/reference/facts.md": facts.page(),
        "docs/reference/events.md": events.page(),
    }


if __name__ == "__main__":
    sys.exit(deliver(pages(), sys.argv[1:]))
