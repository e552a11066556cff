"""What is packed in some bytes: archives, compressed streams, PDF streams, Base64, mails, databases, JSON."""

import base64
import bz2
import io
import json
import lzma
import quopri
import re
import sqlite3
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

Packed = Iterator[tuple[str, bytes]]
MOST = 256 * 1024 * 1024
"""Bytes that one stream may become."""
LEAST = 12
"""What becomes shorter than this holds no secret worth the name."""
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.S)
GZIP = re.compile(rb"\x1f\x8b\x08")
ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
BREAK = rb"(?:(?:\\r)?\\n|\r?\n)[ \t]?"
RUN = re.compile(rb"[A-Za-z0-9+/_-]{20,}+(?:" + BREAK + rb"[A-Za-z0-9+/_-]++)*+={0,2}")
"""Base64, in one line or in several; the break of a line may itself be escaped."""
MAGIC = (b"PK\x03\x04", b"\x1f\x8b\x08", b"%PDF", b"BZh", b"\xfd7zXZ\0")
SOFT = re.compile(rb"=\r?\n|=[0-9A-F]{2}")
DAMAGED = (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, zlib.error, EOFError)
SQLITE = b"SQLite format 3\0"


def unpacked(data: bytes) -> Packed:
    """Everything that is packed in these bytes, one layer of it."""
    for way in WAYS:
        yield from way(data)


def database(file: Path) -> Packed:
    """Every value of every table of a SQLite file, read from a copy together with its log."""
    with TemporaryDirectory() as folder:
        for end in ("", "-wal"):
            if (one := file.with_name(file.name + end)).exists():
                Path(folder, one.name).write_bytes(one.read_bytes())
        with closing(sqlite3.connect(Path(folder, file.name))) as opened:
            opened.text_factory = bytes
            tables = opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (name,) in tables:
                quoted = name.decode().replace('"', '""')
                for row in opened.execute(f'SELECT * FROM "{quoted}"'):  # noqa: S608 (a name of the file's own)
                    yield from ((f"table {name.decode()}", one) for one in row if isinstance(one, bytes))


def _zip(data: bytes) -> Packed:
    if b"PK\x03\x04" not in data:
        return
    with suppress(*DAMAGED), zipfile.ZipFile(io.BytesIO(data)) as box:
        yield "zip comment", box.comment
        for one in box.infolist():
            yield f"zip:{one.filename}", one.filename.encode() + b"\n" + box.read(one)


def _tar(data: bytes) -> Packed:
    if data[257:262] != b"ustar":
        return
    with suppress(tarfile.TarError), tarfile.open(fileobj=io.BytesIO(data)) as box:
        for one in box:
            held = box.extractfile(one)
            yield f"tar:{one.name}", held.read() if held else b""


def _gzip(data: bytes) -> Packed:
    view = memoryview(data)
    for found in GZIP.finditer(data):
        yield from _inflated("gzip", view[found.start() :], 31)


def _zlib(data: bytes) -> Packed:
    view = memoryview(data)
    for found in ZLIB.finditer(data):
        yield from _inflated("zlib", view[found.start() :], 15)


def _pdf(data: bytes) -> Packed:
    if b"%PDF" not in data:
        return
    for found in STREAM.finditer(data):
        yield "PDF stream", found[1]
        yield from _inflated("PDF stream, deflated", found[1], -15)
        with suppress(ValueError):
            yield "PDF stream, ASCII85", base64.a85decode(found[1].strip().removesuffix(b"~>"), ignorechars=b" \r\n")


def _inflated(name: str, data: bytes | memoryview, window: int) -> Packed:
    """A stream, also one that was cut off."""
    with suppress(zlib.error):
        found = zlib.decompressobj(window).decompress(data, MOST)
        if len(found) >= LEAST:
            yield name, found


def _bz2_and_xz(data: bytes) -> Packed:
    known: tuple[tuple[str, bytes, Callable[[bytes], bytes]], ...] = (
        ("bz2", b"BZh", bz2.decompress),
        ("xz", b"\xfd7zXZ\0", lzma.decompress),
    )
    for name, begin, opened in known:
        if data.startswith(begin):
            with suppress(OSError, EOFError, lzma.LZMAError, ValueError):
                yield name, opened(data)


def _base64(data: bytes) -> Packed:
    """Runs of Base64. A secret in one is found in its own spelling; this is for what is packed or escaped first. Where
    a run begins is not always to be seen, so an archive is looked for at each of four places."""
    for found in RUN.finditer(data):
        run = re.sub(BREAK, b"", found[0]).rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        yield "Base64", _decoded(run)
        for at in (1, 2, 3):
            made = _decoded(run[at:])
            if any(one in made for one in MAGIC):
                yield "Base64", made


def _decoded(run: bytes) -> bytes:
    whole = run[: len(run) - (len(run) % 4 == 1)]
    return base64.b64decode(whole + b"=" * (-len(whole) % 4))


def _quoted_printable(data: bytes) -> Packed:
    if SOFT.search(data):
        yield "quoted-printable", quopri.decodestring(data)


def _json(data: bytes) -> Packed:
    """The texts of a JSON value, whatever their escapes."""
    if b"\\" not in data or data.lstrip()[:1] not in (b"{", b"[", b'"'):
        return
    with suppress(ValueError, RecursionError):
        yield "JSON", "\n".join(_texts(json.loads(data))).encode("utf-8", "surrogatepass")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


WAYS: tuple[Callable[[bytes], Packed], ...] = (
    _zip,
    _tar,
    _gzip,
    _zlib,
    _pdf,
    _bz2_and_xz,
    _base64,
    _quoted_printable,
    _json,
)
