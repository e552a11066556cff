"""What lies inside a machine, and what a script prints that asks `Get-X | Where-Object {..} | ForEach-Object {..}`.

Vendor's page: learn.microsoft.com/azure/virtual-machines/windows/run-command: the last 4096 bytes of output are given.
"""

import re

from sendoff.sandbox.arm_ids import INSIDE, MACHINE
from sendoff.sandbox.wire import Json, Obj, arr, obj, text
from sendoff.sandbox.world import Customer, Thing, World

MOST = 4096
ASK = re.compile(
    r"^(Get-LocalUser|Get-ScheduledTask|Get-CimInstance Win32_Service)"
    r'\s*\|\s*Where-Object\s*\{\s*"(?P<told>.*?)"\s*-match\s*\$(?P<name>\w+)\s*\}'
    r'\s*\|\s*ForEach-Object\s*\{\s*"(?P<said>.*?)"\s*\}$'
)
SET = re.compile(r"^\$(\w+)\s*=\s*'([^']*)'$")
WRITE = re.compile(r"^Write-Output\s+'([^']*)'$")
MEMBER = re.compile(r"\$\(\$_\.(\w+)\)")


def understood(script: str) -> bool:
    """Whether a script asks what lies inside a machine."""
    return any(ASK.match(line.strip()) for line in script.splitlines())


def printed(world: World, machine: Thing, script: str) -> str:
    """What it prints; of much only the end."""
    names: dict[str, str] = {}
    lines: list[str] = []
    for line in (one.strip() for one in script.splitlines()):
        if found := SET.match(line):
            names[found[1]] = found[2]
        elif found := WRITE.match(line):
            lines.append(found[1])
        elif found := ASK.match(line):
            lines += _asked(world, machine, found, names.get(found["name"], ""))
    return "\n".join(lines).encode()[-MOST:].decode(errors="ignore")


def _asked(world: World, machine: Thing, ask: re.Match[str], pattern: str) -> list[str]:
    rows = [one.raw for one in world.all("arm", INSIDE) if one.id.lower().startswith(f"{machine.id.lower()}/inside/")]
    mine = [one for one in rows if text(one, "Get") == ask[1]]
    return [_filled(ask["said"], one) for one in mine if re.search(pattern, _filled(ask["told"], one), re.I)]


def _filled(words: str, row: Obj) -> str:
    return MEMBER.sub(lambda found: text(row, found[1]), words)


def plant(world: World, customer: Customer, asked: Obj) -> list[str]:
    """By hand: `rows` come to lie inside `machine`, and the record names the machine unless `record` is false."""
    machine = world.get("arm", MACHINE, text(asked, "machine"))
    if machine is None:
        return []
    onboarding = customer.known["onboarding"]
    if asked.get("record") is not False and isinstance(onboarding, list):
        noted: Json = {"system": "arm", "kind": INSIDE, "id": machine.id}
        onboarding.append(noted)
    found = []
    for at, row in enumerate(arr(asked.get("rows"))):
        ident = f"{machine.id}/inside/{len(world.all('arm', INSIDE))}-{at}"
        found.append(world.add(Thing("arm", INSIDE, ident, customer.slug, obj(row), machine.place)))
    return [one.key for one in found]


def take_out(world: World, customer: Customer, asked: Obj) -> list[str]:
    """By hand: the customer cleans their machines of what is called `name`."""
    rows = [one for one in world.all("arm", INSIDE) if one.owner == customer.slug]
    found = [one for one in rows if text(asked, "name").lower() in " ".join(map(str, one.raw.values())).lower()]
    for one in found:
        world.remove(one)
    return [one.key for one in found]
