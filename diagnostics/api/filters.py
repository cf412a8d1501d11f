"""Query parameters, typed and bounded."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Schema
from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from diagnostics.api.errors import ApiError
from diagnostics.figures import View
from diagnostics.parsers.timestamps import INT64_MAX, moment
from diagnostics.querysets.launches import LaunchFilter
from diagnostics.records import ParseError

# PostgreSQL stores any text but NUL.
Text = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
RFC3339 = {"type": "string", "format": "date-time", "maxLength": 500}
NANOSECONDS = {"type": "integer", "minimum": 1 - 10**19, "maximum": 10**19 - 1}
# A time in a query; what cannot be read is told by ``time``, which knows the parameter's name.
Moment = Annotated[Text, WithJsonSchema({"anyOf": [RFC3339, NANOSECONDS]})]
DIGITS = {"type": "string", "pattern": r"^-?\d{1,19}$"}


def _as_text(told: Any) -> Any:
    """A time in JSON may be a number, which by JSON Schema 1.0 is as well; the rest is for ``time`` to judge."""
    whole = isinstance(told, int) or (isinstance(told, float) and told.is_integer())
    return str(int(told)) if whole and not isinstance(told, bool) else told


MomentIn = Annotated[Text, BeforeValidator(_as_text), WithJsonSchema({"anyOf": [RFC3339, DIGITS, NANOSECONDS]})]
Label = Annotated[Text, WithJsonSchema({"type": "string", "maxLength": 500, "pattern": r"^[^\x00]*=[^\x00]*$"})]
Positions = Annotated[Text, WithJsonSchema({"type": "string", "maxLength": 500, "pattern": r"^\d{0,9}(,\d{0,9})*$"})]


class SnapshotQuery(Schema):
    """What may be said in the URL where the snapshot does not say it itself."""

    service: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = ""
    environment: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = ""
    version: Text = ""
    host: Text = ""
    launch_id: Text = ""


class EvidenceQuery(Schema):
    """What a file may not say itself."""

    kind: Text = Field(description="What the file is; “auto” recognises it by its content")
    host: Text = ""
    launch: Text = ""
    service: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = ""
    environment: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = ""
    version: Text = Field(default="", description="What was launched, for files that are a launch of their own")
    year: Text = Field(default="", description="For stamps without one")
    tz: Text = Field(default="", description="Zone of stamps without one: Europe/Berlin, +08:00")
    boot_time: Text = Field(default="", description="For seconds since boot: RFC 3339 or integer ns")
    trace: Text = Field(default="", description="Which one, for a file of several traces: its id")
    name: Text = Field(default="", description="The file's name, for people")


class BundleQuery(Schema):
    """What a bundle may not say itself; its manifest beats this."""

    host: Text = ""
    launch: Text = ""
    service: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = ""
    environment: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = ""
    version: Text = ""
    year: Text = Field(default="", description="For stamps without one")
    tz: Text = Field(default="", description="Zone of stamps without one: Europe/Berlin, +08:00")
    boot_time: Text = Field(default="", description="For seconds since boot: RFC 3339 or integer ns")
    trace: Text = Field(default="", description="Which one, for a file of several traces: its id")


class ClockQuery(Schema):
    """On which clock times are told."""

    clock: Literal["raw", "corrected"] = Field(
        default="raw", description="corrected: moved by what contradicts the launch's own clock"
    )


class EvidenceWindow(ClockQuery):
    """The events of a launch that are asked for."""

    start: Moment | None = Field(default=None, alias="from", description="RFC 3339 or integer ns")
    end: Moment | None = Field(default=None, alias="to", description="RFC 3339 or integer ns")


class LaunchQuery(Schema):
    """The filters of a list of launches."""

    service: Text | None = None
    environment: Text | None = None
    version: Text | None = None
    host: Text | None = None
    status: Text | None = None
    start_class: Text | None = None
    label: list[Label] = Field(default=[], description="k=v; may be repeated")
    since: Moment | None = Field(default=None, description="RFC 3339 or integer ns, inclusive")
    until: Moment | None = Field(default=None, description="RFC 3339 or integer ns, exclusive")
    slower_than: int | None = Field(default=None, ge=0, le=INT64_MAX, alias="slower-than", description="Total, ns")


class WaterfallQuery(Schema):
    """The window of a waterfall."""

    start: Moment | None = Field(default=None, alias="from", description="RFC 3339 or integer ns")
    end: Moment | None = Field(default=None, alias="to", description="RFC 3339 or integer ns")
    width: int = Field(default=1000, ge=50, le=10_000, description="Pixels the plot is wide")
    fold: Positions = Field(default="", description="Positions of folded phases: 3,17")
    ghosts: bool = Field(default=True, description="Draw the good launch before this one behind it")


class PictureQuery(Schema):
    """How a figure is drawn."""

    format: Literal["png", "svg", "html"] = "png"
    theme: Literal["light", "dark"] = "light"


def waterfall_view(query: WaterfallQuery) -> View:
    """The view these parameters ask for. Raises ``ApiError`` 422 for unreadable ones."""
    positions = [part for part in query.fold.split(",") if part]
    if not all(part.isdecimal() and len(part) < 10 for part in positions):
        raise ApiError(422, "invalid_parameter", "fold lists positions of phases: fold=3,17", "fold")
    start, end = time(query.start, "from"), time(query.end, "to")
    if start is not None and end is not None and end <= start:
        raise ApiError(422, "invalid_parameter", "The window ends before it begins", "to")
    return View(start, end, query.width, frozenset(map(int, positions)), query.ghosts)


def launch_filter(query: LaunchQuery, request: HttpRequest) -> LaunchFilter:
    """The filter these parameters ask for. Raises ``ApiError`` 422 for unreadable values."""
    return LaunchFilter(
        service=query.service,
        environment=query.environment,
        version=query.version,
        host=query.host,
        status=query.status,
        start_class=query.start_class,
        labels=dict(_label(text) for text in query.label),
        since=time(query.since, "since"),
        until=time(query.until, "until"),
        slower_than=_slower_than(query, request),
    )


def _slower_than(query: LaunchQuery, request: HttpRequest) -> int | None:
    other = request.GET.get("slower_than", "")  # the name with the other dash means the same
    if query.slower_than is not None or not other:
        return query.slower_than
    if not other.isdecimal() or len(other) > 18:
        raise ApiError(422, "invalid_parameter", f"“{other[:60]}” is not a duration in ns", "slower_than")
    return int(other)


def _label(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise ApiError(422, "invalid_parameter", f"“{text[:60]}” is not a label; write label=key=value", "label")
    return key, value


def time(text: str | None, where: str) -> int | None:
    """RFC 3339 or integer ns, within what the database can hold. Raises ``ApiError`` 422."""
    try:
        return None if text is None else moment(text, where)
    except ParseError as error:
        raise ApiError(422, "invalid_parameter", f"{error.message}, nor integer nanoseconds", where) from None
