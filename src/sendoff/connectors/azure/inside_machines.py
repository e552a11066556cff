"""Inside machines that the record names: local accounts, agents and scheduled tasks that are called like ours.

Read only, by run-command, while a key lasts; a person takes out what is found. Of what is not called like ours nothing
leaves the machine. Pages: learn.microsoft.com/azure/virtual-machines/windows/run-command; the vendor gives the last
4096 bytes of what a script says, so that a first line that is missing makes the cell blind.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from sendoff.connectors.azure.client import SYSTEM, Arm
from sendoff.connectors.azure.ids import subscription_of
from sendoff.connectors.azure.probe_service import ended, output, started
from sendoff.connectors.wire.body import image
from sendoff.model.errors import Confusing
from sendoff.model.facts import Facts, Provider
from sendoff.model.inventory import Item, Kind, Rebuildable, Sign, SignKind, Target
from sendoff.ports import Sink

PLACE = "/inside/"
BEGIN, END = "sendoff: begin", "sendoff: end"
SAFE = re.compile(r"[\w .@-]+")
"""What of our own names may stand in a script."""
ROW = re.compile(r"sendoff: (account|task|service) (.+)")
QUESTIONS = (
    (
        'Get-LocalUser | Where-Object { "$($_.Name) $($_.FullName) $($_.Description)" -match $ours }'
        ' | ForEach-Object { "sendoff: account $($_.Name)" }'
    ),
    (
        'Get-ScheduledTask | Where-Object { "$($_.TaskPath) $($_.TaskName) $($_.Author)" -match $ours }'
        ' | ForEach-Object { "sendoff: task $($_.TaskPath)$($_.TaskName)" }'
    ),
    (
        "Get-CimInstance Win32_Service"
        ' | Where-Object { "$($_.Name) $($_.DisplayName) $($_.StartName) $($_.PathName)" -match $ours }'
        ' | ForEach-Object { "sendoff: service $($_.Name)" }'
    ),
)
"""They read, and change nothing."""


def machines(facts: Facts, leaving: Sequence[str]) -> tuple[str, ...]:
    """Ids of the machines in subscriptions that leave, in which, by the record, we put something."""
    named = [row.id for row in facts.record if row.kind is Kind.INSIDE_MACHINE]
    return tuple(sorted({one.lower() for one in named if subscription_of(one) in leaving}))


def script(provider: Provider) -> tuple[str, ...]:
    """The script: it says only what is called like us, or names a domain of ours."""
    names = [one for one in (provider.name, *provider.domains) if SAFE.fullmatch(one)]
    ours = "|".join(re.escape(one).replace("\\ ", " ").replace("\\-", "-") for one in names)
    return (
        "$ErrorActionPreference = 'Stop'",
        f"$ours = '(?i){ours}'",
        f"Write-Output '{BEGIN}'",
        *QUESTIONS,
        f"Write-Output '{END}'",
    )


def found(
    arm: Arm, at: Target, known: Sequence[str], facts: Facts, out: Sink, wait: Callable[[float], None]
) -> Iterator[Item]:
    """Everything that these machines say; those of the arm's subscription are asked. Conflict when one does not run."""
    for machine in known:
        if subscription_of(machine) == subscription_of(arm.root):
            for what, name in _said(arm, machine, facts.provider, wait):
                yield _item(replace(at, id=f"{machine}{PLACE}{what}/{name}"), facts.provider.name, out)


def one(
    arm: Arm, at: Target, known: Sequence[str], facts: Facts, out: Sink, wait: Callable[[float], None]
) -> Item | None:
    """The same question, asked of the one machine."""
    machine = at.id.lower().partition(PLACE)[0]
    near = found(arm, at, [each for each in known if each == machine], facts, out, wait)
    return next((item for item in near if item.id.lower() == at.id.lower()), None)


def _said(arm: Arm, machine: str, provider: Provider, wait: Callable[[float], None]) -> list[tuple[str, str]]:
    answer = started(arm, machine, script(provider))
    if answer is None:
        arm.subscription()
        return []
    lines = [line.strip() for line in output(ended(arm, answer, wait)).splitlines() if line.strip()]
    if BEGIN not in lines or END not in lines:
        raise Confusing("look inside a machine: what it said is not whole", system=SYSTEM)
    rows = [ROW.fullmatch(line) for line in lines if line not in (BEGIN, END)]
    if not all(rows):
        raise Confusing("look inside a machine: it said something else", system=SYSTEM)
    return [(row[1], row[2]) for row in rows if row]


def _item(at: Target, like: str, out: Sink) -> Item:
    machine, _, rest = at.id.partition(PLACE)
    what, _, name = rest.partition("/")
    return Item(
        system=at.system,
        kind=at.kind,
        id=at.id,
        name=f"{what} {name} on {machine.rpartition('/')[2]}",
        scope=at.scope,
        key=at.key,
        image=out.image(image({"machine": machine, "what": what, "name": name})),
        signs=(Sign(kind=SignKind.NAME, value=like),),
        detail=(("what", what), ("machine", machine)),
        rebuildable=Rebuildable.NOT,
    )
