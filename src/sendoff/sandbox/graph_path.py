"""Graph's paths taken apart: the segments, type casts by either name of the namespace, keys in brackets, and $count.

Vendor's pages: learn.microsoft.com/graph/query-parameters and /graph/aad-advanced-queries; the namespace
microsoft.graph has the alias graph in the vendor's metadata, and its own clients write the alias.
"""

import re

from sendoff.sandbox.wire import Obj, Request, text

ALIAS = re.compile(r"^(microsoft\.)?graph\.")
KEYED = re.compile(r"^(\w+)\((\w+)='([^']*)'\)$")
CASTS = frozenset(
    {"user", "group", "serviceprincipal", "application", "device", "orgcontact", "directoryrole", "administrativeunit"}
)


def segments(request: Request) -> list[str]:
    """The segments after the version, without the namespace; `x(key='v')` becomes x and key=v; a $count at the end
    of a GET is left out, as the answer to the list is what changes."""
    found: list[str] = []
    for one in request.path.strip("/").split("/")[1:]:
        keyed = KEYED.match(one)
        found += [keyed.group(1), f"{keyed.group(2)}={keyed.group(3)}"] if keyed else [ALIAS.sub("", one)]
    return found[:-1] if counts(request) and len(found) > 1 else found


def counts(request: Request) -> bool:
    """Whether only the number of rows is asked for."""
    return request.method == "GET" and request.path.endswith("/$count")


def is_cast(rest: list[str]) -> bool:
    """Whether what follows a list of directory objects is one type's name."""
    return len(rest) == 1 and rest[0].lower() in CASTS


def cast(rows: list[Obj], rest: list[str]) -> list[Obj]:
    """The rows of the type that the path names after the list; all when it names none."""
    if not is_cast(rest):
        return rows
    return [one for one in rows if text(one, "@odata.type").rpartition(".")[2].lower() == rest[0].lower()]
