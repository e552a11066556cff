"""Connections of the vault that Windows signs in."""

from dataclasses import dataclass, field

from sendoff.sandbox.ntlm import Asked


@dataclass(slots=True)
class Lines:
    """What Windows knows of connections: a handshake under way, or who is signed in; and wrong passwords so far."""

    asked: dict[str, Asked] = field(default_factory=dict)
    signed_in: dict[str, str] = field(default_factory=dict)
    wrong: int = 0

    def closed(self, line: str) -> None:
        """The connection is no more."""
        self.asked.pop(line, None)
        self.signed_in.pop(line, None)
