"""Which addresses may be asked: public ones, and those the operator lists in ``OUTBOUND_ALLOW``."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.utils.translation import gettext as _

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Reason(StrEnum):
    """What kind of thing went wrong; the API's and the checks' word."""

    URL = "url"
    FORBIDDEN = "forbidden"
    NAME = "name"
    CONNECT = "connect"
    TLS = "tls"
    TIME = "time"
    REDIRECT = "redirect"
    PROTOCOL = "protocol"


class OutboundError(Exception):
    """No answer; ``message`` is a sentence for people, ``took_ns`` the time until that was known."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.took_ns: int | None = None


class Kind(StrEnum):
    """What an address that is not public is."""

    LOOPBACK = "loopback"
    PRIVATE = "private"
    LINK_LOCAL = "link-local"
    METADATA = "cloud metadata"
    UNSPECIFIED = "unspecified"
    MULTICAST = "multicast"
    RESERVED = "reserved"


# Where AWS, Google, Azure, Oracle, Alibaba and others hand credentials to whoever asks from inside.
METADATA = {
    ip_address(text)
    for text in (
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
    )
}
# One such answer spoils a name: no honest service has it beside others.
NEVER_BESIDE_OTHERS = {Kind.METADATA, Kind.LINK_LOCAL, Kind.UNSPECIFIED, Kind.MULTICAST}
_NAT64 = ip_network("64:ff9b::/96")
_LOCAL_NAT64 = ip_network("64:ff9b:1::/48")
_SHARED = ip_network("100.64.0.0/10")
_THIS_NETWORK = ip_network("0.0.0.0/8")
_COMPATIBLE = ip_network("::/96")
_LINK_LOCAL: tuple[Network, ...] = (ip_network("169.254.0.0/16"), ip_network("fe80::/10"))


@dataclass(frozen=True, slots=True)
class Allowed:
    """The operator's list: networks, single addresses, host names, and names with ``*``."""

    networks: tuple[Network, ...] = ()
    names: tuple[str, ...] = ()

    @classmethod
    def read(cls, items: Iterable[str]) -> Allowed:
        networks, names = [], []
        for item in items:
            try:
                networks.append(ip_network(item.strip("[]"), strict=False))
            except ValueError:
                names.append(item.lower().rstrip("."))
        return cls(tuple(networks), tuple(names))

    def covers(self, host: str, target: Address, kind: Kind) -> bool:
        """Whether the list names this address, or for loopback and private ones its host."""
        holding = [one for one in self.networks if one.version == target.version and target in one]
        if kind in (Kind.UNSPECIFIED, Kind.MULTICAST):
            return False
        # A wide net such as 0.0.0.0/0 is not meant for these, nor is a name, whose addresses somebody else chooses.
        if kind is Kind.METADATA:
            return any(one.num_addresses == 1 for one in holding)
        if kind is Kind.LINK_LOCAL:
            return any(_inside_link_local(one) for one in holding)
        return bool(holding) or any(fnmatchcase(host.lower().rstrip("."), name) for name in self.names)


def literal(host: str) -> Address | None:
    """The address that a host is written as, in any spelling that a connection would take (``0177.1``, ``2130706433``,
    ``0x7f.0.0.1``); None for a name."""
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def target_of(address: Address) -> Address:
    """Where packets to this address end: IPv6 forms that carry an IPv4 address lead to that."""
    if isinstance(address, IPv4Address):
        return address
    carried = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if carried is None and (address in _NAT64 or (address in _COMPATIBLE and int(address) > 0xFFFF)):
        carried = IPv4Address(int(address) & 0xFFFFFFFF)
    # ISATAP: …:0:5efe:a.b.c.d and …:200:5efe:a.b.c.d
    if carried is None and (int(address) >> 32) & 0xFDFFFFFF == 0x5EFE:
        carried = IPv4Address(int(address) & 0xFFFFFFFF)
    return carried or address


def kind_of(address: Address) -> Kind | None:
    """None for a public address; IPv6 forms that carry an IPv4 address are what that is."""
    target = target_of(address)
    if target in METADATA:
        return Kind.METADATA
    tests = {
        Kind.UNSPECIFIED: target.is_unspecified or target in _THIS_NETWORK,
        Kind.LOOPBACK: target.is_loopback,
        Kind.LINK_LOCAL: target.is_link_local,
        Kind.MULTICAST: target.is_multicast,
        Kind.PRIVATE: _is_private(target),
        Kind.RESERVED: not target.is_global,
    }
    return next((kind for kind, holds in tests.items() if holds), None)


def refusal(host: str, address: Address, kind: Kind) -> OutboundError:
    """What the operator would have to list, in a sentence that names the setting."""
    target = target_of(address)
    where = str(address) if host.strip("[]") == str(address) else f"{host} ({address})"
    words = {"where": where, "kind": kind.value, "target": str(target)}
    if kind in (Kind.UNSPECIFIED, Kind.MULTICAST):
        return OutboundError(Reason.FORBIDDEN, _("%(where)s is no address of a server (%(kind)s).") % words)
    text = _("%(where)s is a %(kind)s address; the operator has to list %(target)s in OUTBOUND_ALLOW first.")
    return OutboundError(Reason.FORBIDDEN, text % words)


def _inside_link_local(network: Network) -> bool:
    first, last = network[0], network[-1]
    return any(one.version == network.version and first in one and last in one for one in _LINK_LOCAL)


def _is_private(target: Address) -> bool:
    if isinstance(target, IPv4Address):
        return target in _SHARED or any(target in one for one in _PRIVATE)
    return target.is_site_local or target in _UNIQUE_LOCAL or target in _LOCAL_NAT64


_PRIVATE = [ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
_UNIQUE_LOCAL = ip_network("fc00::/7")
