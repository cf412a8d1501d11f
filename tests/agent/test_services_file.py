from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.agent import services_file
from diagnostics.agent.failure import NOTHING_FOUND, USAGE, Failure

EXAMPLE = """
# who we depend on
[orders-db]
url = "postgres://probe@db.internal:5432/orders"  # no password here
password_env = 'ORDERS_DB_PASSWORD'
timeouts = [3, 5.5, 10,]

["the gateway"]
url = "https://gateway.internal/healthz"
expect_status = 200
expect_body = "O\\u004b #1"
tls_verify = false
"""


def test_the_subset_means_what_toml_means() -> None:
    assert services_file.parse_toml(EXAMPLE) == tomllib.loads(EXAMPLE)


scalars = st.one_of(
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e6, max_value=1e6).map(lambda x: round(x, 3)),
    st.text(st.characters(exclude_categories=["Cs", "Cc"])),
)


@given(st.dictionaries(st.text("abc-_0", min_size=1), st.one_of(scalars, st.lists(scalars, max_size=4)), max_size=5))
def test_whatever_it_reads_tomllib_reads_alike(entry: dict[str, object]) -> None:
    text = "[x]\n" + "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in entry.items())
    try:
        mine = services_file.parse_toml(text)
    except ValueError:
        pytest.fail(f"refused: {text}") if "e-" not in text else None
    else:
        assert mine == tomllib.loads(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("url = 'x'", 1),
        ("[a]\nurl", 2),
        ("[a]\n[a]", 2),
        ("[a]\nurl = 'x'\nurl = 'y'", 3),
        ("[a]\nurl = x", 2),
        ("[a]\nurl = 'x' 'y'", 2),
        ("[a]\ntimeouts = [1, 2", 2),
        ("[a]\ntimeouts = [1 2]", 2),
        ("[a]\nwhen = 2026-11-23", 2),
        ("[a]\nn = 012", 2),
        ('[a]\nurl = "\\q"', 2),
        ("[a.b]\nurl = 'x'\n[[c]]", 3),
    ],
)
def test_bad_files_name_the_line(text: str, line: int) -> None:
    with pytest.raises(ValueError, match=f"line {line}"):
        services_file.parse_toml(text)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "services.toml"
    path.write_text(EXAMPLE)
    return path


def test_an_entry_becomes_a_target(file: Path) -> None:
    found = services_file.find("orders-db", str(file), {"ORDERS_DB_PASSWORD": "hunter2"})
    assert found.timeouts == (3.0, 5.5, 10.0)
    assert (found.target.name, found.target.password) == ("orders-db", "hunter2")


def test_expectations_and_tls(file: Path) -> None:
    target = services_file.find("the gateway", str(file), {}).target
    assert (target.expect_status, target.expect_body, target.tls_verify) == (200, "OK #1", False)


def test_json_says_the_same(tmp_path: Path, file: Path) -> None:
    other = tmp_path / "services.json"
    other.write_text(json.dumps(services_file.read(file)))
    assert services_file.find("orders-db", str(other), {}) == services_file.find("orders-db", str(file), {})


def test_the_environment_names_the_file(file: Path) -> None:
    assert services_file.find("orders-db", environment={"LAUNCHSCOPE_SERVICES": str(file)}).target.host == "db.internal"


def test_a_url_needs_no_file() -> None:
    assert services_file.find("tcp://h:1", environment={}).target.port == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[other]\nurl = 'tcp://h:1'", NOTHING_FOUND),
        ("[x]", USAGE),
        ("[x]\nurl = 5", USAGE),
        ("[x]\nurl = 'tcp://h:1'\ncolour = 'red'", USAGE),
        ("[x]\nurl = 'tcp://h:1'\nexpect_status = true", USAGE),
        ("[x]\nurl = 'tcp://h:1'\ntimeouts = [0]", USAGE),
        ("[x]\nurl = 'tcp://h:1'\ntimeouts = ['3']", USAGE),
        ("[x\n", USAGE),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, code: int) -> None:
    path = tmp_path / "services.toml"
    path.write_text(text)
    with pytest.raises(Failure) as refused:
        services_file.find("x", str(path), {})
    assert refused.value.code == code
    assert str(path) in refused.value.message


def test_no_file_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Failure, match=r"no services\.toml"):
        services_file.find("x", environment={"XDG_CONFIG_HOME": str(tmp_path)})
