"""Accept an archive of a snapshot and the files that tell of its launch; what is wrong with one does not stop the rest.

The agent's ``collect`` writes a ``manifest.json`` beside the files, which says what each is and helps to read it;
without one, a file's folder names its kind, or its content does.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from diagnostics.ingest.accepting import Accepted, Upload, accept
from diagnostics.ingest.archive import Member, members
from diagnostics.ingest.content import unpacked
from diagnostics.ingest.evidence import Evidence, accept_evidence
from diagnostics.ingest.hints import NAMES
from diagnostics.ingest.upload_error import UploadError
from diagnostics.parsers import sniff
from diagnostics.parsers.document import in_words
from diagnostics.records import Kind, ParseError

MANIFEST = "manifest.json"
LONGEST_MANIFEST = 4 * 1024 * 1024


class ListedFile(msgspec.Struct):
    """What the manifest says of one file."""

    kind: str
    file: str
    query: dict[str, str] = {}


class ManifestHost(msgspec.Struct):
    """Where the files come from."""

    name: str = ""


class Manifest(msgspec.Struct):
    """What the agent writes beside the files of a bundle."""

    host: ManifestHost = msgspec.field(default_factory=ManifestHost)
    service: str | None = None
    environment: str | None = None
    version: str | None = None
    launch_id: str | None = None
    artifacts: list[ListedFile] = []


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one file of a bundle."""

    name: str
    kind: str
    accepted: Accepted | None = None
    error: Mapping[str, str] | None = None


@dataclass(slots=True)
class Bundle:
    """What became of a bundle: its files in its order, and the launch they tell of, if any."""

    launch: uuid.UUID | None = None
    items: list[Item] = field(default_factory=list)


def accept_bundle(raw: bytes, given: Mapping[str, str], allowed: tuple[str, ...] = ()) -> Bundle:
    """Store every file of an archive that can be; ``given`` has host, launch, service, environment and version.

    What a manifest says beats the query. Raises ``UploadError`` for what is no archive or too large a one, for a broken
    manifest, and when not one file is accepted.
    """
    found = members(raw)
    manifest, top = _manifest(found)
    told = {**given, **{name: value for name, value in _told(manifest).items() if value}}
    listed = {f"{top}{one.file}": one for one in manifest.artifacts}
    files = [member for member in found if member.name != f"{top}{MANIFEST}"]
    bundle, done = Bundle(), dict[int, Item]()
    # The snapshot first, wherever it lies: it names the launch that the others tell of.
    kinds = [_kind(member, listed, top) for member in files]
    for n in sorted(range(len(files)), key=lambda n: kinds[n] != Kind.SNAPSHOT):
        done[n] = _accept(files[n], kinds[n], told, listed.get(files[n].name), allowed)
        accepted = done[n].accepted
        if accepted and accepted.launch:
            bundle.launch = bundle.launch or accepted.launch
            told = {"launch": str(accepted.launch), **told}
    bundle.items = [done[n] for n in sorted(done)]
    if not any(item.accepted for item in bundle.items):
        raise _nothing(bundle.items)
    return bundle


def _manifest(found: Sequence[Member]) -> tuple[Manifest, str]:
    """The manifest and the folder it lies in, for archives of a folder."""
    named = [member for member in found if member.name.rpartition("/")[2] == MANIFEST and member.name.count("/") < 2]
    if not named or named[0].content is None:
        return Manifest(), ""
    content, top = named[0].content, named[0].name.removesuffix(MANIFEST)
    if content.size > LONGEST_MANIFEST:
        raise UploadError("invalid_manifest", f"The manifest is longer than {LONGEST_MANIFEST:,} bytes", MANIFEST)
    try:
        return msgspec.json.decode(unpacked(content.data, content.size), type=Manifest), top
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at ")
        raise UploadError("invalid_manifest", in_words(message), f"{MANIFEST} {where.strip('`')}".strip()) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UploadError("invalid_manifest", f"The manifest is not valid JSON: {error}", MANIFEST) from None


def _told(manifest: Manifest) -> dict[str, str | None]:
    return {
        "host": manifest.host.name,
        "launch": manifest.launch_id,
        "service": manifest.service,
        "environment": manifest.environment,
        "version": manifest.version,
    }


def _kind(member: Member, listed: Mapping[str, ListedFile], top: str) -> str:
    """By the manifest, else by the folder, else by the content."""
    if member.name in listed:
        return listed[member.name].kind
    folder = member.name.removeprefix(top).partition("/")[0]
    if folder in {*Kind} and folder != member.name:
        return folder
    return (sniff(member.content.head) or "auto") if member.content else "auto"


def _accept(
    member: Member, kind: str, told: Mapping[str, str], listed: ListedFile | None, allowed: tuple[str, ...]
) -> Item:
    if member.content is None:
        return Item(member.name, kind, error={"code": "refused_file", "message": member.error, "where": member.name})
    try:
        if kind == Kind.SNAPSHOT:
            return Item(member.name, kind, _accept_snapshot(member, told, allowed))
        known = {name: value for name, value in told.items() if name in ("host", "launch", "service", "environment")}
        hints = {name: value for name, value in (listed.query if listed else {}).items() if name in NAMES}
        hints = {**{name: told[name] for name in NAMES if name in told}, **hints}
        evidence = Evidence(member.content, kind, name=member.name, **known, **hints)
        accepted = accept_evidence(evidence, allowed)
        return Item(member.name, accepted.kind, accepted)
    except (UploadError, ParseError) as error:
        problem = {"code": error.code, "message": error.message, "where": error.where}
        return Item(member.name, kind, error=problem)


def _accept_snapshot(member: Member, told: Mapping[str, str], allowed: tuple[str, ...]) -> Accepted:
    assert member.content
    about: dict[str, Any] = {name: told.get(name, "") for name in ("service", "environment", "version", "host")}
    content = unpacked(member.content.data, member.content.size)
    return accept(Upload(content, launch_id=told.get("launch", ""), **about), allowed)


def _nothing(items: Sequence[Item]) -> UploadError:
    if not items:
        return UploadError("empty_bundle", "The archive holds no file", "body")
    first = items[0].error or {}
    return UploadError(
        first.get("code", "refused_file"),
        f"None of the {len(items)} files is accepted; “{items[0].name}”: {first.get('message', '')}",
        first.get("where", ""),
    )
