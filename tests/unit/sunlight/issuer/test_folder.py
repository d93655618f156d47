"""Keys and secrets on disk: made once, for their owner's eyes alone."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sunlight.commands.failures import CouldNotRun
from sunlight.issuer import folder, minting

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    return tmp_path / "identity"


def test_a_key_is_made_once_and_found_again(secrets: Path) -> None:
    first = folder.signing_keys(secrets, now=NOW)
    assert folder.signing_keys(secrets, now=LATER).current.kid == first.current.kid


def test_nobody_else_can_read_what_is_written(secrets: Path) -> None:
    folder.signing_keys(secrets, now=NOW)
    folder.cookie_secret(secrets)
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    files = list(secrets.iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert len(files) == 2


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_that_others_may_read_is_refused(secrets: Path, mode: int) -> None:
    folder.cookie_secret(secrets)
    next(secrets.iterdir()).chmod(mode)
    with pytest.raises(CouldNotRun):
        folder.cookie_secret(secrets)


def test_a_folder_that_others_may_read_is_refused(secrets: Path) -> None:
    secrets.mkdir(mode=0o755)
    with pytest.raises(CouldNotRun):
        folder.signing_keys(secrets, now=NOW)


def test_after_a_rotation_the_new_key_signs_and_both_are_published(secrets: Path) -> None:
    old = folder.signing_keys(secrets, now=NOW).current.kid
    keys = folder.rotate(secrets, now=LATER)
    assert keys.current.kid != old
    assert {key["kid"] for key in keys.public(LATER)["keys"]} == {old, keys.current.kid}


def test_once_its_last_token_has_ended_the_old_key_is_neither_published_nor_kept(
    secrets: Path,
) -> None:
    folder.signing_keys(secrets, now=NOW)
    keys = folder.rotate(secrets, now=LATER)
    ended = LATER + folder.TOKENS_END
    (public,) = keys.public(ended)["keys"]
    assert public["kid"] == keys.current.kid
    folder.rotate(secrets, now=ended)
    assert len(list(secrets.glob("issuer-*.json"))) == 2


def test_a_key_outlives_every_token_it_can_have_signed() -> None:
    assert max(minting.ID_TOKEN, minting.ACCESS_TOKEN, minting.TICKET) < folder.TOKENS_END


def test_a_running_issuer_signs_with_the_key_that_another_process_made(secrets: Path) -> None:
    running = folder.signing_keys(secrets, now=NOW)
    before = running.current.kid
    made = folder.rotate(secrets, now=LATER).current.kid
    assert running.current.kid == made != before


def test_no_private_half_is_published(secrets: Path) -> None:
    (public,) = folder.signing_keys(secrets, now=NOW).public(NOW)["keys"]
    assert not set(public) & {"d", "p", "q", "dp", "dq", "qi"}


def test_the_cookies_secret_is_long_and_stays(secrets: Path) -> None:
    secret = folder.cookie_secret(secrets)
    assert len(secret) >= 43  # 256 bits in base64
    assert folder.cookie_secret(secrets) == secret


def test_those_who_make_a_secret_at_once_keep_the_same_one(secrets: Path) -> None:
    """Two processes of an installation start together; both sign cookies."""
    with ThreadPoolExecutor(8) as pool:
        for number in range(30):
            made = pool.map(lambda _, name=str(number): folder.kept_secret(secrets, name), range(8))
            assert len(set(made)) == 1
