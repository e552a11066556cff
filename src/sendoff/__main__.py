"""The entry point: run a command, print an error as one line, and leave with its exit code."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def told_crash() -> Iterator[None]:
    """A fault of our own: what and where, and exit 1. Its words are left out: they may quote what was just read."""
    try:
        yield
    except Exception as fault:  # noqa: BLE001 (the screens' edge)
        import traceback

        where = "".join(traceback.format_tb(fault.__traceback__))
        kinds = " after ".join(type(one).__name__ for one in _chain(fault))
        print(
            f"{where}sendoff: a fault of our own, {kinds}. Its words are not shown, since they may quote a secret; "
            "please report the lines above. What was done is written down.",
            file=sys.stderr,
        )
        sys.exit(1)


def _chain(fault: BaseException | None) -> Iterator[BaseException]:
    while fault is not None:
        yield fault
        fault = fault.__cause__ or fault.__context__


def main() -> None:
    """Exit 0 for yes and done, 1 for no, 2 for usage."""
    from sendoff.cli.app import run

    with told_crash():
        code = run(sys.argv[1:])
    sys.exit(code)


if __name__ == "__main__":
    main()
