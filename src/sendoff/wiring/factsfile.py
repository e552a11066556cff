"""Facts of a case from a TOML file and flags."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from sendoff.model.digest import Digest, digest_bytes, plain
from sendoff.model.errors import BadInput
from sendoff.model.facts import Facts, LeavesCsp, Provider
from sendoff.model.people import PersonId
from sendoff.model.shape import shaped
from sendoff.model.template import Tier

MOST = 64 * 1024 * 1024
"""Bytes of a file that is read whole."""


def read_file(path: Path, what: str) -> bytes:
    """The bytes of a file of at most 64 MiB, or BadInput."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST + 1)
    except OSError as wrong:
        raise BadInput(f"cannot read {what}: {wrong.strerror}", where=str(path)) from wrong
    if len(data) > MOST:
        raise BadInput(f"{what} is larger than 64 MiB", where=str(path))
    return data


def read_facts(path: Path, provider: Provider, who: PersonId, notice: bytes) -> Facts:
    """The facts in a file. We ourselves come from the settings, the notice's digest from its own file."""
    return facts_in(read_file(path, "the facts"), str(path), provider, who, notice)


def facts_in(text: bytes, where: str, provider: Provider, who: PersonId, notice: bytes) -> Facts:
    """The facts in the bytes of such a file; `where` is its name for messages."""
    try:
        data = tomllib.loads(text.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise BadInput(f"not readable as TOML: {wrong}", where=where) from wrong
    told = dict(data)
    executor = told.pop("executor", "")
    if "provider" in told:
        raise BadInput("who we are stands in the settings, not in the facts", where=where)
    told["provider"] = plain(replace(provider, executor=str(executor)))
    told["notice"] = _notice(told.get("notice"), who, digest_bytes(notice), where)
    return shaped(Facts, told, where=Path(where).name)


def _notice(told: object, who: PersonId, evidence: Digest, where: str) -> Mapping[str, object]:
    if not isinstance(told, dict):
        raise BadInput("a [notice] table is needed: reached, sender, called_back", where=where)
    return {"called_back": "", **told, "evidence": evidence, "recorded_by": who}


def with_flags(
    facts: Facts,
    *,
    contract_end: date | None,
    access_until: date | None,
    tier: Tier | None,
    remaining: Tier | None,
    leaves_csp: LeavesCsp | None,
) -> Facts:
    """The facts with what was given as flags; a flag wins over the file."""
    return replace(
        facts,
        contract_end=contract_end or facts.contract_end,
        access_until=access_until or facts.access_until,
        ending=tier or facts.ending,
        remaining=remaining or facts.remaining,
        leaves_csp=leaves_csp or facts.leaves_csp,
    )
