"""File and environment -> frozen Settings. One TOML file; secrets come from environment, a file or a command.

The file is found by --settings, else SENDOFF_SETTINGS, else ./sendoff.toml. Values of the file can be overridden by
the environment: SENDOFF_<SECTION>__<NAME>, for example SENDOFF_PRTG__URL.
"""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from sendoff.model.errors import BadInput
from sendoff.settings.keys import App, AppUser, CertificateFile, SecretSource, Section

__all__ = ["App", "AppUser", "CertificateFile", "SecretSource", "Section"]
DEFAULT_FILE = Path("sendoff.toml")


class ProviderSettings(Section):
    """The MSP itself. `principals` are object ids of ours that customers' role assignments name; `security` is told
    before all secrets of a customer are read."""

    name: str
    tenant: str
    domains: list[str]
    mailbox: str
    tag: str = "managedBy=intercept"
    principals: list[str] = Field(default_factory=list)
    addresses: list[str] = Field(default_factory=list)
    phones: list[str] = Field(default_factory=list)
    pipelines: list[str] = Field(default_factory=list)
    subscriptions: list[str] = Field(default_factory=list)
    partner_id: str = ""
    security: str = ""
    partner_kind: str = "direct bill partner"
    foreign_group: Literal["customer", "app"] = "customer"


class PersonSettings(Section):
    """One person: roles as on the checklist; `logins` are operating-system users; `ssh_key` the public half."""

    id: str
    name: str
    roles: list[str]
    logins: list[str] = Field(default_factory=list)
    mail: str = ""
    ssh_key: str = ""


class AzureSettings(Section):
    """Azure Resource Manager, through Lighthouse."""

    url: str = "https://management.azure.com"
    lighthouse: App | None = None
    lighthouse_reader: App | None = None


class GraphSettings(Section):
    """Microsoft Graph: at the customers by each one's app registration, at home by `house`."""

    url: str = "https://graph.microsoft.com"
    house: App | None = None


class LoginSettings(Section):
    """The Entra sign-in host."""

    url: str = "https://login.microsoftonline.com"


class PrtgSettings(Section):
    """The PRTG core: its web address, an API token, and the forms in which a customer's objects are tagged; of how many
    days measurements are kept before a sensor goes (0: of none), one value for how many seconds, and how many of these
    requests the core takes a minute. With `url_v2` probes, groups and devices are paused and deleted by API v2."""

    url: str
    token: SecretSource
    tags: list[str] = Field(default_factory=lambda: ["{slug}", "customer-{slug}"])
    history_days: int = Field(default=365, ge=0)
    history_average: int = Field(default=86_400, ge=0)
    history_per_minute: float = Field(default=5.0, gt=0)
    url_v2: str = ""


class PasswordstateSettings(Section):
    """Passwordstate: its web address; a key for each list, and a system-wide key only when it must be. With mode
    "windows" an account of the domain signs in instead, sees the lists that it may see, and keys are not used. How
    many days backups of the vault are kept is printed on the certificate: what is erased lies in them until then.
    `staff` are patterns of users and groups of ours, whose permissions on the customer's lists are taken away."""

    url: str
    backup_days: int | None = Field(default=None, ge=0)
    mode: Literal["api-key", "windows"] = "api-key"
    api_key: SecretSource | None = None
    list_keys: dict[str, SecretSource] = Field(default_factory=dict)
    account: str = ""
    password: SecretSource | None = None
    staff: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_way_in(self) -> "PasswordstateSettings":
        if self.mode == "windows" and (not self.account or self.password is None):
            raise ValueError('mode "windows" needs account and password')
        if self.mode == "windows" and not self.url.startswith("https://"):
            raise ValueError('mode "windows" needs an address that begins with https://')
        return self


class PartnerCenterSettings(Section):
    """Partner Center, in our own tenant. `accept_by_api` is off: the Practice Lead accepts in the vendor's page."""

    url: str = "https://api.partnercenter.microsoft.com"
    app_user: AppUser
    accept_by_api: bool = False


class TopdeskSettings(Section):
    """TOPdesk: an operator's login name and application password, and where support contracts live."""

    url: str
    login: str
    password: SecretSource
    contract_mode: Literal["sla", "asset"] = "sla"
    asset_template: str = ""
    archive_reason: str = ""
    operator_group: str = ""
    changes: bool = True
    activities: bool = True
    assets: bool = True


class ReassureSettings(Section):
    """Reassure: its address and token; `paths` and `fields` where it differs from docs/reassure.openapi.yaml."""

    url: str
    token: SecretSource
    paths: dict[str, str] = Field(default_factory=dict)
    fields: dict[str, str] = Field(default_factory=dict)


class GithubSettings(Section):
    """GitHub: a private repository in which each case has its issue."""

    url: str = "https://api.github.com"
    token: SecretSource
    repository: str
    labels: list[str] = Field(default_factory=lambda: ["ISSUE"])
    name_customer: bool = True


