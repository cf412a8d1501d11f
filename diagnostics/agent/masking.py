"""Hides secrets before anything leaves the host: by the name of a setting, and by the shape of a value."""

from __future__ import annotations

import re
from typing import Dict, Iterable, List, Mapping, Match, Sequence

MASK = "***"
_LEAST_SECRET = 6
_NAMES = re.compile(
    r"(?i)(?:^|[_.-])(?:api_?key|access_?key|secret_?key|private_?key|encryption_?key|signing_?key|key|token|secret|"
    r"password|passwd|passphrase|pass|pwd|credentials?|cookie|session|salt|dsn|auth|authorization|bearer|webhook)s?"
    r"(?:$|[_.-](?:id|value|file|base64|b64|\d+)$)"
)
# The current directory, and settings that name a file or a way, not the secret itself.
_HARMLESS = re.compile(
    r"(?i)^(?:pwd|oldpwd|ssh_auth_sock|.*_(?:file|path|dir|type|method|mode|ttl|algorithm|enabled))$"
)
_USERINFO = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)(?P<user>[^\s/:@]*):(?P<secret>[^\s/@]+)@", re.IGNORECASE)
_ASSIGNED = re.compile(
    r"(?i)(?P<name>\b[\w.-]*(?:api[_-]?key|token|secret|passw(?:or)?d|passphrase|pwd|credential)s?(?:[_-]\w+)?"
    r"(?![a-z])[\"']?\s*[=:]\s*[\"']?)"
    r"(?P<secret>(?!None\b|null\b|true\b|false\b|\*+)[^\s\"',;&)}\]]{4,})"
)
_BEARER = re.compile(r"(?i)\b(?P<scheme>bearer|basic) (?P<secret>[A-Za-z0-9._~+/=-]{12,})")
_SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"  # JSON web token
    r"|\b(?:sk|pk|rk)[-_](?:[a-z]+[-_])*[A-Za-z0-9_-]{16,}"
    r"|\bhf_[A-Za-z0-9]{16,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{30,}|\bxox[abeoprs]-[\w-]{10,}|\bnvapi-[\w-]{20,}"
    r"|\bls[iar]_[A-Za-z0-9_-]{16,}|\b(?:hooks\.slack\.com/services|qyapi\.weixin\.qq\.com/\S*key=)\S+",
    re.DOTALL,
)
# Long, mixed and without vowels-and-blanks structure: what a generator made, not a person.
_RANDOM = re.compile(r"^(?=[^\s/]*\d)(?=[^\s/]*[A-Z])(?=[^\s/]*[a-z])[A-Za-z0-9+_=-]{32,}$")


def is_secret_name(name: str) -> bool:
    """Whether a setting of this name holds a secret: ``HF_TOKEN``, ``db.password``, ``--api-key``."""
    plain = name.lstrip("-")
    return bool(_NAMES.search(plain)) and not _HARMLESS.match(plain)


def mask_text(text: str, known: Iterable[str] = ()) -> str:
    """Any text without what looks like a secret: keys and tokens of known shape, passwords in URLs, ``key=…``.

    ``known`` secrets (``secrets_of``) are hidden wherever they stand.
    """
    for secret in known:
        text = text.replace(secret, MASK)
    text = _SHAPES.sub(MASK, text)
    text = _USERINFO.sub(lambda match: f"{match['scheme']}{match['user']}:{MASK}@", text)
    text = _BEARER.sub(lambda match: f"{match['scheme']} {MASK}", text)
    return _ASSIGNED.sub(_masked_assignment, text)


def secrets_of(environment: Mapping[str, str], command: Sequence[str]) -> List[str]:
    """The values that ``mask_environment`` and ``mask_command`` hide: a program may print them again."""
    values = [value for name, value in environment.items() if mask_value(name, value) == MASK]
    for word, shown in zip(command, mask_command(command)):
        if shown.endswith(MASK):
            values.append(word[len(shown) - len(MASK) :])
    # Shorter ones would hide ordinary words.
    return sorted({value for value in values if len(value) >= _LEAST_SECRET}, key=len, reverse=True)


def _masked_assignment(match: Match[str]) -> str:
    return match[0] if _is_count(match["name"], match["secret"]) else f"{match['name']}{MASK}"


def _is_count(name: str, value: str) -> bool:
    """``max_tokens=4096`` counts words; no token of access is a small number."""
    return "token" in name.lower() and value.isdigit() and len(value) < 10


def mask_value(name: str, value: str) -> str:
    """The value of a setting as it may be shown."""
    if not value:
        return value
    if (is_secret_name(name) and not _is_count(name, value)) or _RANDOM.match(value):
        return MASK
    return mask_text(value)


def mask_environment(environment: Mapping[str, str]) -> Dict[str, str]:
    """Every variable, sorted, with secrets hidden."""
    return {name: mask_value(name, environment[name]) for name in sorted(environment)}


def mask_command(command: Sequence[str]) -> List[str]:
    """Arguments with secrets hidden: ``--api-key=X``, ``--api-key X``, and any that look like one."""
    shown: List[str] = []
    for position, word in enumerate(command):
        name, equals, value = word.partition("=")
        before = command[position - 1] if position else ""
        if name.startswith("-") and equals:
            shown.append(f"{name}={mask_value(name, value)}")
        elif before.startswith("-") and "=" not in before and is_secret_name(before) and not word.startswith("-"):
            shown.append(mask_value(before, word))
        elif equals and re.fullmatch(r"[\w.-]+", name):
            shown.append(f"{name}={mask_value(name, value)}")
        else:
            shown.append(mask_text(word))
    return shown
