"""Text -> Template: the checklist read with a real Markdown parser, and nothing in it lost."""

import re
from collections.abc import Iterator, Mapping, Sequence

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

from sendoff.model.digest import digest_bytes
from sendoff.model.errors import BadInput
from sendoff.model.step import Step
from sendoff.model.template import Box, Diagnostic, FrontMatter, Template
from sendoff.rules.understanding import LONGEST_TEXT, Heading, Item, error, understood, warning

LARGEST = 1024 * 1024
"""Bytes. GitHub stops at 65,536 characters; what is larger than this is not a checklist."""
LARGEST_HEAD = 16 * 1024

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
    unusable = _unusable(text)
    if unusable:
        return _template(text, source, said=(unusable,))
    page = text.removeprefix(_BOM).decode("utf-8")
    tokens = _parser().parse(page)
    lines = _LINE_END.split(page)
    front, said = _front(tokens, lines)
    items = tuple(_items(tokens, lines))
    boxes, heard = understood(items, steps)
    missed = _missed(tokens, lines, {item.line for item in items})
    return _template(text, source, front=front, boxes=boxes, said=(*_form(text), *said, *heard, *missed))


def _template(
    text: bytes,
    source: str,
    *,
    said: tuple[Diagnostic, ...],
    front: FrontMatter | None = None,
    boxes: tuple[Box, ...] = (),
) -> Template:
    return Template(
        source=source,
        digest=digest_bytes(text),
        text=text,
        front=front or FrontMatter(),
        boxes=boxes,
        diagnostics=tuple(sorted(said, key=lambda diagnostic: diagnostic.line)),
    )


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
        return error(1, "the file is empty: give a checklist in Markdown")
    if len(text) > LARGEST:
        return error(1, f"the file has {len(text)} bytes; a checklist has at most {LARGEST}")
    if b"\x00" in text:
        return error(_line_at(text, text.index(b"\x00")), "a NUL byte: this is not a text file")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return error(_line_at(text, wrong.start), f"not UTF-8 (byte {wrong.start}): save the file as UTF-8")
    return None


def _line_at(text: bytes, offset: int) -> int:
    return len(re.findall(rb"\r\n|\r|\n", text[:offset])) + 1


def _form(text: bytes) -> Iterator[Diagnostic]:
    """What is unusual about the bytes and is kept."""
    if text.startswith(_BOM):
        yield warning(1, "the file starts with a byte order mark; it is kept")
    alone = re.search(rb"\r\n?", text)
    if alone:
        name = "CRLF" if alone[0] == b"\r\n" else "CR"
        yield warning(_line_at(text, alone.start()), f"lines end in {name}; they are kept")


