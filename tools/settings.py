"""docs/reference/settings.md from the Settings model; the words for each field stand here."""

from pydantic import BaseModel

from sendoff.settings import (
    App,
    AppUser,
    AzureSettings,
    CertificateFile,
    CustomerSettings,
    DatabaseSettings,
    GithubSettings,
    GraphSettings,
    LettersSettings,
    LoginSettings,
    PartnerCenterSettings,
    PasswordstateSettings,
    PersonSettings,
    ProviderSettings,
    PrtgSettings,
    ReassureSettings,
    SecretSource,
    Settings,
    SmtpSettings,
    TopdeskSettings,
)
from tools.markdown import NOTE, code, table
from tools.nouns import Field, noun

HEAD = """# Settings

One TOML file. It is found by `--settings FILE`, else by the variable `SENDOFF_SETTINGS`, else as `./sendoff.toml`.
Relative paths of `data` and `sandbox` are taken from the folder of the file.
Unknown names are refused, and nothing changes after reading.

A variable of the environment wins over the file: `SENDOFF_<TABLE>__<NAME>`, for example `SENDOFF_PRTG__URL`.
An empty variable counts as not set.

`sendoff init` writes a commented file with every table; how to fill it in is told in
[how to point it at real systems](../how-to/real-systems.md).
"""
SECTIONS: dict[type[BaseModel], str] = {
    Settings: "The top of the file",
    ProviderSettings: "[provider]",
    PersonSettings: "[[people]]",
    LoginSettings: "[login]",
    AzureSettings: "[azure]",
    GraphSettings: "[graph]",
    PrtgSettings: "[prtg]",
    PasswordstateSettings: "[passwordstate]",
    PartnerCenterSettings: "[partner_center]",
    TopdeskSettings: "[topdesk]",
    ReassureSettings: "[reassure]",
    GithubSettings: "[github]",
    SmtpSettings: "[smtp]",
    LettersSettings: "[letters]",
    DatabaseSettings: "[database]",
    CustomerSettings: "[customers.SLUG]",
    AppUser: "An app with a person: partner_center.app_user",
    App: "An app: azure.lighthouse, graph.house, customers.SLUG.app",
    CertificateFile: "A certificate: of any app",
    SecretSource: "A secret: app secrets, prtg.token, passwordstate keys",
}
WORDS: dict[str, str] = {
    "Settings.data": "The folder of the database, the evidence and the keys. Local disk only; back it up.",
    "Settings.sandbox": "The folder of a running sandbox. When set, nothing real is reached and `--as` exists.",
    "Settings.provider": "Who we are. Every command on cases needs it.",
    "Settings.people": "The register of persons. A login that is in no row decides nothing.",
    "Settings.login": "The Entra sign-in host.",
    "Settings.azure": "Left out: steps in Azure are a person's.",
    "Settings.graph": "Left out: steps in the customer's directory, and letters, are a person's.",
    "Settings.prtg": "Left out: PRTG is a person's.",
    "Settings.passwordstate": "Left out: Passwordstate is a person's.",
    "Settings.customers": "One table for each customer, by the slug that the facts use.",
    "Settings.signing_key": "The SSH key of whoever runs this program, for decisions against real systems. "
    "A public half is enough when an agent holds the private one.",
    "Settings.database": "A PostgreSQL server; left out: a SQLite file in the data folder.",
    "Settings.evidence": "The folder of the evidence, where several machines share it; else in the data folder.",
    "Settings.threads": "How many pieces of work one `worker` or `case run` moves at the same time.",
    "Settings.lease_seconds": "How long a worker may hold a piece of work without a beat: another takes over then.",
    "DatabaseSettings.url": "`postgresql://USER@HOST:PORT/NAME`. Needs `pip install 'sendoff[postgres]'`.",
    "DatabaseSettings.password": "The password, when the server asks for one.",
    "ProviderSettings.name": "Our name, as letters and certificates print it, and as names and records spell it.",
    "ProviderSettings.tenant": "The id of our Entra tenant.",
    "ProviderSettings.domains": "Our mail domains: an account at one is ours, and none of them receives secrets.",
    "ProviderSettings.mailbox": "The mailbox that letters are sent from.",
    "ProviderSettings.tag": "The tag, `name=value`, that we put on what we make. Alone it decides nothing.",
    "ProviderSettings.principals": "Object ids of ours that role assignments at customers name.",
    "ProviderSettings.addresses": "Our addresses on the internet, single or as networks such as `198.51.100.0/24`: a "
    "look finds them in named locations at the customer.",
    "ProviderSettings.phones": "Our telephone numbers, with country code: a customer's account should not sign in by "
    "one.",
    "ProviderSettings.pipelines": "How issuer or subject of a federated credential for a pipeline of ours begins, such "
    "as `repo:intercept/`.",
    "ProviderSettings.subscriptions": "Ids of our own subscriptions: a look finds there what is the customer's, by our "
    "Lighthouse principal as Reader. Left out: nobody looks there.",
    "PersonSettings.id": "A random id such as `p-58c1f0`: it stands in the journal for good, the name does not. "
    "`robot` is taken.",
    "PersonSettings.name": "The name that people read.",
    "PersonSettings.roles": "Roles as on the checklist: `CSM`, `Engineer`, `Practice Lead Managed Services`.",
    "PersonSettings.logins": "Users of the operating system who are this person.",
    "PersonSettings.mail": "The address of this person.",
    "PersonSettings.ssh_key": "The public half, one line as in `authorized_keys`. Ed25519, ECDSA or RSA.",
    "AzureSettings.url": "Azure Resource Manager.",
    "AzureSettings.lighthouse": "Our Lighthouse principal, in our own tenant.",
    "AzureSettings.lighthouse_reader": "A second one, which the delegations give Reader alone: it looks, and the first "
    "one acts. Left out: the first does both.",
    "GraphSettings.url": "Microsoft Graph, without a version.",
    "GraphSettings.house": "Our app in our own tenant, for mail and calendar.",
    "LoginSettings.url": "Where tokens come from.",
    "PrtgSettings.url": "The web address of our core.",
    "PrtgSettings.token": "An API token that sees every object of the customer.",
    "PrtgSettings.url_v2": "API v2 with its port, 1616 unless it was changed; probes, groups and devices go by it.",
    "PrtgSettings.tags": "Forms in which a customer's objects are tagged; `{slug}` is the customer's slug.",
    "PrtgSettings.history_days": "Days of measurements that are kept before a sensor goes; 0 keeps none.",
    "PrtgSettings.history_average": "Seconds that one kept value stands for.",
    "PrtgSettings.history_per_minute": "Requests for measurements that the core takes in a minute.",
    "PasswordstateSettings.backup_days": "Days that backups of the vault are kept; left out, nobody says.",
    "PasswordstateSettings.mode": "By keys, or `windows`: an account of the domain signs in by NTLM, without a key.",
    "PasswordstateSettings.account": "The account, `DOMAIN\\name`; used with `windows` alone.",
    "PasswordstateSettings.password": "Its password; used with `windows` alone.",
    "PasswordstateSettings.staff": "Users and groups of ours in the vault, as patterns; left out, what they may stays.",
    "PasswordstateSettings.url": "The web address of our vault.",
    "PasswordstateSettings.api_key": "The system-wide key; only when keys of lists do not suffice.",
    "PasswordstateSettings.list_keys": "Keys of single lists, by list id. They go before the system-wide key.",
    "ProviderSettings.security": "Who of ours is told before all secrets of a customer are read, at a domain of ours.",
    "ProviderSettings.foreign_group": "Who takes the foreign group away: the `customer`, seen by us, or our `app`.",
    "ProviderSettings.partner_id": "Our Partner ID (MPN), for the new supplier's transfer request.",
    "ProviderSettings.partner_kind": "How we are in CSP, in words: a direct bill partner, or through which provider.",
    "Settings.partner_center": "Left out: the transfer, the reseller relationship and GDAP are a person's.",
    "Settings.topdesk": "Left out: the contract, assets, persons and branch are a person's.",
    "Settings.reassure": "Left out: the portal is a person's.",
    "Settings.github": "Left out: no issue mirrors the case.",
    "Settings.letters": "Left out: letters go as shipped.",
    "LettersSettings.folder": "A folder with our own texts. `sendoff letters write FOLDER` fills one.",
    "Settings.smtp": "Left out: letters go through Microsoft Graph.",
    "PartnerCenterSettings.url": "Partner Center's REST address.",
    "PartnerCenterSettings.app_user": "The app, and who signs in to it: a person in Admin agents, with MFA.",
    "PartnerCenterSettings.accept_by_api": "Accept transfers by API. Its payload is unverified: leave it off "
    "until it was tried on a real tenant.",
    "TopdeskSettings.url": "The address of the environment, without `/tas/api`.",
    "TopdeskSettings.login": "The operator's login name.",
    "TopdeskSettings.password": "The operator's application password.",
    "TopdeskSettings.contract_mode": "`sla`: contract management, which a person edits; `asset`: contracts are assets, "
    "which are archived by machine.",
    "TopdeskSettings.asset_template": "The template of contract assets, by name.",
    "TopdeskSettings.archive_reason": "The name of the archiving reason; needed where the environment demands one.",
    "TopdeskSettings.operator_group": "The group that gets the calls we make, by name.",
    "TopdeskSettings.changes": "`false` where your service desk has no change management: open changes are then not "
    "looked for.",
    "TopdeskSettings.activities": "`false` where it has no operations management.",
    "TopdeskSettings.assets": "`false` where it has no asset management.",
    "ReassureSettings.url": "The address of the portal's API.",
    "ReassureSettings.token": "A token that reads and ends, and cannot erase.",
    "ReassureSettings.paths": "Paths of the portal where they differ from the profile, by the profile's name.",
    "ReassureSettings.fields": "Fields of the portal where they differ from the profile, by the profile's name.",
    "GithubSettings.url": "GitHub's REST address.",
    "GithubSettings.token": "A token that reads the repository and writes issues.",
    "GithubSettings.repository": "`owner/name` of a private repository; a public one is refused.",
    "GithubSettings.labels": "Labels of the issue, as the checklist's front matter has them.",
    "GithubSettings.name_customer": "Off: the title carries the number of the case instead of the customer's name.",
    "SmtpSettings.returns": "The mailbox to which letters come back, `imaps://HOST/FOLDER`; left out, nobody looks.",
    "SmtpSettings.returns_login": "The login for it; left out, the one that sends.",
    "SmtpSettings.returns_password": "The password for it; left out, the one that sends.",
    "SmtpSettings.host": "The submission server.",
    "SmtpSettings.port": "465 for tls, 587 for starttls.",
    "SmtpSettings.security": "`tls` from the start or `starttls`; never without.",
    "SmtpSettings.login": "The login name; left out: no sign-in.",
    "SmtpSettings.password": "Where its password comes from.",
    "AppUser.client_id": "The application id.",
    "AppUser.secret": "Where its secret comes from.",
    "AppUser.refresh_token": "Better left out: somebody in Admin agents then signs in for each run with `--sign-in`. "
    "Stored, it opens every customer to whoever finds it, and `sendoff doctor` says how many.",
    "CustomerSettings.tenant": "The id of their Entra tenant. Only `doctor` asks for it, to try the app before there "
    "is a case; a case says its own.",
    "CustomerSettings.app": "Our app registration in this customer's tenant.",
    "App.client_id": "The application id; of a managed identity only where the machine has several.",
    "App.secret": "Where its secret comes from. Exactly one of `secret`, `certificate` and `by` is given.",
    "App.certificate": "Instead of a secret, the certificate that it knows. Needs `pip install 'sendoff[azure]'`.",
    "App.by": "Instead of a secret, what the machine proves: `managed-identity`, or `workload-identity` with the "
    "variable `AZURE_FEDERATED_TOKEN_FILE`. Needs `pip install 'sendoff[azure]'`.",
    "CertificateFile.file": "A PEM or PFX file with the certificate and its private key.",
    "CertificateFile.password": "What opens the private key, when something does.",
    "SecretSource.env": "The name of a variable of the environment.",
    "SecretSource.file": "A file; blanks around the value are dropped. Give an absolute path.",
    "SecretSource.command": "A command whose standard output is the secret, within 60 seconds.",
}


