"""AWS's own description of SES v2, as botocore ships it, used from the server's side.

It gives the routes and lets every request be checked field by field: unknown ones, missing ones, types,
lengths, patterns and closed lists. What AWS writes only in its developer guide (50 entries, tag
characters, sizes, identities) is checked in `limits.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote

from botocore.loaders import Loader

from relmail.simulator.amazon.errors import AmazonError, bad_request

PYTHON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "blob": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "double": (int, float),
    "timestamp": (int, float, str),
}


@dataclass(frozen=True)
class Route:
    """One operation: its HTTP method, the pattern of its path and the name of its input shape."""

    operation: str
    method: str
    pattern: re.Pattern[str]
    input_shape: str


@cache
def service() -> dict[str, Any]:
    """The service description: operations and shapes."""
    described: dict[str, Any] = Loader().load_service_model("sesv2", "service-2")
    return described


@cache
def routes() -> tuple[Route, ...]:
    """Every operation of SES v2, those without parameters in the path first."""
    found = []
    for name, operation in service()["operations"].items():
        uri = operation["http"]["requestUri"].rstrip("/")
        pattern = re.sub(r"\\\{(\w+)\\?\+?\\\}", r"(?P<\1>[^/]+)", re.escape(uri))
        found.append(Route(name, operation["http"]["method"], re.compile(pattern), operation["input"]["shape"]))
    return tuple(sorted(found, key=lambda route: route.pattern.pattern.count("(?P")))


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The operation behind a method and a path, with the values in the path.

    Raises AmazonError (404, UnknownOperationException) when SES has none.
    """
    for route in routes():
        if route.method == method and (match := route.pattern.fullmatch(path.rstrip("/"))):
            return route, {name: unquote(value) for name, value in match.groupdict().items()}
    raise AmazonError("UnknownOperationException", f"SES has no operation at {method} {path}", 404)


def parameters(route: Route, in_path: dict[str, str], query: dict[str, list[str]], body: Any) -> dict[str, Any]:
    """Put path, query and body together as one input and check it. Raises AmazonError (400)."""
    shape = service()["shapes"][route.input_shape]
    if not isinstance(body, dict):
        raise AmazonError("SerializationException", "the body is not a JSON object")
    located = {
        member["locationName"]: (name, member)
        for name, member in shape["members"].items()
        if member.get("location") in ("uri", "querystring")
    }
    for name in body:
        if any(name == own for own, _ in located.values()):
            raise bad_request(f"{name} does not belong into the body")
    given: dict[str, Any] = dict(body)
    for location, value in in_path.items():
        given[located[location][0] if location in located else location] = value
    for location, values in query.items():
        if location not in located:
            raise bad_request(f"unknown query parameter {location}")
        name, member = located[location]
        kind = service()["shapes"][member["shape"]]["type"]
        if kind == "list":
            given[name] = values
        else:
            given[name] = _number(values[-1]) if kind in ("integer", "timestamp", "double") else values[-1]
    check(given, route.input_shape, "")
    return given


def check(value: Any, shape_name: str, path: str) -> None:
    """Compare a value with a shape, to its leaves. Raises AmazonError (400) that names the field."""
    shape = service()["shapes"][shape_name]
    kind = shape["type"]
    if kind == "structure":
        _check_structure(value, shape, path)
    elif kind == "list":
        if not isinstance(value, list):
            raise bad_request(f"{path} must be a list")
        _check_size(len(value), shape, path)
        member = shape["member"]["shape"]
        for number, item in enumerate(value):
            check(item, member, f"{path}[{number}]")
    elif kind == "map":
        if not isinstance(value, dict):
            raise bad_request(f"{path} must be a map")
    else:
        _check_leaf(value, shape, path)


def _check_structure(value: Any, shape: dict[str, Any], path: str) -> None:
    if not isinstance(value, dict):
        raise bad_request(f"{path} must be an object")
    members = shape["members"]
    for name, item in value.items():
        if name not in members:
            raise bad_request(f"unknown field {path}.{name}".replace(" .", " "))
        if item is not None:
            check(item, members[name]["shape"], f"{path}.{name}".lstrip("."))
    for name in shape.get("required", ()):
        if value.get(name) is None:
            raise bad_request(f"missing field {path}.{name}".replace(" .", " "))


def _check_leaf(value: Any, shape: dict[str, Any], path: str) -> None:
    wanted = PYTHON_TYPES[shape["type"]]
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise bad_request(f"{path} must be of type {shape['type']}")
    if isinstance(value, str):
        _check_size(len(value), shape, path)
        if (pattern := shape.get("pattern")) and not _compiled(pattern).fullmatch(value):
            raise bad_request(f"{path} has characters that are not allowed there")
        if "enum" in shape and value not in shape["enum"]:
            raise bad_request(f"{path} must be one of {', '.join(shape['enum'])}")


def _check_size(size: int, shape: dict[str, Any], path: str) -> None:
    if size < shape.get("min", 0):
        raise bad_request(f"{path} is shorter than {shape['min']}")
    if "max" in shape and size > shape["max"]:
        raise bad_request(f"{path} is longer than {shape['max']}")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _number(text: str) -> int | float | str:
    try:
        return int(text)
    except ValueError:
        return text
