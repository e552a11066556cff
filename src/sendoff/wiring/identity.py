"""Persons from settings: which login is who, and whose signature is whose."""

import getpass
import subprocess
from pathlib import Path

from sendoff.model.errors import BadInput, Refused
from sendoff.model.people import Person, PersonId, Role
from sendoff.settings import PersonSettings
from sendoff.store.signing import SSH_NAMESPACE, ssh_signed


class Register:
    """Answers the port Identity."""

    def __init__(self, people: tuple[Person, ...], signing_key: Path | None = None) -> None:
        self._people, self._signing_key = people, signing_key

    def people(self) -> tuple[Person, ...]:
        """Everybody."""
        return self._people

    def person(self, login: str) -> Person:
        """The one person behind a login; an unmapped or doubly mapped login decides nothing."""
        found = [person for person in self._people if login in person.logins or login == person.id]
        if len(found) != 1:
            known = ", ".join(sorted(login for person in self._people for login in person.logins)) or "nobody"
            raise Refused(f"login {login!r} is not mapped to one person in the settings; known: {known}")
        return found[0]

    def sign(self, person: Person, message: bytes) -> str:
        """Signed by `ssh-keygen -Y sign` with the key of whoever runs this program: agents and tokens work too."""
        if self._signing_key is None:
            raise Refused("against real systems a decision is signed: name your key as signing_key in the settings")
        command = ["ssh-keygen", "-Y", "sign", "-n", SSH_NAMESPACE, "-f", str(self._signing_key)]
        try:
            made = subprocess.run(command, input=message, capture_output=True, timeout=120, check=True)
        except (OSError, subprocess.SubprocessError) as wrong:
            raise Refused(f"ssh-keygen could not sign with {self._signing_key}: {type(wrong).__name__}") from wrong
        return made.stdout.decode("ascii", "replace")

    def proves(self, person: Person, message: bytes, signature: str) -> bool:
        """True for that person's own SSH signature over the message."""
        return bool(person.ssh_key) and ssh_signed(person.ssh_key, message, signature)


def registered(rows: list[PersonSettings], signing_key: Path | None = None) -> Register:
    """The register of the settings, or BadInput naming the row."""
    people = tuple(_person(row) for row in rows)
    ids = [person.id for person in people]
    if len(set(ids)) != len(ids) or "robot" in ids:
        raise BadInput("each person has an id of their own, and robot is nobody's", where="people")
    return Register(people, signing_key)


def _person(row: PersonSettings) -> Person:
    known = {str(role).lower(): role for role in Role} | {"practice lead": Role.PRACTICE_LEAD}
    wrong = [role for role in row.roles if role.lower() not in known]
    if wrong:
        roles = ", ".join(str(role) for role in Role)
        raise BadInput(f"{wrong[0]!r} is not a role; known: {roles}", where=f"people {row.id}")
    return Person(
        id=PersonId(row.id),
        name=row.name,
        roles=frozenset(known[role.lower()] for role in row.roles),
        logins=frozenset(row.logins),
        mail=row.mail,
        ssh_key=row.ssh_key,
    )


def me() -> str:
    """The operating-system user that runs this program."""
    return getpass.getuser()
