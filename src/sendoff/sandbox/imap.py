"""The mailbox of the house by IMAP on a loopback port, with TLS from the first byte: read-only, and as much of RFC 3501
as it takes to look through the inbox (LOGIN, AUTHENTICATE PLAIN, EXAMINE, UID SEARCH, UID FETCH)."""

import base64
import binascii
import hmac
import re
import socketserver
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sendoff.sandbox.bounce import mime
from sendoff.sandbox.lineport import LinePort
from sendoff.sandbox.sandbox import Sandbox
from sendoff.sandbox.seed_build import MAILBOX
from sendoff.sandbox.wire import Request, text
from sendoff.sandbox.world import Thing

LINE = 65_536
MAY = "IMAP4rev1 AUTH=PLAIN"
GREETING = f"* OK [CAPABILITY {MAY}] mail.intercept.example ready"
SINCE = re.compile(r"SINCE\s+(\d{1,2}-[A-Za-z]{3}-\d{4})\s*", re.I)
WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
FETCH = re.compile(r"([\d,:*]+)\s+\((.*)\)\s*", re.S)
PART = re.compile(r"BODY\.PEEK\[([^\]]*)\](?:<(\d+)\.(\d+)>)?", re.I)


@dataclass(slots=True)
class Session:
    """One connection. Replies are whole lines; None closes without a word."""

    sandbox: Sandbox
    user: str = ""
    box: list[Thing] | None = None
    waits: str = ""
    """The tag of an AUTHENTICATE whose answer comes next."""
    ended: bool = False
    verbs: dict[str, Callable[[str], list[bytes]]] = field(default_factory=dict)

    def line(self, said: str) -> list[bytes] | None:
        """The replies to one line of the client, under the faults that meet its command."""
        if self.waits:
            tag, self.waits = self.waits, ""
            return [self._known(tag, *_plain(said))]
        tag, _, rest = said.strip().partition(" ")
        verb, _, more = rest.partition(" ")
        if verb.upper() == "UID":
            second, _, more = more.partition(" ")
            verb = f"UID {second}"
        fault = self._trouble(verb.upper(), more)
        if fault is not None:
            return [f"{tag} {fault}".encode()] if fault else None
        return self._done(tag, verb.upper(), more)

    def _trouble(self, verb: str, rest: str) -> str | None:
        with self.sandbox.world.lock:
            asked = Request(method=verb, path=rest)
            found = [one for one in self.sandbox.control.faults if one.meets("imap", asked)]
        for one in found:
            if one.do in ("drop", "timeout"):
                return ""
            if one.do in ("forbid", "status", "throttle"):
                return "NO [UNAVAILABLE] The sandbox was told to answer so"
        return None

    def _done(self, tag: str, verb: str, more: str) -> list[bytes]:
        with self.sandbox.world.lock:
            match verb:
                case "CAPABILITY":
                    return [f"* CAPABILITY {MAY}".encode(), _ok(tag)]
                case "NOOP":
                    return [_ok(tag)]
                case "LOGOUT":
                    self.ended = True
                    return [b"* BYE see you", _ok(tag)]
                case "LOGIN":
                    login, password = [*_words(more), "", ""][:2]
                    return [self._known(tag, login, password)]
                case "AUTHENTICATE" if more.strip().upper() == "PLAIN":
                    self.waits = tag
                    return [b"+ "]
                case "EXAMINE" | "SELECT":
                    return self._opened(tag, more)
                case "UID SEARCH" | "UID FETCH" if self.box is not None:
                    return self._searched(tag, more) if verb == "UID SEARCH" else self._fetched(tag, more)
        return [f"{tag} BAD not understood, or not now".encode()]

    def _known(self, tag: str, login: str, password: str) -> bytes:
        ours = self.sandbox.world.msp.get("smtp")
        pairs = ((login, "login"), (password, "password"))
        good = [hmac.compare_digest(one.encode(), text(ours, key).encode()) for one, key in pairs]
        self.user = login if all(good) else ""
        with self.sandbox.world.lock:
            record = self.sandbox.world.record
            record.vendor, record.caller = "imap", f"imap:{self.user}" if self.user else "nobody"
            record.call(self.sandbox.world.at(), "LOGIN", "/", 200 if self.user else 401)
        return _ok(tag) if self.user else f"{tag} NO [AUTHENTICATIONFAILED] Authentication failed.".encode()

    def _opened(self, tag: str, more: str) -> list[bytes]:
        if not self.user:
            return [f"{tag} BAD sign in first".encode()]
        if [*_words(more), ""][0].upper() != "INBOX":
            return [f"{tag} NO [NONEXISTENT] No such mailbox".encode()]
        every = self.sandbox.world.all("graph", "message")
        self.box = [one for one in every if one.place == MAILBOX and text(one.raw, "parentFolderId") == "inbox"]
        told = f"* {len(self.box)} EXISTS".encode()
        return [told, b"* OK [UIDVALIDITY 1] fine", f"{tag} OK [READ-ONLY] opened".encode()]

    def _searched(self, tag: str, more: str) -> list[bytes]:
        asked = SINCE.fullmatch(more)
        if asked is None and more.strip().upper() != "ALL":
            return [f"{tag} BAD this search is not played".encode()]
        first = datetime.strptime(asked[1], "%d-%b-%Y").date() if asked else None
        found = [str(at) for at, one in enumerate(self.box or (), 1) if first is None or _moment(one).date() >= first]
        return [f"* SEARCH {' '.join(found)}".strip().encode(), _ok(tag)]

    def _fetched(self, tag: str, more: str) -> list[bytes]:
        asked = FETCH.fullmatch(more)
        part = PART.search(asked[2]) if asked else None
        if asked is None or part is None or ":" in asked[1]:
            return [f"{tag} BAD this fetch is not played".encode()]
        box, replies = self.box or [], []
        for uid in (int(one) for one in asked[1].split(",")):
            if 1 <= uid <= len(box):
                replies.append(_shown(uid, box[uid - 1], part, dated="INTERNALDATE" in asked[2].upper()))
        return [*replies, _ok(tag)]


