"""`sendoff sandbox`: the vendors, played on this machine."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from sendoff.cli.drawing import out
from sendoff.model.template import Tier


def serve(
    *,
    folder: Path = Path("sandbox"),
    seed: Annotated[int, Parameter(help="Which world; the same number is the same world.")] = 1,
    tier: Tier = Tier.FULL_STACK,
) -> int:
    """Serve the vendors on loopback ports until it is interrupted, and write settings that reach them.

    **Example**

    ```
    sendoff sandbox serve --folder sandbox --tier premium
    sendoff case list --settings sandbox/sendoff.toml
    ```

    Parameters
    ----------
    folder
        Where its card, record, authority and settings go.
    tier
        The tier of the customer who leaves.
    """
    from sendoff.wiring.leaving import Leaving
    from sendoff.wiring.rehearsal import started

    sandbox = started(folder, seed, Leaving(tier=tier))
    out(f"The sandbox runs; settings: {folder / 'sendoff.toml'}, facts: {folder / 'facts.toml'}. Ctrl-C ends it.")
    try:
        sandbox.wait()
    except KeyboardInterrupt:
        sandbox.stop()
    return 0
