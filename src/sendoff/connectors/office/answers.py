"""What became of a letter: it came back, or somebody answered. Read from the same conversation in our inbox.

[3] No page says how a report of non-delivery shows in Graph: Exchange sends it in the conversation of the letter, from
a name that begins with MicrosoftExchange, or as postmaster; other servers as mailer-daemon. Each of these counts.
"""

import re
from collections.abc import Sequence

from sendoff.connectors.wire.body import Object, rows, text

RETURNS = re.compile(r"(postmaster|mailer-daemon|microsoftexchange[0-9a-f]*)@", re.I)
REPORT = frozenset({"x-ms-exchange-message-is-ndr", "x-failed-recipients"})
"""Headers that only a report of non-delivery has [3]."""
BY_ITSELF = "auto-submitted"
"""RFC 3834: present, and other than `no`, on what no person wrote."""
Told = tuple[tuple[str, str], ...]


def told(thread: Sequence[Object], to: Sequence[str]) -> Told:
    """When the letter came back, and when one of its recipients answered; empty for neither."""
    returned = [one for one in thread if _returned(one)]
    known = {one.lower() for one in to}
    answered = [one for one in thread if one not in returned and _from(one) in known and not _automatic(one)]
    found = (("returned", _first(returned)), ("answered", _first(answered)))
    return tuple((name, value) for name, value in found if value)


def _returned(row: Object) -> bool:
    return RETURNS.match(_from(row)) is not None or bool(REPORT & _headers(row).keys())


def _automatic(row: Object) -> bool:
    return _headers(row).get(BY_ITSELF, "no").strip().lower() != "no"


def _headers(row: Object) -> dict[str, str]:
    return {text(one, "name").lower(): text(one, "value") for one in rows(row, "internetMessageHeaders")}


def _from(row: Object) -> str:
    return text(row, "from", "emailAddress", "address").lower()


def _first(found: Sequence[Object]) -> str:
    return min((text(one, "receivedDateTime") for one in found), default="")
