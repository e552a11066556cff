"""Which of our marks a setting of the customer holds: addresses, numbers, pipelines, mail domains."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from sendoff.connectors.wire.body import Object, rows, text
from sendoff.model.facts import Facts, Provider
from sendoff.model.inventory import Sign, SignKind

NATIONAL = 9
"""Digits at the end that tell one number from another, however the country is written."""
Network = IPv4Network | IPv6Network


def by_mail(address: str, provider: Provider) -> Iterator[Sign]:
    """The sign of an address at a domain of ours."""
    domain = address.rpartition("@")[2].lower()
    if domain in {one.lower() for one in provider.domains}:
        yield Sign(kind=SignKind.MAIL_DOMAIN, value=domain)


def by_phone(number: str, provider: Provider) -> Iterator[Sign]:
    """The sign of a number of ours, however it is written."""
    digits = _digits(number)
    for one in provider.marks.phones:
        if len(digits) >= NATIONAL and _digits(one)[-NATIONAL:] == digits[-NATIONAL:]:
            yield Sign(kind=SignKind.SETTING, value=one)


def by_pipeline(credential: Object, provider: Provider) -> Iterator[Sign]:
    """The sign of a pipeline of ours, by the issuer or the subject that a credential trusts."""
    told = [text(credential, name).lower() for name in ("issuer", "subject")]
    for one in provider.marks.pipelines:
        if one and any(value.startswith(one.lower()) for value in told):
            yield Sign(kind=SignKind.SETTING, value=one)


def by_range(location: Object, provider: Provider) -> Iterator[Sign]:
    """The signs of our addresses in a named location: ranges that overlap with ours."""
    there = [net for one in rows(location, "ipRanges") if (net := network(text(one, "cidrAddress"))) is not None]
    for one in provider.marks.addresses:
        mine = network(one)
        if mine is not None and any(_overlap(mine, net) for net in there):
            yield Sign(kind=SignKind.SETTING, value=one)


def all_ours(location: Object, provider: Provider) -> bool:
    """True for a named location of addresses that are every one of them ours."""
    there = rows(location, "ipRanges")
    nets = [network(text(one, "cidrAddress")) for one in there]
    mine = [net for one in provider.marks.addresses if (net := network(one)) is not None]
    return bool(nets) and all(net is not None and any(_within(net, one) for one in mine) for net in nets)


def _within(net: Network, other: Network) -> bool:
    return net.version == other.version and _overlap(other, net) and net.prefixlen >= other.prefixlen


def by_name(shown: str, facts: Facts) -> Iterator[Sign]:
    """The weak sign of a name like ours."""
    if facts.provider.name.lower() in shown.lower():
        yield Sign(kind=SignKind.NAME, value=shown)


def network(written: str) -> Network | None:
    """An address or a network; None when it is neither."""
    try:
        return ip_network(written.strip(), strict=False)
    except ValueError:
        return None


def _overlap(mine: Network, other: Network) -> bool:
    """True when one holds the other, except that a range of everything says nothing about us."""
    if isinstance(mine, IPv4Network) and isinstance(other, IPv4Network):
        return other.prefixlen > 0 and mine.overlaps(other)
    if isinstance(mine, IPv6Network) and isinstance(other, IPv6Network):
        return other.prefixlen > 0 and mine.overlaps(other)
    return False


def _digits(number: str) -> str:
    return "".join(one for one in number if one.isdigit())
