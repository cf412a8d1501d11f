"""What an address is, in whatever spelling, and what the operator's list covers."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from diagnostics.outbound.addresses import Allowed, Kind, OutboundError, kind_of, literal, target_of
from diagnostics.outbound.network import permitted


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("127.0.0.1", Kind.LOOPBACK),
        ("127.8.9.1", Kind.LOOPBACK),
        ("::1", Kind.LOOPBACK),
        ("10.1.2.3", Kind.PRIVATE),
        ("172.31.255.255", Kind.PRIVATE),
        ("192.168.0.1", Kind.PRIVATE),
        ("100.64.0.1", Kind.PRIVATE),
        ("fd12:3456::1", Kind.PRIVATE),
        ("fec0::1", Kind.PRIVATE),
        ("64:ff9b:1::a00:1", Kind.PRIVATE),
        ("169.254.10.10", Kind.LINK_LOCAL),
        ("fe80::1", Kind.LINK_LOCAL),
        ("169.254.169.254", Kind.METADATA),
        ("fd00:ec2::254", Kind.METADATA),
        ("100.100.100.200", Kind.METADATA),
        ("0.0.0.0", Kind.UNSPECIFIED),
        ("0.1.2.3", Kind.UNSPECIFIED),
        ("::", Kind.UNSPECIFIED),
        ("224.0.0.1", Kind.MULTICAST),
        ("ff02::1", Kind.MULTICAST),
        ("255.255.255.255", Kind.RESERVED),
        ("198.18.0.1", Kind.RESERVED),
        ("2001:db8::1", Kind.RESERVED),
        # IPv4 within IPv6
        ("::ffff:127.0.0.1", Kind.LOOPBACK),
        ("::ffff:169.254.169.254", Kind.METADATA),
        ("::127.0.0.1", Kind.LOOPBACK),
        ("64:ff9b::10.0.0.1", Kind.PRIVATE),
        ("64:ff9b::169.254.169.254", Kind.METADATA),
        ("2002:7f00:1::1", Kind.LOOPBACK),
        ("2001:0:4136:e378:8000:63bf:80ff:fffe", Kind.LOOPBACK),
        ("2606:4700::5efe:10.0.0.1", Kind.PRIVATE),
        ("2606:4700::200:5efe:127.0.0.1", Kind.LOOPBACK),
        # public
        ("93.184.216.34", None),
        ("2606:4700:4700::1111", None),
        ("64:ff9b::93.184.216.34", None),
        ("::ffff:93.184.216.34", None),
    ],
)
def test_kinds(text: str, kind: Kind | None) -> None:
    assert kind_of(ip_address(text)) == kind


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("0xa9.0xfe.0xa9.0xfe", "169.254.169.254"),
        ("025177524776", "169.254.169.254"),
        ("[::1]", "::1"),
        ("::ffff:7f00:1", "::ffff:7f00:1"),
    ],
)
def test_spellings_of_addresses(written: str, address: str) -> None:
    assert literal(written) == ip_address(address)


@pytest.mark.parametrize("name", ["localhost", "example.com", "1.2.3.4.example.com", "a127.0.0.1"])
def test_names_are_no_addresses(name: str) -> None:
    assert literal(name) is None


@pytest.mark.parametrize(
    ("listed", "host", "address", "covered"),
    [
        (["10.0.0.0/8"], "a", "10.1.2.3", True),
        (["10.0.0.0/8"], "a", "::ffff:10.1.2.3", True),
        (["10.1.2.3"], "a", "10.1.2.4", False),
        (["127.0.0.1"], "a", "127.0.0.1", True),
        (["::1"], "a", "::1", True),
        (["[::1]"], "a", "::1", True),
        (["gateway.internal"], "gateway.internal", "10.0.0.1", True),
        (["Gateway.Internal."], "GATEWAY.internal.", "10.0.0.1", True),
        (["gateway.internal"], "x.gateway.internal", "10.0.0.1", False),
        (["*.svc.cluster.local"], "api.prod.svc.cluster.local", "10.0.0.1", True),
        (["*.svc.cluster.local"], "svc.cluster.local.evil.com", "10.0.0.1", False),
        # never by a wide net or a name
        (["0.0.0.0/0"], "a", "169.254.169.254", False),
        (["169.254.0.0/16"], "a", "169.254.169.254", False),
        (["169.254.169.254"], "a", "169.254.169.254", True),
        (["metadata.internal"], "metadata.internal", "169.254.169.254", False),
        (["100.64.0.0/10"], "a", "100.100.100.200", False),
        (["0.0.0.0/0"], "a", "169.254.1.1", False),
        (["169.254.0.0/16"], "a", "169.254.1.1", True),
        (["printer.local"], "printer.local", "169.254.1.1", False),
        (["::/0"], "a", "fe80::1", False),
        (["fe80::/10"], "a", "fe80::1", True),
        # never at all
        (["0.0.0.0/0", "a"], "a", "0.0.0.0", False),
        (["224.0.0.0/4"], "a", "224.0.0.1", False),
    ],
)
def test_what_the_list_covers(listed: list[str], host: str, address: str, covered: bool) -> None:
    one = ip_address(address)
    kind = kind_of(one)
    assert kind
    assert Allowed.read(listed).covers(host, target_of(one), kind) is covered


@pytest.mark.parametrize(
    ("addresses", "listed", "taken"),
    [
        (["93.184.216.34", "2606:4700:4700::1111"], [], ["93.184.216.34", "2606:4700:4700::1111"]),
        (["127.0.0.1", "::1"], ["127.0.0.1"], ["127.0.0.1"]),
        (["93.184.216.34", "10.0.0.1"], ["10.0.0.0/8"], ["10.0.0.1", "93.184.216.34"]),
        # a public answer beside a forbidden one does not make it better
        (["93.184.216.34", "127.0.0.1"], [], None),
        (["127.0.0.1", "169.254.169.254"], ["127.0.0.1"], None),
        (["10.0.0.1"], [], None),
    ],
)
def test_every_address_of_a_name_is_checked(addresses: list[str], listed: list[str], taken: list[str] | None) -> None:
    if taken is None:
        with pytest.raises(OutboundError, match="address"):
            permitted("a.example", addresses, Allowed.read(listed))
    else:
        assert [str(one) for one in permitted("a.example", addresses, Allowed.read(listed))] == taken


def test_the_refusal_names_the_setting() -> None:
    with pytest.raises(OutboundError) as caught:
        permitted("db.internal", ["::ffff:10.0.0.7"], Allowed())
    told = "db.internal (::ffff:a00:7) is a private address; the operator has to list 10.0.0.7 in OUTBOUND_ALLOW first."
    assert caught.value.message == told
