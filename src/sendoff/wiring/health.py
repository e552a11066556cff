"""Doctor: what is configured, who is who, what is missing, and which keys work."""

from sendoff.model.inventory import System
from sendoff.model.people import Role
from sendoff.wiring.house import House
from sendoff.wiring.probing import Examined, State, probed

SYSTEMS = (
    System.AZURE,
    System.ENTRA,
    System.OFFICE,
    System.PRTG,
    System.PASSWORDSTATE,
    System.PARTNER_CENTER,
    System.TOPDESK,
    System.REASSURE,
    System.GITHUB,
)
PLACEHOLDER = "00000000-0000-0000-0000-000000000000"
"""The tenant in the settings that `sendoff init` writes."""


def examined(house: House, *, probe: bool = True) -> tuple[Examined, ...]:
    """Every finding about the settings, and with `probe` about every key, each tried once by a harmless question."""
    told = (*_ourselves(house), *_systems(house), *_people(house), *_dangers(house))
    return (*told, *probed(house)) if probe else told


def _examined(subject: str, good: bool, said: str) -> Examined:
    return Examined(subject=subject, state=State.GOOD if good else State.MISSING, said=said)


def _ourselves(house: House) -> list[Examined]:
    filled = house.provider.tenant != PLACEHOLDER
    said = f"{house.provider.name}, tenant {house.provider.tenant}"
    return [_examined("provider", filled, said if filled else "fill in [provider]: its tenant is still a placeholder")]


def _systems(house: House) -> list[Examined]:
    known = house.desk.ports.world.addresses
    absent = "not configured: its steps are done by a person, with evidence"
    return [_examined(str(system), system in known, known.get(system, absent)) for system in SYSTEMS]


def _people(house: House) -> list[Examined]:
    found = []
    for role in Role:
        holders = [person.name for person in house.register.people() if role in person.roles]
        found.append(_examined(str(role), bool(holders), ", ".join(holders) or "nobody holds this role"))
    if len(house.register.people()) < 2:
        found.append(_examined("two persons", False, "one proposes, another approves: name a second"))
    if house.control is None:
        unsigned = [person.name for person in house.register.people() if not person.ssh_key]
        found.append(_examined("signatures", not unsigned, _without(unsigned)))
    return found


def _without(names: list[str]) -> str:
    return f"no ssh_key: {', '.join(names)}; they can decide nothing" if names else "everybody has a key"


def _dangers(house: House) -> list[Examined]:
    vault = house.settings.passwordstate
    if vault is not None and vault.mode == "api-key" and vault.api_key is not None:
        played = house.control is not None
        said = "a system-wide key is set: it opens every customer's lists; prefer a key for each list"
        rehearsed = f"{said}. It is good in a rehearsal alone, and a fault elsewhere" if played else said
        return [_examined("passwordstate key", played, rehearsed)]
    return []
