"""What `sunlight up` says while it runs: where to look, what died, that it ended."""

from __future__ import annotations

import http.client
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sunlight.commands.language import say

_PAGES: Final = (
    ("/", "公开网站", "public site"),
    ("/window", "办事窗口", "service window"),
    ("/trading", "交易大厅", "trading hall"),
    ("/monitor", "电子监察", "monitoring"),
)
_PARTS: Final = {"api": "API", "worker": "worker", "city": "city"}


def answers(url: str) -> bool:
    """Whether the platform says that it is ready."""
    return status(url, "/readyz") == 200


def status(url: str, path: str) -> int | None:
    """The HTTP status of a page; None while nothing answers."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def starting(data: Path, database: str | None) -> str:
    """The first line: what is being started on which data."""
    where = say("DATABASE_URL", "DATABASE_URL") if database else str(data)
    return say(f"正在启动,数据在 {where} …", f"starting, data in {where} ...")


def ready(url: str, data: Path, *, demo: bool, kept: bool) -> str:
    """Where to look, and what to begin with; `kept`: it is a recording."""
    zh, en = ("阳光平台已启动", "The Sunlight Platform is up")
    if demo:
        zh, en = f"{zh}(演示:虚构的阳光市)", f"{en} (demonstration: a made-up city)"
    width = max(len(say(*names)) for _, *names in _PAGES)
    lines = [
        f"  {say(name, other).ljust(width)}  {url}{path}"
        for path, name, other in _PAGES
        if status(url, path) != 404
    ]
    if demo:
        lines += ["", *_first_steps(url)]
    elif not kept:
        lines += ["", _first_commands(data)]
    end = say(
        f"日志在 {data / 'log'};按 Ctrl-C 结束,再次启动会接着运行。",
        f"Logs in {data / 'log'}; Ctrl-C ends it, starting again goes on from there.",
    )
    return "\n".join([say(zh, en), *lines, end])


def _first_steps(url: str) -> list[str]:
    """What a newcomer to the demonstration may look at first."""
    return [
        say(
            f"  先看 {url}/monitor:一件超期许可、三张有证无件的证照、一次不足三日的公示、"
            "一组围标线索,城市历史生成完(约半分钟)就列在最前。",
            f"  First see {url}/monitor: an overdue permit, three licences without a case, a "
            "publicity cut short, leads on bid-rigging; listed first once the city's history is "
            "made (half a minute).",
        ),
        say(
            f"  换个角色:{url}/auth/role;页首“快进”让城市过 1、5 或 21 个工作日。",
            f'  Another role: {url}/auth/role; "Fast-forward" in the header passes 1, 5 or 21 '
            "working days.",
        ),
    ]


def _first_commands(data: Path) -> str:
    """What makes an installation of one's own ready for work."""
    commands = ("admin create", "import organisation FILE", "import items FILE")
    title = say("  首次使用,依次:", "  To begin with, in this order:")
    return "\n".join([title, *(f"    sunlight {one} --data {data}" for one in commands)])


def recording() -> str:
    """What is shown is a kept replay."""
    return say(
        "这是重放留下的记录:时间停在记录结束时,不再处理新事件。",
        "This is a kept recording: its time stands at its end, and no event is taken up.",
    )


def not_ready(log: Path) -> str:
    """It should have answered by now."""
    return say(f"尚未就绪,原因见 {log}", f"not ready yet; see {log} for why")


def died(part: str, status: int, pause: float, log: Path) -> str:
    """A child died and will be started again."""
    return say(
        f"{_PARTS[part]} 进程退出(状态 {status}),{pause:g} 秒后重启;日志 {log}",
        f"the {_PARTS[part]} process ended (status {status}), again in {pause:g} s; log {log}",
    )


def database_died() -> str:
    """The embedded server was gone."""
    return say("数据库已退出,正在重启", "the database has died, starting it again")


def ending() -> str:
    """Told to end."""
    return say("正在结束 …", "ending ...")


def ended() -> str:
    """Everything has ended."""
    return say("已结束", "ended")
