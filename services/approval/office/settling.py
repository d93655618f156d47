"""Which entries of a file fit the organisation, and which must be rejected for what others say.

An entry that names something unknown falls, and with it whatever names only it; so does every
entry of a chain of superiors that comes back to itself. Must never change the organisation.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TypeAlias, TypeVar

from libs.common.codes import Region
from services.approval.imports import Fault, Outcome
from services.approval.inputs import region_of
from services.approval.office.entries import Entries, Entry, Placed
from services.approval.office.policy import Tenure, Term, in_cycles, tenure_conflict
from services.approval.office.repository import Organisation
from services.approval.office.schemas import BodyEntry, PostEntry, TenureEntry, WindowEntry
from services.approval.office.states import BodyState, PostState, WindowState

KINDS = ("body", "window", "post", "tenure")
TenureKey: TypeAlias = tuple[str, str, date]
Superior = TypeVar("Superior", BodyState, PostState)


def settle(
    entries: Entries, organisation: Organisation, outcome: Outcome, *, within: Region | None
) -> None:
    """Take out of `entries` what does not fit; `within`: the region its changes must lie in."""
    # Regions are asked only of what hangs together.
    while _drop(entries, outcome, _misfits(entries, organisation)) or (
        within is not None and _drop(entries, outcome, _out_of_reach(entries, organisation, within))
    ):
        pass
    _settle_tenures(entries, organisation, outcome)


def _drop(entries: Entries, outcome: Outcome, faults: Iterator[tuple[str, Placed, Fault]]) -> bool:
    found = {(kind, placed.key): (placed, fault) for kind, placed, fault in faults}
    for (kind, key), (placed, fault) in found.items():
        del entries.of(kind)[key]
        outcome.reject(placed.record, fault)
    return bool(found)


def _misfits(entries: Entries, organisation: Organisation) -> Iterator[tuple[str, Placed, Fault]]:
    for kind in KINDS:
        for placed in entries.of(kind).values():
            fault = _unknown(placed, entries, organisation)
            if fault is not None:
                yield kind, placed, fault
    yield from _circular("body", entries.bodies, organisation.bodies)
    yield from _circular("post", entries.posts, organisation.posts)


def _unknown(placed: Placed, entries: Entries, organisation: Organisation) -> Fault | None:
    bodies = (entries.bodies, organisation.bodies)
    windows = (entries.windows, organisation.windows)
    posts = (entries.posts, organisation.posts)
    entry = placed.entry
    named: list[tuple[str, str | None, tuple[Mapping[str, object], ...]]]
    match entry:
        case BodyEntry():
            named = [("superior", entry.superior, bodies)]
        case WindowEntry():
            named = [("body", entry.body, bodies)]
        case PostEntry():
            named = [
                ("body", entry.body, bodies),
                ("window", entry.window, windows),
                ("superior", entry.superior, posts),
            ]
        case TenureEntry():
            named = [("post", entry.post, posts)]
    for field, code, known in named:
        if code is not None and not any(code in group for group in known):
            return Fault(field, f"没有 {code},或该记录未被接受", f"{code} is not known or rejected")
    return None


def _out_of_reach(
    entries: Entries, organisation: Organisation, within: Region
) -> Iterator[tuple[str, Placed, Fault]]:
    fields = {"body": "region", "window": "body", "post": "body", "tenure": "post"}
    for kind, field in fields.items():
        for placed in entries.of(kind).values():
            regions = _regions(placed.entry, entries, organisation)
            if not all(within.contains(region_of(region)) for region in regions):
                zh, en = "不在本岗位的管辖区域内", "lies outside the region of your post"
                yield kind, placed, Fault(field, zh, en)


def _regions(entry: Entry, entries: Entries, organisation: Organisation) -> set[str]:
    """The regions that an entry touches: its body's, as the file has it and as it stands."""
    match entry:
        case BodyEntry():
            codes = {entry.code}
        case TenureEntry():
            codes = _bodies_of(entry.post, entries.posts, organisation.posts)
        case PostEntry():
            codes = {entry.body, *_bodies_of(entry.code, {}, organisation.posts)}
        case WindowEntry():
            codes = {entry.body, *_bodies_of(entry.code, {}, organisation.windows)}
    placed = [entries.bodies[code].entry for code in codes if code in entries.bodies]
    standing = [organisation.bodies[code].region for code in codes if code in organisation.bodies]
    return {*standing, *(body.region for body in placed if isinstance(body, BodyEntry))}


def _bodies_of(
    code: str,
    placed: Mapping[str, Placed],
    standing: Mapping[str, WindowState] | Mapping[str, PostState],
) -> set[str]:
    """The body of a window or post, as the file has it and as it stands."""
    found = {standing[code].body} if code in standing else set()
    if code in placed and isinstance(entry := placed[code].entry, PostEntry):
        found.add(entry.body)
    return found


def _circular(
    kind: str, entries: Mapping[str, Placed], standing: Mapping[str, Superior]
) -> Iterator[tuple[str, Placed, Fault]]:
    superiors: dict[str, str | None] = {code: row.superior for code, row in standing.items()}
    for code, placed in entries.items():
        if isinstance(placed.entry, BodyEntry | PostEntry):
            superiors[code] = placed.entry.superior
    for code in sorted(in_cycles(superiors) & entries.keys()):
        zh, en = "上级关系成环", "its chain of superiors comes back to itself"
        yield kind, entries[code], Fault("superior", zh, en)


def _settle_tenures(entries: Entries, organisation: Organisation, outcome: Outcome) -> None:
    standing: dict[str, dict[TenureKey, Tenure]] = defaultdict(dict)
    for key, row in organisation.tenures.items():
        standing[row.post][key] = row.tenure
    coming: dict[str, dict[TenureKey, Tenure]] = defaultdict(dict)
    for key, placed in entries.tenures.items():
        if isinstance(entry := placed.entry, TenureEntry):
            term = Term(entry.first_day, entry.last_day)
            coming[entry.post][key] = Tenure(entry.role, entry.staff_no, term)
    for post, new in coming.items():
        # What an entry replaces stands again once the entry is rejected: so, one at a time.
        while found := _overlapping(standing[post], new):
            key, other = found
            del new[key]
            outcome.reject(entries.tenures.pop(key).record, _overlap(other))


def _overlapping(
    standing: Mapping[TenureKey, Tenure], new: Mapping[TenureKey, Tenure]
) -> tuple[TenureKey, Tenure] | None:
    """The last of the new tenures of a post that can't stand beside the others."""
    together = {**standing, **new}
    for key in reversed(list(new)):
        others = (tenure for of, tenure in together.items() if of != key)
        if (other := tenure_conflict(others, new[key])) is not None:
            return key, other
    return None


def _overlap(other: Tenure) -> Fault:
    days = f"{other.term.first_day}..{other.term.last_day or ''}"
    zh = f"与同岗位 {days} 的任职({other.role})重叠"
    en = f"overlaps the tenure {days} ({other.role}) of the same post"
    return Fault("first_day", zh, en)
