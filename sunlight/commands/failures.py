"""Why a command could not run, in the words of the person who ran it.

Every error that a wrong file, a missing server or a taken port causes ends here as one message;
only a fault of our own shows a traceback.
"""

from __future__ import annotations

from typing import Final

from sunlight.commands.language import say

DONE: Final = 0
CHECK_FAILED: Final = 1
WRONG_USE: Final = 2
COULD_NOT_RUN: Final = 3


class CouldNotRun(Exception):
    """A command could not run: what is wrong, with which value, and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en

    def __str__(self) -> str:
        return say(self.zh, self.en)


def told(error: Exception) -> str | None:
    """What to tell of `error`; None when it is a fault of ours, which wants its traceback."""
    if isinstance(error, CouldNotRun):
        return str(error)
    if _expected(error):
        return str(error) or type(error).__name__
    if isinstance(error, OSError):
        return _of_system(error)
    return _of_setting(error) or _of_library(error)


def _of_library(error: Exception) -> str | None:
    match type(error).__module__.split(".")[0]:
        case "aiokafka":
            return say(
                f"Kafka 不可用:{error}。请确认 KAFKA_BOOTSTRAP_SERVERS 正确、服务已经启动。",
                f"Kafka is not available: {error}. Check KAFKA_BOOTSTRAP_SERVERS.",
            )
        case "asyncpg":
            return say(f"数据库拒绝了请求:{error}", f"the database refused: {error}")
    return None


def _expected(error: Exception) -> bool:
    # Imported here: an error of these kinds has loaded its module already.
    from libs.common.bus.kafka_security import KafkaSettingError
    from libs.common.bus.protocol import TopicError
    from libs.common.db.errors import DatabaseError
    from libs.common.law.pack import PackError
    from libs.common.web.names import NamesError
    from libs.common.worktime import CalendarError
    from sunlight.recording.faults import MappingError, RecordingError
    from sunlight.replay.run import WorkerDiedError

    kinds = (
        DatabaseError,
        TopicError,
        KafkaSettingError,
        PackError,
        CalendarError,
        NamesError,
        MappingError,
        RecordingError,
        WorkerDiedError,
    )
    # A mapping that names a rule nobody has is a LookupError, not a missing key of ours.
    return isinstance(error, kinds) or type(error) is LookupError


def _of_setting(error: Exception) -> str | None:
    """What is wrong with a setting, without its value, which may be a secret."""
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    if isinstance(error, SettingsError):
        return say(f"设置有误(应为 JSON):{error}", f"a setting is not JSON: {error}")
    # Of any other model it is a fault of ours.
    if not isinstance(error, ValidationError) or not error.title.endswith("Settings"):
        return None
    told = "; ".join(
        "_".join(str(part) for part in one["loc"]).upper() + ": " + one["msg"]
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    )
    return say(
        f"设置有误:…_{told}。见 docs/configuration.md",
        f"a setting is wrong: ..._{told}. See docs/configuration.md",
    )


def _of_system(error: OSError) -> str:
    if isinstance(error, ConnectionError):
        return say(
            f"连不上数据库或消息服务:{error}。请确认地址正确、服务已经启动。",
            f"no connection to the database or broker: {error}. Check the address.",
        )
    if error.filename is None:
        return str(error)
    reasons = {
        FileNotFoundError: ("没有这个文件", "no such file"),
        PermissionError: ("没有权限", "permission denied"),
        IsADirectoryError: ("是文件夹,不是文件", "is a folder, not a file"),
        NotADirectoryError: ("不是文件夹", "is not a folder"),
    }
    zh, en = reasons.get(type(error), (error.strerror or "", error.strerror or ""))
    return say(f"{error.filename}:{zh}", f"{error.filename}: {en}")
