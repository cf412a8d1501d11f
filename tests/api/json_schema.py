"""As much of JSON Schema 2020-12 as the project's own schemas use; a keyword it does not know is an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

SILENT = {"title", "description", "default", "$defs", "$schema", "examples", "format"}
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def problems(value: Any, schema: dict[str, Any], root: dict[str, Any], where: str = "$") -> Iterator[str]:
    """Places at which ``value`` breaks ``schema``; ``root`` is what references point into."""
    for keyword, argument in schema.items():
        if keyword not in SILENT:
            yield from CHECKS[keyword](value, argument, schema, root, where)


def fits(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    return not list(problems(value, schema, root))


def resolved(reference: str, root: Any) -> Any:
    assert reference.startswith("#/"), reference
    for step in reference[2:].split("/"):
        root = root[step]
    return root


def _reference(value: Any, argument: str, schema: Any, root: Any, where: str) -> Iterator[str]:
    yield from problems(value, resolved(argument, root), root, where)


def _type(value: Any, argument: str, schema: Any, root: Any, where: str) -> Iterator[str]:
    if not isinstance(value, TYPES[argument]) or (isinstance(value, bool) and argument != "boolean"):
        yield f"{where} is no {argument}"


def _any_of(value: Any, argument: Any, schema: Any, root: Any, where: str) -> Iterator[str]:
    if not any(fits(value, option, root) for option in argument):
        yield f"{where} fits none of {len(argument)}"


def _enum(value: Any, argument: Any, schema: Any, root: Any, where: str) -> Iterator[str]:
    if not any(value == option and type(value) is type(option) for option in argument):
        yield f"{where} is none of {argument}"


def _const(value: Any, argument: Any, schema: Any, root: Any, where: str) -> Iterator[str]:
    yield from _enum(value, [argument], schema, root, where)


def _required(value: Any, argument: list[str], schema: Any, root: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{where}.{key} is missing" for key in argument if key not in value)


def _properties(value: Any, argument: Any, schema: Any, root: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key in value.keys() & argument.keys():
            yield from problems(value[key], argument[key], root, f"{where}.{key}")


def _additional(value: Any, argument: Any, schema: Any, root: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key in value.keys() - schema.get("properties", {}).keys():
            if argument is False:
                yield f"{where}.{key} is not known"
            elif isinstance(argument, dict):
                yield from problems(value[key], argument, root, f"{where}.{key}")


def _items(value: Any, argument: Any, schema: Any, root: Any, where: str) -> Iterator[str]:
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from problems(item, argument, root, f"{where}[{place}]")


def _length(value: Any, argument: int, schema: Any, root: Any, where: str) -> Iterator[str]:
    if isinstance(value, str) and not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield f"{where} is too short or too long"


def _range(value: Any, argument: int, schema: Any, root: Any, where: str) -> Iterator[str]:
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{where} is too small or too large"


CHECKS = {
    "$ref": _reference,
    "type": _type,
    "anyOf": _any_of,
    "enum": _enum,
    "const": _const,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "minLength": _length,
    "maxLength": _length,
    "minimum": _range,
    "maximum": _range,
}
