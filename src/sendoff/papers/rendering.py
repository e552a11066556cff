"""Letters and pages from templates. A value is never read as a template or as markup."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, UndefinedError
from jinja2.exceptions import SecurityError

from sendoff.model.digest import Json
from sendoff.model.errors import BadInput
from sendoff.model.meeting import Meeting
from sendoff.papers.texts import LANGUAGES, SUBJECTS, Texts, letter_environment
from sendoff.papers.words import day, moment, on_page, short, within
from sendoff.papers.workbook import workbook
from sendoff.ports import Sheet


def page_environment(*, escape: bool = True) -> Environment:
    """How pages are rendered. Without `escape` only a test renders, to see that it would notice."""
    made = Environment(
        loader=PackageLoader("sendoff.papers", "templates/pages"),
        autoescape=escape,  # noqa: S701 (on, but for the test)
        undefined=StrictUndefined,
        finalize=on_page,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"day": day, "moment": moment, "short": short, "within": within}
    return made


def letters() -> tuple[str, ...]:
    """The names of the letters there are."""
    return tuple(sorted({name.split(".")[0] for name in _names("letters")}))


def pages() -> tuple[str, ...]:
    """The names of the pages there are; `layout` and `parts` are what they share."""
    return tuple(sorted(name.removesuffix(".html") for name in _names("pages") if name not in _SHARED))


_SHARED = frozenset({"layout.html", "parts.html"})


def _names(folder: str) -> tuple[str, ...]:
    return tuple(one.name for one in files("sendoff.papers").joinpath("templates", folder).iterdir() if one.is_file())


class JinjaPapers:
    """Answers the port Papers."""

    def __init__(self, environment: Environment | None = None, *, own: Texts | None = None) -> None:
        self._pages = environment or page_environment()
        self._letters = letter_environment(own)

    def letter(self, name: str, language: str, values: Mapping[str, Json]) -> tuple[str, bytes]:
        """Subject and body, UTF-8. BadInput for a letter or language there is not, and for a missing value."""
        if language not in LANGUAGES:
            raise BadInput(f"there are letters in {' and '.join(LANGUAGES)}, not in {language!r}", where="language")
        if name not in letters():
            raise BadInput(f"there is no letter {name!r}; there are: {', '.join(letters())}", where="letter")
        text = _rendered(self._letters, f"{name}.{language}.txt", values)
        subject, _, body = text.partition("\n\n")
        return subject.removeprefix(SUBJECTS[language]), body.encode()

    def invitation(self, meeting: Meeting, *, stamp: datetime) -> bytes:
        """The meeting of a case, or its cancellation, as a calendar file; see `papers/invitations.py`."""
        from sendoff.papers.invitations import cancellation, invitation  # late: a worker that waits makes none

        return (cancellation if meeting.off else invitation)(meeting, stamp=stamp)

    def page(self, name: str, values: Mapping[str, Json]) -> bytes:
        """An HTML page, UTF-8, whole in itself. BadInput for a page there is not, and for a missing value."""
        name = name.removesuffix(".html")
        if name not in pages():
            raise BadInput(f"there is no page {name!r}; there are: {', '.join(pages())}", where="page")
        return _rendered(self._pages, f"{name}.html", values).encode()

    def workbook(self, sheets: Sequence[Sheet]) -> bytes:
        """An Excel workbook; see `papers/workbook.py`."""
        return workbook(sheets)


def _rendered(environment: Environment, name: str, values: Mapping[str, Json]) -> str:
    try:
        return environment.get_template(name).render(values)
    except UndefinedError as missing:
        raise BadInput(f"a value is missing: {missing.message}", where=name) from missing
    except (SecurityError, TypeError, ValueError, ArithmeticError) as wrong:
        raise BadInput(f"the text cannot be filled in: {type(wrong).__name__}", where=name) from wrong
