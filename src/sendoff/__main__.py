"""The entry point: run a command, print an error as one line, and leave with its exit code."""

import sys


def main() -> None:
    """Exit 0 for yes and done, 1 for no, 2 for usage."""
    from sendoff.cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
