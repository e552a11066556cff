"""Our vault as the settings name it: by keys, or by an account of the domain."""

import threading

from sendoff.connectors.passwordstate.client import VaultDoor
from sendoff.connectors.passwordstate.windows_client import WindowsAccount
from sendoff.settings import PasswordstateSettings


class OurVault:
    """The door to our vault, made once: for all customers its account remembers that it was refused."""

    def __init__(self) -> None:
        self._made: VaultDoor | None = None
        self._lock = threading.Lock()

    def door(self, vault: PasswordstateSettings) -> VaultDoor:
        """The same door each time. BadInput when the source of a key is empty."""
        with self._lock:
            self._made = self._made or vault_door(vault)
            return self._made


def vault_door(vault: PasswordstateSettings) -> VaultDoor:
    """Our vault with its keys, or its account. BadInput when the source of one is empty."""
    if vault.mode == "windows" and vault.password is not None:
        account = WindowsAccount(vault.account, vault.password.read("passwordstate.password"))
        return VaultDoor(url=vault.url, backup_days=vault.backup_days, account=account)
    return VaultDoor(
        url=vault.url,
        staff=tuple(vault.staff),
        backup_days=vault.backup_days,
        system_key=vault.api_key.read("passwordstate.api_key") if vault.api_key else None,
        list_keys={number: one.read(f"passwordstate.list_keys.{number}") for number, one in vault.list_keys.items()},
    )
