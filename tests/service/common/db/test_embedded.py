"""The embedded server lives through what happens to processes, and guards its folder."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import psutil
import pytest

from libs.common.db import binaries, cluster, embedded
from libs.common.db.embedded import EmbeddedPostgres
from libs.common.db.errors import FolderRefusedError, StartFailedError

Start = Callable[[Path], EmbeddedPostgres]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start servers, small and without waiting for the disk, and stop them at the end."""
    started: list[EmbeddedPostgres] = []

    def run(data: Path) -> EmbeddedPostgres:
        started.append(embedded.start(data, settings={"shared_buffers": "32MB", "fsync": "off"}))
        return started[-1]

    yield run
    for server in started:
        if server.folder.exists():
            server.stop()


@pytest.fixture(scope="module")
def running() -> Iterator[EmbeddedPostgres]:
    """A server for tests that leave it as it is."""
    with embedded.temporary(settings={"shared_buffers": "32MB"}) as server:
        yield server


async def query(server: EmbeddedPostgres, sql: str) -> object:
    connection = await asyncpg.connect(server.dsn())
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_a_started_server_is_postgresql_18_without_a_network_port(
    running: EmbeddedPostgres,
) -> None:
    server = running

    assert not server.attached
    assert str(await query(server, "SHOW server_version")).startswith("18.")
    assert await query(server, "SHOW listen_addresses") == ""
    listening = psutil.Process(server.pid).net_connections(kind="inet")
    assert listening == []


def test_a_second_start_attaches_to_the_running_server(
    running: EmbeddedPostgres,
) -> None:
    second = embedded.start(running.folder.parent)

    assert second.attached
    assert second.pid == running.pid


def test_two_starts_at_once_make_one_server(folder: Path, start: Start) -> None:
    with ThreadPoolExecutor(2) as threads:
        servers = list(threads.map(start, [folder / "data"] * 2))

    assert servers[0].pid == servers[1].pid
    assert sorted(server.attached for server in servers) == [False, True]


def start_in_a_process_that_is_killed(data: Path) -> int:
    program = (
        "import sys, time; from pathlib import Path; from libs.common.db import embedded\n"
        "print(embedded.start(Path(sys.argv[1])).pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(data)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as parent:
        assert parent.stdout is not None
        pid = next(int(line) for line in parent.stdout if line.strip().isdigit())
        os.killpg(parent.pid, signal.SIGKILL)
    return pid


async def test_the_server_survives_kill_9_of_the_process_that_started_it(
    folder: Path, start: Start
) -> None:
    pid = start_in_a_process_that_is_killed(folder / "data")

    server = start(folder / "data")

    assert server.attached
    assert server.pid == pid
    assert await query(server, "SELECT 1") == 1


async def test_committed_rows_survive_kill_9_of_the_server(folder: Path, start: Start) -> None:
    crashed = embedded.start(folder / "data")
    connection = await asyncpg.connect(crashed.dsn())
    await connection.execute("CREATE TABLE kept (id int)")
    await connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    os.kill(crashed.pid, signal.SIGKILL)
    connection.terminate()

    server = start(folder / "data")

    assert not server.attached
    assert await query(server, "SELECT count(*) FROM kept") == 1000


def test_a_pid_file_that_names_a_stranger_does_not_stop_the_start(
    folder: Path, start: Start
) -> None:
    server = start(folder / "data")
    server.stop()
    account = server.account
    user = account.uid if account.switched else None
    with subprocess.Popen(["sleep", "60"], user=user) as stranger:
        pid_file = server.folder / "postmaster.pid"
        pid_file.write_text(f"{stranger.pid}\n{server.folder}\n0\n5432\n\n\n\n", "utf-8")

        assert not start(folder / "data").attached
        stranger.kill()


def test_stop_ends_the_server_and_may_be_repeated(folder: Path, start: Start) -> None:
    server = start(folder / "data")

    server.stop()
    server.stop()

    assert cluster.postmaster(server.folder) is None


def test_a_temporary_server_leaves_nothing_behind() -> None:
    with embedded.temporary(settings={"shared_buffers": "32MB"}) as server:
        data = server.folder.parent
        assert data.exists()

    assert not data.exists()
    assert not server.folder.exists()
    assert not psutil.pid_exists(server.pid) or psutil.Process(server.pid).status() == "zombie"


def test_a_folder_of_a_newer_format_is_refused_with_both_numbers(folder: Path) -> None:
    (folder / "sunlight.json").write_text(json.dumps({"format": 7}), "utf-8")

    with pytest.raises(FolderRefusedError, match=r"format 7.*up to format 1"):
        embedded.start(folder)
    assert not (folder / "cluster").exists()


def test_a_folder_of_a_newer_postgresql_is_refused_with_both_versions(folder: Path) -> None:
    (folder / "cluster").mkdir()
    (folder / "cluster/PG_VERSION").write_text("19\n", "ascii")

    with pytest.raises(FolderRefusedError, match=r"PostgreSQL 19.*PostgreSQL 18"):
        embedded.start(folder)


def test_a_failed_start_shows_the_servers_own_words(folder: Path) -> None:
    with pytest.raises(StartFailedError, match="shared_buffers"):
        embedded.start(folder, settings={"shared_buffers": "not a size"})


def test_a_long_path_gets_a_private_socket_folder_with_a_short_name(
    folder: Path, start: Start
) -> None:
    server = start(folder / ("long" * 40))

    assert stat.S_IMODE(server.socket_folder.stat().st_mode) == 0o700
    assert not server.socket_folder.is_relative_to(folder)
    assert start(folder / ("long" * 40)).attached


async def test_a_folder_with_blanks_and_chinese_in_its_name_works(
    folder: Path, start: Start
) -> None:
    assert await query(start(folder / "阳光 'data'"), "SELECT 1") == 1


def test_only_the_servers_account_can_reach_its_socket(
    running: EmbeddedPostgres,
) -> None:
    assert stat.S_IMODE(running.folder.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_changes_the_rights_of_no_folder_above_the_data(
    folder: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "SYSTEM_FOLDER", folder / "system")
    private = folder / "private"
    private.mkdir(mode=0o700)

    server = start(private / "data")

    assert server.folder.parent == folder / "system"
    assert (private / "data/cluster").resolve() == server.folder
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.stat().st_mode) == 0o711
    assert private.stat().st_uid == 0
    assert psutil.Process(server.pid).uids().real != 0
    assert start(private / "data").attached


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_copies_programs_that_the_servers_account_can_not_reach(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "SYSTEM_FOLDER", folder / "system")
    monkeypatch.setattr(binaries, "_runnable", lambda account, install: False)
    account = binaries.account_for()

    copied = binaries.programs.__wrapped__(account)

    assert copied.is_relative_to(folder / "system")
    done = binaries.run(account, [copied / "postgres", "--version"], cwd=Path("/"))
    assert "18." in done.stdout
