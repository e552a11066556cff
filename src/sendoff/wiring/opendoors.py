"""Where the pages may be served: by the sandbox's own way in, on the loopback, and nowhere else."""

from ipaddress import ip_address

from sendoff.model.errors import Refused
from sendoff.wiring.house import House


def may_serve(house: House, host: str) -> None:
    """Refused outside the sandbox, where people must sign in with their own account, and on any other address than
    this machine's own."""
    if house.control is None:
        raise Refused(
            "the pages are served in the sandbox only: against real systems people must sign in with their own "
            "account, and that is not there yet; use the command line"
        )
    if not is_loopback(host):
        raise Refused(
            f"{host} is no loopback address: whoever reaches the sandbox's pages may act as anybody; use 127.0.0.1"
        )


def is_loopback(host: str) -> bool:
    """True for an address of this machine that no other machine reaches. A name says nothing of where it leads."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
