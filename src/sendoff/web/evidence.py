"""Evidence that comes in and goes out: how much, of which type, and never under a name that leads anywhere."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from fastapi import APIRouter, UploadFile
from starlette.responses import Response

from sendoff.model.digest import Digest
from sendoff.model.errors import BadInput
from sendoff.web.visitor import Looks

router = APIRouter()
MOST = 10
"""Files of one decision."""
LARGEST = 20 * 2**20
"""Bytes of one file."""
TYPES = frozenset(
    {".pdf", ".png", ".jpg", ".jpeg", ".txt", ".md", ".eml", ".msg", ".csv", ".json", ".xlsx", ".docx", ".zip", ".asc"}
)
"""What evidence looks like. What a browser or a desktop would run is not among it."""
BEGINS = {".pdf": (b"%PDF-",), ".png": (b"\x89PNG\r\n\x1a\n",), ".jpg": (b"\xff\xd8\xff",), ".jpeg": (b"\xff\xd8\xff",)}
"""How files of a type begin; a picture that is none is no evidence."""


def read_uploads(files: Sequence[UploadFile]) -> tuple[bytes, ...]:
    """The bytes of the files of one decision; BadInput says which file is wrong. Names decide nothing but the type."""
    given = [one for one in files if one.filename]
    if len(given) > MOST:
        raise BadInput(f"{MOST} files are enough for one decision", where="evidence")
    return tuple(_read(one) for one in given)


def _read(one: UploadFile) -> bytes:
    name = one.filename or ""
    kind = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if kind not in TYPES:
        taken = ", ".join(sorted(TYPES))
        raise BadInput(f"files of type {kind or 'nothing'!r} are not taken; {taken} are", where="evidence")
    data = one.file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise BadInput("a file of more than 20 MiB is too large", where="evidence")
    if not data:
        raise BadInput("the file is empty", where="evidence")
    if kind in BEGINS and not data.startswith(BEGINS[kind]):
        raise BadInput(f"it is called {kind} and does not begin like one", where="evidence")
    return data


@router.get("/cases/{case}/evidence/{digest}")
def evidence(who: Looks, case: str, digest: str) -> Response:
    """A piece of evidence that a person gave in this case, as a file to keep; its name is its digest."""
    data = who.desk.evidence(case, Digest(digest))
    return as_file(data, f"{case}-{digest.removeprefix('sha256:')[:12]}.bin")


def as_file(data: bytes, name: str, kind: str = "application/octet-stream") -> Response:
    """Bytes to be kept and never shown: whatever is in them cannot act on our pages."""
    plain = "".join(char if char.isalnum() or char in "-_." else "-" for char in name)
    return Response(data, media_type=kind, headers={"content-disposition": f'attachment; filename="{plain}"'})


@router.get("/cases/{case}/files/{name:path}")
def file(who: Looks, case: str, name: str) -> Response:
    """A file of the case's folder, by the exact name it has there."""
    files = who.desk.report(case)
    if name not in files:
        raise BadInput("there is no such file in the folder of this case", where=name[:80])
    return as_file(files[name], name.rpartition("/")[2])
