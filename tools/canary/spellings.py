"""The ways in which a secret may be written down: escaped, encoded, in another alphabet."""

import base64
import html
import json
import quopri
from collections.abc import Iterator
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

HEADS = (0, 2, 3)
"""How many characters of Base64 still hold bits of what stands before the secret, by its place in three bytes."""


def spellings(secret: str) -> dict[bytes, str]:
    """Every spelling of a secret, and its name. What is spelled like another one is there once."""
    found: dict[bytes, str] = {}
    for name, spelled in _all(secret):
        found.setdefault(spelled, name)
    return found


def _all(secret: str) -> Iterator[tuple[str, bytes]]:
    raw = secret.encode()
    yield "raw", raw
    yield "latin-1", secret.encode("latin-1", "replace")
    for name in ("utf-16-le", "utf-16-be"):
        wide = secret.encode(name)
        yield name, wide
        yield from ((f"{at} of {name}", spelled) for at, spelled in _base64(wide))
        yield f"hex of {name}", wide.hex().encode()
        yield f"HEX of {name}", wide.hex().upper().encode()
    yield from _base64(raw)
    yield "hex", raw.hex().encode()
    yield "HEX", raw.hex().upper().encode()
    yield from ((name, text.encode()) for name, text in _escaped(secret))
    yield "Python bytes", repr(raw)[2:-1].encode()
    yield "quoted-printable", quopri.encodestring(raw).replace(b"=\n", b"")


def _escaped(secret: str) -> Iterator[tuple[str, str]]:
    once = json.dumps(secret)[1:-1]
    plain = json.dumps(secret, ensure_ascii=False)[1:-1]
    yield "JSON", once
    yield "JSON in Unicode", plain
    yield "JSON in JSON", json.dumps(once)[1:-1]
    yield "JSON in JSON in Unicode", json.dumps(plain, ensure_ascii=False)[1:-1]
    url = quote(secret, safe="")
    yield "URL", url
    yield "URL in small letters", _lower_percent(url)
    yield "URL with slashes", quote(secret)
    yield "form", quote_plus(secret)
    yield "URL twice", quote(url, safe="")
    yield "HTML", html.escape(secret)
    yield "HTML without quotes", html.escape(secret, quote=False)
    yield "HTML with numbers", html.escape(secret).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
    yield "XML", escape(secret, {'"': "&quot;"})
    yield "Python", repr(secret)[1:-1]
    yield "Python in ASCII", ascii(secret)[1:-1]
    yield "doubled quotes", secret.replace('"', '""')
    yield "doubled single quotes", secret.replace("'", "''")


def _base64(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Base64 of the secret at each of its three places; what hangs on its neighbours is left off."""
    for at, head in enumerate(HEADS):
        coded = base64.b64encode(b"\0" * at + raw)[head : (at + len(raw)) * 8 // 6]
        yield f"Base64 at {at}", coded
        yield f"Base64 for URLs at {at}", coded.replace(b"+", b"-").replace(b"/", b"_")


def _lower_percent(url: str) -> str:
    parts = url.split("%")
    return "%".join([parts[0], *(one[:2].lower() + one[2:] for one in parts[1:])])
