"""python -m sendoff.sandbox: serve the vendors on loopback ports until told to stop."""

import argparse
from pathlib import Path

from sendoff.sandbox.seed import TIERS
from sendoff.sandbox.serve import run


def main() -> None:
    """Read the command line and serve."""
    reads = argparse.ArgumentParser(prog="sendoff.sandbox", description=__doc__)
    reads.add_argument("--folder", type=Path, required=True, help="where ca.pem, sandbox.json and record.jsonl go")
    reads.add_argument("--seed", type=int, default=1)
    reads.add_argument("--tier", choices=TIERS, default="full-stack")
    reads.add_argument("--size", type=int, default=1, help="multiplies the number of our resources")
    reads.add_argument("--parent-pid", type=int, default=None, help="exit when this process is gone")
    asked = reads.parse_args()
    run(asked.folder, asked.seed, asked.tier, asked.size, asked.parent_pid)


if __name__ == "__main__":
    main()
