"""SMTP: the wire. Always inside TLS: from the first byte (smtps://) or by STARTTLS (smtp://), never without.

Pages: RFC 5321, RFC 8314, RFC 3207. The server's own words do not reach a message; its number does.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from sendoff.connectors.wire.client import Pace
from sendoff.model.errors import BadInput, Confusing, ConnectorError, Denied, Throttled, Unreachable
from sendoff.model.secret import Secret
from sendoff.ports import Limits

SYSTEM = "office"
PACE = Pace(kind="mails", rate=0.5, burst=5)  # 30 a minute, what hosted servers commonly allow [M]
TIMEOUT = 20.0
"""Seconds for any one answer; shorter than the lease of a worker."""
PORTS = {"smtps": 465, "smtp": 587}
QUEUE = re.compile(rb"queued as ([\w-]{1,64})", re.I)
WAIT = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpDoor:
    """Our mail server: smtps://host:port (TLS from the first byte) or smtp://host:port (STARTTLS). Without a login the
    server must know us another way."""

    url: str
    login: str = ""
    password: Secret | None = None


class Post:
    """The wire to our mail server. Raises Denied (530, 535, 550 at sign-in), Throttled (4xx), Unreachable (no answer)
    and Confusing (anything else)."""

    def __init__(self, door: SmtpDoor, *, context: ssl.SSLContext, limits: Limits, bucket: str) -> None:
        self._door, self._context, self._limits, self._bucket = door, context, limits, f"{bucket}|{PACE.kind}"

    def opens(self) -> None:
        """Sign in and say nothing: the control read."""
        with self._signed_in("sign in") as server:
            self._said(server.noop(), 250, "sign in")

    def send(self, sender: str, to: list[str], data: bytes) -> tuple[str, str]:
        """MAIL, RCPT for each, DATA: the number and the server's name for the mail in its queue. Nothing is sent when
        one recipient is refused; after a lost answer nothing is known."""
        self._limits.take(self._bucket, rate=PACE.rate, burst=PACE.burst)
        with self._signed_in("send a mail") as server:
            self._said(server.mail(sender), 250, "send a mail")
            for one in to:
                self._said(server.rcpt(one), 250, "name a recipient")
            code, answer = server.data(data)
            self._said((code, answer), 250, "send a mail")
            found = QUEUE.search(answer)
            return str(code), found.group(1).decode() if found else ""

    @contextmanager
    def _signed_in(self, what: str) -> Iterator[smtplib.SMTP]:
        fault: ConnectorError | None = None
        try:
            with self._connected() as server:
                if self._door.login and self._door.password is not None:
                    server.login(self._door.login, self._door.password.reveal())
                yield server
        except smtplib.SMTPResponseException as error:
            fault = self._failure(what, error.smtp_code)
        except smtplib.SMTPNotSupportedError:
            fault = Confusing(f"{what}: the server offers no TLS or no sign-in; it is not used without", system=SYSTEM)
        except (smtplib.SMTPException, OSError) as error:
            fault = Unreachable(f"{what}: no usable answer", system=SYSTEM, code=type(error).__name__)
        if fault is not None:
            raise fault

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        server = self._inside_tls()
        try:
            yield server
            # what was said before counts: a server that leaves without a goodbye takes nothing back
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()

    def _inside_tls(self) -> smtplib.SMTP:
        parts = urlsplit(self._door.url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise BadInput(f"{self._door.url!r} is not smtps://host:port or smtp://host:port", where="smtp.url")
        port = parts.port or PORTS[parts.scheme]
        if parts.scheme == "smtps":
            return smtplib.SMTP_SSL(parts.hostname, port, timeout=TIMEOUT, context=self._context)
        server = smtplib.SMTP(parts.hostname, port, timeout=TIMEOUT)
        try:
            server.starttls(context=self._context)
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
        return server

    def _said(self, answer: tuple[int, bytes], wanted: int, what: str) -> None:
        code = answer[0]
        if code != wanted:
            raise self._failure(what, code)

    def _failure(self, what: str, code: int) -> ConnectorError:
        if code in (530, 534, 535, 538, 550, 551, 553, 554):
            return Denied(f"{what}: the server says no", system=SYSTEM, code=str(code))
        if 400 <= code < 500:
            self._limits.blocked(self._bucket, WAIT)
            return Throttled(f"{what}: not now", system=SYSTEM, after=WAIT, code=str(code))
        return Confusing(f"{what}: {code} was not expected", system=SYSTEM, code=str(code))


def trusting() -> ssl.SSLContext:
    """The machine's own authorities, TLS 1.2 at least, names checked."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
