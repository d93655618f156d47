"""Many rows of one change in one statement, beside its events.

Rows travel as one JSON value, so that a statement is the same however many there are. Must never
be given a table or column name that comes from outside the code.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Table

from libs.common.db.writes import Write, json_text
from libs.common.identity.actor import Actor

_AUDIT: Final = """
INSERT INTO audit (at, post, office, action, subject, version, detail)
SELECT $1, $2, $3, x.action, x.subject, x.version, x.detail
FROM jsonb_to_recordset($4::jsonb)
    AS x(action varchar, subject varchar, version integer, detail jsonb)
"""


class Act(NamedTuple):
    """What was done to one subject, for the audit row."""

    action: str
    subject: str
    version: int
    detail: Mapping[str, Any]


def rows_write(table: Table, rows: Sequence[Mapping[str, Any]], *, replace: bool) -> Write:
    """Insert whole rows, given with every column; `replace` those with the same key."""
    name = f'"{table.name}"'
    sql = f"INSERT INTO {name} SELECT * FROM jsonb_populate_recordset(NULL::{name}, $1::jsonb)"  # noqa: S608
    if replace:
        keys = [column.name for column in table.primary_key]
        others = [column.name for column in table.c if column.name not in keys]
        changes = ", ".join(f'"{column}" = EXCLUDED."{column}"' for column in others)
        sql += f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes}"
    return Write(sql, [json_text(list(rows))])


def audit_rows(actor: Actor, acts: Iterable[Act], *, at: datetime) -> Write:
    """The audit rows of one change."""
    rows = [act._asdict() for act in acts]
    return Write(_AUDIT, [at, actor.post, actor.office, json_text(rows)])
