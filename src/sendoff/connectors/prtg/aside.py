"""What of a customer lies in PRTG outside its tree: templates, schedules, users, reports, maps; by ids of the facts.

No list that is documented shows users, groups of users, maps and libraries: their names are read one by one, and the
rest is a person's to find. Page: paessler.com/manuals/prtg/object_manipulation.
"""

from sendoff.connectors.prtg.client import Core
from sendoff.model.errors import Confusing, Refused
from sendoff.model.facts import Facts

LISTED = {"notification": "notifications", "schedule": "schedules", "report": "reports"}
"""Those that a table shows."""
TYPES = frozenset({*LISTED, "user", "usergroup", "map", "library"})
OWN = 1000
"""[M] What comes with the core is numbered below: its administrator, its groups, its own templates."""


def named(facts: Facts) -> dict[str, str]:
    """Id and type of each, as the facts say `TYPE:ID`. Refused for what no customer has."""
    found: dict[str, str] = {}
    for told in facts.places.prtg_objects:
        kind, _, ident = told.partition(":")
        if kind not in TYPES:
            raise Refused(f"places.prtg_objects: {told!r} is not TYPE:ID with a type of {', '.join(sorted(TYPES))}")
        if not ident.isdecimal() or ident != str(int(ident)) or int(ident) < OWN:
            raise Refused(f"PRTG object {ident!r} is never a customer's; nothing was done")
        found[ident] = kind
    return found


def name_of(core: Core, facts: Facts, ident: str) -> str | None:
    """Its name; None when the core does not know it. Refused for an id that is not in the facts."""
    kind = named(facts).get(ident)
    if kind is None:
        raise Refused(f"PRTG object {ident} is not {facts.customer.slug}'s; nothing was done")
    if kind not in LISTED:
        return core.named(ident)
    rows = core.table(LISTED[kind], (("filter_objid", ident),), columns=("objid", "name"))
    found = [row["name"] for row in rows if row["objid"] == ident]
    if len(found) > 1:
        raise Confusing("read an object outside the tree: two have one id", system="prtg")
    return found[0] if found else None


def doubted(facts: Facts, name: str) -> str:
    """Why the core does not confirm the id in the facts; empty when its name does."""
    known = (facts.customer.name, facts.customer.slug)
    if any(one.casefold() in name.casefold() for one in known):
        return ""
    return "the facts name it, and its name in PRTG does not say that it is theirs"