def _shown(uid: int, one: Thing, part: re.Match[str], *, dated: bool) -> bytes:
    raw = mime(one.raw, MAILBOX).encode()
    inside = part[1].upper()
    if inside.startswith("HEADER.FIELDS"):
        names = inside.partition("(")[2].rstrip(")").split()
        raw = _fields(raw, names)
    label = f"BODY[{part[1]}]"
    if part[2] is not None:
        raw, label = raw[int(part[2]) : int(part[2]) + int(part[3])], f"{label}<{part[2]}>"
    day = f' INTERNALDATE "{_moment(one):%d-%b-%Y %H:%M:%S %z}"' if dated else ""
    return f"* {uid} FETCH (UID {uid}{day} {label} {{{len(raw)}}}\r\n".encode() + raw + b")"


def _fields(raw: bytes, names: list[str]) -> bytes:
    """The headers of these names, folded lines with them, and the empty line."""
    found: list[bytes] = []
    keep = False
    for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n"):
        if not line.startswith((b" ", b"\t")):
            keep = line.partition(b":")[0].decode("latin-1").strip().upper() in names
        if keep:
            found.append(line)
    return b"\r\n".join([*found, b"", b""])


def _moment(one: Thing) -> datetime:
    return datetime.fromisoformat(text(one.raw, "receivedDateTime").replace("Z", "+00:00"))


def _ok(tag: str) -> bytes:
    return f"{tag} OK done".encode()


def _words(more: str) -> list[str]:
    return [re.sub(r"\\(.)", r"\1", found[1]) if found[1] is not None else found[2] for found in WORD.finditer(more)]


def _plain(said: str) -> tuple[str, str]:
    try:
        _, login, password = base64.b64decode(said.strip(), validate=True).decode().split("\0")
    except (binascii.Error, ValueError):
        return "", ""
    return login, password


class Talk(socketserver.StreamRequestHandler):
    """Reads lines, writes replies."""

    server: LinePort

    def handle(self) -> None:
        """Talk until the client leaves or a fault hangs up."""
        session = Session(self.server.sandbox)
        self.wfile.write(f"{GREETING}\r\n".encode())
        while said := self.rfile.readline(LINE):
            replies = session.line(said.decode("utf-8", "replace"))
            if replies is None:
                return
            self.wfile.write(b"".join(one + b"\r\n" for one in replies))
            if session.ended:
                return


class Mailroom(LinePort):
    """The mailbox of the house."""

    vendor, scheme, talk = "imap", "imaps", Talk
