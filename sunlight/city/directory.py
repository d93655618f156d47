"""What the city's codes are called, in both languages: an installation's file of names. Pure."""

from __future__ import annotations

from sunlight.city.items import ITEMS
from sunlight.city.offices import BODIES, ENTERPRISES, REGIONS, TOWNSHIPS

Names = dict[str, dict[str, str]]


def names() -> Names:
    """Code → name of every region, body, item and enterprise of the city."""
    regions = REGIONS | TOWNSHIPS
    bodies = {body.code: {"zh": body.name, "en": body.english} for body in BODIES}
    items = {item.code: {"zh": item.title, "en": item.english} for item in ITEMS}
    enterprises = {
        code: {"zh": f"虚构企业 {number:02d} 号", "en": f"Made-up Enterprise {number:02d}"}
        for number, code in enumerate(ENTERPRISES, start=1)
    }
    # Services keep a region with twelve digits.
    filled = {code.ljust(12, "0"): name for code, name in regions.items()}
    return {**regions, **filled, **bodies, **items, **enterprises}
