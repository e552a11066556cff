"""python -m sendoff.sandbox: serve the vendors on loopback ports until told to stop."""

import argparse
from pathlib import Path

from sendoff.sandbox.seed import TIERS
from sendoff.sandbox.seed_crowd import Crowd
from sendoff.sandbox.serve import run

COUNTED = ("resources", "policies", "role_assignments", "users", "ours", "sensors", "secrets")


def main() -> None:
    """Read the command line and serve."""
    reads = argparse.ArgumentParser(prog="sendoff.sandbox", description=__doc__)
    reads.add_argument("--folder", type=Path, required=True, help="where ca.pem, sandbox.json and record.jsonl go")
    reads.add_argument("--seed", type=int, default=1)
    reads.add_argument("--tier", choices=TIERS, default="full-stack")
    reads.add_argument("--size", type=int, default=1, help="multiplies the number of our resources")
    reads.add_argument("--parent-pid", type=int, default=None, help="exit when this process is gone")
    for name in COUNTED:
        reads.add_argument(f"--{name.replace('_', '-')}", type=int, default=0, help="so many more at who leaves")
    reads.add_argument("--spread", type=int, default=1, help="in how many subscriptions ours lie at least")
    asked = reads.parse_args()
    crowd = Crowd(**{name: getattr(asked, name) for name in (*COUNTED, "spread")})
    run(asked.folder, asked.seed, asked.tier, asked.size, asked.parent_pid, crowd)


if __name__ == "__main__":
    main()
