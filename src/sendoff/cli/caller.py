"""Who calls, and in which house: the part that every command on cases begins with."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sendoff.model.errors import Refused

if TYPE_CHECKING:
    from sendoff.model.people import Person
    from sendoff.wiring import House

SettingsFile = Annotated[
    Path | None, Parameter(name="--settings", help="The settings file; else SENDOFF_SETTINGS, else ./sendoff.toml.")
]
As = Annotated[str | None, Parameter(name="--as", help="Act as this person. In the sandbox only.")]
AsJson = Annotated[bool, Parameter(name="--json", negative=(), help="Print JSON for programs.")]
Reason = Annotated[str, Parameter(name="--reason", help="Why, in a few words; it is written down.")]


def house(settings: Path | None) -> "House":
    """The wired house."""
    from sendoff.wiring import wired

    return wired(settings)


def called(settings: Path | None, as_: str | None) -> "tuple[House, Person]":
    """The house and the person who calls. Against real systems that is whoever runs this program, and nobody else."""
    from sendoff.wiring.identity import me

    found = house(settings)
    if as_ is not None and found.control is None:
        raise Refused(
            "--as is a thing of the sandbox: against real systems you act as the operating-system user you are, "
            "mapped to a person in the settings"
        )
    return found, found.register.person(as_ if as_ is not None else me())
