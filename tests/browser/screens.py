"""Screenshots of every page of a demonstration: `python -m tests.browser.screens FOLDER [--docs]`.

Both languages, three widths, and large text on a phone; a contact sheet for each way of looking.
With `--docs` the few that the READMEs show are written to docs/screens, small enough to keep.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw
from playwright.sync_api import Browser

from tests import needs
from tests.browser.catalogue import PAGES
from tests.browser.conftest import launched
from tests.browser.test_pages import PRINTED, SHEET
from tests.browser.tour import Look, Tour
from tests.system.installation import lived_in

VARIABLE: Final = "SUNLIGHT_SCREENS"
DOCS: Final = needs.ROOT / "docs/screens"
LOOKS: Final = (
    *(Look(language, width) for language, width in product(("zh", "en"), (375, 1280, 1920))),
    Look("zh", 375, large=True),
)
KEPT: Final = ("home", "window-queue", "finding", "why", "monitor", "tender")
"""What the READMEs show: its first screen at a desk, in both languages."""
DESK: Final = 1280
COLOURS: Final = 128
MOST_BYTES: Final = 120_000
THUMB: Final = (320, 400)
COLUMNS: Final = 6


def main(arguments: Sequence[str] | None = None) -> None:
    """Take the pictures of a demonstration started for them, or of a running one."""
    parser = argparse.ArgumentParser(description="Take a screenshot of every page.")
    parser.add_argument("folder", nargs="?", default=os.environ.get(VARIABLE), type=Path)
    parser.add_argument("--docs", action="store_true", help="also those that the READMEs show")
    parser.add_argument("--url", help="of a running demonstration")
    options = parser.parse_args(arguments)
    if options.folder is None:
        parser.error(f"name a folder, or set {VARIABLE}")
    with launched() as browser:
        if options.url:
            take(browser, Tour.of(options.url), options.folder, docs=options.docs)
        else:
            with lived_in() as installation:
                take(browser, Tour.of(installation.url), options.folder, docs=options.docs)


def take(browser: Browser, tour: Tour, folder: Path, *, docs: bool = False) -> None:
    """Write `<folder>/<look>/<page>.png`, and `<folder>/<look>.png` with all of them in small."""
    for look in LOOKS:
        place = folder / str(look)
        place.mkdir(parents=True, exist_ok=True)
        with tour.visitor(browser, look) as visitor:
            for sight in PAGES:
                visitor.open(sight)
                # What the page asks for once it is there: the chart, parts of other services.
                visitor.page.wait_for_timeout(400)
                visitor.page.screenshot(path=place / f"{sight.name}.png", full_page=True)
                if docs and look.width == DESK and sight.name in KEPT:
                    first = place / f"{sight.name}-first.png"
                    visitor.page.screenshot(path=first)
                    keep(first, DOCS / f"{sight.name}.{look.language}.png")
                    first.unlink()
        contact_sheet(place, folder / f"{look}.png")
    _on_paper(browser, tour, folder / "paper")


def _on_paper(browser: Browser, tour: Tour, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    with tour.visitor(browser, SHEET) as visitor:
        for sight in (one for one in PAGES if one.name in PRINTED):
            visitor.open(sight)
            visitor.page.pdf(path=folder / f"{sight.name}.pdf", format="A4")
            visitor.page.emulate_media(media="print")
            visitor.page.screenshot(path=folder / f"{sight.name}.png", full_page=True)
            visitor.page.emulate_media(media="screen")


def keep(taken: Path, kept: Path) -> None:
    """A picture with few colours. Raises AssertionError where it stays too large to be kept."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(taken) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(kept, optimize=True)
    size = kept.stat().st_size
    assert size < MOST_BYTES, f"{kept.name} has {size:,} bytes"


def contact_sheet(place: Path, sheet: Path) -> None:
    """Every picture of a folder in small, with its name."""
    names = [sight.name for sight in PAGES]
    width, height = THUMB
    rows = -(-len(names) // COLUMNS)
    whole = Image.new("RGB", (COLUMNS * width, rows * (height + 20)), "white")
    draw = ImageDraw.Draw(whole)
    for number, name in enumerate(names):
        left, top = number % COLUMNS * width, number // COLUMNS * (height + 20)
        with Image.open(place / f"{name}.png") as picture:
            scale = (width - 10) / picture.width
            small = picture.convert("RGB").resize((width - 10, max(1, int(picture.height * scale))))
        whole.paste(small.crop((0, 0, width - 10, min(height, small.height))), (left, top + 20))
        draw.text((left + 4, top + 4), name, fill="black")
    whole.save(sheet)


if __name__ == "__main__":
    main()
