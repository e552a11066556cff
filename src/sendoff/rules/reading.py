"""Text -> Template: the checklist read with a real Markdown parser, and nothing in it lost."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

from sendoff.model.digest import digest_bytes
from sendoff.model.errors import BadInput
from sendoff.model.people import Role
from sendoff.model.proof import ProofKind
from sendoff.model.step import Step, StepId
from sendoff.model.template import Box, BoxKind, Diagnostic, FrontMatter, Level, Template, Tier
from sendoff.rules import wording

LARGEST = 1024 * 1024
"""Bytes. GitHub stops at 65,536 characters; what is larger than this is not a checklist."""
LARGEST_HEAD = 16 * 1024
LONGEST_TEXT = 1000
"""Letters of one box that are read; the rest is kept as it is."""

_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(r"\r\n|\r|\n")
# GitHub's own rule (cmark-gfm, scanners.re, "tasklist"): one marker, a box, a blank. A quoted box is none.
_BOX = re.compile(rb"^[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]+\[(?P<mark>[ xX])\][ \t\v\f]")
_LIKE_BOX = re.compile(
    r"^[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t>]*)*[*_~]{0,3}\[(?P<inside>[ \txX~✓✔\-\u00a0]{0,2})\](?![(:\[])(?P<rest>.*)"
)
_VERSION = re.compile(r"\bv?\d+(?:\.\d+)*\b", re.IGNORECASE)
_HEAD_KEY = re.compile(r"\w[\w-]*:(?:\s|$)")
_HIDING = {
    "fence": "it stands in a code fence",
    "code_block": "it is indented so far that it is code",
    "html_block": "it stands in HTML or a comment; a blank line after the tag ends that",
}


def read(text: bytes, *, source: str, steps: Sequence[Step]) -> Template:
    """Everything that could be understood of a checklist; whatever could not is a diagnostic with its line.

    It never raises. Lines count from 1. `steps` are those whose wordings the boxes may use.
    """
    blank = Template(
        source=source, digest=digest_bytes(text), text=text, front=FrontMatter(), boxes=(), diagnostics=()
    )
    unusable = _unusable(text)
    if unusable:
        return replace(blank, diagnostics=(unusable,))
    page = _Page(text=text.removeprefix(_BOM).decode("utf-8"), steps=steps)
    page.read()
    said = sorted((*_form(text), *page.said), key=lambda diagnostic: diagnostic.line)
    return replace(blank, front=page.front, boxes=tuple(page.boxes), diagnostics=tuple(said))


def rendered(template: Template) -> bytes:
    """The text again, byte for byte."""
    return template.text


def ticked(template: Template, boxes: Mapping[int, bool]) -> bytes:
    """The text with the boxes on these lines ticked or cleared; every other byte stays.

    Raises BadInput for a line that has no box.
    """
    known = {box.line for box in template.boxes}
    strange = sorted(boxes.keys() - known)
    if strange:
        raise BadInput(f"line {strange[0]} has no box", where=template.source)
    pieces = re.split(rb"(\r\n|\r|\n)", template.text)
    for line, tick in boxes.items():
        pieces[2 * line - 2] = _marked(pieces[2 * line - 2], tick=tick)
    return b"".join(pieces)


def _marked(line: bytes, *, tick: bool) -> bytes:
    start = len(_BOM) if line.startswith(_BOM) else 0
    box = _BOX.match(line[start:] + b"\n")
    if not box or (box["mark"] != b" ") is tick:
        return line
    at = start + box.start("mark")
    return line[:at] + (b"x" if tick else b" ") + line[at + 1 :]


def _unusable(text: bytes) -> Diagnostic | None:
    """Why this cannot be read as text at all."""
    if not text.removeprefix(_BOM).strip():
        return _error(1, "the file is empty: give a checklist in Markdown")
    if len(text) > LARGEST:
        return _error(1, f"the file has {len(text)} bytes; a checklist has at most {LARGEST}")
    if b"\x00" in text:
        return _error(_line_at(text, text.index(b"\x00")), "a NUL byte: this is not a text file")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return _error(_line_at(text, wrong.start), f"not UTF-8 (byte {wrong.start}): save the file as UTF-8")
    return None


def _line_at(text: bytes, offset: int) -> int:
    return len(re.findall(rb"\r\n|\r|\n", text[:offset])) + 1


def _form(text: bytes) -> Iterator[Diagnostic]:
    """What is unusual about the bytes and is kept."""
    if text.startswith(_BOM):
        yield _warning(1, "the file starts with a byte order mark; it is kept")
    alone = re.search(rb"\r\n?", text)
    if alone:
        name = "CRLF" if alone[0] == b"\r\n" else "CR"
        yield _warning(_line_at(text, alone.start()), f"lines end in {name}; they are kept")


def _error(line: int, message: str) -> Diagnostic:
    return Diagnostic(line=line, level=Level.ERROR, message=message)


def _warning(line: int, message: str) -> Diagnostic:
    return Diagnostic(line=line, level=Level.WARNING, message=message)


def _repair(line: int, message: str) -> Diagnostic:
    return Diagnostic(line=line, level=Level.REPAIR, message=message)


def _parser() -> MarkdownIt:
    """GitHub's Markdown down to blocks. Inline text is never parsed: we want it as written."""
    parser = MarkdownIt("gfm-like", {"linkify": False, "maxNesting": 100}).use(front_matter_plugin)
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


@dataclass(slots=True)
class _Place:
    """Where in the text the reader stands."""

    headings: list[tuple[int, str]] = field(default_factory=list)
    role: Role | None = None
    tier: Tier | None = None

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(title for _, title in self.headings)
