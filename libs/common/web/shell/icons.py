"""The icons pages may use: one sprite, cut from Tabler's outline icons when assets are fetched.

An icon is decoration: the word beside it carries the meaning, so an absent sprite loses nothing.
"""

from typing import Final

from markupsafe import Markup

from libs.common.web.static import asset_url

SPRITE: Final = "vendor/icons.svg"
SVG: Final = Markup(
    '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
)
NAMES: Final = frozenset(
    """
    activity alert-circle alert-triangle archive arrow-down arrow-left arrow-right arrow-up ban
    bell book building building-bank calendar calendar-event calendar-off calendar-check
    calendar-time cards chart-bar check checks chevron-down chevron-right circle-check
    circle-dot circle-x clipboard-check clipboard-list clock clock-pause clock-play
    clock-exclamation code coin database download edit external-link eye eye-off file
    file-certificate file-check file-download file-text filter flag flag-2 gavel git-compare
    hash help-circle history home hourglass id inbox info-circle key language link list lock
    lock-open login logout mail map-pin message message-report phone player-pause player-play
    plug-connected plug-connected-x plus printer question-mark receipt refresh rss scale search
    send server settings shield-check rubber-stamp signature star table text-size timeline
    trending-down trending-up upload user user-check users wifi-off x zoom-question
    """.split()  # noqa: SIM905 - a list of words, read as one
)


def icon(name: str) -> Markup:
    """The icon as inline SVG, hidden from screen readers; empty where assets are absent."""
    if name not in NAMES:
        raise LookupError(f"icon {name!r} is not in the sprite: add it to NAMES")
    sprite = asset_url(SPRITE)
    if sprite is None:
        return Markup()
    return SVG.format(sprite, name)