def _parser() -> MarkdownIt:
    """GitHub's Markdown down to blocks. Inline text is never parsed: we want it as written."""
    parser = MarkdownIt("gfm-like", {"linkify": False, "maxNesting": 100}).use(front_matter_plugin)
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _items(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[Item]:
    """The boxes that GitHub would show, each with the headings above it."""
    path: list[Heading] = []
    depth = -1
    for index, token in enumerate(tokens):
        line = token.map[0] if token.map else 0
        if token.type == "heading_open" and token.level == 0:
            level = int(token.tag.removeprefix("h"))
            path = [above for above in path if above.level < level]
            path.append(Heading(level=level, line=line + 1, title=tokens[index + 1].content[:LONGEST_TEXT]))
        elif token.type == "list_item_open":
            depth += 1
            box = _BOX.match(lines[line].encode() + b"\n")
            if box and tokens[index + 1].type not in _HIDING:
                raw = _raw(tokens[index + 1 : index + 3], lines[line][box.end() :])
                yield Item(line=line + 1, path=tuple(path), depth=depth, ticked=box["mark"] != b" ", raw=raw)
        elif token.type == "list_item_close":
            depth -= 1


def _raw(tokens: Sequence[Token], rest: str) -> str:
    """The whole first paragraph behind the box, which may run over several lines."""
    if len(tokens) == 2 and tokens[1].type == "inline":
        return tokens[1].content[len("[ ]") :].strip()
    return rest.strip()


def _missed(tokens: Sequence[Token], lines: Sequence[str], taken: set[int]) -> Iterator[Diagnostic]:
    """Lines that look like a box to a person but not to GitHub."""
    hidden = {line: token.type for token in tokens if token.type in _HIDING and token.map for line in range(*token.map)}
    head = next((token.map[1] for token in tokens if token.type == "front_matter" and token.map), 0)
    for line, text in enumerate(lines[head:], start=head):
        like = _LIKE_BOX.match(text[:LONGEST_TEXT])
        if like and line + 1 not in taken:
            why = _HIDING.get(hidden.get(line, "")) or _why_not(text, like["inside"], like["rest"])
            yield warning(line + 1, f"this looks like a box, but GitHub shows none: {why}")
    if not taken:
        yield error(1, "no boxes: a checklist has lines like `- [ ] Engineer >> Remove customer from PRTG`")


def _why_not(line: str, inside: str, rest: str) -> str:
    if inside not in (" ", "x", "X"):
        return f"`[{inside}]` must be `[ ]` or `[x]`"
    if line.lstrip().startswith(">"):
        return "it stands in a quote"
    if not rest or rest[0] not in " \t":
        return "a plain blank must follow the box"
    return "the box must come first after one list mark such as `-` or `1.`, with a blank between them"


def _front(tokens: Sequence[Token], lines: Sequence[str]) -> tuple[FrontMatter, tuple[Diagnostic, ...]]:
    """The YAML head. Every value is text, so that a label `Yes` stays `Yes`."""
    head = next((token.content for token in tokens if token.type == "front_matter"), None)
    if head is None:
        return FrontMatter(), (_headless(lines),)
    if len(head) > LARGEST_HEAD:
        return FrontMatter(), (error(1, f"broken front matter: longer than {LARGEST_HEAD} characters"),)
    try:
        read_head: object = yaml.load(head, Loader=yaml.BaseLoader)  # noqa: S506 (BaseLoader makes text only)
    except yaml.MarkedYAMLError as wrong:
        at = wrong.problem_mark.line if wrong.problem_mark else 0
        return FrontMatter(), (error(at + 2, f"broken front matter: {wrong.problem or 'not YAML'}"),)
    except (yaml.YAMLError, RecursionError, ValueError) as wrong:
        return FrontMatter(), (error(1, f"broken front matter: {type(wrong).__name__}"),)
    if not isinstance(read_head, dict):
        return FrontMatter(), (error(2, "broken front matter: it must be lines like `name: Offboarding`"),)
    return _front_of(read_head, lines)


def _headless(lines: Sequence[str]) -> Diagnostic:
    """A head that is not there, or one that GitHub would not find."""
    first = next((line for line, text in enumerate(lines) if text.strip()), 0)
    keys = any(_HEAD_KEY.match(text) for text in lines[first + 1 : first + 10])
    if lines[first].lstrip(" [").startswith("---") and keys:
        return error(first + 1, "broken front matter: it must start on line 1 with `---` and end with `---`")
    return warning(1, "no front matter: the checklist has no name and no version")


def _front_of(head: Mapping[object, object], lines: Sequence[str]) -> tuple[FrontMatter, tuple[Diagnostic, ...]]:
    texts = {str(key): _texts(value) for key, value in head.items()}
    about = ", ".join(texts.get("about", ()))
    version = _VERSION.search(about)
    front = FrontMatter(
        name=", ".join(texts.get("name", ())),
        version=version[0] if version else "",
        title=", ".join(texts.get("title", ())),
        labels=_split(texts.get("labels", ())),
        assignees=_split(texts.get("assignees", ())),
    )
    if version:
        return front, ()
    at = next((line for line, text in enumerate(lines, start=1) if text.startswith("about:")), 1)
    return front, (warning(at, "`about` names no version such as v2023.01"),)


def _texts(value: object) -> tuple[str, ...]:
    inner = value if isinstance(value, list) else [value]
    return tuple(text for text in inner if isinstance(text, str) and text)


def _split(texts: Sequence[str]) -> tuple[str, ...]:
    """GitHub takes a list or one text with commas."""
    return tuple(name for text in texts for name in map(str.strip, text.split(",")) if name)