def page() -> str:
    """The whole page; KeyError for a field without words."""
    parts = [NOTE, HEAD]
    for kind, title in SECTIONS.items():
        told = noun(kind)
        rows = [(code(one.name), code(one.type), _default(one), WORDS[f"{told.name}.{one.name}"]) for one in told.fields
                if one.name != "model_config"]  # fmt: skip
        parts.append(f"## {title}\n\n{told.words}\n\n{table(('name', 'type', 'default', ''), rows)}")
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _default(field: Field) -> str:
    if not field.default:
        return "must be given"
    return code(field.default.replace("Field(default_factory=list)", "[]").replace("Field(default_factory=dict)", "{}"))


def undocumented() -> list[str]:
    """Fields of the model that no table above explains, and words for fields that are gone."""
    there = {f"{kind.__name__}.{name}" for kind in _models(Settings) for name in kind.model_fields}
    return sorted(there ^ set(WORDS)) + sorted(kind.__name__ for kind in _models(Settings) - set(SECTIONS))


def _models(kind: type[BaseModel]) -> set[type[BaseModel]]:
    """The model and every model inside it."""
    found = {kind}
    for one in vars(__import__(kind.__module__, fromlist=["x"])).values():
        if (
            isinstance(one, type)
            and issubclass(one, BaseModel)
            and one.__module__.startswith(kind.__module__)
            and one.model_fields
        ):
            found.add(one)
    return found
