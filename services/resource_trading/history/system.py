"""What the system is called whose tenders are imported. No input or output.

An event's source says who recorded it: a foreign system must never pass for a service of ours.
"""

import re
from typing import Final

from libs.common.events import TOPICS

PATTERN: Final = r"^[a-z0-9][a-z0-9.-]{1,39}$"


class SystemNameError(ValueError):
    """No name for a system, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en


def system_name(name: str) -> str:
    """The name, which may stand in a source. Raises SystemNameError."""
    if not re.fullmatch(PATTERN, name):
        raise SystemNameError(
            f"“{name}”应为 2 至 40 个小写字母、数字、点、横线",
            f"{name!r} should be 2 to 40 of a-z, 0-9, dots and dashes",
        )
    if name in TOPICS:
        raise SystemNameError(
            f"“{name}”是本平台自己的服务,其他系统不得用此名:录入是否及时会按本平台判断",
            f"{name} is a service of this platform, which no other system may be called: late "
            "entry would be held against it",
        )
    return name
