"""JSON bodies of vendors: read, walked, and made fit for canonical bytes."""

import json
import re
from collections.abc import Callable, Iterator

from sendoff.model.digest import Json, canonical

Object = dict[str, Json]

HIDDEN = re.compile(
    r"(password|passwd|pwd|passcode|wachtwoord|passwort|token|secret|secretvalue|accountkey|accesskey|primarykey"
    r"|secondarykey|sharedkey|apikey|connectionstring"
    r"|sastoken|sasurl|accesstoken|refreshtoken|privatekey|passphrase|credential)$",
    re.I,
)
"""Names of fields whose text does not leave the client."""
REMOVED = "(removed)"
REFERENCE = re.compile(r"\[(?:parameters|variables|field)\('[^']*'\)\]", re.I)
"""How a template of Azure names a value instead of telling it."""


def parsed(data: bytes) -> Json:
    """The JSON value of some bytes; None when they are none."""
    try:
        value: Json = json.loads(data)
    except (ValueError, RecursionError):  # brackets without an end are no JSON of anybody's
        return None
    return value


def dig(value: Json, *keys: str) -> Json:
    """What lies at the end of a way through nested objects; None where the way ends."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text(value: Json, *keys: str) -> str:
    """The text or number found there; empty when there is none."""
    found = dig(value, *keys)
    if isinstance(found, bool):
        return "yes" if found else "no"
    return str(found) if isinstance(found, (str, int, float)) else ""


def rows(value: Json, *keys: str) -> list[Json]:
    """The list found there; empty when there is none."""
    found = dig(value, *keys)
    return found if isinstance(found, list) else []


def pairs(value: Json, *keys: str) -> list[tuple[str, str]]:
    """The members of the object found there whose values are text, in order of name; a secret one is there by its name
    alone."""
    found = dig(value, *keys)
    members = found.items() if isinstance(found, dict) else ()
    return sorted((key, REMOVED if HIDDEN.search(key) else inner) for key, inner in members if isinstance(inner, str))


def texts(value: Json) -> Iterator[str]:
    """Every text anywhere in a value, names of members included."""
    if isinstance(value, str):
        yield value
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(inner)


def without(value: Json, drop: Callable[[str], bool]) -> Json:
    """The value without the members of those names, at any depth."""
    if isinstance(value, dict):
        return {key: without(inner, drop) for key, inner in value.items() if not drop(key)}
    return [without(inner, drop) for inner in value] if isinstance(value, list) else value


def scrubbed(value: Json) -> Json:
    """The value with the texts of secret fields removed, at any depth; also where a row has `name` and `value`."""
    if isinstance(value, dict):
        named = isinstance(value.get("name"), str) and HIDDEN.search(text(value, "name")) is not None
        return {
            key: REMOVED if (HIDDEN.search(key) or (named and key == "value")) and _told(inner) else scrubbed(inner)
            for key, inner in value.items()
        }
    return [scrubbed(inner) for inner in value] if isinstance(value, list) else value


def _told(value: Json) -> bool:
    """True for a text that may be a secret: not for one that only names where it comes from."""
    return isinstance(value, str) and value != "" and not REFERENCE.fullmatch(value)


def count_removed(value: Json) -> int:
    """How many texts `scrubbed` removed."""
    return sum(1 for one in texts(value) if one == REMOVED)


def whole(value: Json) -> Json:
    """The value without floats, which have no one spelling: 2.0 becomes 2, 2.5 the text 2.5."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else repr(value)
    if isinstance(value, dict):
        return {key: whole(inner) for key, inner in value.items()}
    return [whole(inner) for inner in value] if isinstance(value, list) else value


def image(value: Json) -> bytes:
    """Canonical bytes of a vendor's value, without secret fields."""
    return canonical(whole(scrubbed(value)))
