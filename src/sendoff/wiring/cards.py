"""The card of a running sandbox, read as tables; who works in a rehearsal, and who leaves."""

from collections.abc import Mapping

from sendoff.model.digest import Json

LEAVER = "vandermeer"
Table = Mapping[str, Json]
STAFF = (
    ("p-58c1f0", "carla", "Carla de Vries", "CSM"),
    ("p-e2470b", "erik", "Erik Jansen", "Engineer"),
    ("p-91ad36", "emma", "Emma Bakker", "Engineer"),
    ("p-c7730e", "paul", "Paul Smit", "Practice Lead Managed Services"),
)
"""Id, login, name and role. The id is random: it stands in the journal for good, the name behind it does not."""


def table(value: Json) -> Table:
    """A JSON object, or an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: Json) -> list[Table]:
    """The objects of a JSON list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def texts(value: Json) -> list[str]:
    """The members of a JSON list as text."""
    return [str(one) for one in value] if isinstance(value, list) else []
