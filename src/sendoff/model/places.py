"""Where things of the customer are in systems of ours, by configured ids."""

from dataclasses import dataclass

from sendoff.model.digest import Json, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Ids of the customer in each system, beyond the scope table."""

    prtg_groups: tuple[str, ...] = ()
    prtg_probe: str = ""
    prtg_probe_gid: str = ""
    """The probe's own id, by which it is known when it comes back."""
    prtg_probe_host: str = ""
    """The Azure id of the machine that the probe runs on; empty when it runs elsewhere."""
    prtg_objects: tuple[str, ...] = ()
    """What is theirs in PRTG outside its tree, as TYPE:ID; types are notification, schedule, report, user, usergroup,
    map and library."""
    vault_folder: str = ""
    vault_lists: tuple[str, ...] = ()
    topdesk_branch: str = ""
    """The client reference number of the customer's branch."""
    reassure_customer: str = ""


NOWHERE = Places()
_NEW = frozenset({"prtg_objects"})
"""Places that older cases did not know: while one is empty, it is in no digest, so that their approvals go on."""


def told_of(places: Places) -> Json:
    """What of them goes into a digest."""
    told = plain(places)
    rows = told.items() if isinstance(told, dict) else ()
    return {name: value for name, value in rows if value or name not in _NEW}
