"""What a letter must still say when a person changes its words: what people act on, and nothing that hides."""

import re

MOST = 64 * 1024
"""Bytes of a letter."""
_ACTED_ON = re.compile(r"[\w.+%-]+@[\w.-]+\w|(?:\w[\w.:/-]*)?\d(?:[\w.:/-]*\w)?")
"""An address of mail, and everything with a digit in it: dates, times, amounts, numbers, ids."""


def in_the_way(was: str, subject: str, body: str, *, case: str) -> tuple[str, ...]:
    """Why these words cannot take the place of `was`; nothing when they can."""
    if not subject.strip() or not subject.isprintable() or len(subject) > 200:
        return ("the subject is one line of at most 200 characters",)
    if case not in subject:
        return (f"the subject must name {case}: answers are found by it",)
    if not body.strip() or len(body.encode()) > MOST:
        return ("a letter has a text, of at most 64 KiB",)
    if any(not char.isprintable() and char != "\n" for char in body):
        return ("there are characters in it that nobody can see",)
    missing = lost(was, body)
    return (f"it must still say {', '.join(missing)}: people act on it; change the facts instead",) if missing else ()


def lost(was: str, now: str) -> tuple[str, ...]:
    """What people act on that is in one text and not in the other: dates, numbers, ids, addresses, named rows."""
    words, rows = frozenset(_ACTED_ON.findall(now)), frozenset(_rows(now))
    gone = [one for one in dict.fromkeys(_ACTED_ON.findall(was)) if one not in words]
    rest = [row for row in dict.fromkeys(_rows(was)) if row not in rows and not any(one in row for one in gone)]
    return (*gone, *rest)


def _rows(text: str) -> list[str]:
    """The rows of its lists that name a thing and say something of it, such as a protection that ends."""
    return [line.strip() for line in text.splitlines() if line.startswith("- ") and ": " in line]
