"""How dates, digests and foreign names are written on paper: words for people, nothing that can act."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markupsafe import Markup

from sendoff.model.errors import BadInput

LONGEST = 600
"""Characters of one value that a page shows; the rest is counted."""

_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "nl": ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
}
_MONTHS = {
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "nl": (
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ),
}
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters, those that turn the direction of writing, and halves of characters; joiners of scripts stay."""


def day_in_words(day: date, language: str) -> str:
    """A civil day as people write it: `Thursday 31 December 2026`, `donderdag 31 december 2026`."""
    return f"{_DAYS[language][day.weekday()]} {day.day} {_MONTHS[language][day.month - 1]} {day.year}"


def start_in_words(moment: datetime, language: str) -> str:
    """A meeting's local start with its distance from UTC, since a reader may sit in another zone."""
    clock = f"{moment:%H.%M} uur" if language == "nl" else f"{moment:%H:%M}"
    joint = "om" if language == "nl" else "at"
    apart = moment.strftime("%z")
    zone = f" (UTC{apart[:3]}:{apart[3:5]})" if apart else ""
    return f"{day_in_words(moment.date(), language)} {joint} {clock}{zone}"


def letter_day(value: object, language: str) -> str:
    """A day given as ISO 8601, in words; BadInput when it is not one."""
    text = str(value)
    try:
        return day_in_words(date.fromisoformat(text), language)
    except ValueError as wrong:
        raise BadInput(f"{text!r} is not a day like 2027-01-31", where="letter") from wrong


def letter_start(value: object, language: str) -> str:
    """A start given as ISO 8601, in words; BadInput when it is not one."""
    text = str(value)
    try:
        return start_in_words(datetime.fromisoformat(text), language)
    except ValueError as wrong:
        raise BadInput(f"{text!r} is not a moment like 2027-01-31T10:00:00+01:00", where="letter") from wrong


def one_line(value: object) -> str:
    """A value within a letter: one line, without control characters, so that it cannot write a line of its own."""
    return " ".join(seen(str(value)).split())


def seen(text: str) -> str:
    """The text with what cannot be seen, or turns the direction of writing, made visible as `[U+202E]`."""
    if text.isprintable():
        return text
    return _UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def on_page(value: object) -> object:
    """A value within a page: visible, and cut when it is endless. Markup of our own passes as it is."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    if len(value) > LONGEST:
        return f"{seen(value[:LONGEST])} … (cut here: it has {len(value):,} characters)"
    return seen(value)


def day(value: object) -> Markup | str:
    """A day in words on a page; what is no day is shown as it is."""
    try:
        words = day_in_words(date.fromisoformat(str(value)), "en")
    except ValueError:
        return str(on_page(str(value)))
    return Markup('<time datetime="{}">{}</time>').format(str(value), words)


def moment(value: object, zone: str) -> Markup | str:
    """A moment on a page, in a zone; what is no moment is shown as it is."""
    try:
        local = datetime.fromisoformat(str(value)).astimezone(ZoneInfo(zone))
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        return str(on_page(str(value)))
    words = f"{local.day} {_MONTHS['en'][local.month - 1][:3]} {local.year}, {local:%H:%M}"
    return Markup('<time datetime="{}">{}</time>').format(local.isoformat(), words)


def short(value: object) -> Markup | str:
    """The first twelve hexadecimal digits of a digest; the whole one is in its title."""
    text = str(value)
    if not text.startswith("sha256:"):
        return str(on_page(text))
    return Markup('<code title="{}">{}</code>').format(text, text[7:19])


def within(value: object) -> str:
    """A link to a file beside this page; BadInput for anything that leads out of the folder."""
    text = str(value)
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_./#-]*", text) or ".." in text:
        raise BadInput(f"{text[:80]!r} is not a file beside this page", where="link")
    return text
