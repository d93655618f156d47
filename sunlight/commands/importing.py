"""`sunlight import`: the organisation, the catalogue of items and tenders, from files.

What can't be taken is listed with file, line, field, value and reason; the rest is done. A second
import of the same file changes nothing.
"""

from __future__ import annotations

import asyncio
import codecs
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from sunlight.commands.failures import CouldNotRun
from sunlight.commands.importing_shared import (
    SHOWN,
    DryRun,
    Rejects,
    tell_dry_run,
    tell_more,
    write_rejects,
)
from sunlight.commands.importing_tenders import TENDERS_HELP, tenders
from sunlight.commands.language import say
from sunlight.commands.options import Data, Json

if TYPE_CHECKING:
    from libs.common.codes import Region
    from services.approval.imports import Outcome
    from sunlight.importing.run import Options

_ITEM_COLUMNS: Final = (
    "code name item_type region [body first_day statutory_limit statutory_unit promised_limit "
    "promised_unit limit_set_by_law immediate delivers_document delivery flow materials "
    "material_count legal_basis applicants visits]"
)
_ORGANISATION_COLUMNS: Final = (
    "kind=body: code name region [superior office_hours]; kind=window: code name hall body; "
    "kind=post: code name body [duties window superior]; kind=tenure: post role staff_no name "
    "first_day [certificate_no certificate_until]; all: [first_day last_day]"
)
ITEMS_HELP: Final = (
    f"导入政务服务事项。列:{_ITEM_COLUMNS}",
    f"Import service items. Columns: {_ITEM_COLUMNS}",
)
ORGANISATION_HELP: Final = (
    f"导入机构、窗口、岗位、任职。列:{_ORGANISATION_COLUMNS}",
    f"Import bodies, windows, posts, tenures. Columns: {_ORGANISATION_COLUMNS}",
)
REJECT_COLUMNS: Final = ("file", "line", "field", "value", "reason")

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE", help=say("CSV、YAML、JSON,可为 .gz", "CSV, YAML, JSON, also .gz")
    ),
]
Mapping = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help=say("列名对照(YAML,字段: 列名)", "names of columns (YAML, field: column)"),
    ),
]
Encoding = Annotated[str, typer.Option(help=say("文件编码", "encoding of the file"))]
RegionOption = Annotated[
    str | None,
    typer.Option(
        metavar="CODE",
        help=say("只改这个区域及其下级", "change nothing beyond this region and those below"),
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help=say("导入。", "Import."))
    group.command("items", help=say(*ITEMS_HELP))(items)
    group.command("organisation", help=say(*ORGANISATION_HELP))(organisation)
    group.command("tenders", help=say(*TENDERS_HELP))(tenders)
    app.add_typer(group, name="import")


def items(
    files: Files,
    *,
    mapping: Mapping = None,
    first_day: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DATE",
            help=say("未写生效日期的从这天起效(默认今天)", "first day where none is given (today)"),
        ),
    ] = None,
    region: RegionOption = None,
    encoding: Encoding = "utf-8",
    dry_run: DryRun = False,
    rejects: Rejects = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """A changed item becomes a new version; the old ones stay."""
    from sunlight.importing.run import Options

    begins = None if first_day is None else _day(first_day)
    within = _region(region)
    options = Options("items", _encoding(encoding), mapping, within, begins, dry_run)
    _run(files, options, data=data, rejects=rejects, as_json=as_json)


def organisation(
    files: Files,
    *,
    mapping: Mapping = None,
    region: RegionOption = None,
    encoding: Encoding = "utf-8",
    dry_run: DryRun = False,
    rejects: Rejects = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Records of a file may refer to each other in any order."""
    from sunlight.importing.run import Options

    within = _region(region)
    options = Options("organisation", _encoding(encoding), mapping, within, None, dry_run)
    _run(files, options, data=data, rejects=rejects, as_json=as_json)


def _run(
    files: list[Path],
    options: Options,
    *,
    data: str | None,
    rejects: Path | None,
    as_json: bool,
) -> None:
    from sunlight.commands.database import at_hand
    from sunlight.commands.output import progress_bar, quiet_logs
    from sunlight.importing.file import FileRefusedError
    from sunlight.importing.run import import_all, read

    quiet_logs()
    try:
        # Every file before the first change: one that can't be used stops all of them.
        contents = [(path, read(path, options)) for path in files]
    except FileRefusedError as error:
        raise CouldNotRun(error.zh, error.en) from error
    with at_hand(data), progress_bar() as progress:
        outcomes = asyncio.run(import_all(contents, options, progress))
    told = [_told(path, outcome, options) for path, outcome in outcomes]
    if rejects is not None:
        rows = (reject for one in told for reject in one["rejects"])
        write_rejects(rejects, REJECT_COLUMNS, rows, told="value")
    if as_json:
        from sunlight.commands.output import print_json

        print_json({"dry_run": options.dry_run, "files": told})
    else:
        _print(told, options)


def _told(path: Path, outcome: Outcome, options: Options) -> dict[str, Any]:
    """What came of one file, in the language of the caller."""
    rejects = [
        {
            "file": path.name,
            "line": one.line,
            "field": one.field,
            "value": one.value,
            "reason": say(one.zh, one.en),
        }
        for one in outcome.rejects
    ]
    return {
        "file": str(path),
        "kind": options.kind,
        **outcome.counts(),
        "remarks": outcome.remarks,
        "rejects": rejects,
    }


def _print(told: list[dict[str, Any]], options: Options) -> None:
    from sunlight.commands.output import print_table, remark

    columns = ("file", "read", "accepted", "created", "changed", "duplicates", "rejected")
    titles = say("文件,读取,接受,新增,变更,重复,拒绝", ",".join(columns)).split(",")
    print_table(titles, [[one[name] for name in columns] for one in told])
    rejects = [reject for one in told for reject in one["rejects"]]
    for reject in rejects[:SHOWN]:
        place = f"{reject['file']}:{reject['line']}"
        remark(f"{place}: {reject['field']} {reject['value']!r}: {reject['reason']}")
    tell_more(len(rejects))
    for one in told:
        if count := one["remarks"].get("unknown_bodies"):
            remark(
                say(
                    f"{one['file']}:{count} 个实施主体尚未录入,可用 sunlight import organisation",
                    f"{one['file']}: {count} bodies are not known yet: "
                    "sunlight import organisation",
                )
            )
    if options.dry_run:
        tell_dry_run()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        wanted = say("应为日期,如 2026-03-02", "should be a day such as 2026-03-02")
        raise typer.BadParameter(f"{text!r}: {wanted}") from error


def _encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise typer.BadParameter(f"{name!r}: {say('没有这种编码', 'no such encoding')}") from error


def _region(code: str | None) -> Region | None:
    from libs.common.codes import CodeError
    from services.approval.inputs import region_of

    try:
        return None if code is None else region_of(code)
    except CodeError as error:
        raise typer.BadParameter(str(error)) from error
