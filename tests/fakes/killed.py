"""A life of the program that ends in the middle of an export of secrets: killed, or by a fault of our own.

`python -m fakes.killed FOLDER "kill 20"` dies by SIGKILL when the twentieth secret was read, `kill last` when all were
read and none is sealed; `crash 20` raises an error with the secret in its words.
"""

import logging
import os
import signal
import sys
from pathlib import Path

import httpx2

from fakes.canaries import planted
from fakes.houses import stage
from fakes.leavings import plan, run
from sendoff.__main__ import told_crash
from sendoff.model.inventory import Verb
from sendoff.model.template import Tier
from sendoff.sandbox.sandbox import Sandbox

STEP = "export-secrets"


def main(folder: Path, how: str, at: str) -> None:
    """Live until then."""
    logging.basicConfig(filename=folder / "loose" / "debug.log", level=logging.DEBUG)
    sandbox = Sandbox(1, str(Tier.PREMIUM))
    planted(sandbox)
    one = stage(folder, tier=Tier.PREMIUM, sandbox=sandbox)
    case = one.until(one.opened(), STEP, "approved")
    given = [action for action in plan(one, case, STEP).actions if action.verb is Verb.DISCLOSE]
    last = len(given) if at == "last" else int(at)
    read: set[str] = set()

    def heard(request: httpx2.Request, body: bytes) -> bytes:
        if "/api/passwords/" in request.url.path and "ExcludePassword" not in str(request.url):
            read.add(request.url.path)
            if len(read) >= last:
                print(f"in the batch, {len(read)} read", flush=True)
                if how == "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
                raise LookupError(body.decode())
        return body

    one.wire.edit = heard
    run(one, case)


if __name__ == "__main__":
    with told_crash():
        main(Path(sys.argv[1]), *sys.argv[2].split(" "))
