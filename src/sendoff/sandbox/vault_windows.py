"""The vault's /winapi/: Windows signs the connection in by NTLM, as IIS does, and the account sees what it may see.

Vendor's page: clickstudios.com.au/docs/apis/windows-integrated-api; IIS keeps a connection signed in until it closes.
"""

import base64
import binascii
from datetime import UTC, datetime

from sendoff.sandbox.ntlm import Account, challenged, kind_of, proven, said_user
from sendoff.sandbox.vault_reach import Reach, reach_of
from sendoff.sandbox.wire import Obj, Request, Response, dig, obj, plain, text, words
from sendoff.sandbox.world import World

PAGE = "<html><body><h2>401 - Unauthorized: Access is denied due to invalid credentials.</h2></body></html>"
LOCKED_AFTER = 5
"""Wrong passwords after which the domain locks the account."""
EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def windows_of(world: World) -> Obj:
    """The account of ours: its name and password, its groups, and whether it may read reports."""
    return obj(dig(world.msp, "passwordstate", "windows"))


def signed_in(world: World, request: Request) -> Reach | Response:
    """What the account of this connection may see; else the next answer of the handshake."""
    lines, scheme = world.lines, text(windows_of(world), "scheme") or "NTLM"
    given, _, coded = request.headers.get("authorization", "").partition(" ")
    if given.lower() != scheme.lower() or not coded:
        who = lines.signed_in.get(request.line)
        return _reach(world, who) if who else _unauthorized(scheme)
    token = _decoded(coded)
    if kind_of(token) == 1:
        lines.closed(request.line)
        at = int((world.now - EPOCH).total_seconds()) * 10_000_000
        asked = lines.asked[request.line] = challenged(token, _account(world).domain, at)
        more = {"Connection": "close"} if dig(windows_of(world), "hangs_up") is True else {}
        return _unauthorized(f"{scheme} {base64.b64encode(asked.challenge).decode()}").with_headers(more)
    return _third(world, request, token, scheme)


def offered(response: Response, world: World) -> Response:
    """IIS puts what it offers on every 401, also on one of the application."""
    scheme = text(windows_of(world), "scheme") or "NTLM"
    return response.with_headers({"WWW-Authenticate": scheme}) if response.status == 401 else response


def _third(world: World, request: Request, token: bytes, scheme: str) -> Reach | Response:
    lines, account = world.lines, _account(world)
    asked = lines.asked.pop(request.line, None)
    if asked is None or kind_of(token) != 3:
        return _unauthorized(scheme)
    bound = dig(windows_of(world), "bound") is True
    good = proven(asked, token, account, request.binding, bound=bound)
    world.record.caller = "passwordstate:" + "\\".join(said_user(token)).lower()
    if not good or lines.wrong >= LOCKED_AFTER:
        lines.wrong += 1
        return _unauthorized(scheme)
    lines.wrong = 0
    lines.signed_in[request.line] = f"{account.domain}\\{account.user}".lower()
    return _reach(world, lines.signed_in[request.line])


def _reach(world: World, who: str) -> Reach:
    """The lists on which the account, or a group that it is in, has any permission."""
    world.record.caller = f"passwordstate:{who}"
    ours = windows_of(world)
    names = frozenset({who, *(one.lower() for one in words(ours.get("groups")))})
    return reach_of(world, names, reports=dig(ours, "reports") is True)


def _account(world: World) -> Account:
    ours = windows_of(world)
    domain, _, user = text(ours, "account").partition("\\")
    return Account(domain=domain, user=user, password=text(ours, "password"))


def _unauthorized(scheme: str) -> Response:
    return plain(401, PAGE, **{"WWW-Authenticate": scheme})


def _decoded(coded: str) -> bytes:
    try:
        return base64.b64decode(coded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""