class SmtpSettings(Section):
    """Mail by SMTP, where there is no house app for Microsoft Graph. `returns` is the mailbox to which letters come
    back, imaps://host[:port][/FOLDER], read with the same login unless it has its own; without it nobody looks."""

    host: str
    port: int = 465
    security: Literal["tls", "starttls"] = "tls"
    login: str = ""
    password: SecretSource | None = None
    returns: str = ""
    returns_login: str = ""
    returns_password: SecretSource | None = None

    @model_validator(mode="after")
    def _readable(self) -> "SmtpSettings":
        if self.returns and not self.returns.startswith("imaps://"):
            raise ValueError("returns is imaps://host:port/FOLDER, and never without TLS")
        if self.returns and not ((self.returns_login or self.login) and (self.returns_password or self.password)):
            raise ValueError("returns needs a login and a password: its own, or those that send")
        return self


class DatabaseSettings(Section):
    """A PostgreSQL server, when one machine is not enough: postgresql://USER@HOST:PORT/NAME, and the password apart."""

    url: str
    password: SecretSource | None = None


class LettersSettings(Section):
    """Our own texts of letters, in a folder: `<name>.nl.txt` and `<name>.en.txt` go before the shipped ones."""

    folder: Path


class CustomerSettings(Section):
    """What is set for one customer: our app registration in their tenant, and which tenant that is."""

    tenant: str = ""
    app: App | None = None


class Settings(BaseSettings):
    """Everything, frozen. `sandbox` names the folder of a running sandbox: then nothing real is reached."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="SENDOFF_", env_nested_delimiter="__", env_ignore_empty=True
    )

    data: Path = Path("sendoff-data")
    database: DatabaseSettings | None = None
    evidence: Path | None = None
    sandbox: Path | None = None
    provider: ProviderSettings | None = None
    people: list[PersonSettings] = Field(default_factory=list)
    login: LoginSettings = LoginSettings()
    azure: AzureSettings | None = None
    graph: GraphSettings | None = None
    prtg: PrtgSettings | None = None
    passwordstate: PasswordstateSettings | None = None
    partner_center: PartnerCenterSettings | None = None
    topdesk: TopdeskSettings | None = None
    reassure: ReassureSettings | None = None
    github: GithubSettings | None = None
    smtp: SmtpSettings | None = None
    letters: LettersSettings | None = None
    customers: dict[str, CustomerSettings] = Field(default_factory=dict)
    signing_key: Path | None = None
    threads: int = Field(default=8, ge=1, le=64)
    lease_seconds: float = Field(default=30.0, ge=1, le=60)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before file; the file is handed in as initial values."""
        return env_settings, init_settings


_ABOUT_FILE = frozenset({"SENDOFF_SETTINGS", "SENDOFF_SHARED"})
"""Variables of the environment that are not settings."""


def settings_or_environment(file: Path | None) -> Settings:
    """The settings as for every command; where there is no file at all, what the environment alone says."""
    if file is None and not os.environ.get("SENDOFF_SETTINGS") and not DEFAULT_FILE.exists():
        try:
            return Settings()
        except ValidationError as wrong:
            raise BadInput(_first(wrong), where="environment SENDOFF_...") from wrong
    return read_settings(file)


def _first(wrong: ValidationError) -> str:
    first = wrong.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def read_settings(file: Path | None) -> Settings:
    """The settings, or BadInput naming file and field. Paths in the file are relative to the file."""
    chosen = file or (Path(os.environ["SENDOFF_SETTINGS"]) if os.environ.get("SENDOFF_SETTINGS") else None)
    if chosen is None and not DEFAULT_FILE.exists():
        raise BadInput("no settings: give --settings FILE, set SENDOFF_SETTINGS, or write ./sendoff.toml")
    path = chosen or DEFAULT_FILE
    if not path.is_file():
        raise BadInput("there is no such settings file", where=str(path))
    try:
        values = TomlConfigSettingsSource(Settings, toml_file=path)()
        found = Settings(**values)
    except ValidationError as wrong:
        raise BadInput(_first(wrong), where=str(path)) from wrong
    except (ValueError, OSError) as wrong:
        raise BadInput(f"not readable as TOML: {wrong}", where=str(path)) from wrong
    return found.model_copy(
        update={
            "data": path.parent / found.data,
            "sandbox": path.parent / found.sandbox if found.sandbox else None,
            "letters": _beside(path, found.letters),
            "signing_key": path.parent / found.signing_key.expanduser() if found.signing_key else None,
        }
    )


def _beside(file: Path, letters: LettersSettings | None) -> LettersSettings | None:
    return LettersSettings(folder=file.parent / letters.folder.expanduser()) if letters else None
