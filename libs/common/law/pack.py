"""Loading rule packs: YAML files become one rulebook, or an error that names file, line and field.

Loading is the only place of the law that touches a file, and it never repairs one: a pack with a
fault is refused whole, with every fault told.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import TypeAdapter, ValidationError

from libs.common.law.consistency import inconsistencies, overlaps
from libs.common.law.rule import ExclusionSet, Rule
from libs.common.law.rulebook import Rulebook

__all__ = ["PackError", "Rulebook", "load", "packs_in"]

_RULE: Final[TypeAdapter[Rule]] = TypeAdapter(Rule)
_EXCLUSION: Final = TypeAdapter(ExclusionSet)


class PackError(ValueError):
    """A pack can't be used; `faults` holds one line each: file:line: field: what is wrong."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class _Loader(yaml.SafeLoader):
    """YAML with the booleans of its version 1.2, so that the key `on` stays a word."""


_BOOL: Final = "tag:yaml.org,2002:bool"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOL]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|false)$"), list("tf"))


def load(paths: Iterable[Path], *, detectors: Collection[str] | None = None) -> Rulebook:
    """Read packs into one rulebook.

    `detectors` are the names of the detectors there are, for whoever evaluates patterns: a rule
    that names another would silently never find anything. None: not asked.

    Raises:
        PackError: with every fault found, not only the first.
    """
    faults: list[str] = []
    rules: list[Rule] = []
    origins: dict[str, str] = {}
    exclusions: dict[str, ExclusionSet] = {}
    for path in paths:
        pack = _Pack(path, faults)
        root = pack.parts()
        for name, shape in pack.exclusions(root):
            _place(f"exclusions.{name}", shape, pack, origins)
            exclusions[name] = shape.value
        for rule in pack.rules(root):
            _place(rule.value.key, rule, pack, origins)
            rules.append(rule.value)
    faults += inconsistencies(rules, exclusions, origins, detectors)
    rules = _uncorrected(rules)
    faults += overlaps(rules, origins)
    if faults:
        raise PackError(faults)
    return Rulebook(tuple(rules), exclusions, origins)


def packs_in(folder: Path, *names: str) -> list[Path]:
    """The pack files of the named subfolders, in a fixed order."""
    return sorted(path for name in names for path in (folder / name).glob("**/*.yaml"))


def _uncorrected(rules: list[Rule]) -> list[Rule]:
    """Without the revisions that a later one corrects: a correction of ours applies to all."""
    corrected = {(rule.id, rule.region, rule.corrects) for rule in rules}
    return [rule for rule in rules if (rule.id, rule.region, rule.revision) not in corrected]


@dataclass(frozen=True, slots=True)
class _Read:
    """Something read, and the line where it stands."""

    value: Any
    line: int


def _place(name: str, read: _Read, pack: _Pack, origins: dict[str, str]) -> None:
    if name in origins:
        pack.fault(read.line, f"{name}: stands also in {origins[name]}")
    origins.setdefault(name, f"{pack.path}:{read.line}")


@dataclass(frozen=True, slots=True)
class _Pack:
    """One file being read; what is wrong with it goes to `faults`."""

    path: Path
    faults: list[str] = field(default_factory=list)

    def fault(self, line: int, message: str) -> None:
        self.faults.append(f"{self.path}:{line}: {message}")

    def parts(self) -> dict[str, yaml.Node]:
        """The nodes under `exclusions` and `rules`; nothing if the file is no pack."""
        try:
            root = yaml.compose(self.path.read_text(encoding="utf-8"), Loader=_Loader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            self.fault(mark.line + 1 if mark else 1, f"not YAML: {_problem(error)}")
            return {}
        except (OSError, UnicodeDecodeError) as error:
            self.fault(1, f"can't be read: {error}")
            return {}
        if not isinstance(root, yaml.MappingNode):
            self.fault(1, "a pack is a mapping with the key rules")
            return {}
        self._once(root)
        for key, _ in root.value:
            if key.value not in {"rules", "exclusions"}:
                message = f"{key.value}: unknown key; a pack has exclusions and rules"
                self.fault(_line(key), message)
        return {key.value: value for key, value in root.value} or {"": root}

    def exclusions(self, parts: dict[str, yaml.Node]) -> Iterator[tuple[str, _Read]]:
        node = parts.get("exclusions")
        if node is None:
            return
        if not isinstance(node, yaml.MappingNode):
            self.fault(_line(node), "exclusions: not a mapping of name to exclusion set")
            return
        for key, value in node.value:
            found = self._checked(value, _EXCLUSION, _line(key))
            if found is not None:
                yield key.value, _Read(found, _line(key))

    def rules(self, parts: dict[str, yaml.Node]) -> Iterator[_Read]:
        node = parts.get("rules")
        if not isinstance(node, yaml.SequenceNode):
            if parts:
                self.fault(_line(node) if node else 1, "rules: missing, or not a list")
            return
        for entry in node.value:
            found = self._checked(entry, _RULE, _line(entry))
            if found is not None:
                yield _Read(found, _line(entry))

    def _checked(self, node: yaml.Node, shape: TypeAdapter[Any], line: int) -> Any:
        before = len(self.faults)
        self._once(node)
        if len(self.faults) > before:
            return None
        try:
            return shape.validate_python(
                yaml.constructor.SafeConstructor().construct_document(node)
            )
        except yaml.YAMLError as error:
            self.fault(line, _problem(error))
        except ValidationError as error:
            for item in error.errors(include_url=False):
                place = ".".join(str(part) for part in item["loc"]) or "rule"
                value = str(item["input"])[:60]
                where = _line_of(node, item["loc"])
                self.fault(where, f"{place}: {item['msg']} (value {value!r})")
        return None

    def _once(self, node: yaml.Node) -> None:
        """A key given twice is a fault: YAML would silently keep the last."""
        if isinstance(node, yaml.SequenceNode):
            for value in node.value:
                self._once(value)
        if not isinstance(node, yaml.MappingNode):
            return
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                self.fault(_line(key), f"{key.value}: given twice")
            seen.add(key.value)
            if key.value not in {"rules", "exclusions"}:
                self._once(value)


def _problem(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or error)


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _line_of(node: yaml.Node, loc: tuple[int | str, ...]) -> int:
    """The line of the deepest part of `loc` that the file has."""
    line = _line(node)
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == part:
                    line, node = _line(key), value
                    break
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = _line(node)
    return line
