"""`sunlight admin client` and `sunlight admin keys`: programs with a secret, and the issuer's keys.

A secret is made here and shown once; only its hash is kept. Must never take a secret from the
command line, nor show one again.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from sunlight.commands.database import FOLDER, at_hand
from sunlight.commands.failures import CouldNotRun
from sunlight.commands.language import say
from sunlight.commands.options import Data, Json

if TYPE_CHECKING:
    from sunlight.issuer.accounts import Client, Post

KEYS: Final = "SUNLIGHT_IDENTITY_FOLDER"
Name = Annotated[str, typer.Argument(metavar="NAME", help=say("程序名称", "the program's name"))]


def register(admin: typer.Typer) -> None:
    """Add the groups."""
    client = typer.Typer(no_args_is_help=True, help=say("调用接口的程序。", "API clients."))
    client.command("create", help=say("登记程序,密钥只显示一次。", "Add a client."))(create)
    client.command("list", help=say("全部程序。", "Every client."))(list_clients)
    client.command("revoke", help=say("注销程序。", "Revoke a client."))(revoke)
    admin.add_typer(client, name="client")
    keys = typer.Typer(no_args_is_help=True, help=say("签名密钥。", "Signing keys."))
    keys.command("rotate", help=say("换用新的签名密钥。", "Sign with a new key."))(rotate)
    admin.add_typer(keys, name="keys")


def create(
    name: Name,
    *,
    role: Annotated[
        list[str], typer.Option(metavar="ROLE", help=say("角色,可重复", "role; may be repeated"))
    ],
    office: Annotated[str, typer.Option(metavar="CODE", help=say("部门代码", "office"))],
    region: Annotated[str, typer.Option(metavar="CODE", help=say("行政区划代码", "region's code"))],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add a program that acts from a post of its own name, and show its secret, this once."""
    from sunlight.commands.admin import check_post
    from sunlight.commands.output import print_json, print_text, quiet_logs, remark
    from sunlight.issuer.accounts import Post

    held = Post(name, office, region, tuple(role))
    check_post(name, held)
    secret = secrets.token_urlsafe(32)
    quiet_logs()
    with at_hand(data):
        asyncio.run(_create(held, secret))
    if as_json:
        print_json({"client": name, "secret": secret, **_shown(held)})
        return
    remark(
        say(
            f"已登记程序 {name}。密钥只显示这一次,请妥善保存:",
            f"client {name} added. Its secret is shown this once; keep it:",
        )
    )
    print_text(secret)


def list_clients(*, data: Data = None, as_json: Json = False) -> None:
    """Every client there ever was; never a secret."""
    from sunlight.commands.output import print_json, print_table, quiet_logs

    quiet_logs()
    with at_hand(data):
        found = asyncio.run(_list())
    rows = [
        {
            "client": one.name,
            **_shown(one.post),
            "created": one.created_at,
            "revoked": one.revoked_at,
        }
        for one in found
    ]
    if as_json:
        print_json(rows)
        return
    columns = say("程序,部门,地区,角色,登记,注销", "client,office,region,roles,created,revoked")
    print_table(columns.split(","), [[_cell(value) for value in row.values()] for row in rows])


def revoke(name: Name, *, data: Data = None) -> None:
    """Give a client no token any more; those it has are refused at once."""
    from sunlight.commands.output import print_text, quiet_logs

    quiet_logs()
    with at_hand(data):
        asyncio.run(_revoke(name))
    print_text(
        say(
            f"程序 {name} 已注销;已发出的令牌立即失效",
            f"client {name} is revoked; tokens it has are refused at once",
        )
    )


def rotate(
    *,
    folder: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help=say(f"密钥文件夹(默认 {KEYS})", f"folder of the keys (default: {KEYS})"),
        ),
    ] = None,
    data: Data = None,
) -> None:
    """Sign with a new key from now on, without a restart; the old one verifies what it signed."""
    from sunlight.commands.output import print_text
    from sunlight.issuer import folder as key_folder

    named = folder or (Path(os.environ[KEYS]) if os.environ.get(KEYS) else None)
    place = named or Path(data or FOLDER) / "identity"
    if not place.is_dir():
        raise CouldNotRun(
            f"没有密钥文件夹 {place}。用 --folder、--data 或 {KEYS} 指明",
            f"no folder of keys {place}. Name it by --folder, --data or {KEYS}",
        )
    kid = key_folder.rotate(place, now=datetime.now(UTC)).current.kid
    print_text(say(f"自现在起用密钥 {kid} 签名", f"signing with key {kid} from now on"))


def _shown(post: Post) -> dict[str, Any]:
    return {"office": post.office, "region": post.region, "roles": sorted(post.roles)}


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value or ""


async def _create(held: Post, secret: str) -> None:
    from sunlight.commands.admin import identity_connection
    from sunlight.issuer import accounts
    from sunlight.issuer.passwords import Passwords

    hashed = await Passwords().hash(secret)
    connection = await identity_connection()
    name, now = held.post, datetime.now(UTC)
    try:
        await accounts.add_client(connection, name=name, secret=hashed, post=held, now=now)
    except accounts.LoginTaken as error:
        raise CouldNotRun(f"已有程序 {name}", f"there is a client {name} already") from error
    finally:
        await connection.close()


async def _list() -> list[Client]:
    from sunlight.commands.admin import identity_connection
    from sunlight.issuer import accounts

    connection = await identity_connection()
    try:
        return await accounts.clients(connection)
    finally:
        await connection.close()


async def _revoke(name: str) -> None:
    from sunlight.commands.admin import identity_connection
    from sunlight.issuer import accounts

    connection = await identity_connection()
    try:
        if not await accounts.revoke(connection, name, now=datetime.now(UTC)):
            raise CouldNotRun(f"没有在用的程序 {name}", f"no client {name} is in use")
    finally:
        await connection.close()
