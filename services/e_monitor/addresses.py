"""Addresses of the monitor's pages. A subject keeps its slashes: they are part of its name."""

from urllib.parse import quote
from uuid import UUID


def finding(number: UUID) -> str:
    """The page of one finding."""
    return f"/monitor/findings/{number}"


def subject(name: str) -> str:
    """The page of one subject."""
    return f"/monitor/subjects/{quote(name)}"


def why(name: str, rule: str, occurrence: int | None = None) -> str:
    """The page that explains a clock; without an occurrence its latest one."""
    query = f"?occurrence={occurrence}" if occurrence and occurrence > 1 else ""
    return f"/monitor/why/{quote(name)}/{quote(rule)}{query}"
