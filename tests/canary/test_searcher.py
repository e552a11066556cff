"""The searcher for leaks finds a planted leak of each kind, and nothing where nothing was planted."""

import base64
import bz2
import gzip
import html
import io
import json
import lzma
import quopri
import re
import sqlite3
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from tools.canary.search import Searcher

WILD = "Blauwe \"reiger\" & 'zwaan' </p>é€\\7"
PLAIN = "kanarie-4f0c9e7d21"
SIGN = re.compile("%[0-9A-F]{2}")
SEARCHER = Searcher({"wild": WILD, "plain": PLAIN})


def spelled(data: bytes) -> set[tuple[str, str]]:
    """Which secret was found, and how it was spelled there."""
    return {(one.secret, one.spelled) for one in SEARCHER.within(data, "here")}


def found(data: bytes) -> set[str]:
    """Which secrets were found."""
    return {one.secret for one in SEARCHER.within(data, "here")}


WAYS: dict[str, Callable[[str], bytes]] = {
    "raw": str.encode,
    "UTF-16": lambda secret: f"a{secret}b".encode("utf-16"),
    "UTF-16, big end first": lambda secret: secret.encode("utf-16-be"),
    "hexadecimal": lambda secret: b"a" + secret.encode().hex().encode(),
    "JSON": lambda secret: json.dumps({"a": [secret]}).encode(),
    "JSON in Unicode": lambda secret: json.dumps({"a": secret}, ensure_ascii=False).encode(),
    "JSON in JSON": lambda secret: json.dumps({"a": json.dumps({"b": secret})}).encode(),
    "JSON with every letter escaped": lambda secret: (
        '{"a": "' + "".join(f"\\u{ord(one):04x}" for one in secret) + '"}'
    ).encode(),
    "URL": lambda secret: f"/a?b={quote(secret, safe='')}&c".encode(),
    "URL in small letters": lambda secret: SIGN.sub(lambda one: one[0].lower(), quote(secret, safe="")).encode(),
    "form": lambda secret: quote_plus(secret).encode(),
    "HTML": lambda secret: f"<p>{html.escape(secret)}</p>".encode(),
    "repr": lambda secret: repr({"a": secret}).encode(),
    "bytes in a repr": lambda secret: repr(secret.encode()).encode(),
    "quoted-printable": lambda secret: b"Subject: x\n\n" + quopri.encodestring(f"{'=x' * 40}{secret}".encode()),
    "a cell of CSV": lambda secret: ('"' + secret.replace('"', '""') + '"').encode(),
    "Base64 of UTF-16": lambda secret: base64.b64encode(f"p {secret}".encode("utf-16-le")),
    "Base64 in lines": lambda secret: base64.encodebytes(b"x" * 50 + secret.encode() + b"y" * 50),
    "Base64 of Base64": lambda secret: base64.b64encode(b"more " + base64.b64encode(b"so" + secret.encode())),
    "gzip": lambda secret: b"before" + gzip.compress(secret.encode()),
    "gzip cut off": lambda secret: gzip.compress(secret.encode() + bytes(range(256)) * 9, 1)[:-40],
    "zlib": lambda secret: b"before" + zlib.compress(secret.encode() * 3),
    "bz2": lambda secret: bz2.compress(secret.encode()),
    "xz": lambda secret: lzma.compress(secret.encode()),
    "zip": lambda secret: zipped("a.txt", secret.encode()),
    "the name of a file in a zip": lambda secret: zipped(secret, b"x"),
    "a zip in a zip": lambda secret: zipped("b.zip", zipped("a.txt", secret.encode())),
    "a zip in Base64 in JSON": lambda secret: json.dumps(
        {"contentBytes": base64.b64encode(zipped("a", secret.encode())).decode()}
    ).encode(),
    "a zip in Base64 behind a word": lambda secret: b"path/" + base64.b64encode(zipped("a", secret.encode())),
    "tar in gzip": lambda secret: gzip.compress(tarred(secret.encode())),
    "xlsx": lambda secret: workbook(secret),
    "a PDF stream": lambda secret: pdf(zlib.compress(b"BT (" + secret.encode() + b") Tj ET")),
    "a PDF stream without a head": lambda secret: pdf(deflated(secret.encode())),
    "a PDF stream in ASCII85": lambda secret: pdf(base64.a85encode(secret.encode()) + b"~>"),
    "a PDF stream as it is": lambda secret: pdf(secret.encode()),
}


