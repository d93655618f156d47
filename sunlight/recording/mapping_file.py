"""Loading a mapping from YAML, with errors that name the file, the line and the field."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from sunlight.recording.faults import MappingError
from sunlight.recording.mapping import RecordingMapping

SHIPPED: Final = Path(__file__).parents[2] / "mappings"


def shipped() -> list[str]:
    """The names of the mappings that come with the platform."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def _find(name_or_path: str | Path) -> Path:
    text = str(name_or_path)
    if "/" in text or text.endswith((".yaml", ".yml")):
        path = Path(text)
        if not path.is_file():
            raise MappingError(f"{text}: no such file")
        return path
    path = SHIPPED / f"{text}.yaml"
    if not path.is_file():
        raise MappingError(f"{text}: no such mapping; shipped are {', '.join(shipped())}")
    return path


def _line(node: yaml.Node, place: tuple[Any, ...]) -> int:
    """The line of the deepest part of `place` that is written."""
    for part in place:
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            found = node.value[part] if part < len(node.value) else None
        if found is None:
            break
        node = found
    return int(node.start_mark.line) + 1


def _repeated(node: yaml.Node) -> yaml.Node | None:
    """The first key written twice in one mapping: YAML would silently keep the last."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                found: yaml.Node = key
                return found
            seen.add(key.value)
            if (found_below := _repeated(value)) is not None:
                return found_below
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            if (found_below := _repeated(item)) is not None:
                return found_below
    return None


def _parse(path: Path) -> tuple[yaml.Node, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise MappingError(f"{path}:{line}: {error.problem}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise MappingError(f"{path}:1: {error}") from error
    if node is None or not isinstance(content, dict):
        raise MappingError(f"{path}:1: not a mapping of names to values")
    if (key := _repeated(node)) is not None:
        raise MappingError(f"{path}:{key.start_mark.line + 1}: {key.value}: written twice")
    return node, content


def load_mapping(name_or_path: str | Path) -> RecordingMapping:
    """The mapping of that name, or in that file.

    Raises:
        MappingError: no such mapping, not YAML, or a field that is wrong; all of them are told.
    """
    path = _find(name_or_path)
    node, content = _parse(path)
    content.setdefault("name", path.stem)
    try:
        return RecordingMapping.model_validate(content)
    except ValidationError as error:
        told = [
            f"{path}:{_line(node, item['loc'])}: "
            f"{'.'.join(str(part) for part in item['loc']) or 'mapping'}: {item['msg']}"
            for item in error.errors(include_url=False)
        ]
        raise MappingError("\n".join(told)) from error
