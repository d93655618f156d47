"""What a kept replay leaves beside its data, so that it is shown as it was judged.

    DIR/recording/settings.json    the monitor's settings
    DIR/recording/*.yaml           the pack, and a calendar of its own

Must never let a kept recording be judged anew: not by the law in force, nor at today's time.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import orjson

from sunlight.commands.failures import CouldNotRun

FOLDER: Final = "recording"
SETTINGS: Final = "settings.json"
PACKS: Final = "MONITOR_PACKS"
CALENDAR: Final = "MONITOR_CALENDAR"


def keep(data: Path, law: Mapping[str, str]) -> None:
    """Write the worker's settings `law`, and the files they name, into the folder `data`.

    Raises CouldNotRun where `data` holds something: a recording must not mix with it.
    """
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise CouldNotRun(
            f"{data} 里已有数据。--keep 请指定一个新的文件夹",
            f"{data} holds data already. Name a new folder with --keep",
        )
    folder = data / FOLDER
    folder.mkdir(parents=True)
    packs = [_copied(Path(pack), folder) for pack in orjson.loads(law[PACKS])]
    calendar = Path(law[CALENDAR])
    named = _copied(calendar, folder) if calendar.is_file() else law[CALENDAR]
    settings = {**law, PACKS: packs, CALENDAR: named}
    (folder / SETTINGS).write_bytes(orjson.dumps(settings))


def kept_law(data: Path) -> dict[str, str] | None:
    """The settings that `keep` has written, as an environment; None where there are none."""
    folder = data.absolute() / FOLDER
    if not (folder / SETTINGS).is_file():
        return None
    settings = orjson.loads((folder / SETTINGS).read_bytes())
    settings[PACKS] = orjson.dumps([str(folder / name) for name in settings[PACKS]]).decode()
    if (folder / settings[CALENDAR]).is_file():
        settings[CALENDAR] = str(folder / settings[CALENDAR])
    return {str(name): str(value) for name, value in settings.items()}


def _copied(path: Path, folder: Path) -> str:
    shutil.copyfile(path, folder / path.name)
    return path.name
