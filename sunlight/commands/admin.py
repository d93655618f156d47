"""`sunlight admin`: accounts of the built-in issuer, its programs (`clients`) and its keys.

A password is asked for or read from standard input, never taken from the command line, where
other users of the machine could read it.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

from sunlight.commands import clients
from sunlight.commands.failures import CouldNotRun
from sunlight.commands.language import say

if TYPE_CHECKING:
    from libs.common.db.engine import Connection
    from libs.common.directory.places import Place
    from sunlight.issuer.accounts import Post

IDENTITY: Final = "identity"
ADMINISTRATION: Final = "administration"
"""The office of a post that the organisation does not know, where nobody names another."""
ANYWHERE: Final = "990000"
Login = Annotated[
    str,
    typer.Option(metavar="NAME", help=say("账号", "account name")),
]
Data = Annotated[
    str | None,
    typer.Option(metavar="DIR", help=say("sunlight up 的数据文件夹", "data folder of sunlight up")),
]
AsJson = Annotated[bool, typer.Option("--json", help=say("以 JSON 打印", "print JSON"))]
FromStdin = Annotated[
    bool,
    typer.Option("--password-stdin", help=say("从标准输入读密码", "read the password from stdin")),
]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help=say("账号。", "Accounts."))
    group.command("create", help=say("建立账号,默认是平台管理员。", "Create an account."))(create)
    group.command("disable", help=say("停用账号,并结束其登录。", "Disable an account."))(disable)
    group.command("password", help=say("更改密码,并结束其登录。", "Change a password."))(password)
    clients.register(group)
    app.add_typer(group, name="admin")


def create(
    *,
    login: Login,
    post: Annotated[
        str, typer.Option(metavar="CODE", help=say("岗位代码", "post"))
    ] = "administrator-1",
    office: Annotated[
        str | None,
        typer.Option(metavar="CODE", help=say("部门代码,默认取自组织机构", "office's code")),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(metavar="CODE", help=say("行政区划代码,默认取自组织机构", "region's code")),
    ] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE", help=say("角色,可重复", "role; may be repeated")),
    ] = None,
    password_stdin: FromStdin = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Create an account with one post; without --role the platform's administrator.

    Of a post that the organisation knows, the organisation says office and region.
    """
    from sunlight.commands.database import at_hand
    from sunlight.commands.output import print_json, print_text, quiet_logs
    from sunlight.issuer.accounts import Post

    roles = tuple(role or ["administrator"])
    name = login.strip().lower()
    check_post(name, Post(post, office or ADMINISTRATION, region or ANYWHERE, roles))
    secret = _password(name, stdin=password_stdin)
    quiet_logs()
    with at_hand(data):
        account = asyncio.run(_create(name, secret, Asked(post, office, region, roles)))
    if as_json:
        print_json({"account": account, "login": name, "post": post, "roles": sorted(roles)})
        return
    print_text(
        say(f"已建立账号 {name},岗位 {post}", f"account {name} created, acting from post {post}")
    )


def disable(*, login: Login, data: Data = None) -> None:
    """Disable an account and end its sessions."""
    from sunlight.commands.database import at_hand
    from sunlight.commands.output import print_text, quiet_logs

    quiet_logs()
    name = login.strip().lower()
    with at_hand(data):
        asyncio.run(_disable(name))
    print_text(say(f"账号 {name} 已停用", f"account {name} is disabled"))


def password(*, login: Login, password_stdin: FromStdin = False, data: Data = None) -> None:
    """Change an account's password and end its sessions."""
    from sunlight.commands.database import at_hand
    from sunlight.commands.output import print_text, quiet_logs

    name = login.strip().lower()
    secret = _password(name, stdin=password_stdin)
    quiet_logs()
    with at_hand(data):
        asyncio.run(_change(name, secret))
    print_text(say(f"账号 {name} 的密码已更改", f"the password of {name} is changed"))


def check_post(login: str, held: Post) -> None:
    """Wrong use where a name, region or role is none."""
    from libs.common.identity.area import area
    from libs.common.identity.claims import is_word
    from libs.common.identity.permissions import installed_matrix

    if not all(is_word(word) and len(word) <= 100 for word in (login, held.post, held.office)):
        raise typer.BadParameter(
            say(
                "账号、岗位和部门应为 1 至 100 个可打印字符",
                "account, post and office have 1 to 100 printable characters",
            )
        )
    if area(held.region) is None:
        raise typer.BadParameter(say("行政区划代码应为 6、9 或 12 位", "6, 9 or 12 digits"))
    known = installed_matrix().roles
    if unknown := set(held.roles) - set(known):
        raise typer.BadParameter(
            say(
                f"没有角色 {', '.join(sorted(unknown))};可用:{', '.join(known)}",
                f"no role {', '.join(sorted(unknown))}; there are {', '.join(known)}",
            )
        )


