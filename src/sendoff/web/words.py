"""How dates and foreign names are written on screens: words for people, nothing that can act."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters, those that turn the direction of writing, and halves of characters; joiners of scripts stay."""


def seen_text(text: str) -> str:
    """The text with what cannot be seen, or turns the direction of writing, made visible as `[U+202E]`."""
    if text.isprintable():
        return text
    return _UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def day_words(day: date) -> str:
    """`Thu 31 Dec 2026`."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def moment_words(moment: datetime, zone: str) -> str:
    """`31 Dec 2026, 14:05` in a zone; ValueError for a zone there is not."""
    try:
        local = moment.astimezone(ZoneInfo(zone))
    except ZoneInfoNotFoundError as wrong:
        raise ValueError(zone) from wrong
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}, {local:%H:%M}"


def span_words(days: int) -> str:
    """`in 3 days`, `today`, `5 days ago`."""
    if days == 0:
        return "today"
    count = f"{abs(days):,} day{'' if abs(days) == 1 else 's'}"
    return f"in {count}" if days > 0 else f"{count} ago"
