"""Things a test needs from the machine: a missing one skips, or fails where all is required."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[1]


def all_required() -> bool:
    """Whether this run must not skip anything (the full run in CI)."""
    return os.environ.get("SUNLIGHT_REQUIRE_ALL") == "1"


def require(reason: str) -> NoReturn:
    """End the test because of `reason`: a skip, or a failure where all is required."""
    if all_required():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def program(*names: str) -> Path:
    """The first of `names` found on the path; `require` when there is none."""
    for name in names:
        if found := shutil.which(name):
            return Path(found)
    require(f"needs {' or '.join(names)} on the path")


def shared_folder() -> Path:
    """The folder of shared recordings; its absence is always a skip."""
    folder = Path(os.environ.get("SUNLIGHT_SHARED") or ROOT.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"no shared recordings at {folder}: set SUNLIGHT_SHARED")
    return folder
