"""The mailbox to which letters come back: IMAP, read-only, always inside TLS.

Pages: RFC 3501, RFC 8314. Nothing is marked as read, moved or deleted. The server's own words do not reach a message.
"""

import imaplib
import re
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import unquote, urlsplit

from sendoff.connectors.smtp.reports import Returned, is_report, returned
from sendoff.connectors.wire.client import Pace
from sendoff.model.errors import BadInput, Confusing, ConnectorError, Denied, Unreachable
from sendoff.model.secret import Secret
from sendoff.ports import Limits

SYSTEM = "office"
PACE = Pace(kind="returns", rate=1, burst=10)
TIMEOUT = 20.0
PORT = 993
PORTION = 200
"""Mails whose kind is asked for at once."""
LARGEST = 1_000_000
"""Bytes of a report that are read: what failed stands before the letter, which may be long."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
UID = re.compile(rb"UID (\d+)", re.I)
KIND = re.compile(r"^Content-Type:\s*(.*)$", re.I | re.S)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnsDoor:
    """The mailbox: imaps://host[:port][/FOLDER], INBOX when no folder is named."""

    url: str
    login: str
    password: Secret


class Returns:
    """The wire to that mailbox. Raises Denied (it does not let us in), Unreachable (no answer) and Confusing."""

    def __init__(self, door: ReturnsDoor, *, context: ssl.SSLContext, limits: Limits, bucket: str) -> None:
        self._door, self._context, self._limits, self._bucket = door, context, limits, f"{bucket}|{PACE.kind}"

    def opens(self) -> None:
        """Sign in and open the folder: the control read."""
        with self._opened("open the mailbox for returns"):
            pass

    def reports(self, since: date) -> list[Returned]:
        """Every report of non-delivery that came on that day or later. Each mail's kind is read: no search of a server
        is believed to find them all."""
        self._limits.take(self._bucket, rate=PACE.rate, burst=PACE.burst)
        what = "look for letters that came back"
        with self._opened(what) as server:
            day = f"{since.day}-{MONTHS[since.month - 1]}-{since.year}"
            found = _ok(server.uid("SEARCH", "SINCE", day), what)
            uids = b" ".join(one for one in found if isinstance(one, bytes)).split()
            return [one for uid in self._kinds(server, uids, what) if (one := self._report(server, uid, what))]

    def _kinds(self, server: imaplib.IMAP4, uids: Sequence[bytes], what: str) -> list[bytes]:
        """Those that are reports. Confusing when one of them was not told."""
        found: list[bytes] = []
        for at in range(0, len(uids), PORTION):
            some = uids[at : at + PORTION]
            told = _fetched(server, b",".join(some).decode(), "BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE)]", what)
            if {uid for uid, _, _ in told} < set(some):
                raise Confusing(f"{what}: {len(told)} of {len(some)} mails were told", system=SYSTEM)
            found += [uid for uid, _, data in told if is_report(_kind(data))]
        return found

    def _report(self, server: imaplib.IMAP4, uid: bytes, what: str) -> Returned | None:
        told = _fetched(server, uid.decode(), f"INTERNALDATE BODY.PEEK[]<0.{LARGEST}>", what)
        if len(told) != 1:
            raise Confusing(f"{what}: a report did not come", system=SYSTEM)
        _, head, data = told[0]
        return returned(data, _arrived(head))

    @contextmanager
    def _opened(self, what: str) -> Iterator[imaplib.IMAP4]:
        fault: ConnectorError | None = None
        try:
            server = self._connected()
            try:
                self._signed_in(server)
                _ok(server.select(f'"{self._folder()}"', readonly=True), what)
                yield server
            finally:
                with suppress(imaplib.IMAP4.error, OSError):
                    server.logout()
                with suppress(OSError):
                    server.shutdown()  # a goodbye that failed leaves the connection open
        except imaplib.IMAP4.abort as error:
            fault = Unreachable(f"{what}: no usable answer", system=SYSTEM, code=type(error).__name__)
        except imaplib.IMAP4.error:
            fault = Denied(f"{what}: the mailbox does not let us in", system=SYSTEM, code="NO")
        except OSError as error:
            fault = Unreachable(f"{what}: no usable answer", system=SYSTEM, code=type(error).__name__)
        if fault is not None:
            raise fault

    def _connected(self) -> imaplib.IMAP4:
        parts = urlsplit(self._door.url)
        if parts.scheme != "imaps" or not parts.hostname:
            raise BadInput(f"{self._door.url!r} is not imaps://host:port/FOLDER", where="smtp.returns")
        return imaplib.IMAP4_SSL(parts.hostname, parts.port or PORT, ssl_context=self._context, timeout=TIMEOUT)

    def _signed_in(self, server: imaplib.IMAP4) -> None:
        login, password = self._door.login, self._door.password
        if "AUTH=PLAIN" in server.capabilities:
            server.authenticate("PLAIN", lambda _: f"\0{login}\0{password.reveal()}".encode())
        else:
            server.login(login, password.reveal())

    def _folder(self) -> str:
        return unquote(urlsplit(self._door.url).path.strip("/")).replace("\\", "\\\\").replace('"', '\\"') or "INBOX"


Told = tuple[bytes, bytes, bytes]
"""A mail's number, the head of its line, and its bytes."""


def _ok(answer: tuple[str, Sequence[object]], what: str) -> list[object]:
    status, data = answer
    if status != "OK":
        raise Confusing(f"{what}: {status} was not expected", system=SYSTEM)
    return [one for one in data if one is not None]


def _fetched(server: imaplib.IMAP4, uids: str, wanted: str, what: str) -> list[Told]:
    rows = _ok(server.uid("FETCH", uids, f"(UID {wanted})"), what)
    found: list[Told] = []
    for at, row in enumerate(rows):
        if not isinstance(row, tuple):
            continue
        head, data = row
        after = rows[at + 1] if at + 1 < len(rows) else b""
        line = head + (after if isinstance(after, bytes) else b"")
        number = UID.search(line)
        if number is not None:
            found.append((number.group(1), line, data))
    return found


def _kind(data: bytes) -> str:
    found = KIND.search(data.decode("utf-8", "replace").strip())
    return found.group(1) if found else ""


def _arrived(line: bytes) -> datetime:
    """When the server took it, which no sender can choose."""
    local = imaplib.Internaldate2tuple(line)
    if local is None:
        raise Confusing("a report has no day on which it came", system=SYSTEM)
    return datetime.fromtimestamp(time.mktime(local), tz=UTC)
