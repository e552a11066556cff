"""Who calls, and in which house: the part that every command on cases begins with."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sendoff.cli.drawing import say
from sendoff.model.errors import Refused

if TYPE_CHECKING:
    from sendoff.model.people import Person
    from sendoff.wiring import House

SettingsFile = Annotated[
    Path | None, Parameter(name="--settings", help="The settings file; else SENDOFF_SETTINGS, else ./sendoff.toml.")
]
As = Annotated[str | None, Parameter(name="--as", help="Act as this person. In the sandbox only.")]
AsJson = Annotated[bool, Parameter(name="--json", negative=(), help="Print JSON for programs.")]
SignIn = Annotated[
    bool,
    Parameter(
        name="--sign-in",
        negative=(),
        help="Sign in with a device code, as a person of ours in Admin agents; for this run only, kept nowhere.",
    ),
]
Reason = Annotated[str, Parameter(name="--reason", help="Why, in a few words; it is written down.")]


def house(settings: Path | None, *, sign_in: bool = False) -> "House":
    """The wired house; with `sign_in` a person signs in for this run."""
    from sendoff.wiring import wired

    return wired(settings, sign_in=tell_code if sign_in else None)


def tell_code(code: str, where: str) -> None:
    """Tell the person what to type, and where."""
    say(f"To sign in, open {where} in any browser and type {code}. Waiting for you there.")


def called(settings: Path | None, as_: str | None, *, sign_in: bool = False) -> "tuple[House, Person]":
    """The house and the person who calls. Against real systems that is whoever runs this program, and nobody else."""
    from sendoff.wiring.identity import me

    found = house(settings, sign_in=sign_in)
    if as_ is not None and found.control is None:
        raise Refused(
            "--as is a thing of the sandbox: against real systems you act as the operating-system user you are, "
            "mapped to a person in the settings"
        )
    return found, found.register.person(as_ if as_ is not None else me())
