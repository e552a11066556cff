"""A rehearsal: a sandbox in its own process, with settings and facts that reach it."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import tomli_w

from sendoff.model.digest import Json
from sendoff.model.errors import Unreachable
from sendoff.wiring.cards import LEAVER, STAFF, Table, table, texts
from sendoff.wiring.control import read_card
from sendoff.wiring.leaving import Leaving, facts_table, notice_text


@dataclass(slots=True)
class Running:
    """A sandbox process and its folder."""

    folder: Path
    process: "subprocess.Popen[str]"

    def wait(self) -> None:
        """Until it ends."""
        self.process.wait()

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(timeout=10)
        if self.process.stdout:
            self.process.stdout.close()


def started(folder: Path, seed: int, leaving: Leaving, *, size: int = 1, more: Sequence[str] = ()) -> Running:
    """Start a sandbox and write `sendoff.toml` and `facts.toml` beside its card. `size` multiplies our resources, and
    `more` are further words of the sandbox's command line."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "sendoff.sandbox", "--folder", str(folder.resolve()), "--seed", str(seed)]
    command += ["--size", str(size), *more]
    command += ["--tier", str(leaving.tier), "--parent-pid", str(os.getpid())]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise Unreachable("it did not start; see the lines above", system="sandbox")
    card = read_card(folder)
    today = datetime.fromisoformat(str(CLOCK_STARTS)).date()
    (folder / "sendoff.toml").write_text(tomli_w.dumps(settings_table(card, folder)), encoding="utf-8")
    facts = facts_table(card, leaving, today)
    (folder / "facts.toml").write_text(tomli_w.dumps(facts), encoding="utf-8")
    (folder / "notice.eml").write_text(notice_text(card, today), encoding="utf-8")
    return Running(folder=folder, process=process)


CLOCK_STARTS = "2026-11-23T09:00:00+01:00"
"""Where the sandbox's civil time begins."""


def settings_table(card: Table, folder: Path) -> dict[str, object]:
    """The settings that reach this sandbox. Its secrets are rehearsal secrets; they stand in files all the same."""
    urls, msp = table(card["urls"]), table(table(card["known"])["msp"])
    customers = table(table(card["known"])["customers"])
    safe = folder / "secrets"
    safe.mkdir(exist_ok=True)
    lighthouse, house = table(msp["lighthouse"]), table(msp["house"])
    vault = table(msp["passwordstate"])
    there = {one for known in customers.values() for one in texts(table(table(known)["passwordstate"])["list_ids"])}
    app = table(table(customers[LEAVER])["app"])
    return {
        "data": "data",
        "sandbox": ".",
        "provider": _provider(msp, lighthouse),
        "people": [
            {"id": ident, "name": name, "roles": [role], "logins": [login], "mail": f"{login}@intercept.example"}
            for ident, login, name, role in STAFF
        ],
        "login": {"url": str(urls["login"])},
        "azure": {"url": str(urls["arm"]), "lighthouse": _app(safe, "lighthouse", lighthouse)},
        "graph": {"url": str(urls["graph"]), "house": _app(safe, "house", house)},
        "prtg": {
            "url": str(urls["prtg"]),
            "token": _secret(safe, "prtg", str(table(msp["prtg"])["apitoken"])),
            "history_per_minute": 6000,
        },
        "passwordstate": {
            "url": str(urls["passwordstate"]),
            "backup_days": 90,
            "staff": ["Intercept *", "INTERCEPT\\*"],
            "api_key": _secret(safe, "vault", str(vault["api_key"])),
            "list_keys": {
                number: _secret(safe, f"list-{number}", str(key))
                for number, key in table(vault["list_keys"]).items()
                if number in there
            },
        },
        **_house_systems(safe, urls, msp),
        "customers": {LEAVER: {"tenant": str(table(customers[LEAVER])["tenant_id"]), "app": _app(safe, "app", app)}},
    }


def _provider(msp: Table, lighthouse: Table) -> dict[str, object]:
    return {
        "name": str(msp["name"]),
        "tenant": str(msp["tenant_id"]),
        "domains": texts(msp["domains"]),
        "mailbox": str(msp["mailbox"]),
        "principals": [str(msp["admin_group_id"]), str(msp["engineers_group_id"]), str(lighthouse["principal_id"])],
        "partner_id": str(msp["mpn_id"]),
        **{name: texts(msp[name]) for name in ("addresses", "phones", "pipelines")},
    }


def _house_systems(safe: Path, urls: Table, msp: Table) -> dict[str, object]:
    """The systems in our own house that know the customer: Partner Center, service desk, portal and repository."""
    partner, desk = table(msp["partner_center"]), table(msp["topdesk"])
    refresh = _secret(safe, "partner-refresh", str(partner["refresh_token"]))
    github = table(msp["github"])
    return {
        "partner_center": {
            "url": str(urls["partner-center"]),
            "app_user": {**_app(safe, "partner", partner), "refresh_token": refresh},
        },
        "topdesk": {
            "url": str(urls["topdesk"]),
            "login": str(desk["login"]),
            "password": _secret(safe, "topdesk", str(desk["password"])),
            "archive_reason": "No longer a customer",
            "operator_group": "Contract administration",
        },
        "reassure": {
            "url": str(urls["reassure"]),
            "token": _secret(safe, "reassure", str(table(msp["reassure"])["token"])),
        },
        "github": {
            "url": str(urls["github"]),
            "token": _secret(safe, "github", str(github["token"])),
            "repository": str(github["repository"]),
        },
    }


def _secret(safe: Path, name: str, value: str) -> dict[str, object]:
    file = safe / name
    file.write_text(value, encoding="utf-8")
    file.chmod(0o600)
    return {"file": str(file.resolve())}


def _app(safe: Path, name: str, known: Table) -> dict[str, object]:
    return {"client_id": str(known["client_id"]), "secret": _secret(safe, name, str(known["client_secret"]))}


def evidence(what: str, found: Json) -> bytes:
    """Evidence of a deed in a rehearsal, which says that it is one."""
    return json.dumps({"rehearsal": True, "what": what, "found": found}, indent=1, ensure_ascii=False).encode()
