"""State Council notices on days off, as dated data.

A notice says which days are off and which Saturdays and Sundays are worked (调休). It must never
be guessed: a year without a notice stays unknown. Reading one opens its file and nothing else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import yaml

_FIELDS = ("number", "year", "issued", "days_off", "makeup", "supersedes")
_REQUIRED = ("number", "year", "issued", "days_off")
_LONGEST_HOLIDAY = 31


class CalendarError(ValueError):
    """A notice that can't be used; names the file, line and field when it came from a file."""

    def __init__(
        self, message: str, *, file: Path | None = None, line: int | None = None, field: str = ""
    ) -> None:
        self.file, self.line, self.field = file, line, field
        where = f"{file}:{line}: " if file else ""
        super().__init__(f"{where}{field + ': ' if field else ''}{message}")


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice. `days_off` and `makeup` are disjoint; other days are Monday to Friday.

    `holiday_names` names days off and make-up days after their festival, in Chinese. `supersedes`
    is the number of an earlier notice that this one replaces as a whole; without it a later notice
    only overrides the days it names. Raises CalendarError for contradictory or stray days.
    """

    number: str
    year: int
    issued: date
    days_off: frozenset[date]
    makeup: frozenset[date]
    holiday_names: Mapping[date, str] = field(hash=False)
    supersedes: str | None = None

    def __post_init__(self) -> None:
        both = self.days_off & self.makeup
        if both:
            raise CalendarError(f"{min(both)} is both a day off and a make-up day", field="makeup")
        for name, days in (("days_off", self.days_off), ("makeup", self.makeup)):
            # A notice reaches back into December: 2019's made 2018-12-29 a working day.
            stray = [d for d in days if d.year != self.year and (d.year, d.month) != self._december]
            if stray:
                raise CalendarError(
                    f"{min(stray)} is outside {self.year} and the December before", field=name
                )

    @property
    def _december(self) -> tuple[int, int]:
        return self.year - 1, 12


def load_notice(path: Path) -> Notice:
    """Read a notice from YAML (UTF-8).

    Keys: `number`, `year`, `issued`, `days_off`, `makeup`, `supersedes` (the last two optional).
    An entry of `days_off` or `makeup` is a date, or `{name, from, to}` where `name` and `to` may be
    left out. Raises CalendarError with file, line and field; OSError if the file can't be read.
    """
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise CalendarError(f"not YAML: {error}", file=path, line=line) from error
    return _Reader(path).notice(root)


class _Reader:
    """Turns YAML nodes, which know their lines, into a notice."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def notice(self, root: yaml.Node | None) -> Notice:
        fields = self._mapping(root, "notice", _FIELDS, _REQUIRED)
        names: dict[date, str] = {}
        days_off = self._days(fields["days_off"], "days_off", names)
        makeup = self._days(fields["makeup"], "makeup", names) if "makeup" in fields else set()
        supersedes = (
            self._text(fields["supersedes"], "supersedes") if "supersedes" in fields else ""
        )
        try:
            return Notice(
                number=self._text(fields["number"], "number"),
                year=self._year(fields["year"]),
                issued=self._date(fields["issued"], "issued"),
                days_off=frozenset(days_off),
                makeup=frozenset(makeup),
                holiday_names=names,
                supersedes=supersedes or None,
            )
        except CalendarError as error:
            if error.file:
                raise
            raise self._error(fields[error.field], error.field, str(error)) from error

    def _error(self, node: yaml.Node | None, field: str, message: str) -> CalendarError:
        line = node.start_mark.line + 1 if node else 1
        return CalendarError(message, file=self._path, line=line, field=field)

    def _mapping(
        self, node: yaml.Node | None, field: str, known: tuple[str, ...], required: tuple[str, ...]
    ) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self._error(node, field, f"expected a mapping with {', '.join(required)}")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if name not in known:
                raise self._error(key, name, f"unknown key; known are {', '.join(known)}")
            if name in found:
                raise self._error(key, name, "given twice")
            found[name] = value
        for name in required:
            if name not in found:
                raise self._error(node, name, "missing")
        return found

    def _text(self, node: yaml.Node, field: str) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self._error(node, field, "expected text")
        if node.tag == "tag:yaml.org,2002:null":
            return ""
        return str(node.value).strip()

    def _year(self, node: yaml.Node) -> int:
        text = self._text(node, "year")
        if not (text.isdigit() and 1949 <= int(text) <= 9998):
            raise self._error(node, "year", f"expected a year such as 2026, not {text!r}")
        return int(text)

    def _date(self, node: yaml.Node, field: str) -> date:
        text = self._text(node, field)
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            message = f"expected a date such as 2026-01-01, not {text!r}"
            raise self._error(node, field, message) from error

    def _days(self, node: yaml.Node, field: str, names: dict[date, str]) -> set[date]:
        if not isinstance(node, yaml.SequenceNode):
            raise self._error(node, field, "expected a list of days")
        days: set[date] = set()
        for entry in node.value:
            for day, name in self._entry(entry, field):
                if day in days:
                    raise self._error(entry, field, f"{day} is given twice")
                days.add(day)
                if name:
                    names[day] = name
        return days

    def _entry(self, node: yaml.Node, field: str) -> Iterator[tuple[date, str]]:
        if isinstance(node, yaml.ScalarNode):
            yield self._date(node, field), ""
            return
        parts = self._mapping(node, field, ("name", "from", "to"), ("from",))
        name = self._text(parts["name"], "name") if "name" in parts else ""
        first = self._date(parts["from"], "from")
        last = self._date(parts["to"], "to") if "to" in parts else first
        if not 0 <= (last - first).days < _LONGEST_HOLIDAY:
            raise self._error(node, field, f"{first} to {last} is no stretch of days off")
        for offset in range((last - first).days + 1):
            yield first + timedelta(days=offset), name
