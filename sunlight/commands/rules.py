"""`sunlight rules`: the law as data: what is installed, one rule, whether packs can be used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sunlight.commands.failures import CHECK_FAILED, CouldNotRun
from sunlight.commands.language import say
from sunlight.commands.options import Json


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help=say("规则。", "Rules."))
    group.command("list", help=say("已装的规则。", "The installed rules."))(list_rules)
    group.command("show", help=say("一条规则的全部内容。", "All of one rule."))(show)
    group.command("check", help=say("检查规则包。", "Check rule packs."))(check)
    app.add_typer(group, name="rules")


def list_rules(*, as_json: Json = False) -> None:
    """Every installed rule, by id."""
    from sunlight.commands.output import print_json, print_table

    rules = sorted(_installed().rules, key=lambda rule: rule.key)
    if as_json:
        print_json([_brief(rule) for rule in rules])
        return
    columns = say(
        "编号,名称,形式,依据,生效,地区,状态,监察", "id,title,form,law,since,region,status,watched"
    )
    rows = [list({**_brief(rule), "watched": _watched_word(rule)}.values()) for rule in rules]
    print_table(columns.split(","), rows)


def show(
    rule: Annotated[str, typer.Argument(metavar="ID")],
    *,
    as_json: Json = False,
) -> None:
    """Every version of a rule, as it stands in its pack."""
    import yaml

    from sunlight.commands.output import print_json, print_text

    book = _installed()
    found = book.by_id.get(rule, ())
    if not found:
        near = ", ".join(sorted(name for name in book.by_id if rule.lower() in name.lower()))
        hint = f" ({near}?)" if near else ""
        raise CouldNotRun(
            f"没有规则 {rule}{hint};见 sunlight rules list",
            f"no rule {rule}{hint}; see sunlight rules list",
        )
    bodies = [
        one.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)
        for one in found
    ]
    if as_json:
        print_json(bodies)
        return
    for one, body in zip(found, bodies, strict=True):
        text = yaml.safe_dump(body, allow_unicode=True, sort_keys=False)
        aside = "" if _is_watched(one) else f"\n# {_watched_word(one)}"
        print_text(f"# {book.origins[one.key]}{aside}\n{text}")


def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]", help=say("默认检查自带的全部规则包", "default: every shipped pack")
        ),
    ] = None,
) -> None:
    """Read packs as at start; every fault on a line, status 1 where there is one."""
    from libs.common.law.installed import PACKS, RULES
    from libs.common.law.pack import PackError, load, packs_in
    from services.e_monitor.check import KNOWN
    from sunlight.commands.output import print_text

    # Recorded packs belong to one recording each: they are no law beside the others.
    groups = [files] if files else [packs_in(RULES, *PACKS)]
    if not files:
        groups += [[path] for path in packs_in(RULES, "recorded")]
    for path in files or ():
        if not path.is_file():
            raise CouldNotRun(f"没有这个文件:{path}", f"no such file: {path}")
    count, faults = 0, []
    for group in groups:
        try:
            count += len(load(group, detectors=KNOWN).rules)
        except PackError as error:
            faults += error.faults
    for fault in faults:
        print_text(fault)
    if faults:
        raise typer.Exit(CHECK_FAILED)
    print_text(say(f"{count} 条规则,没有问题", f"{count} rules, nothing wrong"))


def _installed() -> Any:
    from libs.common.law.installed import PACKS, RULES
    from libs.common.law.pack import load, packs_in

    return load(packs_in(RULES, *PACKS))


def _brief(rule: Any) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": say(rule.title.zh, rule.title.en),
        "form": rule.form,
        "law": f"{rule.law.text} {rule.law.article}",
        "since": rule.effective.from_.isoformat(),
        "region": rule.region,
        "status": rule.status,
        "watched": _is_watched(rule),
    }


def _is_watched(rule: Any) -> bool:
    """Whether anything looks at the rule; a duty stands in its pack for people to read."""
    return bool(rule.form != "duty")


def _watched_word(rule: Any) -> str:
    return say("是", "yes") if _is_watched(rule) else say("仅列出,不监察", "listed only")
