from __future__ import annotations

import socket

import pytest

from diagnostics.agent.checks import FAILED, GOOD, UNKNOWN, dependency, rendezvous, route
from diagnostics.agent.probing import parse
from tests.agent.probing.listening import free_port, listening, saying

PATIENT = 20.0


def test_a_dependency_stage_by_stage() -> None:
    with listening(saying(b"+PONG\r\n")) as port:
        checks = dependency.dependency(parse(f"redis://127.0.0.1:{port}"), PATIENT)
    assert [(check.name, check.layer) for check in checks] == [
        ("dns", "network"),
        ("tcp", "network"),
        ("protocol", "dependency"),
    ]
    assert all(check.state != FAILED for check in checks)


@pytest.mark.parametrize(
    ("answer", "layer", "actual"),
    [(b"-LOADING soon\r\n", "dependency", "not_ready"), (b"nonsense\r\n", "dependency", "protocol")],
)
def test_the_stage_that_failed_carries_the_reason(answer: bytes, layer: str, actual: str) -> None:
    with listening(saying(answer)) as port:
        check = dependency.dependency(parse(f"redis://127.0.0.1:{port}"), PATIENT)[-1]
    assert (check.state, check.layer, check.actual, bool(check.advice)) == (FAILED, layer, actual, True)


def test_a_name_that_is_not_known_ends_at_the_name() -> None:
    (check,) = dependency.dependency(parse("tcp://no-such-host.invalid:80"), PATIENT)
    assert (check.name, check.state, check.actual) == ("dns", FAILED, "name_not_found")


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({"MASTER_ADDR": "node0", "MASTER_PORT": "29500"}, "node0:29500"),
        ({"MASTER_ADDR": "fd00::1", "MASTER_PORT": "29500"}, "[fd00::1]:29500"),
        ({"MASTER_ADDR": "node0"}, ""),
        ({"MASTER_ADDR": "node0", "MASTER_PORT": "auto"}, ""),
    ],
)
def test_where_ranks_meet(environment: dict[str, str], address: str) -> None:
    assert rendezvous.address_from(environment) == address


def test_the_rendezvous_is_reachable_or_not() -> None:
    with listening(saying(b"")) as port:
        assert rendezvous.reachable(f"127.0.0.1:{port}", PATIENT).state == GOOD
    assert rendezvous.reachable(f"127.0.0.1:{free_port()}", PATIENT).actual == "refused"


HERE = [name for _, name in socket.if_nameindex()]


@pytest.mark.parametrize(
    ("wanted", "fine"),
    [
        ("lo", True),
        ("=lo", True),
        ("ib0", False),
        ("=l", False),
        ("ib0,lo", True),
        ("^ib", True),
        ("^" + ",".join(HERE), False),
    ],
)
def test_the_interface_nccl_is_told_to_use(wanted: str, fine: bool) -> None:
    checks = rendezvous.interfaces({"NCCL_SOCKET_IFNAME": wanted})
    assert (checks == []) is fine
    assert all(check.expected == wanted and "lo" in str(check.actual) for check in checks)


def test_loopback_is_one_hop_away() -> None:
    check = route.route("127.0.0.1", PATIENT, per_hop=5.0)
    assert (check.state, check.actual) in [(GOOD, 1), (UNKNOWN, 0)]  # UNKNOWN: a sandbox without ICMP


def test_a_name_without_a_route() -> None:
    assert route.route("no-such-host.invalid", PATIENT).state == UNKNOWN
