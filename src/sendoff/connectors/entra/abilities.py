"""What a look at a directory reads, what we can do there, and what only a person does."""

from collections.abc import Mapping

from sendoff.connectors.entra.traces import READS
from sendoff.model.inventory import Kind, Verb
from sendoff.model.key import Key
from sendoff.ports import Ability, Repeat

KINDS = (
    Kind.USER,
    Kind.GUEST,
    Kind.SERVICE_PRINCIPAL,
    Kind.ADMINISTRATOR,
    Kind.NEW_ADMINISTRATOR,
    Kind.DIRECTORY_GROUP,
    Kind.DIRECTORY_ROLE,
    *READS,
)
ACCESS = frozenset({Kind.DIRECTORY_GROUP, Kind.DIRECTORY_ROLE})
PATHS = {Kind.USER: "/users", Kind.GUEST: "/users", Kind.SERVICE_PRINCIPAL: "/servicePrincipals"}
ABLE: Mapping[tuple[Kind, Verb], Ability] = {
    **{
        (kind, verb): Ability(key=Key.APP, repeat=Repeat.NATURAL, reversible=True)
        for kind in PATHS
        for verb in (Verb.DISABLE, Verb.REMOVE, Verb.PUT_BACK)
    },
    (Kind.DIRECTORY_GROUP, Verb.REMOVE): Ability(key=Key.APP, repeat=Repeat.NATURAL, reversible=True),
    (Kind.DIRECTORY_ROLE, Verb.REMOVE): Ability(key=Key.APP, repeat=Repeat.NATURAL, reversible=True),
    (Kind.NEW_ADMINISTRATOR, Verb.CREATE): Ability(key=Key.APP, repeat=Repeat.OWN_KEY, reversible=False, batch=1),
    (Kind.NEW_ADMINISTRATOR, Verb.DISCLOSE): Ability(key=Key.APP, repeat=Repeat.NATURAL, reversible=False, batch=1),
    (Kind.NEW_ADMINISTRATOR, Verb.ACCEPT): Ability(key=Key.PERSON, repeat=Repeat.NATURAL, reversible=True),
    (Kind.ADMINISTRATOR, Verb.CREATE): Ability(key=Key.PERSON, repeat=Repeat.NATURAL, reversible=True),
    **{
        (kind, Verb.REMOVE): Ability(key=Key.PERSON, repeat=Repeat.NATURAL, reversible=True)
        for kind in READS
        if kind not in (Kind.CONSENT, Kind.DELETED_ITEM)
    },
}
