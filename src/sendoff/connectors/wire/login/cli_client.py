"""Sign-in of a person through the Azure CLI that they are already signed in to: `az account get-access-token`.

Page: learn.microsoft.com/cli/azure/account#az-account-get-access-token.
"""

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sendoff.connectors.wire.body import dig, parsed, text
from sendoff.connectors.wire.login.client import Kept, Token, TokenSource
from sendoff.model.errors import BadInput, Confusing, Denied, Unreachable
from sendoff.model.secret import Secret

SYSTEM = "az"
TIMEOUT = 60.0
"""Seconds for one call of az."""
SHORT = 600.0
"""Seconds that a token counts for when az does not say `expires_on`: older versions give only a local time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended. Its output may hold a token and is shown nowhere."""

    code: int
    out: Secret


Run = Callable[[Sequence[str]], Ran]
"""Runs a command from a list of arguments, never through a shell."""


def run(command: Sequence[str]) -> Ran:
    """Run az. BadInput when it is not there, Unreachable when it does not end within a minute."""
    try:
        ran = subprocess.run(list(command), capture_output=True, timeout=TIMEOUT, check=False, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        raise BadInput("the Azure CLI is not here; install it, or sign in with a device code", where="az") from None
    except (OSError, subprocess.TimeoutExpired) as wrong:
        fault = type(wrong).__name__
    else:
        return Ran(code=ran.returncode, out=Secret(ran.stdout.decode("utf-8", "replace")))
    raise Unreachable("get a token: az did not answer", system=SYSTEM, code=fault)


class AzureCli:
    """The person who is signed in to the Azure CLI; the answer to PersonSignIn."""

    def __init__(self, *, run: Run = run, now: Callable[[], float] = time.time) -> None:
        self._run, self._now = run, now

    def tokens(self, audience: str, tenant: str = "") -> TokenSource:
        """Tokens for an audience from az, in a tenant; in the one that az chose when none is said."""
        return Kept(lambda: self._asked(audience, tenant))

    def _asked(self, audience: str, tenant: str) -> Token:
        where = ["--tenant", tenant] if tenant else []
        ran = self._run(["az", "account", "get-access-token", "--resource", audience, *where, "--output", "json"])
        if ran.code != 0:
            login = f"az login --tenant {tenant}" if tenant else "az login"
            raise Denied(f"get a token: az gives none; run `{login}` first", system=SYSTEM, code=f"exit {ran.code}")
        value = parsed(ran.out.reveal().encode())
        token, until = text(value, "accessToken"), dig(value, "expires_on")
        if not token:
            raise Confusing("get a token: az said something else", system=SYSTEM)
        seconds = until - self._now() if isinstance(until, int) else SHORT
        return Token(value=Secret(token), seconds=seconds)