class Asked(NamedTuple):
    """The post as the command line names it; what is None the organisation is to say."""

    post: str
    office: str | None
    region: str | None
    roles: tuple[str, ...]


async def _placed(connection: Connection, asked: Asked) -> Post:
    """The post where the organisation has it, or as asked where it knows none."""
    from zoneinfo import ZoneInfo

    from libs.common.directory.places import Places
    from sunlight.issuer.accounts import Post

    post, office, region, roles = asked
    zone = ZoneInfo(os.environ.get("SUNLIGHT_IDENTITY_ZONE", "Asia/Shanghai"))
    try:
        place = await Places(connection, zone).of(post, now=datetime.now(UTC))
    except LookupError:
        if region is None:
            raise _unknown(post) from None
        return Post(post, office or ADMINISTRATION, region, roles)
    return Post(post, *_agreed(place, asked), roles)


def _unknown(post: str) -> typer.BadParameter:
    return typer.BadParameter(
        say(
            f"组织机构中没有岗位 {post}:请写明 --region(和 --office)",
            f"the organisation does not know the post {post}: name --region (and --office)",
        ),
        param_hint="--region",
    )


def _agreed(place: Place | None, asked: Asked) -> Place:
    """Where the organisation has the post; wrong use where it ended or is said to be elsewhere."""
    from libs.common.identity.area import area

    if place is None:
        raise typer.BadParameter(
            say(
                f"岗位 {asked.post} 在组织机构中已撤销或尚未开始",
                f"in the organisation the post {asked.post} has ended or not begun",
            ),
            param_hint="--post",
        )
    other = asked.office not in {None, place.office}
    if other or (asked.region is not None and area(asked.region) != area(place.region)):
        raise typer.BadParameter(
            say(
                f"组织机构中岗位 {asked.post} 属于 {place.office}({place.region}),与所写不同",
                f"in the organisation the post {asked.post} is of {place.office} ({place.region})",
            ),
            param_hint="--office",
        )
    return place


def _password(login: str, *, stdin: bool) -> str:
    from sunlight.issuer.passwords import fault

    if stdin:
        secret = sys.stdin.readline().rstrip("\r\n")
    else:
        secret = getpass.getpass(say("密码:", "Password: "))
        if getpass.getpass(say("再输一次:", "Once more: ")) != secret:
            raise typer.BadParameter(say("两次输入不同", "the two differ"))
    if wrong := fault(secret, login):
        raise typer.BadParameter(say(*wrong))
    return secret


async def _create(login: str, secret: str, asked: Asked) -> str:
    from uuid_utils.compat import uuid7

    from sunlight.issuer import accounts
    from sunlight.issuer.passwords import Passwords

    password = await Passwords().hash(secret)
    connection = await identity_connection()
    account = uuid7()
    try:
        held = await _placed(connection, asked)
        await accounts.add(
            connection,
            account=account,
            login=login,
            password=password,
            held=[held],
            now=datetime.now(UTC),
        )
    except accounts.LoginTaken as error:
        raise CouldNotRun(f"已有账号 {login}", f"there is an account {login} already") from error
    finally:
        await connection.close()
    return str(account)


async def _change(login: str, secret: str) -> None:
    from sunlight.issuer import accounts
    from sunlight.issuer.passwords import Passwords

    hashed = await Passwords().hash(secret)
    connection = await identity_connection()
    try:
        now = datetime.now(UTC)
        if await accounts.change_password(connection, login, hashed, now=now) is None:
            raise CouldNotRun(f"没有在用的账号 {login}", f"no account {login} is in use")
    finally:
        await connection.close()


async def _disable(login: str) -> None:
    from sunlight.issuer import accounts

    connection = await identity_connection()
    try:
        if await accounts.disable(connection, login, now=datetime.now(UTC)) is None:
            raise CouldNotRun(f"没有在用的账号 {login}", f"no account {login} is in use")
    finally:
        await connection.close()


async def identity_connection() -> Connection:
    """A connection as the identity's role, its schema brought up to date first."""
    from libs.common.db.engine import connect, service_dsn
    from libs.common.db.migrations import upgrade

    dsn = service_dsn(IDENTITY, os.environ)
    await upgrade(dsn, IDENTITY)
    return await connect(dsn, IDENTITY)
