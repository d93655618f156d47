"""Statements that write one row, as the driver takes them, and several of them as one.

Text and values only. Must never be given a table or column name that comes from outside the code.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

_PLACE: Final = re.compile(r"\$(\d+)")


class Write(NamedTuple):
    """One INSERT or UPDATE with `$1`…, as the driver takes it, and its values."""

    sql: str
    values: Sequence[Any]


@lru_cache(maxsize=256)
def joined(statements: tuple[str, ...]) -> str:
    """The statements as one: the last with the others before it, places numbered on."""
    numbered, used = [], 0
    for sql in statements:
        before = used
        places = [int(place) for place in _PLACE.findall(sql)]
        numbered.append(_PLACE.sub(lambda m, n=before: f"${int(m[1]) + n}", sql))  # type: ignore[misc]
        used += max(places, default=0)
    *others, last = numbered
    parts = ", ".join(f"w{n} AS ({sql})" for n, sql in enumerate(others))
    return f"WITH {parts} {last}" if parts else last


def insert_sql(table: str, columns: Sequence[str]) -> str:
    """An INSERT of one row."""
    places = ", ".join(f"${n}" for n, _ in enumerate(columns, start=1))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608


def update_sql(table: str, columns: Sequence[str]) -> str:
    """An UPDATE of one row to `columns`, the first of which is its key."""
    key, *others = columns
    changes = ", ".join(f"{name} = ${n}" for n, name in enumerate(others, start=2))
    return f"UPDATE {table} SET {changes} WHERE {key} = $1"  # noqa: S608


def json_text(value: Any) -> str:
    """A jsonb value as the driver takes it."""
    return orjson.dumps(value).decode()


def row_values(row: Any, columns: Iterable[str], json: frozenset[str]) -> list[Any]:
    """The attributes `columns` of `row`, those in `json` as text."""
    return [
        json_text(getattr(row, name)) if name in json else getattr(row, name) for name in columns
    ]
