"""Many rows in one round trip: COPY into a table, or arrays through `unnest`.

Must never be given a table or column name that comes from outside the code.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from libs.common.db.engine import Connection


async def copy_records(
    connection: Connection, table: str, columns: Sequence[str], records: Iterable[Sequence[Any]]
) -> int:
    """COPY `records` (one value per column, in order) into `table`; the number of rows."""
    status = await connection.copy_records_to_table(table, columns=list(columns), records=records)
    return int(status.removeprefix("COPY "))


def transpose(records: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows as `width` columns, the shape of `unnest($1, $2, …)`; no rows give empty columns."""
    columns = [list(column) for column in zip(*records, strict=True)] or [[] for _ in range(width)]
    if len(columns) != width:
        raise ValueError(f"records have {len(columns)} values, the statement takes {width}")
    return columns


async def execute_unnest(
    connection: Connection, statement: str, records: Sequence[Sequence[Any]], width: int
) -> int:
    """Run `statement` over `records` as arrays; the number of rows it wrote.

    For example `UPDATE subject s SET state = u.state FROM
    unnest($1::uuid[], $2::text[]) AS u(id, state) WHERE s.id = u.id`.
    """
    if not records:
        return 0
    status = await connection.execute(statement, *transpose(records, width))
    return int(status.rsplit(" ", 1)[-1])


async def fetch_unnest(
    connection: Connection, statement: str, records: Sequence[Sequence[Any]], width: int
) -> list[Any]:
    """As `execute_unnest`, with the rows of a RETURNING clause."""
    if not records:
        return []
    return await connection.fetch(statement, *transpose(records, width))
