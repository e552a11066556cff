"""Loggers of libraries that must not write."""

import logging

QUIET = {"httpx2": logging.WARNING, "httpcore2": logging.WARNING, "stamina": logging.ERROR, "spnego": logging.WARNING}
"""Loggers that would write whole URLs, and with them PRTG's token, the messages of a sign-in, or a line a retry."""


def quiet() -> None:
    """Keep the HTTP library from logging URLs, and retries from writing between the lines for people."""
    for name, level in QUIET.items():
        logger = logging.getLogger(name)
        if logger.level != level:
            logger.setLevel(level)  # empties every logger's cache, so not before every call
