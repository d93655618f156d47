"""Whether contracts changed only by addition, told by their schemas against a baseline.

Events are kept for ever and readers are older than writers, so what a field says must hold in
both directions: it may be neither narrowed (old events become unreadable) nor widened (old
readers refuse new events). What is allowed: a new type, a new optional field, a new code value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from libs.common.events.documents import Document, data_schema, envelope_schema
from libs.common.events.registry import CONTRACTS

_FREE: Final = frozenset({"description", "title"})
_APART: Final = frozenset({"properties", "required", "items", "anyOf", "x-codes"})
_NOTHING: Final = "nothing"


def snapshot() -> Document:
    """The contracts as they stand: what a later state is held against."""
    types = {name: _inlined(data_schema(model)) for name, model in CONTRACTS.items()}
    return {"envelope": envelope_schema(), "types": types}


def _inlined(schema: Document) -> Document:
    nested = schema.pop("$defs", {})

    def resolved(part: Any) -> Any:
        if isinstance(part, list):
            return [resolved(member) for member in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            rest = {name: value for name, value in part.items() if name != "$ref"}
            return {**resolved(nested[part["$ref"].rpartition("/")[2]]), **rest}
        return {name: resolved(value) for name, value in part.items()}

    inlined: Document = resolved(schema)
    return inlined


def breaking_changes(old: Document, new: Document) -> list[str]:
    """What changed between two snapshots other than by addition, one line each."""
    found = [f"envelope/{line}" for line in _changes("", old["envelope"], new["envelope"])]
    for name, schema in old["types"].items():
        if name not in new["types"]:
            found.append(f"{name}: the type was removed")
        else:
            found += [f"{name}: data/{line}" for line in _changes("", schema, new["types"][name])]
    return found


def _changes(path: str, old: Document, new: Document) -> Iterator[str]:
    for keyword in sorted((old.keys() | new.keys()) - _FREE - _APART):
        before, after = old.get(keyword, _NOTHING), new.get(keyword, _NOTHING)
        if before != after:
            yield f"{path}: {keyword} was {before!r}, is {after!r}"
    yield from _code_changes(path, old, new)
    yield from _property_changes(path, old, new)
    if "items" in old and "items" in new:
        yield from _changes(f"{path}[]", old["items"], new["items"])
    elif ("items" in old) != ("items" in new):
        yield f"{path}: the members' type was {'removed' if 'items' in old else 'added'}"
    yield from _alternative_changes(path, old.get("anyOf", []), new.get("anyOf", []))


def _code_changes(path: str, old: Document, new: Document) -> Iterator[str]:
    if "x-codes" in new and "x-codes" not in old:
        yield f"{path}: was free, is bound to a code list"
    for code in old.get("x-codes", []):
        if code not in new.get("x-codes", []):
            yield f"{path}: the code {code!r} was removed"


def _property_changes(path: str, old: Document, new: Document) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    must_before, must_after = set(old.get("required", [])), set(new.get("required", []))
    for name, schema in before.items():
        if name not in after:
            yield f"{_below(path, name)}: the field was removed"
        else:
            yield from _changes(_below(path, name), schema, after[name])
    for name in sorted(must_after - must_before):
        yield f"{_below(path, name)}: the field became required"
    for name in sorted((must_before - must_after) & after.keys()):
        yield f"{_below(path, name)}: the field was required, older readers need it"


def _below(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def _alternative_changes(path: str, old: list[Document], new: list[Document]) -> Iterator[str]:
    if len(old) != len(new):
        yield f"{path}: took {_kinds(old)}, takes {_kinds(new)}"
        return
    for before, after in zip(old, new, strict=True):
        yield from _changes(path, before, after)


def _kinds(alternatives: list[Document]) -> str:
    return " or ".join(str(part.get("type", "any")) for part in alternatives) or "one type"
