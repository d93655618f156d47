"""`sunlight import tenders`: tenders that another system keeps, from its own files.

What can't be taken is listed as a replay lists it. A second import of the same files tells nothing
new; of changed ones what changed.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

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
from sunlight.commands.language import say
from sunlight.commands.options import Data, Json

if TYPE_CHECKING:
    from services.resource_trading.history.told import Outcome

REJECT_COLUMNS: Final = ("file", "position", "code", "field", "message", "excerpt")
TENDERS_HELP: Final = (
    "导入其他系统的招标历史:OCDS(.json、.jsonl)、交易中心公告(.jsonl),可为 .gz。",
    "Import tenders of another system: OCDS (.json, .jsonl), notices (.jsonl), also .gz.",
)

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE", help=say("记录文件", "files of records"))
]
Region = Annotated[
    str,
    typer.Option(metavar="CODE", help=say("项目所在行政区划代码", "region that they belong to")),
]
Office = Annotated[
    str,
    typer.Option(metavar="CODE", help=say("项目归属的机构代码", "office that they belong to")),
]
MappingOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FILE",
        help=say(
            "映射;默认 .json 用 tenders-ocds,.jsonl 用 tenders-notices",
            "mapping; by default tenders-ocds for .json, tenders-notices for .jsonl",
        ),
    ),
]
System = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help=say(
            "来源系统(默认映射名);不得为本平台服务名",
            "the system that keeps them (default: the mapping's name); no service of ours",
        ),
    ),
]
Recorded = Annotated[
    Literal["given", "now"],
    typer.Option(
        help=say("录入时间:given 按来源系统所记,now 为现在", "recorded as that system says, or now")
    ),
]
Mandatory = Annotated[
    bool | None,
    typer.Option(
        "--mandatory/--voluntary",
        show_default=False,
        help=say(
            "声明全部项目依法必须(或并非必须)招标,以记录自身所载为先;默认不声明,不作相应判断。"
            "随招标文件告知:只有公示、中标公告的项目(tenders-notices)无从记载",
            "declare that tendering of all was compulsory, or was not, where a record does not say "
            "so itself; by default nothing is declared, nor judged by it. It is told with the "
            "tender documents: a tender of which none are known (tenders-notices) can't carry it",
        ),
    ),
]


def tenders(
    files: Files,
    *,
    region: Region,
    office: Office,
    mapping: MappingOption = None,
    source: System = None,
    recorded: Recorded = "given",
    mandatory: Mandatory = None,
    dry_run: DryRun = False,
    rejects: Rejects = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Nothing is refused because a law was broken: the monitor judges what is imported."""
    from sunlight.commands.database import at_hand
    from sunlight.commands.output import progress_bar, quiet_logs
    from sunlight.importing.file import FileRefusedError
    from sunlight.importing.tender_run import TenderOptions, import_tenders

    quiet_logs()
    options = TenderOptions(
        region=_region(region),
        office=office,
        mapping=mapping,
        system=_system(source),
        recorded=recorded,
        mandatory=mandatory,
        dry_run=dry_run,
    )
    try:
        with at_hand(data), progress_bar() as progress:
            outcome = asyncio.run(import_tenders(files, options, progress))
    except FileRefusedError as error:
        raise CouldNotRun(error.zh, error.en) from error
    if rejects is not None:
        rows = (reject._asdict() for reject in outcome.rejects)
        write_rejects(rejects, REJECT_COLUMNS, rows, told="excerpt")
    if as_json:
        from sunlight.commands.output import print_json

        print_json(_told(outcome, dry_run=dry_run))
    else:
        _print(outcome, dry_run=dry_run)


def _told(outcome: Outcome, *, dry_run: bool) -> dict[str, Any]:
    rejects = [reject._asdict() for reject in outcome.rejects]
    return {
        "dry_run": dry_run,
        **outcome.counts(),
        "left_out": outcome.left_out,
        "rejects": rejects,
    }


def _print(outcome: Outcome, *, dry_run: bool) -> None:
    from sunlight.commands.output import print_table, remark

    counts = outcome.counts()
    titles = say("读取,接受,拒绝,重复,新增招标,变更招标,事件", ",".join(counts)).split(",")
    print_table(titles, [list(counts.values())])
    for one in outcome.rejects[:SHOWN]:
        remark(f"{one.file}:{one.position}: {one.code} {one.field}: {one.message}")
    tell_more(len(outcome.rejects))
    for name, count in outcome.left_out.items():
        remark(say(f"{name}:{count} 个值无法采用,已略去", f"{name}: {count} values left out"))
    if dry_run:
        tell_dry_run()


def _region(code: str) -> str:
    from libs.common.codes import CodeError
    from services.approval.inputs import region_of

    try:
        region_of(code)
    except CodeError as error:
        raise typer.BadParameter(str(error)) from error
    return code


def _system(name: str | None) -> str | None:
    from services.resource_trading.history.system import SystemNameError, system_name

    try:
        return None if name is None else system_name(name)
    except SystemNameError as error:
        raise typer.BadParameter(say(error.zh, error.en)) from error
