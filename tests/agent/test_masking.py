"""Nothing secret leaves the host, and what is harmless stays readable."""

from __future__ import annotations

import pytest

from diagnostics.agent.masking import MASK, mask_command, mask_environment, mask_text, mask_value

SECRETS = [
    "sk-proj-abcdefghijklmnop1234",
    "hf_abcdefghijklmnopqrstuv",
    "ghp_abcdefghijklmnopqrstuvwxyz0123",
    "AKIAIOSFODNN7EXAMPLE",
    "xoxb-1234567890-abcdef",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
    "lsi_oaKOap0D99PcYR1nIFW8mJo_hgP2hnN7",
    "nvapi-abcdefghijklmnopqrstuvwx",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_secrets_of_known_shape_are_hidden_wherever_they_stand(secret: str) -> None:
    assert secret not in mask_text(f"connecting with {secret} to host")
    assert mask_value("HARMLESS_NAME", secret) == MASK
    assert secret not in mask_command(["run", "--flag", secret])[2]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres://user:hunter2@db:5432/x", "postgres://user:***@db:5432/x"),
        ("redis://:hunter2@cache/0", "redis://:***@cache/0"),
        ("Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer ***"),
        ('{"api_key": "q1w2e3r4", "model": "x"}', '{"api_key": "***", "model": "x"}'),
        ("password=hunter2;user=me", "password=***;user=me"),
        ("--hf-token=abc123 --port=8000", "--hf-token=*** --port=8000"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "***"),
        ("max_num_batched_tokens=8192, #tokens: 301112", "max_num_batched_tokens=8192, #tokens: 301112"),
        ("api_key=None tokenizer='/models/a'", "api_key=None tokenizer='/models/a'"),
        ("Loading weights took 23.57 seconds", "Loading weights took 23.57 seconds"),
    ],
)
def test_text(text: str, shown: str) -> None:
    assert mask_text(text) == shown


@pytest.mark.parametrize("name", ["HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD", "OPENAI_API_KEY", "db.password",
                                  "SENTRY_DSN", "SLACK_WEBHOOK", "SESSION_COOKIE", "GPG_KEY"])  # fmt: skip
def test_names_of_secrets(name: str) -> None:
    assert mask_environment({name: "anything"}) == {name: MASK}


@pytest.mark.parametrize("name", ["PATH", "PWD", "KEYBOARD", "MONKEY", "TOKENIZERS_PARALLELISM", "SSH_AUTH_SOCK",
                                  "PASSWORD_FILE", "AUTHOR", "COMPASS"])  # fmt: skip
def test_names_that_only_sound_like_it(name: str) -> None:
    assert mask_environment({name: "anything"}) == {name: "anything"}


def test_a_number_of_tokens_is_no_token() -> None:
    assert mask_command(["serve", "--max-tokens", "512", "MAX_TOKENS=4096"]) == [
        "serve",
        "--max-tokens",
        "512",
        "MAX_TOKENS=4096",
    ]


def test_arguments() -> None:
    given = ["serve", "--api-key", "abc", "--token=xyz", "PASSWORD=hunter2", "--port", "8000", "postgres://u:pw@h/d"]
    assert mask_command(given) == [
        "serve",
        "--api-key",
        MASK,
        f"--token={MASK}",
        f"PASSWORD={MASK}",
        "--port",
        "8000",
        f"postgres://u:{MASK}@h/d",
    ]


def test_a_secret_inside_a_program_given_as_an_argument() -> None:
    assert mask_command(["python3", "-c", "connect(x, 'password=hunter22')"])[2] == f"connect(x, 'password={MASK}')"


def test_what_a_generator_made_is_hidden_whatever_it_is_called() -> None:
    assert mask_value("BLOB", "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3x") == MASK
    assert mask_value("IMAGE", "registry.local/team/app@sha256:" + "0f" * 32).endswith("0f")
