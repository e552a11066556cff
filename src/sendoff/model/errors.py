"""Every error of the house.

SendoffError
|-- Refused            the house says no; an answer, not a fault (exit 1)
|   |-- Overtaken      the case moved since it was looked at; whoever decided looks again
|   |-- LeaseLost      this worker's time on a piece of work is over; another one goes on
|   `-- TooNew         a newer program wrote it, and this one would guess (exit 1)
|-- BadInput           a file, flag, date or id is not usable (exit 2)
|-- Broken             evidence does not hold together: a digest, chain or signature is wrong (exit 1)
|-- StoreDown          our own database or disk does not answer, or is full; what was begun counts as not done (exit 1)
`-- ConnectorError     a vendor did not do or say what was asked
    |-- Denied         it knows us and says no, or does not know us (401, 403)
    |-- Throttled      it asks us to come back later
    |-- Unreachable    no answer, a broken answer, or a 5xx: nothing is known
    |-- Conflict       the object is busy, locked or still in use (409 and kin)
    `-- Confusing      an answer that does not fit the vendor's own page
"""


class SendoffError(Exception):
    """The root. The message says what, where and what to do now."""


class Refused(SendoffError):
    """The house says no, and nothing was changed."""


class TooNew(Refused):
    """A newer program wrote this; it is left as it is, and the others go on."""


class Overtaken(Refused):
    """The case moved on since it was looked at."""


class LeaseLost(Refused):
    """The lease on a piece of work may have run out: its worker makes no further call and writes nothing."""


class BadInput(SendoffError):
    """Something given to us cannot be used; `where` names the file, line or flag."""

    def __init__(self, message: str, *, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.where = where


class Broken(SendoffError):
    """A digest, chain or signature does not hold."""


class StoreDown(SendoffError):
    """Our own database or disk does not answer, or is full. Nothing is known of what was being written."""


class ConnectorError(SendoffError):
    """A vendor did not do or say what was asked. `code` is the vendor's own word for it, never a raw body."""

    permanent = True

    def __init__(self, message: str, *, system: str, code: str = "") -> None:
        super().__init__(f"{system}: {message}" + (f" ({code})" if code else ""))
        self.system = system
        self.code = code


class Denied(ConnectorError):
    """The vendor refuses this key for this call."""


class Throttled(ConnectorError):
    """Too many calls; come back after `after` seconds."""

    permanent = False

    def __init__(self, message: str, *, system: str, after: float, code: str = "") -> None:
        super().__init__(message, system=system, code=code)
        self.after = after


class Unreachable(ConnectorError):
    """No usable answer came back; whether anything happened is not known."""

    permanent = False


class Conflict(ConnectorError):
    """The object is busy, locked, or something still uses it."""


class Confusing(ConnectorError):
    """The answer does not fit the vendor's page; it counts as not read."""
