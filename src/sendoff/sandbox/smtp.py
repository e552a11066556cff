"""A mail server of the house on a loopback port, with TLS from the first byte: who signs in may send for our domain.

Written from RFC 5321 and 4954. Mail for a mailbox of this world arrives there; other recipients are refused.
"""

import base64
import binascii
import hmac
import re
import socketserver
from collections.abc import Callable
from dataclasses import dataclass, field

from sendoff.sandbox.lineport import LinePort
from sendoff.sandbox.sandbox import Sandbox
from sendoff.sandbox.smtp_mail import arrived
from sendoff.sandbox.trouble import Fault
from sendoff.sandbox.wire import Request, text, words

SIZE, LINE = 10 * 1024 * 1024, 8192
PATH = re.compile(r"(?:FROM|TO):\s*<([^<>\s]*)>((?:\s+\S+)*)\s*", re.I)
NAME = "mail.intercept.example"
GREETING = f"220 {NAME} ESMTP"
MAY = (f"{NAME} greets you", f"SIZE {SIZE}", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN")
LATER = "421 4.7.0 Try again later, closing connection"
DONE, ORDER, SYNTAX = "250 2.0.0 OK", "503 5.5.1 Bad sequence of commands", "501 5.5.4 Syntax error in parameters"
STRANGER, WRONG = "530 5.7.0 Authentication required", "535 5.7.8 Authentication credentials invalid"
LARGE, GO = "552 5.3.4 Message size exceeds the limit", "354 End data with <CR><LF>.<CR><LF>"


@dataclass(slots=True)
class Session:
    """One connection: who signed in, and the envelope so far. None for a reply closes without a word."""

    sandbox: Sandbox
    greeted: bool = False
    user: str = ""
    sender: str | None = None
    people: list[str] = field(default_factory=list)
    waits: Callable[[str], str] | None = None
    faults: list[Fault] = field(default_factory=list)

    def line(self, said: str) -> str | None:
        """The reply to one line of the client, under the faults that meet its command."""
        if self.waits is not None:
            follow, self.waits = self.waits, None
            return follow(said.strip())
        verb, _, rest = said.strip().partition(" ")
        early = self._trouble(verb.upper(), rest)
        if early != "":
            return early
        call = self._calls().get(verb.upper())
        return call(rest) if call else "500 5.5.2 Command not recognized"

    def _calls(self) -> dict[str, Callable[[str], str]]:
        return {
            "EHLO": self._hello,
            "HELO": self._hello,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._reset,
            "NOOP": lambda _: DONE,
            "VRFY": lambda _: "252 2.5.0 Not told",
            "QUIT": lambda _: "221 2.0.0 Bye",
        }

    def _trouble(self, verb: str, rest: str) -> str | None:
        """What a fault makes of a command: "" for nothing, None for a dropped connection."""
        with self.sandbox.world.lock:
            asked = Request(method=verb, path=rest)
            self.faults = [one for one in self.sandbox.control.faults if one.meets("smtp", asked)]
        for one in self.faults:
            if one.do in ("drop", "timeout"):
                return None
            if one.do == "throttle" or (one.do == "bucket" and one.overdrawn()):
                return LATER
            if one.do == "status":
                return f"{one.status} {one.status // 100}.3.0 The sandbox was told to answer so"
            if one.do == "forbid":
                return "550 5.7.1 Not permitted"
        return ""

    def _hello(self, rest: str) -> str:
        if not rest.strip():
            return SYNTAX
        self._reset("")
        self.greeted = True
        return "\r\n".join([*(f"250-{one}" for one in MAY[:-1]), f"250 {MAY[-1]}"])

    def _auth(self, rest: str) -> str:
        way, _, first = rest.strip().partition(" ")
        if not self.greeted or self.user:
            return ORDER
        if way.upper() == "PLAIN":
            return self._plain(first) if first else self._ask("", self._plain)
        if way.upper() == "LOGIN":
            return self._login(first) if first else self._ask("Username:", self._login)
        return "504 5.5.4 Unrecognized authentication type"

    def _ask(self, what: str, follow: Callable[[str], str]) -> str:
        self.waits = follow
        return f"334 {base64.b64encode(what.encode()).decode()}"

    def _plain(self, coded: str) -> str:
        _, _, rest = _decoded(coded).partition("\0")
        login, _, password = rest.partition("\0")
        return self._known(login, password)

    def _login(self, coded: str) -> str:
        login = _decoded(coded)
        return self._ask("Password:", lambda said: self._known(login, _decoded(said)))

    def _known(self, login: str, password: str) -> str:
        ours = self.sandbox.world.msp.get("smtp")
        good = [hmac.compare_digest(one.encode(), text(ours, key).encode())
                for one, key in ((login, "login"), (password, "password"))]  # fmt: skip
        self.user = login if all(good) else ""
        self._note("AUTH", "/", 235 if self.user else 535)
        return "235 2.7.0 Authentication successful" if self.user else WRONG

    def _mail(self, rest: str) -> str:
        if not self.user:
            return STRANGER
        found = PATH.fullmatch(rest.strip())
        if self.sender is not None or found is None or rest.strip()[:1].upper() != "F":
            return ORDER if self.sender is not None else SYNTAX
        size = re.search(r"\bSIZE=(\d+)", found[2], re.I)
        if size and int(size[1]) > SIZE:
            return LARGE
        if found[1].rpartition("@")[2].lower() not in words(self.sandbox.world.msp.get("domains")):
            return "550 5.7.60 Client does not have permissions to send as this sender"
        self.sender = found[1].lower()
        return "250 2.1.0 Sender OK"

    def _rcpt(self, rest: str) -> str:
        found = PATH.fullmatch(rest.strip())
        if self.sender is None:
            return ORDER if self.user else STRANGER
        if found is None or "@" not in found[1] or rest.strip()[:1].upper() != "T":
            return SYNTAX
        domain = found[1].rpartition("@")[2].lower()
        known = {one.id.rpartition("@")[2].lower() for one in self.sandbox.world.all("graph", "mailbox")}
        if domain not in known:
            return "550 5.4.4 Unknown recipient domain"
        self.people.append(found[1])
        return "250 2.1.5 Recipient OK"

    def _data(self, rest: str) -> str:
        return GO if self.people and not rest.strip() else ORDER

    def _reset(self, rest: str) -> str:
        self.sender, self.people = None, []
        return DONE

    def message(self, raw: bytes | None) -> str | None:
        """The whole message, dots taken off; None was too large. The reply, or None when the answer gets lost."""
        sender, people, faults = self.sender or "", self.people, self.faults
        self._reset("")
        if raw is None:
            self._note("DATA", f"/{','.join(people)}", 552)
            return LARGE
        world = self.sandbox.world
        with world.lock:
            world.record.vendor, world.record.caller = "smtp", f"smtp:{self.user}"
            world.lying = any(one.do == "lie" for one in faults)
            try:
                arrived(world, sender, people, raw)
            finally:
                world.lying = False
            queue = world.fresh("queue")[:10].upper()
        self._note("DATA", f"/{','.join(people)}", 250)
        return None if any(one.do == "lost-answer" for one in faults) else f"250 2.0.0 OK queued as {queue}"

    def _note(self, verb: str, path: str, status: int) -> None:
        world = self.sandbox.world
        with world.lock:
            world.record.vendor = "smtp"
            world.record.caller = f"smtp:{self.user}" if self.user else "nobody"
            world.record.call(world.at(), verb, path, status)


def _decoded(coded: str) -> str:
    try:
        return base64.b64decode(coded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


class Line(socketserver.StreamRequestHandler):
    """Reads lines, writes replies."""

    server: LinePort

    def handle(self) -> None:
        """Talk until the client leaves or a fault hangs up."""
        session = Session(self.server.sandbox)
        reply: str | None = GREETING
        while reply is not None:
            self.wfile.write(f"{reply}\r\n".encode())
            if reply.startswith(("221", "421")):
                return
            if reply == GO:
                reply = session.message(self._message())
                continue
            said = self.rfile.readline(LINE)
            if not said:
                return
            reply = session.line(said.decode("utf-8", "replace"))

    def _message(self) -> bytes | None:
        """Everything up to the lone dot, with doubled dots made single; None when it was larger than we take."""
        found: list[bytes] = []
        size = 0
        while (said := self.rfile.readline(SIZE)) not in (b".\r\n", b""):
            size += len(said)
            if size <= SIZE:
                found.append(said[1:] if said.startswith(b".") else said)
        return b"".join(found) if size <= SIZE else None


class Post(LinePort):
    """The mail server of the house."""

    vendor, scheme, talk = "smtp", "smtps", Line
