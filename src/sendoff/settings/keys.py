"""What an app, a person or this program proves itself with: where it comes from, never the thing itself."""

import os
import shlex
import subprocess
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from sendoff.model.errors import BadInput
from sendoff.model.secret import Secret


class Section(BaseModel):
    """A table of the file: unknown names are refused, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SecretSource(Section):
    """Where a secret comes from: exactly one of the three. Never a value."""

    env: str = ""
    file: Path | None = None
    command: str = ""

    def read(self, what: str) -> Secret:
        """The secret, or BadInput saying which source is empty."""
        given = [name for name in ("env", "file", "command") if getattr(self, name)]
        if len(given) != 1:
            raise BadInput("give exactly one of env, file or command", where=what)
        value = self._from_file(what) if self.file else self._from_env() if self.env else self._from_command(what)
        if not value:
            raise BadInput(f"the {given[0]} it is taken from is empty or missing", where=what)
        return Secret(value)

    def _from_env(self) -> str:
        return os.environ.get(self.env, "").strip()

    def _from_file(self, what: str) -> str:
        try:
            return self.file.expanduser().read_text(encoding="utf-8").strip() if self.file else ""
        except OSError as wrong:
            raise BadInput(f"cannot read {self.file}: {wrong.strerror}", where=what) from wrong

    def _from_command(self, what: str) -> str:
        try:
            ran = subprocess.run(shlex.split(self.command), capture_output=True, timeout=60, check=True)
        except (OSError, subprocess.SubprocessError) as wrong:
            raise BadInput(f"its command failed: {type(wrong).__name__}", where=what) from wrong
        return ran.stdout.decode("utf-8", "replace").strip()


class CertificateFile(Section):
    """A certificate with its private key, as PEM or PFX, and its password when it has one."""

    file: Path
    password: SecretSource | None = None


class App(Section):
    """An app registration or identity, and exactly one proof of it: a secret, a certificate, or the machine."""

    client_id: str = ""
    secret: SecretSource | None = None
    certificate: CertificateFile | None = None
    by: Literal["", "managed-identity", "workload-identity"] = ""

    @model_validator(mode="after")
    def _one_proof(self) -> "App":
        if sum(bool(one) for one in (self.secret, self.certificate, self.by)) != 1:
            raise ValueError("give exactly one of secret, certificate or by")
        if not self.client_id and self.by != "managed-identity":
            raise ValueError("client_id is missing")
        return self


class AppUser(Section):
    """An app with a person of ours behind it. Without a refresh token the person signs in for each run."""

    client_id: str
    secret: SecretSource
    refresh_token: SecretSource | None = None
