"""Pages drawn: every value is text and never markup; dates and digests in words for people."""

from collections.abc import Mapping
from datetime import date, datetime
from urllib.parse import quote

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from sendoff import __version__
from sendoff.web.words import day_words, moment_words, seen_text, span_words

LONGEST = 600
"""Characters of one value that a page shows; the rest is counted."""


def environment() -> Environment:
    """How pages are drawn."""
    made = Environment(
        loader=PackageLoader("sendoff.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "day": _day,
        "moment": _moment,
        "short": _short,
        "path": _path,
        "span": span_words,
        "whole": _whole,
    }
    made.globals |= {"release": __version__}
    return made


def page(
    request: Request, drawing: Environment, name: str, values: Mapping[str, object], *, status: int = 200
) -> HTMLResponse:
    """A page of ours."""
    return HTMLResponse(drawing.get_template(name).render(values, path=request.url.path), status_code=status)


def _shown(value: object) -> object:
    """A value within a page: visible, and cut when it is endless. Markup of our own passes as it is."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    if len(value) > LONGEST:
        return f"{seen_text(value[:LONGEST])} … (cut here: it has {len(value):,} characters)"
    return seen_text(value)


def _whole(value: object) -> Markup:
    """A letter: as long as it is, and still text and nothing else."""
    return Markup("{}").format(seen_text(str(value)))


def _day(value: object) -> Markup | str:
    """A civil day in words; what is no day is shown as it is."""
    try:
        found = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        return str(_shown(str(value)))
    return Markup('<time datetime="{}">{}</time>').format(found.isoformat(), day_words(found))


def _moment(value: object, zone: str = "UTC") -> Markup | str:
    """A moment in a zone; what is no moment is shown as it is."""
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        words = moment_words(found, zone)
    except (ValueError, OverflowError):
        return str(_shown(str(value)))
    return Markup('<time datetime="{}">{}</time>').format(found.isoformat(), words)


def _short(value: object) -> Markup | str:
    """The first twelve hexadecimal digits of a digest; the whole one is in its title."""
    text = str(value)
    if not text.startswith("sha256:"):
        return str(_shown(text))
    return Markup('<code title="{}">{}</code>').format(text, text[7:19])


def _path(value: object) -> str:
    """A value as one part of a path."""
    return quote(str(value), safe="")
