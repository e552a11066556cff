"""Persons of ours who sign in for one run of this program: with a device code, in memory only."""

import threading
from collections.abc import Callable

from sendoff.connectors.wire.login.client import PersonSignIn
from sendoff.connectors.wire.login.device_client import AZURE_CLI, DeviceCode
from sendoff.ports import Limits
from sendoff.settings import AppUser, Settings
from sendoff.wiring.pools import Clients

Say = Callable[[str, str], None]
"""Tells the person the code and the address where to type it."""
Persons = Callable[[AppUser | None], PersonSignIn | None]
"""The person who signed in for this run, as an app of ours knows them; without one, as the Azure CLI does."""


def nobody(app: AppUser | None) -> PersonSignIn | None:
    """Nobody signed in."""
    return None


class SignedIn:
    """Whoever signs in for this run: once for Azure and the directory, and once more for the app of Partner Center.

    They are asked when the first token is needed, and no token outlives the process. The answer to Persons."""

    def __init__(self, settings: Settings, clients: Clients, limits: Limits, say: Say) -> None:
        self._settings, self._clients, self._limits, self._say = settings, clients, limits, say
        self._people: dict[str, PersonSignIn] = {}
        self._lock = threading.Lock()

    def __call__(self, app: AppUser | None) -> PersonSignIn:
        """The person, as this app of ours knows them; without one the Azure CLI's."""
        told, client_id = self._settings.provider, app.client_id if app else AZURE_CLI
        with self._lock:
            if client_id not in self._people:
                self._people[client_id] = DeviceCode(
                    say=self._say,
                    clients=self._clients,
                    limits=self._limits,
                    client_id=client_id,
                    secret=app.secret.read("partner_center.app_user.secret") if app else None,
                    tenant=told.tenant if told else "organizations",
                    login_url=self._settings.login.url,
                )
            return self._people[client_id]