def zipped(name: str, data: bytes) -> bytes:
    """A zip, packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr(name, data)
    return out.getvalue()


def tarred(data: bytes) -> bytes:
    """A tar."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as box:
        info = tarfile.TarInfo("a")
        info.size = len(data)
        box.addfile(info, io.BytesIO(data))
    return out.getvalue()


def workbook(secret: str) -> bytes:
    """An Excel workbook with the secret in a cell."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet().write_string(0, 0, secret)
    return out.getvalue()


def pdf(stream: bytes) -> bytes:
    """The bones of a PDF around one stream."""
    return b"%PDF-1.7\n1 0 obj\n<< /Length 9 >>\nstream\n" + stream + b"\nendstream\nendobj\n"


def deflated(data: bytes) -> bytes:
    """Deflate without a head."""
    made = zlib.compressobj(wbits=-15)
    return made.compress(data) + made.flush()


@pytest.mark.parametrize("secret", ["wild", "plain"])
@pytest.mark.parametrize("way", WAYS)
def test_a_planted_leak_of_each_kind_is_found(way: str, secret: str) -> None:
    leak = WAYS[way]({"wild": WILD, "plain": PLAIN}[secret])

    assert secret in found(leak)
    assert found(WAYS[way]("nothing to be seen here")) == set()


@given(before=st.binary(max_size=12), after=st.binary(max_size=12), urls=st.booleans())
def test_base64_is_found_at_each_of_its_places(before: bytes, after: bytes, urls: bool) -> None:
    coded = (base64.urlsafe_b64encode if urls else base64.b64encode)(before + WILD.encode() + after)

    assert "wild" in found(coded)


def test_each_place_of_base64_is_a_spelling_of_its_own() -> None:
    places = [spelled(base64.b64encode(b"x" * at + PLAIN.encode() + b"yyyy")) for at in range(3)]

    mine = [[how for _, how in sorted(one) if how.startswith("Base64 at")] for one in places]
    assert mine == [["Base64 at 0"], ["Base64 at 1"], ["Base64 at 2"]]


def kept(folder: Path, value: str) -> sqlite3.Connection:
    """A database whose last rows are in its log only."""
    made = sqlite3.connect(folder / "a.db", isolation_level=None)
    made.execute("PRAGMA journal_mode=WAL")
    made.execute("PRAGMA wal_autocheckpoint=0")
    made.execute("PRAGMA secure_delete=OFF")
    made.execute("CREATE TABLE note (body BLOB, more TEXT)")
    made.execute("INSERT INTO note VALUES (?, ?)", (b"x" * 4050 + value.encode() + b"y" * 9000, ""))
    return made


def test_a_row_that_is_in_the_log_of_a_database_alone_is_found(tmp_path: Path) -> None:
    with closing(kept(tmp_path, WILD)):
        assert WILD.encode() not in (tmp_path / "a.db").read_bytes(), "not written back yet"
        leaks = SEARCHER.below(tmp_path)

    assert {one.secret for one in leaks} == {"wild"}
    assert any("table note" in one.where for one in leaks), "also where it goes over the edge of a page"


def test_a_row_that_was_deleted_is_found_in_the_free_pages(tmp_path: Path) -> None:
    with closing(kept(tmp_path, "nothing to be seen here")) as made:
        made.execute("INSERT INTO note VALUES (?, ?)", (b"", PLAIN))
        made.execute("DELETE FROM note")
        made.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    assert {one.secret for one in SEARCHER.below(tmp_path)} == {"plain"}


def test_the_names_of_files_are_searched_and_what_is_left_out_is_not(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / PLAIN).write_bytes(b"")
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "own").write_text(WILD, encoding="utf-8")

    assert {one.secret for one in SEARCHER.below(tmp_path)} == {"plain", "wild"}
    assert {one.secret for one in SEARCHER.below(tmp_path, but=(tmp_path / "keys",))} == {"plain"}


def test_a_secret_that_chance_could_write_is_not_searched_for() -> None:
    with pytest.raises(ValueError, match="too short"):
        Searcher({"pin": "1234"})
