"""YAML as the client reads it: the core schema of YAML 1.2, JSON values only, bounded.

PyYAML follows YAML 1.1, in which `yes` is true, `12:30` a number and `2024-01-01` a date; to the client
they are texts. The C loader does the work.
"""

import math
import re
from collections.abc import Hashable

import yaml
from frontmatter.default_handlers import YAMLHandler

MAX_NODES = 10_000
MAX_DEPTH = 40

_OPENERS = "[{-:?"  # each collection begins with one of these, or its first item does

JSON = None | bool | int | float | str | list["JSON"] | dict[str, "JSON"]

_Base: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class CoreLoader(_Base):  # type: ignore[misc,valid-type]  # chosen at run time
    """PyYAML's safe loader with the core schema, and without duplicate keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: ARG002, FBT001, FBT002 - PyYAML's signature
        """Build a mapping, refusing a key that is there twice: one of the two values would be lost.

        Raises:
            yaml.YAMLError: With the line of the second.
        """
        seen: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a text", key.start_mark)
            line = key.start_mark.line + 1
            if key.value in seen:
                raise DuplicateKeyError(key.value, seen[key.value], line)
            seen[key.value] = line
        return {key.value: self.construct_object(value, deep=True) for key, value in node.value}

    def construct_yaml_map(self, node: yaml.MappingNode) -> dict[Hashable, object]:
        """Build a mapping at once, rather than after what refers to it."""
        return self.construct_mapping(node)


class TooLargeError(yaml.YAMLError):
    """More than frontmatter may hold, or deeper: a mistake, or an attack."""


class DuplicateKeyError(yaml.YAMLError):
    """A key that is there twice: its name, and its lines within the block."""

    def __init__(self, key: str, first: int, second: int) -> None:
        super().__init__(f"{key!r} is there twice")
        self.key, self.first, self.second = key, first, second


CoreLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", "~nN\0"),
):
    CoreLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}",
        re.compile(rf"^(?:{_pattern})$"),
        [*_first.replace("\0", ""), *([""] if "\0" in _first else [])],
    )


def construct_int(node: yaml.ScalarNode) -> int:
    """A whole number.

    Raises:
        ValueError: It has more digits than Python reads.
    """
    text = str(node.value)
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text, 10)


CoreLoader.add_constructor("tag:yaml.org,2002:int", lambda _loader, node: construct_int(node))
CoreLoader.add_constructor("tag:yaml.org,2002:float", lambda _loader, node: float(node.value))
CoreLoader.add_constructor("tag:yaml.org,2002:map", CoreLoader.construct_yaml_map)


def load_yaml(block: str) -> JSON:
    """Read strict YAML as JSON values.

    Raises:
        yaml.YAMLError: It is none, names a type of its own, or is deeper or larger than frontmatter may be.
    """
    _refuse_depth(block)
    value = YAMLHandler().load(block, Loader=CoreLoader)
    return _as_json(value, [0])


def _refuse_depth(block: str) -> None:
    if sum(map(block.count, _OPENERS)) <= MAX_DEPTH:
        return  # there is nothing of which it could be deeper, and the usual block is read once
    depth = 0
    try:
        for event in yaml.parse(block, Loader=CoreLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise TooLargeError(f"nested more than {MAX_DEPTH} deep")
    except yaml.scanner.ScannerError as error:
        if "nesting depth" not in str(error.problem):  # PyYAML 6.0.4 has a bound of its own, met before any event
            raise
        raise TooLargeError(f"nested more than {MAX_DEPTH} deep") from error


def _as_json(value: object, count: list[int], depth: int = 0) -> JSON:
    count[0] += 1
    if count[0] > MAX_NODES or depth > MAX_DEPTH:
        raise TooLargeError(f"its aliases unfold to more than {MAX_NODES} values")
    if isinstance(value, dict):
        return {str(key): _as_json(item, count, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_json(item, count, depth + 1) for item in value]
    if value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise yaml.YAMLError(f"a {type(value).__name__} is no value here")
