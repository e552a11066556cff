"""Doctor: what is configured, who is who, and what is missing."""

from sendoff.engine.preflight import Finding
from sendoff.model.inventory import System
from sendoff.model.people import Role
from sendoff.wiring.house import House

NEEDED = (System.AZURE, System.ENTRA, System.OFFICE, System.PRTG, System.PASSWORDSTATE)


def examined(house: House) -> tuple[Finding, ...]:
    """Every finding about the settings themselves; keys are tried for a customer by `case preflight`."""
    return (*_systems(house), *_people(house), *_dangers(house))


def _systems(house: House) -> list[Finding]:
    known = house.desk.ports.world.addresses
    return [
        Finding(
            subject=str(system),
            good=system in known,
            said=known.get(system, "not configured: its steps are done by a person, with evidence"),
        )
        for system in NEEDED
    ]


def _people(house: House) -> list[Finding]:
    found = []
    for role in Role:
        holders = [person.name for person in house.register.people() if role in person.roles]
        found.append(
            Finding(subject=str(role), good=bool(holders), said=", ".join(holders) or "nobody holds this role")
        )
    if len(house.register.people()) < 2:
        found.append(Finding(subject="two persons", good=False, said="one proposes, another approves: name a second"))
    if house.control is None:
        unsigned = [person.name for person in house.register.people() if not person.ssh_key]
        found.append(Finding(subject="signatures", good=not unsigned, said=_without(unsigned)))
    return found


def _without(names: list[str]) -> str:
    return f"no ssh_key: {', '.join(names)}; they can decide nothing" if names else "everybody has a key"


def _dangers(house: House) -> list[Finding]:
    vault = house.settings.passwordstate
    if vault is not None and vault.api_key is not None:
        said = "a system-wide key is set: it opens every customer's lists; prefer a key for each list"
        return [Finding(subject="passwordstate key", good=house.control is not None, said=said)]
    return []
