"""Sets up `.venv`: the locked packages, then the project itself; skipped when nothing changed.

Runs under any Python 3 before anything is installed, so it uses the standard library only.
Must never install a package that the lock does not name by hash, nor compile one.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMPS = VENV / "stamps"
REQUIREMENTS = ROOT / "requirements"
OLDEST = (3, 11)


class InstallError(RuntimeError):
    """The environment can't be set up; the message says what to do."""


def main(arguments: "list[str] | None" = None) -> int:
    """Set up for running, or with `--dev` for testing as well; 0 done, 3 could not."""
    parser = argparse.ArgumentParser(description="Set up .venv for running the platform.")
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    dev = parser.parse_args(arguments).dev
    try:
        create_venv()
        install_packages(dev=dev)
        install_project()
        fetch_assets(dev=dev)
    except InstallError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 3
    return 0


def create_venv() -> None:
    """Make `.venv` with pip in it, unless it is there."""
    if (VENV / "bin" / "python").exists() and any(VENV.glob("lib/python*/site-packages/pip")):
        return
    if sys.version_info < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        raise InstallError(f"Python {found} is too old: run `make setup PYTHON=python3.11`")
    print("setup: creating .venv", flush=True)
    if subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False).returncode:
        _create_with_virtualenv()


def _create_with_virtualenv() -> None:
    # Debian ships venv without ensurepip unless python3-venv is installed
    shutil.rmtree(VENV, ignore_errors=True)
    private = ROOT / ".cache" / "virtualenv"
    environment = {**os.environ, "PYTHONPATH": str(private)}
    fetch = [sys.executable, "-m", "pip", "install", "-q", "--target", str(private), "virtualenv"]
    build = [sys.executable, "-m", "virtualenv", "-q", str(VENV)]
    for command in (build, fetch, build):
        code = subprocess.run(command, env=environment, check=False).returncode
        if command is build and code == 0:
            return
    raise InstallError("no venv, no virtualenv: install the system package python3-venv")


def install_packages(*, dev: bool) -> None:
    """Install the lock: what running needs, or that and what testing needs."""
    lock = REQUIREMENTS / ("dev.txt" if dev else "requirements.txt")
    # what the larger lock installed holds all of the smaller one
    larger = "dev.txt" if _is_fresh("dev.txt", [REQUIREMENTS / "dev.txt"]) else ""
    if lock.name == "requirements.txt" and larger:
        return
    if not _is_fresh(lock.name, [lock]):
        _pip_lock(lock)


def install_project() -> None:
    """Put the project itself, editable, and its command into `.venv`."""
    inputs = [ROOT / "pyproject.toml"]
    if _is_fresh("project", inputs) and (VENV / "bin" / "sunlight").exists():
        return
    print("setup: installing the project", flush=True)
    # setuptools comes from the lock, so no build environment is fetched
    _pip("--no-deps", "--no-build-isolation", "-e", str(ROOT))
    _stamp("project", inputs)


def fetch_assets(*, dev: bool) -> None:
    """Fetch what the pages load. Without it they are plain but work, so nothing fails."""
    program = ROOT / "tools" / "assets.py"
    if not program.exists():
        return
    node = REQUIREMENTS / "node.txt"
    if shutil.which("npm") is None and not _is_fresh(node.name, [node]):
        _pip_lock(node)
    arguments = [str(program), *(["--dev"] if dev else [])]
    subprocess.run([str(VENV / "bin" / "python"), *arguments], cwd=ROOT, check=False)


def _pip_lock(lock: Path) -> None:
    print(f"setup: installing {lock.relative_to(ROOT)}", flush=True)
    _pip("--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(lock))
    _stamp(lock.name, [lock])


def _pip(*arguments: str) -> None:
    # Modules are compiled when first imported: most of them never are.
    options = ["install", "-q", "--no-compile"]
    command = [str(VENV / "bin" / "python"), "-m", "pip", *options, *arguments]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    if subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode:
        raise InstallError("pip failed, see above")


def _fingerprint(inputs: Sequence[Path]) -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in inputs)).hexdigest()


def _is_fresh(name: str, inputs: Sequence[Path]) -> bool:
    stamp = STAMPS / name
    return stamp.exists() and stamp.read_text("utf-8") == _fingerprint(inputs)


def _stamp(name: str, inputs: Sequence[Path]) -> None:
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(_fingerprint(inputs), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
