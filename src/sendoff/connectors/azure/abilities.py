"""What our hands can do in Azure, by which key, and how safe it is to do it again."""

from collections.abc import Mapping

from sendoff.connectors.azure import again, settings
from sendoff.connectors.azure.kinds import REMOVABLE
from sendoff.model.inventory import Kind, Verb
from sendoff.model.key import Key
from sendoff.ports import Ability, Repeat

FEW = 2
"""Groups in a batch: they are few, each takes several reads, and they are what a plan ends with."""


def abilities(usual: Key) -> Mapping[tuple[Kind, Verb], Ability]:
    """Each deed by the usual key, but those that a delegation may not do, or that a person does."""
    able = {(kind, Verb.REMOVE): Ability(key=usual, repeat=Repeat.NATURAL, reversible=False) for kind in REMOVABLE}
    able[Kind.GROUP, Verb.REMOVE] = Ability(key=usual, repeat=Repeat.NATURAL, reversible=False, batch=FEW)
    able[Kind.POLICY_REMEDIATION, Verb.DISABLE] = Ability(key=usual, repeat=Repeat.NATURAL, reversible=False)
    able[Kind.LOCK, Verb.REMOVE] = Ability(key=Key.APP, repeat=Repeat.NATURAL, reversible=False)
    able[Kind.ROLE_ASSIGNMENT, Verb.REMOVE] = Ability(key=Key.APP, repeat=Repeat.NATURAL, reversible=False)
    able[Kind.DELEGATION, Verb.REMOVE] = Ability(key=Key.LIGHTHOUSE, repeat=Repeat.NATURAL, reversible=False)
    for kind in (Kind.RECEIVER, Kind.INSIDE_MACHINE):
        able[kind, Verb.REMOVE] = Ability(key=Key.PERSON, repeat=Repeat.NATURAL, reversible=True)
    for kind, verb in (*settings.VERBS.items(), (Kind.TAG, Verb.PUT_BACK)):
        able[kind, verb] = Ability(key=Key.LIGHTHOUSE, repeat=Repeat.NATURAL, reversible=True)
    able |= again.abilities(usual)
    able[Kind.PROBE_SERVICE, Verb.REMOVE] = Ability(
        key=Key.LIGHTHOUSE, repeat=Repeat.NATURAL, reversible=False, batch=1
    )
    able[Kind.COST, Verb.EXPORT] = Ability(key=Key.LIGHTHOUSE, repeat=Repeat.NATURAL, reversible=True, batch=1)
    able[Kind.RESOURCE, Verb.EXPORT] = Ability(key=usual, repeat=Repeat.NATURAL, reversible=True, batch=1)
    return able
