"""A page read with an HTML parser: its tags, what they carry, and whether everything that opens is closed."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "link", "input"}
_MADE_OF = """html head meta title style body a div header p b h1 h2 h3 nav ul ol li main section footer dl dt dd table
caption thead tbody tr th td span small code pre bdi time details summary s strong svg desc rect line text path"""
OURS = frozenset(_MADE_OF.split())
"""The elements that our templates are made of."""


@dataclass
class Page:
    """What was read."""

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    style: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def count(self, tag: str) -> int:
        """How many of a tag."""
        return sum(name == tag for name, _ in self.tags)

    def foreign(self) -> list[str]:
        """Elements and attributes that no template of ours has: a value became markup."""
        found = [name for name, _ in self.tags if name not in OURS]
        return found + [key for _, carried in self.tags for key in carried if key.startswith("on") or key == "x-evil"]

    def external(self) -> list[str]:
        """Everything that leads or loads from outside the folder."""
        carried = [(key, value) for _, both in self.tags for key, value in both.items()]
        found = [value for key, value in carried if key in ("src", "srcset", "action", "data", "xlink:href", "style")]
        found += [value for key, value in carried if key == "href" and (":" in value or value.startswith("/"))]
        return found + [css for css in self.style if "url(" in css or "@import" in css]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.tags.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.tags.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.page.faults.append(f"</{tag}> closes nothing that is open")

    def handle_data(self, data: str) -> None:
        (self.page.style if self._open[-1:] == ["style"] else self.page.text).append(data)

    def close(self) -> None:
        super().close()
        self.page.faults += [f"<{tag}> is never closed" for tag in self._open]


def page_of(data: bytes) -> Page:
    """Read a page."""
    reader = _Reader()
    reader.feed(data.decode())
    reader.close()
    return reader.page
