"""Chance that is the same every time: seeded by what is decided, never by the clock."""

from __future__ import annotations

from random import Random

SEED = "阳光市"


def dice(*about: object) -> Random:
    """A generator for one decision; equal parts give equal draws, in every process."""
    text = "/".join((SEED, *(str(part) for part in about)))
    return Random(text)  # noqa: S311 - a story, not a secret
