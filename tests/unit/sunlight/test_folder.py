"""The data folder: one `sunlight up` at a time, and whether the last one ended by itself."""

import fcntl
from pathlib import Path

import pytest

from sunlight.commands.failures import CouldNotRun
from sunlight.up.folder import LOCK, held


def test_a_folder_that_another_up_holds_is_refused_with_its_address(tmp_path: Path) -> None:
    with (
        held(tmp_path, pid=42, url="http://127.0.0.1:1234"),
        pytest.raises(CouldNotRun) as refused,
        held(tmp_path, pid=43, url="http://x"),
    ):
        pass

    assert "42" in refused.value.zh
    assert "http://127.0.0.1:1234" in refused.value.en


def test_a_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    with held(tmp_path, pid=42, url="http://127.0.0.1:1234"):
        pass

    with held(tmp_path, pid=43, url="http://127.0.0.1:1234") as folder:
        assert not folder.unclean


def test_what_a_killed_up_left_behind_shows(tmp_path: Path) -> None:
    (tmp_path / LOCK).write_text('{"pid": 42, "url": "http://127.0.0.1:1234"}')

    with held(tmp_path, pid=43, url="http://127.0.0.1:1234") as folder:
        assert folder.unclean


def test_the_lock_is_the_operating_systems(tmp_path: Path) -> None:
    with (
        held(tmp_path, pid=42, url="http://x"),
        (tmp_path / LOCK).open("a") as other,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_folder_that_can_not_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(CouldNotRun), held(tmp_path / "file" / "data", pid=1, url="http://x"):
        pass
