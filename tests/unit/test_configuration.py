"""docs/configuration.md names every environment variable that the code reads, and no other."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import AliasChoices
from pydantic_settings import BaseSettings

from libs.common.db.engine import SCHEMAS

ROOT: Final = Path(__file__).parents[2]
CODE: Final = ("libs", "services", "sunlight")
VARIABLE: Final = re.compile(
    r"(?:SUNLIGHT|DATABASE|KAFKA|OTEL|APPROVAL|TRADING|MONITOR|DISCLOSURE)_[A-Z0-9_]*[A-Z0-9]"
)
ROW: Final = re.compile(r"^\| `([A-Z0-9_]+)` \|", re.MULTILINE)
NOT_READ: Final = frozenset({"SUNLIGHT_TOKEN"})
"""Stands in an example that a page shows to people; their shell reads it."""


def sources() -> Iterator[Path]:
    for folder in CODE:
        yield from (ROOT / folder).rglob("*.py")


def literals() -> set[str]:
    """Names of variables that stand in the code as they are."""
    found = {
        node.value
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in found if VARIABLE.fullmatch(text)} - NOT_READ


def settings() -> Iterator[type[BaseSettings]]:
    """Every class of settings that is filled from the environment under a prefix of its own."""
    for path in sources():
        if "SettingsConfigDict(" in path.read_text("utf-8"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for kind in vars(importlib.import_module(name)).values():
                if isinstance(kind, type) and issubclass(kind, BaseSettings):
                    yield kind


def fields() -> set[str]:
    """Names of variables that are made of a prefix and a field's name, or an alias."""
    found = set()
    for kind in settings():
        if not (prefix := kind.model_config.get("env_prefix")):
            continue
        for name, field in kind.model_fields.items():
            alias = field.validation_alias
            if isinstance(alias, AliasChoices):
                found |= {one for one in alias.choices if isinstance(one, str) and one.isupper()}
            else:
                found.add(f"{prefix}{name}".upper())
    return found


def read_by_code() -> set[str]:
    return literals() | fields() | {f"DATABASE_URL_{schema.upper()}" for schema in SCHEMAS}


def documented() -> set[str]:
    return set(ROW.findall((ROOT / "docs" / "configuration.md").read_text("utf-8")))


def test_every_variable_that_the_code_reads_is_documented() -> None:
    assert read_by_code() - documented() == set()


def test_every_documented_variable_is_read_by_the_code() -> None:
    assert documented() - read_by_code() == set()
